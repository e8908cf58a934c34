//! The callee's side of an attempt: a place in a script, and a list of what it holds.

use crate::envelope::Envelope;
use brownout_core::queue::Ticket;
use brownout_core::slab::Id;
use brownout_core::{Span, Time};

/// The work that an attempt started; it lives on its own, whoever still waits for it.
#[derive(Debug)]
pub struct Activation {
    /// The request it answers.
    pub request: Envelope,
    /// When it arrived.
    pub arrived: Time,
    /// When its caller's time is up, by what the request said.
    pub deadline: Time,
    /// The next step of the script.
    pub step: u16,
    /// What it is doing.
    pub doing: Doing,
    /// What it holds, to be given back however it ends.
    pub holds: Holds,
    /// How long workers have been at it.
    pub served: Span,
}

/// What an activation is doing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Doing {
    /// Waits for a worker; the timer throws it out if that takes too long.
    Waiting {
        /// The queue timeout, if there is one.
        timer: Option<Ticket>,
    },
    /// Being worked on: remaining work × pace.
    Working {
        /// What was left at `since`, at full speed.
        left: Span,
        /// When `left` was right.
        since: Time,
        /// When the worker took up this piece.
        began: Time,
        /// The end, unless nothing moves at all.
        timer: Option<Ticket>,
    },
    /// Between two steps.
    Stepping,
    /// Waits for a call it made.
    Calling {
        /// Which.
        call: Id,
    },
}

/// Something to be given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// A place in the replica's queue.
    Place = 0,
    /// One of the replica's workers.
    Worker = 1,
}

/// The one list of what an activation holds: a bit for each kind of thing, since it never holds
/// two of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Holds(u8);

impl Holds {
    /// Takes one more thing.
    #[inline]
    pub fn take(&mut self, hold: Hold) {
        debug_assert!(!self.has(hold), "a thing is taken once");
        self.0 |= 1 << hold as u8;
    }

    /// Gives one thing back; `false` if it was not held.
    #[inline]
    pub fn give_back(&mut self, hold: Hold) -> bool {
        let held = self.has(hold);
        self.0 &= !(1 << hold as u8);
        held
    }

    /// Whether a thing is held.
    #[inline]
    pub fn has(self, hold: Hold) -> bool {
        self.0 >> hold as u8 & 1 == 1
    }

    /// Takes the next thing off the list, to be given back.
    #[inline]
    pub fn unwind(&mut self) -> Option<Hold> {
        let hold = if self.has(Hold::Worker) { Hold::Worker } else { Hold::Place };
        self.give_back(hold).then_some(hold)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_was_taken_is_unwound_once() {
        let mut holds = Holds::default();
        holds.take(Hold::Place);
        holds.take(Hold::Worker);
        assert!(holds.has(Hold::Place) && holds.has(Hold::Worker));
        assert_eq!(holds.unwind(), Some(Hold::Worker));
        assert_eq!(holds.unwind(), Some(Hold::Place));
        assert_eq!(holds.unwind(), None);
    }

    #[test]
    fn a_thing_can_be_given_back_early_but_only_once() {
        let mut holds = Holds::default();
        holds.take(Hold::Place);
        holds.take(Hold::Worker);
        assert!(holds.give_back(Hold::Place));
        assert!(!holds.give_back(Hold::Place));
        assert_eq!((holds.unwind(), holds.unwind()), (Some(Hold::Worker), None));
    }
}
