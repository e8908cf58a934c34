//! What a budget is told, in people's units, and the systems whose budgets these are.

use crate::budget::active::{ActiveConfig, Bound};
use crate::budget::quota::QuotaConfig;
use crate::budget::record::RecordConfig;
use crate::budget::window::WindowConfig;
use crate::budget::{BudgetRule, Micro};
use crate::settings::{Dialect, Problem, Setting, Settings, Share, Value};
use crate::time::Span;
use alloc::vec;
use alloc::vec::Vec;

/// A budget's rule and its numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum BudgetConfig {
    /// Ours: a share of calls over a time, in exact millionths.
    Ratio(RatioConfig),
    /// A bucket that calls or successes refill.
    Bucket(BucketConfig),
    /// A share of calls over a time, in whole costs that peers round (Finagle, tower, Linkerd).
    Leaky(LeakyConfig),
    /// No retries while half of the tokens or fewer are left (gRPC).
    Throttle(ThrottleConfig),
    /// A price per retry, returned by success (AWS).
    Quota(QuotaConfig),
    /// A share of what is in flight (Envoy, failsafe-go).
    Active(ActiveConfig),
    /// No retries while too many of all calls so far have failed (Brooker).
    Record(RecordConfig),
}

/// See [`BudgetRule::Ratio`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RatioConfig {
    /// Retries per call.
    pub share: Share,
    /// How long a deposit can be spent.
    pub ttl: Span,
    /// Retries a second that are always affordable.
    pub min_per_s: f64,
}

/// See [`BudgetRule::Bucket`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BucketConfig {
    /// The most it holds.
    pub cap: f64,
    /// What it holds at the start.
    pub initial: f64,
    /// What a call's start puts in.
    pub per_call: f64,
    /// What a success puts in.
    pub per_success: f64,
    /// Whether exactly one token is too few.
    pub strict: bool,
}

/// How a share becomes whole numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Costs {
    /// A call deposits 1000, a retry costs 1000 / share, rounded down (Finagle): 60 % is 59.99…
    Thousandths,
    /// Up to 100 %, a call deposits 1 and a retry costs 1 / share, rounded down, in single
    /// precision (tower): everything above 50 % is 100 %.
    Whole,
}
crate::choice!(Costs { Thousandths, Whole });

/// Deposits that lapse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeakyConfig {
    /// Retries per call.
    pub share: Share,
    /// How long a deposit counts, about.
    pub ttl: Span,
    /// Retries a second that are always affordable; whole seconds of `ttl` count.
    pub min_per_s: u32,
    /// How the share becomes whole numbers.
    pub costs: Costs,
    /// The slices of the window and its clock; its range is `ttl`.
    pub window: WindowConfig,
}

/// gRPC's retry throttling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ThrottleConfig {
    /// Tokens at first and at most; a failure takes one.
    pub tokens: u32,
    /// The part of a token that a success puts back; three decimals count.
    pub per_success: Share,
}

/// The systems whose budgets these are.
pub const DIALECTS: &[Dialect<BudgetConfig>] = &[
    Dialect { name: "Ours", about: "10% of calls over 10s, exactly", config: BudgetConfig::ours },
    Dialect {
        name: "Finagle",
        about: "RetryBudget: 20% of calls over 10s and 10/s besides, millisecond slices",
        config: BudgetConfig::finagle,
    },
    Dialect {
        name: "Tower",
        about: "TpsBudget: Finagle's numbers; 60% behaves as 100%, memory up to 1.1 ttl",
        config: BudgetConfig::tower,
    },
    Dialect {
        name: "Linkerd",
        about: "a ServiceProfile's budget: tower's algorithm, one budget a service",
        config: BudgetConfig::tower,
    },
    Dialect {
        name: "Grpc",
        about: "retryThrottling (A6): 10 tokens, no retries at half or less; +0.1 a success",
        config: BudgetConfig::grpc,
    },
    Dialect {
        name: "AwsStandard",
        about: "the SDKs' retry quota 2.0: 500 tokens, 5 a retry, 10 after a timeout",
        config: BudgetConfig::aws_standard,
    },
    Dialect {
        name: "Aws21",
        about: "the SDKs' retry quota 2.1: 14 a retry, 5 after throttling",
        config: BudgetConfig::aws_newer,
    },
    Dialect {
        name: "Envoy",
        about: "retry_budget: 20% of requests in flight, at least 3; 0% is max_retries",
        config: BudgetConfig::envoy,
    },
    Dialect {
        name: "FailsafeGo",
        about: "20% of executions in flight, 3 in any case; a retry is an execution too",
        config: BudgetConfig::failsafe_go,
    },
    Dialect {
        name: "Brooker",
        about: "a breaker for retries: none while failures are over 10% of all calls so far",
        config: BudgetConfig::brooker,
    },
];

