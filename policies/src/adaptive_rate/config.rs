//! What an adaptive rate is told.

use crate::choice;
use crate::settings::{Dialect, Problem, Setting, Settings, Share, Value};
use crate::time::Span;
use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

/// What one does who finds too few tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waiting {
    /// Takes them at once, so that no two wait for the same moment.
    Booked,
    /// Takes none, and goes when they would be there, as do all who came with it.
    Unpaid,
    /// Takes none, and asks again when they would be there.
    AsksAgain,
}
choice!(Waiting { Booked, Unpaid, AsksAgain });

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
    /// What one does who finds too few tokens.
    pub waiting: Waiting,
}

/// The systems whose adaptive rates these are.
pub const DIALECTS: &[Dialect<AdaptiveRateConfig>] = &[
    Dialect {
        name: "Ours",
        about: "a token an attempt; who waits asks again when the tokens would be there",
        config: AdaptiveRateConfig::ours,
    },
    Dialect {
        name: "AwsAdaptive",
        about: "smithy-rs' adaptive retry mode: who waits pays nothing, so that all wait alike",
        config: AdaptiveRateConfig::aws,
    },
    Dialect {
        name: "Botocore",
        about: "Python's adaptive retry mode: the same",
        config: AdaptiveRateConfig::botocore,
    },
];

impl AdaptiveRateConfig {
    /// What is used when nothing else is said.
    pub fn ours() -> AdaptiveRateConfig {
        AdaptiveRateConfig::botocore()
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
            waiting: Waiting::Unpaid,
        }
    }

    /// botocore's `ClientRateLimiter`.
    pub fn botocore() -> AdaptiveRateConfig {
        AdaptiveRateConfig {
            cost_retry: 1,
            cost_transient: 1,
            waiting: Waiting::AsksAgain,
            ..AdaptiveRateConfig::aws()
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
            Setting::new(
                "waiting",
                "what one does who finds too few tokens",
                Value::Choice(&mut self.waiting),
            ),
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
        let costs = [
            ("cost", self.cost),
            ("cost_retry", self.cost_retry),
            ("cost_transient", self.cost_transient),
        ];
        for (field, cost) in costs {
            if self.waiting == Waiting::AsksAgain && f64::from(cost) > self.capacity_min {
                let why = "a bucket that holds less would be asked again for ever";
                let remedy = format!("write at most capacity_min, {}", self.capacity_min);
                problems.push(Problem::new(field, cost, why, remedy));
            }
        }
        problems
    }
}
