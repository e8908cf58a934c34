//! The systems whose breakers these are, at their defaults.

use super::config::{
    Boundary, BreakerConfig, Closing, CountedAt, EndsIn, HalfOpens, Ignored, JudgedOn, Manual,
    OpenJitter, ProbeCounts, Rounding, ShareOf, Stale, Window,
};
use crate::settings::{Dialect, Share};
use crate::time::Span;

/// The systems whose breakers these are.
pub const DIALECTS: &[Dialect<BreakerConfig>] = &[
    Dialect {
        name: "Ours",
        about: "30 s in 30 buckets, half of 20 calls failing opens it for 5 s, doubling to 60 s; \
                three leased probes",
        config: BreakerConfig::ours,
    },
    Dialect {
        name: "Resilience4j",
        about: "the last 100 calls, every outcome judged, ten probes, stale outcomes count",
        config: BreakerConfig::resilience4j,
    },
    Dialect {
        name: "Polly",
        about: "version 8: ten sub-windows begun by calls, one probe, stale successes close it",
        config: BreakerConfig::polly,
    },
    Dialect {
        name: "Gobreaker",
        about: "version 2: six failures in a row, counts cleared by state, stale outcomes dropped",
        config: BreakerConfig::gobreaker,
    },
    Dialect {
        name: "FailsafeGo",
        about: "so many of the last so many, as soon as reached; every outcome returns a permit",
        config: BreakerConfig::failsafe_go,
    },
    Dialect {
        name: "Hystrix",
        about: "finished buckets judged by a timer, one probe, a cancelled probe has failed",
        config: BreakerConfig::hystrix,
    },
    Dialect {
        name: "Finagle",
        about: "failure accrual of one endpoint: five in a row, or under 80 % good over 30 s",
        config: BreakerConfig::finagle,
    },
    Dialect {
        name: "Linkerd",
        about: "the gate of one endpoint: seven failures in a row, back-off from 1 s to 60 s",
        config: BreakerConfig::linkerd,
    },
    Dialect {
        name: "Sentinel",
        about: "error ratio or slow-request ratio exceeded in 1 s, the first bad probe reopens",
        config: BreakerConfig::sentinel,
    },
];

impl BreakerConfig {
    /// What is used when nothing else is said.
    pub fn ours() -> BreakerConfig {
        BreakerConfig {
            window: Window::Grid,
            span: Some(Span::from_millis(30_000)),
            buckets: 30,
            calls: 100,
            min_calls: 20,
            share_of: ShareOf::Outcomes,
            failure_share: Share::percent(50),
            failures: None,
            in_a_row: None,
            slow_after: None,
            slow_share: Share::percent(80),
            exceed: false,
            rounding: Rounding::Exact,
            judged_on: JudgedOn::Every,
            judge_every: None,
            watched: 1024,
            open: Span::from_millis(5_000),
            open_factor: 2.0,
            open_max: Some(Span::from_millis(60_000)),
            open_jitter: Share::NONE,
            jitter: OpenJitter::Added,
            open_step: Span::from_nanos(1),
            waits: &[],
            tail: None,
            boundary: Boundary::Inclusive,
            half_opens: HalfOpens::OnTime,
            forgets_on_open: false,
            probes: 3,
            probes_at_once: false,
            closing: Closing::Share,
            close_after: 3,
            reopen_after: 1,
            probe_counts: ProbeCounts::Apart,
            lease: Some(Span::from_millis(10_000)),
            half_open_max: None,
            half_open_ends: EndsIn::Open,
            ramp: None,
            ramp_from: Share::percent(10),
            ignored: Ignored::Nothing,
            stale: Stale::Dropped,
            counted_at: CountedAt::End,
            manual: Manual::Any,
        }
    }

    /// What the older libraries have in common: no watching, no leases, a fixed open time.
    fn plain() -> BreakerConfig {
        BreakerConfig {
            watched: 0,
            lease: None,
            open_factor: 1.0,
            open_max: None,
            slow_share: Share::NONE,
            stale: Stale::Counted,
            half_opens: HalfOpens::OnCall,
            ..BreakerConfig::ours()
        }
    }

    /// resilience4j's defaults.
    pub fn resilience4j() -> BreakerConfig {
        BreakerConfig {
            window: Window::LastCalls,
            calls: 100,
            min_calls: 100,
            slow_after: Some(Span::from_millis(60_000)),
            slow_share: Share::ALL,
            open: Span::from_millis(60_000),
            open_step: Span::from_millis(1),
            jitter: OpenJitter::Around,
            boundary: Boundary::Exclusive,
            probes: 10,
            manual: Manual::Checked,
            ..BreakerConfig::plain()
        }
    }

