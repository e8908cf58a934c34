//! Our gradient: hears drops, keeps a minimum for its baseline, and measures that anew.
//!
//! At each window of samples, with `baseline` the least latency of a window since the last probe:
//!
//! * a drop leaves ⌊limit × backoff⌋, whatever the latencies say (as AIMD: a service that only
//!   times out still gets less and less);
//! * else, if at least half of the limit was in use, g = tolerance × baseline / latency within [½,
//!   1] and the limit moves by `smoothing` towards g × limit + √limit.
//!
//! A minimum never rises by itself, so that slow drift shows as a gradient. That the service itself
//! has become slower is found out by a **probe**, every `probe_every`: the limit goes down to
//! `probe_share` of limit × baseline / latency, which by Little's law is what runs without a queue,
//! and the mean latency of the first window of calls that began at this limit is the new baseline.
//! Then the limit is what it was. A probe that hears of too few calls is given up after
//! `probe_longest`.

use super::average::Phase;
use super::{Bounds, Sample};
use crate::settings::{Problem, Setting, Share, Value};
use crate::time::{Span, Time};
use alloc::vec;
use alloc::vec::Vec;

/// What our gradient is told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GradientConfig {
    /// How many times the baseline a latency may be before the limit goes down.
    pub tolerance: f64,
    /// Weight of the new limit against the old, in (0, 1].
    pub smoothing: f64,
    /// What is left of the limit after a window with a drop.
    pub backoff: Share,
    /// How often the baseline is measured anew.
    pub probe_every: Span,
    /// By how much of that a probe may come late.
    pub probe_jitter: Share,
    /// A probe that has not heard of enough calls is given up after this long.
    pub probe_longest: Span,
    /// The limit of a probe, as a share of what runs without a queue.
    pub probe_share: Share,
}

impl GradientConfig {
    /// What is used when nothing else is said.
    pub fn ours() -> GradientConfig {
        GradientConfig {
            tolerance: 1.5,
            smoothing: 0.2,
            backoff: Share::percent(90),
            probe_every: Span::from_millis(30_000),
            probe_jitter: Share::percent(20),
            probe_longest: Span::from_millis(1_000),
            probe_share: Share::percent(75),
        }
    }

    pub(super) fn settings(&mut self) -> Vec<Setting<'_>> {
        vec![
            Setting::new(
                "tolerance",
                "how many times the baseline a latency may be",
                Value::Number(&mut self.tolerance),
            ),
            Setting::new(
                "smoothing",
                "weight of the new limit",
                Value::Number(&mut self.smoothing),
            ),
            Setting::new(
                "backoff",
                "what is left of the limit after a window with a drop",
                Value::Share(&mut self.backoff),
            ),
            Setting::new(
                "probe_every",
                "how often the baseline is measured anew",
                Value::Span(&mut self.probe_every),
            ),
            Setting::new(
                "probe_jitter",
                "by how much of that a probe may come late",
                Value::Share(&mut self.probe_jitter),
            ),
            Setting::new(
                "probe_longest",
                "a probe that hears of too few calls is given up after this long",
                Value::Span(&mut self.probe_longest),
            ),
            Setting::new(
                "probe_share",
                "a probe's limit, of what runs without a queue",
                Value::Share(&mut self.probe_share),
            ),
        ]
    }

    pub(super) fn problems(&self, problems: &mut Vec<Problem>) {
        super::config::at_least_one("tolerance", self.tolerance, problems);
        super::config::weight("smoothing", self.smoothing, problems);
        if self.backoff == Share::NONE || self.backoff >= Share::ALL {
            let why = "a drop has to leave less of the limit, and something";
            problems.push(Problem::new("backoff", self.backoff, why, "write 50% to 95%"));
        }
        if self.probe_every.is_zero() {
            let why = "every window would be a probe";
            problems.push(Problem::new("probe_every", self.probe_every, why, "write 30s"));
        }
        if self.probe_longest.is_zero() {
            let why = "every probe would be given up at once";
            problems.push(Problem::new("probe_longest", self.probe_longest, why, "write 1s"));
        }
        if self.probe_share == Share::NONE || self.probe_share > Share::ALL {
            let why = "a probe has to leave no queue, and some calls";
            problems.push(Problem::new("probe_share", self.probe_share, why, "write 75%"));
        }
    }
}

