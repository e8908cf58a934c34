//! State that calls share: budgets and gates, one for each scope that a policy names.

use crate::budget::Budget;
use crate::bulkhead::{Bulkhead, Entry};
use crate::draw::Chance;
use crate::gate::{Held, Permit, Refusal, Report};
use crate::slab::Id;
use crate::stack::{GateRule, Layer};
use crate::time::Time;

/// Names the state of a layer that one or several bound stacks share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommonId(pub(super) u32);

/// The shared state of one layer.
#[derive(Debug)]
pub(super) enum Common {
    Budget(Budget),
    Gate(Gate),
}

impl Common {
    /// Fresh state for a layer that has some.
    pub(super) fn of(layer: &Layer) -> Option<Common> {
        match layer {
            Layer::Retry(retry) => retry.budget.map(|used| Common::Budget(Budget::new(used.rule))),
            Layer::Gate(used) => Some(Common::Gate(Gate::new(&used.rule))),
            Layer::Timeout(_) | Layer::Fallback(_) => None,
        }
    }

    #[inline]
    pub(super) fn budget(&mut self) -> &mut Budget {
        match self {
            Common::Budget(budget) => budget,
            Common::Gate(_) => unreachable!("a retry's common state is a budget"),
        }
    }

    #[inline]
    pub(super) fn gate(&mut self) -> &mut Gate {
        match self {
            Common::Gate(gate) => gate,
            Common::Budget(_) => unreachable!("a gate's common state is a gate"),
        }
    }
}

/// A gate at work.
#[derive(Debug)]
pub(super) enum Gate {
    Bulkhead(Bulkhead),
}

/// What became of a call at a gate.
#[derive(Debug)]
pub(super) enum Passage {
    /// It goes on.
    Through(Held),
    /// It waits until it is called, or until this moment.
    Waits { until: Time, held: Held },
    /// It does not.
    Refused(Refusal),
}

impl Gate {
    fn new(rule: &GateRule) -> Gate {
        let sound = "what is wrong with a rule was said when it was read";
        match rule {
            GateRule::Bulkhead(config) => Gate::Bulkhead(Bulkhead::new(*config).expect(sound)),
        }
    }

    /// A frame asks to go on.
    pub(super) fn enter(&mut self, now: Time, at: Id, _chance: &mut impl Chance) -> Passage {
        match self {
            Gate::Bulkhead(bulkhead) => match bulkhead.enter(now, at.word()) {
                Entry::Inside(permit) => Passage::Through(permit.apart()),
                Entry::Waiting { until } => Passage::Waits { until, held: Held::default() },
                Entry::Refused(refusal) => Passage::Refused(refusal),
            },
        }
    }

    /// A wait has come to its end: it was long enough, or too long.
    pub(super) fn waited(&mut self, _now: Time, at: Id, _held: Held) -> Result<Held, Refusal> {
        match self {
            Gate::Bulkhead(bulkhead) => Err(bulkhead.waited(at.word())),
        }
    }

    /// One who waits leaves.
    pub(super) fn give_up(&mut self, _now: Time, at: Id, _held: Held) {
        match self {
            Gate::Bulkhead(bulkhead) => {
                bulkhead.give_up(at.word());
            }
        }
    }

    /// A permit comes back.
    pub(super) fn settle(&mut self, _now: Time, held: Held, _report: Report) {
        match self {
            Gate::Bulkhead(bulkhead) => bulkhead.leave(Permit::together(held)),
        }
    }

    /// One who waits and may go on now.
    pub(super) fn next(&mut self, now: Time) -> Option<(Id, Held)> {
        match self {
            Gate::Bulkhead(bulkhead) => {
                bulkhead.next(now).map(|(who, permit)| (Id::from_word(who), permit.apart()))
            }
        }
    }
}
