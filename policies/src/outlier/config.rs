//! What an outlier detector is told, and at which defaults.

use crate::choice;
use crate::settings::{Dialect, Problem, Setting, Settings, Share, Value};
use crate::time::Span;
use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

/// What an outlier detector is told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OutlierConfig {
    /// Time from sweep to sweep.
    pub interval: Span,
    /// How long the first ejection lasts; the n-th lasts n times as long.
    pub base: Span,
    /// The longest ejection, before jitter.
    pub longest: Span,
    /// Up to so much more by chance, in whole milliseconds.
    pub jitter: Span,
    /// The largest share of hosts that may be ejected.
    pub max_ejected: Share,
    /// Whether one host may always be ejected, whatever share that is.
    pub always_one: bool,
    /// What the largest share is compared with.
    pub cap: Cap,
    /// Errors in a row that eject a host; the three runs are counted apart.
    pub in_a_row: Option<u32>,
    /// Gateway errors in a row (502, 503, 504) that eject a host.
    pub gateway_in_a_row: Option<u32>,
    /// Failures in a row to reach a host that eject it, where they are kept apart.
    pub local_in_a_row: Option<u32>,
    /// Whether failures to reach a host are kept apart from what it answers.
    pub split_local: bool,
    /// How many standard deviations under the mean a success rate may be; zero does not judge.
    pub deviations: f64,
    /// Hosts with enough calls that the rates of a sweep are judged by.
    pub rate_hosts: u32,
    /// Calls of a host in the last interval that are enough for that.
    pub rate_volume: u32,
    /// Whether rates are compared as percentages, as Envoy does, or as fractions.
    pub percent: bool,
    /// The share of failures that ejects a host; zero does not judge.
    pub failure_share: Share,
    /// Whether that share must be exceeded, not only reached.
    pub exceed: bool,
    /// Hosts with enough calls that shares are judged by.
    pub share_hosts: u32,
    /// Calls of a host in the last interval that are enough for that.
    pub share_volume: u32,
    /// How often errors in a row eject when they could.
    pub enforce_in_a_row: Share,
    /// The same for gateway errors.
    pub enforce_gateway: Share,
    /// The same for failures to reach a host.
    pub enforce_local: Share,
    /// The same for success rates.
    pub enforce_rate: Share,
    /// The same for the rates at which hosts are reached.
    pub enforce_local_rate: Share,
    /// The same for shares of failures.
    pub enforce_share: Share,
    /// The same for shares of failures to reach a host.
    pub enforce_local_share: Share,
    /// Whether an ejection is over at the very end of its time or after it.
    pub returns: Returns,
    /// What a sweep does first.
    pub order: Order,
    /// Whether ejected hosts are judged too, and ejected again.
    pub judges_ejected: bool,
    /// Whether a host that is ejected twice in a sweep counts twice.
    pub twice: bool,
    /// Whether the multiple of the base stops growing at the longest ejection.
    pub capped: bool,
    /// When the multiple of the base shrinks again.
    pub decay: Decay,
    /// Below this share of hosts not ejected, ejections are ignored.
    pub panic: Share,
}

/// What the largest share of ejected hosts is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cap {
    /// The share that there would be: it is never exceeded.
    Before,
    /// The share that there is: the last one may exceed it, so that there is always one.
    After,
}
choice!(Cap { Before, After });

/// When an ejection is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Returns {
    /// At the very end of its time.
    AtEnd,
    /// A nanosecond later.
    AfterEnd,
}
choice!(Returns { AtEnd, AfterEnd });

/// What a sweep does first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Hosts whose time is over return, then the last interval is judged.
    ReturnFirst,
    /// The last interval is judged, then hosts return.
    JudgeFirst,
}
choice!(Order { ReturnFirst, JudgeFirst });

/// When the multiple of the base ejection shrinks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decay {
    /// By one a sweep, once a host has been back for an interval.
    AfterInterval,
    /// By one a sweep that finds the host not ejected.
    EverySweep,
}
choice!(Decay { AfterInterval, EverySweep });

