//! A whole stack: timeout, retry with a budget, breaker, timeout per attempt.

use crate::decision;
use brownout_policies::breaker::BreakerConfig;
use brownout_policies::budget::{BudgetConfig, Scope};
use brownout_policies::call::{Action, Calls, Driver, Timer};
use brownout_policies::outcome::Outcome;
use brownout_policies::retry::Retry;
use brownout_policies::slab::Id;
use brownout_policies::stack::{BudgetUse, GateRule, GateUse, Layer, Stack, Timeout};
use brownout_policies::{Span, Time};
use std::hint::black_box;

/// Keeps the last attempt's name and starts no timers.
struct Hand {
    leaf: Id,
}

impl Driver for Hand {
    #[inline]
    fn act(&mut self, action: Action) {
        if let Action::Send { leaf, .. } = action {
            self.leaf = leaf;
        }
    }

    #[inline]
    fn wake(&mut self, frame: Id, _: Span, _: bool) -> Timer {
        Timer(frame.word())
    }

    #[inline]
    fn hush(&mut self, _: Id, _: Timer) {}
}

pub(crate) fn run() {
    let scope = Scope::Caller;
    let budget = Some(BudgetUse { rule: BudgetConfig::ours(), scope });
    let layers = vec![
        Layer::Timeout(Timeout::after(Span::from_millis(2_000))),
        Layer::Retry(Retry { budget, ..Retry::times(3) }),
        Layer::Gate(GateUse { rule: GateRule::Breaker(BreakerConfig::ours()), scope }),
        Layer::Timeout(Timeout::after(Span::from_millis(300))),
    ];
    let mut calls = Calls::new(vec![Stack { layers }]);
    let shared: Vec<_> = (0..4).filter_map(|layer| calls.share(0, layer)).collect();
    let instance = calls.bind(0, 7, &shared);
    let mut hand = Hand { leaf: Id::NONE };
    let mut lineage = 0;
    decision("stack: timeout, retry, budget, breaker, timeout", 150.0, |at| {
        let now = Time::from_nanos(at);
        lineage += 1;
        calls.start(now, instance, Id::NONE, lineage, Time::MAX, &mut hand);
        black_box(calls.settle(now, hand.leaf, Outcome::OK, &mut hand));
    });
}
