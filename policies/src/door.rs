//! The door of a server: gates in a row that its callers have to pass, outermost first.
//!
//! **States.** Who comes is let in by one gate after the other, waits at one, or is rejected. Who
//! is inside holds what each gate handed out until it [leaves](Door::leave), however that comes
//! about; then adaptive limits hear how it went and how long it took. Who is rejected gives back
//! what the gates before have handed out, and they do not learn from it.
//!
//! **Helps** where the server knows its own limits better than its callers do. **Hurts** when
//! saying no costs it nearly as much as doing the work.
//!
//! **Draws.** One for each throttle that is passed while its probability is above zero; the first
//! one for each adaptive limit.
//!
//! ```
//! use brownout_policies::bulkhead::BulkheadConfig;
//! use brownout_policies::door::{Door, Entry};
//! use brownout_policies::draw::Draws;
//! use brownout_policies::outcome::Class;
//! use brownout_policies::slab::Id;
//! use brownout_policies::stack::GateRule;
//! use brownout_policies::Time;
//!
//! let mut draws = Draws::open(1, 2);
//! let rule = GateRule::Bulkhead(BulkheadConfig { places: 1, ..BulkheadConfig::ours() });
//! let mut door = Door::new(&[rule], &mut draws);
//! let (first, second) = (Id::from_word(1), Id::from_word(2 << 32));
//! assert_eq!(door.enter(Time::ZERO, first, &mut draws), Entry::Inside);
//! assert!(matches!(door.enter(Time::ZERO, second, &mut draws), Entry::Rejected { .. }));
//! door.leave(Time::from_nanos(9), first, Class::Success, &mut draws);
//! assert_eq!(door.enter(Time::from_nanos(9), second, &mut draws), Entry::Inside);
//! ```

use crate::adaptive_rate::Attempt;
use crate::call::common::{Ended, Gate, Passage};
use crate::draw::Chance;
use crate::gate::{Held, Refusal};
use crate::outcome::{Class, Done, ErrorKind, Outcome};
use crate::slab::Id;
use crate::stack::GateRule;
use crate::time::Time;
use alloc::vec::Vec;

/// What became of one who came to the door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// It is inside.
    Inside,
    /// It waits at a gate, until this moment or until it is [called](Door::called).
    Waiting {
        /// When to ask what became of its [wait](Door::waited).
        until: Time,
    },
    /// It is not let in.
    Rejected {
        /// What its caller is told: that it asks too often, or that it is refused.
        outcome: Outcome,
        /// Why, with the numbers.
        refusal: Refusal,
    },
}

/// What one gate handed out.
#[derive(Debug, Clone, Copy, Default)]
struct Pass {
    held: Held,
    since: Time,
}

/// How far one has come.
#[derive(Debug, Clone, Copy, Default)]
struct Visitor {
    /// Gates that it has passed.
    passed: usize,
    /// Until when it waits at the next one.
    waits: Option<Time>,
    /// Gates that are not for it, a bit for each.
    skips: u16,
}

impl Visitor {
    /// Whether a gate is not for it.
    fn skips(self, gate: usize) -> bool {
        gate < u16::BITS as usize && self.skips >> gate & 1 == 1
    }
}

/// A door at work. It knows its visitors by name; a name is used by one visitor at a time.
#[derive(Debug)]
pub struct Door {
    /// Outermost first.
    gates: Vec<Gate>,
    /// By the place of the visitor's name.
    visitors: Vec<Visitor>,
    /// What each visitor holds, as many in a row as there are gates.
    passes: Vec<Pass>,
}

impl Door {
    /// A door with these gates, each of them idle. Takes a draw for each adaptive limit, so that
    /// many doors need not measure together.
    pub fn new(rules: &[GateRule], chance: &mut impl Chance) -> Door {
        let mut gates: Vec<Gate> = rules.iter().map(Gate::new).collect();
        for gate in &mut gates {
            gate.desynchronise(chance);
        }
        Door { gates, visitors: Vec::new(), passes: Vec::new() }
    }

