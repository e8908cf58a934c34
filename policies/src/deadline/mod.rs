//! Deadlines: what is left of a time, split over attempts and carried to others.
//!
//! **States.** None: a deadline is a moment, set once when the call begins, and every question is
//! answered from it and from now.
//!
//! **Formula.** An attempt's timeout is min(per_try, remaining − reserve); there is no attempt when
//! that is nothing. A wait that would end at or after the deadline, less the reserve, is not begun:
//! the caller gets the last real error at once instead of a timeout later.
//!
//! **Units.** Nanoseconds; on the wire at most eight digits and one of H, M, S, m, u, n, rounded up
//! to the next coarser unit.
//!
//! **Defaults** of ours: no total, no time per attempt, no reserve; what remains is what is sent.
//!
//! **Helps** always: work that nobody waits for any more is the first thing to leave out, and each
//! hop can only do that if it knows. **Hurts** when every hop has its own timeout instead: they add
//! up, and the caller has left long before the last of them. An absolute deadline on the wire is
//! read off another clock: one that is fast kills good work, one that is slow does dead work. So
//! gRPC sends what remains, and loses only the time on the way.
//!
//! **Source.** gRPC over HTTP/2, `grpc-timeout`; gRFC A6; Envoy's route and per-try timeouts;
//! Finagle's deadlines; resilience4j's `TimeLimiter`.
//!
//! ```
//! use brownout_policies::deadline::{Deadline, DeadlineConfig};
//! use brownout_policies::{Span, Time};
//!
//! let ms = Span::from_millis;
//! let config = DeadlineConfig {
//!     total: Some(ms(1_000)),
//!     per_try: Some(ms(400)),
//!     reserve: ms(20),
//!     ..DeadlineConfig::ours()
//! };
//! let rule = Deadline::new(config).expect("the configuration is sound");
//! let ends = rule.begin(Time::ZERO, Time::MAX);
//! assert_eq!(rule.attempt(Time::from_secs(0.5), ends), Some(ms(400)));
//! assert_eq!(rule.attempt(Time::from_secs(0.9), ends), Some(ms(80)));
//! assert!(!rule.may_wait(Time::from_secs(0.9), ends, ms(80)));
//! ```

mod wire;

pub use wire::{BadTimeout, GrpcTimeout, decode, encode};

use crate::choice;
use crate::settings::{Dialect, Problem, Setting, Settings, Value};
use crate::time::{Span, Time};
use alloc::vec;
use alloc::vec::Vec;

/// What a callee is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carried {
    /// How long is left; the callee counts from when it hears of it.
    Remaining,
    /// The moment itself, which the callee reads off its own clock.
    Moment,
    /// Nothing: the callee works on for ever.
    Nothing,
}

choice!(Carried { Remaining, Moment, Nothing });

/// What a deadline is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeadlineConfig {
    /// Time for the whole call, waits and all attempts included.
    pub total: Option<Span>,
    /// Time for each attempt.
    pub per_try: Option<Span>,
    /// Time kept back for what comes after the last attempt.
    pub reserve: Span,
    /// What a callee is told.
    pub carried: Carried,
}

/// The systems whose deadlines these are.
pub const DIALECTS: &[Dialect<DeadlineConfig>] = &[
    Dialect {
        name: "Ours",
        about: "no limit until one is set; callees are told what remains",
        config: DeadlineConfig::ours,
    },
    Dialect {
        name: "Grpc",
        about: "one deadline over all attempts; grpc-timeout carries what remains",
        config: DeadlineConfig::ours,
    },
    Dialect {
        name: "Envoy",
        about: "a route timeout of 15 s spans the retries",
        config: DeadlineConfig::envoy,
    },
    Dialect {
        name: "Finagle",
        about: "the moment itself is broadcast, for the callee's own clock to judge",
        config: DeadlineConfig::finagle,
    },
    Dialect {
        name: "Resilience4j",
        about: "TimeLimiter: 1 s, and nobody else is told",
        config: DeadlineConfig::resilience4j,
    },
];

