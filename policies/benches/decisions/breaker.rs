//! Breakers: a call let through and reported; and outlier detection.

use crate::decision;
use brownout_policies::breaker::{Breaker, BreakerConfig, State, Window};
use brownout_policies::gate::Report;
use brownout_policies::outcome::Class;
use brownout_policies::outlier::{Answer, Outlier, OutlierConfig};
use brownout_policies::{Draws, Span, Time};
use std::hint::black_box;

/// One call in a hundred fails.
fn calls(name: &str, must_ns: f64, config: BreakerConfig) {
    let mut breaker = Breaker::new(config).expect("the configuration is sound");
    let (mut chance, mut nth) = (Draws::open(1, 1), 0u32);
    decision(name, must_ns, |at| {
        let now = Time::from_nanos(at);
        nth = nth.wrapping_add(1);
        let class = if nth.is_multiple_of(100) { Class::Failure } else { Class::Success };
        if let Ok(permit) = breaker.admit(now, &mut chance) {
            let report = Report { class, took: Span::from_nanos(at & 0xFFFF) };
            breaker.settle(now, permit, report, &mut chance);
        }
    });
    assert_eq!(breaker.state(), State::Closed);
}

pub(crate) fn run() {
    let slow_after = Some(Span::from_millis(400));
    calls("breaker: in a row", 25.0, BreakerConfig::linkerd());
    calls("breaker: ours", 60.0, BreakerConfig::ours());
    calls("breaker: ours, watching", 60.0, BreakerConfig { slow_after, ..BreakerConfig::ours() });
    calls("breaker: last 100 calls", 60.0, BreakerConfig::resilience4j());
    calls("breaker: buckets begun by calls", 60.0, BreakerConfig::polly());
    let span = Some(Span::from_millis(30_000));
    let rolling = BreakerConfig { span, buckets: 10, ..BreakerConfig::gobreaker() };
    calls("breaker: anchored buckets", 60.0, rolling);
    let average = BreakerConfig { window: Window::AverageOfCalls, ..BreakerConfig::finagle() };
    calls("breaker: moving average of calls", 60.0, average);
    calls("breaker: moving average of time", 60.0, BreakerConfig::finagle());

    let mut open = Breaker::new(BreakerConfig::ours()).expect("the configuration is sound");
    let mut chance = Draws::open(1, 1);
    open.force(Time::ZERO, State::ForcedOpen, &mut chance);
    decision("breaker: refused", 25.0, |at| {
        let _ = black_box(open.admit(Time::from_nanos(at), &mut chance));
    });

    let mut outlier = Outlier::new(OutlierConfig::ours(), 100).expect("it is sound");
    decision("outlier: an answer", 25.0, |at| {
        outlier.answer(Time::from_nanos(at), (at % 100) as u32, Answer::Good, &mut chance);
    });
}
