//! A [`Surface`] drawn: shaded tiles, the edge between them, and a legend that says the shades.

use super::look::{DAY, Look, ink_on};
use super::ruler::{Ends, Ruler};
use super::tile_text::said;
use super::words::{self, NAME, NOTE, PANEL, SMALL, TITLE};
use super::{DrawError, MARGIN, fits};
use crate::canvas::Faces;
use crate::scene::{Align, Point, Rect, Scene, Shape};
use crate::surface::{Settings, Surface, Tile, Tiles};

const EDGE_WIDTH: f64 = 3.0;

const COLUMN_GAP: f64 = 26.0;
const TICK_GAP: f64 = 6.0;
/// The longest label beside a row of tiles.
const LABEL_MAX: f64 = 170.0;
/// The colour bar.
const BAR: f64 = 170.0;
const BAR_STEPS: usize = 34;

/// Where the panels stand.
struct Layout {
    width: f64,
    columns: usize,
    left: f64,
    panel: f64,
    row: f64,
    names: usize,
}

/// Lays `surface` out on a page.
pub(super) fn compose(surface: &Surface, look: &Look, faces: &Faces) -> Result<Scene, DrawError> {
    let layout = Layout::of(surface, faces);
    let values = surface.panels.iter().flat_map(|panel| panel.tiles.iter().filter_map(Tile::value));
    let shade = Ruler::over(&surface.shade, values, Ends::Tight)?;
    let height = layout.row * surface.y.values.len() as f64;
    let rows = surface.panels.len().div_ceil(layout.columns);
    fits(layout.width, height * rows as f64)?;
    let mut shapes = Vec::new();
    let mut y = head(surface, (look, &shade), faces, layout.width, &mut shapes);
    let caption = words::fit(faces, &surface.y.caption, &SMALL, layout.width - 2.0 * MARGIN);
    shapes.push(look.text((MARGIN, y + 12.0), &caption, SMALL, Align::Left));
    y += 20.0;
    for panels in surface.panels.chunks(layout.columns) {
        let titled = panels.iter().any(|panel| !panel.title.is_empty());
        let top = y + if titled { 20.0 } else { 0.0 };
        for (column, panel) in panels.iter().enumerate() {
            let left = layout.left + column as f64 * (layout.panel + COLUMN_GAP);
            let area = Rect { left, top, right: left + layout.panel, bottom: top + height };
            let title = words::fit(faces, &panel.title, &PANEL, layout.panel);
            shapes.push(look.text((left, top - 7.0), &title, PANEL, Align::Left));
            tiles(surface, panel, (look, &shade), &area, faces, &mut shapes);
            edge(surface, panel, look, &area, &mut shapes);
            bottom_labels(&surface.x, &area, look, faces, &mut shapes);
        }
        side_labels(&surface.y, &layout, top, (look, faces), &mut shapes);
        y = top + height + 30.0;
    }
    let caption = words::fit(faces, &surface.x.caption, &SMALL, layout.width - 2.0 * MARGIN);
    let end = layout.left + layout.columns as f64 * (layout.panel + COLUMN_GAP) - COLUMN_GAP;
    let half = faces.width(&caption, &SMALL) / 2.0;
    let middle = ((layout.left + end) / 2.0).max(MARGIN + half);
    shapes.push(look.text((middle, y + 2.0), &caption, SMALL, Align::Center));
    let height = y + 18.0;
    fits(layout.width, height)?;
    let (width, height) = (layout.width.ceil(), height.ceil());
    if look.paper != DAY.paper {
        // The canvas is white, and would shine through at the edges.
        let all = Rect { left: -1.0, top: -1.0, right: width + 1.0, bottom: height + 1.0 };
        shapes.insert(0, Shape::Box(all, look.paper));
    }
    let (width, height) = (width as u32, height as u32);
    Ok(Scene { width, height, title: words::clean(&surface.title), shapes })
}

