//! Pictures of a sweep: heatmaps with the cliff, the phase diagram, lines with intervals, clouds.

mod lines;
mod scale;
mod tiles;

use super::results::SweepResults;
use crate::experiment::{Design, Experiment, Plot};
use crate::report::files::File;
use brownout_plots::{DrawError, Figure, Surface, surface_png, surface_svg, to_png, to_svg};

/// A picture that can be drawn.
enum Picture {
    Figure(Figure),
    Surface(Surface),
}

/// The files of all pictures: those that the file asks for, and what suits the axes.
///
/// # Errors
/// When one cannot be drawn.
pub fn files(experiment: &Experiment, results: &SweepResults) -> Result<Vec<File>, DrawError> {
    let mut files = Vec::new();
    for (name, picture) in pictures(experiment, results) {
        let (svg, png) = match &picture {
            Picture::Figure(figure) => (to_svg(figure)?, to_png(figure)?),
            Picture::Surface(surface) => (surface_svg(surface)?, surface_png(surface)?),
        };
        files.push((format!("{name}.svg"), svg.into_bytes()));
        files.push((format!("{name}.png"), png));
    }
    Ok(files)
}

fn pictures(experiment: &Experiment, results: &SweepResults) -> Vec<(String, Picture)> {
    let mut pictures = Vec::new();
    let heatmaps = experiment.plots.iter().filter_map(|plot| match plot {
        Plot::Heatmap { x, y, color } => Some((x, y, color)),
        Plot::Timeline { .. } | Plot::Chart { .. } => None,
    });
    let is_grid = results.sweep.design == Design::Grid;
    for (number, (x, y, color)) in heatmaps.enumerate().filter(|_| is_grid) {
        let name = match number {
            0 => "heatmap".to_owned(),
            number => format!("heatmap-{}", number + 1),
        };
        let surface = tiles::heatmap(experiment, results, x, y, color);
        pictures.extend(surface.map(|surface| (name, Picture::Surface(surface))));
    }
    let axes = &results.sweep.axes;
    match (is_grid, axes.as_slice()) {
        (true, [one]) if scale::numbers(one).is_none() => {
            let surface = tiles::by_variant(experiment, results);
            pictures.push(("stuck".to_owned(), Picture::Surface(surface)));
        }
        (true, [_]) => {
            let figure = lines::figure(experiment, results);
            pictures.push(("lines".to_owned(), Picture::Figure(figure)));
        }
        (true, [x, y, ..]) => {
            let surface = tiles::phase(experiment, results, &x.path, &y.path);
            pictures.extend(surface.map(|own| ("phase".to_owned(), Picture::Surface(own))));
        }
        (false, [x, y, ..]) => {
            let figure = lines::cloud(experiment, results, x, y);
            pictures.extend(figure.map(|own| ("points".to_owned(), Picture::Figure(own))));
        }
        (true, []) | (false, _) => {}
    }
    pictures
}

/// The headline of a picture.
fn title(experiment: &Experiment, what: &str) -> String {
    format!("{}: {what}", experiment.name)
}
