//! A [`Figure`] drawn: layout and look, the same bytes for the same figure.

mod cells;
pub(crate) mod form;
mod grid;
mod head;
mod look;
mod marks;
mod panel;
pub(crate) mod path;
pub(crate) mod ruler;
mod strip;
#[cfg(test)]
mod tests;
mod tile_text;
mod tiles;
pub(crate) mod words;

use std::fmt;

use crate::canvas::{self, Faces};
use crate::figure::Figure;
use crate::scene::{Align, Font, Rect, Rgb, Scene, Shape};
use crate::surface::Surface;
use grid::{Cell, Grid};
use head::{WARM, WARM_INK};
use panel::View;
use ruler::Tick;
use strip::Strip;
use words::SMALL;

/// Colours told apart with any colour vision: a neutral grey for references, then those of Okabe
/// and Ito (2008) without the yellow, which white swallows.
pub const PALETTE: [Rgb; 8] = [
    Rgb(110, 119, 129),
    Rgb(0, 114, 178),
    Rgb(213, 94, 0),
    Rgb(0, 158, 115),
    Rgb(204, 121, 167),
    Rgb(230, 159, 0),
    Rgb(86, 180, 233),
    Rgb(36, 41, 46),
];

/// White all round the page, in pixels.
pub(crate) const MARGIN: f64 = 22.0;

/// The longest side of a page, in pixels: whoever opens its PNG needs under 200 MB of memory.
const SIDE_MAX: f64 = 4000.0;

/// Why a figure cannot be drawn.
#[derive(Debug, Clone, PartialEq)]
pub enum DrawError {
    /// An axis was given a range that is none: not finite, not ascending, or not positive on a
    /// logarithmic axis.
    Range {
        /// The axis, with its unit.
        axis: String,
        /// The low end it was given.
        from: f64,
        /// The high end it was given.
        to: f64,
    },
    /// The page would be larger than 4000 pixels on a side.
    TooLarge {
        /// Width in pixels.
        width: f64,
        /// Height in pixels.
        height: f64,
    },
    /// The bundled font could not be read.
    Font,
    /// The canvas refused to draw or encode.
    Canvas(String),
}

impl fmt::Display for DrawError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DrawError::Range { axis, from, to } => write!(
                f,
                "axis {axis}: the range {from} to {to} is empty; the first must be less than the \
                 second, both finite, and positive on a logarithmic axis"
            ),
            DrawError::TooLarge { width, height } => write!(
                f,
                "the figure would be {width:.0} × {height:.0} pixels, over {SIDE_MAX:.0} on a \
                 side; show fewer panels or shorter texts"
            ),
            DrawError::Font => write!(f, "the bundled font could not be read"),
            DrawError::Canvas(reason) => write!(f, "the figure could not be drawn: {reason}"),
        }
    }
}

impl std::error::Error for DrawError {}

/// Draws `figure` as a complete SVG document.
pub fn to_svg(figure: &Figure) -> Result<String, DrawError> {
    canvas::svg(&compose(figure, &Faces::load()?)?.0)
}

/// A figure as SVG, and where its panels are: for pages that put something over them.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// The document, as of [`to_svg`].
    pub svg: String,
    /// Width in pixels.
    pub width: f64,
    /// Height in pixels.
    pub height: f64,
    /// One per panel, in order.
    pub areas: Vec<Area>,
    /// What stands at the left and right edge of every panel, in the x axis's unit.
    pub x: (f64, f64),
}

/// The place of a panel, in pixels from the upper left corner of the page.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Area {
    /// Left edge.
    pub left: f64,
    /// Upper edge.
    pub top: f64,
    /// Right edge.
    pub right: f64,
    /// Lower edge.
    pub bottom: f64,
}

