//! Outlier detection: set aside for a while the hosts of a service that are worse than the others.
//!
//! **States.** Each host is *in* or *ejected*. Errors in a row eject it at once. Every `interval` a
//! sweep looks at the last one: a host whose success rate is far under the mean, or whose share of
//! failures is high, is ejected; a host whose time is over returns. The worst go first, then the
//! one with the lowest number, until the cap is met: the same input always ejects the same hosts.
//!
//! ```text
//!       errors in a row; or far under the mean, or too many failures, at a sweep
//! in ────────────────────────────────────────────────────────────────────────▶ ejected
//!  ▲                                                                              │
//!  └──────────────────────── its time is over, at a sweep ────────────────────────┘
//! ```
//!
//! **Formula.** Ejected when rate < mean − `deviations` · standard deviation (of the population),
//! over the hosts with `rate_volume` calls, if there are `rate_hosts`; or when the share of
//! failures is at least `failure_share`. The n-th ejection lasts min(n · `base`, `longest`) and
//! jitter; n shrinks by one a sweep while a host stays well.
//!
//! **Units.** Answers are counted, shares are whole millionths, rates are compared in percent,
//! deviations are standard deviations, times nanoseconds.
//!
//! **Defaults** of ours are Envoy's (10 s, 30 s, 300 s, 5 in a row, 1.9 deviations, at most 10 %),
//! but one host can always be ejected, and shares of failures are enforced.
//!
//! **Helps** when some hosts are ill and the others are not: the balancer sees what one host alone
//! cannot. **Hurts** when all are ill: then it takes capacity from a service that has too little;
//! hence the cap, and `panic`, below which ejections are ignored.
//!
//! **Sources.** Envoy's outlier detection and gRPC A50 (grpc-go), each a [dialect](DIALECTS).
//!
//! ```
//! use brownout_policies::outlier::{Answer, Outlier, OutlierConfig};
//! use brownout_policies::{Draws, Time};
//!
//! let mut outlier = Outlier::new(OutlierConfig::ours(), 4).expect("the configuration is sound");
//! let mut chance = Draws::open(1, 1);
//! for _ in 0..5 {
//!     outlier.answer(Time::ZERO, 2, Answer::Error, &mut chance);
//! }
//! assert!(outlier.is_ejected(2) && !outlier.is_usable(2));
//! outlier.sweep(Time::from_secs(30.0), &mut chance);
//! assert!(!outlier.is_ejected(2));
//! ```

mod config;
mod host;
mod sweep;
#[cfg(test)]
mod tests;

pub use config::{Cap, DIALECTS, Decay, Order, OutlierConfig, Returns};
pub use host::Origin;
pub use sweep::Average;

use crate::draw::Chance;
use crate::settings::{Problem, Settings, Share};
use crate::time::{Span, Time};
use alloc::vec::Vec;
use host::Host;

/// What a call said about its host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// A good answer.
    Good,
    /// An error of the host's own (500).
    Error,
    /// An error on its way (502, 503, 504): overloaded, draining, or behind something broken.
    GatewayError,
    /// It was not reached, or not in time; where that is not kept apart, a gateway error.
    Unreached,
    /// It was reached, whatever it will answer; counts only where that is kept apart.
    Reached,
}

/// What ejects a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cause {
    Errors,
    GatewayErrors,
    LocalFailures,
    Rate(Origin),
    Failures(Origin),
}

/// An outlier detector over the hosts of one service.
///
/// Its time begins with the first call of any of its methods that takes one, and never goes back:
/// an earlier moment counts as the latest one so far.
#[derive(Debug, Clone)]
pub struct Outlier {
    config: OutlierConfig,
    hosts: Vec<Host>,
    /// Hosts that are there.
    present: u32,
    /// Hosts that are ejected.
    out: u32,
    /// Ejections that have not ended, as the cap counts them.
    ejections: u32,
    /// Ejections that the cap forbade.
    overflow: u64,
    /// Hosts found bad, ejected or not.
    detected: u64,
    averages: [Option<Average>; 2],
    /// Room for a sweep's candidates.
    candidates: Vec<u32>,
    begun: bool,
    last: Time,
    next_sweep: Time,
}

