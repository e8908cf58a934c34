//! What a balancer is told.

use super::maglev::is_prime;
use crate::choice;
use crate::settings::{Problem, Setting, Settings, Share, Value};
use crate::time::Span;
use alloc::vec;
use alloc::vec::Vec;

/// What a balancer is told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BalanceConfig {
    /// How a member is picked.
    pub rule: Rule,
    /// With less than this share of the members in use, all are used.
    pub panic: Share,
    /// For how long a member that joins gets less than its share.
    pub slow_start: Option<Span>,
    /// The share grows with the time since it joined to the power 1 / this.
    pub slow_start_aggression: f64,
    /// What it gets at least.
    pub slow_start_least: Share,
}

/// How a member is picked, with what only this way is told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rule {
    /// One after the other, whatever their weights.
    RoundRobin,
    /// Any, each as likely as any other.
    Random,
    /// One after the other in proportion to their weights.
    Weighted,
    /// The one with the fewest calls out of so many drawn; by weight over calls if weights differ.
    LeastRequest(LeastRequest),
    /// One without calls; any if all have some.
    JoinIdle,
    /// The one with the fewer calls out of two.
    TwoChoices,
    /// The one with the lower peak latency times calls out of two.
    PeakEwma(PeakEwma),
    /// The next on a ring of hashes.
    RingHash(RingHash),
    /// The one in a table of hashes.
    Maglev(Maglev),
}

/// What [`Rule::LeastRequest`] is told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LeastRequest {
    /// How many are drawn.
    pub choices: u32,
    /// With unequal weights a member's is weight / (calls + 1) to the power of this.
    pub bias: f64,
    /// Whether all are looked at instead.
    pub full_scan: bool,
}

/// What [`Rule::PeakEwma`] is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeakEwma {
    /// The latency of a member of which nothing is known.
    pub default_rtt: Span,
    /// An estimate falls to 1/e of itself towards lower latencies in this time.
    pub decay: Span,
    /// When an estimate decays.
    pub decays: Decays,
    /// A failure counts as having taken at least this long, so that failing fast is not being fast.
    pub failure_takes: Option<Span>,
    /// Whether a call that was abandoned counts with the time it took so far.
    pub abandoned: bool,
}

/// When an estimate of the latency decays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decays {
    /// Whenever it is looked at (tower).
    WhenRead,
    /// With each latency only; a look shows the decay and keeps the estimate (Linkerd).
    WhenMeasured,
}
choice!(Decays { WhenRead, WhenMeasured });

/// What [`Rule::RingHash`] is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RingHash {
    /// The fewest entries on the ring.
    pub least: u32,
    /// The most.
    pub most: u32,
    /// A member that has more than this share of the mean number of calls passes keys on.
    pub bound: Option<u32>,
}

/// What [`Rule::Maglev`] is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Maglev {
    /// Places in the table; a prime.
    pub table: u32,
    /// A member that has more than this share of the mean number of calls passes keys on.
    pub bound: Option<u32>,
}

impl LeastRequest {
    /// Envoy's defaults.
    pub fn envoy() -> LeastRequest {
        LeastRequest { choices: 2, bias: 1.0, full_scan: false }
    }

    /// All are looked at.
    pub fn of_all() -> LeastRequest {
        LeastRequest { full_scan: true, ..LeastRequest::envoy() }
    }
}

impl PeakEwma {
    /// tower's behaviour with the values that its users pass: 1 s at first, 10 s of decay.
    pub fn tower() -> PeakEwma {
        PeakEwma {
            default_rtt: Span::from_millis(1_000),
            decay: Span::from_millis(10_000),
            decays: Decays::WhenRead,
            failure_takes: None,
            abandoned: true,
        }
    }
}

impl RingHash {
    /// Envoy's defaults.
    pub fn envoy() -> RingHash {
        RingHash { least: 1_024, most: 8 * 1_024 * 1_024, bound: None }
    }
}

impl Maglev {
    /// Envoy's defaults.
    pub fn envoy() -> Maglev {
        Maglev { table: 65_537, bound: None }
    }
}

impl BalanceConfig {
    /// What is used when nothing else is said.
    pub fn ours() -> BalanceConfig {
        BalanceConfig::by(Rule::PeakEwma(PeakEwma {
            decays: Decays::WhenMeasured,
            failure_takes: Some(Span::from_millis(1_000)),
            abandoned: false,
            ..PeakEwma::tower()
        }))
    }

    /// A rule with Envoy's panic threshold of 50 % and without slow start.
    pub fn by(rule: Rule) -> BalanceConfig {
        BalanceConfig {
            rule,
            panic: Share::percent(50),
            slow_start: None,
            slow_start_aggression: 1.0,
            slow_start_least: Share::percent(10),
        }
    }

    /// Whether the rule knows of slow starts.
    fn starts_slowly(&self) -> bool {
        match self.rule {
            Rule::RoundRobin
            | Rule::Weighted
            | Rule::LeastRequest(_)
            | Rule::TwoChoices
            | Rule::PeakEwma(_) => true,
            Rule::Random | Rule::JoinIdle | Rule::RingHash(_) | Rule::Maglev(_) => false,
        }
    }
}

