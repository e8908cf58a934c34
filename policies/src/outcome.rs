//! What came of an attempt, on two axes: what the caller saw, and what really happened.

use crate::time::Span;

/// What the caller saw.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Seen {
    /// An answer, and a good one.
    Answered,
    /// An answer that says no.
    Error {
        /// Who says so, and why.
        kind: ErrorKind,
        /// When the server asks to be tried again, if it says.
        retry_after: Option<Span>,
    },
    /// Nothing within the caller's own time limit.
    TimedOut,
    /// The server, full or dead, said no at once: nothing was started.
    Refused,
    /// The connection broke while the work was under way.
    Reset,
    /// The caller left before anything came.
    Abandoned,
}

/// Why a server answered with an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// Its own work failed.
    Failed,
    /// A call that it made on the caller's behalf failed.
    Dependency,
    /// It threw the work out of its queue.
    Shed,
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
    pub const OK: Outcome = Outcome { seen: Seen::Answered, done: Done::Done };
    /// Refused at once.
    pub const REFUSED: Outcome = Outcome { seen: Seen::Refused, done: Done::Nothing };
    /// The clock ran out; what the server did is not known to the caller.
    pub const TIMED_OUT: Outcome = Outcome { seen: Seen::TimedOut, done: Done::Unknown };
    /// The connection broke under the work.
    pub const RESET: Outcome = Outcome { seen: Seen::Reset, done: Done::Partly };
    /// The caller left.
    pub const ABANDONED: Outcome = Outcome { seen: Seen::Abandoned, done: Done::Unknown };

    /// An error answer without a hint about when to come back.
    pub const fn error(kind: ErrorKind, done: Done) -> Outcome {
        Outcome { seen: Seen::Error { kind, retry_after: None }, done }
    }

    /// How policies count it.
    pub const fn class(self) -> Class {
        match self.seen {
            Seen::Answered => Class::Success,
            Seen::Error { .. } | Seen::TimedOut | Seen::Refused | Seen::Reset => Class::Failure,
            Seen::Abandoned => Class::Ignored,
        }
    }

    /// Whether it went well.
    pub const fn is_success(self) -> bool {
        matches!(self.seen, Seen::Answered)
    }
}
