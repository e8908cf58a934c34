//! What an adaptive rate is told.

use crate::settings::{Dialect, Problem, Setting, Settings, Share, Value};
use crate::time::Span;
use alloc::vec;
use alloc::vec::Vec;

/// What an adaptive rate is told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AdaptiveRateConfig {
    /// Tokens for a call's first attempt.
    pub cost: u32,
    /// Tokens for a retry.
    pub cost_retry: u32,
    /// Tokens for a retry after a timeout or after being throttled.
    pub cost_transient: u32,
    /// What is left of the rate when throttled.
    pub beta: Share,
    /// How steeply the cubic grows, in attempts per second, per second cubed.
    pub scale: f64,
    /// Weight of the newest measurement of what was sent.
    pub smooth: Share,
    /// Over how long one measurement goes.
    pub measured_over: Span,
    /// The rate never falls below this, in tokens per second.
    pub rate_min: f64,
    /// The bucket never holds less than this, in tokens.
    pub capacity_min: f64,
    /// Whether one who waits has taken his tokens already, so that no two wait for the same moment.
    pub reserve: bool,
}

/// The systems whose adaptive rates these are.
pub const DIALECTS: &[Dialect<AdaptiveRateConfig>] = &[
    Dialect {
        name: "Ours",
        about: "AWS' numbers; each who waits has a moment of his own",
        config: AdaptiveRateConfig::ours,
    },
    Dialect {
        name: "AwsAdaptive",
        about: "the SDKs' adaptive retry mode: who waits takes nothing, so that all wait alike",
        config: AdaptiveRateConfig::aws,
    },
];

impl AdaptiveRateConfig {
    /// What is used when nothing else is said.
    pub fn ours() -> AdaptiveRateConfig {
        AdaptiveRateConfig { reserve: true, ..AdaptiveRateConfig::aws() }
    }

    /// The AWS SDKs' constants.
    pub fn aws() -> AdaptiveRateConfig {
        AdaptiveRateConfig {
            cost: 1,
            cost_retry: 5,
            cost_transient: 10,
            beta: Share::percent(70),
            scale: 0.4,
            smooth: Share::percent(80),
            measured_over: Span::from_millis(500),
            rate_min: 0.5,
            capacity_min: 1.0,
            reserve: false,
        }
    }
}

impl Settings for AdaptiveRateConfig {
    fn settings(&mut self) -> Vec<Setting<'_>> {
        vec![
            Setting::new("cost", "tokens for a first attempt", Value::Count(&mut self.cost)),
            Setting::new("cost_retry", "tokens for a retry", Value::Count(&mut self.cost_retry)),
            Setting::new(
                "cost_transient",
                "tokens for a retry after a timeout or throttling",
                Value::Count(&mut self.cost_transient),
            ),
            Setting::new("beta", "left of the rate when throttled", Value::Share(&mut self.beta)),
            Setting::new("scale", "how steeply it grows back", Value::Number(&mut self.scale)),
            Setting::new("smooth", "weight of what is new", Value::Share(&mut self.smooth)),
            Setting::new(
                "measured_over",
                "the time of one measurement",
                Value::Span(&mut self.measured_over),
            ),
            Setting::new("rate_min", "the least rate", Value::PerSecond(&mut self.rate_min)),
            Setting::new(
                "capacity_min",
                "the least that the bucket can hold",
                Value::Number(&mut self.capacity_min),
            ),
            Setting::new("reserve", "who waits has paid", Value::Flag(&mut self.reserve)),
        ]
    }

    fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut above_zero = |field, value: f64| {
            if !(value.is_finite() && value > 0.0) {
                let why = "the rate would never come back";
                problems.push(Problem::new(field, value, why, "write a number above 0"));
            }
        };
        above_zero("scale", self.scale);
        above_zero("rate_min", self.rate_min);
        above_zero("capacity_min", self.capacity_min);
        if self.beta >= Share::ALL {
            let why = "being throttled would not slow anything down";
            problems.push(Problem::new("beta", self.beta, why, "write less than 100%"));
        }
        if self.smooth > Share::ALL || self.smooth == Share::NONE {
            let why = "a weight is a part of one";
            problems.push(Problem::new("smooth", self.smooth, why, "write 1% to 100%"));
        }
        if self.measured_over.is_zero() {
            let why = "nothing is sent in no time";
            problems.push(Problem::new("measured_over", "0s", why, "write a time, such as 500ms"));
        }
        if self.cost == 0 {
            let why = "a first attempt would cost nothing, and nothing would be limited";
            problems.push(Problem::new("cost", 0, why, "write 1 or more"));
        }
        problems
    }
}
