//! Marks that differ in shape, and arrowheads along a line.

use super::panel::LINE;
use crate::scene::{Point, Rgb, Shape};

/// Half the width of a mark.
const RADIUS: f64 = 4.6;
/// How long an arrowhead is, and how far apart two of them are.
const HEAD: f64 = 8.0;
const APART: f64 = 60.0;

/// Mark number `number` of five: a disc, a square on its corner, a cross, a triangle, a bar.
pub(super) fn mark(number: usize, at: Point, color: Rgb, shapes: &mut Vec<Shape>) {
    let to = |x: f64, y: f64| (at.0 + x * RADIUS, at.1 + y * RADIUS);
    let line = |from, to| Shape::Stroke { points: vec![from, to], width: LINE, color };
    let fill = |points| Shape::Fill { points, color, alpha: 1.0 };
    match number % 5 {
        0 => shapes.push(Shape::Disc { at, radius: RADIUS * 0.85, color }),
        1 => shapes.push(fill(vec![to(0.0, -1.2), to(1.2, 0.0), to(0.0, 1.2), to(-1.2, 0.0)])),
        2 => {
            shapes.extend([line(to(-0.8, -0.8), to(0.8, 0.8)), line(to(-0.8, 0.8), to(0.8, -0.8))])
        }
        3 => shapes.push(fill(vec![to(0.0, -1.1), to(1.1, 0.9), to(-1.1, 0.9)])),
        _ => shapes.push(line(to(0.0, -1.1), to(0.0, 1.1))),
    }
}

/// Arrowheads on a polyline, in the direction of its points.
pub(super) fn arrowheads(run: &[Point], color: Rgb, shapes: &mut Vec<Shape>) {
    // The first one soon, so that a short way has one too.
    let mut left = APART / 3.0;
    for pair in run.windows(2) {
        let (from, to) = (pair[0], pair[1]);
        let along = (to.0 - from.0, to.1 - from.1);
        let length = (along.0 * along.0 + along.1 * along.1).sqrt();
        if length < left {
            left -= length;
            continue;
        }
        let unit = (along.0 / length, along.1 / length);
        let tip = (from.0 + unit.0 * left, from.1 + unit.1 * left);
        let back = |side: f64| {
            let across = side * HEAD * 0.5;
            (tip.0 - unit.0 * HEAD - unit.1 * across, tip.1 - unit.1 * HEAD + unit.0 * across)
        };
        shapes.push(Shape::Fill { points: vec![tip, back(1.0), back(-1.0)], color, alpha: 1.0 });
        left = APART;
    }
}
