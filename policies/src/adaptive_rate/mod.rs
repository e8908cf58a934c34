//! An adaptive send rate: slow down when throttled, grow back as a cubic.
//!
//! Until a server throttles for the first time nothing is limited, only measured. From then on
//! every attempt takes tokens, retries more than first attempts, from a bucket whose rate follows
//! CUBIC (Ha, Rhee & Xu 2008).
//!
//! **Formula.** When throttled, the rate falls to `beta` of what was being sent; as long as it is
//! not, it is w + `scale` · (t − ∛(w · (1 − beta) / scale))³ at t seconds after the last
//! throttling, w being the rate at that time: fast at first, flat near w, then faster and faster.
//! It never exceeds twice what was measured, and never falls below `rate_min`.
//!
//! **State.** The bucket, the measured rate (an average of measurements over half seconds, newest
//! weighing 80 %), w and the time of the last throttling. Units are tokens and seconds.
//!
//! **Units.** Tokens are fractions of an attempt, rates are per second, times seconds in double
//! precision.
//!
//! **Defaults** of ours are the SDKs': `beta` 70 %, `scale` 0.4, measurements over half a second of
//! which the newest weighs 80 %, at least 0.5/s and a bucket of one; every attempt costs one token,
//! and one who finds none asks again.
//!
//! **Helps** clients of a service that throttles: they settle at what it admits instead of burning
//! retries. **Hurts** when throttling has another cause than this client: the bucket slows all its
//! calls, first attempts included.
//!
//! **Where systems differ.** In AWS' SDKs one who finds too few tokens takes none and is told how
//! long to wait; all who come at the same moment are told the same, and come back together. Then
//! they all go (smithy-rs, `waiting: Unpaid`), or one goes and the others wait again (botocore and
//! ours, `AsksAgain`). `Booked` takes the tokens at once, so that everybody has a moment of his
//! own, and gives them back when one leaves; but who has booked keeps the moment that the rate of
//! then gave him, and where callers give up before it too few attempts are sent for the rate to
//! grow again.
//!
//! **In a stack** an attempt costs what the nearest retry around it says: a first one, a retry, or
//! one after a timeout or throttling. Only a server's word that it throttles slows it down; what
//! another policy of the caller's own turned away teaches nothing.
//!
//! **Source.** smithy-rs `ClientRateLimiter`, botocore `retries/adaptive.py` and the AWS SDKs'
//! retry specification. The arithmetic is theirs, in seconds and double precision.
//!
//! ```
//! use brownout_policies::adaptive_rate::{AdaptiveRate, AdaptiveRateConfig, Attempt};
//! use brownout_policies::outcome::Class;
//! use brownout_policies::Time;
//!
//! let mut rate = AdaptiveRate::new(AdaptiveRateConfig::ours()).expect("it is sound");
//! let slot = rate.admit(Time::ZERO, Attempt::First);
//! assert_eq!(slot.at, Time::ZERO);
//! rate.settle(Time::ZERO, slot.permit, Class::Failure, true);
//! assert!(rate.admit(Time::ZERO, Attempt::First).at > Time::ZERO);
//! ```

pub mod config;

pub use config::{AdaptiveRateConfig, DIALECTS, Waiting};

use crate::gate::Permit;
use crate::math;
use crate::outcome::Class;
use crate::settings::{Problem, Settings};
use crate::time::{NANOS_PER_SEC, Span, Time};
use alloc::vec::Vec;

/// What is to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    /// A call's first attempt.
    First,
    /// A retry.
    Retry,
    /// A retry after a timeout, or after being throttled.
    RetryTransient,
}

/// Leave to send, and from when on.
#[derive(Debug, PartialEq, Eq)]
pub struct Slot {
    /// When it may be sent: now, or later. Whoever waits says so [then](AdaptiveRate::waited), or
    /// [leaves](AdaptiveRate::cancel).
    pub at: Time,
    /// To be given back with the result, sent or not.
    pub permit: Permit,
}

/// Tokens that are lost and won when seconds are reckoned in doubles.
const ROUNDED: f64 = 1e-9;

/// No wait is shorter, so that who asks again asks at a later moment.
const WAIT_MIN: Span = Span::from_nanos(1);

