//! Pictures of a sweep: heatmaps with the cliff, the phase diagram, lines with intervals, clouds.

mod lines;
mod scale;
mod tiles;

use super::results::SweepResults;
use super::told::Told;
use crate::experiment::Design;
use crate::report::files::File;
pub(super) use scale::numbers;

use brownout_plots::{DrawError, Figure, Surface, surface_png, surface_svg, to_png, to_svg};

/// A picture that can be drawn.
#[derive(Debug)]
pub(crate) enum Picture {
    Figure(Figure),
    Surface(Surface),
}

/// The files of all pictures: those that the file asks for, and what suits the axes.
///
/// # Errors
/// When one cannot be drawn.
pub fn files(told: &Told, results: &SweepResults) -> Result<Vec<File>, DrawError> {
    let mut files = Vec::new();
    for (name, picture) in pictures(told, results) {
        let (svg, png) = match &picture {
            Picture::Figure(figure) => (to_svg(figure)?, to_png(figure)?),
            Picture::Surface(surface) => (surface_svg(surface)?, surface_png(surface)?),
        };
        files.push((format!("{name}.svg"), svg.into_bytes()));
        files.push((format!("{name}.png"), png));
    }
    Ok(files)
}

/// The pictures, each with the name of its file.
pub(crate) fn pictures(told: &Told, results: &SweepResults) -> Vec<(String, Picture)> {
    let mut pictures = Vec::new();
    let is_grid = results.sweep.design == Design::Grid;
    for (number, [x, y, color]) in told.heatmaps.iter().enumerate().filter(|_| is_grid) {
        let name = match number {
            0 => "heatmap".to_owned(),
            number => format!("heatmap-{}", number + 1),
        };
        let surface = tiles::heatmap(told, results, x, y, color);
        pictures.extend(surface.map(|surface| (name, Picture::Surface(surface))));
    }
    let axes = &results.sweep.axes;
    match (is_grid, axes.as_slice()) {
        (true, [one]) if scale::numbers(one).is_none() => {
            let surface = tiles::by_variant(told, results);
            pictures.push(("stuck".to_owned(), Picture::Surface(surface)));
        }
        (true, [_]) => {
            let figure = lines::figure(told, results);
            pictures.push(("lines".to_owned(), Picture::Figure(figure)));
        }
        (true, [x, y, ..]) => {
            let surface = tiles::phase(told, results, &x.path, &y.path);
            pictures.extend(surface.map(|own| ("phase".to_owned(), Picture::Surface(own))));
        }
        (false, [x, y, ..]) => {
            let figure = lines::cloud(told, results, x, y);
            pictures.extend(figure.map(|own| ("points".to_owned(), Picture::Figure(own))));
        }
        (true, []) | (false, _) => {}
    }
    pictures
}

/// The headline of a picture.
fn title(told: &Told, what: &str) -> String {
    format!("{}: {what}", told.name)
}
