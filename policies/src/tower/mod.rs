//! The same policies in production: stacks as [tower](https://docs.rs/tower) layers.
//!
//! A [`Stack`](crate::stack::Stack) is a value; here it becomes a [`StackLayer`], and behind it
//! runs the very machine that runs in the simulator ([`Calls`](crate::call::Calls)), with tokio's
//! clock for time. Where the simulator takes an event from its queue, a future is polled; where it
//! posts an envelope, a future is made; where it sends a cancel, a future is dropped.
//!
//! ```
//! use brownout_policies::bulkhead::BulkheadConfig;
//! use brownout_policies::budget::Scope;
//! use brownout_policies::retry::Retry;
//! use brownout_policies::stack::{GateRule, GateUse, Layer, Stack, Timeout};
//! use brownout_policies::tower::{Cloned, StackError, StackLayer};
//! use brownout_policies::Span;
//! use tower::{Layer as _, ServiceExt, service_fn};
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() {
//! let bulkhead = GateRule::Bulkhead(BulkheadConfig::ours());
//! let stack = Stack {
//!     layers: vec![
//!         Layer::Timeout(Timeout::after(Span::from_millis(1_000))),
//!         Layer::Retry(Retry::times(3)),
//!         Layer::Gate(GateUse { rule: bulkhead, scope: Scope::Caller }),
//!         Layer::Timeout(Timeout::after(Span::from_millis(300))),
//!     ],
//! };
//! let policies = StackLayer::new(&stack, Cloned).expect("the stack is sound");
//! let ledger = service_fn(|amount: i64| async move {
//!     if amount < 0 { Err("no such amount") } else { Ok(amount) }
//! });
//! let ledger = policies.layer(ledger);
//! assert_eq!(ledger.clone().oneshot(7).await, Ok(7));
//! assert_eq!(ledger.oneshot(-7).await, Err(StackError::Inner("no such amount")));
//! # }
//! ```
//!
//! With the feature `ron` a stack can be read from the text that an experiment has, and checked
//! there: `StackLayer::new(&stack::read(text)?, Http)`.
//!
//! **What a stack has to know** about requests and answers a [`Classify`] tells it: how an answer
//! counts, whether a request can be copied and may be repeated. [`Http`] knows it of HTTP;
//! [`Cloned`] and [`Once`] of anything else.
//!
//! **Errors.** A [`StackError`] tells what one's own policies decided, with when to come back, from
//! the service's own error. A failure that came as an answer, such as a 503, stays an answer.
//!
//! **Leaving.** Whoever drops the future of a call leaves it, at any moment: its attempts are
//! dropped, its permits are given back, and those who waited for them are woken. The losers of a
//! hedge and attempts that took too long are dropped likewise.
//!
//! **Time** is tokio's: its timers tick in milliseconds, and a timer never comes early. An answer
//! that is there when its call is polled counts, even if its time ran out before anyone looked.
//! A call needs a runtime whose timers are enabled.
//!
//! **Chance.** Call number n of a stack draws by the lineage `mix(key, n)`, as a call in the
//! simulator does; without a key in the [`Setup`] each process has its own, so that the waits of
//! many are not alike.

mod calling;
mod check;
mod classify;
mod clock;
mod desk;
mod engine;
mod error;
pub mod http;
mod layers;
mod service;
mod watch;

pub use calling::Calling;
pub use classify::{Classify, Cloned, Nested, Once, OrElse, Repeats};
pub use clock::AttemptDeadline;
pub use error::{StackError, Unsound};
pub use http::{Http, HttpOnce};
pub use layers::{
    AdaptiveRateLayer, BreakerLayer, BulkheadLayer, ConcurrencyLayer, FallbackLayer, HedgeLayer,
    RateLimitLayer, RetryLayer, ThrottleLayer, TimeoutLayer,
};
pub use service::{StackLayer, StackService};
pub use watch::{Decision, Event, Watch};

use core::fmt;

/// What the README shows compiles.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;

/// What can be set about a stack besides its policies.
#[derive(Clone, Default)]
pub struct Setup {
    /// Names its draws; equal keys and equal events give equal decisions. `None` for one by chance.
    pub key: Option<u64>,
    /// Who is told what it decides.
    pub watch: Option<Watch>,
}

impl fmt::Debug for Setup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_watched = self.watch.is_some();
        f.debug_struct("Setup").field("key", &self.key).field("watched", &is_watched).finish()
    }
}

/// What is under way in a stack at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct InFlight {
    /// Calls without an end.
    pub calls: u64,
    /// Attempts without an end.
    pub attempts: u64,
    /// Timers that have been set and are not due yet.
    pub timers: u64,
}