impl Rule {
    fn settings(&mut self) -> Vec<Setting<'_>> {
        let bounded = "calls of a member at most, in percent of the mean; more are passed on";
        match self {
            Rule::RoundRobin
            | Rule::Random
            | Rule::Weighted
            | Rule::JoinIdle
            | Rule::TwoChoices => Vec::new(),
            Rule::LeastRequest(rule) => vec![
                Setting::new("choices", "how many are drawn", Value::Count(&mut rule.choices)),
                Setting::new(
                    "bias",
                    "with unequal weights, the power of the calls",
                    Value::Number(&mut rule.bias),
                ),
                Setting::new(
                    "full_scan",
                    "whether all are looked at",
                    Value::Flag(&mut rule.full_scan),
                ),
            ],
            Rule::PeakEwma(rule) => vec![
                Setting::new(
                    "default_rtt",
                    "latency of a member of which nothing is known",
                    Value::Span(&mut rule.default_rtt),
                ),
                Setting::new(
                    "decay",
                    "an estimate falls to 1/e of itself in this time",
                    Value::Span(&mut rule.decay),
                ),
                Setting::new("decays", "when an estimate decays", Value::Choice(&mut rule.decays)),
                Setting::new(
                    "failure_takes",
                    "a failure counts as at least so long",
                    Value::SpanOrOff(&mut rule.failure_takes),
                ),
                Setting::new(
                    "abandoned",
                    "whether an abandoned call counts",
                    Value::Flag(&mut rule.abandoned),
                ),
            ],
            Rule::RingHash(rule) => vec![
                Setting::new("least", "fewest entries on the ring", Value::Count(&mut rule.least)),
                Setting::new("most", "most entries on the ring", Value::Count(&mut rule.most)),
                Setting::new("bound", bounded, Value::CountOrUnlimited(&mut rule.bound)),
            ],
            Rule::Maglev(rule) => vec![
                Setting::new("table", "places, a prime", Value::Count(&mut rule.table)),
                Setting::new("bound", bounded, Value::CountOrUnlimited(&mut rule.bound)),
            ],
        }
    }

    fn problems(&self, problems: &mut Vec<Problem>) {
        match self {
            Rule::RoundRobin
            | Rule::Random
            | Rule::Weighted
            | Rule::JoinIdle
            | Rule::TwoChoices => {}
            Rule::LeastRequest(rule) => {
                if rule.choices == 0 {
                    let why = "nobody would be picked";
                    problems.push(Problem::new("choices", 0, why, "write 2"));
                }
                if rule.bias.is_nan() || rule.bias < 0.0 {
                    let why = "a busier member would be preferred";
                    problems.push(Problem::new("bias", rule.bias, why, "write 0 or more"));
                }
            }
            Rule::PeakEwma(rule) => {
                for (field, span) in [("default_rtt", rule.default_rtt), ("decay", rule.decay)] {
                    if span.is_zero() {
                        let why = "an estimate has to be longer than nothing";
                        problems.push(Problem::new(field, span, why, "write 1s"));
                    }
                }
            }
            Rule::RingHash(rule) => {
                if rule.least > rule.most || rule.least == 0 {
                    let why = "a ring has entries, and not more than the most";
                    problems.push(Problem::new("least", rule.least, why, "write 1024"));
                }
                check_bound(rule.bound, problems);
            }
            Rule::Maglev(rule) => {
                if !is_prime(rule.table) || rule.table < 3 {
                    let why = "only in a prime number of places every step reaches all of them";
                    problems.push(Problem::new("table", rule.table, why, "write 65537"));
                }
                check_bound(rule.bound, problems);
            }
        }
    }
}

fn check_bound(bound: Option<u32>, problems: &mut Vec<Problem>) {
    if let Some(percent) = bound.filter(|percent| *percent < 100) {
        let why = "all members together could not take all calls";
        problems.push(Problem::new("bound", percent, why, "write 120 to 200, or Unlimited"));
    }
}

impl Settings for BalanceConfig {
    fn settings(&mut self) -> Vec<Setting<'_>> {
        let slow = self.starts_slowly();
        let mut settings = self.rule.settings();
        settings.push(Setting::new(
            "panic",
            "with a smaller share in use, all are used",
            Value::Share(&mut self.panic),
        ));
        if slow {
            settings.extend([
                Setting::new(
                    "slow_start",
                    "for how long a member that joins gets less than its share",
                    Value::SpanOrOff(&mut self.slow_start),
                ),
                Setting::new(
                    "slow_start_aggression",
                    "its share grows with the time to the power 1 / this",
                    Value::Number(&mut self.slow_start_aggression),
                ),
                Setting::new(
                    "slow_start_least",
                    "what it gets at least",
                    Value::Share(&mut self.slow_start_least),
                ),
            ]);
        }
        settings
    }

    fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        self.rule.problems(&mut problems);
        if self.panic > Share::ALL {
            let why = "more than all members cannot be in use";
            problems.push(Problem::new("panic", self.panic, why, "write 50%, or 0% for never"));
        }
        if let Some(window) = self.slow_start {
            if !self.starts_slowly() {
                let why = "this rule knows no shares";
                problems.push(Problem::new("slow_start", window, why, "write Off"));
            } else if window.nanos() < 1_000_000 {
                let why = "it is counted in milliseconds";
                problems.push(Problem::new("slow_start", window, why, "write 1ms or more, or Off"));
            }
        }
        let aggression = self.slow_start_aggression;
        if aggression.is_nan() || aggression <= 0.0 {
            let why = "the share would not grow";
            problems.push(Problem::new("slow_start_aggression", aggression, why, "write 1"));
        }
        if self.slow_start_least == Share::NONE || self.slow_start_least > Share::ALL {
            let (found, why) = (self.slow_start_least, "it would never be picked, or too often");
            problems.push(Problem::new("slow_start_least", found, why, "write 10%"));
        }
        problems
    }
}
