//! What a limiter is told, and whose limiter that is.

use crate::choice;
use crate::settings::{Dialect, Problem, Setting, Settings, Value};
use crate::time::Span;
use alloc::vec;
use alloc::vec::Vec;

/// How a limiter counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// [`TokenBucket`](super::TokenBucket).
    TokenBucket,
    /// [`Gcra`](super::Gcra).
    Gcra,
    /// [`GoBucket`](super::GoBucket).
    GoBucket,
    /// [`Smooth`](super::Smooth).
    Smooth,
    /// [`Paced`](super::Paced).
    Paced,
    /// [`Cycle`](super::Cycle) on the grid of periods.
    Cycle,
    /// [`Cycle`](super::Cycle) on the grid of periods, whose debts are repaid beyond its cap.
    UncappedCycle,
    /// [`Cycle`](super::Cycle) with windows that begin at a call.
    AnchoredWindow,
    /// [`SlidingCounter`](super::SlidingCounter).
    SlidingCounter,
    /// [`SlidingLog`](super::SlidingLog).
    SlidingLog,
}

choice!(Algorithm {
    TokenBucket,
    Gcra,
    GoBucket,
    Smooth,
    Paced,
    Cycle,
    UncappedCycle,
    AnchoredWindow,
    SlidingCounter,
    SlidingLog,
});

/// What a limiter is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LimiterConfig {
    /// How it counts.
    pub algorithm: Algorithm,
    /// Calls it lets through every period.
    pub permits: u32,
    /// The period, or the window.
    pub per: Span,
    /// Calls that may come at once after idling; token buckets and GCRA only.
    pub burst: u32,
    /// Intervals of idling that may be caught up on; `Paced` only.
    pub slack: u32,
    /// Whether a call itself must fit under the limit; `SlidingCounter` only.
    pub counts_itself: bool,
    /// How long a call may wait for its turn; zero is not at all.
    pub longest_wait: Span,
}

/// The systems whose limiters these are.
pub const DIALECTS: &[Dialect<LimiterConfig>] = &[
    Dialect {
        name: "Ours",
        about: "GCRA, 100 a second, 10 at once, nobody waits",
        config: LimiterConfig::ours,
    },
    Dialect {
        name: "Governor",
        about: "GCRA with the interval rounded down and a burst of one second's permits",
        config: LimiterConfig::governor,
    },
    Dialect {
        name: "RedisCell",
        about: "CL.THROTTLE and throttled: GCRA, 30 a minute and 15 on top at once",
        config: LimiterConfig::redis_cell,
    },
    Dialect {
        name: "Go",
        about: "golang.org/x/time/rate: a token bucket in floats; whoever waits, waits for ever",
        config: LimiterConfig::go,
    },
    Dialect {
        name: "FailsafeSmooth",
        about: "failsafe-go: one an interval, on the grid of intervals",
        config: LimiterConfig::failsafe_smooth,
    },
    Dialect {
        name: "FailsafeBursty",
        about: "failsafe-go: so many a period; debts are repaid in full, beyond the cap",
        config: LimiterConfig::failsafe_bursty,
    },
    Dialect {
        name: "Resilience4j",
        about: "AtomicRateLimiter: 50 every 500 ns, debt up to a wait of 5 s",
        config: LimiterConfig::resilience4j,
    },
    Dialect {
        name: "Tower",
        about: "RateLimit: a window opens at the first call after the last one ended",
        config: LimiterConfig::tower,
    },
    Dialect {
        name: "FixedWindow",
        about: "a counter that is cleared every period: twice the limit around a boundary",
        config: LimiterConfig::fixed_window,
    },
    Dialect {
        name: "SlidingCounter",
        about: "Cloudflare: this window and a share of the last; keeps no debt",
        config: LimiterConfig::sliding_counter,
    },
    Dialect {
        name: "SlidingLog",
        about: "exact: the moments of the last calls",
        config: LimiterConfig::sliding_log,
    },
    Dialect {
        name: "Uber",
        about: "uber-go/ratelimit: one after the other, with a slack of 10",
        config: LimiterConfig::uber,
    },
];

/// Longest log that is kept, 8 MB.
const LOG_MAX: u32 = 1_000_000;

impl LimiterConfig {
    /// What is used when nothing else is said.
    pub fn ours() -> LimiterConfig {
        LimiterConfig {
            algorithm: Algorithm::Gcra,
            permits: 100,
            per: Span::from_millis(1_000),
            burst: 10,
            slack: 10,
            counts_itself: false,
            longest_wait: Span::ZERO,
        }
    }

    /// governor, `Quota::per_second(100)`: the burst is the permits of one second.
    pub fn governor() -> LimiterConfig {
        LimiterConfig { burst: 100, ..LimiterConfig::ours() }
    }

    /// redis-cell's example, `CL.THROTTLE key 15 30 60`.
    pub fn redis_cell() -> LimiterConfig {
        let per = Span::from_millis(60_000);
        LimiterConfig { permits: 30, per, burst: 16, ..LimiterConfig::ours() }
    }

