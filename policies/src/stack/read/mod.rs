//! A stack of policies from a file: which policy, with which settings, and every complaint.
//!
//! [`read`] takes RON, the notation of experiments, and needs nothing of the simulator:
//!
//! ```
//! use brownout_policies::stack;
//!
//! let text = r#"[Timeout("1s"), Retry(times: 3, wait: Exponential(from: "50ms", cap: "2s"))]"#;
//! assert_eq!(stack::read(text).expect("nothing is wrong").layers.len(), 2);
//!
//! let problems = stack::read(r#"[Timeout("1s"), Retry(times: 3, wait: 50)]"#).unwrap_err();
//! assert_eq!(problems[0].path, "[1].Retry.wait");
//! assert_eq!(
//!     problems[0].to_string(),
//!     "[1].Retry.wait (1:39): a time needs a unit; write one of ns, us, ms, s, min, h, d; \
//!      write it in quotes with a unit: \"50ms\" or \"50s\""
//! );
//! ```

mod at_the_door;
mod budget;
mod gate;
mod hedge;
mod layer;
mod retry;
mod retry_like;
pub mod settings;
#[cfg(test)]
mod tests;
mod text;
mod timeout;

pub use at_the_door::{AT_THE_DOOR, gate_at_the_door, shedder, shedding_queue};
pub use layer::{KINDS, stack};
pub use retry_like::{RETRIES, RetryDialect};
pub use text::{Problem, read};
pub use timeout::time_limit;
