//! Load balancing: which member of a group takes the next call.
//!
//! **States.** Members with weights, each in use or not (outlier detection takes them out), with
//! calls in flight. With less than the panic threshold in use (50 %) all are used: better some that
//! are out than too few for all the load.
//!
//! | rule | picks | draws |
//! |---|---|---|
//! | [`RoundRobin`](Rule::RoundRobin) | one after the other | 0 |
//! | [`Random`](Rule::Random) | any | 1 |
//! | [`Weighted`](Rule::Weighted) | the earliest deadline, 1 / weight after its last | 0 |
//! | [`LeastRequest`](Rule::LeastRequest) | fewest calls of 2; weights differ: by deadline | 2 |
//! | [`JoinIdle`](Rule::JoinIdle) | any without calls; any at all if all have some | 1 |
//! | [`TwoChoices`](Rule::TwoChoices) | fewer calls of two different ones | 2 |
//! | [`PeakEwma`](Rule::PeakEwma), ours | lower peak latency × (calls + 1) of two | 2 |
//! | [`RingHash`](Rule::RingHash) | next on a ring from the key on | 0 |
//! | [`Maglev`](Rule::Maglev) | the key's place in a table | 0 |
//!
//! Least request by deadline counts a weight as weight / (calls + 1), and takes no draw. A full
//! scan takes a draw for each tie; with one candidate no choice of two takes a draw. A key is a
//! hash already: spread small numbers with [`draw::finalise`](crate::draw::finalise).
//!
//! **Formula.** With many members of utilisation ρ and the least loaded of d random ones chosen, a
//! share ρ^((d^k − 1) / (d − 1)) of them has k calls or more, ρ^k for d = 1: the second choice is
//! worth nearly everything that further ones are.
//!
//! **A member leaves** a ring or a table: its keys go to the next place whose member is in use, and
//! no other key moves. (Envoy builds both anew; there a ring moves a few keys of others too, a
//! table of 65 537 about 1 % of them.)
//!
//! **Members come and go** by [`Balance::set_present`]: one that is not there counts for nothing,
//! not even for the panic threshold. [`Balance::pick_besides`] leaves out for one pick those that a
//! call has tried already.
//!
//! **Slow start.** For a while after it [joined](Balance::join) or came back into use a member's
//! weight is multiplied by max(10 %, (time / window)^(1 / aggression)).
//!
//! **Units.** Latencies and windows are nanoseconds, weights whole numbers, shares millionths;
//! calls in flight are counted, not weighed by their work.
//!
//! **Defaults** of ours: peak EWMA of two, which forgets in 10 s, takes 1 s for one of whom nothing
//! is known and for each failure; panic under 50 % in use; no slow start.
//!
//! **Helps** by keeping queues alike. **Hurts**: few calls in flight look like little load also
//! where a member fails at once; give failures a price (`failure_takes`), or use outlier detection.
//!
//! **Source.** Mitzenmacher 2001; tower's `balance::p2c` and `load::peak_ewma`; Envoy's least
//! request, ring hash, Maglev, bounded load and slow start; Karger 1997, Eisenbud 2016, Mirrokni
//! 2018.
//!
//! ```
//! use brownout_policies::balance::{Balance, BalanceConfig, Rule};
//! use brownout_policies::draw::Draws;
//! use brownout_policies::Time;
//!
//! let config = BalanceConfig::by(Rule::TwoChoices);
//! let mut group = Balance::new(config, &[1, 1]).expect("the configuration is sound");
//! let mut draws = Draws::open(1, 2);
//! let first = group.pick(Time::ZERO, &mut draws, 0).expect("two are in use");
//! group.on_send(first);
//! let second = group.pick(Time::ZERO, &mut draws, 0).expect("two are in use");
//! assert_ne!(first, second);
//! ```

mod bounded;
mod config;
mod dialects;
mod hash;
mod latency;
mod maglev;
mod members;
mod picks;
mod ring;
mod schedule;

pub use config::{BalanceConfig, Decays, LeastRequest, Maglev, PeakEwma, RingHash, Rule};
pub use dialects::DIALECTS;