/// Draws `figure` as [`to_svg`] does, and says where its panels are.
pub fn to_page(figure: &Figure) -> Result<Page, DrawError> {
    let (scene, areas, x) = compose(figure, &Faces::load()?)?;
    let area = |rect: Rect| {
        let Rect { left, top, right, bottom } = rect;
        Area { left, top, right, bottom }
    };
    let areas = areas.into_iter().map(area).collect();
    let (width, height) = (f64::from(scene.width), f64::from(scene.height));
    Ok(Page { svg: canvas::svg(&scene)?, width, height, areas, x })
}

/// Draws `figure` as the bytes of a PNG, two device pixels to a pixel of the SVG.
pub fn to_png(figure: &Figure) -> Result<Vec<u8>, DrawError> {
    let faces = Faces::load()?;
    canvas::png(&compose(figure, &faces)?.0, &faces)
}

/// Draws `surface` as a complete SVG document.
pub fn surface_svg(surface: &Surface) -> Result<String, DrawError> {
    canvas::svg(&tiles::compose(surface, &look::DAY, &Faces::load()?)?)
}

/// Draws `surface` as [`surface_svg`] does, for a dark page.
pub fn surface_night_svg(surface: &Surface) -> Result<String, DrawError> {
    canvas::svg(&tiles::compose(surface, &look::NIGHT, &Faces::load()?)?)
}

/// Draws `surface` as the bytes of a PNG, two device pixels to a pixel of the SVG.
pub fn surface_png(surface: &Surface) -> Result<Vec<u8>, DrawError> {
    let faces = Faces::load()?;
    canvas::png(&tiles::compose(surface, &look::DAY, &faces)?, &faces)
}

/// A page, where its panels are, and the ends of the x axis.
type Composed = (Scene, Vec<Rect>, (f64, f64));

/// Lays `figure` out on a page.
fn compose(figure: &Figure, faces: &Faces) -> Result<Composed, DrawError> {
    let grid = Grid::of(figure, faces)?;
    let (left, right) = grid.edges[0];
    let caption = figure.panels.first().map_or(String::new(), |panel| panel.y.caption());
    let taken = match caption.is_empty() {
        true => f64::NEG_INFINITY,
        false => grid.outer[0] + faces.width(&caption, &SMALL) - left + 6.0,
    };
    let strip = Strip::over(&figure.bands, &grid.x, faces, right - left, taken, grid.columns);
    let mut shapes = Vec::new();
    let top = head::draw(figure, &strip, faces, grid.width, &mut shapes);
    let (cells, bottom) = grid.cells(figure, strip.lanes, top);
    let bottom = match cells.is_empty() {
        true => no_panels(&grid, top, &mut shapes),
        false => bottom,
    };
    let x_ticks = x_ticks(&grid, faces);
    for (i, cell) in cells.iter().enumerate() {
        let view = View { panel: &figure.panels[i], x: &grid.x, y: &grid.y[i], cell };
        let y_ticks = view.y.ticks(grid.y_ticks());
        if cell.is_first_row {
            tags(&strip, cell, &view.panel.spared, &mut shapes);
        }
        view.draw(&figure.bands, (&x_ticks, &y_ticks), &mut shapes);
        label(&view, &grid, (&x_ticks, &y_ticks), faces, &mut shapes);
        if grid.columns == 1 {
            view.name_lines(faces, &mut shapes);
        }
    }
    let mut height = bottom + grid::TICKS;
    let caption = words::fit(faces, &figure.x.caption(), &SMALL, grid.width - 2.0 * MARGIN);
    if !caption.is_empty() && !cells.is_empty() {
        let middle = (left + grid.edges[grid.columns - 1].1) / 2.0;
        let half = faces.width(&caption, &SMALL) / 2.0;
        let at = (middle.max(MARGIN + half).min(grid.width - MARGIN - half), height + 11.0);
        shapes.push(words::text(at, &caption, SMALL, Align::Center));
        height += 15.0;
    }
    let areas = cells.iter().map(|cell| cell.area).collect();
    Ok((page(figure, grid.width, height + 12.0, shapes)?, areas, grid.x.ends()))
}