/// Everything an adaptive rate remembers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Memory {
    /// Whether attempts take tokens: since the first throttling.
    pub enabled: bool,
    /// Tokens per second.
    pub rate: f64,
    /// The most that the bucket holds.
    pub capacity: f64,
    /// What it holds; less than nothing where tokens are booked.
    pub tokens: f64,
    /// When it was last filled, in seconds.
    pub filled_s: Option<f64>,
    /// The measured rate, in attempts per second.
    pub measured: f64,
    /// When the current measurement began, in seconds.
    pub measuring_since_s: f64,
    /// Attempts in the current measurement.
    pub measuring: u64,
    /// The rate at the last throttling.
    pub last_max: f64,
    /// When that was, in seconds.
    pub throttled_s: f64,
}

impl Memory {
    /// Nothing at all.
    pub const EMPTY: Memory = Memory {
        enabled: false,
        rate: 0.0,
        capacity: f64::MAX,
        tokens: 0.0,
        filled_s: None,
        measured: 0.0,
        measuring_since_s: 0.0,
        measuring: 0,
        last_max: 0.0,
        throttled_s: 0.0,
    };
}

/// An adaptive rate at work.
#[derive(Debug, Clone)]
pub struct AdaptiveRate {
    config: AdaptiveRateConfig,
    memory: Memory,
    /// Seconds from a throttling until the cubic is back at the rate of then.
    plateau_s: f64,
    /// The latest time there has been: time does not go back.
    latest: Time,
}

impl AdaptiveRate {
    /// One that has not been throttled yet, and has sent `rate_min` so far.
    ///
    /// # Errors
    /// Everything that is wrong with the configuration.
    pub fn new(config: AdaptiveRateConfig) -> Result<AdaptiveRate, Vec<Problem>> {
        AdaptiveRate::with_memory(config, Memory { measured: config.rate_min, ..Memory::EMPTY })
    }

    /// One that remembers.
    ///
    /// # Errors
    /// Everything that is wrong with the configuration.
    pub fn with_memory(
        config: AdaptiveRateConfig,
        memory: Memory,
    ) -> Result<AdaptiveRate, Vec<Problem>> {
        let problems = config.problems();
        if !problems.is_empty() {
            return Err(problems);
        }
        let mut new = AdaptiveRate { config, memory, plateau_s: 0.0, latest: Time::ZERO };
        new.find_plateau();
        Ok(new)
    }

    /// What it remembers.
    pub fn memory(&self) -> &Memory {
        &self.memory
    }

    /// What is in the bucket at a time.
    pub fn tokens(&self, now: Time) -> f64 {
        let mut then = self.clone();
        let secs = then.seconds(now);
        then.fill(secs);
        then.memory.tokens
    }

    /// Leave to send an attempt, now or later.
    pub fn admit(&mut self, now: Time, attempt: Attempt) -> Slot {
        let cost = match attempt {
            Attempt::First => self.config.cost,
            Attempt::Retry => self.config.cost_retry,
            Attempt::RetryTransient => self.config.cost_transient,
        };
        self.admit_for(now, f64::from(cost))
    }

    /// Leave to send what costs so many tokens.
    pub fn admit_for(&mut self, now: Time, cost: f64) -> Slot {
        self.admit_within(now, cost, 0.0)
    }

    /// As [`AdaptiveRate::admit_for`], where so little may be lacking.
    fn admit_within(&mut self, now: Time, cost: f64, rounded: f64) -> Slot {
        let permit = Permit { generation: 0, tag: cost as u32 };
        let secs = self.seconds(now);
        if !self.memory.enabled {
            return Slot { at: now, permit };
        }
        self.fill(secs);
        let lacking = cost - self.memory.tokens;
        let enough = lacking <= rounded;
        if enough || self.config.waiting == Waiting::Booked {
            self.memory.tokens -= cost;
        }
        if enough {
            return Slot { at: now, permit };
        }
        let wait = Span::from_secs(lacking / self.memory.rate).max(WAIT_MIN);
        Slot { at: self.latest.saturating_add(wait), permit }
    }

