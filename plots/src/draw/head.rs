//! The head of a figure: title, how to read it, legend.

use super::strip::Strip;
use super::words::{self, NAME, NOTE, SMALL, TITLE};
use super::{MARGIN, PALETTE, cells, form, marks, panel, path};
use crate::canvas::Faces;
use crate::figure::{Cells, Figure, Series, Style};
use crate::scene::{Align, Point, Rect, Rgb, Shape};

/// Fault windows: the shade, and the numbers that stand for names.
pub(super) const WARM: Rgb = Rgb(253, 236, 213);
pub(super) const WARM_INK: Rgb = Rgb(146, 84, 18);

const SWATCH: f64 = 24.0;
/// Length of the ramp of cells.
const RAMP: f64 = 90.0;
const SWATCH_GAP: f64 = 7.0;
const ENTRY_GAP: f64 = 22.0;
const ENTRY_HEIGHT: f64 = 19.0;

/// An entry of the legend: a look and its name.
enum Entry<'a> {
    Series(&'a Series),
    Band { number: String, label: &'a str },
    Ramp(&'a Cells),
}

/// Draws the head of `figure` on a page `width` wide; returns where it ends.
pub(super) fn draw(
    figure: &Figure,
    strip: &Strip,
    faces: &Faces,
    width: f64,
    shapes: &mut Vec<Shape>,
) -> f64 {
    let mut y = 16.0;
    for line in words::wrap(faces, &figure.title, &TITLE, width - 2.0 * MARGIN) {
        shapes.push(words::text((MARGIN, y + 17.0), &line, TITLE, Align::Left));
        y += 24.0;
    }
    for line in words::wrap(faces, &figure.how_to_read, &NOTE, width - 2.0 * MARGIN) {
        shapes.push(words::text((MARGIN, y + 14.0), &line, NOTE, Align::Left));
        y += 18.0;
    }
    let entries = entries(figure, strip);
    if entries.is_empty() {
        return y + 10.0;
    }
    y += 10.0;
    let mut x = MARGIN;
    for entry in &entries {
        let (name, swatch_length) = match entry {
            Entry::Series(series) => (series.name.clone(), SWATCH),
            Entry::Band { label, .. } => ((*label).to_owned(), SWATCH),
            Entry::Ramp(Cells { name, ends: (low, high), .. }) => {
                (format!("{name}: {low} to {high}"), RAMP)
            }
        };
        let name =
            words::fit(faces, &name, &NAME, width - 2.0 * MARGIN - swatch_length - SWATCH_GAP);
        let length = swatch_length + SWATCH_GAP + faces.width(&name, &NAME);
        if x > MARGIN && x + length > width - MARGIN {
            (x, y) = (MARGIN, y + ENTRY_HEIGHT);
        }
        swatch(entry, (x, y), shapes);
        let at = (x + swatch_length + SWATCH_GAP, y + 13.0);
        shapes.push(words::text(at, &name, NAME, Align::Left));
        x += length + ENTRY_GAP;
    }
    y + ENTRY_HEIGHT + 10.0
}

/// Each look once, in the order of first appearance, then the windows that only have numbers.
fn entries<'a>(figure: &'a Figure, strip: &Strip) -> Vec<Entry<'a>> {
    let mut looks: Vec<&Series> = Vec::new();
    for series in figure.panels.iter().flat_map(|panel| &panel.series) {
        let same = |seen: &&Series| {
            (&seen.name, seen.style, seen.color) == (&series.name, series.style, series.color)
        };
        if !looks.iter().any(same) {
            looks.push(series);
        }
    }
    let keyed = strip.keys().iter();
    let bands =
        keyed.map(|&i| Entry::Band { number: (i + 1).to_string(), label: &figure.bands[i].label });
    let field = figure.panels.iter().find_map(|panel| panel.cells.as_ref());
    let ramp = field.into_iter().map(Entry::Ramp);
    ramp.chain(looks.into_iter().map(Entry::Series)).chain(bands).collect()
}

fn swatch(entry: &Entry<'_>, (x, y): Point, shapes: &mut Vec<Shape>) {
    let middle = y + 9.0;
    match entry {
        Entry::Series(series) => {
            let color = PALETTE[series.color % PALETTE.len()];
            let width = panel::LINE;
            let line = vec![(x + 1.0, middle), (x + SWATCH - 1.0, middle)];
            match series.style {
                Style::Line
                | Style::Step
                | Style::Dashed
                | Style::Pattern(_)
                | Style::Arrows(_) => {
                    if let Style::Arrows(_) = series.style {
                        marks::arrowheads(&line, color, shapes);
                    }
                    let dashes = path::dashes(&line, panel::pattern_of(series.style));
                    let stroke = |points| Shape::Stroke { points, width, color };
                    shapes.extend(dashes.into_iter().map(stroke));
                }
                style @ (Style::Area | Style::Full) => {
                    let (top, bottom) = (y + 3.0, y + 15.0);
                    let (left, right) = (line[0].0, line[1].0);
                    let points = vec![(left, bottom), (right, bottom), (right, top), (left, top)];
                    shapes.push(Shape::Fill { points, color, alpha: form::of(style).alpha });
                    let points = vec![(left, top), (right, top)];
                    shapes.push(Shape::Stroke { points, width, color });
                }
                Style::Marks(number) => {
                    marks::mark(number, (x + SWATCH / 2.0, middle), color, shapes);
                }
                Style::Dots => shapes.extend([5.0, 12.0, 19.0].map(|step| Shape::Disc {
                    at: (x + step, middle),
                    radius: panel::DOT,
                    color,
                })),
            }
        }
        Entry::Ramp(_) => {
            let step = RAMP / cells::RAMP.len() as f64;
            for (place, color) in cells::RAMP.into_iter().enumerate() {
                let left = x + step * place as f64;
                let (top, bottom) = (y + 3.0, y + 15.0);
                shapes.push(Shape::Box(Rect { left, top, right: left + step, bottom }, color));
            }
        }
        Entry::Band { number, .. } => {
            let (left, top) = (x + 2.0, y + 1.5);
            let tile = Rect { left, top, right: left + SWATCH - 4.0, bottom: top + 15.0 };
            shapes.push(Shape::Box(tile, WARM));
            let font = crate::scene::Font { color: WARM_INK, ..SMALL };
            shapes.push(words::text((x + SWATCH / 2.0, y + 13.0), number, font, Align::Center));
        }
    }
}