/// The systems whose outlier detection this is.
pub const DIALECTS: &[Dialect<OutlierConfig>] = &[
    Dialect {
        name: "Ours",
        about: "five errors in a row, success rate, 85 % failures; one host can always go",
        config: OutlierConfig::ours,
    },
    Dialect {
        name: "Envoy",
        about: "Envoy's defaults: at most 10 %, so that fewer than ten hosts lose none",
        config: OutlierConfig::envoy,
    },
    Dialect {
        name: "Grpc",
        about: "gRPC A50 as grpc-go does it: both rates, at least one host, no runs",
        config: OutlierConfig::grpc,
    },
];

impl OutlierConfig {
    /// What is used when nothing else is said.
    pub fn ours() -> OutlierConfig {
        OutlierConfig {
            always_one: true,
            enforce_share: Share::ALL,
            twice: false,
            ..OutlierConfig::envoy()
        }
    }

    /// Envoy's defaults.
    pub fn envoy() -> OutlierConfig {
        OutlierConfig {
            interval: Span::from_millis(10_000),
            base: Span::from_millis(30_000),
            longest: Span::from_millis(300_000),
            jitter: Span::ZERO,
            max_ejected: Share::percent(10),
            always_one: false,
            cap: Cap::Before,
            in_a_row: Some(5),
            gateway_in_a_row: Some(5),
            local_in_a_row: Some(5),
            split_local: false,
            deviations: 1.9,
            rate_hosts: 5,
            rate_volume: 100,
            percent: true,
            failure_share: Share::percent(85),
            exceed: false,
            share_hosts: 5,
            share_volume: 50,
            enforce_in_a_row: Share::ALL,
            enforce_gateway: Share::NONE,
            enforce_local: Share::ALL,
            enforce_rate: Share::ALL,
            enforce_local_rate: Share::ALL,
            enforce_share: Share::NONE,
            enforce_local_share: Share::NONE,
            returns: Returns::AtEnd,
            order: Order::ReturnFirst,
            judges_ejected: false,
            twice: true,
            capped: true,
            decay: Decay::AfterInterval,
            panic: Share::percent(50),
        }
    }

    /// The defaults of gRPC A50, with both of its judgements on.
    pub fn grpc() -> OutlierConfig {
        OutlierConfig {
            cap: Cap::After,
            in_a_row: None,
            gateway_in_a_row: None,
            local_in_a_row: None,
            percent: false,
            exceed: true,
            enforce_share: Share::ALL,
            returns: Returns::AfterEnd,
            order: Order::JudgeFirst,
            judges_ejected: true,
            capped: false,
            decay: Decay::EverySweep,
            panic: Share::NONE,
            ..OutlierConfig::envoy()
        }
    }
}