/// The time over which all systems with a window count, if nothing is said.
const TTL: Span = Span::from_millis(10_000);

impl BudgetConfig {
    /// What is used when nothing else is said.
    pub fn ours() -> BudgetConfig {
        BudgetConfig::Ratio(RatioConfig { share: Share::percent(10), ttl: TTL, min_per_s: 0.0 })
    }

    /// Finagle's defaults.
    pub fn finagle() -> BudgetConfig {
        BudgetConfig::Leaky(LeakyConfig {
            share: Share::percent(20),
            ttl: TTL,
            min_per_s: 10,
            costs: Costs::Thousandths,
            window: WindowConfig::finagle(TTL, 10),
        })
    }

    /// tower's defaults.
    pub fn tower() -> BudgetConfig {
        BudgetConfig::Leaky(LeakyConfig {
            share: Share::percent(20),
            ttl: TTL,
            min_per_s: 10,
            costs: Costs::Whole,
            window: WindowConfig::tower(TTL, 10),
        })
    }

    /// gRPC's example.
    pub fn grpc() -> BudgetConfig {
        BudgetConfig::Throttle(ThrottleConfig { tokens: 10, per_success: Share::percent(10) })
    }

    /// The AWS SDKs' defaults, specification 2.0.
    pub fn aws_standard() -> BudgetConfig {
        BudgetConfig::Quota(QuotaConfig::standard())
    }

    /// The AWS SDKs' defaults, specification 2.1.
    pub fn aws_newer() -> BudgetConfig {
        BudgetConfig::Quota(QuotaConfig::newer())
    }

    /// Envoy's defaults where a budget is configured.
    pub fn envoy() -> BudgetConfig {
        let share = Share::percent(20);
        BudgetConfig::Active(ActiveConfig { share, least: 3, bound: Bound::Below, interval: None })
    }

    /// failsafe-go's defaults.
    pub fn failsafe_go() -> BudgetConfig {
        let share = Share::percent(20);
        BudgetConfig::Active(ActiveConfig { share, least: 3, bound: Bound::Beyond, interval: None })
    }

    /// The breaker of Brooker's simulation (2022).
    pub fn brooker() -> BudgetConfig {
        BudgetConfig::Record(RecordConfig { share: Share::percent(10) })
    }
}

impl QuotaConfig {
    /// The defaults of specification 2.0.
    pub const fn standard() -> QuotaConfig {
        QuotaConfig {
            capacity: 500,
            cost: 5,
            cost_transient: 10,
            cost_throttled: 5,
            per_success: 1,
            reward: 0.0,
            refill_per_s: 0.0,
            beyond_capacity: true,
        }
    }

    /// The defaults of specification 2.1.
    pub const fn newer() -> QuotaConfig {
        QuotaConfig { cost: 14, cost_transient: 14, ..QuotaConfig::standard() }
    }
}

impl RatioConfig {
    /// The rule in millionths.
    pub fn rule(&self) -> BudgetRule {
        let share = Micro::from(self.share.millionths());
        BudgetRule::Ratio { share, ttl: self.ttl, min_per_s: micro(self.min_per_s) }
    }
}

impl BucketConfig {
    /// The rule in millionths.
    pub fn rule(&self) -> BudgetRule {
        BudgetRule::Bucket {
            cap: micro(self.cap),
            initial: micro(self.initial),
            per_call: micro(self.per_call),
            per_success: micro(self.per_success),
            strict: self.strict,
        }
    }
}

impl LeakyConfig {
    /// What a call deposits, what a retry costs, and what is there without any call.
    pub fn amounts(&self) -> (i64, i64, i64) {
        let share = self.share.as_f64();
        let (deposit, withdraw) = match (self.share == Share::NONE, self.costs) {
            (true, _) => (0, 1),
            (false, Costs::Thousandths) => (1_000, (1_000.0 / share) as i64),
            (false, Costs::Whole) if share <= 1.0 => (1, (1.0 / share as f32) as i64),
            (false, Costs::Whole) => (1_000, (1_000.0 / share as f32) as i64),
        };
        let secs = (self.ttl.nanos() / crate::time::NANOS_PER_SEC) as i64;
        let reserve = i64::from(self.min_per_s).saturating_mul(secs).saturating_mul(withdraw);
        (deposit, withdraw, reserve)
    }
}