impl Layout {
    fn of(surface: &Surface, faces: &Faces) -> Layout {
        let columns = surface.panels.len().clamp(1, 3);
        let labels = surface.y.values.iter().map(|label| faces.width(label, &SMALL));
        let label = labels.fold(0.0, f64::max).min(LABEL_MAX);
        let left = MARGIN + label + TICK_GAP;
        let width = [760.0, 1000.0, 1240.0][columns - 1];
        let gaps = COLUMN_GAP * (columns - 1) as f64;
        let panel = (width - left - MARGIN - gaps) / columns as f64;
        let rows = surface.y.values.len().max(1) as f64;
        let row = (300.0 / rows).clamp(3.0, 44.0);
        // Every row has a label unless they would touch.
        let names = (13.0 / row).ceil() as usize;
        Layout { width, columns, left, panel, row, names: names.max(1) }
    }
}

/// Title, how to read it, legend; returns where it ends.
fn head(
    surface: &Surface,
    (look, shade): (&Look, &Ruler),
    faces: &Faces,
    width: f64,
    shapes: &mut Vec<Shape>,
) -> f64 {
    let mut y = 16.0;
    for line in words::wrap(faces, &surface.title, &TITLE, width - 2.0 * MARGIN) {
        shapes.push(look.text((MARGIN, y + 17.0), &line, TITLE, Align::Left));
        y += 24.0;
    }
    for line in words::wrap(faces, &surface.how_to_read, &NOTE, width - 2.0 * MARGIN) {
        shapes.push(look.text((MARGIN, y + 14.0), &line, NOTE, Align::Left));
        y += 18.0;
    }
    y += 10.0;
    let x = bar(surface, (look, shade), faces, y, shapes);
    keys(surface, (look, faces), (x + 30.0, y), width, shapes) + 12.0
}

/// The shades with their values below; returns where the bar ends.
fn bar(
    surface: &Surface,
    (look, shade): (&Look, &Ruler),
    faces: &Faces,
    y: f64,
    shapes: &mut Vec<Shape>,
) -> f64 {
    let caption = words::fit(faces, &surface.shade.caption(), &NAME, 340.0);
    shapes.push(look.text((MARGIN, y + 13.0), &caption, NAME, Align::Left));
    let left = MARGIN + faces.width(&caption, &NAME) + 12.0;
    let step = BAR / BAR_STEPS as f64;
    for part in 0..BAR_STEPS {
        let from = left + part as f64 * step;
        let tile = Rect { left: from, top: y + 2.0, right: from + step + 0.5, bottom: y + 16.0 };
        let share = (part as f64 + 0.5) / BAR_STEPS as f64;
        shapes.push(Shape::Box(tile, look.blend(share)));
    }
    for tick in shade.ticks(4) {
        let at = (left + tick.share * BAR, y + 29.0);
        let mark = Rect { left: at.0, top: y + 16.0, right: at.0 + 1.0, bottom: y + 19.0 };
        shapes.push(Shape::Box(mark, look.grey));
        shapes.push(look.text(at, &tick.label, SMALL, Align::Center));
    }
    left + BAR
}

/// What the other marks mean, of those that are there; returns where it ends.
fn keys(
    surface: &Surface,
    (look, faces): (&Look, &Faces),
    (mut x, mut y): Point,
    width: f64,
    shapes: &mut Vec<Shape>,
) -> f64 {
    let tiles = || surface.panels.iter().flat_map(|panel| &panel.tiles);
    let has_edge = surface.panels.iter().any(|panel| {
        let sides = panel.sides.iter().flatten();
        sides.clone().any(|side| *side) && sides.clone().any(|side| !*side)
    });
    let is_beyond = |tile: &Tile| matches!(tile, Tile::Beyond(_));
    let names = [
        (has_edge, surface.edge.as_str()),
        (tiles().any(is_beyond), surface.beyond.as_str()),
        (tiles().any(|tile| *tile == Tile::Broken), "no result"),
        (tiles().any(|tile| *tile == Tile::Empty), "not run"),
    ];
    for (number, (is_there, name)) in names.into_iter().enumerate() {
        if !is_there {
            continue;
        }
        let length = 30.0 + faces.width(name, &NAME);
        if x + length > width - MARGIN {
            (x, y) = (MARGIN, y + if y > 0.0 { 33.0 } else { 19.0 });
        }
        let swatch = Rect { left: x, top: y + 2.0, right: x + 22.0, bottom: y + 16.0 };
        match number {
            0 => stroke(vec![(x, y + 9.0), (x + 22.0, y + 9.0)], look, shapes),
            1 => shapes.push(Shape::Box(swatch, look.beyond)),
            2 => cross(&swatch, look, shapes),
            _ => shapes.push(Shape::Box(swatch, look.empty)),
        }
        shapes.push(look.text((x + 30.0, y + 13.0), name, NAME, Align::Left));
        x += length + 24.0;
    }
    y + 34.0
}

