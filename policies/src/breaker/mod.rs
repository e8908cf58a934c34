//! Circuit breakers: stop calling what keeps failing, and find out carefully whether it is well.
//!
//! **States.** *Closed*: calls pass and are counted. When the share of failures or of slow calls in
//! the [window](Window) reaches its threshold, with at least `min_calls` in it, the breaker *opens*
//! and refuses every call. After its open time it is *half-open*: it lets a few probes through, and
//! they decide whether it closes or opens again, for longer each time. With a `ramp` it does not
//! close at once but admits a growing share of calls first. By hand it can be forced into any
//! state, and out of the way: see [`State`].
//!
//! ```text
//!            a threshold is reached              its time is over
//! Closed ───────────────────────────▶ Open ────────────────────────▶ Half-open
//!    ▲                                  ▲                             │     │
//!    │                                  └───────── probes are ill ────┘     │
//!    └──────────── (through the ramp, if there is one) ◀── probes are well ─┘
//! ```
//!
//! **Formula.** Open when failures / calls ≥ `failure_share`, in whole numbers; the n-th open time
//! since it was closed is min(`open_max`, `open` · `open_factor`ⁿ⁻¹), then jittered.
//!
//! **Units.** Outcomes are counted, shares are whole millionths of them, times nanoseconds.
//!
//! **Defaults** of ours: half of at least 20 calls in the last 30 s; open for 5 s, doubling to
//! 60 s; three probes, each with a lease of 10 s, so that a probe that never reports cannot keep it
//! half-open for ever. With `slow_after` set, a call in flight that has become slow counts as slow
//! before it ends: a server that hangs is seen without waiting for timeouts.
//!
//! **Helps** when a dependency fails fast or hangs: callers fail at once instead of waiting, and
//! the dependency gets rest. **Hurts** when few calls fail for reasons of their own, when one
//! breaker guards many servers of which one is ill, and when its window is too small for chance.
//!
//! **Sources.** resilience4j, Polly v8, gobreaker v2, failsafe-go, Hystrix, Finagle's failure
//! accrual, Linkerd 2 and Sentinel, each a [dialect](DIALECTS) of this one engine; M. Nygard,
//! *Release It!*.
//!
//! ```
//! use brownout_policies::breaker::{Breaker, BreakerConfig, State};
//! use brownout_policies::gate::Report;
//! use brownout_policies::outcome::Class;
//! use brownout_policies::{Draws, Span, Time};
//!
//! let config = BreakerConfig { min_calls: 2, ..BreakerConfig::ours() };
//! let mut breaker = Breaker::new(config).expect("the configuration is sound");
//! let mut chance = Draws::open(1, 1);
//! for _ in 0..2 {
//!     let permit = breaker.admit(Time::ZERO, &mut chance).expect("it is closed");
//!     let report = Report { class: Class::Failure, took: Span::from_millis(3) };
//!     breaker.settle(Time::ZERO, permit, report, &mut chance);
//! }
//! assert_eq!(breaker.state(), State::Open);
//! let refusal = breaker.admit(Time::from_secs(1.0), &mut chance).expect_err("it is open");
//! assert_eq!(refusal.to_string(), "percent failed 100 against 50, again at 5s");
//! assert!(breaker.admit(Time::from_secs(5.0), &mut chance).is_ok(), "a probe");
//! ```

mod average;
mod config;
mod counts;
mod dialects;
mod judge;
mod leases;
mod memory;
mod open_time;
mod outcome;
mod ring;
mod settings;
mod slices;
mod state;
#[cfg(test)]
mod tests;
mod watch;

pub use config::{
    Boundary, BreakerConfig, Closing, CountedAt, EndsIn, HalfOpens, Ignored, JudgedOn, Manual,
    OpenJitter, ProbeCounts, Rounding, ShareOf, Stale, Window,
};
pub use counts::Counts;
pub use dialects::DIALECTS;
pub use judge::Reason;
pub use state::State;

use crate::draw::Chance;
use crate::gate::{Permit, Refusal, Report};
use crate::settings::{Problem, Settings};
use crate::time::{Span, Time};
use alloc::vec::Vec;
use leases::Leases;
use memory::Memory;
use open_time::OpenTimes;
use ring::Ring;
use watch::Watch;

