//! The way down: from a policy through those inside it to an attempt.

use super::action::{Action, Driver, Timer};
use super::common::Passage;
use super::frame::{Frame, Frames, Kin, State, Top, upward};
use super::notice::Notice;
use super::tries::Tries;
use super::{Calls, Id};
use crate::adaptive_rate::Attempt;
use crate::draw::mix;
use crate::gate::{Held, Refusal};
use crate::outcome::Outcome;
use crate::stack::{Layer, Timeout};
use crate::time::{Span, Time};

/// Tells a retry's lineage from that of other children.
const RETRY: u64 = 0x7265_7472_7900_0000;
/// Tells a gate's draws from those of other layers.
const GATE: u64 = 0x6761_7465_0000_0000;
/// Tells a timeout's draws from those of other layers.
pub(super) const TIMEOUT: u64 = 0x7469_6D65_6F75_0000;

/// The lineage of attempt number `nth` > 0 of a call with one retry; the first has the call's own.
#[inline]
pub const fn retry_lineage(call: u64, nth: u32) -> u64 {
    nested_lineage(call, 0, nth)
}

/// The same below a retry that is inside of so many others.
#[inline(always)]
pub(super) const fn nested_lineage(call: u64, outside: u32, nth: u32) -> u64 {
    mix(call, RETRY ^ (outside as u64) << 32 ^ nth as u64)
}

impl Calls {
    /// Builds frames from the top's layer down to an attempt, and sends it. Returns the first.
    #[inline]
    pub(super) fn descend(&mut self, now: Time, top: Top, driver: &mut impl Driver) -> Id {
        let Top { mut parent, owner, lineage, mut deadline, instance, mut layer } = top;
        let bound = &self.instances[instance as usize];
        let layers = &self.stacks[bound.stack as usize].layers[..];
        let mut first = Id::NONE;
        loop {
            let (place, (id, frame)) = (usize::from(layer), self.frames.claim());
            let mut timer = Timer::NONE;
            let state = match layers.get(place) {
                None => State::Attempt,
                Some(Layer::Timeout(timeout)) => {
                    let timeout = timeout.drawn(|| bound.draws(place, lineage, TIMEOUT));
                    let span = Bound::of(&timeout, || &layers[..place], deadline, now);
                    (timer, deadline) = (driver.wake(id, span.after, span.constant), span.inside);
                    timing(place + 1 == layers.len())
                }
                Some(Layer::Inherited) => {
                    if deadline < Time::MAX {
                        timer = driver.wake(id, deadline.since(now), false);
                    }
                    inheriting(deadline, place + 1 == layers.len())
                }
                Some(Layer::Retry(retry)) => {
                    if let Some(budget) = bound.budget(retry, place, &mut self.commons) {
                        budget.on_call(now);
                    }
                    State::first_try(false)
                }
                Some(Layer::Fallback(_)) => State::Falling,
                Some(Layer::Hedge(_)) => State::Hedging { legs: Id::NONE },
                Some(Layer::Gate(_)) => State::Gated { began: now, held: Held::default() },
            };
            let here = Top { parent, owner, lineage, deadline, instance, layer };
            *frame = Frame::new(here, state);
            frame.timer = timer;
            if let Some(above) = self.frames.get_mut(parent) {
                above.set_child(id);
            }
            first = if first.is_none() { id } else { first };
            match state {
                State::Attempt | State::TimedAttempt if deadline <= now => {
                    self.too_late(now, id, driver);
                    return first;
                }
                State::Attempt | State::TimedAttempt => {
                    let elsewhere = self.goes_elsewhere(id, instance);
                    driver.act(Action::Send { leaf: id, owner, lineage, deadline, elsewhere });
                    return first;
                }
                State::Gated { .. } => {
                    self.pass_gate(now, id, driver);
                    return first;
                }
                State::Hedging { .. } => {
                    self.begin_hedge(now, id, driver);
                    return first;
                }
                State::Retrying { .. } if Tries::are_at(&bound.tries, layer) => {
                    self.send_try(now, id, driver);
                    return first;
                }
                State::Timing
                | State::Retrying { .. }
                | State::Falling
                | State::Queued { .. }
                | State::TurnedAway { .. }
                | State::Leg { .. } => (parent, layer) = (id, layer + 1),
            }
        }
    }

