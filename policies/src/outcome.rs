//! What came of an attempt, on two axes: what the caller saw, and what really happened.

use crate::time::Span;

/// What the caller saw.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Seen {
    /// An answer, and a good one.
    Answered,
    /// An answer that says no, and why.
    Error(ErrorKind),
    /// Nothing within the caller's own time limit.
    TimedOut,
    /// The server, full or dead, said no at once: nothing was started.
    Refused,
    /// The connection broke while the work was under way.
    Reset,
    /// The caller left before anything came.
    Abandoned,
    /// One of the caller's own policies said no: nothing was sent.
    Rejected,
    /// The caller's own pool had no connection in time, or no place to wait: nothing was sent.
    PoolTimeout,
}

/// Why a server answered with an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// Its own work failed.
    Failed,
    /// A call that it made on the caller's behalf failed.
    Dependency,
    /// It threw the work out: of its queue, or at its deadline.
    Shed,
    /// The caller asks too often.
    Throttled,
    /// The request itself is wrong: the same again would fail the same way.
    Fatal,
}

/// What happened to the work behind an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Done {
    /// No work was done.
    Nothing,
    /// All of it was done.
    Done,
    /// Some of it was done.
    Partly,
    /// Nobody here can tell.
    Unknown,
}

/// Both axes. "Timed out" and "done" together is the ambiguous outcome that makes retries unsafe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Outcome {
    /// The caller's side.
    pub seen: Seen,
    /// The callee's side.
    pub done: Done,
    /// The server's word about when to come back; see [`Outcome::word`].
    hint_ms: u32,
}

/// No hint.
const NO_HINT: u32 = u32::MAX;
/// The server asks never to be tried again.
const NEVER: u32 = u32::MAX - 1;

/// A server's word about when to come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// After so long.
    After(Span),
    /// Not at all: gRPC's negative pushback.
    Never,
}

/// How policies count an outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// It went well.
    Success,
    /// It went badly.
    Failure,
    /// It says nothing about the server: the caller left.
    Ignored,
}

impl Outcome {
    /// A good answer after all the work was done.
    pub const OK: Outcome = Outcome::new(Seen::Answered, Done::Done);
    /// Refused at once.
    pub const REFUSED: Outcome = Outcome::new(Seen::Refused, Done::Nothing);
    /// The clock ran out; what the server did is not known to the caller.
    pub const TIMED_OUT: Outcome = Outcome::new(Seen::TimedOut, Done::Unknown);
    /// The clock had run out before anything was sent.
    pub const EXPIRED: Outcome = Outcome::new(Seen::TimedOut, Done::Nothing);
    /// The connection broke under the work.
    pub const RESET: Outcome = Outcome::new(Seen::Reset, Done::Partly);
    /// The caller left.
    pub const ABANDONED: Outcome = Outcome::new(Seen::Abandoned, Done::Unknown);

    /// Said no by the caller's own policy.
    pub const REJECTED: Outcome = Outcome::new(Seen::Rejected, Done::Nothing);
    /// Got no connection from the caller's own pool.
    pub const POOL_TIMEOUT: Outcome = Outcome::new(Seen::PoolTimeout, Done::Nothing);
    /// An answer that the caller made up, since there was no other: answered, and nothing done.
    pub const FALLBACK: Outcome = Outcome::new(Seen::Answered, Done::Nothing);

    /// An error answer without a hint about when to come back.
    pub const fn error(kind: ErrorKind, done: Done) -> Outcome {
        Outcome::new(Seen::Error(kind), done)
    }

    /// Both axes, without a hint.
    pub const fn new(seen: Seen, done: Done) -> Outcome {
        Outcome { seen, done, hint_ms: NO_HINT }
    }

    /// The same outcome with a hint to come back after `span` (whole milliseconds, rounded up).
    pub fn with_retry_after(self, span: Span) -> Outcome {
        let hint_ms = span.nanos().div_ceil(1_000_000).min(u64::from(NEVER - 1)) as u32;
        Outcome { hint_ms, ..self }
    }

    /// The same outcome with the server's wish never to be tried again.
    #[must_use]
    pub const fn with_never(self) -> Outcome {
        Outcome { hint_ms: NEVER, ..self }
    }

    /// The server's word about when to come back, if it says.
    #[inline]
    pub fn word(self) -> Option<Word> {
        match self.hint_ms {
            NO_HINT => None,
            NEVER => Some(Word::Never),
            millis => Some(Word::After(Span::from_millis(u64::from(millis)))),
        }
    }

    /// When the server asks to be tried again, if it names a time.
    #[inline]
    pub fn retry_after(self) -> Option<Span> {
        match self.word() {
            Some(Word::After(span)) => Some(span),
            Some(Word::Never) | None => None,
        }
    }

    /// How policies count it.
    #[inline]
    pub const fn class(self) -> Class {
        match self.seen {
            Seen::Answered => Class::Success,
            Seen::Error(_)
            | Seen::TimedOut
            | Seen::Refused
            | Seen::Reset
            | Seen::Rejected
            | Seen::PoolTimeout => Class::Failure,
            Seen::Abandoned => Class::Ignored,
        }
    }

    /// Whether it went well.
    #[inline]
    pub const fn is_success(self) -> bool {
        matches!(self.seen, Seen::Answered)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_is_kept_in_whole_milliseconds_and_never_shortened() {
        let hinted = Outcome::REFUSED.with_retry_after(Span::from_nanos(1_500_001));
        assert_eq!(hinted.retry_after(), Some(Span::from_millis(2)));
        assert_eq!((Outcome::REFUSED.retry_after(), Outcome::REFUSED.word()), (None, None));
        assert_eq!(size_of::<Outcome>(), 8);
    }

    #[test]
    fn the_longest_wish_is_still_a_time_and_never_is_none() {
        let long = Outcome::REFUSED.with_retry_after(Span::MAX);
        assert_eq!(long.retry_after(), Some(Span::from_millis(u64::from(u32::MAX) - 2)));
        let never = Outcome::REFUSED.with_never();
        assert_eq!((never.word(), never.retry_after()), (Some(Word::Never), None));
    }
}
