//! Sans-IO resilience policies: time and chance come in, decisions go out.
//!
//! Nothing here reads a clock, draws a number it was not handed, or knows the simulator. The same
//! objects decide inside `brownout` runs and, in production, behind any runtime's timers.

pub mod backoff;
pub mod budget;
pub mod call;
pub mod draw;
pub mod histogram;
pub mod math;
pub mod outcome;
pub mod slab;
pub mod stack;
pub mod time;
pub mod units;

pub use draw::Draws;
pub use time::{Span, Time};