    /// One comes.
    pub fn enter(&mut self, now: Time, who: Id, chance: &mut impl Chance) -> Entry {
        self.enter_past(now, who, 0, chance)
    }

    /// One comes for whom some of the first sixteen gates are not: a bit for each, the lowest for
    /// the outermost. They let it through, and never hear of it.
    pub fn enter_past(
        &mut self,
        now: Time,
        who: Id,
        skips: u16,
        chance: &mut impl Chance,
    ) -> Entry {
        if self.visitors.len() <= who.place() {
            self.visitors.resize(who.place() + 1, Visitor::default());
            self.passes.resize(self.visitors.len() * self.gates.len(), Pass::default());
        }
        self.visitors[who.place()] = Visitor { skips, ..Visitor::default() };
        self.go_on(now, who, chance)
    }

    /// How many gates one has passed: none, unless it waits or was let in.
    pub fn passed(&self, who: Id) -> usize {
        self.visitors.get(who.place()).map_or(0, |visitor| visitor.passed)
    }

    /// Through the gates that are left.
    fn go_on(&mut self, now: Time, who: Id, chance: &mut impl Chance) -> Entry {
        loop {
            let passed = self.visitors[who.place()].passed;
            if self.visitors[who.place()].skips(passed) && passed < self.gates.len() {
                self.visitors[who.place()].passed += 1;
                continue;
            }
            let Some(gate) = self.gates.get_mut(passed) else { return Entry::Inside };
            match gate.enter(now, who, Attempt::First, chance) {
                Passage::Through(held) => self.pass(now, who, held),
                Passage::Waits { until, held } => return self.wait(now, who, until, held),
                Passage::Refused(refusal) => return self.reject(now, who, refusal, chance),
            }
        }
    }

    fn wait(&mut self, now: Time, who: Id, until: Time, held: Held) -> Entry {
        let passed = self.visitors[who.place()].passed;
        self.visitors[who.place()].waits = Some(until);
        *self.pass_of(who, passed) = Pass { held, since: now };
        Entry::Waiting { until }
    }

    fn pass(&mut self, now: Time, who: Id, held: Held) {
        let visitor = &mut self.visitors[who.place()];
        let passed = visitor.passed;
        *visitor = Visitor { passed: passed + 1, waits: None, ..*visitor };
        *self.pass_of(who, passed) = Pass { held, since: now };
    }

    fn pass_of(&mut self, who: Id, gate: usize) -> &mut Pass {
        &mut self.passes[who.place() * self.gates.len() + gate]
    }

    fn reject(&mut self, now: Time, who: Id, refusal: Refusal, chance: &mut impl Chance) -> Entry {
        let outcome = match self.gates[self.visitors[who.place()].passed] {
            Gate::Limiter(_) => Outcome::error(ErrorKind::Throttled, Done::Nothing),
            Gate::Breaker(_)
            | Gate::Concurrency(_)
            | Gate::Bulkhead(_)
            | Gate::Throttle(_)
            | Gate::AdaptiveRate(_) => Outcome::REFUSED,
        };
        let outcome = match refusal.retry_at {
            Some(again) => outcome.with_retry_after(again.since(now)),
            None => outcome,
        };
        self.give_back(now, who, Class::Ignored, chance);
        Entry::Rejected { outcome, refusal }
    }

    /// The wait of one has come to its end: it goes on, has waited for too long, or waits again.
    pub fn waited(&mut self, now: Time, who: Id, chance: &mut impl Chance) -> Entry {
        let passed = self.visitors[who.place()].passed;
        let held = self.pass_of(who, passed).held;
        self.visitors[who.place()].waits = None;
        match self.gates[passed].waited(now, who, held) {
            Passage::Through(held) => {
                self.pass(now, who, held);
                self.go_on(now, who, chance)
            }
            Passage::Waits { until, held } => self.wait(now, who, until, held),
            Passage::Refused(refusal) => self.reject(now, who, refusal, chance),
        }
    }

