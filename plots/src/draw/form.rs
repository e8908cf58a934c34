//! What tells a look from another without colours.

use super::{panel, path};
use crate::figure::Style;

/// The form of a style.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Form {
    /// What it is drawn as.
    pub(crate) shape: Drawn,
    /// Opaque share of its colour.
    pub(crate) alpha: f64,
}

/// What a style is drawn as.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Drawn {
    /// A line with these dashes.
    Line(&'static [f64]),
    /// A line with these dashes, and arrowheads.
    Arrows(&'static [f64]),
    /// Marks of one of five shapes; dots are small discs.
    Marks(usize),
    /// An area under a line.
    Area,
}

/// The form of a style. Dashes for references are those of pattern 1, nearly.
pub(crate) fn of(style: Style) -> Form {
    let (shape, alpha) = match style {
        Style::Line | Style::Step => (Drawn::Line(&[]), 1.0),
        Style::Dashed => (Drawn::Line(path::pattern(1)), 1.0),
        Style::Pattern(number) => (Drawn::Line(path::pattern(number)), 1.0),
        Style::Arrows(number) => (Drawn::Arrows(path::pattern(number)), 1.0),
        Style::Dots => (Drawn::Marks(0), 1.0),
        Style::Marks(number) => (Drawn::Marks(number % 5), 1.0),
        Style::Area => (Drawn::Area, panel::AREA),
        Style::Full => (Drawn::Area, panel::FULL),
    };
    Form { shape, alpha }
}
