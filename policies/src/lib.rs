//! Sans-IO resilience policies: time and chance come in, decisions go out.
//!
//! Nothing here reads a clock, draws a number it was not handed, or knows the simulator. The same
//! objects decide inside `brownout` runs and, in production, behind any runtime's timers.
//!
//! **Features**, both off by default, both with std. `ron` reads a stack of policies from a file:
//! `stack::read`. `tower` has the same stacks as layers for tower. What each policy does, with its
//! settings and an example, is in `docs/policies/`.

#![cfg_attr(not(test), no_std)]

extern crate alloc;
#[cfg(any(feature = "ron", feature = "tower"))]
extern crate std;

pub mod draw;
pub mod histogram;
pub mod math;
pub mod time;
pub mod units;

#[cfg(feature = "ron")]
pub mod notation;
pub mod outcome;
pub mod settings;

pub mod backoff;
pub mod budget;

pub mod deadline;
pub mod fallback;
pub mod hedge;
pub mod retry;

pub mod adaptive_rate;
pub mod breaker;
pub mod bulkhead;
pub mod concurrency;
pub mod gate;
pub mod limiter;
pub mod shed;
pub mod throttle;

pub mod balance;
pub mod outlier;

pub mod call;
pub mod door;
pub mod slab;
pub mod stack;

#[cfg(feature = "tower")]
pub mod tower;

pub use draw::{Chance, Draws};
pub use time::{Span, Time};
