//! One panel: windows, grid lines, envelopes, lines, names beside their ends.

use super::grid::{Cell, NAME_GAP, NAME_MAX};
use super::head::WARM;
use super::ruler::{Ruler, Tick};
use super::words::{self, GREY, NAME};
use super::{PALETTE, cells, marks, path, strip};
use crate::canvas::Faces;
use crate::figure::{Band, Panel, Series, Style};
use crate::scene::{Align, Font, Point, Rect, Rgb, Shape};

/// Width of a line.
pub(super) const LINE: f64 = 2.0;
/// Radius of a dot.
pub(super) const DOT: f64 = 2.4;

const GRID: Rgb = Rgb(224, 228, 232);
const GRID_FAINT: Rgb = Rgb(238, 240, 243);
const BASE: Rgb = Rgb(154, 163, 173);

/// Opaque share of an envelope.
const ENVELOPE: f64 = 0.18;
/// Of a part of a whole.
pub(super) const AREA: f64 = 0.45;
/// Of the part that is to be seen first.
pub(super) const FULL: f64 = 0.85;

/// Height of a name beside a line's end.
const NAME_STEP: f64 = 14.0;

/// A panel with its rulers and place.
pub(super) struct View<'a> {
    pub(super) panel: &'a Panel,
    pub(super) x: &'a Ruler,
    pub(super) y: &'a Ruler,
    pub(super) cell: &'a Cell,
}

impl View<'_> {
    /// Draws windows, grid and data, but no tick labels.
    pub(super) fn draw(&self, bands: &[Band], ticks: (&[Tick], &[Tick]), shapes: &mut Vec<Shape>) {
        let area = self.cell.area;
        let own = |(place, _): &(usize, &Band)| !self.panel.spared.contains(place);
        for (_, band) in bands.iter().enumerate().filter(own) {
            if let Some((from, to)) = strip::window(band, self.x, area.width()) {
                let (left, right) = (area.left + from, area.left + to);
                shapes.push(Shape::Box(Rect { left, right, ..area }, WARM));
            }
        }
        if let Some(field) = &self.panel.cells {
            cells::draw(field, (self.x, self.y), area, shapes);
        }
        for tick in ticks.0 {
            let left = (area.left + tick.share * area.width()).round();
            shapes.push(Shape::Box(Rect { left, right: left + 1.0, ..area }, GRID_FAINT));
        }
        for tick in ticks.1 {
            let top = (area.bottom - tick.share * area.height()).round();
            shapes.push(Shape::Box(Rect { top, bottom: top + 1.0, ..area }, GRID));
        }
        let is_inside = |share: &f64| (0.0..=1.0).contains(share) && self.panel.y.names.is_empty();
        let zero = self.y.share(0.0).filter(is_inside).unwrap_or(0.0);
        let top = (area.bottom - zero * area.height()).round();
        shapes.push(Shape::Box(Rect { top, bottom: top + 1.0, ..area }, BASE));
        let before = shapes.len();
        for series in &self.panel.series {
            self.envelope(series, shapes);
        }
        for series in &self.panel.series {
            self.line(series, shapes);
        }
        if shapes.len() == before && self.panel.cells.is_none() {
            let middle = ((area.left + area.right) / 2.0, (area.top + area.bottom) / 2.0 + 4.0);
            shapes.push(words::text(middle, "no data", words::NOTE, Align::Center));
        }
    }

    /// Names the lines at their right ends, where those stand clear of each other.
    pub(super) fn name_lines(&self, faces: &Faces, shapes: &mut Vec<Shape>) {
        let area = self.cell.area;
        for (share, series) in clear_ends(self.panel, (self.x, self.y), area.height()) {
            let name = words::fit(faces, &series.name, &NAME, NAME_MAX);
            let font = Font { color: dark(color_of(series)), ..NAME };
            let at = (area.right + NAME_GAP, area.bottom - share * area.height() + 4.2);
            shapes.push(words::text(at, &name, font, Align::Left));
        }
    }

    fn place(&self, (x, y): Point) -> Option<Point> {
        let area = self.cell.area;
        let (x, y) = (self.x.share(x)?, self.y.share(y)?);
        Some((area.left + x * area.width(), area.bottom - y * area.height()))
    }

    fn line(&self, series: &Series, shapes: &mut Vec<Shape>) {
        let color = color_of(series);
        let area = self.cell.area;
        let dot = |at| Shape::Disc { at, radius: DOT, color };
        let places = series.points.iter().map(|&point| self.place(point));
        let points_only = matches!(series.style, Style::Dots | Style::Marks(_));
        if points_only {
            let inside = places.flatten().filter(|&at| path::contains(&area, at));
            match series.style {
                Style::Marks(number) => {
                    inside.for_each(|at| marks::mark(number, at, color, shapes));
                }
                _ => shapes.extend(path::thin(inside.collect()).into_iter().map(dot)),
            }
            return;
        }
        // What goes to and fro must not be thinned as if it went one way.
        let one_way = !matches!(series.style, Style::Arrows(_));
        for run in path::runs(places) {
            let run = if one_way { path::thin(run) } else { run };
            let run = if series.style == Style::Step { path::stairs(&run) } else { run };
            for part in path::clip(&run, &area) {
                if let [only] = part[..] {
                    shapes.push(dot(only));
                    continue;
                }
                if !one_way {
                    marks::arrowheads(&part, color, shapes);
                }
                let parts = path::dashes(&part, pattern_of(series.style));
                let stroke = |points| Shape::Stroke { points, width: LINE, color };
                shapes.extend(parts.into_iter().map(stroke));
            }
        }
    }

    fn envelope(&self, series: &Series, shapes: &mut Vec<Shape>) {
        let edges = series.envelope.iter().flatten();
        let area = self.cell.area;
        let place = |point| {
            let (x, y) = self.place(point)?;
            Some((x.clamp(area.left, area.right), y.clamp(area.top, area.bottom)))
        };
        let lower = path::runs(edges.clone().map(|&(x, low, high)| {
            place((x, high))?;
            place((x, low))
        }));
        let upper = path::runs(edges.map(|&(x, low, high)| {
            place((x, low))?;
            place((x, high))
        }));
        for (mut points, upper) in lower.into_iter().zip(upper) {
            points.extend(upper.into_iter().rev());
            let alpha = match series.style {
                Style::Area => AREA,
                Style::Full => FULL,
                _ => ENVELOPE,
            };
            shapes.push(Shape::Fill { points, color: color_of(series), alpha });
        }
    }
}

