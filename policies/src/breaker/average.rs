//! An exponentially weighted moving average of good outcomes (Finagle's `Ema`).

use super::config::Window;
use super::counts::Counts;
use super::slices::Slices;
use crate::math;
use crate::time::Time;

const MILLI: u64 = 1_000_000;

/// The moving average over calls or over time; times count in whole milliseconds.
#[derive(Debug, Clone)]
pub(super) struct Average {
    /// Calls or milliseconds that an outcome lives in the mean.
    window: u64,
    /// When it began, in milliseconds, where it is one over time.
    began: Option<u64>,
    /// The last outcome's call number or milliseconds since the beginning.
    stamp: Option<u64>,
    /// What one step of one call leaves of the past.
    one_step: f64,
    /// The share of good outcomes, in [0, 1].
    good: f64,
    total: Counts,
    /// The calls of the last window, to know whether there were enough.
    recent: Slices,
}

impl Average {
    pub(super) fn new(rule: Window, span: u64, calls: u32, buckets: u32) -> Average {
        let by_time = rule == Window::AverageOfTime;
        let window = if by_time { span / MILLI } else { u64::from(calls) }.max(1);
        let span = if by_time { Some(span) } else { None };
        Average {
            window,
            began: by_time.then_some(0),
            stamp: None,
            one_step: math::exp(-1.0 / window as f64),
            good: 0.0,
            total: Counts::default(),
            recent: Slices::new(Window::Anchored, span, if by_time { buckets } else { 1 }),
        }
    }

    pub(super) fn clear(&mut self, now: Time) {
        self.began = self.began.map(|_| now.nanos() / MILLI);
        (self.stamp, self.good, self.total) = (None, 0.0, Counts::default());
        self.recent.clear(now);
    }

    pub(super) fn request(&mut self) {
        self.total.requests += 1;
    }

    pub(super) fn exclude(&mut self) {
        self.total.excluded += 1;
    }

    pub(super) fn record(&mut self, now: Time, failed: bool, slow: bool) {
        self.recent.record(now, None, failed, slow);
        self.total.add(failed, slow);
        let x = if failed { 0.0 } else { 1.0 };
        let stamp = match self.began {
            Some(began) => (now.nanos() / MILLI).saturating_sub(began),
            None => self.total.calls(),
        };
        self.good = match self.stamp {
            None => x,
            Some(last) => {
                let w = match stamp - last {
                    1 if self.began.is_none() => self.one_step,
                    passed => math::exp(-(passed as f64) / self.window as f64),
                };
                x * (1.0 - w) + self.good * w
            }
        };
        self.stamp = Some(stamp);
    }

    /// The share of good outcomes, in [0, 1].
    pub(super) const fn good(&self) -> f64 {
        self.good
    }

    /// Whether it spans a whole window and saw `least` calls in it.
    pub(super) fn is_full(&mut self, now: Time, least: u64) -> bool {
        let enough = self.began.is_none() || self.recent.counts(now).calls() >= least;
        enough && self.stamp.is_some_and(|stamp| stamp >= self.window)
    }

    pub(super) const fn counts(&self) -> &Counts {
        &self.total
    }
}
