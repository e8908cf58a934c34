//! Hedging: a second attempt before the first has failed.
//!
//! **States.** A call has attempts out and perhaps one that is due; it ends with the first good
//! answer, with a failure that nothing can make good, or with the last failure when no attempt is
//! out or to come. Whatever else is out then is cancelled. The call's own state is a
//! [`HedgePlan`]: 40 bytes, plain data, kept by whoever runs the call. The [`Hedge`] is what calls
//! share: its rules, the latencies that the delay comes from, and how many hedges are out. Who
//! pays for hedges is asked through [`Pays`]. No draw is taken and nothing is allocated.
//!
//! ```text
//! one out ── delay is over, or a failure ──▶ two out ── … ──▶ `attempts` out
//!    │                                          │                  │
//!    └──────────────────── the first good answer ends the call ────┘
//!                          and cancels whatever else is out
//! ```
//!
//! **Units.** Delays are nanoseconds, the percentile a share of the latencies it is of, attempts
//! whole numbers with the original among them.
//!
//! **Defaults** of ours: one hedge at the 95th percentile of the last 1000 latencies, 1 ms at
//! least, once there are 100, to a replica that the call has not tried; a failure brings it at
//! once.
//!
//! **Formula.** With a hedge at the p-th percentile of the latency the extra load is 1 − p (5 % at
//! the 95th) as long as the latencies are those of a healthy service; when everything slows down,
//! more calls pass the delay than that until the percentile has caught up. The percentile is the
//! nearest rank of the originals' latencies, each from its own sending: with the winners' the delay
//! would see its own effect and collapse.
//!
//! What is recorded of an original that a hedge has beaten decides what a *lasting* straggler does
//! to the percentile. Nothing (ours; tower, which drops the loser's future): who is beaten is not
//! seen, the percentile stays that of the healthy, and the hedge goes on working, at the price of
//! every call that meets the straggler. Its age when it is given up (`records_losers`; Finagle): of
//! one sent at 0 that is X₁ or d + X₂, whichever comes first, which is the call's own latency. That
//! is longer than d exactly when X₁ is, so the percentile rises until P(X₁ > d) = 1 − p: with more
//! than 1 − p of the traffic at a straggler the delay climbs to the straggler's own latency. The
//! extra load is then what was asked for, and the hedge is of no use.
//!
//! **Helps** against a slow minority: a pause, a lost packet, one bad replica (Dean & Barroso 2013:
//! p99.9 from 1800 ms to 74 ms for 2 % more requests). **Hurts** when all are slow for one reason:
//! it adds load where there is too much, all the more if losers are not really stopped. Not for
//! work that must not be done twice. A fast failure may beat a slow success where any completion
//! ends the call (failsafe-go, tower).
//!
//! **Source.** gRFC A6 and grpc-java's `RetriableStream`; failsafe-go's hedge policy; Polly v8;
//! tower's hedge; cristalhq/hedgedhttp; Finagle's `BackupRequestFilter`.
//!
//! ```
//! use brownout_policies::hedge::{Answer, End, Free, Hedge, HedgeConfig, HedgePlan};
//! use brownout_policies::Time;
//!
//! let mut hedge = Hedge::new(HedgeConfig::grpc()).expect("the configuration is sound");
//! let mut call = HedgePlan::default();
//! assert!(hedge.start(Time::ZERO, &mut call, &mut Free).send.contains(0));
//! let due = call.next_wakeup().expect("there is a delay");
//! assert!(hedge.wake(due, &mut call, &mut Free).send.contains(1));
//! let step = hedge.answered(Time::from_secs(0.6), &mut call, 1, Answer::Good, &mut Free);
//! assert_eq!(step.end, Some(End::Answered(1)));
//! assert!(step.cancel.contains(0));
//! ```

mod attempts;
mod config;
mod delay;
mod plan;
#[cfg(test)]
mod tests;

pub use crate::outcome::Word;
pub use attempts::Attempts;
pub use config::{Asked, DIALECTS, HedgeConfig, OnFailure, Pushback, When};
pub use delay::{Periods, Samples};
pub use plan::{Answer, End, HedgePlan, Step};

use crate::settings::{Problem, Settings};
use crate::time::{Span, Time};
use alloc::vec::Vec;
use delay::Delay;
use plan::State;