/// A breaker at work.
///
/// Its time begins with the first call of any of its methods that takes one, and never goes back:
/// an earlier moment counts as the latest one so far.
#[derive(Debug, Clone)]
pub struct Breaker {
    config: BreakerConfig,
    state: State,
    /// When this state began.
    since: Time,
    /// When an open one may try again.
    until: Time,
    /// Counts lives of the state; outcomes of older ones are stale.
    generation: u32,
    begun: bool,
    /// The latest moment that it was told.
    last: Time,
    memory: Memory,
    /// The probes of this half-open state.
    trial: Ring,
    /// Whether what there is to see is the probes' window.
    shows_trial: bool,
    /// Probes that may still go out.
    left: u32,
    /// Millionths of a call that the ramp owes.
    credit: u32,
    watch: Watch,
    leases: Leases,
    times: OpenTimes,
    /// When a timer judges next.
    next_judgement: Time,
    reason: Reason,
    refused: u64,
}

/// A tag's bit that says that its call is watched, or its probe leased.
const WATCHED: u32 = 1 << 31;

impl Breaker {
    /// A closed one. All memory it will ever use is taken here.
    ///
    /// # Errors
    /// Everything that is wrong with the configuration.
    pub fn new(config: BreakerConfig) -> Result<Breaker, Vec<Problem>> {
        let problems = config.problems();
        if !problems.is_empty() {
            return Err(problems);
        }
        let slow = if config.slow_after.is_some() { config.watched } else { 0 };
        let probes = if config.lease.is_some() { config.probes } else { 0 };
        Ok(Breaker {
            config,
            state: State::Closed,
            since: Time::ZERO,
            until: Time::ZERO,
            generation: 0,
            begun: false,
            last: Time::ZERO,
            memory: Memory::new(&config),
            trial: Ring::new(config.probes),
            shows_trial: false,
            left: 0,
            credit: 0,
            watch: Watch::new(slow),
            leases: Leases::new(probes),
            times: OpenTimes::new(&config),
            next_judgement: Time::MAX,
            reason: Reason::NONE,
            refused: 0,
        })
    }

    /// What it was told.
    pub const fn config(&self) -> &BreakerConfig {
        &self.config
    }

    /// Its state, as of the latest moment that it was told.
    pub const fn state(&self) -> State {
        self.state
    }

    /// When this state began.
    pub const fn since(&self) -> Time {
        self.since
    }

    /// When an open one may try again; `None` in any other state.
    pub fn retry_at(&self) -> Option<Time> {
        (self.state == State::Open).then(|| self.due())
    }

    /// How long it is open, of which nothing may have passed yet; zero in any other state.
    pub fn open_for(&self) -> Span {
        if self.state == State::Open { self.until.since(self.since) } else { Span::ZERO }
    }

    /// Openings since it was last closed.
    pub const fn openings(&self) -> u32 {
        self.times.count()
    }

    /// What opened it last.
    pub const fn reason(&self) -> Reason {
        self.reason
    }

    /// Calls turned away since the window was begun.
    pub const fn refused(&self) -> u64 {
        self.refused
    }

    /// Probes that may still go out; zero unless half-open.
    pub const fn probes_left(&self) -> u32 {
        if matches!(self.state, State::HalfOpen) { self.left } else { 0 }
    }

    /// Calls in flight that have become slow.
    pub const fn overdue(&self) -> u64 {
        self.watch.overdue()
    }

    /// The moving share of good outcomes, in [0, 1], where the window is an average.
    pub fn average(&self) -> Option<f64> {
        match &self.memory {
            Memory::Average(average) => Some(average.good()),
            Memory::Calls(_) | Memory::All(_) | Memory::Time(_) => None,
        }
    }

    /// What is in the window now: the probes' own while there is one. Reading lets time pass in the
    /// window, which in dialects whose sub-windows begin with calls may begin one.
    pub fn counts(&mut self, now: Time) -> Counts {
        let now = self.at(now);
        if matches!(self.state, State::Disabled | State::ForcedOpen) {
            return Counts::default();
        }
        self.lapse(now);
        if self.shows_trial { *self.trial.counts() } else { self.memory.counts(now) }
    }

    /// What is in the window as it was last touched.
    pub fn held(&self) -> Counts {
        match (self.state, self.shows_trial) {
            (State::Disabled | State::ForcedOpen, _) => Counts::default(),
            (_, true) => *self.trial.counts(),
            (_, false) => self.memory.held(),
        }
    }

    /// How many calls must be in the present window before shares of it are judged.
    pub fn min_calls(&self) -> u32 {
        let least = self.config.min_calls;
        if self.shows_trial { least.min(self.config.probes).max(1) } else { least }
    }