impl DeadlineConfig {
    /// What is used when nothing else is said.
    pub fn ours() -> DeadlineConfig {
        let (reserve, carried) = (Span::ZERO, Carried::Remaining);
        DeadlineConfig { total: None, per_try: None, reserve, carried }
    }

    /// Envoy's defaults.
    pub fn envoy() -> DeadlineConfig {
        DeadlineConfig { total: Some(Span::from_millis(15_000)), ..DeadlineConfig::ours() }
    }

    /// Finagle's way.
    pub fn finagle() -> DeadlineConfig {
        DeadlineConfig { carried: Carried::Moment, ..DeadlineConfig::ours() }
    }

    /// resilience4j's defaults.
    pub fn resilience4j() -> DeadlineConfig {
        let (total, carried) = (Some(Span::from_millis(1_000)), Carried::Nothing);
        DeadlineConfig { total, carried, ..DeadlineConfig::ours() }
    }
}

impl Settings for DeadlineConfig {
    fn settings(&mut self) -> Vec<Setting<'_>> {
        vec![
            Setting::new("total", "time for the whole call", Value::SpanOrOff(&mut self.total)),
            Setting::new("per_try", "time for each attempt", Value::SpanOrOff(&mut self.per_try)),
            Setting::new("reserve", "time kept back at the end", Value::Span(&mut self.reserve)),
            Setting::new("carried", "what a callee is told", Value::Choice(&mut self.carried)),
        ]
    }

    fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (field, time) in [("total", self.total), ("per_try", self.per_try)] {
            if time.is_some_and(Span::is_zero) {
                let why = "no attempt could ever answer";
                problems.push(Problem::new(field, "0s", why, "write Off for no limit"));
            }
        }
        let Some(total) = self.total.filter(|total| !total.is_zero()) else { return problems };
        if self.reserve >= total {
            let why = "nothing would be left for the first attempt";
            problems.push(Problem::new("reserve", self.reserve, why, "write less than total"));
        }
        if let Some(per_try) = self.per_try.filter(|&per_try| per_try >= total) {
            let why = "the first attempt may use up the whole call";
            problems.push(Problem::new("per_try", per_try, why, "write less than total, or Off"));
        }
        problems
    }
}

/// A deadline's rule; the moment itself belongs to the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline {
    config: DeadlineConfig,
}

impl Deadline {
    /// A rule.
    ///
    /// # Errors
    /// Everything that is wrong with the configuration.
    pub fn new(config: DeadlineConfig) -> Result<Deadline, Vec<Problem>> {
        let problems = config.problems();
        if problems.is_empty() { Ok(Deadline { config }) } else { Err(problems) }
    }

    /// The deadline of a call that begins now under another that ends `above` ([`Time::MAX`] for
    /// none): the earlier of both.
    pub fn begin(&self, now: Time, above: Time) -> Time {
        self.config.total.map_or(above, |total| now.saturating_add(total).min(above))
    }

    /// What is left, without the reserve.
    pub fn remaining(&self, now: Time, deadline: Time) -> Span {
        deadline.since(now).saturating_sub(self.config.reserve)
    }

    /// The timeout of an attempt that begins now; `None` if there is no time for one.
    /// [`Span::MAX`] is no timeout.
    pub fn attempt(&self, now: Time, deadline: Time) -> Option<Span> {
        let per_try = self.config.per_try.unwrap_or(Span::MAX);
        let left = if deadline == Time::MAX { Span::MAX } else { self.remaining(now, deadline) };
        Some(per_try.min(left)).filter(|timeout| !timeout.is_zero())
    }

    /// Whether a wait may begin: it ends before the deadline, less the reserve.
    pub fn may_wait(&self, now: Time, deadline: Time, wait: Span) -> bool {
        deadline == Time::MAX || wait < self.remaining(now, deadline)
    }

