//! The colours of a surface, by day and by night.

use super::words;
use crate::scene::{Align, Font, Point, Rgb, Shape};

/// The colours that a surface is drawn in.
#[derive(Debug)]
pub(super) struct Look {
    /// From the least to the most, evenly in lightness, away from the paper's.
    shades: [Rgb; 5],
    /// A value beyond all shades.
    pub(super) beyond: Rgb,
    /// A tile of which nothing is known.
    pub(super) empty: Rgb,
    /// Behind everything, and between tiles.
    pub(super) paper: Rgb,
    /// Headlines, names and values.
    ink: Rgb,
    /// What explains.
    pub(super) grey: Rgb,
    /// The edge stands out on all shades by the paper's colour around it.
    pub(super) edge: Rgb,
}

/// On paper; the shades are the blues of Harrower and Brewer (2003).
pub(super) const DAY: Look = Look {
    shades: [
        Rgb(239, 245, 251),
        Rgb(189, 213, 234),
        Rgb(117, 170, 211),
        Rgb(42, 114, 178),
        Rgb(8, 54, 112),
    ],
    beyond: Rgb(26, 26, 29),
    empty: Rgb(246, 246, 246),
    paper: Rgb(255, 255, 255),
    ink: words::INK,
    grey: words::GREY,
    edge: Rgb(213, 94, 0),
};

/// On a dark screen: what is dark by day is light.
pub(super) const NIGHT: Look = Look {
    shades: [
        Rgb(24, 42, 58),
        Rgb(33, 74, 107),
        Rgb(50, 118, 170),
        Rgb(108, 172, 221),
        Rgb(205, 228, 246),
    ],
    beyond: Rgb(255, 255, 255),
    empty: Rgb(34, 41, 48),
    paper: Rgb(18, 22, 27),
    ink: Rgb(230, 233, 237),
    grey: Rgb(166, 176, 187),
    edge: Rgb(255, 138, 61),
};

impl Look {
    /// The shade so far from the least to the most.
    pub(super) fn blend(&self, share: f64) -> Rgb {
        let at = share * (self.shades.len() - 1) as f64;
        let below = (at as usize).min(self.shades.len() - 2);
        let part = at - below as f64;
        let (from, to) = (self.shades[below], self.shades[below + 1]);
        let mix = |from: u8, to: u8| {
            (f64::from(from) + (f64::from(to) - f64::from(from)) * part).round() as u8
        };
        Rgb(mix(from.0, to.0), mix(from.1, to.1), mix(from.2, to.2))
    }

    /// One line of text outside the tiles.
    pub(super) fn text(&self, at: Point, body: &str, font: Font, align: Align) -> Shape {
        let color = if font.color == words::GREY { self.grey } else { self.ink };
        words::text(at, body, Font { color, ..font }, align)
    }
}

/// Letters that are easy to read on a colour (Rec. 601 luma).
pub(super) fn ink_on(color: Rgb) -> Rgb {
    if luma(color) < 140_000 { DAY.paper } else { DAY.ink }
}

/// How light a colour is, from 0 to 255 000.
fn luma(color: Rgb) -> u32 {
    299 * u32::from(color.0) + 587 * u32::from(color.1) + 114 * u32::from(color.2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shades_go_away_from_the_paper_all_the_way_and_what_is_beyond_them_further() {
        for look in [DAY, NIGHT] {
            let away = |color| luma(color).abs_diff(luma(look.paper));
            let shades = (0..=20).map(|step| away(look.blend(f64::from(step) / 20.0)));
            let steps: Vec<u32> = shades.chain([away(look.beyond)]).collect();
            assert!(steps.windows(2).all(|pair| pair[0] < pair[1]), "{steps:?}");
        }
    }
}
