//! A polyline with round joints and ends, as coverage.
//!
//! A pixel is covered by its nearness to the nearest segment, so that overlapping segments do not
//! darken each other.

use std::ops::Range;

use super::rows::{Cover, Rows, cover_of};
use crate::scene::{Point, Rgb};

/// A polyline in device pixels.
pub(super) struct Stroke {
    points: Vec<Point>,
    /// Half its width.
    half: f64,
    color: Rgb,
    columns: Range<i32>,
    rows: Range<i32>,
}

impl Stroke {
    /// A stroke `width` wide through `points`; a single disc is two points at one place.
    pub(super) fn new(points: Vec<Point>, width: f64, color: Rgb) -> Stroke {
        let half = width / 2.0;
        let low = |of: fn(&Point) -> f64| points.iter().map(of).fold(f64::INFINITY, f64::min);
        let high = |of: fn(&Point) -> f64| points.iter().map(of).fold(f64::NEG_INFINITY, f64::max);
        let columns = within(low(|p| p.0), high(|p| p.0), reach(half));
        let rows = within(low(|p| p.1), high(|p| p.1), reach(half));
        Stroke { points, half, color, columns, rows }
    }

    pub(super) fn paint(&self, onto: &mut Rows) {
        let clipped = onto.clip(self.columns.clone(), self.rows.clone());
        let Some((columns, rows)) = clipped else { return };
        let width = columns.len();
        let mut mask = Mask { covers: vec![0; width * rows.len()], columns, rows };
        for pair in self.points.windows(2) {
            mask.cover(pair[0], pair[1], self.half);
        }
        onto.lay((mask.columns, mask.rows), &mask.covers, width, self.color);
    }
}

/// How far from its middle line a stroke may touch a pixel's centre, with something to spare.
fn reach(half: f64) -> f64 {
    half + 1.0
}

/// The whole pixels that hold `low` to `high` and what is within `reach` of them.
fn within(low: f64, high: f64, reach: f64) -> Range<i32> {
    (low - reach).floor() as i32..(high + reach).ceil() as i32
}

/// How much of each pixel in a rectangle of the image is covered, row by row.
struct Mask {
    columns: Range<usize>,
    rows: Range<usize>,
    covers: Vec<Cover>,
}

impl Mask {
    /// Covers what lies within `half` of the segment, the edge smoothed over one pixel.
    fn cover(&mut self, from: Point, to: Point, half: f64) {
        let reach = reach(half);
        let clip = |touched: Range<i32>, all: &Range<usize>| {
            let clamp = |at: i32| (at.max(0) as usize).clamp(all.start, all.end);
            clamp(touched.start)..clamp(touched.end)
        };
        let rows = clip(within(from.1.min(to.1), from.1.max(to.1), reach), &self.rows);
        for row in rows {
            let y = row as f64 + 0.5;
            let (left, right) = beside(y, from, to, reach);
            let columns = clip(within(left, right, reach), &self.columns);
            let start = (row - self.rows.start) * self.columns.len();
            for column in columns {
                let centre = (column as f64 + 0.5, y);
                let covered = cover_of(half + 0.5 - distance(centre, from, to));
                let cell = &mut self.covers[start + column - self.columns.start];
                *cell = covered.max(*cell);
            }
        }
    }
}

/// From where to where on x the part of the segment goes that is within `reach` of `y`.
fn beside(y: f64, from: Point, to: Point, reach: f64) -> (f64, f64) {
    if from.1 == to.1 {
        return (from.0.min(to.0), from.0.max(to.0));
    }
    let at = |y: f64| {
        let share = ((y - from.1) / (to.1 - from.1)).clamp(0.0, 1.0);
        from.0 + share * (to.0 - from.0)
    };
    let (one, other) = (at(y - reach), at(y + reach));
    (one.min(other), one.max(other))
}

/// From `at` to the nearest point of the segment.
fn distance(at: Point, from: Point, to: Point) -> f64 {
    let along = (to.0 - from.0, to.1 - from.1);
    let off = (at.0 - from.0, at.1 - from.1);
    let length = along.0 * along.0 + along.1 * along.1;
    let share = if length > 0.0 {
        ((off.0 * along.0 + off.1 * along.1) / length).clamp(0.0, 1.0)
    } else {
        0.0
    };
    let (x, y) = (off.0 - share * along.0, off.1 - share * along.1);
    (x * x + y * y).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn painted_row_by_row_it_is_what_it_is_in_one_go() {
        let points = vec![(-3.0, 2.5), (20.0, 7.25), (21.0, 30.0), (9.0, 30.0), (12.5, 4.0)];
        let stroke = Stroke::new(points, 4.0, Rgb(0, 114, 178));
        let (mut whole, mut single) = (Rows::of(24), Rows::of(24));
        whole.begin(0..32);
        stroke.paint(&mut whole);
        let mut painted = Vec::new();
        for row in 0..32 {
            single.begin(row..row + 1);
            stroke.paint(&mut single);
            painted.extend_from_slice(single.bytes());
        }
        assert_eq!(painted, whole.bytes());
    }

    #[test]
    fn a_level_stroke_covers_half_its_width_on_either_side() {
        let mut rows = Rows::of(3);
        rows.begin(0..6);
        Stroke::new(vec![(-9.0, 3.0), (9.0, 3.0)], 3.0, Rgb(0, 0, 0)).paint(&mut rows);
        let column: Vec<u8> = rows.bytes().chunks(9).map(|row| row[3]).collect();
        assert_eq!(column, [255, 128, 0, 0, 128, 255]);
    }
}
