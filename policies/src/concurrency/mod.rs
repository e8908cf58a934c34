//! Adaptive concurrency limits: how many calls at once, found out by measuring.
//!
//! **States.** A limit and the calls in flight. A call comes in while fewer than the limit are, and
//! when it leaves, its latency, how many were in flight when it came, and whether it was dropped
//! are a sample that may move the limit. A failure counts as dropped; a call that was abandoned
//! gives its place back and is no sample.
//!
//! **Formulas**, by rule, at each sample or window of samples:
//!
//! * [`Gradient`](Rule::Gradient), ours: g × limit + √limit, smoothed, with g = 1.5 × least latency
//!   / latency in [½, 1]; 0.9 × limit after a drop. The least latency is [measured anew](gradient)
//!   every 30 s.
//! * [`Aimd`](Rule::Aimd): ⌊0.9 × limit⌋ after a drop or a timeout, else one more.
//! * [`Vegas`](Rule::Vegas): + β, + log₁₀ or − log₁₀ by the queue ⌈limit × (1 − least / latency)⌉.
//! * [`Gradient2`](Rule::Gradient2): 0.8 × limit + 0.2 × (g × limit + 4), with g = 1.5 × long
//!   average / latency in [½, 1].
//! * [`EnvoyGradient`](Rule::EnvoyGradient): ⌊g × limit + √(g × limit)⌋, with g = 1.25 × minimum /
//!   latency in [½, 2].
//! * [`FailsafeGo`](Rule::FailsafeGo): ± log₁₀ by the queue and by how throughput follows load.
//!
//! **Units.** The limit is calls at once, a whole number with a fraction kept between samples;
//! latencies are nanoseconds, gradients plain numbers.
//!
//! **Defaults** of ours: the gradient, from 20 within 1 to 1000, a window of 100 ms to 1 s with ten
//! calls or more, a latency of 1.5 times the least allowed.
//!
//! **Helps** where a server's capacity is not known or moves, and clients would rather be refused
//! at once than wait in its queue. **Hurts** where latency varies for reasons that are not load:
//! the limit then follows the noise. Gradient2 never notices a drift that is slow enough and does
//! not look at drops; Envoy's limit of 3 while it measures refuses healthy traffic.
//!
//! **Partitions** guarantee callers a share of the limit: below the limit anyone may burst, at it a
//! partition still gets its share, so that a limit of 10 in shares of 30 % and 70 % may hold 17
//! calls.
//!
//! **Source.** Netflix' concurrency-limits, Envoy's adaptive concurrency filter, failsafe-go's
//! adaptive limiter; Brakmo & Peterson 1995 for Vegas.
//!
//! ```
//! use brownout_policies::concurrency::{Concurrency, ConcurrencyConfig};
//! use brownout_policies::gate::Report;
//! use brownout_policies::outcome::Class;
//! use brownout_policies::{Span, Time};
//!
//! let mut gate = Concurrency::new(ConcurrencyConfig::aimd()).expect("the configuration is sound");
//! let permits: Vec<_> = (0..20).map(|_| gate.admit(Time::ZERO).expect("20 at once")).collect();
//! let refusal = gate.admit(Time::ZERO).expect_err("the limit is 20");
//! assert_eq!((refusal.value, refusal.bound), (20, 20));
//!
//! for permit in permits {
//!     let report = Report { class: Class::Success, took: Span::from_millis(10) };
//!     gate.settle(Time::from_nanos(10_000_000), permit, report);
//! }
//! assert_eq!(gate.limit(), 31); // those that came when at least half of the limit was in use
//! ```

mod aimd;
mod average;
mod config;
mod correlation;
mod envoy;
mod failsafe_go;
pub mod gradient;
mod gradient2;
mod partitions;
mod spread;
mod state;
mod vegas;
mod windows;

pub use aimd::AimdConfig;
pub use config::{ConcurrencyConfig, DIALECTS, Rule};
pub use envoy::EnvoyConfig;
pub use failsafe_go::{Change, FailsafeGoConfig, Signals};
pub use gradient::GradientConfig;
pub use gradient2::Gradient2Config;
pub use state::Reading;
pub use vegas::{Decrease, VegasConfig};
pub use windows::{Short, Window};

use crate::draw::Chance;
use crate::gate::{Permit, Refusal, Report};
use crate::outcome::Class;
use crate::settings::{Problem, Settings, Share};
use crate::time::{Span, Time};
use alloc::vec::Vec;
use average::Phase;
use partitions::Partitions;
use state::State;
use windows::Gathering;

/// What one call, or a window of them, showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// Its latency.
    pub rtt: Span,
    /// Calls in flight when it came, itself included.
    pub inflight: u32,
    /// Whether it was dropped or timed out.
    pub dropped: bool,
    /// Whether every permit was taken when it left, itself included.
    pub full: bool,
}

/// Where the limit starts and where it stays.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    initial: u32,
    least: u32,
    most: u32,
}

/// A concurrency limit at work.
#[derive(Debug, Clone)]
pub struct Concurrency {
    state: State,
    gathering: Gathering,
    partitions: Option<Partitions>,
    inflight: u32,
    /// The latest moment it has heard of: time does not go back.
    latest: Time,
}

impl Concurrency {
    /// An idle one.
    ///
    /// # Errors
    /// Everything that is wrong with the configuration.
    pub fn new(config: ConcurrencyConfig) -> Result<Concurrency, Vec<Problem>> {
        let problems = config.problems();
        if !problems.is_empty() {
            return Err(problems);
        }
        let ConcurrencyConfig { initial, least, most, window, rule } = config;
        let state = State::new(rule, Bounds { initial, least, most });
        let gathering = Gathering::new(window);
        Ok(Concurrency { state, gathering, partitions: None, inflight: 0, latest: Time::ZERO })
    }

