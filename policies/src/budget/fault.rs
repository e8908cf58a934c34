//! Why an attempt failed, as far as budgets care.

use crate::outcome::{ErrorKind, Outcome, Seen};

/// Why an attempt failed. Budgets price a retry by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// The server's own work failed.
    Server,
    /// It may pass by itself: a timeout, or a broken connection.
    Transient,
    /// The server, or something before it, had too much to do.
    Throttled,
    /// Another attempt would fail likewise: the request is wrong.
    Fatal,
    /// The server asks not to be tried again (gRPC's negative pushback).
    Forbidden,
}

impl Fault {
    /// What an outcome that is not a success looks like.
    pub const fn of(outcome: Outcome) -> Fault {
        match outcome.seen {
            Seen::TimedOut | Seen::Reset => Fault::Transient,
            Seen::Refused | Seen::Error(ErrorKind::Shed | ErrorKind::Throttled) => Fault::Throttled,
            Seen::Error(ErrorKind::Fatal) => Fault::Fatal,
            Seen::Error(ErrorKind::Failed | ErrorKind::Dependency)
            | Seen::Answered
            | Seen::Rejected
            | Seen::PoolTimeout
            | Seen::Abandoned => Fault::Server,
        }
    }
}

/// What a retry has paid. Its call keeps the last one and hands it in with its result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Receipt {
    /// Tokens, in the unit of the budget's rule.
    pub paid: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_pass_is_told_from_what_had_too_much_to_do() {
        assert_eq!(Fault::of(Outcome::TIMED_OUT), Fault::Transient);
        assert_eq!(Fault::of(Outcome::REFUSED), Fault::Throttled);
        assert_eq!(
            Fault::of(Outcome::error(ErrorKind::Failed, crate::outcome::Done::Done)),
            Fault::Server
        );
    }
}