fn tiles(
    surface: &Surface,
    panel: &Tiles,
    (look, shade): (&Look, &Ruler),
    area: &Rect,
    faces: &Faces,
    shapes: &mut Vec<Shape>,
) {
    for (number, tile) in panel.tiles.iter().enumerate() {
        let place = place(surface, area, number);
        let (color, text) = match tile {
            Tile::Shade(value, text) => {
                let share = shade.share(*value).unwrap_or(0.0).clamp(0.0, 1.0);
                (look.blend(share), text.as_str())
            }
            Tile::Beyond(text) => (look.beyond, text.as_str()),
            Tile::Broken | Tile::Empty => (look.empty, ""),
        };
        // A hair of paper between tiles, where they are large enough to spare it.
        let gap = if place.width().min(place.height()) > 8.0 { 0.5 } else { 0.0 };
        shapes.push(Shape::Box(place, look.paper));
        let inner = Rect {
            left: place.left + gap,
            top: place.top + gap,
            right: place.right - gap,
            bottom: place.bottom - gap,
        };
        shapes.push(Shape::Box(inner, color));
        if *tile == Tile::Broken {
            cross(&inner, look, shapes);
        }
        shapes.extend(said(text, &place, ink_on(color), faces));
    }
}

/// A line between every two neighbours on different sides.
fn edge(surface: &Surface, panel: &Tiles, look: &Look, area: &Rect, shapes: &mut Vec<Shape>) {
    let columns = surface.x.values.len();
    let side = |number: usize| panel.sides.get(number).copied().flatten();
    let differ = |a: usize, b: usize| side(a).zip(side(b)).is_some_and(|(a, b)| a != b);
    let mut lines = Vec::new();
    for number in 0..panel.tiles.len() {
        let tile = place(surface, area, number);
        if (number + 1) % columns != 0 && differ(number, number + 1) {
            lines.push(vec![(tile.right, tile.top), (tile.right, tile.bottom)]);
        }
        if number + columns < panel.tiles.len() && differ(number, number + columns) {
            lines.push(vec![(tile.left, tile.top), (tile.right, tile.top)]);
        }
    }
    let halo = |points: &Vec<Point>| Shape::Stroke {
        points: points.clone(),
        width: EDGE_WIDTH + 3.0,
        color: look.paper,
    };
    shapes.extend(lines.iter().map(halo));
    lines.into_iter().for_each(|points| stroke(points, look, shapes));
}

fn stroke(points: Vec<Point>, look: &Look, shapes: &mut Vec<Shape>) {
    shapes.push(Shape::Stroke { points, width: EDGE_WIDTH, color: look.edge });
}

fn cross(at: &Rect, look: &Look, shapes: &mut Vec<Shape>) {
    let (x, y) = ((at.left + at.right) / 2.0, (at.top + at.bottom) / 2.0);
    let arm = (at.width().min(at.height()) / 3.0).min(7.0);
    for sign in [1.0, -1.0] {
        let points = vec![(x - arm, y - sign * arm), (x + arm, y + sign * arm)];
        shapes.push(Shape::Stroke { points, width: 1.5, color: look.grey });
    }
}