/// The limit so far.
#[derive(Debug, Clone)]
pub(super) struct Gradient {
    config: GradientConfig,
    bounds: Bounds,
    pub(super) estimate: f64,
    /// In nanoseconds; zero before the first window.
    pub(super) baseline: u64,
    pub(super) gradient: f64,
    /// What the limit was when the probe began, while there is one, and when it is given up.
    held: Option<(f64, Time)>,
    /// Calls that began earlier are not samples.
    pub(super) epoch: Time,
    probe_at: Time,
    phase: Phase,
}

impl Gradient {
    pub(super) fn new(config: GradientConfig, bounds: Bounds, phase: Phase) -> Gradient {
        let mut gradient = Gradient {
            config,
            bounds,
            estimate: f64::from(bounds.initial),
            baseline: 0,
            gradient: 1.0,
            held: None,
            epoch: Time::ZERO,
            probe_at: Time::ZERO,
            phase,
        };
        gradient.probe_at = gradient.next_probe(Time::ZERO);
        gradient
    }

    /// Starts its jitter elsewhere.
    pub(super) fn start_at(&mut self, phase: Phase) {
        self.phase = phase;
        self.probe_at = self.next_probe(self.epoch);
    }

    fn next_probe(&mut self, now: Time) -> Time {
        let late = self.config.probe_jitter.as_f64() * self.phase.next();
        let every = self.config.probe_every;
        now.saturating_add(every.saturating_add(every.scale(late)))
    }

    /// Whether the baseline is being measured.
    pub(super) fn is_probing(&self) -> bool {
        self.held.is_some()
    }

    /// When a probe is given up.
    pub(super) fn next_wakeup(&self) -> Option<Time> {
        self.held.map(|held| held.1)
    }

    /// Gives up a probe that is due.
    pub(super) fn wake(&mut self, now: Time) {
        if let Some((held, _)) = self.held.take_if(|held| held.1 <= now) {
            self.estimate = held;
        }
    }

    /// One window of samples.
    pub(super) fn sample(&mut self, now: Time, sample: &Sample) {
        let rtt = sample.rtt.nanos().max(1);
        let (least, most) = (f64::from(self.bounds.least), f64::from(self.bounds.most));
        if let Some((held, _)) = self.held.take() {
            self.estimate = held;
            if !sample.dropped {
                self.baseline = rtt;
            }
        }
        if sample.dropped {
            let left = libm::floor(self.estimate * self.config.backoff.as_f64());
            self.estimate = left.max(least);
            return;
        }
        if self.baseline == 0 || rtt < self.baseline {
            self.baseline = rtt;
        }
        let unqueued = self.baseline as f64 / rtt as f64;
        if now >= self.probe_at {
            self.probe_at = self.next_probe(now);
            self.epoch = now;
            self.held = Some((self.estimate, now.saturating_add(self.config.probe_longest)));
            let probe = self.estimate * unqueued * self.config.probe_share.as_f64();
            self.estimate = probe.max(least);
            return;
        }
        if 2.0 * f64::from(sample.inflight) < self.estimate {
            return;
        }
        self.gradient = (self.config.tolerance * unqueued).clamp(0.5, 1.0);
        let wanted = self.estimate * self.gradient + libm::sqrt(self.estimate);
        let weight = self.config.smoothing;
        let smoothed = self.estimate * (1.0 - weight) + wanted * weight;
        self.estimate = smoothed.min(most).max(least);
    }
}