impl Settings for OutlierConfig {
    fn settings(&mut self) -> Vec<Setting<'_>> {
        let set = Setting::new;
        vec![
            set("interval", "time from sweep to sweep", Value::Span(&mut self.interval)),
            set("base", "how long the first ejection lasts", Value::Span(&mut self.base)),
            set("longest", "the longest ejection", Value::Span(&mut self.longest)),
            set("jitter", "up to so much more by chance", Value::Span(&mut self.jitter)),
            set("max_ejected", "the most that may be ejected", Value::Share(&mut self.max_ejected)),
            set("always_one", "one host may always go", Value::Flag(&mut self.always_one)),
            set("cap", "what the most is compared with", Value::Choice(&mut self.cap)),
            set(
                "in_a_row",
                "errors in a row that eject",
                Value::CountOrUnlimited(&mut self.in_a_row),
            ),
            set(
                "gateway_in_a_row",
                "gateway errors in a row that eject",
                Value::CountOrUnlimited(&mut self.gateway_in_a_row),
            ),
            set(
                "local_in_a_row",
                "failures in a row to reach it that eject",
                Value::CountOrUnlimited(&mut self.local_in_a_row),
            ),
            set("split_local", "such failures are kept apart", Value::Flag(&mut self.split_local)),
            set(
                "deviations",
                "standard deviations under the mean rate; 0 does not judge",
                Value::Number(&mut self.deviations),
            ),
            set("rate_hosts", "hosts that rates need", Value::Count(&mut self.rate_hosts)),
            set("rate_volume", "calls that a rate needs", Value::Count(&mut self.rate_volume)),
            set("percent", "rates are compared in percent", Value::Flag(&mut self.percent)),
            set(
                "failure_share",
                "the share of failures that ejects; 0% does not judge",
                Value::Share(&mut self.failure_share),
            ),
            set("exceed", "that share must be exceeded", Value::Flag(&mut self.exceed)),
            set("share_hosts", "hosts that shares need", Value::Count(&mut self.share_hosts)),
            set("share_volume", "calls that a share needs", Value::Count(&mut self.share_volume)),
            set("enforce_in_a_row", "how often", Value::Share(&mut self.enforce_in_a_row)),
            set("enforce_gateway", "how often", Value::Share(&mut self.enforce_gateway)),
            set("enforce_local", "how often", Value::Share(&mut self.enforce_local)),
            set("enforce_rate", "how often", Value::Share(&mut self.enforce_rate)),
            set("enforce_local_rate", "how often", Value::Share(&mut self.enforce_local_rate)),
            set("enforce_share", "how often", Value::Share(&mut self.enforce_share)),
            set("enforce_local_share", "how often", Value::Share(&mut self.enforce_local_share)),
            set("returns", "when an ejection is over", Value::Choice(&mut self.returns)),
            set("order", "what a sweep does first", Value::Choice(&mut self.order)),
            set("judges_ejected", "ejected ones too", Value::Flag(&mut self.judges_ejected)),
            set("twice", "ejected twice counts twice", Value::Flag(&mut self.twice)),
            set("capped", "the multiple stops growing", Value::Flag(&mut self.capped)),
            set("decay", "when the multiple shrinks", Value::Choice(&mut self.decay)),
            set("panic", "healthy share below which all are used", Value::Share(&mut self.panic)),
        ]
    }

    fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (field, span) in [("interval", self.interval), ("base", self.base)] {
            if span.is_zero() {
                let why = "sweeps and ejections take some time";
                problems.push(Problem::new(field, span, why, "write a length, such as \"10s\""));
            }
        }
        if self.longest < self.base {
            let why = format!("the first ejection already lasts {}", self.base);
            problems.push(Problem::new("longest", self.longest, why, "write at least base"));
        }
        for (field, count) in [
            ("in_a_row", self.in_a_row),
            ("gateway_in_a_row", self.gateway_in_a_row),
            ("local_in_a_row", self.local_in_a_row),
        ] {
            if count == Some(0) {
                let why = "a host would be ejected without a failure";
                problems.push(Problem::new(field, 0, why, "write 1 or more, or Unlimited"));
            }
        }
        if !(self.deviations >= 0.0 && self.deviations.is_finite()) {
            let why = "it is a distance under the mean";
            problems.push(Problem::new("deviations", self.deviations, why, "write 0 or more"));
        }
        let shares = [
            ("max_ejected", self.max_ejected),
            ("failure_share", self.failure_share),
            ("enforce_in_a_row", self.enforce_in_a_row),
            ("enforce_gateway", self.enforce_gateway),
            ("enforce_local", self.enforce_local),
            ("enforce_rate", self.enforce_rate),
            ("enforce_local_rate", self.enforce_local_rate),
            ("enforce_share", self.enforce_share),
            ("enforce_local_share", self.enforce_local_share),
            ("panic", self.panic),
        ];
        for (field, share) in shares.into_iter().filter(|(_, share)| *share > Share::ALL) {
            let why = "there is no more than all";
            problems.push(Problem::new(field, share, why, "write 100% or less"));
        }
        problems
    }
}
