//! Retry: tries what is inside it again.
//!
//! **States.** An attempt is out, or the wait before the next one runs. A failure asks, in this
//! order: is it of a kind that is tried again, and does the server not ask for never; are there
//! retries left; when would the wait end; is that before the deadline; does the budget pay. The
//! first no ends the call with the last real error, never with the wait's.
//!
//! ```text
//! Attempt out ── good answer, or the first no ──▶ ended
//!    ▲      │ a failure, and no no
//!    │      ▼
//!    └── Waiting
//! ```
//!
//! **Formula.** With failures that are independent and a probability f of each, a call fails with
//! f^(n + 1) after n retries, and takes (1 − f^(n + 1)) / (1 − f) attempts on average; when
//! everything fails, n + 1.
//!
//! **Defaults.** None of the number of retries: it is written. They are made at once, of every
//! failure that another attempt may cure, without a budget, and none that could not end before the
//! deadline.
//!
//! **Units.** Retries after the first attempt are a whole number, waits nanoseconds, a server's
//! wish a time from when its answer came.
//!
//! **Helps** against faults that are short and independent. **Hurts** when the other side is
//! overloaded: every layer that retries n times multiplies the load by up to n + 1, which is why a
//! budget belongs to it.
//!
//! **Sources.** Brooker, *Timeouts, retries and backoff with jitter*; gRPC proposal A6 for a
//! server's word; the AWS SDKs' standard retry mode; RFC 9110 (`Retry-After`, idempotent methods).

use crate::backoff::{Ask, Backoff, BackoffConfig};
use crate::budget::Fault;
use crate::outcome::{Class, Done, ErrorKind, Outcome, Seen, Word};
use crate::stack::BudgetUse;
use crate::time::Span;

/// Up to `times` retries after the first attempt.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Retry {
    /// Retries after the first attempt; `u32::MAX` is written `Unlimited`.
    pub times: u32,
    /// The wait before each.
    pub wait: Wait,
    /// What pays for them, if anything must.
    pub budget: Option<BudgetUse>,
    /// Whether a wait that would end at or after the call's deadline is not begun.
    pub deadline_aware: bool,
    /// Which failures are tried again.
    pub on: Kinds,
    /// Whether work that may have been done is tried again: only what is safe to do twice should
    /// be.
    pub idempotent: bool,
    /// What a server's wish to be tried later does to the wait.
    pub hint: Hint,
    /// Whether a retry goes to a replica that its call has not tried, if there is one.
    pub elsewhere: bool,
}

impl Retry {
    /// `times` retries at once after any failure of the other side, and nothing that pays for them.
    pub const fn times(times: u32) -> Retry {
        Retry {
            times,
            wait: Wait::Ours(Backoff::IMMEDIATE),
            budget: None,
            deadline_aware: true,
            on: Kinds::TRANSIENT,
            idempotent: true,
            hint: Hint::Least,
            elsewhere: false,
        }
    }

    /// Whether a failure is of a kind that is tried again, and the server has nothing against it.
    #[inline]
    pub fn tries_again(&self, outcome: Outcome) -> bool {
        let safe = self.idempotent || outcome.done == Done::Nothing;
        let forbidden = self.hint != Hint::Ignore && outcome.word() == Some(Word::Never);
        outcome.class() == Class::Failure && safe && !forbidden && self.on.has(outcome.seen)
    }

    /// What an outcome is to the budget: what is never tried again says nothing about what a retry
    /// may cost, and a server's never does (gRPC A6).
    pub fn fault(&self, outcome: Outcome) -> Fault {
        self.on.fault(outcome, self.hint != Hint::Ignore)
    }

    /// The wait before the next attempt: the drawn one, or what the server wishes; after a refusal
    /// of the caller's own, what that gate says.
    #[inline]
    pub fn waits(&self, drawn: Span, outcome: Outcome) -> Span {
        match (self.hint, outcome.retry_after()) {
            (Hint::Ignore, _) | (_, None) => drawn,
            (Hint::Least, Some(wish)) => drawn.max(wish),
            (Hint::Exact, Some(wish)) => wish,
        }
    }
}

impl Retry {
    /// What a named system's backoff is asked: it knows by itself what a server's wish does, unless
    /// wishes are ignored. What a gate of the caller's own says is no server's.
    pub(crate) fn ask(&self, outcome: Outcome) -> Ask {
        let heeds = self.hint != Hint::Ignore && outcome.seen != Seen::Rejected;
        let hint = outcome.retry_after().filter(|_| heeds);
        Ask { throttled: Fault::of(outcome) == Fault::Throttled, hint }
    }

    /// The wait that a named system's backoff has found, or what the caller's own gate says.
    pub(crate) fn waits_as_like(&self, found: Span, outcome: Outcome) -> Span {
        if outcome.seen == Seen::Rejected { self.waits(found, outcome) } else { found }
    }
}

/// The wait before a retry: one of ours, or a named system's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Wait {
    /// One of ours.
    Ours(Backoff),
    /// A named system's.
    Like(BackoffConfig),
}

impl From<Backoff> for Wait {
    fn from(wait: Backoff) -> Wait {
        Wait::Ours(wait)
    }
}