    /// Asks a frame's gate, and goes on down below it if it may.
    #[inline]
    fn pass_gate(&mut self, now: Time, at: Id, driver: &mut impl Driver) {
        if self.enter_gate(now, at, driver) {
            self.descend_below(now, at, driver);
        }
    }

    /// There is no time left for an attempt: nothing is sent.
    #[inline(never)]
    fn too_late(&mut self, now: Time, at: Id, driver: &mut impl Driver) {
        let frame = &self.frames[at];
        let (&Frame { owner, layer, state, timer, .. }, Kin { parent, .. }) = (frame, frame.kin());
        self.frames.discard(at);
        if driver.listens() {
            driver.notice(owner, layer, Notice::TooLate);
        }
        if let State::TimedAttempt = state {
            driver.hush(at, timer);
        }
        self.ascend(now, parent, owner, Outcome::EXPIRED, driver);
    }

    /// Goes on down below a frame that is there already.
    fn descend_below(&mut self, now: Time, at: Id, driver: &mut impl Driver) {
        let frame = &self.frames[at];
        let &Frame { owner, lineage, instance, layer, .. } = frame;
        let (deadline, layer) = (frame.kin().deadline, layer + 1);
        self.descend(now, Top { parent: at, owner, lineage, deadline, instance, layer }, driver);
    }

    /// Starts attempt number `failures` (from 0) below a retry frame.
    pub(super) fn retry(&mut self, now: Time, at: Id, failures: u32, driver: &mut impl Driver) {
        let frame = &self.frames[at];
        if Tries::are_at(&self.instances[frame.instance as usize].tries, frame.layer) {
            return self.send_try(now, at, driver);
        }
        let outside = self.of_its_kind_outside(frame);
        let &Frame { owner, lineage, instance, layer, .. } = frame;
        let lineage = nested_lineage(lineage, outside, failures);
        let (deadline, layer) = (frame.kin().deadline, layer + 1);
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
        self.frames[at].timer = driver.wake(at, after, constant);
    }

    /// Asks a frame's gate. `false`: it does not go on now; it waits, or it is over already.
    #[inline(never)]
    fn enter_gate(&mut self, now: Time, at: Id, driver: &mut impl Driver) -> bool {
        let frame = &self.frames[at];
        let (&Frame { owner, layer, lineage, instance, .. }, Kin { parent, .. }) =
            (frame, frame.kin());
        let (gate, mut draws, frames) = self.gate_of((instance, layer), lineage, GATE);
        let attempt = match gate.charges_by_attempt() {
            true => attempt_below(frames, parent),
            false => Attempt::First,
        };
        let before = gate.breaker();
        let passage = gate.enter(now, at, attempt, &mut draws);
        if driver.listens() {
            let after = gate.breaker();
            let said = match &passage {
                Passage::Through(_) => None,
                Passage::Waits { until, .. } => Some(Notice::Waits { until: *until }),
                Passage::Refused(refusal) => Some(Notice::TurnedAway(*refusal)),
            };
            let became = after.filter(|_| after != before).map(Notice::Became);
            for notice in became.into_iter().chain(said) {
                driver.notice(owner, layer, notice);
            }
        }
        match passage {
            Passage::Through(held) => {
                self.frames[at].state = State::Gated { began: now, held };
                true
            }
            Passage::Waits { until, held } => {
                self.frames[at].state = State::Queued { until, held };
                self.set_timer(at, until.since(now), false, driver);
                false
            }
            Passage::Refused(refusal) => {
                self.turn_away(now, at, refusal);
                false
            }
        }
    }

    /// A gate has said no: the frame ends as if the other side had, when its turn has come.
    fn turn_away(&mut self, now: Time, at: Id, refusal: Refusal) {
        let outcome = match refusal.retry_at {
            Some(again) => Outcome::REJECTED.with_retry_after(again.since(now)),
            None => Outcome::REJECTED,
        };
        self.frames[at].state = State::TurnedAway { outcome };
        self.turned_away.push_back(at);
    }

