//! failsafe-go's adaptive limiter: a queue estimate, and whether throughput still rises with load.

use super::average::{Average, Median};
use super::correlation::Correlation;
use super::spread::Spread;
use super::vegas::magnitude;
use super::{Bounds, Sample};
use crate::settings::{Problem, Setting, Share, Value};
use crate::time::{Span, Time};
use alloc::vec;
use alloc::vec::Vec;

/// Windows that are correlated, at most: they are kept one by one.
const CORRELATED_MAX: u32 = 10_000;

/// Samples of which every average is a plain mean at first, and pairs before a correlation speaks.
const WARMUP: u32 = 10;
/// Recent latencies that are smoothed together.
const SMOOTHED: u32 = 5;

/// failsafe-go's `adaptivelimiter`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FailsafeGoConfig {
    /// The limit may be at most this many times the calls in flight.
    pub factor: f64,
    /// The least length of a window of recent latencies.
    pub recent: Span,
    /// The greatest.
    pub recent_most: Span,
    /// Calls that a window needs.
    pub recent_samples: u32,
    /// Which of a window's latencies stands for it.
    pub quantile: Share,
    /// About how many windows the baseline remembers.
    pub baseline: u32,
    /// Windows over which latency and throughput are correlated with the calls in flight.
    pub correlation: u32,
}

impl FailsafeGoConfig {
    /// failsafe-go's defaults.
    pub fn failsafe_go() -> FailsafeGoConfig {
        FailsafeGoConfig {
            factor: 5.0,
            recent: Span::from_millis(1_000),
            recent_most: Span::from_millis(30_000),
            recent_samples: 50,
            quantile: Share::percent(90),
            baseline: 10,
            correlation: 50,
        }
    }

    pub(super) fn settings(&mut self) -> Vec<Setting<'_>> {
        vec![
            Setting::new(
                "factor",
                "the limit is at most this many times the calls in flight",
                Value::Number(&mut self.factor),
            ),
            Setting::new("recent", "least length of a window", Value::Span(&mut self.recent)),
            Setting::new(
                "recent_most",
                "greatest length of a window",
                Value::Span(&mut self.recent_most),
            ),
            Setting::new(
                "recent_samples",
                "calls that a window needs",
                Value::Count(&mut self.recent_samples),
            ),
            Setting::new(
                "quantile",
                "which of its latencies stands for a window",
                Value::Share(&mut self.quantile),
            ),
            Setting::new(
                "baseline",
                "windows in the average latency",
                Value::Count(&mut self.baseline),
            ),
            Setting::new(
                "correlation",
                "windows over which latency, throughput and load are correlated",
                Value::Count(&mut self.correlation),
            ),
        ]
    }

    pub(super) fn problems(&self, problems: &mut Vec<Problem>) {
        super::config::at_least_one("factor", self.factor, problems);
        if self.recent > self.recent_most {
            let why = "a window cannot be longer than the longest";
            problems.push(Problem::new("recent", self.recent, why, "write at most recent_most"));
        }
        for (field, count, remedy) in
            [("recent_samples", self.recent_samples, 50), ("correlation", self.correlation, 50)]
        {
            if count == 0 {
                problems.push(Problem::new(field, 0, "nothing comes of no samples", remedy));
            }
        }
        if self.correlation > CORRELATED_MAX {
            let why = "each window of them is kept";
            let remedy = "write 10000 or less";
            problems.push(Problem::new("correlation", self.correlation, why, remedy));
        }
    }
}

/// Where the limit should go, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// The queue is longer than its upper bound.
    DownQueue,
    /// Throughput falls as load rises.
    DownThroughput,
    /// Throughput hardly follows load, latency does.
    DownLatency,
    /// Throughput stays what it is, and latency rises with load.
    DownFlat,
    /// The queue is shorter than its lower bound.
    Up,
    /// The queue is between its bounds.
    Stay,
}

/// What a window showed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Signals {
    /// Calls that queue, by the gradient of the latency; negative when it fell.
    pub queue: i64,
    /// Below this many the limit rises.
    pub alpha: i64,
    /// Above this many it falls.
    pub beta: i64,
    /// Whether every permit is taken.
    pub full: bool,
    /// How throughput is correlated with the calls in flight, in [−1, 1].
    pub throughput: f64,
    /// The deviation of the throughput as a share of its mean.
    pub throughput_variation: f64,
    /// How latency is correlated with the calls in flight, in [−1, 1].
    pub latency: f64,
}

impl Signals {
    /// Where the limit should go.
    pub fn change(&self) -> Change {
        if self.queue > self.beta {
            Change::DownQueue
        } else if self.full && self.throughput < 0.0 {
            Change::DownThroughput
        } else if self.full && self.throughput < 0.3 && self.latency > 0.5 {
            Change::DownLatency
        } else if self.full && self.throughput_variation < 0.2 && self.latency > 0.5 {
            Change::DownFlat
        } else if self.queue < self.alpha {
            Change::Up
        } else {
            Change::Stay
        }
    }
}

/// The limit so far.
#[derive(Debug, Clone)]
pub(super) struct FailsafeGo {
    config: FailsafeGoConfig,
    bounds: Bounds,
    pub(super) estimate: f64,
    recent: Spread,
    /// The most calls in flight that a sample of this window saw.
    inflight: u32,
    median: Median,
    smoothed: Average,
    baseline: Average,
    next: Time,
    by_throughput: Correlation,
    by_latency: Correlation,
    pub(super) queue: i64,
    pub(super) gradient: f64,
}

