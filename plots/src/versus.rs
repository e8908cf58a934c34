//! Theory against measurement: curves, and points with the bars of their intervals.

use crate::canvas::{self, Faces};
use crate::draw::ruler::{Ends, Ruler, Tick};
use crate::draw::words::{self, NAME, NOTE, SMALL, TITLE};
use crate::draw::{DrawError, MARGIN, PALETTE, path};
use crate::figure::Axis;
use crate::scene::{Align, Point, Rect, Rgb, Scene, Shape};
use brownout_core::math;

/// A chart of measured points over the curves that they should lie on.
#[derive(Debug, Clone, PartialEq)]
pub struct Versus {
    /// The headline.
    pub title: String,
    /// One line in grey under it.
    pub how_to_read: String,
    /// The x axis; a little room is left at both ends, so that no bar stands on the edge.
    pub x: Axis,
    /// The y axis, from zero when linear.
    pub y: Axis,
    /// The curves with their points, eight at most have marks of their own.
    pub curves: Vec<Compared>,
}

/// One curve and the points held to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Compared {
    /// Its name in the legend.
    pub name: String,
    /// The curve: (x, y) by increasing x; what is not finite leaves a gap. Empty for none.
    pub theory: Vec<(f64, f64)>,
    /// Whether the curve is only an approximation: dotted.
    pub is_rough: bool,
    /// The points.
    pub points: Vec<Measured>,
}

/// A measured point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measured {
    /// Where it was measured.
    pub x: f64,
    /// What was measured.
    pub y: f64,
    /// Its interval.
    pub low: f64,
    /// Its interval.
    pub high: f64,
}

const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 340.0;
/// Half the size of a mark.
const MARK: f64 = 4.6;
/// Length of the sample of a look in the legend.
const SWATCH: f64 = 36.0;
const GRID: Rgb = Rgb(224, 228, 232);
const BASE: Rgb = Rgb(154, 163, 173);
const WHITE: Rgb = Rgb(255, 255, 255);

/// Draws the chart as a complete SVG document.
///
/// # Errors
/// An axis without a range, or a font that cannot be read.
pub fn versus_to_svg(chart: &Versus) -> Result<String, DrawError> {
    canvas::svg(&compose(chart, &Faces::load()?)?)
}

/// Draws the chart as the bytes of a PNG, two device pixels to a pixel of the SVG.
///
/// # Errors
/// As [`versus_to_svg`].
pub fn versus_to_png(chart: &Versus) -> Result<Vec<u8>, DrawError> {
    let faces = Faces::load()?;
    canvas::png(&compose(chart, &faces)?, &faces)
}

/// Where things stand.
struct Page {
    area: Rect,
    x: Ruler,
    y: Ruler,
}

fn compose(chart: &Versus, faces: &Faces) -> Result<Scene, DrawError> {
    let xs = chart.curves.iter().flat_map(|curve| {
        curve.theory.iter().map(|(x, _)| *x).chain(curve.points.iter().map(|point| point.x))
    });
    let x = Ruler::over(&padded(&chart.x, xs), std::iter::empty(), Ends::Tight)?;
    let ys = chart.curves.iter().flat_map(|curve| {
        let points = curve.points.iter().flat_map(|point| [point.y, point.low, point.high]);
        curve.theory.iter().map(|(_, y)| *y).chain(points)
    });
    let y = Ruler::over(&chart.y, ys, Ends::Roomy)?;
    let mut shapes = Vec::new();
    let top = head(chart, faces, &mut shapes);
    let y_ticks = y.ticks(6);
    let gutter = y_ticks.iter().map(|tick| faces.width(&tick.label, &SMALL)).fold(0.0, f64::max);
    let left = MARGIN + gutter + 6.0;
    let area = Rect { left, top: top + 18.0, right: WIDTH - MARGIN, bottom: top + 18.0 + HEIGHT };
    let page = Page { area, x, y };
    page.axes(chart, &y_ticks, faces, &mut shapes);
    for (place, curve) in chart.curves.iter().enumerate() {
        page.curve(place, curve, &mut shapes);
    }
    for (place, curve) in chart.curves.iter().enumerate() {
        page.points(place, curve, &mut shapes);
    }
    let height = (area.bottom + 46.0).ceil() as u32;
    let title = words::clean(&chart.title);
    Ok(Scene { width: WIDTH as u32, height, title, shapes })
}

/// The axis over its data with a little room at both ends.
fn padded(axis: &Axis, values: impl Iterator<Item = f64>) -> Axis {
    let is_log = axis.scale == crate::figure::Scale::Log;
    let shown = values.filter(|x| x.is_finite() && (!is_log || *x > 0.0));
    let ends = |(low, high): (f64, f64), x: f64| (low.min(x), high.max(x));
    let (low, high) = shown.fold((f64::INFINITY, f64::NEG_INFINITY), ends);
    if axis.range.is_some() || low >= high {
        return axis.clone();
    }
    match is_log {
        true => {
            let room = math::pow(high / low, 0.025);
            axis.clone().over(low / room, high * room)
        }
        false => {
            let room = 0.025 * (high - low);
            axis.clone().over(low - room, high + room)
        }
    }
}

