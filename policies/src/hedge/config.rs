//! What a hedge is told, and whose hedge that is.

use super::attempts::Attempts;
use crate::choice;
use crate::settings::{Dialect, Problem, Setting, Settings, Share, Value};
use crate::time::Span;
use alloc::vec;
use alloc::vec::Vec;

/// What brings the next attempt when nothing has failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// `delay` after the one before; none is all at once.
    AfterDelay,
    /// The percentile of the last `samples` latencies, but `delay` at least.
    AtPercentile,
    /// The percentile of the latencies of the period before, but `delay` at least.
    AtLastPeriodsPercentile,
    /// Nothing: only a failure does.
    OnFailure,
}

choice!(When { AfterDelay, AtPercentile, AtLastPeriodsPercentile, OnFailure });

/// What a failure does that is not fatal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnFailure {
    /// The next attempt goes at once; its successor a delay later (gRPC A6, Polly, cristalhq).
    Next,
    /// Nothing: the next goes when it is due (grpc-java, failsafe-go with `CancelIf`).
    Wait,
    /// It is the call's answer like any other (failsafe-go, tower).
    End,
    /// No further attempt; those that are out may still answer (Finagle).
    Await,
}

choice!(OnFailure { Next, Wait, End, Await });

/// What a server's word about when to come back does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pushback {
    /// The next attempt goes when it says, or none ever does (gRPC A6).
    Obey,
    /// "Later" is at once; "never" is obeyed (grpc-java).
    AtOnce,
    /// Nothing.
    Ignore,
}

choice!(Pushback { Obey, AtOnce, Ignore });

/// When the budget is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// Before an attempt is sent: one that nothing pays for is not.
    WhenSent,
    /// When the attempt before is sent: what is planned then goes whatever has come since, and a
    /// failure that finds the budget exhausted ends the call (grpc-java).
    WhenPlanned,
}

choice!(Asked { WhenSent, WhenPlanned });

/// What a hedge is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HedgeConfig {
    /// Attempts of a call, the original among them.
    pub attempts: u32,
    /// What `attempts` is cut down to without a word, if it is (gRPC: 5).
    pub attempts_cap: Option<u32>,
    /// What brings the next attempt.
    pub when: When,
    /// The fixed delay, or the least one.
    pub delay: Span,
    /// The percentile of latencies at which the next attempt goes.
    pub percentile: Share,
    /// How many latencies the percentile is of; `AtPercentile` only.
    pub samples: u32,
    /// How many there must be before any hedge goes.
    pub least_samples: u32,
    /// Length of a period; `AtLastPeriodsPercentile` only.
    pub period: Span,
    /// Whether latencies of hedges count as well, each from its own sending.
    pub records_hedges: bool,
    /// Whether one counts that is given up because another has won, with its age then; of hedges,
    /// where they count, only the latest one's is known.
    pub records_losers: bool,
    /// Whether one counts whose own time limit is over, with its age then; of hedges as above.
    pub records_timeouts: bool,
    /// What a failure does.
    pub on_failure: OnFailure,
    /// What a server's word about when to come back does.
    pub pushback: Pushback,
    /// When the budget is asked.
    pub asked: Asked,
    /// Hedges that may be out at once, over all calls.
    pub most_out: Option<u32>,
    /// Whether a hedge goes to a replica that its call has not tried, if there is one.
    pub elsewhere: bool,
}

/// The systems whose hedges these are.
pub const DIALECTS: &[Dialect<HedgeConfig>] = &[
    Dialect {
        name: "Ours",
        about: "one hedge at the 95th percentile of the last 1000 latencies, to another replica",
        config: HedgeConfig::ours,
    },
    Dialect {
        name: "Grpc",
        about: "A6: up to 5 attempts, a failure brings the next at once, pushback is obeyed",
        config: HedgeConfig::grpc,
    },
    Dialect {
        name: "GrpcJava",
        about: "a failure waits out the delay; the budget is asked one attempt ahead",
        config: HedgeConfig::grpc_java,
    },
    Dialect {
        name: "FailsafeGo",
        about: "one hedge after a fixed delay; the first result ends the call, an error too",
        config: HedgeConfig::failsafe_go,
    },
    Dialect {
        name: "Polly",
        about: "one hedge after 2 s or at once after a failure",
        config: HedgeConfig::polly,
    },
    Dialect {
        name: "Tower",
        about: "one hedge at a percentile of the period before; the first completion wins",
        config: HedgeConfig::tower,
    },
    Dialect {
        name: "Cristalhq",
        about: "hedgedhttp: a fixed delay, an error brings the next at once",
        config: HedgeConfig::cristalhq,
    },
    Dialect {
        name: "Finagle",
        about: "one backup request at the percentile that leaves 1 % extra load",
        config: HedgeConfig::finagle,
    },
];

