//! What a throttle is told, and the systems whose throttles these are.

use super::window::Begins;
use crate::choice;
use crate::math;
use crate::settings::{Dialect, Problem, Setting, Settings, Share, Value};
use crate::time::Span;
use alloc::vec;
use alloc::vec::Vec;

/// What a throttle is told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ThrottleConfig {
    /// How many requests the accepted ones allow.
    pub allowance: Allowance,
    /// Requests allowed for each accepted one, with [`Allowance::Multiple`].
    pub multiple: f64,
    /// The share that has to be accepted, with [`Allowance::SuccessRate`].
    pub success_rate: Share,
    /// The probability is raised to the power 1 / this.
    pub aggression: f64,
    /// The greatest probability of a refusal.
    pub most: Share,
    /// How a probability and a draw decide.
    pub edge: Edge,
    /// How far back is counted.
    pub window: Span,
    /// Buckets in the window.
    pub buckets: u32,
    /// Where buckets begin.
    pub begins: Begins,
    /// When old buckets are forgotten.
    pub forgets: Forgets,
    /// When a request is counted.
    pub counted: Counted,
    /// Whether a request that is refused here counts as one.
    pub refusals: bool,
    /// With fewer requests in the window nothing is refused.
    pub least_requests: u32,
    /// With fewer requests a second over the window, in whole numbers, nothing is refused.
    pub least_rate: f64,
}

/// How many requests the accepted ones allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allowance {
    /// `multiple` × accepts.
    Multiple,
    /// accepts / `success_rate`.
    SuccessRate,
}
choice!(Allowance { Multiple, SuccessRate });

/// How a probability p and a uniform draw u decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edge {
    /// A refusal if u < p.
    Below,
    /// A refusal if u ≤ p and p > 0 (failsafe-go).
    Reached,
    /// A refusal if a number drawn below 10 000 is less than 10 000 p (Envoy).
    TenThousandths,
}
choice!(Edge { Below, Reached, TenThousandths });

/// When old buckets are forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forgets {
    /// As soon as they are too old.
    Always,
    /// When the next outcome is counted: after a quiet time the first requests meet the old
    /// probability (failsafe-go).
    OnOutcome,
}
choice!(Forgets { Always, OnOutcome });

/// When a request is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// When it is made: those still out count as not accepted.
    AtStart,
    /// When its outcome is known.
    AtEnd,
}
choice!(Counted { AtStart, AtEnd });

/// The systems whose throttles these are.
pub const DIALECTS: &[Dialect<ThrottleConfig>] = &[
    Dialect {
        name: "Ours",
        about: "twice the accepts over 30 s, from 10 requests on, at most 90%",
        config: ThrottleConfig::ours,
    },
    Dialect {
        name: "Sre",
        about: "Google SRE book: twice the accepts over 2 min, refusals count",
        config: ThrottleConfig::sre,
    },
    Dialect {
        name: "FailsafeGo",
        about: "failsafe-go's adaptive throttler: 90% accepted over 1 min, at most 90%",
        config: ThrottleConfig::failsafe_go,
    },
    Dialect {
        name: "Envoy",
        about: "Envoy's admission control: 95% accepted over 30 s, at most 80%",
        config: ThrottleConfig::envoy,
    },
];

impl ThrottleConfig {
    /// What is used when nothing else is said.
    pub fn ours() -> ThrottleConfig {
        ThrottleConfig {
            most: Share::percent(90),
            window: Span::from_millis(30_000),
            buckets: 30,
            least_requests: 10,
            ..ThrottleConfig::sre()
        }
    }

    /// Client-side throttling of the Google SRE book, chapter 21.
    pub fn sre() -> ThrottleConfig {
        ThrottleConfig {
            allowance: Allowance::Multiple,
            multiple: 2.0,
            success_rate: Share::percent(50),
            aggression: 1.0,
            most: Share::ALL,
            edge: Edge::Below,
            window: Span::from_millis(120_000),
            buckets: 120,
            begins: Begins::OnTheGrid,
            forgets: Forgets::Always,
            counted: Counted::AtStart,
            refusals: true,
            least_requests: 0,
            least_rate: 0.0,
        }
    }

    /// failsafe-go's adaptive throttler with its defaults.
    pub fn failsafe_go() -> ThrottleConfig {
        ThrottleConfig {
            allowance: Allowance::SuccessRate,
            success_rate: Share::percent(90),
            most: Share::percent(90),
            edge: Edge::Reached,
            window: Span::from_millis(60_000),
            buckets: 20,
            forgets: Forgets::OnOutcome,
            counted: Counted::AtEnd,
            refusals: false,
            ..ThrottleConfig::sre()
        }
    }

