//! A field of cells: the darker, the more. One hue, so that its order is seen without colours.

use super::ruler::Ruler;
use crate::figure::Cells;
use crate::scene::{Rect, Rgb, Shape};

/// From a little to the most: each step is darker than the one before it.
pub(super) const RAMP: [Rgb; 9] = [
    Rgb(226, 238, 247),
    Rgb(198, 221, 238),
    Rgb(164, 201, 227),
    Rgb(124, 178, 214),
    Rgb(80, 153, 199),
    Rgb(38, 127, 184),
    Rgb(8, 99, 158),
    Rgb(6, 70, 120),
    Rgb(8, 41, 77),
];

/// The step of the ramp for a value in (0, 1]; none for nothing.
fn step(value: f64) -> Option<usize> {
    let is_some = value > 0.0;
    is_some.then(|| ((value * RAMP.len() as f64).ceil() as usize).clamp(1, RAMP.len()) - 1)
}

/// Draws the cells; those of one row that are alike and side by side are one box.
pub(super) fn draw(cells: &Cells, (x, y): (&Ruler, &Ruler), area: Rect, shapes: &mut Vec<Shape>) {
    let columns = cells.x.len().saturating_sub(1);
    let across =
        |edge: f64| x.share(edge).map(|share| area.left + share.clamp(0.0, 1.0) * area.width());
    let down =
        |edge: f64| y.share(edge).map(|share| area.bottom - share.clamp(0.0, 1.0) * area.height());
    for (row, ends) in cells.y.windows(2).enumerate() {
        let (Some(bottom), Some(top)) = (down(ends[0]), down(ends[1])) else { continue };
        let of = |column: usize| cells.values.get(row * columns + column).copied().and_then(step);
        let mut from = 0;
        while from < columns {
            let level = of(from);
            let alike = (from..columns).take_while(|column| of(*column) == level).count();
            let to = from + alike;
            if let (Some(level), Some(left), Some(right)) =
                (level, across(cells.x[from]), across(cells.x[to]))
                && left < right
                && top < bottom
            {
                // A box ends a hair early; cells leave no gap between them.
                let (right, bottom) = (right + 0.5, bottom + 0.5);
                shapes.push(Shape::Box(Rect { left, top, right, bottom }, RAMP[level]));
            }
            from = to;
        }
    }
}