/// The place of a tile: the first row is the lowest.
fn place(surface: &Surface, area: &Rect, number: usize) -> Rect {
    let (columns, rows) = (surface.x.values.len().max(1), surface.y.values.len().max(1));
    let (column, row) = (number % columns, number / columns);
    let (width, height) = (area.width() / columns as f64, area.height() / rows as f64);
    let left = area.left + column as f64 * width;
    let bottom = area.bottom - row as f64 * height;
    Rect { left, top: bottom - height, right: left + width, bottom }
}

fn side_labels(
    y: &Settings,
    layout: &Layout,
    top: f64,
    (look, faces): (&Look, &Faces),
    shapes: &mut Vec<Shape>,
) {
    let bottom = top + layout.row * y.values.len() as f64;
    for (number, label) in y.values.iter().enumerate().step_by(layout.names) {
        let label = words::fit(faces, label, &SMALL, LABEL_MAX);
        let at = (layout.left - TICK_GAP, bottom - (number as f64 + 0.5) * layout.row + 4.0);
        shapes.push(look.text(at, &label, SMALL, Align::Right));
    }
}

/// As many labels as stand clear of each other.
fn bottom_labels(x: &Settings, area: &Rect, look: &Look, faces: &Faces, shapes: &mut Vec<Shape>) {
    let width = area.width() / x.values.len().max(1) as f64;
    let longest = x.values.iter().map(|label| faces.width(label, &SMALL)).fold(0.0, f64::max);
    let stride = ((longest + 8.0) / width).ceil().max(1.0) as usize;
    for (number, label) in x.values.iter().enumerate().step_by(stride) {
        let label = words::fit(faces, label, &SMALL, area.width());
        let at = (area.left + (number as f64 + 0.5) * width, area.bottom + 15.0);
        shapes.push(look.text(at, &label, SMALL, Align::Center));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::Axis;

    fn surface() -> Surface {
        let settings = |caption: &str, values: &[&str]| Settings {
            caption: caption.to_owned(),
            values: values.iter().map(|value| (*value).to_owned()).collect(),
        };
        let shade = |value: f64| Tile::Shade(value, format!("{value}"));
        Surface {
            title: "a cliff".into(),
            how_to_read: "darker is worse".into(),
            x: settings("rate", &["1/s", "2/s", "3/s"]),
            y: settings("workers", &["4", "8"]),
            shade: Axis::linear("P(stuck)", "").over(0.0, 1.0),
            edge: "half of the runs stick".into(),
            beyond: "never".into(),
            panels: vec![Tiles {
                title: "naive".into(),
                tiles: vec![
                    shade(0.0),
                    shade(1.0),
                    Tile::Beyond("never".into()),
                    shade(0.0),
                    Tile::Broken,
                    Tile::Empty,
                ],
                sides: vec![Some(false), Some(true), Some(true), Some(false), None, None],
            }],
        }
    }

    fn scene() -> Scene {
        let faces = Faces::load().expect("the fonts are bundled");
        compose(&surface(), &DAY, &faces).expect("it can be drawn")
    }

    #[test]
    fn an_edge_is_drawn_between_tiles_on_different_sides_and_nowhere_else() {
        let scene = scene();
        let is_edge =
            |shape: &&Shape| matches!(shape, Shape::Stroke { color, .. } if *color == DAY.edge);
        // One in the legend, one between the first two tiles of the lower row.
        assert_eq!(scene.shapes.iter().filter(is_edge).count(), 2);
    }

    #[test]
    fn every_mark_that_is_drawn_is_in_the_legend() {
        let said: Vec<String> = scene()
            .shapes
            .into_iter()
            .filter_map(|shape| match shape {
                Shape::Text(text) => Some(text.body),
                _ => None,
            })
            .collect();
        for words in ["half of the runs stick", "never", "no result", "not run", "rate", "workers"]
        {
            assert!(said.iter().any(|text| text == words), "{words} is not in {said:?}");
        }
    }
}
