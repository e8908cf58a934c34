//! What the machine of calls asks for, and who does it.

use super::InstanceId;
use super::notice::Notice;
use crate::outcome::Outcome;
use crate::slab::Id;
use crate::time::{Span, Time};
use alloc::vec::Vec;

/// What the driver has to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Send an attempt; report its outcome to [`super::Calls::settle`] under `leaf`.
    Send {
        /// The attempt's name here.
        leaf: Id,
        /// The call it belongs to, as given to [`super::Calls::start`].
        owner: Id,
        /// The attempt's name among draws.
        lineage: u64,
        /// When its answer stops being of use.
        deadline: Time,
        /// Whether it should go where its call has not been yet.
        elsewhere: bool,
    },
    /// Call [`super::Calls::wake`] with `frame` after `after`.
    Wake {
        /// Who wants to be woken.
        frame: Id,
        /// In how long.
        after: Span,
        /// Whether many frames wait exactly this long.
        constant: bool,
    },
    /// Forget the wake-up of `frame`.
    Hush {
        /// Who no longer wants to be woken.
        frame: Id,
    },
    /// The attempt was given up: nobody waits for `leaf` any more.
    GiveUp {
        /// The attempt.
        leaf: Id,
        /// The call it belonged to.
        owner: Id,
        /// The bound stack that the call goes through.
        instance: InstanceId,
        /// The attempt's name among draws.
        lineage: u64,
        /// How its caller sees it.
        outcome: Outcome,
    },
    /// The call is over.
    Finish {
        /// The call.
        owner: Id,
        /// What came of it.
        outcome: Outcome,
    },
}

/// The name of a timer, as its driver knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timer(pub u64);

impl Timer {
    /// The name of none: a frame that waits for no time. No driver gives it to a timer.
    pub const NONE: Timer = Timer(u64::MAX);
}

impl Default for Timer {
    fn default() -> Timer {
        Timer::NONE
    }
}

/// Who carries out what the machine asks for.
pub trait Driver {
    /// Does one thing; it is given one after the other, in order.
    fn act(&mut self, action: Action);

    /// Starts a timer: see [`Action::Wake`]. The machine keeps its name and gives it back to
    /// [`Driver::hush`].
    #[inline(always)]
    fn wake(&mut self, frame: Id, after: Span, constant: bool) -> Timer {
        self.act(Action::Wake { frame, after, constant });
        Timer::default()
    }

    /// Stops a timer: see [`Action::Hush`].
    #[inline(always)]
    fn hush(&mut self, frame: Id, _timer: Timer) {
        self.act(Action::Hush { frame });
    }

    /// An attempt is given up: see [`Action::GiveUp`]. Its lineage is worked out for who asks.
    #[inline(always)]
    fn give_up(
        &mut self,
        leaf: Id,
        owner: Id,
        instance: InstanceId,
        outcome: Outcome,
        lineage: impl Fn() -> u64,
    ) {
        self.act(Action::GiveUp { leaf, owner, instance, lineage: lineage(), outcome });
    }

    /// Whether it wants to know what policies decide.
    #[inline(always)]
    fn listens(&self) -> bool {
        false
    }

    /// The policy at position `layer` of its call's stack has decided something. Only asked of a
    /// driver that listens; nothing of it is to be carried out.
    #[inline(always)]
    fn notice(&mut self, _owner: Id, _layer: u16, _notice: Notice) {}
}

/// For drivers that come to it later.
impl Driver for Vec<Action> {
    fn act(&mut self, action: Action) {
        self.push(action);
    }
}

/// What a frame's timer is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitsFor {
    /// The wait before a retry is over.
    Retry,
    /// A timeout has passed.
    Timeout,
    /// The wait at a gate is over.
    Gate,
    /// The wait before another leg of a hedge is over.
    Hedge,
}