/// Who pays for hedges: a budget, a token bucket, or nobody.
pub trait Pays {
    /// Pays for one, or refuses and takes nothing.
    fn pays(&mut self, now: Time) -> bool;

    /// Whether it would pay for one; takes nothing.
    fn affords(&mut self, now: Time) -> bool;
}

/// Hedges cost nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Free;

impl Pays for Free {
    fn pays(&mut self, _: Time) -> bool {
        true
    }

    fn affords(&mut self, _: Time) -> bool {
        true
    }
}

/// What calls share.
#[derive(Debug, Clone)]
pub struct Hedge {
    config: HedgeConfig,
    delay: Delay,
    /// Hedges out, over all calls.
    out: u32,
    /// The latest moment it has been told; an earlier one counts as this one.
    latest: Time,
}

impl Hedge {
    /// One without calls and without latencies.
    ///
    /// # Errors
    /// Everything that is wrong with the configuration.
    pub fn new(config: HedgeConfig) -> Result<Hedge, Vec<Problem>> {
        let problems = config.problems();
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Hedge { delay: Delay::new(&config), config, out: 0, latest: Time::ZERO })
    }

    /// Hedges out now, over all calls.
    pub fn out(&self) -> u32 {
        self.out
    }

    /// How long after an attempt the next one goes, as of now; `None` where time alone brings none,
    /// or not enough latencies are known.
    pub fn delay(&mut self, now: Time) -> Option<Span> {
        let now = self.clock(now);
        self.delay.now(now)
    }

    /// A latency to find the percentile from. Those of calls are recorded without being told.
    pub fn record(&mut self, now: Time, latency: Span) {
        let now = self.clock(now);
        self.delay.record(now, latency);
    }

    /// Begins a call: sends the original, and more where the delay is zero.
    #[inline]
    pub fn start(&mut self, now: Time, plan: &mut HedgePlan, budget: &mut impl Pays) -> Step {
        let now = self.clock(now);
        *plan = HedgePlan { started: now, state: State::Hedging, ..HedgePlan::default() };
        let mut step = Step::default();
        self.send(now, plan, &mut step);
        self.schedule(now, plan, budget);
        self.send_due(now, plan, budget, &mut step);
        step
    }

    /// Sends what is due; earlier than [`HedgePlan::next_wakeup`] it does nothing.
    #[inline]
    pub fn wake(&mut self, now: Time, plan: &mut HedgePlan, budget: &mut impl Pays) -> Step {
        let (now, mut step) = (self.clock(now), Step::default());
        self.send_due(now, plan, budget, &mut step);
        self.end_if_none_left(plan, &mut step);
        step
    }

    /// Something has come of attempt number `nth`. What comes of one that was cancelled, or has
    /// been heard of, is nothing.
    #[inline]
    pub fn answered(
        &mut self,
        now: Time,
        plan: &mut HedgePlan,
        nth: u8,
        answer: Answer,
        budget: &mut impl Pays,
    ) -> Step {
        let (now, mut step) = (self.clock(now), Step::default());
        if !plan.open.contains(nth) {
            return step;
        }
        plan.open = plan.open.without(nth);
        if nth > 0 {
            self.out -= 1;
        }
        match answer {
            Answer::Good => {
                self.record_own(now, plan, nth);
                if self.config.records_losers {
                    for loser in plan.open {
                        self.record_own(now, plan, loser);
                    }
                }
                self.finish(plan, End::Answered(nth), &mut step);
            }
            Answer::Fatal => self.finish(plan, End::Failed(nth), &mut step),
            Answer::NonFatal(word) => {
                plan.failed = nth;
                if self.ends_with_failure(now, budget) {
                    self.finish(plan, End::Failed(nth), &mut step);
                } else {
                    self.go_on(now, plan, word, budget, &mut step);
                    self.end_if_none_left(plan, &mut step);
                }
            }
        }
        step
    }

    /// The own time limit of attempt number `nth` is over, which is said before it is
    /// [`Hedge::answered`] for.
    pub fn timed_out(&mut self, now: Time, plan: &HedgePlan, nth: u8) {
        if self.config.records_timeouts && plan.open.contains(nth) {
            let now = self.clock(now);
            self.record_own(now, plan, nth);
        }
    }

    /// The caller leaves: everything that is out is cancelled.
    pub fn cancel(&mut self, plan: &mut HedgePlan) -> Step {
        let mut step = Step::default();
        if matches!(plan.state, State::Hedging | State::Frozen) {
            self.finish(plan, End::Cancelled, &mut step);
        }
        step
    }

    fn clock(&mut self, now: Time) -> Time {
        self.latest = self.latest.max(now);
        self.latest
    }

    /// Whether a failure, even one that is not fatal, is the call's answer.
    fn ends_with_failure(&self, now: Time, budget: &mut impl Pays) -> bool {
        self.config.on_failure == OnFailure::End
            || self.config.asked == Asked::WhenPlanned && !budget.affords(now)
    }

    /// After a failure that does not end the call.
    fn go_on(
        &mut self,
        now: Time,
        plan: &mut HedgePlan,
        word: Option<Word>,
        budget: &mut impl Pays,
        step: &mut Step,
    ) {
        if plan.state != State::Hedging {
            return;
        }
        let next = match (self.config.pushback, word) {
            (Pushback::Obey | Pushback::AtOnce, Some(Word::Never)) => {
                freeze(plan);
                return;
            }
            (Pushback::Obey, Some(Word::After(wait))) => Some(now.saturating_add(wait)),
            (Pushback::AtOnce, Some(Word::After(_))) => Some(now),
            (Pushback::Ignore, _) | (_, None) => match self.config.on_failure {
                OnFailure::Next => Some(now),
                OnFailure::Wait | OnFailure::End => plan.next,
                OnFailure::Await => {
                    freeze(plan);
                    return;
                }
            },
        };
        if self.has_more(plan) {
            plan.next = next;
            self.send_due(now, plan, budget, step);
        }
    }

    fn send_due(
        &mut self,
        now: Time,
        plan: &mut HedgePlan,
        budget: &mut impl Pays,
        step: &mut Step,
    ) {
        while plan.next.is_some_and(|next| next <= now) {
            let room = self.config.most_out.is_none_or(|most| self.out < most);
            let paid = room && budget.pays(now);
            if !room || !paid && self.config.asked == Asked::WhenSent {
                freeze(plan);
                return;
            }
            self.send(now, plan, step);
            self.schedule(now, plan, budget);
        }
    }

    fn send(&mut self, now: Time, plan: &mut HedgePlan, step: &mut Step) {
        if plan.sent > 0 {
            self.out += 1;
        }
        step.send = step.send.with(plan.sent);
        plan.open = plan.open.with(plan.sent);
        plan.sent += 1;
        plan.last_sent = now;
    }

    /// Says when the attempt after the one just sent is due.
    fn schedule(&mut self, now: Time, plan: &mut HedgePlan, budget: &mut impl Pays) {
        plan.next = None;
        if !self.has_more(plan) {
            return;
        }
        if self.config.asked == Asked::WhenPlanned && !budget.affords(now) {
            freeze(plan);
            return;
        }
        plan.next = self.delay.now(now).map(|delay| now.saturating_add(delay));
    }

    fn has_more(&self, plan: &HedgePlan) -> bool {
        plan.state == State::Hedging && u32::from(plan.sent) < self.config.most_attempts()
    }

    /// With no attempt out and none to come the last failure is the call's.
    fn end_if_none_left(&mut self, plan: &mut HedgePlan, step: &mut Step) {
        let begun = matches!(plan.state, State::Hedging | State::Frozen);
        if begun && plan.open.is_empty() && plan.next.is_none() {
            self.finish(plan, End::Failed(plan.failed), step);
        }
    }

    fn finish(&mut self, plan: &mut HedgePlan, end: End, step: &mut Step) {
        self.out -= plan.open.hedges().len();
        step.cancel = plan.open;
        step.end = Some(end);
        (plan.open, plan.next, plan.state) = (Attempts::NONE, None, State::Over);
    }

    /// How long an attempt took, or has taken so far, from its own sending; of hedges only the
    /// latest one's is known.
    fn record_own(&mut self, now: Time, plan: &HedgePlan, nth: u8) {
        if nth == 0 {
            self.delay.record(now, now.since(plan.started));
        } else if self.config.records_hedges && nth + 1 == plan.sent {
            self.delay.record(now, now.since(plan.last_sent));
        }
    }
}

/// No more attempts will go.
fn freeze(plan: &mut HedgePlan) {
    (plan.next, plan.state) = (None, State::Frozen);
}
