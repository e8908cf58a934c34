//! The engine and its arithmetic. It is generic: it does not know what it simulates.

pub mod digest;
pub mod dist;
pub mod engine;
pub mod heap;
pub mod interval;
pub mod queue;
pub mod random;
pub mod theory;

pub use brownout_policies::histogram;
pub use brownout_policies::{Draws, Span, Time, draw, math, slab};
