//! Hedges in the tree: a frame with several legs, each a way down of its own.

use super::action::Driver;
use super::common::Common;
use super::frame::{Frame, State, Top};
use super::notice::Notice;
use super::purse::Purse;
use super::{Calls, Id};
use crate::budget::Fault;
use crate::draw::mix;
use crate::hedge::{Answer, Asked, Attempts, End, Hedge, HedgePlan, Pushback, Step};
use crate::outcome::{Class, Outcome, Seen};
use crate::stack::{HedgeUse, LEGS_MAX, Layer};
use crate::time::Time;

/// Tells a leg's lineage from that of other children.
const LEG: u64 = 0x6c65_6700_0000_0000;

/// What a hedge keeps for one call.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Legs {
    plan: HedgePlan,
    /// The frame of each leg, as long as it is open.
    frames: [Id; LEGS_MAX],
    /// When its timer is due.
    armed: Option<Time>,
    /// What the last hedge has paid, if it had to.
    paid: u32,
    /// The last failure, which is the call's if no other leg makes it good.
    failed: Option<Outcome>,
}

/// The lineage of leg number `nth` > 0 of a call with one hedge; the first has the call's own.
pub const fn leg_lineage(call: u64, nth: u8) -> u64 {
    mix(call, LEG ^ nth as u64)
}

impl Calls {
    /// Begins a hedge: the first leg, and more if they go at once.
    #[inline(never)]
    pub(super) fn begin_hedge(&mut self, now: Time, at: Id, driver: &mut impl Driver) {
        let legs = self.legs.insert(Legs::default());
        self.frames[at].state = State::Hedging { legs };
        let frame = self.frames[at];
        let (plan, hedge, mut purse) = self.hedge_of(&frame, legs);
        purse.on_call(now);
        let step = hedge.start(now, plan, &mut purse);
        self.take_step(now, at, step, Outcome::ABANDONED, driver);
    }

    /// A hedge's timer has come: the next leg is due. If nothing pays for it, and nothing else is
    /// out, the hedge ends with the last failure.
    #[inline(never)]
    pub(super) fn hedge_woken(&mut self, now: Time, at: Id, legs: Id, driver: &mut impl Driver) {
        let frame = self.frames[at];
        self.legs[legs].armed = None;
        let (plan, hedge, mut purse) = self.hedge_of(&frame, legs);
        let step = hedge.wake(now, plan, &mut purse);
        if driver.listens() && step.send.is_empty() {
            driver.notice(frame.owner, frame.layer, Notice::HedgeUnpaid);
        }
        let failed = self.legs[legs].failed.unwrap_or(Outcome::ABANDONED);
        if let Some(end) = self.take_step(now, at, step, failed, driver) {
            self.frames.discard(at);
            self.ascend(now, frame.kin().parent, frame.owner, end, driver);
        }
    }

    /// A leg has ended. The outcome of the whole hedge, if that is over now.
    #[inline(never)]
    pub(super) fn leg_ended(
        &mut self,
        now: Time,
        at: Id,
        nth: u8,
        outcome: Outcome,
        driver: &mut impl Driver,
    ) -> Option<Outcome> {
        let frame = *self.frames.get(at)?;
        let State::Hedging { legs } = frame.state else { return None };
        self.legs[legs].frames[usize::from(nth)] = Id::NONE;
        self.legs[legs].failed = Some(outcome);
        let (answer, fault) = self.as_answer(&frame, outcome);
        let is_paid = self.pays_when_sent(&frame);
        let (plan, hedge, mut purse) = self.hedge_of(&frame, legs);
        purse.on_leg_end(nth, is_paid);
        purse.on_result(now, outcome.class(), fault);
        if outcome.seen == Seen::TimedOut {
            hedge.timed_out(now, plan, nth);
        }
        let step = hedge.answered(now, plan, nth, answer, &mut purse);
        self.take_step(now, at, step, outcome, driver)
    }

    /// Takes a hedge down with every leg that is open.
    pub(super) fn drop_hedge(
        &mut self,
        now: Time,
        at: Id,
        outcome: Outcome,
        driver: &mut impl Driver,
    ) {
        let frame = self.frames[at];
        let State::Hedging { legs } = frame.state else { return };
        let (plan, hedge, mut purse) = self.hedge_of(&frame, legs);
        let open = hedge.cancel(plan).cancel;
        purse.on_result(now, Class::Ignored, Fault::Server);
        self.legs_end(&frame, legs, open);
        self.hush_hedge(at, legs, driver);
        let frames = self.legs[legs].frames;
        self.legs.discard(legs);
        for nth in open {
            self.give_up(now, frames[usize::from(nth)], outcome, driver);
        }
    }

