//! A call in flight is a tree of frames: one for each policy at work, an attempt at each leaf.

use super::action::{Timer, WaitsFor};
use crate::gate::Held;
use crate::outcome::Outcome;
use crate::slab::{Id, Line, Slab};
use crate::time::{Span, Time};

/// One node of the tree. The order is that of use: what a retry and its timers need is in the first
/// line of cache, with the name that the slab adds. Where a retry is all there is, nothing else is
/// written or looked at.
#[derive(Debug, Clone, Copy, Default)]
#[repr(C)]
pub(super) struct Frame {
    /// The timer that it waits for.
    pub(super) timer: Timer,
    pub(super) state: State,
    pub(super) lineage: u64,
    pub(super) owner: Id,
    pub(super) instance: u32,
    /// The position in the stack; one past the last for an attempt.
    pub(super) layer: u16,
    /// Whether it has no kin, whatever stands there.
    pub(super) is_alone: bool,
    kin: Kin,
}

/// What else is known of a frame that is not alone.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kin {
    /// When an answer stops being of use to anyone above.
    pub(super) deadline: Time,
    pub(super) parent: Id,
    /// The frame below: what this one waits for, if it waits for one. A hedge keeps its legs
    /// itself.
    pub(super) child: Id,
}

impl Default for Kin {
    fn default() -> Kin {
        Kin::NONE
    }
}

impl Kin {
    /// Of a frame that is alone.
    const NONE: Kin = Kin { deadline: Time::MAX, parent: Id::NONE, child: Id::NONE };
}

impl Frame {
    /// One at a place of a stack, with none below it yet.
    #[inline(always)]
    pub(super) const fn new(top: Top, state: State) -> Frame {
        let Top { parent, owner, lineage, deadline, instance, layer } = top;
        let (timer, is_alone, child) = (Timer::NONE, false, Id::NONE);
        let kin = Kin { deadline, parent, child };
        Frame { timer, state, lineage, owner, instance, layer, is_alone, kin }
    }

    /// Becomes a retry that is alone, with its attempt under way.
    #[inline(always)]
    pub(super) const fn begin_alone(&mut self, owner: Id, lineage: u64, instance: u32) {
        (self.owner, self.lineage, self.instance, self.layer) = (owner, lineage, instance, 0);
        self.state = State::first_try(true);
        self.is_alone = true;
    }

    /// Its kin; none if it is alone.
    #[inline(always)]
    pub(super) const fn kin(&self) -> Kin {
        if self.is_alone { Kin::NONE } else { self.kin }
    }

    /// Another is below it now, or none.
    pub(super) fn set_child(&mut self, child: Id) {
        debug_assert!(!self.is_alone || child.is_none(), "who is alone has nobody below");
        self.kin.child = child;
    }

    /// Whether it is a retry that has seen a failure.
    pub(super) const fn is_again(&self) -> bool {
        matches!(self.state, State::Retrying { failures: 1.., .. })
    }
}

/// What a frame is doing.
#[derive(Debug, Clone, Copy, Default)]
pub(super) enum State {
    /// An attempt.
    #[default]
    Attempt,
    /// An attempt and the timeout directly around it: they begin and end together.
    TimedAttempt,
    /// A timeout around something else.
    Timing,
    /// A retry around an attempt, or in the wait before the next one.
    Retrying {
        failures: u32,
        /// What the last retry has paid, if it had to.
        paid: u32,
        /// The last wait, once there has been one.
        slept: Span,
        /// Whether the last failure was a timeout, or the server's word that it throttles.
        transient: bool,
        /// Whether its attempt is out and one with it: see [`super::tries`].
        is_out: bool,
    },
    /// In the queue of a gate.
    Queued { until: Time, held: Held },
    /// Turned away by a gate, and not heard of above yet.
    TurnedAway { outcome: Outcome },
    /// Through a gate, with its permit taken apart.
    Gated { began: Time, held: Held },
    /// A hedge, with its legs in a record of their own.
    Hedging { legs: Id },
    /// One leg of a hedge.
    Leg { nth: u8 },
    /// A fallback around something that may fail.
    Falling,
}

impl State {
    /// What a wake-up would end.
    #[inline]
    pub(super) const fn waits_for(self) -> WaitsFor {
        match self {
            State::Retrying { is_out: false, .. } => WaitsFor::Retry,
            State::Queued { .. } => WaitsFor::Gate,
            State::Hedging { .. } => WaitsFor::Hedge,
            State::Attempt
            | State::TimedAttempt
            | State::Timing
            | State::Retrying { is_out: true, .. }
            | State::TurnedAway { .. }
            | State::Gated { .. }
            | State::Leg { .. }
            | State::Falling => WaitsFor::Timeout,
        }
    }

    /// A retry before its first attempt, or with it under way.
    #[inline(always)]
    pub(super) const fn first_try(is_out: bool) -> State {
        let (failures, paid, slept, transient) = (0, 0, Span::ZERO, false);
        State::Retrying { failures, paid, slept, transient, is_out }
    }
}

/// All frames.
pub(super) type Frames = Slab<Frame, Line>;

/// A frame, if it is there, and all those above it.
pub(super) fn upward(frames: &Frames, at: Id) -> impl Iterator<Item = &Frame> {
    core::iter::successors(frames.get(at), |frame| frames.get(frame.kin().parent))
}

/// Where a descent begins.
#[derive(Debug, Clone, Copy)]
pub(super) struct Top {
    pub(super) parent: Id,
    pub(super) owner: Id,
    pub(super) lineage: u64,
    pub(super) deadline: Time,
    pub(super) instance: u32,
    pub(super) layer: u16,
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::mem::{offset_of, size_of};

    #[test]
    fn what_a_retry_needs_is_in_one_line_of_cache_with_its_name() {
        assert!(size_of::<Id>() + offset_of!(Frame, kin) <= 64);
    }
}
