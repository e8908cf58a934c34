//! How long to wait before a retry.
//!
//! Without waits, or with equal ones, the clients that a failure hit together come back together.
//! Growing waits give an overloaded server room; chance spreads the clients over it.
//!
//! **Formulas.** [`BackoffConfig`] puts together a growth ([`Growth`]), a cap, and what chance does
//! ([`Spread`]), in the order and in the arithmetic of the system that is meant. [`Backoff`] is its
//! short form for the commonest: a constant, AWS' full and equal jitter, decorrelated jitter, and
//! the exponentially distributed wait of retrial queues.
//!
//! **State** belongs to the call: the number of the retry and the last wait, in a [`Course`].
//!
//! **Defaults.** Ours is full jitter of 100 ms · 2^k up to 10 s: the least load for a given time to
//! recover (Brooker 2015). It may be zero. Every growth is without memory of other calls.
//!
//! **Units.** Whole nanoseconds; `factor` is a plain number, `width` a share of the wait, and
//! chance comes as uniform numbers in [0, 1).
//!
//! **Helps** with overload that passes. **Hurts** where failures are independent of load: there
//! each wait only adds to the latency. Waits do not bound the number of retries; budgets do.
//!
//! **Where systems differ.** The cap before chance (gRPC may wait 1.2 of its cap, backon twice) or
//! after (AWS' and Polly's waits lose their jitter at the cap, tower's too); the first k; the
//! server's wish ([`Hint`]).
//!
//! **Sources.** Brooker 2015 and his simulator; gRPC proposal A6; smithy-rs' standard retry
//! strategy; Polly v8 `RetryHelper`; tower `ExponentialBackoff`; backon; resilience4j
//! `IntervalFunction`; Finagle `Backoff`.
//!
//! ```
//! use brownout_policies::backoff::{Ask, BackoffConfig, Course};
//! use brownout_policies::{Draws, Span};
//!
//! let grpc = BackoffConfig::grpc();
//! let (mut course, mut draws) = (Course::default(), Draws::open(1, 2));
//! let first = grpc.next(&mut course, Ask::default(), &mut draws).expect("there is no end");
//! assert!((Span::from_millis(80)..=Span::from_millis(120)).contains(&first));
//! let pushback = Ask { hint: Some(Span::from_millis(7)), ..Ask::default() };
//! assert_eq!(grpc.next(&mut course, pushback, &mut draws), Some(Span::from_millis(7)));
//! ```

pub mod config;
mod finagle;
mod problems;
mod single;
mod ticks;
mod wait;

pub use config::{Arithmetic, BackoffConfig, Capped, DIALECTS, Growth, Hint, Spread};
pub use wait::{Ask, Course};

use crate::draw::Chance;
use crate::math;
use crate::settings::{Problem, Settings};
use crate::time::Span;
use alloc::vec::Vec;

/// How the wait before retry k grows; k counts from 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Backoff {
    /// The same wait every time; zero is an immediate retry.
    Constant {
        /// The wait.
        wait: Span,
    },
    /// min(cap, from · factor^k), then jittered.
    Exponential {
        /// The first wait, before jitter.
        from: Span,
        /// Growth per retry, ≥ 1.
        factor: f64,
        /// The longest wait, before jitter.
        cap: Span,
        /// What chance does to it.
        jitter: Jitter,
        /// The index of the first retry: 0 here and nearly everywhere, 1 in the AWS simulator.
        first: u32,
    },
    /// s = min(cap, U(from, 3·s)), starting from s = `from` (AWS, Brooker 2015).
    Decorrelated {
        /// The shortest wait.
        from: Span,
        /// The longest.
        cap: Span,
    },
    /// Exponentially distributed with this mean: the retrial queue of the books.
    Random {
        /// Mean wait.
        mean: Span,
    },
}

/// What chance does to a computed wait v.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Jitter {
    /// v itself.
    None,
    /// U(0, v).
    Full,
    /// v/2 + U(0, v/2).
    Equal,
}

impl Jitter {
    /// What becomes of a computed wait.
    #[inline]
    fn of(self, v: Span, draws: &mut impl Chance) -> Span {
        match self {
            Jitter::None => v,
            Jitter::Full => v.scale(draws.share()),
            Jitter::Equal => v.scale(0.5 + 0.5 * draws.share()),
        }
    }
}

/// No wait grows further than this many times the first; it keeps what is beyond any run finite.
const GROWTH_MAX: f64 = 1e18;

impl Backoff {
    /// An immediate retry.
    pub const IMMEDIATE: Backoff = Backoff::Constant { wait: Span::ZERO };

    /// The wait before retry `nth` (from 0), given the previous wait of this call.
    /// Takes one draw where chance plays a part, none otherwise.
    #[inline]
    pub fn wait(&self, nth: u32, previous: Option<Span>, draws: &mut impl Chance) -> Span {
        match *self {
            // What most calls wait does not pay for the configuration being put together.
            Backoff::Exponential { from, factor, cap, jitter, first } => {
                let grown = math::powi(factor, nth.saturating_add(first)).min(GROWTH_MAX);
                jitter.of(from.scale(grown).min(cap), draws)
            }
            Backoff::Constant { .. } | Backoff::Decorrelated { .. } | Backoff::Random { .. } => {
                BackoffConfig::from(*self).wait(nth, previous, draws)
            }
        }
    }

    /// Whether every wait is the same known length.
    pub const fn constant(&self) -> Option<Span> {
        match *self {
            Backoff::Constant { wait } => Some(wait),
            Backoff::Exponential { .. } | Backoff::Decorrelated { .. } | Backoff::Random { .. } => {
                None
            }
        }
    }
}

impl BackoffConfig {
    /// Itself, if nothing is wrong with it.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub fn checked(self) -> Result<BackoffConfig, Vec<Problem>> {
        let problems = self.problems();
        if problems.is_empty() { Ok(self) } else { Err(problems) }
    }
}

#[cfg(test)]
mod tests;