/// The nearest whole number of millionths.
fn micro(tokens: f64) -> Micro {
    (tokens * 1e6 + 0.5) as Micro
}

impl Settings for BudgetConfig {
    fn settings(&mut self) -> Vec<Setting<'_>> {
        match self {
            BudgetConfig::Ratio(config) => vec![
                Setting::new("share", "retries per call", Value::Share(&mut config.share)),
                Setting::new("ttl", "how long a deposit counts", Value::Span(&mut config.ttl)),
                Setting::new(
                    "min",
                    "retries that are always affordable",
                    Value::PerSecond(&mut config.min_per_s),
                ),
            ],
            BudgetConfig::Bucket(config) => vec![
                Setting::new("cap", "the most it holds", Value::Number(&mut config.cap)),
                Setting::new("initial", "what it starts with", Value::Number(&mut config.initial)),
                Setting::new("per_call", "added by a call", Value::Number(&mut config.per_call)),
                Setting::new(
                    "per_success",
                    "added by a success",
                    Value::Number(&mut config.per_success),
                ),
                Setting::new("strict", "one token is too few", Value::Flag(&mut config.strict)),
            ],
            BudgetConfig::Leaky(config) => leaky_settings(config),
            BudgetConfig::Throttle(config) => vec![
                Setting::new("tokens", "at first and at most", Value::Count(&mut config.tokens)),
                Setting::new(
                    "per_success",
                    "the part of a token that a success puts back",
                    Value::Share(&mut config.per_success),
                ),
            ],
            BudgetConfig::Quota(config) => quota_settings(config),
            BudgetConfig::Record(config) => vec![Setting::new(
                "share",
                "failures of all calls so far",
                Value::Share(&mut config.share),
            )],
            BudgetConfig::Active(config) => vec![
                Setting::new("share", "retries of what is active", Value::Share(&mut config.share)),
                Setting::new("least", "retries in any case", Value::Count(&mut config.least)),
                Setting::new("bound", "how the bound is put", Value::Choice(&mut config.bound)),
                Setting::new(
                    "interval",
                    "count what began in it, not what is in flight",
                    Value::SpanOrOff(&mut config.interval),
                ),
            ],
        }
    }

    fn problems(&self) -> Vec<Problem> {
        super::problems::problems(self)
    }
}

fn leaky_settings(config: &mut LeakyConfig) -> Vec<Setting<'_>> {
    let window = &mut config.window;
    vec![
        Setting::new("share", "retries per call", Value::Share(&mut config.share)),
        Setting::new("ttl", "how long a deposit counts", Value::Span(&mut config.ttl)),
        Setting::new("min", "retries a second in any case", Value::Count(&mut config.min_per_s)),
        Setting::new("costs", "how the share is rounded", Value::Choice(&mut config.costs)),
        Setting::new("slices", "slices of the ttl", Value::Count(&mut window.slices)),
        Setting::new("tick", "the clock's tick", Value::Span(&mut window.tick)),
        Setting::new("one_more", "keep a slice beyond the ttl", Value::Flag(&mut window.one_more)),
        Setting::new(
            "begun_counts",
            "a slice's time that has only begun to pass drops it",
            Value::Flag(&mut window.begun_counts),
        ),
    ]
}

fn quota_settings(config: &mut QuotaConfig) -> Vec<Setting<'_>> {
    vec![
        Setting::new("capacity", "tokens at first and at most", Value::Count(&mut config.capacity)),
        Setting::new("cost", "the price of a retry", Value::Count(&mut config.cost)),
        Setting::new(
            "cost_transient",
            "the price after a timeout or a broken connection",
            Value::Count(&mut config.cost_transient),
        ),
        Setting::new(
            "cost_throttled",
            "the price after being throttled",
            Value::Count(&mut config.cost_throttled),
        ),
        Setting::new(
            "per_success",
            "added by a call that succeeds at once",
            Value::Count(&mut config.per_success),
        ),
        Setting::new(
            "reward",
            "added by every success instead of what its retry paid",
            Value::Number(&mut config.reward),
        ),
        Setting::new(
            "refill",
            "added at whole seconds",
            Value::PerSecond(&mut config.refill_per_s),
        ),
        Setting::new(
            "beyond_capacity",
            "a returned price may lift it over its capacity",
            Value::Flag(&mut config.beyond_capacity),
        ),
    ]
}
