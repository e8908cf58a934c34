//! The way up: an outcome rises from frame to frame until one of them acts on it.

use super::action::{Action, Driver};
use super::common::Ended;
use super::frame::{Frame, Kin, State};
use super::notice::Notice;
use super::{Calls, Id, InstanceId};
use crate::budget::{Budget, Fault, Receipt};
use crate::gate::Held;
use crate::outcome::Outcome;
use crate::stack::Layer;
use crate::time::Time;

/// Tells the draws of a gate that hears of an end from those of one that is asked.
const SETTLED: u64 = 0x7365_7400_0000_0000;

impl Calls {
    /// Carries an outcome up from a child that has ended until a frame acts on it or the call is
    /// over.
    pub(super) fn ascend(
        &mut self,
        now: Time,
        mut at: Id,
        owner: Id,
        mut outcome: Outcome,
        driver: &mut impl Driver,
    ) {
        while let Some(frame) = self.frames.get_mut(at) {
            frame.set_child(Id::NONE);
            let parent = frame.kin().parent;
            match frame.state {
                State::Attempt
                | State::TimedAttempt
                | State::Queued { .. }
                | State::TurnedAway { .. } => {
                    unreachable!(
                        "an attempt has no child, nor has what a gate lets wait or refuses"
                    )
                }
                State::Timing => driver.hush(at, frame.timer),
                state @ State::Retrying { .. } => {
                    let instance = frame.instance;
                    if self.try_again(now, at, outcome, driver) {
                        return;
                    }
                    self.end_retry(instance, state);
                }
                State::Gated { began, held } => {
                    let ended = Ended { outcome, took: now.since(began) };
                    self.leave_gate(now, at, held, ended, driver);
                }
                State::Falling => outcome = self.fall_back(at, outcome, driver),
                State::Leg { nth } => {
                    self.frames.discard(at);
                    match self.leg_ended(now, parent, nth, outcome, driver) {
                        Some(end) => outcome = end,
                        None => return,
                    }
                    at = parent;
                    continue;
                }
                State::Hedging { .. } => {}
            }
            self.frames.discard(at);
            at = parent;
        }
        driver.act(Action::Finish { owner, outcome });
    }

    /// Lets those above hear of what gates have turned away. It waits until the machine has nothing
    /// else in hand, so that no way down ever leads up again, and what is refused any number of
    /// times goes round in this loop.
    #[inline]
    pub(super) fn tell_of_refusals(&mut self, now: Time, driver: &mut impl Driver) {
        if !self.turned_away.is_empty() {
            self.tell_of_each(now, driver);
        }
    }

    #[inline(never)]
    fn tell_of_each(&mut self, now: Time, driver: &mut impl Driver) {
        while let Some(at) = self.turned_away.pop_front() {
            // Who has been given up meanwhile is gone.
            let Some(frame) = self.frames.get(at) else { continue };
            let (&Frame { owner, state, .. }, Kin { parent, .. }) = (frame, frame.kin());
            let State::TurnedAway { outcome } = state else {
                unreachable!("what is turned away goes nowhere else")
            };
            self.frames.discard(at);
            self.ascend(now, parent, owner, outcome, driver);
        }
    }

    fn fall_back(&self, at: Id, outcome: Outcome, driver: &mut impl Driver) -> Outcome {
        let frame = &self.frames[at];
        match self.layer_of(frame) {
            Layer::Fallback(fallback) if fallback.catches(outcome) => {
                if driver.listens() {
                    driver.notice(frame.owner, frame.layer, Notice::FallsBack);
                }
                Outcome::FALLBACK
            }
            _ => outcome,
        }
    }

    pub(super) fn time_out(&mut self, now: Time, at: Id, driver: &mut impl Driver) {
        let frame = &self.frames[at];
        let &Frame { owner, lineage, state, instance, layer, .. } = frame;
        let Kin { parent, child, .. } = frame.kin();
        let outcome = when_time_is_up(self.layer_of(frame));
        if driver.listens() {
            driver.notice(owner, layer, Notice::TimedOut);
        }
        self.frames.discard(at);
        if let State::TimedAttempt = state {
            let instance = InstanceId(instance);
            driver.act(Action::GiveUp { leaf: at, owner, instance, lineage, outcome });
        } else {
            self.give_up(now, child, outcome, driver);
        }
        self.ascend(now, parent, owner, outcome, driver);
    }

