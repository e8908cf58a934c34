//! The rules behind one door.

use super::aimd::Aimd;
use super::average::Phase;
use super::envoy::Envoy;
use super::failsafe_go::FailsafeGo;
use super::gradient::Gradient;
use super::gradient2::Gradient2;
use super::vegas::Vegas;
use super::{Bounds, Rule, Sample};
use crate::time::Time;
use alloc::boxed::Box;

/// What the rule has found out, where it keeps such a thing.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Reading {
    /// The limit before it is truncated.
    pub estimate: f64,
    /// The latency without a queue, in nanoseconds.
    pub baseline: Option<f64>,
    /// Calls that queue.
    pub queue: Option<i64>,
    /// What the limit was multiplied by.
    pub gradient: Option<f64>,
    /// Whether the latency without a queue is being measured.
    pub measuring: bool,
    /// Intervals in a row that left the limit at its least.
    pub stuck: u32,
}

/// A rule at work.
#[derive(Debug, Clone)]
pub(super) enum State {
    Fixed(u32),
    Gradient(Gradient),
    Aimd(Aimd),
    Vegas(Vegas),
    Gradient2(Gradient2),
    Envoy(Envoy),
    FailsafeGo(Box<FailsafeGo>),
}

impl State {
    pub(super) fn new(rule: Rule, bounds: Bounds) -> State {
        let phase = Phase::default();
        match rule {
            Rule::Fixed => State::Fixed(bounds.initial),
            Rule::Gradient(rule) => State::Gradient(Gradient::new(rule, bounds, phase)),
            Rule::Aimd(rule) => State::Aimd(Aimd::new(rule, bounds)),
            Rule::Vegas(rule) => State::Vegas(Vegas::new(rule, bounds, phase)),
            Rule::Gradient2(rule) => State::Gradient2(Gradient2::new(rule, bounds)),
            Rule::EnvoyGradient(rule) => State::Envoy(Envoy::new(rule, bounds, phase)),
            Rule::FailsafeGo(rule) => State::FailsafeGo(Box::new(FailsafeGo::new(rule, bounds))),
        }
    }

    /// Starts the jitter of its probes elsewhere.
    pub(super) fn start_at(&mut self, phase: Phase) {
        match self {
            State::Gradient(rule) => rule.start_at(phase),
            State::Vegas(rule) => rule.start_at(phase),
            State::Envoy(rule) => rule.start_at(phase),
            State::Fixed(_) | State::Aimd(_) | State::Gradient2(_) | State::FailsafeGo(_) => {}
        }
    }

    pub(super) fn limit(&self) -> u32 {
        match self {
            State::Fixed(limit) => *limit,
            State::Gradient(rule) => rule.estimate as u32,
            State::Aimd(rule) => rule.limit,
            State::Vegas(rule) => rule.estimate as u32,
            State::Gradient2(rule) => rule.estimate as u32,
            State::Envoy(rule) => rule.limit,
            State::FailsafeGo(rule) => rule.estimate as u32,
        }
    }

    pub(super) fn set_limit(&mut self, limit: u32) {
        let estimate = f64::from(limit);
        match self {
            State::Fixed(own) => *own = limit,
            State::Gradient(rule) => rule.estimate = estimate,
            State::Aimd(rule) => rule.limit = limit,
            State::Vegas(rule) => rule.estimate = estimate,
            State::Gradient2(rule) => rule.estimate = estimate,
            State::Envoy(rule) => rule.limit = limit,
            State::FailsafeGo(rule) => rule.estimate = estimate,
        }
    }

    /// Calls that began earlier are not samples.
    pub(super) fn epoch(&self) -> Time {
        match self {
            State::Gradient(rule) => rule.epoch,
            State::Envoy(rule) => rule.epoch,
            State::Fixed(_)
            | State::Aimd(_)
            | State::Vegas(_)
            | State::Gradient2(_)
            | State::FailsafeGo(_) => Time::ZERO,
        }
    }

    pub(super) fn sample(&mut self, now: Time, sample: &Sample) {
        match self {
            State::Fixed(_) => {}
            State::Gradient(rule) => rule.sample(now, sample),
            State::Aimd(rule) => rule.sample(sample),
            State::Vegas(rule) => rule.sample(sample),
            State::Gradient2(rule) => rule.sample(sample),
            State::Envoy(rule) => rule.sample(now, sample),
            State::FailsafeGo(rule) => rule.sample(now, sample),
        }
    }

    pub(super) fn next_wakeup(&self) -> Option<Time> {
        match self {
            State::Gradient(rule) => rule.next_wakeup(),
            State::Envoy(rule) => rule.next_wakeup(),
            State::Fixed(_)
            | State::Aimd(_)
            | State::Vegas(_)
            | State::Gradient2(_)
            | State::FailsafeGo(_) => None,
        }
    }

    pub(super) fn wake(&mut self, now: Time) {
        match self {
            State::Gradient(rule) => rule.wake(now),
            State::Envoy(rule) => rule.wake(now),
            State::Fixed(_)
            | State::Aimd(_)
            | State::Vegas(_)
            | State::Gradient2(_)
            | State::FailsafeGo(_) => {}
        }
    }

    /// What the rule has found out.
    pub(super) fn reading(&self) -> Reading {
        let estimate = f64::from(self.limit());
        let reading = Reading { estimate, ..Reading::default() };
        match self {
            State::Fixed(_) | State::Aimd(_) => reading,
            State::Gradient(rule) => Reading {
                estimate: rule.estimate,
                baseline: (rule.baseline > 0).then_some(rule.baseline as f64),
                gradient: Some(rule.gradient),
                measuring: rule.is_probing(),
                ..reading
            },
            State::Vegas(rule) => Reading {
                estimate: rule.estimate,
                baseline: (rule.noload > 0).then_some(rule.noload as f64),
                queue: Some(rule.queue),
                ..reading
            },
            State::Gradient2(rule) => Reading {
                estimate: rule.estimate,
                baseline: Some(rule.baseline()),
                gradient: Some(rule.gradient),
                ..reading
            },
            State::Envoy(rule) => Reading {
                baseline: (rule.min_rtt > 0).then_some(rule.min_rtt as f64),
                gradient: Some(rule.gradient),
                stuck: rule.stuck,
                measuring: rule.is_measuring(),
                ..reading
            },
            State::FailsafeGo(rule) => Reading {
                estimate: rule.estimate,
                baseline: Some(rule.latencies().0),
                queue: Some(rule.queue),
                gradient: Some(rule.gradient),
                ..reading
            },
        }
    }
}
