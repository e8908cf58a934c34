//! Envoy's gradient: latency against a minimum that is measured at a low limit from time to time.

use super::average::Phase;
use super::spread::Spread;
use super::{Bounds, Sample};
use crate::settings::{Problem, Setting, Share, Value};
use crate::time::{Span, Time};
use alloc::vec;
use alloc::vec::Vec;

/// Envoy's adaptive concurrency filter. The limit is ⌊g × limit + √(g × limit)⌋ once an interval,
/// where g is the buffered minimal latency over the latency of the interval, within [½, 2].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EnvoyConfig {
    /// By how much a latency may exceed the minimum before the limit goes down.
    pub buffer: Share,
    /// Which quantile of an interval's latencies stands for them.
    pub quantile: Share,
    /// How often the limit is computed.
    pub interval: Span,
    /// How often the minimum is measured.
    pub min_interval: Span,
    /// By how much of that a measurement may come late.
    pub min_jitter: Share,
    /// Calls of which the minimum is measured.
    pub min_samples: u32,
    /// After so many intervals at the least limit in a row the minimum is measured at once.
    pub stuck_after: u32,
}

impl EnvoyConfig {
    /// Envoy's defaults; the two intervals have none and are those of its documentation.
    pub fn envoy() -> EnvoyConfig {
        EnvoyConfig {
            buffer: Share::percent(25),
            quantile: Share::percent(50),
            interval: Span::from_millis(100),
            min_interval: Span::from_millis(60_000),
            min_jitter: Share::percent(15),
            min_samples: 50,
            stuck_after: 5,
        }
    }

    pub(super) fn settings(&mut self) -> Vec<Setting<'_>> {
        vec![
            Setting::new(
                "buffer",
                "by how much a latency may exceed the minimum",
                Value::Share(&mut self.buffer),
            ),
            Setting::new(
                "quantile",
                "which latency stands for an interval's",
                Value::Share(&mut self.quantile),
            ),
            Setting::new(
                "interval",
                "how often the limit is computed",
                Value::Span(&mut self.interval),
            ),
            Setting::new(
                "min_interval",
                "how often the minimal latency is measured",
                Value::Span(&mut self.min_interval),
            ),
            Setting::new(
                "min_jitter",
                "by how much of that a measurement may come late",
                Value::Share(&mut self.min_jitter),
            ),
            Setting::new(
                "min_samples",
                "calls in a measurement",
                Value::Count(&mut self.min_samples),
            ),
            Setting::new(
                "stuck_after",
                "intervals at the least limit after which it is measured at once",
                Value::Count(&mut self.stuck_after),
            ),
        ]
    }

    pub(super) fn problems(&self, problems: &mut Vec<Problem>) {
        for (field, span, remedy) in
            [("interval", self.interval, "100ms"), ("min_interval", self.min_interval, "60s")]
        {
            if span.is_zero() {
                problems.push(Problem::new(field, span, "it would never end", remedy));
            }
        }
        for (field, count, remedy) in
            [("min_samples", self.min_samples, 50), ("stuck_after", self.stuck_after, 5)]
        {
            if count == 0 {
                let why = "nothing is measured by no calls";
                problems.push(Problem::new(field, 0, why, remedy));
            }
        }
    }
}

/// The limit so far.
#[derive(Debug, Clone)]
pub(super) struct Envoy {
    config: EnvoyConfig,
    bounds: Bounds,
    pub(super) limit: u32,
    pub(super) gradient: f64,
    /// In nanoseconds; zero before the first measurement.
    pub(super) min_rtt: u64,
    spread: Spread,
    state: State,
    /// Calls that began earlier are not samples.
    pub(super) epoch: Time,
    /// Intervals in a row that left the limit at its least.
    pub(super) stuck: u32,
    phase: Phase,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// The minimum is measured at the least limit; then the limit goes back to this.
    Measuring { deferred: u32 },
    /// The limit follows the gradient.
    Following { interval_ends: Time, measure_at: Time },
}

