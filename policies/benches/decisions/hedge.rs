//! Hedges: a whole call, from its start to its answer.

use crate::decision;
use brownout_policies::hedge::{Answer, Free, Hedge, HedgeConfig, HedgePlan, When};
use brownout_policies::{Span, Time};
use std::hint::black_box;

fn call(name: &str, must_ns: f64, config: HedgeConfig, hedged: bool) {
    let mut hedge = Hedge::new(config).expect("the configuration is sound");
    for micros in 0..1_000 {
        hedge.record(Time::ZERO, Span::from_nanos(micros * 1_000));
    }
    let mut plan = HedgePlan::default();
    decision(name, must_ns, |at| {
        let now = Time::from_nanos(at);
        let _ = black_box(hedge.start(now, &mut plan, &mut Free));
        if hedged {
            let due = plan.next_wakeup().unwrap_or(now);
            let _ = black_box(hedge.wake(due, &mut plan, &mut Free));
        }
        // A latency of up to a millisecond, in no order.
        let took = at.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 44;
        let now = Time::from_nanos(at + took);
        let _ =
            black_box(hedge.answered(now, &mut plan, u8::from(hedged), Answer::Good, &mut Free));
    });
}

pub(crate) fn run() {
    let fixed = HedgeConfig {
        when: When::AfterDelay,
        delay: Span::from_nanos(500_000),
        ..HedgeConfig::ours()
    };
    call("hedge, fixed delay: start, answer", 50.0, fixed, false);
    call("hedge, fixed delay: start, hedge, answer", 75.0, fixed, true);
    let last = HedgeConfig { when: When::AtLastPeriodsPercentile, ..HedgeConfig::ours() };
    call("hedge, last period's p95: start, answer", 75.0, last, false);
    call("hedge, exact p95 of 1000: start, answer", 250.0, HedgeConfig::ours(), false);
}