/// Title, how to read it, and a legend; returns where they end.
fn head(chart: &Versus, faces: &Faces, shapes: &mut Vec<Shape>) -> f64 {
    let mut y = 16.0;
    for line in words::wrap(faces, &chart.title, &TITLE, WIDTH - 2.0 * MARGIN) {
        shapes.push(words::text((MARGIN, y + 17.0), &line, TITLE, Align::Left));
        y += 24.0;
    }
    for line in words::wrap(faces, &chart.how_to_read, &NOTE, WIDTH - 2.0 * MARGIN) {
        shapes.push(words::text((MARGIN, y + 14.0), &line, NOTE, Align::Left));
        y += 18.0;
    }
    y += 10.0;
    let mut x = MARGIN;
    for (place, curve) in chart.curves.iter().enumerate() {
        let name = words::fit(faces, &curve.name, &NAME, WIDTH - 2.0 * MARGIN - SWATCH - 8.0);
        let length = SWATCH + 8.0 + faces.width(&name, &NAME);
        if x > MARGIN && x + length > WIDTH - MARGIN {
            (x, y) = (MARGIN, y + 20.0);
        }
        let middle = (x + SWATCH / 2.0, y + 9.0);
        if !curve.theory.is_empty() {
            let line = vec![(x, middle.1), (x + SWATCH, middle.1)];
            strokes(place, curve.is_rough, line, shapes);
        }
        mark(place, middle, shapes);
        let at = (x + SWATCH + 8.0, y + 13.0);
        shapes.push(words::text(at, &name, NAME, Align::Left));
        x += length + 24.0;
    }
    y + 30.0
}

fn color(place: usize) -> Rgb {
    PALETTE[1 + place % (PALETTE.len() - 1)]
}

/// A line in the look of its curve: whole, dashed or dotted, so that greys can be told apart.
fn strokes(place: usize, is_rough: bool, line: Vec<Point>, shapes: &mut Vec<Shape>) {
    let width = if is_rough { 1.4 } else { 2.0 };
    let parts =
        if is_rough || place % 3 == 1 { path::dashes(&line, path::DASHED) } else { vec![line] };
    let color = color(place);
    shapes.extend(parts.into_iter().map(|points| Shape::Stroke { points, width, color }));
}

/// A disc, a square, a triangle, a diamond: full for the first four, hollow for the next.
fn mark(place: usize, (x, y): Point, shapes: &mut Vec<Shape>) {
    let is_hollow = place / 4 % 2 == 1;
    let mut layer = |size: f64, color: Rgb| match place % 4 {
        0 => shapes.push(Shape::Disc { at: (x, y), radius: size, color }),
        shape => {
            let points = match shape {
                1 => vec![
                    (x - size, y - size),
                    (x + size, y - size),
                    (x + size, y + size),
                    (x - size, y + size),
                ],
                2 => vec![
                    (x, y - 1.3 * size),
                    (x + 1.2 * size, y + 0.8 * size),
                    (x - 1.2 * size, y + 0.8 * size),
                ],
                _ => vec![
                    (x, y - 1.4 * size),
                    (x + 1.4 * size, y),
                    (x, y + 1.4 * size),
                    (x - 1.4 * size, y),
                ],
            };
            shapes.push(Shape::Fill { points, color, alpha: 1.0 });
        }
    };
    layer(MARK + 1.2, WHITE);
    layer(MARK, color(place));
    if is_hollow {
        layer(MARK - 1.8, WHITE);
    }
}

impl Page {
    fn place(&self, (x, y): Point) -> Option<Point> {
        let (x, y) = (self.x.share(x)?, self.y.share(y)?);
        let area = &self.area;
        Some((area.left + x * area.width(), area.bottom - y * area.height()))
    }

    fn axes(&self, chart: &Versus, y_ticks: &[Tick], faces: &Faces, shapes: &mut Vec<Shape>) {
        let area = self.area;
        for tick in y_ticks {
            let top = (area.bottom - tick.share * area.height()).round();
            shapes.push(Shape::Box(Rect { top, bottom: top + 1.0, ..area }, GRID));
            let at = (area.left - 6.0, top + 4.0);
            shapes.push(words::text(at, &tick.label, SMALL, Align::Right));
        }
        let base = Rect { top: area.bottom, bottom: area.bottom + 1.0, ..area };
        shapes.push(Shape::Box(base, BASE));
        let clear = |ticks: &[Tick]| {
            let apart = |pair: &[Tick]| {
                let lengths = pair.iter().map(|tick| faces.width(&tick.label, &SMALL));
                (pair[1].share - pair[0].share) * area.width() >= lengths.sum::<f64>() / 2.0 + 18.0
            };
            ticks.windows(2).all(apart)
        };
        let ticks = (1..=9).rev().map(|most| self.x.ticks(most)).find(|ticks| clear(ticks));
        for tick in ticks.unwrap_or_default() {
            let x = (area.left + tick.share * area.width()).round();
            let notch =
                Rect { left: x, right: x + 1.0, top: area.bottom, bottom: area.bottom + 4.0 };
            shapes.push(Shape::Box(notch, BASE));
            let at = (x, area.bottom + 16.0);
            shapes.push(words::text(at, &tick.label, SMALL, Align::Center));
        }
        let fit = |axis: &Axis| words::fit(faces, &axis.caption(), &SMALL, area.width());
        let at = (MARGIN, area.top - 9.0);
        shapes.push(words::text(at, &fit(&chart.y), SMALL, Align::Left));
        let at = ((area.left + area.right) / 2.0, area.bottom + 34.0);
        shapes.push(words::text(at, &fit(&chart.x), SMALL, Align::Center));
    }