use crate::math;
use crate::outcome::Class;
use crate::settings::{Problem, Settings};
use crate::time::{Span, Time};
use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use bounded::Bound;
use latency::Estimate;
use members::Members;
use schedule::Schedule;

#[derive(Debug, Clone)]
enum State {
    RoundRobin { next: usize },
    Random,
    Weighted,
    LeastRequest(LeastRequest),
    JoinIdle,
    TwoChoices,
    PeakEwma(PeakEwma, Box<[Estimate]>),
    RingHash(ring::Ring, Option<Bound>),
    Maglev(maglev::Table, Option<Bound>),
}

/// A balancer at work.
#[derive(Debug, Clone)]
pub struct Balance {
    config: BalanceConfig,
    members: Members,
    schedule: Schedule,
    state: State,
    /// Calls in flight of all members.
    all: u64,
    /// The latest moment it has heard of: time does not go back.
    latest: Time,
}

impl Balance {
    /// A group of one member for each weight; the names that hashes are made of are their numbers.
    ///
    /// # Errors
    /// Everything that is wrong with the configuration.
    pub fn new(config: BalanceConfig, weights: &[u32]) -> Result<Balance, Vec<Problem>> {
        let names = (0..weights.len()).map(|member| member.to_string()).collect();
        Balance::build(config, names, weights)
    }

    /// A group of members with names, which rings and tables are made of, and weights.
    ///
    /// # Errors
    /// Everything that is wrong with the configuration.
    pub fn named(config: BalanceConfig, members: &[(&str, u32)]) -> Result<Balance, Vec<Problem>> {
        let names = members.iter().map(|member| member.0.to_string()).collect();
        let weights: Vec<u32> = members.iter().map(|member| member.1).collect();
        Balance::build(config, names, &weights)
    }

    fn build(
        config: BalanceConfig,
        names: Vec<String>,
        weights: &[u32],
    ) -> Result<Balance, Vec<Problem>> {
        let mut problems = config.problems();
        let members = Members::new(&config, weights);
        let members = match members {
            Ok(members) if problems.is_empty() => members,
            Ok(_) => return Err(problems),
            Err(more) => {
                problems.extend(more);
                return Err(problems);
            }
        };
        let bound = |bound: Option<u32>| bound.map(|percent| Bound::new(percent, weights.len()));
        let state = match config.rule {
            Rule::RoundRobin => State::RoundRobin { next: 0 },
            Rule::Random => State::Random,
            Rule::Weighted => State::Weighted,
            Rule::LeastRequest(rule) => State::LeastRequest(rule),
            Rule::JoinIdle => State::JoinIdle,
            Rule::TwoChoices => State::TwoChoices,
            Rule::PeakEwma(rule) => {
                let estimates = weights.iter().map(|_| Estimate::new(&rule)).collect();
                State::PeakEwma(rule, estimates)
            }
            Rule::RingHash(rule) => {
                let ring = ring::Ring::new(&names, weights, rule.least, rule.most);
                State::RingHash(ring, bound(rule.bound))
            }
            Rule::Maglev(rule) => {
                let table = maglev::Table::new(&names, weights, rule.table);
                State::Maglev(table, bound(rule.bound))
            }
        };
        let schedule = Schedule::new(weights.len());
        let mut balance = Balance { config, members, schedule, state, all: 0, latest: Time::ZERO };
        for member in 0..weights.len() as u32 {
            balance.schedule.put(member, balance.weight(Time::ZERO, member));
        }
        Ok(balance)
    }

    /// Members.
    pub fn members(&self) -> u32 {
        self.members.weights.len() as u32
    }

    /// Calls in flight of a member.
    pub fn active(&self, member: u32) -> u32 {
        self.members.active[member as usize]
    }

    /// Whether a member is in use; while the group panics it may be picked all the same.
    pub fn is_in_use(&self, member: u32) -> bool {
        self.members.is_used(member)
    }

    /// Whether a member is there at all.
    pub fn is_present(&self, member: u32) -> bool {
        self.members.is_there(member)
    }

    /// Whether too few are in use, so that all are.
    pub fn is_panicking(&self) -> bool {
        self.members.panicking
    }

