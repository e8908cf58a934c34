//! Sans-IO resilience policies: time and chance come in, decisions go out.
//!
//! Nothing here reads a clock, draws a number it was not handed, or knows the simulator. The same
//! objects decide inside `brownout` runs and, in production, behind any runtime's timers.

pub mod draw;
pub mod math;
pub mod slab;
pub mod time;

pub use draw::Draws;
pub use time::{Span, Time};