    /// The defaults of Polly, version 8.
    pub fn polly() -> BreakerConfig {
        BreakerConfig {
            window: Window::Started,
            buckets: 10,
            min_calls: 100,
            failure_share: Share::percent(10),
            judged_on: JudgedOn::Bad,
            probes: 1,
            closing: Closing::Counts,
            close_after: 1,
            probe_counts: ProbeCounts::GoodTogether,
            ignored: Ignored::Success,
            ..BreakerConfig::plain()
        }
    }

    /// The defaults of gobreaker, version 2.
    pub fn gobreaker() -> BreakerConfig {
        BreakerConfig {
            window: Window::Anchored,
            span: None,
            buckets: 1,
            min_calls: 0,
            share_of: ShareOf::Requests,
            failure_share: Share::NONE,
            in_a_row: Some(6),
            judged_on: JudgedOn::Bad,
            open: Span::from_millis(60_000),
            boundary: Boundary::Exclusive,
            half_opens: HalfOpens::OnTime,
            forgets_on_open: true,
            probes: 1,
            closing: Closing::Counts,
            close_after: 1,
            stale: Stale::Dropped,
            counted_at: CountedAt::Start,
            ..BreakerConfig::plain()
        }
    }

    /// failsafe-go's defaults.
    pub fn failsafe_go() -> BreakerConfig {
        BreakerConfig {
            window: Window::LastCalls,
            buckets: 10,
            calls: 1,
            min_calls: 0,
            failure_share: Share::NONE,
            failures: Some(1),
            rounding: Rounding::Nearest,
            open: Span::from_millis(60_000),
            probes: 1,
            probes_at_once: true,
            closing: Closing::Counts,
            close_after: 1,
            ignored: Ignored::Success,
            manual: Manual::Changes,
            ..BreakerConfig::plain()
        }
    }

    /// Hystrix' defaults.
    pub fn hystrix() -> BreakerConfig {
        BreakerConfig {
            window: Window::Finished,
            span: Some(Span::from_millis(10_000)),
            buckets: 10,
            min_calls: 20,
            rounding: Rounding::Down,
            judged_on: JudgedOn::Timer,
            judge_every: Some(Span::from_millis(500)),
            boundary: Boundary::Exclusive,
            probes: 1,
            closing: Closing::Counts,
            close_after: 1,
            probe_counts: ProbeCounts::Together,
            ignored: Ignored::FailedProbe,
            ..BreakerConfig::plain()
        }
    }

    /// Finagle's defaults: a good share of at least 80 % over 30 s of at least five calls, or else
    /// five failures in a row.
    pub fn finagle() -> BreakerConfig {
        BreakerConfig {
            window: Window::AverageOfTime,
            buckets: 5,
            min_calls: 5,
            failure_share: Share::percent(20),
            in_a_row: Some(5),
            judged_on: JudgedOn::Bad,
            open_factor: 2.0,
            open_max: Some(Span::from_millis(300_000)),
            tail: Some(Span::from_millis(300_000)),
            jitter: OpenJitter::Half,
            open_jitter: Share::percent(50),
            half_opens: HalfOpens::OnTime,
            probes: 1,
            closing: Closing::AsClosed,
            probe_counts: ProbeCounts::Together,
            stale: Stale::SuccessCounted,
            ..BreakerConfig::plain()
        }
    }

    /// The defaults of Linkerd 2.
    pub fn linkerd() -> BreakerConfig {
        BreakerConfig {
            window: Window::Anchored,
            span: None,
            buckets: 1,
            min_calls: 0,
            failure_share: Share::NONE,
            in_a_row: Some(7),
            judged_on: JudgedOn::Bad,
            open: Span::from_millis(1_000),
            open_factor: 2.0,
            open_max: Some(Span::from_millis(60_000)),
            open_jitter: Share::percent(50),
            half_opens: HalfOpens::OnTime,
            forgets_on_open: true,
            probes: 1,
            closing: Closing::Counts,
            close_after: 1,
            stale: Stale::Obeyed,
            ..BreakerConfig::plain()
        }
    }

    /// Sentinel's error ratio: one second, five calls, open for five.
    pub fn sentinel() -> BreakerConfig {
        BreakerConfig {
            span: Some(Span::from_millis(1_000)),
            buckets: 1,
            min_calls: 5,
            exceed: true,
            probes: 1,
            closing: Closing::Counts,
            close_after: 1,
            ..BreakerConfig::plain()
        }
    }
}