    /// The deadline that a callee works to who hears of it when the call `arrives`, sent at `sent`,
    /// on the caller's axis. The callee's clock is `skew_ns` ahead of the caller's (behind, if
    /// negative), which matters only where the moment itself is carried.
    pub fn at_callee(&self, sent: Time, arrives: Time, deadline: Time, skew_ns: i64) -> Time {
        match self.config.carried {
            Carried::Nothing => Time::MAX,
            _ if deadline == Time::MAX => Time::MAX,
            Carried::Remaining => arrives.saturating_add(deadline.since(sent)),
            Carried::Moment if skew_ns >= 0 => {
                Time::from_nanos(deadline.nanos().saturating_sub(skew_ns.unsigned_abs()))
            }
            Carried::Moment => {
                Time::from_nanos(deadline.nanos().saturating_add(skew_ns.unsigned_abs()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(millis: u64) -> Time {
        Time::from_nanos(millis * 1_000_000)
    }

    fn rule(total: u64, per_try: u64, reserve: u64) -> Deadline {
        let some = |millis| Some(Span::from_millis(millis));
        Deadline::new(DeadlineConfig {
            total: some(total),
            per_try: some(per_try),
            reserve: Span::from_millis(reserve),
            ..DeadlineConfig::ours()
        })
        .expect("it is sound")
    }

    #[test]
    fn an_inner_call_never_outlives_the_outer_one() {
        let rule = rule(1_000, 400, 0);
        assert_eq!(rule.begin(ms(100), Time::MAX), ms(1_100));
        assert_eq!(rule.begin(ms(100), ms(600)), ms(600));
    }

    #[test]
    fn an_attempt_gets_what_remains_less_the_reserve_and_then_nothing() {
        let rule = rule(1_000, 400, 100);
        let timeout = |now| rule.attempt(ms(now), ms(1_000)).map(|span| span.nanos() / 1_000_000);
        assert_eq!([timeout(0), timeout(700)], [Some(400), Some(200)]);
        assert_eq!([timeout(900), timeout(1_000), timeout(5_000)], [None; 3]);
    }

    #[test]
    fn a_wait_that_ends_at_the_deadline_is_not_begun() {
        let rule = rule(1_000, 400, 0);
        assert!(rule.may_wait(ms(900), ms(1_000), Span::from_nanos(99_999_999)));
        assert!(!rule.may_wait(ms(900), ms(1_000), Span::from_millis(100)));
        assert!(!rule.may_wait(ms(1_100), ms(1_000), Span::ZERO));
    }

    #[test]
    fn without_a_limit_there_is_time_for_everything() {
        let rule = Deadline::new(DeadlineConfig::ours()).expect("it is sound");
        assert_eq!(rule.attempt(ms(5), Time::MAX), Some(Span::MAX));
        assert!(rule.may_wait(ms(5), Time::MAX, Span::MAX));
    }

    #[test]
    fn what_remains_loses_the_way_and_a_moment_loses_the_skew() {
        let remaining = Deadline::new(DeadlineConfig::ours()).expect("it is sound");
        assert_eq!(remaining.at_callee(ms(0), ms(30), ms(100), 50_000_000), ms(130));
        let moment = Deadline::new(DeadlineConfig::finagle()).expect("it is sound");
        assert_eq!(moment.at_callee(ms(0), ms(30), ms(100), 80_000_000), ms(20));
        assert_eq!(moment.at_callee(ms(0), ms(30), ms(100), -80_000_000), ms(180));
        let untold = Deadline::new(DeadlineConfig::resilience4j()).expect("it is sound");
        assert_eq!(untold.at_callee(ms(0), ms(30), ms(100), 0), Time::MAX);
    }

    #[test]
    fn everything_wrong_is_said_at_once() {
        let (total, per_try) = (Some(Span::from_millis(5)), Some(Span::from_millis(9)));
        let reserve = Span::from_millis(5);
        let config = DeadlineConfig { total, per_try, reserve, ..DeadlineConfig::ours() };
        assert_eq!(config.problems().len(), 2);
    }
}
