//! Sans-IO resilience policies: time and chance come in, decisions go out.
//!
//! Nothing here reads a clock, draws a number it was not handed, or knows the simulator. The same
//! objects decide inside `brownout` runs and, in production, behind any runtime's timers.
//!
//! # One policy, two worlds
//!
//! A simulator, a test, or a loop of your own says what time it is:
//!
//! ```
//! use brownout_policies::breaker::{Breaker, BreakerConfig};
//! use brownout_policies::gate::Report;
//! use brownout_policies::outcome::Class;
//! use brownout_policies::{Draws, Span, Time};
//!
//! let config = BreakerConfig { in_a_row: Some(2), ..BreakerConfig::ours() };
//! let mut breaker = Breaker::new(config).expect("the configuration is sound");
//! let mut chance = Draws::open(1, 1); // the same key, the same chance
//! for second in [0.0, 1.0] {
//!     let now = Time::from_secs(second);
//!     let permit = breaker.admit(now, &mut chance).expect("it is closed");
//!     let report = Report { class: Class::Failure, took: Span::from_millis(20) };
//!     breaker.settle(now, permit, report, &mut chance);
//! }
//! let refusal = breaker.admit(Time::from_secs(1.5), &mut chance).expect_err("two failed");
//! assert_eq!(refusal.to_string(), "failures in a row 2 against 2, again at 6s");
//! assert!(breaker.admit(Time::from_secs(6.0), &mut chance).is_ok(), "a probe");
//! ```
//!
//! In production (feature `tower`) tokio says it, and futures are what is let through:
//!
//! ```
//! # #[cfg(feature = "tower")]
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() {
//! use brownout_policies::breaker::BreakerConfig;
//! use brownout_policies::tower::{BreakerLayer, Cloned, StackError};
//! use std::time::Duration;
//! use tower::{Layer, ServiceExt, service_fn};
//!
//! let config = BreakerConfig { in_a_row: Some(2), ..BreakerConfig::ours() };
//! let breaker = BreakerLayer::new(config, Cloned).expect("the configuration is sound");
//! let ledger = breaker.layer(service_fn(|amount: i64| async move {
//!     if amount < 0 { Err("no such amount") } else { Ok(amount) }
//! }));
//! for _ in 0..2 {
//!     let failed = ledger.clone().oneshot(-7).await;
//!     assert_eq!(failed, Err(StackError::Inner("no such amount")));
//! }
//! let refused = ledger.clone().oneshot(7).await;
//! assert!(matches!(refused, Err(StackError::Rejected { .. })), "it is open");
//! tokio::time::sleep(Duration::from_secs(5)).await;
//! assert_eq!(ledger.oneshot(7).await, Ok(7));
//! # }
//! # #[cfg(not(feature = "tower"))]
//! # fn main() {}
//! ```
//!
//! Several policies make a [`stack`]: [`call`] carries calls through it in the first world, and
//! `tower::StackLayer` in the second, from the same text.
//!
//! # Features
//!
//! Both off by default, both with std; without them the crate needs only an allocator, and that to
//! build a policy, not to decide. `ron` reads a stack of policies from a file: `stack::read`.
//! `tower` has the same stacks as layers for tower. What each policy does, with its settings and an
//! example, is in `docs/policies/`.

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