    /// An idle one whose limit is divided; calls name their partition in [`Concurrency::admit_in`].
    ///
    /// # Errors
    /// Everything that is wrong with the configuration, or with the shares.
    pub fn partitioned(
        config: ConcurrencyConfig,
        shares: &[Share],
    ) -> Result<Concurrency, Vec<Problem>> {
        let partitions = Partitions::new(shares)?;
        Concurrency::new(config).map(|gate| Concurrency { partitions: Some(partitions), ..gate })
    }

    /// Lets the jitter of its probes start elsewhere, so that many need not probe together. Takes
    /// one draw.
    pub fn desynchronise(&mut self, chance: &mut impl Chance) {
        self.state.start_at(Phase(chance.bits()));
    }

    /// How many may be in flight now.
    pub fn limit(&self) -> u32 {
        self.state.limit()
    }

    /// Calls in flight.
    pub fn inflight(&self) -> u32 {
        self.inflight
    }

    /// What a partition is guaranteed, and its calls in flight; nothing without partitions.
    pub fn partition(&self, partition: u32) -> Option<(u32, u32)> {
        let partitions = self.partitions.as_ref()?;
        let number = partitions.number(partition);
        Some((partitions.guaranteed(number, self.limit()), partitions.inside(number)))
    }

    /// A call wants in. No draw is taken.
    ///
    /// # Errors
    /// When as many are in flight as may be.
    pub fn admit(&mut self, now: Time) -> Result<Permit, Refusal> {
        self.admit_in(now, u32::MAX)
    }

    /// A call of a partition wants in; a number that is none is of no partition, which is
    /// guaranteed nothing. No draw is taken.
    ///
    /// # Errors
    /// When as many are in flight as may be, and its partition has what it is guaranteed.
    pub fn admit_in(&mut self, now: Time, partition: u32) -> Result<Permit, Refusal> {
        self.wake(now);
        let limit = self.limit();
        let mut refusal = None;
        if self.inflight >= limit {
            let (value, bound) = (u64::from(self.inflight), u64::from(limit));
            let what = "calls in flight";
            refusal = Some(Refusal { what, value, bound, retry_at: None });
        }
        if let Some(partitions) = &mut self.partitions {
            let number = partitions.number(partition);
            if refusal.is_some() {
                let inside = partitions.inside(number);
                let guaranteed = partitions.guaranteed(number, limit);
                if inside < guaranteed {
                    refusal = None;
                } else if guaranteed > 0 {
                    let (value, bound) = (u64::from(inside), u64::from(guaranteed));
                    let what = "calls of the partition in flight";
                    refusal = Some(Refusal { what, value, bound, retry_at: None });
                }
            }
            if refusal.is_none() {
                partitions.enter(number);
            }
        }
        match refusal {
            Some(refusal) => Err(refusal),
            None => {
                self.inflight += 1;
                Ok(Permit { generation: partition, tag: self.inflight })
            }
        }
    }

    /// A call that was let in is over: its place is free, and it is a sample unless it was
    /// abandoned. No draw is taken.
    pub fn settle(&mut self, now: Time, permit: Permit, report: Report) {
        let Permit { generation: partition, tag: inflight } = permit;
        self.wake(now);
        let full = self.inflight >= self.limit();
        match report.class {
            Class::Success | Class::Failure => {
                let dropped = report.class == Class::Failure;
                self.observe(now, Sample { rtt: report.took, inflight, dropped, full });
            }
            Class::Ignored => {}
        }
        self.inflight = self.inflight.saturating_sub(1);
        if let Some(partitions) = &mut self.partitions {
            let number = partitions.number(partition);
            partitions.leave(number);
        }
    }

    /// Hears of a call that it did not let in, as if it had: what a shared limit is told of calls
    /// elsewhere. `true` if the rule heard of it, which it does not in the middle of a window.
    pub fn observe(&mut self, now: Time, sample: Sample) -> bool {
        self.wake(now);
        let now = self.latest;
        let began = Time::from_nanos(now.nanos().saturating_sub(sample.rtt.nanos()));
        if began < self.state.epoch() {
            return false;
        }
        let Some(sample) = self.gathering.add(now, sample) else { return false };
        self.state.sample(now, &sample);
        true
    }

    /// Sets the limit from outside, even beyond its bounds; the next sample goes on from there.
    pub fn set_limit(&mut self, limit: u32) {
        self.state.set_limit(limit);
    }

    /// The end of an interval of [`Rule::EnvoyGradient`] with this latency against this minimum,
    /// both measured elsewhere; other rules do nothing.
    pub fn measured(&mut self, now: Time, rtt: Span, least: Span) {
        self.wake(now);
        let now = self.latest;
        if let State::Envoy(rule) = &mut self.state {
            rule.measured(now, rtt, least);
        }
    }

    /// When something changes by time alone.
    pub fn next_wakeup(&self) -> Option<Time> {
        self.state.next_wakeup()
    }

    /// Lets happen what was due by now.
    pub fn wake(&mut self, now: Time) {
        self.latest = self.latest.max(now);
        self.state.wake(self.latest);
    }

    /// What the rule has found out.
    pub fn reading(&self) -> Reading {
        self.state.reading()
    }
}

#[cfg(test)]
mod tests;
