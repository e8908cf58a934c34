//! The peak of a member's latency, decaying towards what is measured.

use super::config::{Decays, PeakEwma};
use crate::math;
use crate::time::{Span, Time};

/// tower's `RttEstimate`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Estimate {
    /// In nanoseconds.
    rtt: f64,
    at: Time,
}

impl Estimate {
    pub(super) fn new(config: &PeakEwma) -> Estimate {
        Estimate { rtt: config.default_rtt.nanos() as f64, at: Time::ZERO }
    }

    /// A latency is measured: a greater one is the estimate, towards a lesser one it decays.
    pub(super) fn measure(&mut self, config: &PeakEwma, now: Time, took: Span) {
        let took = took.nanos() as f64;
        self.rtt = if self.rtt < took { took } else { self.decayed(config, now, took) };
        self.at = self.at.max(now);
    }

    /// The estimate now, as decayed towards nothing.
    pub(super) fn read(&mut self, config: &PeakEwma, now: Time) -> f64 {
        let rtt = self.decayed(config, now, 0.0);
        match config.decays {
            Decays::WhenRead => (self.rtt, self.at) = (rtt, self.at.max(now)),
            Decays::WhenMeasured => {}
        }
        rtt
    }

    fn decayed(&self, config: &PeakEwma, now: Time, towards: f64) -> f64 {
        let elapsed = now.since(self.at);
        if elapsed.is_zero() {
            return self.rtt;
        }
        let decay = math::exp(-(elapsed.nanos() as f64) / config.decay.nanos() as f64);
        self.rtt * decay + towards * (1.0 - decay)
    }
}
