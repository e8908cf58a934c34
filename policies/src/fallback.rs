//! A fallback: an answer of one's own when there is no other.
//!
//! It turns failures of the kinds it catches into [`Outcome::FALLBACK`]: answered, and nothing
//! done. Users see an answer, and reports can tell it from a real one.
//!
//! **States.** None: it looks at how what is inside it ended.
//!
//! ```text
//! inside ── well, or badly in another way ──▶ as it is
//!        └─ badly, in a way that it catches ──▶ FALLBACK
//! ```
//!
//! **Formula.** With a share a of calls that end well and a share c of failures that it catches,
//! users see 1 − (1 − a) (1 − c) of their calls answered, of which only a are real.
//!
//! **Units.** None: kinds of failure go in, an answer comes out.
//!
//! **Defaults** of ours: every kind is caught, a refusal by the caller's own policies too.
//!
//! **Helps** where a stale or empty answer is better than none. **Hurts** when it hides that
//! everything is down; a retry outside it never retries, because nothing it sees has failed.
//!
//! **Sources.** Hystrix' `getFallback`, Polly's and failsafe-go's fallback policies.

use crate::outcome::{Class, Outcome};
use crate::retry::Kinds;

/// Which failures become an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fallback {
    /// The kinds it catches.
    pub on: Kinds,
}

impl Fallback {
    /// Catches every failure.
    pub const ALWAYS: Fallback = Fallback { on: Kinds::ALL };

    /// Whether it catches this.
    pub fn catches(&self, outcome: Outcome) -> bool {
        outcome.class() == Class::Failure && self.on.has(outcome.seen)
    }
}