    /// The wait of one is over: he goes, or he waits again where he has to ask again.
    pub fn waited(&mut self, now: Time, permit: Permit) -> Slot {
        match self.config.waiting {
            Waiting::Booked | Waiting::Unpaid => Slot { at: now, permit },
            Waiting::AsksAgain => {
                // A wait is whole nanoseconds long: what flows in within one may be lacking.
                let rounded = self.memory.rate / NANOS_PER_SEC as f64 + ROUNDED;
                self.admit_within(now, f64::from(permit.tag), rounded)
            }
        }
    }

    /// One who waits leaves: what he has booked comes back. Those who booked after him keep their
    /// moments; what he leaves is there for those who come next.
    pub fn cancel(&mut self, now: Time, slot: Slot) {
        if self.config.waiting == Waiting::Booked {
            let secs = self.seconds(now);
            self.fill(secs);
            let tokens = self.memory.tokens + f64::from(slot.permit.tag);
            self.memory.tokens = tokens.min(self.memory.capacity);
        }
    }

    /// An attempt is over. What was abandoned teaches nothing.
    pub fn settle(&mut self, now: Time, permit: Permit, class: Class, throttled: bool) {
        let Permit { .. } = permit;
        match class {
            Class::Success | Class::Failure => self.learn(now, throttled),
            Class::Ignored => {}
        }
    }

    /// Learns from a result.
    pub fn learn(&mut self, now: Time, throttled: bool) {
        let secs = self.seconds(now);
        self.measure(secs);
        let memory = &mut self.memory;
        let computed = if throttled {
            let rate =
                if memory.enabled { memory.measured.min(memory.rate) } else { memory.measured };
            (memory.last_max, memory.throttled_s, memory.enabled) = (rate, secs, true);
            self.find_plateau();
            self.slowed(rate)
        } else {
            self.cubic(now)
        };
        self.fill(secs);
        let rate = computed.min(2.0 * self.memory.measured);
        self.memory.rate = rate.max(self.config.rate_min);
        self.memory.capacity = rate.max(self.config.capacity_min);
        self.memory.tokens = self.memory.tokens.min(self.memory.capacity);
    }

    /// The rate that the cubic gives at a time, were it not for what was measured.
    pub fn cubic(&self, now: Time) -> f64 {
        let memory = &self.memory;
        let dt = seconds(now.max(self.latest)) - memory.throttled_s - self.plateau_s;
        (self.config.scale * (dt * dt * dt)) + memory.last_max
    }

    /// The rate of the last throttling has changed, and with it when the cubic is flat.
    fn find_plateau(&mut self) {
        let lost = self.memory.last_max * (1.0 - self.config.beta.as_f64());
        self.plateau_s = math::pow(lost / self.config.scale, 1.0 / 3.0);
    }

    /// What is left of a rate when throttled.
    pub fn slowed(&self, rate: f64) -> f64 {
        rate * self.config.beta.as_f64()
    }

    /// `now` in seconds, or the latest time there has been.
    fn seconds(&mut self, now: Time) -> f64 {
        self.latest = self.latest.max(now);
        seconds(self.latest)
    }

    fn fill(&mut self, secs: f64) {
        let memory = &mut self.memory;
        if let Some(filled) = memory.filled_s {
            let more = (secs - filled) * memory.rate;
            memory.tokens = memory.capacity.min(memory.tokens + more.max(0.0));
        }
        memory.filled_s = Some(secs);
    }

    /// Counts an attempt; closes the measurement when its time is over.
    fn measure(&mut self, secs: f64) {
        let (memory, smooth) = (&mut self.memory, self.config.smooth.as_f64());
        let per_second = NANOS_PER_SEC as f64 / self.config.measured_over.nanos() as f64;
        let begun = libm::floor(secs * per_second) / per_second;
        memory.measuring = memory.measuring.saturating_add(1);
        if begun > memory.measuring_since_s {
            let rate = memory.measuring as f64 / (begun - memory.measuring_since_s);
            memory.measured = rate * smooth + memory.measured * (1.0 - smooth);
            (memory.measuring, memory.measuring_since_s) = (0, begun);
        }
    }
}

/// Seconds as the peer counts them: the whole ones and the rest, added.
fn seconds(at: Time) -> f64 {
    let (whole, rest) = (at.nanos() / NANOS_PER_SEC, at.nanos() % NANOS_PER_SEC);
    whole as f64 + rest as f64 / NANOS_PER_SEC as f64
}

#[cfg(test)]
mod tests;
