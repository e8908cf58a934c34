//! Policies, by name and at random.

use crate::ms;
use brownout_policies::adaptive_rate::{AdaptiveRateConfig, Waiting};
use brownout_policies::backoff::{Backoff, Jitter};
use brownout_policies::breaker::BreakerConfig;
use brownout_policies::budget::{BudgetConfig, Scope};
use brownout_policies::bulkhead::BulkheadConfig;
use brownout_policies::concurrency::{AimdConfig, ConcurrencyConfig, Rule};
use brownout_policies::fallback::Fallback;
use brownout_policies::hedge::HedgeConfig;
use brownout_policies::limiter::LimiterConfig;
use brownout_policies::retry::{Kinds, Retry};
use brownout_policies::stack::{BudgetUse, GateRule, GateUse, HedgeUse, Layer, Timeout};
use brownout_policies::throttle::ThrottleConfig;
use proptest::prelude::*;

pub(crate) fn gate(rule: GateRule) -> Layer {
    Layer::Gate(GateUse { rule, scope: Scope::Caller })
}

pub(crate) fn timeout(millis: u64) -> Layer {
    Layer::Timeout(Timeout::after(ms(millis)))
}

pub(crate) fn retry(times: u32, wait: u64) -> Layer {
    let wait = Backoff::Constant { wait: ms(wait) }.into();
    Layer::Retry(Retry { wait, ..Retry::times(times) })
}

/// A retry whose waits are drawn, up to so many milliseconds at first.
pub(crate) fn jittered(times: u32, from: u64, jitter: Jitter) -> Layer {
    let (from, factor, cap) = (ms(from), 2.0, ms(1_000));
    let wait = Backoff::Exponential { from, factor, cap, jitter, first: 0 }.into();
    Layer::Retry(Retry { wait, ..Retry::times(times) })
}

pub(crate) fn hedge(attempts: u32, delay: u64) -> Layer {
    let rule = HedgeConfig { attempts, delay: ms(delay), ..HedgeConfig::grpc() };
    let (on, budget, scope) = (Kinds::TRANSIENT, None, Scope::Caller);
    Layer::Hedge(HedgeUse { rule, on, budget, scope })
}

pub(crate) fn breaker(min_calls: u32, open: u64) -> Layer {
    let config = BreakerConfig { min_calls, open: ms(open), ..BreakerConfig::ours() };
    gate(GateRule::Breaker(config))
}

/// So many in 100 ms, two at once, and a wait of at most so many milliseconds.
pub(crate) fn limiter(permits: u32, wait: u64) -> Layer {
    let (per, burst, longest_wait) = (ms(100), 2, ms(wait));
    let config = LimiterConfig { permits, per, burst, longest_wait, ..LimiterConfig::ours() };
    gate(GateRule::Limiter(config))
}

pub(crate) fn bulkhead(places: u32, wait: u64) -> Layer {
    let queue = if wait == 0 { None } else { Some(3) };
    gate(GateRule::Bulkhead(BulkheadConfig { places, queue, longest_wait: ms(wait) }))
}

pub(crate) fn concurrency(initial: u32) -> Layer {
    let rule = Rule::Aimd(AimdConfig::netflix());
    let config =
        ConcurrencyConfig { initial, least: 1, most: 8, rule, ..ConcurrencyConfig::aimd() };
    gate(GateRule::Concurrency(config))
}

pub(crate) fn throttle(least_requests: u32) -> Layer {
    let config = ThrottleConfig { least_requests, ..ThrottleConfig::ours() };
    gate(GateRule::Throttle(config))
}

/// Ten tokens at most, and so many a second at least.
pub(crate) fn adaptive_rate(rate_min: u32, waiting: Waiting) -> Layer {
    let (rate_min, capacity_min) = (f64::from(rate_min), 10.0);
    let ours = AdaptiveRateConfig::ours();
    gate(GateRule::AdaptiveRate(AdaptiveRateConfig { rate_min, capacity_min, waiting, ..ours }))
}

pub(crate) fn fallback() -> Layer {
    Layer::Fallback(Fallback::ALWAYS)
}

const WAITING: [Waiting; 3] = [Waiting::Booked, Waiting::Unpaid, Waiting::AsksAgain];

/// Any of them.
pub(crate) fn layer() -> impl Strategy<Value = Layer> {
    let paid = Some(BudgetUse { rule: BudgetConfig::ours(), scope: Scope::Caller });
    let jitters = prop_oneof![Just(Jitter::None), Just(Jitter::Full), Just(Jitter::Equal)];
    prop_oneof![
        (1u64..200).prop_map(timeout),
        (0u32..3, 0u64..40).prop_map(|(times, wait)| retry(times, wait)),
        (1u32..4, 1u64..60, jitters)
            .prop_map(|(times, from, jitter)| jittered(times, from, jitter)),
        (0u32..4)
            .prop_map(move |times| Layer::Retry(Retry { budget: paid, ..Retry::times(times) })),
        (1u32..4, 0u64..80).prop_map(|(attempts, delay)| hedge(attempts, delay)),
        (1u32..6, 20u64..120).prop_map(|(calls, open)| breaker(calls, open)),
        (1u32..10, 0u64..100).prop_map(|(permits, wait)| limiter(permits, wait)),
        (1u32..3, 0u64..60).prop_map(|(places, wait)| bulkhead(places, wait)),
        (1u32..4).prop_map(concurrency),
        (2u32..8).prop_map(throttle),
        (1u32..50, 0usize..3).prop_map(|(rate, waiting)| adaptive_rate(rate, WAITING[waiting])),
        Just(fallback()),
    ]
}