    /// golang.org/x/time/rate's example, `NewLimiter(10, 1)`, used with `Wait`.
    pub fn go() -> LimiterConfig {
        let (algorithm, longest_wait) = (Algorithm::GoBucket, Span::MAX);
        LimiterConfig { algorithm, permits: 10, burst: 1, longest_wait, ..LimiterConfig::ours() }
    }

    /// failsafe-go's smooth limiter; without a longest wait it refuses.
    pub fn failsafe_smooth() -> LimiterConfig {
        LimiterConfig { algorithm: Algorithm::Smooth, ..LimiterConfig::ours() }
    }

    /// failsafe-go's bursty limiter; without a longest wait it refuses.
    pub fn failsafe_bursty() -> LimiterConfig {
        LimiterConfig { algorithm: Algorithm::UncappedCycle, ..LimiterConfig::ours() }
    }

    /// resilience4j's defaults.
    pub fn resilience4j() -> LimiterConfig {
        LimiterConfig {
            algorithm: Algorithm::Cycle,
            permits: 50,
            per: Span::from_nanos(500),
            longest_wait: Span::from_millis(5_000),
            ..LimiterConfig::ours()
        }
    }

    /// tower's `RateLimit`, which has no defaults; callers wait until they are ready.
    pub fn tower() -> LimiterConfig {
        let (algorithm, longest_wait) = (Algorithm::AnchoredWindow, Span::MAX);
        LimiterConfig { algorithm, longest_wait, ..LimiterConfig::ours() }
    }

    /// A counter per fixed window.
    pub fn fixed_window() -> LimiterConfig {
        LimiterConfig { algorithm: Algorithm::Cycle, ..LimiterConfig::ours() }
    }

    /// Cloudflare's sliding counter.
    pub fn sliding_counter() -> LimiterConfig {
        LimiterConfig { algorithm: Algorithm::SlidingCounter, ..LimiterConfig::ours() }
    }

    /// The exact log.
    pub fn sliding_log() -> LimiterConfig {
        LimiterConfig { algorithm: Algorithm::SlidingLog, ..LimiterConfig::ours() }
    }

    /// uber-go/ratelimit's `New(100)`: its callers always wait.
    pub fn uber() -> LimiterConfig {
        let (algorithm, longest_wait) = (Algorithm::Paced, Span::MAX);
        LimiterConfig { algorithm, longest_wait, ..LimiterConfig::ours() }
    }

    fn has_burst(&self) -> bool {
        matches!(self.algorithm, Algorithm::TokenBucket | Algorithm::Gcra | Algorithm::GoBucket)
    }

    fn has_interval(&self) -> bool {
        matches!(self.algorithm, Algorithm::Gcra | Algorithm::Smooth | Algorithm::Paced)
    }
}

impl Settings for LimiterConfig {
    fn settings(&mut self) -> Vec<Setting<'_>> {
        vec![
            Setting::new("algorithm", "how it counts", Value::Choice(&mut self.algorithm)),
            Setting::new("permits", "calls let through a period", Value::Count(&mut self.permits)),
            Setting::new("per", "the period, or the window", Value::Span(&mut self.per)),
            Setting::new("burst", "calls at once after idling", Value::Count(&mut self.burst)),
            Setting::new("slack", "intervals to catch up on", Value::Count(&mut self.slack)),
            Setting::new(
                "counts_itself",
                "whether a call itself must fit under the limit",
                Value::Flag(&mut self.counts_itself),
            ),
            Setting::new(
                "longest_wait",
                "how long a call may wait for its turn",
                Value::Span(&mut self.longest_wait),
            ),
        ]
    }

    fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut problem = |field, found: &dyn core::fmt::Display, why, remedy| {
            problems.push(Problem::new(field, found, why, remedy));
        };
        if self.permits == 0 {
            problem("permits", &0, "nothing would ever be let through", "write 1 or more");
        }
        if self.per.is_zero() {
            problem("per", &self.per, "a period has a length", "write a time such as 1s");
        } else if self.has_interval() && self.per.nanos() < u64::from(self.permits) {
            let why = "this kind spaces calls by whole nanoseconds, one at least";
            problem("permits", &self.permits, why, "write fewer permits or a longer period");
        }
        if self.has_burst() && self.burst == 0 {
            problem("burst", &0, "not one call would fit", "write 1 or more");
        }
        if self.algorithm == Algorithm::SlidingLog && self.permits > LOG_MAX {
            let why = "the log remembers every one of them, at 8 bytes each";
            problem("permits", &self.permits, why, "write 1000000 or fewer, or use Gcra");
        }
        if self.algorithm == Algorithm::SlidingCounter && !self.longest_wait.is_zero() {
            let why = "two counters keep no debt: nobody can be promised a moment";
            problem("longest_wait", &self.longest_wait, why, "write 0s, or use another algorithm");
        }
        problems
    }
}