impl Envoy {
    pub(super) fn new(config: EnvoyConfig, bounds: Bounds, phase: Phase) -> Envoy {
        Envoy {
            config,
            bounds,
            limit: bounds.least,
            gradient: 1.0,
            min_rtt: 0,
            spread: Spread::new(),
            state: State::Measuring { deferred: bounds.initial },
            epoch: Time::ZERO,
            stuck: 0,
            phase,
        }
    }

    /// Starts its jitter elsewhere.
    pub(super) fn start_at(&mut self, phase: Phase) {
        self.phase = phase;
    }

    /// Whether the minimum is being measured.
    pub(super) fn is_measuring(&self) -> bool {
        matches!(self.state, State::Measuring { .. })
    }

    pub(super) fn sample(&mut self, now: Time, sample: &Sample) {
        self.spread.add(sample.rtt.nanos().max(1));
        if self.is_measuring() && self.spread.count() >= self.config.min_samples {
            self.min_rtt = self.spread.quantile(self.config.quantile.as_f64());
            self.end_measuring(now);
        }
    }

    fn end_measuring(&mut self, now: Time) {
        if let State::Measuring { deferred } = self.state {
            self.limit = deferred;
        }
        self.stuck = 0;
        self.spread.clear();
        let late = self.config.min_jitter.as_f64() * self.phase.next();
        let wait = self.config.min_interval.saturating_add(self.config.min_interval.scale(late));
        self.state = State::Following {
            interval_ends: now.saturating_add(self.config.interval),
            measure_at: now.saturating_add(wait),
        };
    }

    fn measure(&mut self, now: Time) {
        self.state = State::Measuring { deferred: self.limit };
        self.limit = self.bounds.least;
        self.stuck = 0;
        self.spread.clear();
        self.epoch = now;
    }

    pub(super) fn next_wakeup(&self) -> Option<Time> {
        match self.state {
            State::Measuring { .. } => None,
            State::Following { interval_ends, measure_at } => Some(interval_ends.min(measure_at)),
        }
    }

    /// Does what was due by now, at the times at which it was due.
    pub(super) fn wake(&mut self, now: Time) {
        while let State::Following { interval_ends, measure_at } = self.state {
            if measure_at <= now && measure_at <= interval_ends {
                return self.measure(measure_at);
            }
            if interval_ends > now {
                return;
            }
            let next = self.after(interval_ends, now);
            self.state = State::Following { interval_ends: next, measure_at };
            if self.spread.count() > 0 {
                let rtt = self.spread.quantile(self.config.quantile.as_f64());
                self.spread.clear();
                self.step(interval_ends, rtt);
            }
            if measure_at <= now && self.state.is_following() {
                return self.measure(measure_at);
            }
        }
    }

    /// The first end of an interval after `now`: those between are of empty intervals.
    fn after(&self, ends: Time, now: Time) -> Time {
        let interval = self.config.interval;
        let whole = now.since(ends).nanos() / interval.nanos();
        ends.saturating_add(interval.saturating_mul(whole.saturating_add(1)))
    }

    /// The end of an interval with this latency.
    fn step(&mut self, now: Time, rtt: u64) {
        let least = self.min_rtt as f64;
        let buffered = least + least * self.config.buffer.as_f64();
        self.gradient = (buffered / rtt as f64).clamp(0.5, 2.0);
        let limit = f64::from(self.limit) * self.gradient;
        let wanted = (limit + libm::sqrt(limit)) as u32;
        let limit = wanted.min(self.bounds.most).max(self.bounds.least);
        let stays = self.limit == self.bounds.least && limit == self.bounds.least;
        self.stuck = if stays { self.stuck + 1 } else { 0 };
        self.limit = limit;
        if self.stuck >= self.config.stuck_after {
            self.measure(now);
        }
    }

    /// The end of an interval with this latency against this minimum, measured elsewhere.
    pub(super) fn measured(&mut self, now: Time, rtt: Span, least: Span) {
        self.min_rtt = least.nanos();
        if self.is_measuring() {
            self.end_measuring(now);
        }
        self.step(now, rtt.nanos().max(1));
    }
}

impl State {
    fn is_following(self) -> bool {
        matches!(self, State::Following { .. })
    }
}