fn page(figure: &Figure, width: f64, height: f64, shapes: Vec<Shape>) -> Result<Scene, DrawError> {
    fits(width, height)?;
    let (width, height) = (width.ceil() as u32, height.ceil() as u32);
    Ok(Scene { width, height, title: words::clean(&figure.title), shapes })
}

/// Whether a page of this size may be drawn.
fn fits(width: f64, height: f64) -> Result<(), DrawError> {
    match width <= SIDE_MAX && height <= SIDE_MAX {
        true => Ok(()),
        false => Err(DrawError::TooLarge { width, height }),
    }
}

/// What a figure without panels says; returns where it ends.
fn no_panels(grid: &Grid, top: f64, shapes: &mut Vec<Shape>) -> f64 {
    let at = (grid.width / 2.0, top + 60.0);
    shapes.push(words::text(at, "no data", words::NOTE, Align::Center));
    top + 100.0
}

/// As many ticks on x as have labels that stand clear of each other.
fn x_ticks(grid: &Grid, faces: &Faces) -> Vec<Tick> {
    let width = grid.edges[0].1 - grid.edges[0].0;
    let clear = |ticks: &[Tick]| {
        let apart = |pair: &[Tick]| {
            let lengths = pair.iter().map(|tick| faces.width(&tick.label, &SMALL));
            (pair[1].share - pair[0].share) * width >= lengths.sum::<f64>() / 2.0 + 18.0
        };
        ticks.windows(2).all(apart)
    };
    let finest = (width / 45.0).clamp(2.0, 9.0) as usize;
    let fitting = (1..=finest).rev().map(|most| grid.x.ticks(most)).find(|ticks| clear(ticks));
    fitting.unwrap_or_default()
}

/// The names of the windows above a panel, each joined to its shade.
fn tags(strip: &Strip, cell: &Cell, spared: &[usize], shapes: &mut Vec<Shape>) {
    let font = Font { color: WARM_INK, ..SMALL };
    let middle = |tag: &strip::Tag| cell.area.left + tag.middle;
    let foot = |tag: &strip::Tag| cell.area.top - tag.lane as f64 * strip::LANE;
    let own = || strip.tags.iter().filter(|tag| !spared.contains(&tag.band));
    for tag in own() {
        let (left, right) = (middle(tag).round() - 1.0, middle(tag).round() + 1.0);
        let stalk = Rect { left, top: foot(tag), right, bottom: cell.area.top };
        shapes.push(Shape::Box(stalk, WARM));
    }
    for tag in own() {
        let at = (middle(tag), foot(tag) - 6.0);
        shapes.push(words::text(at, &tag.body, font, Align::Center));
    }
}

/// Title, y caption and tick labels of a panel.
fn label(
    view: &View<'_>,
    grid: &Grid,
    ticks: (&[Tick], &[Tick]),
    faces: &Faces,
    shapes: &mut Vec<Shape>,
) {
    let (cell, area) = (view.cell, view.cell.area);
    let outer = grid.outer[cell.column];
    let title = words::fit(faces, &view.panel.title, &words::PANEL, area.width());
    if !title.is_empty() {
        shapes.push(words::text((area.left, cell.title), &title, words::PANEL, Align::Left));
    }
    if cell.says_y {
        let caption = words::fit(faces, &view.panel.y.caption(), &SMALL, area.right - outer);
        if !caption.is_empty() {
            shapes.push(words::text((outer, area.top - 9.0), &caption, SMALL, Align::Left));
        }
        for tick in ticks.1 {
            let at = (area.left - grid::TICK_GAP, area.bottom - tick.share * area.height() + 4.0);
            shapes.push(words::text(at, &tick.label, SMALL, Align::Right));
        }
    }
    if cell.says_x {
        for tick in ticks.0 {
            let half = faces.width(&tick.label, &SMALL) / 2.0;
            let middle = area.left + tick.share * area.width();
            let at = (middle.clamp(half, grid.width - half), area.bottom + 15.0);
            shapes.push(words::text(at, &tick.label, SMALL, Align::Center));
        }
    }
}