    /// Whether a call may be made. One draw is taken if this opens the breaker and its open time is
    /// jittered, none otherwise.
    ///
    /// # Errors
    /// Why not, and when to try again if that is known.
    #[inline]
    pub fn admit(&mut self, now: Time, chance: &mut impl Chance) -> Result<Permit, Refusal> {
        let now = self.pass(now, chance);
        match self.state {
            State::Closed => {}
            State::Disabled => return Ok(Permit { generation: self.generation, tag: 0 }),
            State::MetricsOnly => {
                self.lapse(now);
                return Ok(self.permit(now, false));
            }
            State::Ramping => {
                if !self.ramp_admits(now) {
                    return Err(self.refuse("percent admitted", self.ramp_percent(now), 100, None));
                }
            }
            State::Open if now < self.due() => {
                let Reason { what, value, bound } = self.reason;
                return Err(self.refuse(what, value, bound, Some(self.due())));
            }
            State::Open => {
                self.half_open(now);
                return self.admit_probe(now);
            }
            State::HalfOpen => return self.admit_probe(now),
            State::ForcedOpen | State::Isolated => {
                return Err(self.refuse("openings by hand", 1, 0, None));
            }
        }
        self.lapse(now);
        Ok(self.permit(now, self.config.slow_after.is_some()))
    }

    /// A call that was let through has ended, well or badly, or is abandoned. Draws as in
    /// [`Breaker::admit`].
    #[inline]
    pub fn settle(&mut self, now: Time, permit: Permit, report: Report, chance: &mut impl Chance) {
        let now = self.pass(now, chance);
        self.lapse(now);
        let Permit { generation, tag } = permit;
        let mut age = None;
        if generation != self.generation {
            if self.config.stale == Stale::Dropped {
                return;
            }
        } else {
            let probe = self.state == State::HalfOpen;
            if tag & WATCHED == 0 {
                let at_start = !probe && self.config.counted_at == CountedAt::Start;
                age = at_start.then_some(tag as u16);
            } else if !probe {
                self.watch.end(tag & !WATCHED);
            } else if !self.leases.end(tag & !WATCHED) {
                // Its lease is over and its place was given to another.
                return;
            }
        }
        self.outcome(now, age, report, chance);
    }

    /// An outcome of a call that this breaker was not asked about: stale, whatever it is. Draws as
    /// in [`Breaker::admit`].
    pub fn stray(&mut self, now: Time, report: Report, chance: &mut impl Chance) {
        let now = self.pass(now, chance);
        self.lapse(now);
        if self.config.stale != Stale::Dropped {
            self.outcome(now, None, report, chance);
        }
    }

    /// When something changes by time alone; nothing does before.
    pub fn next_wakeup(&self) -> Option<Time> {
        match self.state {
            State::Open => (self.config.half_opens == HalfOpens::OnTime).then(|| self.due()),
            State::HalfOpen => {
                let lease = self.config.lease.and_then(|lease| self.leases.first_end(lease));
                earlier(
                    lease,
                    self.config.half_open_max.map(|most| self.since.saturating_add(most)),
                )
            }
            State::Ramping => earlier(self.next_overdue(), Some(self.ramp_end())),
            State::Closed => {
                let judged = self.next_judgement;
                earlier(self.next_overdue(), (judged < Time::MAX).then_some(judged))
            }
            State::Disabled | State::MetricsOnly | State::ForcedOpen | State::Isolated => None,
        }
    }

    /// Lets time pass: what was due up to now happens, each at its own moment. Draws as in
    /// [`Breaker::admit`].
    pub fn wake(&mut self, now: Time, chance: &mut impl Chance) {
        self.pass(now, chance);
    }

    /// Judges the window now, whenever it is judged otherwise. Draws as in [`Breaker::admit`].
    pub fn judge(&mut self, now: Time, chance: &mut impl Chance) {
        let now = self.pass(now, chance);
        self.lapse(now);
        self.judge_at(now, chance);
    }

    /// Forces it into a state; `false` if that change is not allowed. Draws as in
    /// [`Breaker::admit`].
    pub fn force(&mut self, now: Time, to: State, chance: &mut impl Chance) -> bool {
        let now = self.pass(now, chance);
        self.forced(now, to, None, chance)
    }

    /// Opens it by hand for so long; `false` if that is not allowed.
    pub fn force_open_for(&mut self, now: Time, span: Span, chance: &mut impl Chance) -> bool {
        let now = self.pass(now, chance);
        self.forced(now, State::Open, Some(span), chance)
    }
}

/// The earlier of two moments that may not come.
fn earlier(one: Option<Time>, other: Option<Time>) -> Option<Time> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}
