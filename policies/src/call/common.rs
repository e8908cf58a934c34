//! State that calls share: budgets, gates and hedges, one for each scope that a policy names.

use crate::adaptive_rate::{AdaptiveRate, Attempt, Slot};
use crate::breaker::{Breaker, State};
use crate::budget::Budget;
use crate::bulkhead::{Bulkhead, Entry};
use crate::concurrency::Concurrency;
use crate::draw::Chance;
use crate::gate::{Held, Permit, Refusal, Report};
use crate::hedge::Hedge;
use crate::limiter::{Limiter, Reservation};
use crate::outcome::{Class, ErrorKind, Outcome, Seen};
use crate::slab::Id;
use crate::stack::{GateRule, Layer};
use crate::throttle::Throttle;
use crate::time::{Span, Time};
use alloc::boxed::Box;

/// Names the state of a layer that one or several bound stacks share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CommonId(pub(super) u32);

/// The shared state of one layer.
#[derive(Debug)]
pub(super) enum Common {
    Budget(Budget),
    Gate(Gate),
    Hedge { hedge: Box<Hedge>, budget: Option<Budget> },
}

/// What is wrong with a policy was said when it was read.
const SOUND: &str = "a policy is checked where it is read";

impl Common {
    /// Fresh state for a layer that has some.
    pub(super) fn of(layer: &Layer) -> Option<Common> {
        match layer {
            Layer::Retry(retry) => retry.budget.map(|used| Common::Budget(Budget::of(&used.rule))),
            Layer::Gate(used) => Some(Common::Gate(Gate::new(&used.rule))),
            Layer::Hedge(used) => Some(Common::Hedge {
                hedge: Box::new(Hedge::new(used.rule).expect(SOUND)),
                budget: used.budget.map(|rule| Budget::of(&rule)),
            }),
            Layer::Timeout(_) | Layer::Fallback(_) | Layer::Inherited => None,
        }
    }

    /// Moves what comes round again and again off the beat of others like it.
    pub(super) fn desynchronise(&mut self, chance: &mut impl Chance) {
        if let Common::Gate(gate) = self {
            gate.desynchronise(chance);
        }
    }

    #[inline]
    pub(super) fn budget(&mut self) -> &mut Budget {
        match self {
            Common::Budget(budget) => budget,
            Common::Gate(_) | Common::Hedge { .. } => {
                unreachable!("a retry's common state is a budget")
            }
        }
    }

    #[inline]
    pub(super) fn gate(&mut self) -> &mut Gate {
        match self {
            Common::Gate(gate) => gate,
            Common::Budget(_) | Common::Hedge { .. } => {
                unreachable!("a gate's common state is a gate")
            }
        }
    }
}

/// A gate at work.
#[derive(Debug)]
pub(crate) enum Gate {
    Breaker(Box<Breaker>),
    Limiter(Box<Limiter>),
    Concurrency(Box<Concurrency>),
    Bulkhead(Bulkhead),
    Throttle(Box<Throttle>),
    AdaptiveRate(Box<AdaptiveRate>),
}

/// How a call ended that a gate let through.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ended {
    /// What came of it.
    pub(crate) outcome: Outcome,
    /// How long it took.
    pub(crate) took: Span,
}

impl Ended {
    /// How it went, for gates that need no more.
    fn report(self) -> Report {
        Report { class: self.outcome.class(), took: self.took }
    }
}

/// What became of a call at a gate.
#[derive(Debug)]
pub(crate) enum Passage {
    /// It goes on.
    Through(Held),
    /// It waits until it is called, or until this moment.
    Waits { until: Time, held: Held },
    /// It does not.
    Refused(Refusal),
}

impl Passage {
    fn of(admitted: Result<Permit, Refusal>) -> Passage {
        match admitted {
            Ok(permit) => Passage::Through(permit.apart()),
            Err(refusal) => Passage::Refused(refusal),
        }
    }

    /// Now, or at a moment to come.
    fn at(now: Time, slot: Slot) -> Passage {
        let (until, held) = (slot.at, slot.permit.apart());
        if until <= now { Passage::Through(held) } else { Passage::Waits { until, held } }
    }
}

impl Gate {
    pub(crate) fn new(rule: &GateRule) -> Gate {
        match *rule {
            GateRule::Breaker(config) => {
                Gate::Breaker(Box::new(Breaker::new(config).expect(SOUND)))
            }
            GateRule::Limiter(config) => {
                Gate::Limiter(Box::new(Limiter::new(config).expect(SOUND)))
            }
            GateRule::Concurrency(config) => {
                Gate::Concurrency(Box::new(Concurrency::new(config).expect(SOUND)))
            }
            GateRule::Bulkhead(config) => Gate::Bulkhead(Bulkhead::new(config).expect(SOUND)),
            GateRule::Throttle(config) => {
                Gate::Throttle(Box::new(Throttle::new(config).expect(SOUND)))
            }
            GateRule::AdaptiveRate(config) => {
                Gate::AdaptiveRate(Box::new(AdaptiveRate::new(config).expect(SOUND)))
            }
        }
    }

    /// Moves what comes round again and again off the beat of others like it.
    pub(crate) fn desynchronise(&mut self, chance: &mut impl Chance) {
        match self {
            Gate::Concurrency(limit) => limit.desynchronise(chance),
            Gate::Breaker(_)
            | Gate::Limiter(_)
            | Gate::Bulkhead(_)
            | Gate::Throttle(_)
            | Gate::AdaptiveRate(_) => {}
        }
    }

