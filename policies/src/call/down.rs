//! The way down: from a policy through those inside it to an attempt.

use super::action::{Action, Driver, Timer};
use super::common::Passage;
use super::frame::{Frame, State, Top};
use super::{Calls, Id};
use crate::draw::{Draws, mix};
use crate::gate::{Held, Refusal};
use crate::outcome::Outcome;
use crate::stack::{Layer, Timeout};
use crate::time::{Span, Time};

/// Tells a retry's lineage from that of other children.
const RETRY: u64 = 0x7265_7472_7900_0000;
/// Tells a gate's draws from those of other layers.
const GATE: u64 = 0x6761_7465_0000_0000;

/// The lineage of attempt number `nth` > 0 of a call; the first has the call's own.
#[inline]
pub const fn retry_lineage(call: u64, nth: u32) -> u64 {
    mix(call, RETRY ^ nth as u64)
}

impl Calls {
    /// Builds frames from the top's layer down to an attempt, and sends it. Returns the first.
    #[inline]
    pub(super) fn descend(&mut self, now: Time, top: Top, driver: &mut impl Driver) -> Id {
        let Top { mut parent, owner, lineage, mut deadline, instance, mut layer } = top;
        let stack = self.instances[instance as usize].stack as usize;
        let mut first = Id::NONE;
        loop {
            let layers = &self.stacks[stack].layers;
            let place = usize::from(layer);
            let mut timeout = None;
            let state = match layers.get(place) {
                None => State::Attempt,
                Some(&Layer::Timeout(Timeout { after, reserve, .. })) => {
                    let left = deadline.since(now);
                    let constant = left >= after || !has_reserve(&layers[..place]);
                    let after = if constant { after } else { left };
                    timeout = Some((after, constant));
                    let end = now.saturating_add(after);
                    let inside = Time::from_nanos(end.nanos().saturating_sub(reserve.nanos()));
                    deadline = deadline.min(inside.max(now));
                    timing(place + 1 == layers.len())
                }
                Some(Layer::Inherited) if deadline == Time::MAX => {
                    layer += 1;
                    continue;
                }
                Some(Layer::Inherited) => {
                    timeout = Some((deadline.since(now), false));
                    timing(place + 1 == layers.len())
                }
                Some(Layer::Retry(_)) => {
                    let commons = &self.instances[instance as usize].commons;
                    if let Some(common) = commons[place] {
                        self.commons[common as usize].budget().on_call(now);
                    }
                    let (slept, timer) = (Span::ZERO, Timer::default());
                    State::Retrying { failures: 0, paid: 0, slept, timer }
                }
                Some(Layer::Fallback(_)) => State::Falling,
                Some(Layer::Hedge(_)) => State::Hedging { legs: Id::NONE },
                Some(Layer::Gate(_)) => State::Gated { began: now, held: Held::default() },
            };
            let child = Id::NONE;
            let frame = Frame { parent, child, owner, lineage, deadline, instance, layer, state };
            let id = self.frames.insert(frame);
            if let Some(above) = self.frames.get_mut(parent) {
                above.child = id;
            }
            first = if first.is_none() { id } else { first };
            if let Some((after, constant)) = timeout {
                self.set_timer(id, after, constant, driver);
            }
            match state {
                State::Attempt | State::TimedAttempt { .. } if deadline <= now => {
                    self.too_late(now, id, driver);
                    return first;
                }
                State::Attempt | State::TimedAttempt { .. } => {
                    driver.act(Action::Send { leaf: id, owner, lineage, deadline });
                    return first;
                }
                State::Gated { .. } if !self.enter_gate(now, id, driver) => return first,
                State::Hedging { .. } => {
                    self.begin_hedge(now, id, driver);
                    return first;
                }
                _ => {}
            }
            (parent, layer) = (id, layer + 1);
        }
    }

    /// There is no time left for an attempt: nothing is sent.
    #[inline(never)]
    fn too_late(&mut self, now: Time, at: Id, driver: &mut impl Driver) {
        let Frame { parent, owner, state, .. } = self.frames[at];
        self.frames.discard(at);
        if let State::TimedAttempt { timer } = state {
            driver.hush(at, timer);
        }
        self.ascend(now, parent, owner, Outcome::EXPIRED, driver);
    }