/// How far to the right a line must reach to be named there, as a share of the panel: a name far
/// from its line is a riddle.
const NAMED_FROM: f64 = 0.9;

/// Where the last point of each line stands, as a share of a panel `height` tall: of those lines of
/// several whose ends no other end is near.
pub(super) fn clear_ends<'a>(
    panel: &'a Panel,
    (x, y): (&Ruler, &Ruler),
    height: f64,
) -> Vec<(f64, &'a Series)> {
    // Where rows have names, an end at one of them is no end of a line.
    if !panel.y.names.is_empty() {
        return Vec::new();
    }
    let end = |series: &'a Series| {
        let mut places = series.points.iter().rev();
        let (at, share) = places.find_map(|at| Some((x.share(at.0)?, y.share(at.1)?)))?;
        if at < NAMED_FROM {
            return None;
        }
        (0.0..=1.0).contains(&share).then_some((share, series))
    };
    let ends: Vec<(f64, &Series)> = panel.series.iter().filter_map(end).collect();
    let is_clear = |i: usize| {
        let near = |other: &(f64, &Series)| (other.0 - ends[i].0).abs() * height < NAME_STEP;
        ends.len() > 1 && ends.iter().filter(|other| near(other)).count() == 1
    };
    (0..ends.len()).filter(|&i| is_clear(i)).map(|i| ends[i]).collect()
}

/// The dashes of a style; none is unbroken.
pub(super) fn pattern_of(style: Style) -> &'static [f64] {
    match style {
        Style::Dashed => path::DASHED,
        Style::Pattern(number) | Style::Arrows(number) => path::pattern(number),
        Style::Line | Style::Step | Style::Area | Style::Full => &[],
        Style::Dots | Style::Marks(_) => &[],
    }
}

/// The colour of a series.
fn color_of(series: &Series) -> Rgb {
    PALETTE[series.color % PALETTE.len()]
}

/// A colour dark enough for small letters on white.
fn dark(color: Rgb) -> Rgb {
    if color == PALETTE[0] {
        return GREY;
    }
    let part = |channel: u8| (u16::from(channel) * 3 / 4) as u8;
    Rgb(part(color.0), part(color.1), part(color.2))
}
