//! What stands in a tile.

use super::words::{self, SMALL};
use crate::canvas::Faces;
use crate::scene::{Align, Font, Rect, Rgb, Shape};

/// What a tile says, on one line or on two; nothing where there is no room for it.
pub(super) fn said(text: &str, place: &Rect, ink: Rgb, faces: &Faces) -> Vec<Shape> {
    let fits = |line: &str| faces.width(line, &SMALL) + 4.0 <= place.width();
    let lines = match text.split_once(' ') {
        _ if fits(text) => vec![text],
        Some((first, rest)) if fits(first) && fits(rest) => vec![first, rest],
        _ => return Vec::new(),
    };
    let height = LINE_HEIGHT * lines.len() as f64;
    if place.height() < height {
        return Vec::new();
    }
    let middle = ((place.left + place.right) / 2.0, (place.top + place.bottom) / 2.0);
    let first = middle.1 - height / 2.0 + 11.0;
    let font = || Font { color: ink, ..SMALL };
    let line = |(number, line)| {
        let at = (middle.0, first + LINE_HEIGHT * number as f64);
        words::text(at, line, font(), Align::Center)
    };
    lines.into_iter().enumerate().map(line).collect()
}

/// From one line of a tile's text to the next.
const LINE_HEIGHT: f64 = 14.0;
