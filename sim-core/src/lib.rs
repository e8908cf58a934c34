//! The engine and its arithmetic. It is generic: it does not know what a request is.

pub mod random;

pub use brownout_policies::{Draws, Span, Time, draw, math, slab};