impl Wait {
    /// How long every wait is, if all are of one known length.
    #[inline]
    pub fn constant(&self) -> Option<Span> {
        match self {
            Wait::Ours(wait) => wait.constant(),
            Wait::Like(wait) => wait.constant(),
        }
    }
}

/// What a server's wish to be tried later, or never again, does to the wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Hint {
    /// Nothing.
    Ignore,
    /// The wait is at least as long, and there is no retry after a never.
    #[default]
    Least,
    /// The wait is as long, and there is no retry after a never.
    Exact,
}
crate::choice!(Hint { Ignore, Least, Exact });

/// A set of kinds of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kinds(u16);

impl Kinds {
    /// None.
    pub const NONE: Kinds = Kinds(0);
    /// Everything that another attempt may cure: all but wrong requests and the caller's own noes.
    pub const TRANSIENT: Kinds = Kinds(0b0_1111_1111 & !(1 << 4));
    /// What the caller's own policies turned away.
    pub const REJECTED: Kinds = Kinds(1 << 8);
    /// Every failure there is.
    pub const ALL: Kinds = Kinds(0b11_1111_1111);
    /// The kinds by the names that files use, each a set of one.
    pub const NAMES: &[(&str, Kinds)] = &[
        ("Failed", Kinds(1)),
        ("Dependency", Kinds(1 << 1)),
        ("Shed", Kinds(1 << 2)),
        ("Throttled", Kinds(1 << 3)),
        ("Fatal", Kinds(1 << 4)),
        ("TimedOut", Kinds(1 << 5)),
        ("Refused", Kinds(1 << 6)),
        ("Reset", Kinds(1 << 7)),
        ("Rejected", Kinds::REJECTED),
        ("PoolTimeout", Kinds(1 << 9)),
    ];

    /// Both sets together.
    pub const fn and(self, other: Kinds) -> Kinds {
        Kinds(self.0 | other.0)
    }

    /// What an outcome is to a budget that pays for attempts after these.
    pub(crate) fn fault(self, outcome: Outcome, heeds_never: bool) -> Fault {
        match Fault::of(outcome) {
            _ if heeds_never && outcome.word() == Some(Word::Never) => Fault::Forbidden,
            _ if !self.has(outcome.seen) => Fault::Fatal,
            Fault::Fatal => Fault::Server,
            fault => fault,
        }
    }

    /// Whether what was seen is of one of these kinds.
    #[inline]
    pub const fn has(self, seen: Seen) -> bool {
        let bit = match seen {
            Seen::Error(ErrorKind::Failed) => 0,
            Seen::Error(ErrorKind::Dependency) => 1,
            Seen::Error(ErrorKind::Shed) => 2,
            Seen::Error(ErrorKind::Throttled) => 3,
            Seen::Error(ErrorKind::Fatal) => 4,
            Seen::TimedOut => 5,
            Seen::Refused => 6,
            Seen::Reset => 7,
            Seen::Rejected => 8,
            Seen::PoolTimeout => 9,
            Seen::Answered | Seen::Abandoned => return false,
        };
        self.0 >> bit & 1 == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_another_attempt_cannot_cure_is_not_tried_again() {
        let retry = Retry::times(3);
        assert!(retry.tries_again(Outcome::REFUSED) && retry.tries_again(Outcome::TIMED_OUT));
        let fatal = Outcome::error(ErrorKind::Fatal, Done::Nothing);
        assert!(!retry.tries_again(fatal) && !retry.tries_again(Outcome::REJECTED));
        assert!(!retry.tries_again(Outcome::OK) && !retry.tries_again(Outcome::ABANDONED));
    }

    #[test]
    fn what_may_have_been_done_is_tried_again_only_if_it_may_be_done_twice() {
        let once = Retry { idempotent: false, ..Retry::times(3) };
        assert!(once.tries_again(Outcome::REFUSED));
        assert!(!once.tries_again(Outcome::TIMED_OUT) && !once.tries_again(Outcome::RESET));
    }

    #[test]
    fn a_servers_wish_lengthens_the_wait_or_replaces_it() {
        let (short, wish) = (Span::from_millis(10), Span::from_millis(700));
        let asked = Outcome::REFUSED.with_retry_after(wish);
        let with = |hint| Retry { hint, ..Retry::times(1) }.waits(short, asked);
        assert_eq!([with(Hint::Ignore), with(Hint::Least), with(Hint::Exact)], [short, wish, wish]);
        assert_eq!(Retry::times(1).waits(short, Outcome::REFUSED), short);
    }

    #[test]
    fn a_server_that_asks_never_to_be_tried_again_is_not_unless_its_wishes_are_ignored() {
        let never = Outcome::REFUSED.with_never();
        let with = |hint| Retry { hint, ..Retry::times(3) }.tries_again(never);
        assert_eq!(
            [with(Hint::Ignore), with(Hint::Least), with(Hint::Exact)],
            [true, false, false]
        );
        let waits = Retry { hint: Hint::Ignore, ..Retry::times(3) }.waits(Span::ZERO, never);
        assert_eq!(waits, Span::ZERO);
    }

    #[test]
    fn every_kind_of_failure_has_a_name_of_its_own() {
        let all = Kinds::NAMES.iter().fold(Kinds::NONE, |all, (_, kind)| all.and(*kind));
        assert_eq!(all, Kinds::ALL);
    }
}
