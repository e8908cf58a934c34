//! Limiters, at twice the rate that they allow: every other decision is a refusal.

use crate::decision;
use brownout_policies::limiter::{DIALECTS, Limiter};
use brownout_policies::{Span, Time};

pub(crate) fn run() {
    for dialect in DIALECTS {
        let mut config = (dialect.config)();
        config.permits = 500;
        config.per = Span::from_secs(1.0);
        config.burst = 50;
        let mut limiter = Limiter::new(config).expect("the configuration is sound");
        decision(&format!("limiter {}: try_take", dialect.name), 25.0, |at| {
            std::hint::black_box(limiter.try_take(Time::from_nanos(at), 1).is_ok());
        });
    }
    let config = brownout_policies::limiter::LimiterConfig {
        algorithm: brownout_policies::limiter::Algorithm::TokenBucket,
        permits: 500,
        per: Span::from_secs(1.0),
        burst: 50,
        ..brownout_policies::limiter::LimiterConfig::ours()
    };
    let mut limiter = Limiter::new(config).expect("the configuration is sound");
    decision("limiter, token bucket: try_take", 25.0, |at| {
        std::hint::black_box(limiter.try_take(Time::from_nanos(at), 1).is_ok());
    });
    let mut limiter = Limiter::new(config).expect("the configuration is sound");
    let wait = Span::from_millis(100);
    decision("limiter, token bucket: reserve", 25.0, |at| {
        let held = limiter.reserve(Time::from_nanos(at), 1, wait);
        std::hint::black_box(held.is_ok());
    });
}