    /// Goes on down below a frame that is there already.
    fn descend_below(&mut self, now: Time, at: Id, driver: &mut impl Driver) {
        let &Frame { owner, lineage, deadline, instance, layer, .. } = &self.frames[at];
        let layer = layer + 1;
        self.descend(now, Top { parent: at, owner, lineage, deadline, instance, layer }, driver);
    }

    /// Starts attempt number `failures` (from 0) below a retry frame.
    pub(super) fn retry(&mut self, now: Time, at: Id, failures: u32, driver: &mut impl Driver) {
        let &Frame { owner, lineage, deadline, instance, layer, .. } = &self.frames[at];
        let lineage = retry_lineage(lineage, failures);
        let layer = layer + 1;
        self.descend(now, Top { parent: at, owner, lineage, deadline, instance, layer }, driver);
    }

    /// Starts a frame's timer and has the frame keep its name.
    #[inline]
    pub(super) fn set_timer(
        &mut self,
        at: Id,
        after: Span,
        constant: bool,
        driver: &mut impl Driver,
    ) {
        let started = driver.wake(at, after, constant);
        match &mut self.frames[at].state {
            State::TimedAttempt { timer }
            | State::Timing { timer }
            | State::Retrying { timer, .. }
            | State::Queued { timer, .. } => *timer = started,
            State::Attempt
            | State::Gated { .. }
            | State::Hedging { .. }
            | State::Leg { .. }
            | State::Falling => unreachable!("only what waits for a time has a timer"),
        }
    }

    /// Asks a frame's gate. `false`: it does not go on now; it waits, or it is over already.
    #[inline(never)]
    fn enter_gate(&mut self, now: Time, at: Id, driver: &mut impl Driver) -> bool {
        let frame = self.frames[at];
        let key = self.instances[frame.instance as usize].key;
        let mut draws = Draws::open(key, mix(frame.lineage, GATE ^ u64::from(frame.layer)));
        let Some(common) = self.common_of(&frame) else {
            unreachable!("a gate's state is bound with its stack")
        };
        match common.gate().enter(now, at, &mut draws) {
            Passage::Through(held) => {
                self.frames[at].state = State::Gated { began: now, held };
                true
            }
            Passage::Waits { until, held } => {
                let timer = Timer::default();
                self.frames[at].state = State::Queued { until, held, timer };
                self.set_timer(at, until.since(now), false, driver);
                false
            }
            Passage::Refused(refusal) => {
                self.turned_away(now, at, refusal, driver);
                false
            }
        }
    }

    /// A gate has said no: the frame ends as if the other side had.
    fn turned_away(&mut self, now: Time, at: Id, refusal: Refusal, driver: &mut impl Driver) {
        let Frame { parent, owner, .. } = self.frames[at];
        self.frames.discard(at);
        let outcome = match refusal.retry_at {
            Some(again) => Outcome::REJECTED.with_retry_after(again.since(now)),
            None => Outcome::REJECTED,
        };
        self.ascend(now, parent, owner, outcome, driver);
    }

    /// A wait at a gate has come to its end: the moment that was reserved is here, or it was too
    /// long.
    #[inline(never)]
    pub(super) fn queued_long_enough(&mut self, now: Time, at: Id, driver: &mut impl Driver) {
        let frame = self.frames[at];
        let Some(common) = self.common_of(&frame) else { return };
        match common.gate().waited(at) {
            Ok(held) => self.go_through(now, at, held, driver),
            Err(refusal) => {
                self.let_through(now, &frame, driver);
                self.turned_away(now, at, refusal, driver);
            }
        }
    }

    /// A frame that was in a gate's queue is let through.
    pub(super) fn go_through(&mut self, now: Time, at: Id, held: Held, driver: &mut impl Driver) {
        self.frames[at].state = State::Gated { began: now, held };
        self.descend_below(now, at, driver);
    }
}

/// What bounds an attempt, and is one with it, or what bounds more.
#[inline(always)]
fn timing(is_last: bool) -> State {
    let timer = Timer::default();
    if is_last { State::TimedAttempt { timer } } else { State::Timing { timer } }
}

/// Whether a layer keeps some of its time for itself, so that what is inside has to end earlier
/// than its own timers say.
#[cold]
fn has_reserve(outside: &[Layer]) -> bool {
    outside.iter().any(|layer| matches!(layer, Layer::Timeout(outer) if !outer.reserve.is_zero()))
}
