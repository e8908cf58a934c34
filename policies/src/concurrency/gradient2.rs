//! Netflix' Gradient2: latency against its own long average.

use super::average::Average;
use super::{Bounds, Sample};
use crate::settings::{Problem, Setting, Value};
use alloc::vec;
use alloc::vec::Vec;

/// Netflix' `Gradient2Limit`. Drops are not looked at, and a baseline that is an average follows
/// any slow drift: 3 000 samples that grow by 0.1 % each are 20 times the latency and a rising
/// limit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gradient2Config {
    /// Weight of the new limit against the old, in (0, 1].
    pub smoothing: f64,
    /// Calls that may queue: what is added to the limit at each sample.
    pub queue: u32,
    /// About how many samples the long average remembers.
    pub long_window: u32,
    /// Samples of which the long average is a plain mean at first.
    pub warmup: u32,
    /// How many times the long average a latency may be before the limit goes down.
    pub tolerance: f64,
}

impl Gradient2Config {
    /// Netflix' defaults.
    pub fn netflix() -> Gradient2Config {
        let (smoothing, queue, tolerance) = (0.2, 4, 1.5);
        Gradient2Config { smoothing, queue, long_window: 600, warmup: 10, tolerance }
    }

    pub(super) fn settings(&mut self) -> Vec<Setting<'_>> {
        vec![
            Setting::new(
                "smoothing",
                "weight of the new limit",
                Value::Number(&mut self.smoothing),
            ),
            Setting::new("queue", "calls that may queue", Value::Count(&mut self.queue)),
            Setting::new(
                "long_window",
                "samples in the long average of the latency",
                Value::Count(&mut self.long_window),
            ),
            Setting::new(
                "warmup",
                "samples of which it is a plain mean at first",
                Value::Count(&mut self.warmup),
            ),
            Setting::new(
                "tolerance",
                "how many times the long average a latency may be",
                Value::Number(&mut self.tolerance),
            ),
        ]
    }

    pub(super) fn problems(&self, problems: &mut Vec<Problem>) {
        super::config::weight("smoothing", self.smoothing, problems);
        super::config::at_least_one("tolerance", self.tolerance, problems);
        if self.long_window == 0 {
            let why = "an average of no samples is none";
            problems.push(Problem::new("long_window", 0, why, "write 600"));
        }
    }
}

/// The limit so far.
#[derive(Debug, Clone)]
pub(super) struct Gradient2 {
    config: Gradient2Config,
    bounds: Bounds,
    pub(super) estimate: f64,
    long: Average,
    pub(super) gradient: f64,
}

impl Gradient2 {
    pub(super) fn new(config: Gradient2Config, bounds: Bounds) -> Gradient2 {
        let long = Average::new(config.long_window, config.warmup);
        Gradient2 { config, bounds, estimate: f64::from(bounds.initial), long, gradient: 1.0 }
    }

    /// The long average, in nanoseconds.
    pub(super) fn baseline(&self) -> f64 {
        self.long.value()
    }

    pub(super) fn sample(&mut self, sample: &Sample) {
        let short = sample.rtt.nanos().max(1) as f64;
        let long = self.long.add(short);
        if long / short > 2.0 {
            // Back to normal after a long overload: catch up faster than the average would.
            self.long.scale(0.95);
        }
        if f64::from(sample.inflight) < self.estimate / 2.0 {
            return;
        }
        self.gradient = (self.config.tolerance * long / short).clamp(0.5, 1.0);
        let wanted = self.estimate * self.gradient + f64::from(self.config.queue);
        let weight = self.config.smoothing;
        let smoothed = self.estimate * (1.0 - weight) + wanted * weight;
        let (least, most) = (f64::from(self.bounds.least), f64::from(self.bounds.most));
        self.estimate = smoothed.min(most).max(least);
    }
}
