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
//! | [`TwoChoices`](Rule::TwoChoices) | fewer calls of two different ones | 2 |
//! | [`PeakEwma`](Rule::PeakEwma), ours | lower peak latency × (calls + 1) of two | 2 |
//! | [`RingHash`](Rule::RingHash) | next on a ring from the key on | 0 |
//! | [`Maglev`](Rule::Maglev) | the key's place in a table | 0 |
//!
//! Least request by deadline counts a weight as weight / (calls + 1), and takes no draw. A full
//! scan takes a draw for each tie; with one candidate no choice of two takes a draw. A key is a
//! hash already: spread small numbers with [`draw::finalise`](crate::draw::finalise).
//!
//! **A member leaves** a ring or a table: its keys go to the next place whose member is in use, and
//! no other key moves. (Envoy builds both anew; there a ring moves a few keys of others too, a
//! table of 65 537 about 1 % of them.)
//!
//! **Slow start.** For a while after it [joined](Balance::join) or came back into use a member's
//! weight is multiplied by max(10 %, (time / window)^(1 / aggression)).
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
mod hash;
mod latency;
mod maglev;
mod members;
mod ring;
mod schedule;

pub use config::{BalanceConfig, DIALECTS, Decays, LeastRequest, Maglev, PeakEwma, RingHash, Rule};

use crate::draw::Chance;
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

    /// Whether too few are in use, so that all are.
    pub fn is_panicking(&self) -> bool {
        self.members.panicking
    }

    /// Takes a member into use or out of it. One that comes back starts slowly.
    pub fn set_in_use(&mut self, now: Time, member: u32, in_use: bool) {
        self.latest = self.latest.max(now);
        let changed = self.members.set_used(&self.config, member, in_use);
        if changed && in_use {
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
            | State::TwoChoices
            | State::RingHash(..)
            | State::Maglev(..) => calls,
        }
    }

    /// Who takes the next call; nobody only if nobody is in use and the group never panics. Which
    /// draws that takes is in the module's table.
    pub fn pick(&mut self, now: Time, chance: &mut impl Chance, key: u64) -> Option<u32> {
        self.latest = self.latest.max(now);
        let now = self.latest;
        let candidates = self.members.candidates();
        if candidates.is_empty() {
            return None;
        }
        let plain = self.members.alike && !self.members.any_slow(now);
        match &mut self.state {
            State::RoundRobin { next } if !self.members.any_slow(now) => {
                let member = candidates[*next % candidates.len()];
                *next = next.wrapping_add(1);
                Some(member)
            }
            State::RoundRobin { .. } | State::Weighted => self.pick_scheduled(now),
            State::Random => Some(candidates[chance.below(candidates.len() as u64) as usize]),
            State::LeastRequest(rule) if plain => {
                let rule = *rule;
                Some(if rule.full_scan { self.scan(chance) } else { self.sample(rule, chance) })
            }
            State::LeastRequest(_) => self.pick_scheduled(now),
            State::TwoChoices | State::PeakEwma(..) => self.pick_of_two(now, chance, plain),
            State::RingHash(ring, bound) => {
                let member = ring.pick(key, |member| self.members.may(member))?;
                Some(bounded::with_room(bound.as_mut(), &self.members, self.all, key, member))
            }
            State::Maglev(table, bound) => {
                let member = table.pick(key, |member| self.members.may(member))?;
                Some(bounded::with_room(bound.as_mut(), &self.members, self.all, key, member))
            }
        }
    }

    fn pick_scheduled(&mut self, now: Time) -> Option<u32> {
        let member = self.schedule.pick(self.members.candidates())?;
        let weight = self.weight(now, member);
        self.schedule.put(member, weight);
        Some(member)
    }

    /// The fewest calls of all; of several each as likely as any other.
    fn scan(&self, chance: &mut impl Chance) -> u32 {
        let candidates = self.members.candidates();
        let (mut best, mut ties) = (candidates[0], 1);
        for &member in &candidates[1..] {
            let (calls, fewest) = (self.active(member), self.active(best));
            if calls < fewest {
                (best, ties) = (member, 1);
            } else if calls == fewest {
                ties += 1;
                if chance.below(ties) == 0 {
                    best = member;
                }
            }
        }
        best
    }

    /// The fewest calls of so many drawn, which need not be different; the first of several.
    fn sample(&self, rule: LeastRequest, chance: &mut impl Chance) -> u32 {
        let candidates = self.members.candidates();
        let mut draw = || candidates[chance.below(candidates.len() as u64) as usize];
        let first = draw();
        (1..rule.choices).fold(first, |best, _| {
            let member = draw();
            if self.active(member) < self.active(best) { member } else { best }
        })
    }

    /// The two that a choice of two compares (Floyd's sample): one drawn of all but the last, one
    /// of all; if they are the same, the first is the last. Of one candidate it is that one twice.
    /// Takes two draws, of one candidate none.
    pub fn pair(&self, chance: &mut impl Chance) -> Option<[u32; 2]> {
        let candidates = self.members.candidates();
        let count = candidates.len();
        if count < 2 {
            return candidates.first().map(|&only| [only, only]);
        }
        let first = chance.below(count as u64 - 1) as usize;
        let second = chance.below(count as u64) as usize;
        let first = if first == second { count - 1 } else { first };
        Some([candidates[first], candidates[second]])
    }

    fn pick_of_two(&mut self, now: Time, chance: &mut impl Chance, plain: bool) -> Option<u32> {
        let [first, second] = self.pair(chance)?;
        if plain && let State::TwoChoices = self.state {
            return Some(if self.active(first) <= self.active(second) { first } else { second });
        }
        let costs = [first, second].map(|member| {
            let cost = self.cost(now, member);
            if plain {
                return cost;
            }
            // What it would have to do in proportion to what it can.
            let weight = self.members.weight(&self.config, now, member);
            let calls = matches!(self.state, State::TwoChoices);
            (cost + f64::from(u8::from(calls))) / weight
        });
        Some(if costs[0] <= costs[1] { first } else { second })
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