    /// Takes down a frame and everything below it.
    pub(super) fn give_up(
        &mut self,
        now: Time,
        mut at: Id,
        outcome: Outcome,
        driver: &mut impl Driver,
    ) {
        while let Some(frame) = self.frames.get(at) {
            let &Frame { owner, lineage, state, timer, instance, layer, .. } = frame;
            let child = frame.kin().child;
            let (own, instance) = ((instance, layer), InstanceId(instance));
            let given_up = |lineage| Action::GiveUp { leaf: at, owner, instance, lineage, outcome };
            match state {
                State::Attempt => driver.act(given_up(lineage)),
                State::TimedAttempt => {
                    driver.hush(at, timer);
                    driver.act(given_up(lineage));
                }
                State::Timing => driver.hush(at, timer),
                State::Retrying { failures, paid, is_out, .. } => {
                    if child.is_none() {
                        driver.hush(at, timer);
                    }
                    if let Some(common) = self.common_of(own) {
                        let (outcome, fault) = (Outcome::ABANDONED, Fault::Server);
                        tell(common.budget(), now, failures, paid, outcome, fault);
                    }
                    if is_out {
                        driver.act(given_up(self.try_lineage(instance.0, lineage, failures)));
                    }
                    self.end_retry(instance.0, state);
                }
                State::Leg { .. } | State::Falling | State::TurnedAway { .. } => {}
                State::Hedging { .. } => self.drop_hedge(now, at, outcome, driver),
                State::Queued { until, held } => {
                    driver.hush(at, timer);
                    if let Some(common) = self.common_of(own) {
                        common.gate().give_up(now, at, until, held);
                    }
                    self.let_through(now, own, driver);
                }
                State::Gated { began, held } => {
                    let (outcome, took) = (Outcome::ABANDONED, now.since(began));
                    self.leave_gate(now, at, held, Ended { outcome, took }, driver);
                }
            }
            self.frames.discard(at);
            at = child;
        }
    }

    /// Gives a permit back, and lets those through who waited for its place.
    #[inline(never)]
    fn leave_gate(
        &mut self,
        now: Time,
        at: Id,
        held: Held,
        ended: Ended,
        driver: &mut impl Driver,
    ) {
        let &Frame { owner, layer, lineage, instance, .. } = &self.frames[at];
        let (gate, mut draws, _) = self.gate_of((instance, layer), lineage, SETTLED);
        let before = gate.breaker();
        gate.settle(now, held, ended, &mut draws);
        if driver.listens() {
            let after = gate.breaker();
            if let Some(state) = after.filter(|_| after != before) {
                driver.notice(owner, layer, Notice::Became(state));
            }
        }
        if gate.has_queue() {
            self.let_through(now, (instance, layer), driver);
        }
    }

    /// Lets those through the gate of a layer who wait for a place that is free: after a permit has
    /// come back, and after the first in line has left.
    pub(super) fn let_through(&mut self, now: Time, own: (u32, u16), driver: &mut impl Driver) {
        loop {
            let Some(common) = self.common_of(own) else { return };
            let Some((next, held)) = common.gate().next(now) else { return };
            if let Some(&Frame { state: State::Queued { .. }, timer, .. }) = self.frames.get(next) {
                driver.hush(next, timer);
                self.go_through(now, next, held, driver);
            }
        }
    }
}

/// What a layer that minds the time makes of it when that is up.
pub(super) fn when_time_is_up(layer: &Layer) -> Outcome {
    match layer {
        Layer::Timeout(timeout) if timeout.patience => Outcome::ABANDONED,
        Layer::Timeout(_) | Layer::Inherited => Outcome::TIMED_OUT,
        Layer::Retry(_) | Layer::Hedge(_) | Layer::Gate(_) | Layer::Fallback(_) => {
            unreachable!("a timing frame belongs to a timeout")
        }
    }
}

/// Tells a retry's budget that an attempt is over.
pub(super) fn tell(
    budget: &mut Budget,
    now: Time,
    failures: u32,
    paid: u32,
    outcome: Outcome,
    fault: Fault,
) {
    if failures == 0 {
        budget.on_call_end();
    } else {
        budget.on_retry_end();
    }
    let receipt = (paid > 0).then_some(Receipt { paid });
    budget.on_result(now, outcome.class(), fault, receipt);
}