impl Outlier {
    /// A detector with hosts number 0 up to `hosts`, all in.
    ///
    /// # Errors
    /// Everything that is wrong with the configuration.
    pub fn new(config: OutlierConfig, hosts: u32) -> Result<Outlier, Vec<Problem>> {
        let problems = config.problems();
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Outlier {
            config,
            hosts: (0..hosts).map(|_| Host::new()).collect(),
            present: hosts,
            out: 0,
            ejections: 0,
            overflow: 0,
            detected: 0,
            averages: [None; 2],
            candidates: Vec::with_capacity(hosts as usize),
            begun: false,
            last: Time::ZERO,
            next_sweep: Time::MAX,
        })
    }

    /// Adds a host and returns its number; the only method that may take memory.
    pub fn add_host(&mut self) -> u32 {
        self.present += 1;
        self.candidates.reserve(self.hosts.len() + 1);
        self.hosts.push(Host::new());
        self.hosts.len() as u32 - 1
    }

    /// A host leaves for good; its number is not used again.
    pub fn remove_host(&mut self, host: u32) {
        let host = &mut self.hosts[host as usize];
        if !host.present {
            return;
        }
        if host.ejected.is_some() {
            self.out -= 1;
            self.ejections = self.ejections.saturating_sub(1);
        }
        *host = Host::default();
        self.present -= 1;
    }

    /// What it was told.
    pub const fn config(&self) -> &OutlierConfig {
        &self.config
    }

    /// Whether a host is ejected.
    pub fn is_ejected(&self, host: u32) -> bool {
        self.hosts[host as usize].ejected.is_some()
    }

    /// Whether calls may go to a host: it is in, or so few are that ejections are ignored.
    pub fn is_usable(&self, host: u32) -> bool {
        let host = &self.hosts[host as usize];
        host.present && (host.ejected.is_none() || self.is_panicking())
    }

    /// Whether so few hosts are in that ejections are ignored.
    pub const fn is_panicking(&self) -> bool {
        let healthy = (self.present - self.out) as u64;
        self.out > 0 && !self.config.panic.reached(healthy, self.present as u64)
    }

    /// The ejected hosts, lowest number first.
    pub fn ejected(&self) -> impl Iterator<Item = u32> {
        let numbered = (0u32..).zip(&self.hosts);
        numbered.filter(|(_, host)| host.ejected.is_some()).map(|(number, _)| number)
    }

    /// How many bases a host's next ejection lasts, less one.
    pub fn multiple(&self, host: u32) -> u32 {
        self.hosts[host as usize].multiple
    }

    /// Hosts that are there, ejected or not.
    pub const fn hosts(&self) -> u32 {
        self.present
    }

    /// Ejections that have not ended, as the cap counts them: a host that counts twice is two.
    pub const fn ejections(&self) -> u32 {
        self.ejections
    }

    /// Ejections that the cap forbade.
    pub const fn overflow(&self) -> u64 {
        self.overflow
    }

    /// How often a host was found bad, whether it was ejected for it or not.
    pub const fn detected(&self) -> u64 {
        self.detected
    }

    /// Mean and threshold of the last sweep's success rates, if it had enough hosts to judge by.
    pub const fn average(&self, origin: Origin) -> Option<Average> {
        self.averages[origin as usize]
    }

    /// A call to a host said something about it. For each ejection one draw is taken if it is
    /// jittered, and one before if it is enforced neither always nor never.
    pub fn answer(&mut self, now: Time, host: u32, answer: Answer, chance: &mut impl Chance) {
        let now = self.at(now);
        let local = self.config.split_local;
        let Some(state) = self.hosts.get_mut(host as usize).filter(|host| host.present) else {
            return;
        };
        match answer {
            Answer::Reached if local => {
                state.count(Origin::Local, true);
                state.local_failures = 0;
            }
            Answer::Reached => {}
            Answer::Unreached if local => {
                state.count(Origin::Local, false);
                state.local_failures = state.local_failures.saturating_add(1);
                if Some(state.local_failures) == self.config.local_in_a_row {
                    self.ran(now, host, Cause::LocalFailures, chance);
                }
            }
            Answer::Good => {
                state.count(Origin::External, true);
                (state.errors, state.gateway_errors) = (0, 0);
            }
            Answer::Error | Answer::GatewayError | Answer::Unreached => {
                state.count(Origin::External, false);
                let gateway = answer != Answer::Error;
                let run = if gateway { state.gateway_errors.saturating_add(1) } else { 0 };
                state.gateway_errors = run;
                if gateway && Some(run) == self.config.gateway_in_a_row {
                    self.ran(now, host, Cause::GatewayErrors, chance);
                }
                let state = &mut self.hosts[host as usize];
                state.errors = state.errors.saturating_add(1);
                if Some(state.errors) == self.config.in_a_row {
                    self.ran(now, host, Cause::Errors, chance);
                }
            }
        }
    }

    /// A run has reached its bound.
    fn ran(&mut self, now: Time, host: u32, cause: Cause, chance: &mut impl Chance) {
        if self.is_ejected(host) {
            return;
        }
        self.detected += 1;
        self.eject(now, host, cause, chance);
        let state = &mut self.hosts[host as usize];
        match cause {
            Cause::Errors => state.errors = 0,
            Cause::GatewayErrors => state.gateway_errors = 0,
            Cause::LocalFailures => state.local_failures = 0,
            Cause::Rate(_) | Cause::Failures(_) => {}
        }
    }

    /// When the next sweep is due; nothing changes by time alone before.
    pub fn next_wakeup(&self) -> Option<Time> {
        (self.next_sweep < Time::MAX).then_some(self.next_sweep)
    }

    /// Sweeps if a sweep is due. Draws as in [`Outlier::answer`].
    pub fn wake(&mut self, now: Time, chance: &mut impl Chance) {
        let now = self.at(now);
        if self.next_sweep <= now {
            self.sweep(now, chance);
        }
    }

    /// The present moment, which never goes back.
    fn at(&mut self, now: Time) -> Time {
        if !self.begun {
            self.begun = true;
            self.next_sweep = now.saturating_add(self.config.interval);
        }
        self.last = self.last.max(now);
        self.last
    }

    /// Whether the cap lets one more host go.
    const fn has_room(&self) -> bool {
        let (most, hosts) = (self.config.max_ejected, self.present as u64);
        let ejected = self.ejections as u64;
        match self.config.cap {
            Cap::Before => {
                (self.config.always_one && ejected == 0) || !most.exceeded(ejected + 1, hosts)
            }
            Cap::After => (self.config.always_one && ejected == 0) || !most.reached(ejected, hosts),
        }
    }

    fn enforcement(&self, cause: Cause) -> Share {
        match cause {
            Cause::Errors => self.config.enforce_in_a_row,
            Cause::GatewayErrors => self.config.enforce_gateway,
            Cause::LocalFailures => self.config.enforce_local,
            Cause::Rate(Origin::External) => self.config.enforce_rate,
            Cause::Rate(Origin::Local) => self.config.enforce_local_rate,
            Cause::Failures(Origin::External) => self.config.enforce_share,
            Cause::Failures(Origin::Local) => self.config.enforce_local_share,
        }
    }

    /// Ejects a host if there is room and if that is enforced.
    fn eject(&mut self, now: Time, host: u32, cause: Cause, chance: &mut impl Chance) {
        if !self.has_room() {
            self.overflow += 1;
            return;
        }
        let share = self.enforcement(cause);
        let always = share == Share::ALL;
        let percent = u64::from(share.millionths() / 10_000);
        if share == Share::NONE || !(always || chance.below(100) < percent) {
            return;
        }
        let state = &mut self.hosts[host as usize];
        self.out += u32::from(state.ejected.is_none());
        self.ejections += 1;
        state.ejected = Some(now);
        let millis = self.config.jitter.nanos() / 1_000_000;
        if millis > 0 {
            state.jitter = Span::from_millis(chance.below(millis + 1));
        }
        let grown = self.config.base.saturating_mul(state.multiple.into());
        let most = self.config.longest.saturating_add(self.config.base);
        if !self.config.capped || grown < most {
            state.multiple = state.multiple.saturating_add(1);
        }
    }
}