    /// One who waits and whose turn has come, if there is one; then it [comes
    /// on](Door::come_on). Ask after each one that left, until there is none.
    pub fn called(&mut self, now: Time) -> Option<Id> {
        for number in 0..self.gates.len() {
            if let Some((who, held)) = self.gates[number].next(now) {
                self.pass(now, who, held);
                return Some(who);
            }
        }
        None
    }

    /// One who was called goes through the gates that are left.
    pub fn come_on(&mut self, now: Time, who: Id, chance: &mut impl Chance) -> Entry {
        self.go_on(now, who, chance)
    }

    /// One who was let in or waits goes away: what it holds comes back, innermost first.
    pub fn leave(&mut self, now: Time, who: Id, class: Class, chance: &mut impl Chance) {
        let Visitor { passed, waits, .. } = self.visitors[who.place()];
        if let Some(until) = waits {
            let Pass { held, .. } = *self.pass_of(who, passed);
            self.gates[passed].give_up(now, who, until, held);
        }
        self.give_back(now, who, class, chance);
    }

    fn give_back(&mut self, now: Time, who: Id, class: Class, chance: &mut impl Chance) {
        let visitor = core::mem::take(&mut self.visitors[who.place()]);
        let outcome = match class {
            Class::Success => Outcome::OK,
            Class::Failure => Outcome::REFUSED,
            Class::Ignored => Outcome::ABANDONED,
        };
        for number in (0..visitor.passed).rev().filter(|number| !visitor.skips(*number)) {
            let Pass { held, since } = *self.pass_of(who, number);
            let ended = Ended { outcome, took: now.since(since) };
            self.gates[number].settle(now, held, ended, chance);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bulkhead::BulkheadConfig;
    use crate::concurrency::ConcurrencyConfig;
    use crate::draw::Draws;
    use crate::limiter::LimiterConfig;
    use crate::time::Span;

    /// Two gates of one place each, the second not for everybody.
    #[test]
    fn a_gate_that_is_not_for_one_neither_stops_it_nor_hears_of_it() {
        let mut draws = Draws::open(1, 2);
        let mut door = Door::new(&[bulkhead(3, 0), bulkhead(1, 0)], &mut draws);
        let inside = |entry| entry == Entry::Inside;
        assert!(inside(door.enter(at(0), who(0), &mut draws)));
        assert!(!inside(door.enter(at(0), who(1), &mut draws)));
        assert!(inside(door.enter_past(at(0), who(2), 0b10, &mut draws)));
        // Its leaving frees the first gate and not the second.
        door.leave(at(1), who(2), Class::Success, &mut draws);
        assert!(!inside(door.enter(at(1), who(3), &mut draws)));
        door.leave(at(2), who(0), Class::Success, &mut draws);
        assert!(inside(door.enter(at(2), who(4), &mut draws)));
    }

    fn who(place: u64) -> Id {
        Id::from_word(place << 32 | 1)
    }

    fn at(millis: u64) -> Time {
        Time::from_nanos(millis * 1_000_000)
    }

    fn bulkhead(places: u32, longest_wait: u64) -> GateRule {
        let longest_wait = Span::from_millis(longest_wait);
        GateRule::Bulkhead(BulkheadConfig { places, queue: None, longest_wait })
    }

    fn limit(permits: u32, longest_wait: u64) -> GateRule {
        let longest_wait = Span::from_millis(longest_wait);
        let ours = LimiterConfig::ours();
        GateRule::Limiter(LimiterConfig { permits, burst: 1, longest_wait, ..ours })
    }

    #[test]
    fn who_is_rejected_by_the_second_gate_frees_its_place_at_the_first() {
        let mut draws = Draws::open(1, 1);
        let mut door = Door::new(&[bulkhead(2, 0), limit(10, 0)], &mut draws);
        assert_eq!(door.enter(at(0), who(0), &mut draws), Entry::Inside);
        for place in 1..5 {
            let entry = door.enter(at(0), who(place), &mut draws);
            let Entry::Rejected { outcome, refusal } = entry else { panic!("one every 100 ms") };
            assert_eq!(outcome.retry_after(), Some(Span::from_millis(100)));
            assert_eq!(refusal.retry_at, Some(at(100)));
        }
        assert_eq!(door.enter(at(100), who(1), &mut draws), Entry::Inside);
        let full = door.enter(at(200), who(2), &mut draws);
        assert!(matches!(full, Entry::Rejected { outcome: Outcome::REFUSED, .. }));
    }

    #[test]
    fn who_waits_is_called_in_turn_and_goes_on_to_the_next_gate() {
        let mut draws = Draws::open(1, 1);
        let mut door = Door::new(&[bulkhead(1, 500), limit(10, 50)], &mut draws);
        assert_eq!(door.enter(at(0), who(0), &mut draws), Entry::Inside);
        for place in 1..4 {
            let entry = door.enter(at(0), who(place), &mut draws);
            assert_eq!(entry, Entry::Waiting { until: at(500) });
        }
        door.leave(at(10), who(1), Class::Ignored, &mut draws);
        assert_eq!(door.called(at(10)), None, "who left had no place to give");
        door.leave(at(60), who(0), Class::Success, &mut draws);
        assert_eq!((door.called(at(60)), door.passed(who(2))), (Some(who(2)), 1));
        // Its token is there at 100 ms.
        assert_eq!(door.come_on(at(60), who(2), &mut draws), Entry::Waiting { until: at(100) });
        assert_eq!(door.waited(at(100), who(2), &mut draws), Entry::Inside);
        assert_eq!(door.called(at(100)), None);
        let late = door.waited(at(500), who(3), &mut draws);
        assert!(matches!(late, Entry::Rejected { outcome: Outcome::REFUSED, .. }));
        door.leave(at(600), who(2), Class::Failure, &mut draws);
        assert_eq!(door.called(at(600)), None);
    }

    #[test]
    fn a_token_that_was_waited_for_and_not_used_comes_back() {
        let mut draws = Draws::open(1, 1);
        let mut door = Door::new(&[limit(10, 100)], &mut draws);
        assert_eq!(door.enter(at(0), who(0), &mut draws), Entry::Inside);
        let waits = Entry::Waiting { until: at(100) };
        assert_eq!(door.enter(at(0), who(1), &mut draws), waits);
        door.leave(at(50), who(1), Class::Ignored, &mut draws);
        assert_eq!(door.enter(at(50), who(2), &mut draws), waits);
    }

    #[test]
    fn an_adaptive_limit_hears_how_long_it_took_since_its_own_gate() {
        let mut draws = Draws::open(1, 1);
        let adaptive = GateRule::Concurrency(ConcurrencyConfig::ours());
        let mut door = Door::new(&[limit(10, 100), adaptive], &mut draws);
        assert_eq!(door.enter(at(0), who(0), &mut draws), Entry::Inside);
        assert_eq!(door.enter(at(0), who(1), &mut draws), Entry::Waiting { until: at(100) });
        assert_eq!(door.waited(at(100), who(1), &mut draws), Entry::Inside);
        let Gate::Concurrency(limit) = &door.gates[1] else { panic!("it is adaptive") };
        assert_eq!(limit.inflight(), 2);
        assert_eq!(door.pass_of(who(1), 1).since, at(100));
        door.leave(at(130), who(1), Class::Success, &mut draws);
        door.leave(at(140), who(0), Class::Success, &mut draws);
        let Gate::Concurrency(limit) = &door.gates[1] else { panic!("it is adaptive") };
        assert_eq!(limit.inflight(), 0);
    }
}