    /// Envoy's admission control filter with its defaults.
    pub fn envoy() -> ThrottleConfig {
        ThrottleConfig {
            success_rate: Share::percent(95),
            most: Share::percent(80),
            edge: Edge::TenThousandths,
            window: Span::from_millis(30_000),
            buckets: 30,
            begins: Begins::AtTheFirst,
            forgets: Forgets::Always,
            ..ThrottleConfig::failsafe_go()
        }
    }

    /// Requests that so many accepted ones allow.
    pub fn allowed(&self, accepts: u64) -> f64 {
        match self.allowance {
            Allowance::Multiple => self.multiple * accepts as f64,
            Allowance::SuccessRate => accepts as f64 / self.success_rate.as_f64(),
        }
    }

    /// The probability of a refusal after so many requests and accepts, where the rate is high
    /// enough: ((requests − allowed) / (requests + 1))^(1 / aggression) between 0 and the most.
    pub fn probability(&self, requests: u64, accepts: u64) -> f64 {
        let excess = requests as f64 - self.allowed(accepts);
        if requests < u64::from(self.least_requests) || excess <= 0.0 {
            return 0.0;
        }
        let mut probability = excess / (requests as f64 + 1.0);
        if self.aggression != 1.0 {
            probability = math::pow(probability, 1.0 / self.aggression);
        }
        probability.min(self.most.as_f64())
    }
}

/// More would be memory for nothing: they are summed up at every decision.
const BUCKETS_MAX: u32 = 4_096;

impl Settings for ThrottleConfig {
    fn settings(&mut self) -> Vec<Setting<'_>> {
        let allowed = match self.allowance {
            Allowance::Multiple => {
                let about = "requests allowed for each accepted one";
                Setting::new("multiple", about, Value::Number(&mut self.multiple))
            }
            Allowance::SuccessRate => {
                let about = "share that has to be accepted";
                Setting::new("success_rate", about, Value::Share(&mut self.success_rate))
            }
        };
        vec![
            allowed,
            Setting::new(
                "aggression",
                "the probability is raised to the power 1 / this",
                Value::Number(&mut self.aggression),
            ),
            Setting::new("most", "greatest probability of a refusal", Value::Share(&mut self.most)),
            Setting::new("window", "how far back is counted", Value::Span(&mut self.window)),
            Setting::new("buckets", "buckets in the window", Value::Count(&mut self.buckets)),
            Setting::new(
                "least_requests",
                "with fewer requests in the window nothing is refused",
                Value::Count(&mut self.least_requests),
            ),
            Setting::new(
                "least_rate",
                "with fewer requests a second nothing is refused",
                Value::PerSecond(&mut self.least_rate),
            ),
            Setting::new("counted", "when a request is counted", Value::Choice(&mut self.counted)),
            Setting::new(
                "refusals",
                "whether a request refused here counts",
                Value::Flag(&mut self.refusals),
            ),
            Setting::new("edge", "how p and a draw decide", Value::Choice(&mut self.edge)),
            Setting::new("begins", "where buckets begin", Value::Choice(&mut self.begins)),
            Setting::new(
                "forgets",
                "when old buckets are forgotten",
                Value::Choice(&mut self.forgets),
            ),
        ]
    }

    fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        if self.allowance == Allowance::Multiple && (self.multiple.is_nan() || self.multiple < 1.0)
        {
            let why = "even if every request were accepted some would be refused";
            problems.push(Problem::new("multiple", self.multiple, why, "write 1.1 to 2"));
        }
        if self.allowance == Allowance::SuccessRate
            && (self.success_rate == Share::NONE || self.success_rate > Share::ALL)
        {
            let why = "no share of requests can be so";
            let remedy = "write more than 0% and at most 100%";
            problems.push(Problem::new("success_rate", self.success_rate, why, remedy));
        }
        if self.aggression.is_nan() || self.aggression < 1.0 {
            let why = "less than 1 would refuse less the more is refused";
            problems.push(Problem::new("aggression", self.aggression, why, "write 1 or more"));
        }
        if self.most > Share::ALL {
            let why = "a probability is at most 100%";
            problems.push(Problem::new("most", self.most, why, "write 90%"));
        }
        if self.buckets == 0 {
            let why = "nothing would be counted";
            problems.push(Problem::new("buckets", 0, why, "write 10 or more"));
        } else if self.buckets > BUCKETS_MAX {
            let why = "each bucket is kept by itself";
            problems.push(Problem::new("buckets", self.buckets, why, "write 4096 or less"));
        }
        if self.window.nanos() < u64::from(self.buckets).max(1) {
            let why = "a bucket would be shorter than a nanosecond";
            problems.push(Problem::new("window", self.window, why, "write 30s"));
        }
        if self.least_rate.is_nan() || self.least_rate < 0.0 {
            let why = "a rate is not negative";
            problems.push(Problem::new("least_rate", self.least_rate, why, "write 0/s or more"));
        }
        problems
    }
}