    /// Does what the hedge has decided. Its outcome, if that was its end; the hedge's frame stays
    /// for whoever goes on up from it.
    fn take_step(
        &mut self,
        now: Time,
        at: Id,
        step: Step,
        outcome: Outcome,
        driver: &mut impl Driver,
    ) -> Option<Outcome> {
        let State::Hedging { legs } = self.frames.get(at)?.state else { return None };
        for nth in step.send {
            self.send_leg(now, at, legs, nth, driver);
        }
        let frames = self.legs.get(legs)?.frames;
        if !step.cancel.is_empty() {
            let frame = self.frames[at];
            self.legs_end(&frame, legs, step.cancel);
        }
        for nth in step.cancel {
            self.give_up(now, frames[usize::from(nth)], Outcome::ABANDONED, driver);
        }
        match step.end {
            None | Some(End::Cancelled) => {
                self.arm_hedge(now, at, legs, driver);
                None
            }
            Some(End::Answered(_) | End::Failed(_)) => {
                self.hush_hedge(at, legs, driver);
                self.legs.discard(legs);
                Some(outcome)
            }
        }
    }

    fn send_leg(&mut self, now: Time, at: Id, legs: Id, nth: u8, driver: &mut impl Driver) {
        let frame = &self.frames[at];
        let outside = u64::from(self.of_its_kind_outside(frame));
        let &Frame { owner, lineage, instance, layer, .. } = frame;
        let deadline = frame.kin().deadline;
        let child = mix(lineage, LEG ^ outside << 32 ^ u64::from(nth));
        let lineage = if nth == 0 { lineage } else { child };
        if driver.listens() && nth > 0 {
            driver.notice(owner, layer, Notice::Hedges { nth });
        }
        let here = Top { parent: at, owner, lineage, deadline, instance, layer };
        let leg = self.frames.insert(Frame::new(here, State::Leg { nth }));
        self.legs[legs].frames[usize::from(nth)] = leg;
        let layer = layer + 1;
        self.descend(now, Top { parent: leg, owner, lineage, deadline, instance, layer }, driver);
    }

    /// Keeps the timer at what the plan wants.
    fn arm_hedge(&mut self, now: Time, at: Id, legs: Id, driver: &mut impl Driver) {
        let held = &self.legs[legs];
        let wanted = held.plan.next_wakeup();
        if held.armed == wanted {
            return;
        }
        self.hush_hedge(at, legs, driver);
        self.legs[legs].armed = wanted;
        if let Some(due) = wanted {
            self.set_timer(at, due.since(now), false, driver);
        }
    }

    fn hush_hedge(&mut self, at: Id, legs: Id, driver: &mut impl Driver) {
        if self.legs[legs].armed.take().is_some() {
            let timer = core::mem::take(&mut self.frames[at].timer);
            driver.hush(at, timer);
        }
    }

    /// What an outcome is to the hedge, and to what pays for it.
    fn as_answer(&self, frame: &Frame, outcome: Outcome) -> (Answer, Fault) {
        let HedgeUse { on, rule, .. } = self.use_of(frame);
        let fault = on.fault(outcome, rule.pushback != Pushback::Ignore);
        let answer = match outcome.class() {
            Class::Success => Answer::Good,
            Class::Ignored => Answer::Fatal,
            // What a gate of our own turns away says nothing about the other legs, and when it
            // would let one through is no word of the server's.
            Class::Failure if outcome.seen == Seen::Rejected => Answer::NonFatal(None),
            Class::Failure if on.has(outcome.seen) => Answer::NonFatal(outcome.word()),
            Class::Failure => Answer::Fatal,
        };
        (answer, fault)
    }

    /// What pays hears of the end of legs that are given up.
    fn legs_end(&mut self, frame: &Frame, legs: Id, ended: Attempts) {
        let is_paid = self.pays_when_sent(frame);
        let (_, _, mut purse) = self.hedge_of(frame, legs);
        for nth in ended {
            purse.on_leg_end(nth, is_paid);
        }
    }

    fn pays_when_sent(&self, frame: &Frame) -> bool {
        self.use_of(frame).rule.asked == Asked::WhenSent
    }

    fn use_of(&self, frame: &Frame) -> &HedgeUse {
        let Layer::Hedge(used) = self.layer_of(frame) else {
            unreachable!("a hedging frame belongs to a hedge")
        };
        used
    }

    /// One call's plan, the state that calls share, and who pays.
    fn hedge_of(&mut self, frame: &Frame, legs: Id) -> (&mut HedgePlan, &mut Hedge, Purse<'_>) {
        let instance = &self.instances[frame.instance as usize];
        let common = instance.own[usize::from(frame.layer)].common;
        let common = common.map(|place| &mut self.commons[place as usize]);
        let Some(Common::Hedge { hedge, budget }) = common else {
            unreachable!("a hedge's state is bound with its stack")
        };
        let Legs { plan, paid, .. } = &mut self.legs[legs];
        (plan, hedge, Purse { budget: budget.as_mut(), paid })
    }
}
