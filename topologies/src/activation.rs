//! The callee's side of an attempt: a place in a script, and a list of what it holds.

use crate::death::Death;
use crate::sharing::Share;
use brownout_core::queue::Rank;
use brownout_core::slab::Id;
use brownout_core::{Span, Time};

/// The work that an attempt started; it lives on its own, whoever still waits for it. It is kept in
/// the envelope with the request, and has the envelope's name.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[repr(C)]
pub struct Activation {
    /// The timer of what it is doing: when a wait becomes too long, when work is done.
    pub timer: Rank,
    /// The next place of the program; of a request on its way the one where it will begin.
    pub step: u16,
    /// What it holds, to be given back however it ends.
    pub holds: Holds,
    /// What else is to be known about it.
    pub marks: Marks,
    /// What it is doing.
    pub doing: Doing,
    /// When it arrived.
    pub arrived: Time,
    /// How long workers have been at it.
    pub served: Span,
}

impl Activation {
    /// A request has been let in; it holds one thing already.
    #[inline(always)]
    pub fn begin(&mut self, now: Time, hold: Hold) {
        self.arrived = now;
        self.served = Span::ZERO;
        self.holds = Holds::only(hold);
        self.marks = Marks::default();
        self.doing = Doing::Stepping;
    }

    /// A branch of another activation begins at a place of the program; it holds nothing yet.
    pub fn branch(now: Time, step: u16) -> Activation {
        let marks = Marks::default().with(Mark::Branch);
        Activation { arrived: now, step, marks, doing: Doing::Stepping, ..Activation::default() }
    }

    /// What waited takes a worker.
    #[inline(always)]
    pub fn take_up(&mut self) {
        self.holds = Holds::only(Hold::Worker);
        self.timer = Rank::NONE;
        self.doing = Doing::Stepping;
    }

    /// Goes on with one thing more that it holds, and nothing to wait for.
    pub fn move_on(&mut self, hold: Hold) {
        self.holds.take(hold);
        self.timer = Rank::NONE;
        self.doing = Doing::Stepping;
    }

    /// It is over: nothing is held, and no timer waited for.
    #[inline(always)]
    pub fn end(&mut self) {
        self.holds = Holds::default();
        self.timer = Rank::NONE;
        self.marks = Marks::default();
        self.doing = Doing::Travelling;
    }

    /// What is left of its work, if that was interrupted.
    #[inline(always)]
    pub const fn interrupted(&self) -> Option<Span> {
        match self.doing {
            Doing::Interrupted { left } => Some(left),
            _ => None,
        }
    }

    /// Whether it is a branch of another activation.
    #[inline]
    pub const fn is_branch(&self) -> bool {
        self.marks.has(Mark::Branch)
    }

    /// Whether there is one: its envelope is in a service's hands.
    #[inline]
    pub const fn is_inside(&self) -> bool {
        !matches!(self.doing, Doing::Travelling | Doing::Failing(_))
    }
}

/// What an activation is doing.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Doing {
    /// Nothing: the envelope is on its way, there or back.
    #[default]
    Travelling,
    /// Waits for a worker; the timer, if there is one, throws it out if that takes too long.
    Waiting,
    /// Waits at a gate at the door; the timer ends that.
    AtDoor,
    /// Waits for a worker to go on where it was interrupted: by one who is more important, or since
    /// its worker broke down.
    Interrupted {
        /// What is left, at full speed.
        left: Span,
    },
    /// Being worked on together with others; the timer of one of them stands for all.
    Sharing(Share),
    /// Being worked on: remaining work × pace. No timer runs when nothing moves at all.
    Working {
        /// What was left at `since`, at full speed.
        left: Span,
        /// When `left` was right.
        since: Time,
        /// When the worker took up this piece.
        began: Time,
    },
    /// Between two steps.
    Stepping,
    /// Waits for a call it made.
    Calling(Asked),
    /// Waits for the lock of a row; the timer, if there is one, ends that.
    Locking {
        /// Whether it has it already, and goes on at this moment.
        has_it: bool,
    },
    /// Waits for time to pass.
    Sleeping {
        /// Until then.
        until: Time,
    },
    /// Waits for its branches, by the name of the fork.
    Joining(Id),
    /// Nothing: the envelope is on its way back, and says where a call failed that it needed.
    Failing(Death),
}

/// The name of a call that is out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// A plain one, by its envelope.
    Plain(Id),
    /// One with policies, by its record with the callers.
    Call(Id),
}

/// Something to be known about an activation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// It is a branch of another activation: nobody sent it, and nobody is answered.
    Branch = 0,
    /// Nobody waited for its present piece of work any more when that began.
    Dead = 1,
    /// It waits for another one to fetch what it looked for.
    Waited = 2,
    /// It has changed something that other replicas are to have too.
    Wrote = 3,
    /// It waits for others to have what it has changed.
    Follows = 4,
}

/// What is to be known about an activation: a bit for each mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Marks(u8);

impl Marks {
    /// These, and one more.
    #[must_use]
    pub const fn with(self, mark: Mark) -> Marks {
        Marks(self.0 | 1 << mark as u8)
    }

    /// Makes a mark, or takes it away.
    pub const fn set(&mut self, mark: Mark, is_there: bool) {
        self.0 = self.0 & !(1 << mark as u8) | (is_there as u8) << mark as u8;
    }

    /// Whether a mark is there.
    #[inline]
    pub const fn has(self, mark: Mark) -> bool {
        self.0 >> mark as u8 & 1 == 1
    }
}

/// Something to be given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// A place in the replica's queue.
    Place = 0,
    /// One of the replica's workers.
    Worker = 1,
    /// A place in the queue of a gate at the door.
    Door = 2,
    /// What the gates at the door handed out.
    Pass = 3,
    /// The locks of rows.
    Lock = 4,
    /// An idempotency key that nobody else works on.
    Key = 5,
}

impl Hold {
    /// Everything that can be held, in the order in which it is given back.
    pub const ALL: [Hold; 6] =
        [Hold::Key, Hold::Lock, Hold::Worker, Hold::Place, Hold::Pass, Hold::Door];
}

/// The one list of what an activation holds: a bit for each kind of thing, since it never holds
/// two of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Holds(u8);

impl Holds {
    /// A list with one thing on it.
    #[inline]
    pub const fn only(hold: Hold) -> Holds {
        Holds(1 << hold as u8)
    }

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

    /// The list without one thing.
    #[inline]
    pub const fn without(self, hold: Hold) -> Holds {
        Holds(self.0 & !(1 << hold as u8))
    }

    /// Whether a thing is held.
    #[inline]
    pub fn has(self, hold: Hold) -> bool {
        self.0 >> hold as u8 & 1 == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_taken_is_on_the_list_until_it_is_given_back() {
        let mut holds = Holds::only(Hold::Place);
        for hold in Hold::ALL.into_iter().filter(|hold| *hold != Hold::Place) {
            assert!(!holds.has(hold));
            holds.take(hold);
        }
        assert!(Hold::ALL.into_iter().all(|hold| holds.has(hold)));
        assert!(holds.give_back(Hold::Place));
        assert!(!holds.give_back(Hold::Place));
        let rest = [Hold::Door, Hold::Pass, Hold::Lock, Hold::Key];
        let rest = rest.into_iter().fold(holds, Holds::without);
        assert_eq!(rest, Holds::only(Hold::Worker));
    }
}
