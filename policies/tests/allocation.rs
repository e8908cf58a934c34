//! In steady state a call through a stack allocates nothing.

use allocation_counter::measure;
use brownout_policies::adaptive_rate::AdaptiveRateConfig;
use brownout_policies::breaker::BreakerConfig;
use brownout_policies::budget::{BudgetConfig, Scope};
use brownout_policies::bulkhead::BulkheadConfig;
use brownout_policies::call::{Action, Calls, Driver};
use brownout_policies::concurrency::ConcurrencyConfig;
use brownout_policies::hedge::HedgeConfig;
use brownout_policies::limiter::LimiterConfig;
use brownout_policies::outcome::Outcome;
use brownout_policies::retry::{Kinds, Retry};
use brownout_policies::slab::Id;
use brownout_policies::stack::{BudgetUse, GateRule, GateUse, HedgeUse, Layer, Stack, Timeout};
use brownout_policies::throttle::ThrottleConfig;
use brownout_policies::{Span, Time};

/// Keeps the last attempt and the last timer, in place.
#[derive(Default)]
struct Hand {
    leaf: Id,
    timer: Id,
}

impl Driver for Hand {
    fn act(&mut self, action: Action) {
        match action {
            Action::Send { leaf, .. } => self.leaf = leaf,
            Action::Wake { frame, .. } => self.timer = frame,
            Action::Hush { .. } | Action::GiveUp { .. } | Action::Finish { .. } => {}
        }
    }
}

#[test]
fn a_call_through_every_kind_of_policy_allocates_nothing_once_the_first_have_been_made() {
    let scope = Scope::Caller;
    let gate = |rule| Layer::Gate(GateUse { rule, scope });
    let budget = Some(BudgetUse { rule: BudgetConfig::ours(), scope });
    let rule = HedgeConfig { delay: Span::from_millis(50), ..HedgeConfig::grpc() };
    let hedge = HedgeUse { rule, on: Kinds::TRANSIENT, budget: None, scope };
    let limiter = LimiterConfig { permits: 1_000_000, burst: 1_000, ..LimiterConfig::ours() };
    let layers = vec![
        Layer::Timeout(Timeout::after(Span::from_millis(2_000))),
        Layer::Retry(Retry { budget, ..Retry::times(3) }),
        Layer::Hedge(hedge),
        gate(GateRule::Breaker(BreakerConfig::ours())),
        gate(GateRule::Limiter(limiter)),
        gate(GateRule::Concurrency(ConcurrencyConfig::ours())),
        gate(GateRule::Throttle(ThrottleConfig::ours())),
        gate(GateRule::AdaptiveRate(AdaptiveRateConfig::ours())),
        gate(GateRule::Bulkhead(BulkheadConfig::ours())),
        Layer::Timeout(Timeout::after(Span::from_millis(300))),
    ];
    let depth = layers.len();
    let mut calls = Calls::new(vec![Stack { layers }]);
    let shared: Vec<_> = (0..depth).filter_map(|layer| calls.share(0, layer)).collect();
    let instance = calls.bind(0, 7, &shared);
    let (mut hand, mut nanos) = (Hand::default(), 0);
    let mut some = |count: u64| {
        for nth in 0..count {
            nanos += 1_000_000;
            let now = Time::from_nanos(nanos);
            calls.start(now, instance, Id::NONE, nth, Time::MAX, &mut hand);
            let outcome = if nth % 20 == 0 { Outcome::REFUSED } else { Outcome::OK };
            calls.settle(now, hand.leaf, outcome, &mut hand);
            if calls.owner(hand.timer).is_some() {
                calls.wake(now, hand.timer, &mut hand);
                calls.settle(now, hand.leaf, Outcome::OK, &mut hand);
            }
        }
    };
    some(20_000);
    assert_eq!(measure(|| some(20_000)).count_total, 0);
}