    fn curve(&self, place: usize, curve: &Compared, shapes: &mut Vec<Shape>) {
        let places = curve.theory.iter().map(|&at| self.place(at));
        for run in path::runs(places) {
            for part in path::clip(&path::thin(run), &self.area) {
                strokes(place, curve.is_rough, part, shapes);
            }
        }
    }

    fn points(&self, place: usize, curve: &Compared, shapes: &mut Vec<Shape>) {
        let color = color(place);
        let inside = |point: &&Measured| {
            self.place((point.x, point.y)).is_some_and(|at| path::contains(&self.area, at))
        };
        for point in curve.points.iter().filter(inside) {
            let ends = [self.place((point.x, point.low)), self.place((point.x, point.high))];
            if let [Some(low), Some(high)] = ends {
                let (low, high) = (low.1.min(self.area.bottom), high.1.max(self.area.top));
                let x = self.place((point.x, point.y)).map_or(0.0, |at| at.0);
                let bar = |points| Shape::Stroke { points, width: 1.6, color };
                // A bar that the mark would hide is left out; the table has it.
                if low - high > 2.0 * MARK {
                    shapes.push(bar(vec![(x, low), (x, high)]));
                    shapes.push(bar(vec![(x - 4.0, low), (x + 4.0, low)]));
                    shapes.push(bar(vec![(x - 4.0, high), (x + 4.0, high)]));
                }
            }
            if let Some(at) = self.place((point.x, point.y)) {
                mark(place, at, shapes);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart() -> Versus {
        let point = |x: f64, y: f64| Measured { x, y, low: y - 9.0, high: y + 9.0 };
        let line = |factor: f64| (1..=20).map(|i| (f64::from(i), factor * f64::from(i))).collect();
        let curve = |name: &str, factor: f64| Compared {
            name: name.into(),
            theory: line(factor),
            is_rough: false,
            points: vec![
                point(1.0, factor),
                point(10.0, 10.0 * factor),
                point(20.0, 20.0 * factor),
            ],
        };
        Versus {
            title: "a < b".into(),
            how_to_read: "How to read this: it is made up.".into(),
            x: Axis::linear("users", ""),
            y: Axis::linear("latency", "ms"),
            curves: vec![curve("one", 2.0), curve("two", 4.0)],
        }
    }

    #[test]
    fn every_mark_and_bar_is_inside_the_panel_and_the_ends_have_room() {
        let chart = chart();
        let faces = Faces::load().expect("the bundled font is a font");
        let scene = compose(&chart, &faces).expect("a chart to draw");
        let (width, height) = (f64::from(scene.width), f64::from(scene.height));
        let mut marks = 0;
        for shape in &scene.shapes {
            if let Shape::Disc { at, .. } = shape {
                marks += 1;
                assert!(at.0 > MARGIN + MARK && at.0 < width - MARGIN - MARK && at.1 < height);
            }
        }
        // One in the legend and three points, each on a white ground.
        assert_eq!(marks, 2 * (1 + 3));
    }

    #[test]
    fn the_legend_names_each_curve_once() {
        let svg = versus_to_svg(&chart()).expect("a chart to draw");
        assert!(svg.contains("a &lt; b") && svg.contains("latency (ms)"));
        let scene = compose(&chart(), &Faces::load().expect("it is a font")).expect("a chart");
        let said = |words: &str| {
            let is = |shape: &&Shape| matches!(shape, Shape::Text(text) if text.body == words);
            scene.shapes.iter().filter(is).count()
        };
        assert_eq!((said("one"), said("two")), (1, 1));
        assert_eq!(svg, versus_to_svg(&chart()).expect("the same again"));
        assert!(versus_to_png(&chart()).is_ok());
    }

    #[test]
    fn odd_values_are_gaps_and_no_panic() {
        let mut odd = chart();
        odd.curves[0].theory.push((f64::NAN, f64::INFINITY));
        odd.curves[1].points.push(Measured { x: 5.0, y: f64::NAN, low: 0.0, high: f64::INFINITY });
        assert!(versus_to_svg(&odd).is_ok());
        odd.y = Axis::log("latency", "ms");
        assert!(versus_to_svg(&odd).is_ok());
        odd.curves.clear();
        assert!(versus_to_svg(&odd).is_ok());
    }
}