impl FailsafeGo {
    pub(super) fn new(config: FailsafeGoConfig, bounds: Bounds) -> FailsafeGo {
        let correlation = Correlation::new(config.correlation, WARMUP as usize);
        FailsafeGo {
            config,
            bounds,
            estimate: f64::from(bounds.initial),
            recent: Spread::new(),
            inflight: 0,
            median: Median::default(),
            smoothed: Average::new(SMOOTHED, WARMUP),
            baseline: Average::new(config.baseline, WARMUP),
            next: Time::ZERO,
            by_throughput: correlation.clone(),
            by_latency: correlation,
            queue: 0,
            gradient: 1.0,
        }
    }

    /// The baseline and the smoothed recent latency, in nanoseconds.
    pub(super) fn latencies(&self) -> (f64, f64) {
        (self.baseline.value(), self.smoothed.value())
    }

    pub(super) fn sample(&mut self, now: Time, sample: &Sample) {
        if !sample.dropped {
            self.recent.add(sample.rtt.nanos().max(1));
            self.inflight = self.inflight.max(sample.inflight);
        }
        if now <= self.next || self.recent.count() < self.config.recent_samples {
            return;
        }
        let quantile = self.recent.quantile(self.config.quantile.as_f64()) as f64;
        let filtered = self.median.add(quantile);
        let smoothed = self.smoothed.add(filtered);
        self.update(smoothed, sample.full);
        let twice = Span::from_nanos(self.recent.low()).saturating_mul(2);
        let window = twice.max(self.config.recent).min(self.config.recent_most);
        self.next = now.saturating_add(window);
        self.recent.clear();
        self.inflight = 0;
    }

    fn update(&mut self, recent: f64, full: bool) {
        let inflight = f64::from(self.inflight);
        let baseline = self.baseline.add(recent);
        self.gradient = baseline / recent;
        self.queue = libm::ceil(self.estimate * (1.0 - self.gradient)) as i64;
        let rate = inflight / (recent / 1e9);
        let (throughput, throughput_variation) = self.by_throughput.add(inflight, rate);
        let (latency, _) = self.by_latency.add(inflight, recent);
        let step = magnitude(self.estimate);
        let signals = Signals {
            queue: self.queue,
            alpha: i64::from(3 * step),
            beta: i64::from(6 * step),
            full,
            throughput,
            throughput_variation,
            latency,
        };
        let (lower, higher) = (self.estimate - f64::from(step), self.estimate + f64::from(step));
        let mut wanted = match signals.change() {
            Change::Up => higher,
            Change::Stay => self.estimate,
            Change::DownQueue | Change::DownThroughput | Change::DownLatency | Change::DownFlat => {
                lower
            }
        };
        if wanted > inflight * self.config.factor {
            wanted = lower;
        }
        let (least, most) = (f64::from(self.bounds.least), f64::from(self.bounds.most));
        self.estimate = wanted.min(most).max(least);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds { initial: 20, least: 1, most: 200 };

    /// The setting of the peer's own test: a baseline of ten seconds-long samples.
    fn warm() -> FailsafeGo {
        let second = Span::from_millis(1_000);
        let mut config = FailsafeGoConfig::failsafe_go();
        (config.recent, config.recent_most, config.recent_samples) = (second, second, 1);
        let mut limiter = FailsafeGo::new(config, BOUNDS);
        (0..10).for_each(|_| {
            limiter.baseline.add(1e9);
        });
        limiter
    }

    /// One sample every two seconds; the limits after each.
    fn limits(samples: &[(u64, u32)]) -> Vec<u32> {
        let mut limiter = warm();
        let times = (1..).map(|step| Time::from_nanos(step * 2_000_000_000));
        let mut after = Vec::new();
        for (now, &(millis, inflight)) in times.zip(samples) {
            let rtt = Span::from_millis(millis);
            limiter.sample(now, &Sample { rtt, inflight, dropped: false, full: false });
            after.push(limiter.estimate as u32);
        }
        after
    }

    #[test]
    fn it_moves_as_failsafe_gos_own_test_says() {
        assert_eq!(limits(&[(1_000, 5), (500, 5)]), [21, 22]);
        assert_eq!(limits(&[(2_000, 10), (2_000, 10)]), [19, 18]);
        assert_eq!(limits(&[(1_300, 10), (1_300, 10)]), [20, 20]);
    }

    #[test]
    fn recent_latencies_are_filtered_and_smoothed() {
        let mut limiter = warm();
        for (step, millis) in (1..).zip([100, 300, 200, 200, 250]) {
            let rtt = Span::from_millis(millis);
            let sample = Sample { rtt, inflight: 10, dropped: false, full: false };
            limiter.sample(Time::from_nanos(step * 2_000_000_000), &sample);
        }
        assert_eq!(limiter.latencies().1, 200e6);
    }

    #[test]
    fn a_full_limiter_whose_throughput_falls_goes_down() {
        let calm = Signals {
            queue: 0,
            alpha: 3,
            beta: 6,
            full: true,
            throughput: 0.9,
            throughput_variation: 0.5,
            latency: 0.0,
        };
        assert_eq!(calm.change(), Change::Up);
        assert_eq!(Signals { queue: 3, ..calm }.change(), Change::Stay);
        assert_eq!(Signals { queue: 6, ..calm }.change(), Change::Stay);
        assert_eq!(Signals { queue: 7, ..calm }.change(), Change::DownQueue);
        assert_eq!(Signals { throughput: -0.1, ..calm }.change(), Change::DownThroughput);
        let slow = Signals { latency: 0.6, ..calm };
        assert_eq!(Signals { throughput: 0.2, ..slow }.change(), Change::DownLatency);
        assert_eq!(Signals { throughput_variation: 0.1, ..slow }.change(), Change::DownFlat);
        assert_eq!(Signals { throughput: -0.1, full: false, ..slow }.change(), Change::Up);
    }
}