    /// Whether it has to know what an attempt is to the retry around it.
    #[inline]
    pub(crate) fn charges_by_attempt(&self) -> bool {
        matches!(self, Gate::AdaptiveRate(_))
    }

    /// Whether others wait for the place of one who leaves.
    #[inline]
    pub(crate) fn has_queue(&self) -> bool {
        matches!(self, Gate::Bulkhead(_))
    }

    /// The state of a breaker; of any other gate nothing.
    #[inline]
    pub(crate) fn breaker(&self) -> Option<State> {
        match self {
            Gate::Breaker(breaker) => Some(breaker.state()),
            Gate::Limiter(_)
            | Gate::Concurrency(_)
            | Gate::Bulkhead(_)
            | Gate::Throttle(_)
            | Gate::AdaptiveRate(_) => None,
        }
    }

    /// A frame asks to go on.
    pub(crate) fn enter(
        &mut self,
        now: Time,
        at: Id,
        attempt: Attempt,
        chance: &mut impl Chance,
    ) -> Passage {
        match self {
            Gate::Breaker(breaker) => Passage::of(breaker.admit(now, chance)),
            Gate::Concurrency(limit) => Passage::of(limit.admit(now)),
            Gate::Throttle(throttle) => match throttle.admit(now, chance) {
                Ok(()) => Passage::Through(Held::default()),
                Err(refusal) => Passage::Refused(refusal),
            },
            Gate::Limiter(limiter) => match limiter.reserve(now, 1, limiter.longest_wait()) {
                Ok(reservation) if reservation.at <= now => Passage::Through(Held::default()),
                Ok(reservation) => {
                    let (until, mark) = reservation.apart();
                    Passage::Waits { until, held: Held::of_word(mark) }
                }
                Err(refusal) => Passage::Refused(refusal),
            },
            Gate::Bulkhead(bulkhead) => match bulkhead.enter(now, at.word()) {
                Entry::Inside(permit) => Passage::Through(permit.apart()),
                Entry::Waiting { until } => Passage::Waits { until, held: Held::default() },
                Entry::Refused(refusal) => Passage::Refused(refusal),
            },
            Gate::AdaptiveRate(rate) => Passage::at(now, rate.admit(now, attempt)),
        }
    }

    /// A wait has come to its end: it was long enough, or too long, or there is another.
    pub(crate) fn waited(&mut self, now: Time, at: Id, held: Held) -> Passage {
        match self {
            Gate::Limiter(_) => Passage::Through(Held::default()),
            Gate::Bulkhead(bulkhead) => Passage::Refused(bulkhead.waited(at.word())),
            Gate::AdaptiveRate(rate) => Passage::at(now, rate.waited(now, Permit::together(held))),
            Gate::Breaker(_) | Gate::Concurrency(_) | Gate::Throttle(_) => {
                unreachable!("nobody waits here")
            }
        }
    }

    /// One who waits leaves.
    pub(crate) fn give_up(&mut self, now: Time, at: Id, until: Time, held: Held) {
        match self {
            Gate::Limiter(limiter) => {
                limiter.cancel(now, Reservation::together(until, held.word()));
            }
            Gate::Bulkhead(bulkhead) => {
                bulkhead.give_up(at.word());
            }
            Gate::AdaptiveRate(rate) => {
                rate.cancel(now, Slot { at: until, permit: Permit::together(held) });
            }
            Gate::Breaker(_) | Gate::Concurrency(_) | Gate::Throttle(_) => {
                unreachable!("nobody waits here")
            }
        }
    }

    /// A permit comes back.
    pub(crate) fn settle(&mut self, now: Time, held: Held, ended: Ended, chance: &mut impl Chance) {
        let permit = Permit::together(held);
        match self {
            Gate::Breaker(breaker) => breaker.settle(now, permit, ended.report(), chance),
            Gate::Concurrency(limit) => limit.settle(now, permit, ended.report()),
            Gate::Bulkhead(bulkhead) => bulkhead.leave(permit),
            Gate::Throttle(throttle) => throttle.settle(now, ended.outcome.class()),
            Gate::AdaptiveRate(rate) => {
                let (class, throttled) = match ended.outcome.seen {
                    // Said by no server.
                    Seen::Rejected | Seen::PoolTimeout => (Class::Ignored, false),
                    Seen::Error(kind) => (Class::Failure, kind == ErrorKind::Throttled),
                    Seen::Answered
                    | Seen::TimedOut
                    | Seen::Refused
                    | Seen::Reset
                    | Seen::Abandoned => (ended.outcome.class(), false),
                };
                rate.settle(now, permit, class, throttled);
            }
            Gate::Limiter(_) => {}
        }
    }

    /// One who waits and may go on now.
    pub(crate) fn next(&mut self, now: Time) -> Option<(Id, Held)> {
        match self {
            Gate::Bulkhead(bulkhead) => {
                bulkhead.next(now).map(|(who, permit)| (Id::from_word(who), permit.apart()))
            }
            Gate::Breaker(_)
            | Gate::Limiter(_)
            | Gate::Concurrency(_)
            | Gate::Throttle(_)
            | Gate::AdaptiveRate(_) => None,
        }
    }
}