impl HedgeConfig {
    /// What is used when nothing else is said.
    pub fn ours() -> HedgeConfig {
        HedgeConfig {
            attempts: 2,
            attempts_cap: None,
            when: When::AtPercentile,
            delay: Span::from_millis(1),
            percentile: Share::percent(95),
            samples: 1_000,
            least_samples: 100,
            period: Span::from_millis(60_000),
            records_hedges: false,
            records_losers: false,
            records_timeouts: false,
            on_failure: OnFailure::Next,
            pushback: Pushback::Obey,
            asked: Asked::WhenSent,
            most_out: None,
            elsewhere: true,
        }
    }

    /// gRFC A6, with the numbers of its example.
    pub fn grpc() -> HedgeConfig {
        HedgeConfig {
            attempts: 4,
            attempts_cap: Some(5),
            when: When::AfterDelay,
            delay: Span::from_millis(500),
            elsewhere: false,
            ..HedgeConfig::ours()
        }
    }

    /// grpc-java, which differs from A6 on failures and on the budget.
    pub fn grpc_java() -> HedgeConfig {
        HedgeConfig {
            on_failure: OnFailure::Wait,
            pushback: Pushback::AtOnce,
            asked: Asked::WhenPlanned,
            ..HedgeConfig::grpc()
        }
    }

    /// failsafe-go without `CancelIf`; the delay is ours, it has none.
    pub fn failsafe_go() -> HedgeConfig {
        HedgeConfig {
            when: When::AfterDelay,
            delay: Span::from_millis(100),
            on_failure: OnFailure::End,
            pushback: Pushback::Ignore,
            elsewhere: false,
            ..HedgeConfig::ours()
        }
    }

    /// Polly v8's defaults.
    pub fn polly() -> HedgeConfig {
        HedgeConfig {
            when: When::AfterDelay,
            delay: Span::from_millis(2_000),
            pushback: Pushback::Ignore,
            elsewhere: false,
            ..HedgeConfig::ours()
        }
    }

    /// tower's hedge, whose numbers are its caller's; those of its tests here.
    pub fn tower() -> HedgeConfig {
        HedgeConfig {
            when: When::AtLastPeriodsPercentile,
            delay: Span::ZERO,
            percentile: Share::percent(90),
            least_samples: 10,
            records_hedges: true,
            on_failure: OnFailure::End,
            pushback: Pushback::Ignore,
            elsewhere: false,
            ..HedgeConfig::ours()
        }
    }

    /// hedgedhttp, whose numbers are its caller's; those of its example here. It makes a delay of
    /// zero a nanosecond.
    pub fn cristalhq() -> HedgeConfig {
        HedgeConfig {
            attempts: 3,
            when: When::AfterDelay,
            delay: Span::from_millis(10),
            pushback: Pushback::Ignore,
            elsewhere: false,
            ..HedgeConfig::ours()
        }
    }

    /// Finagle's `BackupRequestFilter` at 1 % extra load; its window slides, ours is the last one.
    /// It records successes, what it has superseded and what timed out by itself, originals and
    /// backups alike; other failures are quick and would make the delay too short (`shouldRecord`).
    pub fn finagle() -> HedgeConfig {
        HedgeConfig {
            when: When::AtLastPeriodsPercentile,
            percentile: Share::percent(99),
            least_samples: 1,
            period: Span::from_millis(30_000),
            records_hedges: true,
            records_losers: true,
            records_timeouts: true,
            on_failure: OnFailure::Await,
            pushback: Pushback::Ignore,
            elsewhere: false,
            ..HedgeConfig::ours()
        }
    }