    /// A wait at a gate has come to its end: the moment that was reserved is here, it was too long,
    /// or it has to wait again.
    #[inline(never)]
    pub(super) fn queued_long_enough(&mut self, now: Time, at: Id, driver: &mut impl Driver) {
        let &Frame { owner, layer, instance, state, .. } = &self.frames[at];
        let State::Queued { held, .. } = state else { return };
        let Some(common) = self.common_of((instance, layer)) else { return };
        match common.gate().waited(now, at, held) {
            Passage::Through(held) => self.go_through(now, at, held, driver),
            Passage::Waits { until, held } => {
                self.frames[at].state = State::Queued { until, held };
                self.set_timer(at, until.since(now), false, driver);
                if driver.listens() {
                    driver.notice(owner, layer, Notice::Waits { until });
                }
            }
            Passage::Refused(refusal) => {
                if driver.listens() {
                    driver.notice(owner, layer, Notice::TurnedAway(refusal));
                }
                self.let_through(now, (instance, layer), driver);
                self.turn_away(now, at, refusal);
            }
        }
    }

    /// A frame that was in a gate's queue is let through.
    pub(super) fn go_through(&mut self, now: Time, at: Id, held: Held, driver: &mut impl Driver) {
        let frame = &mut self.frames[at];
        (frame.state, frame.timer) = (State::Gated { began: now, held }, Timer::NONE);
        if driver.listens() {
            driver.notice(frame.owner, frame.layer, Notice::GoesOn);
        }
        self.descend_below(now, at, driver);
    }
}

/// What an attempt below a frame is to the nearest retry around it.
#[cold]
fn attempt_below(frames: &Frames, at: Id) -> Attempt {
    let nearest = upward(frames, at).find_map(|frame| match frame.state {
        State::Retrying { failures: 0, .. } => Some(Attempt::First),
        State::Retrying { transient: true, .. } => Some(Attempt::RetryTransient),
        State::Retrying { .. } => Some(Attempt::Retry),
        _ => None,
    });
    nearest.unwrap_or(Attempt::First)
}

/// What bounds an attempt, and is one with it, or what bounds more.
#[inline(always)]
fn timing(is_last: bool) -> State {
    if is_last { State::TimedAttempt } else { State::Timing }
}

/// What minds the deadline of a call; or lets everything pass where there is none, as a fallback
/// does that catches nothing.
#[cold]
fn inheriting(deadline: Time, is_last: bool) -> State {
    match (deadline < Time::MAX, is_last) {
        (true, _) => timing(is_last),
        (false, true) => State::Attempt,
        (false, false) => State::Falling,
    }
}

/// How long a timeout lasts that begins now.
pub(super) struct Bound {
    pub(super) after: Span,
    /// Whether it lasts as long for all.
    pub(super) constant: bool,
    /// When what is inside has to end.
    pub(super) inside: Time,
}

impl Bound {
    /// Of a timeout inside of other layers, in a call that is to end at `deadline`.
    #[inline(always)]
    pub(super) fn of<'l>(
        timeout: &Timeout,
        outside: impl FnOnce() -> &'l [Layer],
        deadline: Time,
        now: Time,
    ) -> Bound {
        let &Timeout { after, reserve, .. } = timeout;
        let left = deadline.since(now);
        let whole = left >= after || !has_reserve(outside());
        let constant = whole && timeout.longest().is_some();
        let after = if whole { after } else { left };
        let end = now.saturating_add(after).nanos().saturating_sub(reserve.nanos());
        Bound { after, constant, inside: deadline.min(Time::from_nanos(end).max(now)) }
    }
}

/// Whether a layer keeps some of its time for itself, so that what is inside has to end earlier
/// than its own timers say.
#[cold]
fn has_reserve(outside: &[Layer]) -> bool {
    outside.iter().any(|layer| matches!(layer, Layer::Timeout(outer) if !outer.reserve.is_zero()))
}
