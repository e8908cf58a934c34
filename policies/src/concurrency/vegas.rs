//! TCP Vegas on concurrency: the queue behind the limit is kept between two small numbers.

use super::average::Phase;
use super::{Bounds, Sample};
use crate::choice;
use crate::settings::{Problem, Setting, Share, Value};
use alloc::vec;
use alloc::vec::Vec;

/// Netflix' `VegasLimit`. The queue is ⌈limit × (1 − no-load latency / latency)⌉.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VegasConfig {
    /// A queue below this lets the limit grow by one step.
    pub alpha: u32,
    /// A queue above this makes it shrink by one step; one of a step or less adds this at once.
    pub beta: u32,
    /// Whether alpha and beta multiply the step, which is log₁₀ of the limit and at least 1.
    pub by_magnitude: bool,
    /// What one step down is.
    pub decrease: Decrease,
    /// Weight of the new limit against the old, in (0, 1].
    pub smoothing: f64,
    /// The no-load latency is measured anew after this many times the limit samples.
    pub probe_multiplier: f64,
    /// By how much of that a probe may come early.
    pub probe_jitter: Share,
}

/// One step down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decrease {
    /// log₁₀ of the limit, at least 1.
    Step,
    /// Half of the limit.
    Half,
}
choice!(Decrease { Step, Half });

impl VegasConfig {
    /// Netflix' defaults.
    pub fn netflix() -> VegasConfig {
        VegasConfig {
            alpha: 3,
            beta: 6,
            by_magnitude: true,
            decrease: Decrease::Step,
            smoothing: 1.0,
            probe_multiplier: 30.0,
            probe_jitter: Share::percent(50),
        }
    }

    pub(super) fn settings(&mut self) -> Vec<Setting<'_>> {
        vec![
            Setting::new("alpha", "a queue below this grows", Value::Count(&mut self.alpha)),
            Setting::new("beta", "a queue above this shrinks", Value::Count(&mut self.beta)),
            Setting::new(
                "by_magnitude",
                "whether both are multiplied by log10 of the limit",
                Value::Flag(&mut self.by_magnitude),
            ),
            Setting::new("decrease", "one step down", Value::Choice(&mut self.decrease)),
            Setting::new(
                "smoothing",
                "weight of the new limit",
                Value::Number(&mut self.smoothing),
            ),
            Setting::new(
                "probe_multiplier",
                "samples between two probes of the no-load latency, as a multiple of the limit",
                Value::Number(&mut self.probe_multiplier),
            ),
            Setting::new(
                "probe_jitter",
                "by how much of that a probe may come early",
                Value::Share(&mut self.probe_jitter),
            ),
        ]
    }

    pub(super) fn problems(&self, problems: &mut Vec<Problem>) {
        super::config::weight("smoothing", self.smoothing, problems);
        if self.alpha > self.beta {
            let why = "the limit would grow and shrink at the same queue";
            problems.push(Problem::new("alpha", self.alpha, why, "write at most beta"));
        }
        if self.probe_multiplier.is_nan() || self.probe_multiplier <= 0.0 {
            let why = "every sample would be a probe, and the limit would never move";
            problems.push(Problem::new("probe_multiplier", self.probe_multiplier, why, "write 30"));
        }
    }
}

/// The limit so far.
#[derive(Debug, Clone)]
pub(super) struct Vegas {
    config: VegasConfig,
    bounds: Bounds,
    pub(super) estimate: f64,
    /// Zero before the first sample.
    pub(super) noload: u64,
    pub(super) queue: i64,
    probe_count: u64,
    probe_share: f64,
    phase: Phase,
}

/// log₁₀ of a limit in whole numbers, at least 1.
pub(super) fn magnitude(limit: f64) -> u32 {
    (limit as u32).checked_ilog10().unwrap_or(0).max(1)
}

impl Vegas {
    pub(super) fn new(config: VegasConfig, bounds: Bounds, phase: Phase) -> Vegas {
        let estimate = f64::from(bounds.initial);
        let (noload, queue, probe_count) = (0, 0, 0);
        let mut vegas =
            Vegas { config, bounds, estimate, noload, queue, probe_count, probe_share: 1.0, phase };
        vegas.draw_probe();
        vegas
    }

    fn draw_probe(&mut self) {
        self.probe_share = 1.0 - self.config.probe_jitter.as_f64() * self.phase.next();
    }

    /// Starts its jitter elsewhere.
    pub(super) fn start_at(&mut self, phase: Phase) {
        self.phase = phase;
        self.draw_probe();
    }

    pub(super) fn sample(&mut self, sample: &Sample) {
        let rtt = sample.rtt.nanos().max(1);
        self.probe_count += 1;
        let due = self.probe_share * self.config.probe_multiplier * self.estimate;
        if due <= self.probe_count as f64 {
            self.draw_probe();
            self.probe_count = 0;
            self.noload = rtt;
            return;
        }
        if self.noload == 0 || rtt < self.noload {
            self.noload = rtt;
            return;
        }
        let unqueued = self.noload as f64 / rtt as f64;
        self.queue = libm::ceil(self.estimate * (1.0 - unqueued)) as i64;
        if let Some(wanted) = self.wanted(sample) {
            let (least, most) = (f64::from(self.bounds.least), f64::from(self.bounds.most));
            let bounded = wanted.min(most).max(least);
            let weight = self.config.smoothing;
            self.estimate = (1.0 - weight) * self.estimate + weight * bounded;
        }
    }

    /// What the limit should be, or nothing where it may stay.
    fn wanted(&self, sample: &Sample) -> Option<f64> {
        let step = magnitude(self.estimate);
        let factor = if self.config.by_magnitude { step } else { 1 };
        let alpha = i64::from(self.config.alpha.saturating_mul(factor));
        let beta = i64::from(self.config.beta.saturating_mul(factor));
        let lower = match self.config.decrease {
            Decrease::Step => self.estimate - f64::from(step),
            Decrease::Half => self.estimate / 2.0,
        };
        if sample.dropped {
            return Some(lower);
        }
        if 2.0 * f64::from(sample.inflight) < self.estimate {
            return None;
        }
        if self.queue <= i64::from(step) {
            return Some(self.estimate + beta as f64);
        }
        if self.queue < alpha {
            return Some(self.estimate + f64::from(step));
        }
        (self.queue > beta).then_some(lower)
    }
}