    /// Attempts that a call can really have.
    pub fn most_attempts(&self) -> u32 {
        self.attempts_cap.map_or(self.attempts, |cap| self.attempts.min(cap))
    }

    fn has_percentile(&self) -> bool {
        matches!(self.when, When::AtPercentile | When::AtLastPeriodsPercentile)
    }
}

impl Settings for HedgeConfig {
    fn settings(&mut self) -> Vec<Setting<'_>> {
        vec![
            Setting::new(
                "attempts",
                "attempts of a call, the original among them",
                Value::Count(&mut self.attempts),
            ),
            Setting::new(
                "attempts_cap",
                "what attempts is cut down to",
                Value::CountOrUnlimited(&mut self.attempts_cap),
            ),
            Setting::new("when", "what brings the next attempt", Value::Choice(&mut self.when)),
            Setting::new("delay", "the delay, or the least one", Value::Span(&mut self.delay)),
            Setting::new(
                "percentile",
                "of the latencies at which the next goes",
                Value::Share(&mut self.percentile),
            ),
            Setting::new(
                "samples",
                "latencies the percentile is of",
                Value::Count(&mut self.samples),
            ),
            Setting::new(
                "least_samples",
                "latencies before any hedge goes",
                Value::Count(&mut self.least_samples),
            ),
            Setting::new("period", "length of a period", Value::Span(&mut self.period)),
            Setting::new(
                "records_hedges",
                "whether latencies of hedges count as well",
                Value::Flag(&mut self.records_hedges),
            ),
            Setting::new(
                "records_losers",
                "whether one that another beats counts, with its age then",
                Value::Flag(&mut self.records_losers),
            ),
            Setting::new(
                "records_timeouts",
                "whether one counts whose own time limit is over, with its age then",
                Value::Flag(&mut self.records_timeouts),
            ),
            Setting::new("on_failure", "what a failure does", Value::Choice(&mut self.on_failure)),
            Setting::new(
                "pushback",
                "what a server's word about when to come back does",
                Value::Choice(&mut self.pushback),
            ),
            Setting::new("asked", "when the budget is asked", Value::Choice(&mut self.asked)),
            Setting::new(
                "most_out",
                "hedges out at once over all calls",
                Value::CountOrUnlimited(&mut self.most_out),
            ),
            Setting::new(
                "elsewhere",
                "whether it goes to a replica that the call has not tried, if there is one",
                Value::Flag(&mut self.elsewhere),
            ),
        ]
    }

    fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut problem = |field, found: &dyn core::fmt::Display, why, remedy| {
            problems.push(Problem::new(field, found, why, remedy));
        };
        if self.attempts == 0 {
            problem("attempts", &0, "the original is one of them", "write 1 or more");
        }
        if self.attempts_cap == Some(0) {
            problem("attempts_cap", &0, "the original is one of them", "write 1 or more");
        }
        if self.most_attempts() > Attempts::MOST {
            let why = "a call keeps its attempts in 32 bits";
            problem("attempts", &self.attempts, why, "write 32 or fewer");
        }
        if self.has_percentile() && !(1..1_000_000).contains(&self.percentile.millionths()) {
            let why = "nobody is slower than all, and everybody slower than none";
            problem("percentile", &self.percentile, why, "write more than 0% and less than 100%");
        }
        if self.has_percentile() && self.least_samples == 0 {
            let why = "of no samples there is no percentile";
            problem("least_samples", &0, why, "write 1 or more");
        }
        if self.when == When::AtPercentile {
            if !(1..=100_000).contains(&self.samples) {
                let why = "each latency is kept and put in order";
                problem("samples", &self.samples, why, "write 1 to 100000");
            } else if self.least_samples > self.samples {
                let why = "there will never be so many: the oldest leave";
                problem("least_samples", &self.least_samples, why, "write no more than samples");
            }
        }
        if self.when == When::AtLastPeriodsPercentile && self.period.is_zero() {
            problem("period", &self.period, "a period has a length", "write a time such as 60s");
        }
        problems
    }
}
