//! Idempotency keys that a service has seen.

use crate::graph::Idempotency;
use brownout_core::slab::Id;
use brownout_core::{Span, Time};
use std::collections::{BTreeMap, VecDeque};

/// The keys that the replicas of a service know together. Memory is bounded by the capacity and by
/// the most requests that are worked on at once.
#[derive(Debug)]
pub struct Keys {
    window: Span,
    capacity: usize,
    by_key: BTreeMap<u64, Key>,
    /// Known keys in the order in which they will be forgotten, and when.
    known: VecDeque<(Time, u64)>,
}

/// What is known of a key.
#[derive(Debug)]
enum Key {
    /// Somebody works on it; others may wait for that.
    Taken { owner: Id, waiting: Vec<Id> },
    /// What it stands for is done.
    Known,
}

/// What comes of asking for a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// It is this one's now.
    Taken,
    /// What it stands for was done before.
    Known,
    /// Another one works on it.
    InFlight,
}

impl Keys {
    /// No keys yet.
    pub fn new(rule: &Idempotency) -> Keys {
        Keys {
            window: rule.window,
            capacity: rule.capacity as usize,
            by_key: BTreeMap::new(),
            known: VecDeque::new(),
        }
    }

    /// Asks for a key, and takes it if it is free.
    pub fn ask(&mut self, key: u64, id: Id, now: Time) -> Asked {
        while let Some(&(until, oldest)) = self.known.front()
            && until <= now
        {
            self.known.pop_front();
            self.by_key.remove(&oldest);
        }
        match self.by_key.get(&key) {
            Some(Key::Known) => Asked::Known,
            Some(Key::Taken { .. }) => Asked::InFlight,
            None => {
                self.by_key.insert(key, Key::Taken { owner: id, waiting: Vec::new() });
                Asked::Taken
            }
        }
    }

    /// Whether what a key stands for was done, and it is known.
    pub fn is_known(&self, key: u64) -> bool {
        matches!(self.by_key.get(&key), Some(Key::Known))
    }

    /// Waits for the end of who works on a key.
    pub fn wait(&mut self, key: u64, id: Id, still_waits: impl Fn(Id) -> bool) {
        if let Some(Key::Taken { waiting, .. }) = self.by_key.get_mut(&key) {
            if waiting.len() == waiting.capacity() {
                waiting.retain(|id| still_waits(*id));
            }
            waiting.push(id);
        }
    }

    /// What a taken key stands for is done, by another one than who took it: it is known.
    pub fn overtake(&mut self, key: u64, now: Time) {
        if let Some(Key::Taken { owner, .. }) = self.by_key.get(&key) {
            self.settle(key, *owner, true, now);
        }
    }

    /// Who took a key is done with it, and what it stands for is done, or nothing is. Those who
    /// waited, in order; some may have left. Nobody if it was not this one's.
    pub fn settle(&mut self, key: u64, id: Id, is_done: bool, now: Time) -> Vec<Id> {
        match self.by_key.get(&key) {
            Some(Key::Taken { owner, .. }) if *owner == id => {}
            _ => return Vec::new(),
        }
        let before = match is_done {
            true => {
                if self.known.len() >= self.capacity
                    && let Some((_, oldest)) = self.known.pop_front()
                {
                    self.by_key.remove(&oldest);
                }
                self.known.push_back((now.saturating_add(self.window), key));
                self.by_key.insert(key, Key::Known)
            }
            false => self.by_key.remove(&key),
        };
        match before {
            Some(Key::Taken { waiting, .. }) => waiting,
            Some(Key::Known) | None => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::InFlight;
    use brownout_core::dist::Dist;

    fn id(place: u64) -> Id {
        Id::from_word(place << 32 | 1)
    }

    fn keys(capacity: u32) -> Keys {
        let (window, in_flight) = (Span::from_nanos(100), InFlight::Wait);
        Keys::new(&Idempotency { window, capacity, in_flight, replay: Dist::constant(0.0) })
    }

    #[test]
    fn a_key_is_taken_then_known_then_forgotten() {
        let (mut keys, at) = (keys(10), Time::from_nanos);
        assert_eq!(keys.ask(7, id(0), at(0)), Asked::Taken);
        assert_eq!(keys.ask(7, id(1), at(5)), Asked::InFlight);
        keys.wait(7, id(1), |_| true);
        assert_eq!(keys.settle(7, id(1), true, at(6)), [], "it is not this one's");
        assert_eq!(keys.settle(7, id(0), true, at(10)), [id(1)]);
        assert_eq!(keys.ask(7, id(1), at(109)), Asked::Known);
        assert_eq!(keys.ask(7, id(1), at(110)), Asked::Taken);
    }

    #[test]
    fn a_key_whose_work_came_to_nothing_is_free_again() {
        let mut keys = keys(10);
        keys.ask(7, id(0), Time::ZERO);
        assert_eq!(keys.settle(7, id(0), false, Time::ZERO), []);
        assert_eq!(keys.ask(7, id(1), Time::ZERO), Asked::Taken);
    }

    #[test]
    fn with_no_room_left_the_key_that_was_known_first_is_forgotten() {
        let mut keys = keys(2);
        for key in 1..=3 {
            keys.ask(key, id(0), Time::ZERO);
            keys.settle(key, id(0), true, Time::ZERO);
        }
        assert_eq!(keys.ask(3, id(1), Time::ZERO), Asked::Known);
        assert_eq!(keys.ask(2, id(1), Time::ZERO), Asked::Known);
        assert_eq!(keys.ask(1, id(1), Time::ZERO), Asked::Taken);
        assert!(keys.by_key.len() <= 3);
    }
}
