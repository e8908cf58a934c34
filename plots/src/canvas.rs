//! Paint: the only module that knows how a [`Scene`](crate::scene::Scene) becomes bytes.
//!
//! plotters draws the SVG and sweeps the polygons of the PNG; no type of theirs leaves this module.

mod bitmap;
mod polygon;
mod rows;
mod stroke;
mod svg;
mod typeface;

pub(crate) use bitmap::png;
pub(crate) use svg::svg;
pub(crate) use typeface::Faces;

use crate::draw::DrawError;

/// A backend's own error, in words.
fn refused(error: impl std::fmt::Display) -> DrawError {
    DrawError::Canvas(error.to_string())
}
