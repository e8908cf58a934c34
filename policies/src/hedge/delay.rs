//! When the next attempt is due: after a fixed time, or after a percentile of latencies seen.

mod periods;
mod samples;

pub use periods::Periods;
pub use samples::Samples;

use super::config::{HedgeConfig, When};
use crate::time::{Span, Time};

/// Where the delay comes from, with the state of it.
#[derive(Debug, Clone)]
pub(super) enum Delay {
    /// Always the same.
    Fixed(Span),
    /// Time brings no attempt, only a failure does.
    OnFailure,
    /// Of the last so many latencies.
    Samples { samples: Samples, least: Span },
    /// Of the latencies of the period before.
    Periods { periods: Periods, least: Span },
}

impl Delay {
    pub(super) fn new(config: &HedgeConfig) -> Delay {
        let HedgeConfig { percentile, samples, least_samples, period, .. } = *config;
        let least = config.delay;
        match config.when {
            When::AfterDelay => Delay::Fixed(least),
            When::OnFailure => Delay::OnFailure,
            When::AtPercentile => {
                let samples = Samples::new(percentile, samples, least_samples);
                Delay::Samples { samples, least }
            }
            When::AtLastPeriodsPercentile => {
                let periods = Periods::new(percentile, period, least_samples);
                Delay::Periods { periods, least }
            }
        }
    }

    /// The delay from now on, if time brings an attempt at all.
    #[inline]
    pub(super) fn now(&mut self, now: Time) -> Option<Span> {
        match self {
            Delay::Fixed(delay) => Some(*delay),
            Delay::OnFailure => None,
            Delay::Samples { samples, least } => Some(samples.percentile()?.max(*least)),
            Delay::Periods { periods, least } => Some(periods.percentile(now)?.max(*least)),
        }
    }

    #[inline]
    pub(super) fn record(&mut self, now: Time, latency: Span) {
        match self {
            Delay::Fixed(_) | Delay::OnFailure => {}
            Delay::Samples { samples, .. } => samples.record(latency),
            Delay::Periods { periods, .. } => periods.record(now, latency),
        }
    }
}