    /// Takes a member into use or out of it; whether that changed anything. One that comes back
    /// starts slowly.
    pub fn set_in_use(&mut self, now: Time, member: u32, in_use: bool) -> bool {
        self.latest = self.latest.max(now);
        let changed = self.members.set_used(&self.config, member, in_use);
        if changed && in_use {
            self.join(now, member);
        }
        changed
    }

    /// A member comes or goes for good: one that is not there is never picked, and is no part of
    /// the whole that the panic threshold is a share of. One that comes starts slowly.
    pub fn set_present(&mut self, now: Time, member: u32, present: bool) {
        self.latest = self.latest.max(now);
        let changed = self.members.set_there(&self.config, member, present);
        if changed && present {
            self.join(now, member);
        }
    }

    /// A member is new, or as good as new: it starts slowly.
    pub fn join(&mut self, now: Time, member: u32) {
        self.latest = self.latest.max(now);
        self.members.join(&self.config, self.latest, member);
        let weight = self.weight(self.latest, member);
        self.schedule.put(member, weight);
    }

    /// What a member gets of its share: 1, or less during a slow start.
    pub fn slow_start_factor(&self, now: Time, member: u32) -> f64 {
        self.members.factor(&self.config, now, member)
    }

    /// A member's weight as it is scheduled by: with its slow start, and for
    /// [`Rule::LeastRequest`] with its calls.
    pub fn weight(&self, now: Time, member: u32) -> f64 {
        if let Rule::RoundRobin = self.config.rule {
            return self.members.factor(&self.config, now, member);
        }
        let mut weight = self.members.weight(&self.config, now, member);
        if let Rule::LeastRequest(rule) = &self.config.rule {
            let calls = f64::from(self.active(member)) + 1.0;
            if rule.bias == 1.0 {
                weight /= calls;
            } else if rule.bias != 0.0 {
                weight /= math::pow(calls, rule.bias);
            }
        }
        weight
    }

    /// What picking a member costs by [`Rule::PeakEwma`], in nanoseconds of work: its peak latency
    /// times the calls that it would have. By other rules it is those calls, less one.
    pub fn cost(&mut self, now: Time, member: u32) -> f64 {
        self.latest = self.latest.max(now);
        let calls = f64::from(self.active(member));
        match &mut self.state {
            State::PeakEwma(rule, estimates) => {
                estimates[member as usize].read(rule, self.latest) * (calls + 1.0)
            }
            State::RoundRobin { .. }
            | State::Random
            | State::Weighted
            | State::LeastRequest(_)
            | State::JoinIdle
            | State::TwoChoices
            | State::RingHash(..)
            | State::Maglev(..) => calls,
        }
    }

    /// Whether anybody may be picked who is not in `besides`.
    pub fn has_besides(&self, besides: &[u32]) -> bool {
        self.members.candidates().iter().any(|member| !besides.contains(member))
    }

    /// Round robin goes on with this member: so that not all callers begin with the same one.
    pub fn start_at(&mut self, member: u32) {
        if let State::RoundRobin { next } = &mut self.state {
            *next = member as usize;
        }
    }

    /// A call is sent to a member.
    pub fn on_send(&mut self, member: u32) {
        let active = &mut self.members.active[member as usize];
        *active = active.saturating_add(1);
        self.all = self.all.saturating_add(1);
    }

    /// A call to a member is over.
    pub fn on_reply(&mut self, now: Time, member: u32, class: Class, took: Span) {
        self.latest = self.latest.max(now);
        let active = &mut self.members.active[member as usize];
        *active = active.saturating_sub(1);
        self.all = self.all.saturating_sub(1);
        let State::PeakEwma(rule, estimates) = &mut self.state else { return };
        let took = match class {
            Class::Success => took,
            Class::Failure => rule.failure_takes.map_or(took, |least| took.max(least)),
            Class::Ignored if rule.abandoned => took,
            Class::Ignored => return,
        };
        estimates[member as usize].measure(rule, self.latest, took);
    }

    /// When a slow start is over, which is all that changes by time alone.
    pub fn next_wakeup(&self) -> Option<Time> {
        self.members.any_slow(self.latest).then(|| self.members.slow_until())
    }

    /// Time has passed.
    pub fn wake(&mut self, now: Time) {
        self.latest = self.latest.max(now);
    }
}

#[cfg(test)]
mod tests;
