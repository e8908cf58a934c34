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
    Place,
    /// One of the replica's workers.
    Worker,
}

/// The one list of what an activation holds, in the order in which it was taken.
#[derive(Debug, Clone, Copy, Default)]
pub struct Holds {
    held: [Option<Hold>; 4],
    count: u8,
}

impl Holds {
    /// Takes one more thing.
    pub fn take(&mut self, hold: Hold) {
        self.held[usize::from(self.count)] = Some(hold);
        self.count += 1;
    }

    /// Gives one thing back; `false` if it was not held.
    pub fn give_back(&mut self, hold: Hold) -> bool {
        let held = &mut self.held[..usize::from(self.count)];
        let Some(place) = held.iter().rposition(|held| *held == Some(hold)) else { return false };
        held[place..].rotate_left(1);
        self.count -= 1;
        self.held[usize::from(self.count)] = None;
        true
    }

    /// Whether a thing is held.
    pub fn has(&self, hold: Hold) -> bool {
        self.held[..usize::from(self.count)].contains(&Some(hold))
    }

    /// Takes the last thing off the list, to be given back.
    pub fn unwind(&mut self) -> Option<Hold> {
        self.count = self.count.checked_sub(1)?;
        self.held[usize::from(self.count)].take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_taken_last_is_unwound_first() {
        let mut holds = Holds::default();
        holds.take(Hold::Place);
        holds.take(Hold::Worker);
        assert!(holds.has(Hold::Place) && holds.has(Hold::Worker));
        assert_eq!(holds.unwind(), Some(Hold::Worker));
        assert_eq!(holds.unwind(), Some(Hold::Place));
        assert_eq!(holds.unwind(), None);
    }

    #[test]
    fn a_thing_can_be_given_back_out_of_order_but_only_once() {
        let mut holds = Holds::default();
        holds.take(Hold::Place);
        holds.take(Hold::Worker);
        assert!(holds.give_back(Hold::Place));
        assert!(!holds.give_back(Hold::Place));
        assert_eq!((holds.unwind(), holds.unwind()), (Some(Hold::Worker), None));
    }
}
