//! Who takes the next call, by each rule.

use super::config::LeastRequest;
use super::{Balance, State, bounded};
use crate::draw::Chance;
use crate::time::Time;

impl Balance {
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
            State::JoinIdle => Some(self.pick_idle(chance)),
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

    /// [`Balance::pick`] among those that are not in `besides`; among all if nobody else is there.
    pub fn pick_besides(
        &mut self,
        now: Time,
        chance: &mut impl Chance,
        key: u64,
        besides: &[u32],
    ) -> Option<u32> {
        self.members.leave_out(besides);
        let picked = self.pick(now, chance, key);
        self.members.let_back();
        picked
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

    /// Any without calls, each as likely as any other; any at all if all have some.
    fn pick_idle(&self, chance: &mut impl Chance) -> u32 {
        let candidates = self.members.candidates();
        let is_idle = |member: &&u32| self.active(**member) == 0;
        let idle = candidates.iter().filter(is_idle).count() as u64;
        if idle == 0 {
            return candidates[chance.below(candidates.len() as u64) as usize];
        }
        let nth = chance.below(idle) as usize;
        let nth = candidates.iter().filter(is_idle).nth(nth);
        *nth.expect("that many have no calls")
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
}
