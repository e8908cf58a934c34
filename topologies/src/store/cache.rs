//! A cache: as many entries as it has room for, for as long as they live. It is volatile.
//!
//! Who finds nothing has to fetch it. While one who was told so is at it, others who find nothing
//! fetch it too, or wait for that one; who finds an entry that is stale is given it, unless nobody
//! is fetching it anew.

use super::locks::{Locks, Wanted};
use super::{Asking, Says};
use crate::graph::{self, Act, Keys};
use brownout_core::Time;
use brownout_core::slab::Id;

/// The cache of a replica.
#[derive(Debug)]
pub struct Cache {
    rule: graph::Cache,
    /// The place of each key's entry in `entries`, from 1; 0 of keys without one.
    by_key: Vec<u32>,
    entries: Vec<Entry>,
    /// The entry that was used last and the one that was used first, by their places.
    newest: u32,
    oldest: u32,
    /// Who fetches which key.
    fetching: Locks,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    key: u32,
    /// Neighbours in the order of use.
    newer: u32,
    older: u32,
    /// Until when it is fresh, and until when it is any good.
    stale_from: Time,
    dead_from: Time,
}

/// No entry.
const NONE: u32 = u32::MAX;

impl Cache {
    /// An empty one.
    pub fn new(rule: graph::Cache, keys: Keys) -> Cache {
        Cache {
            rule,
            by_key: vec![0; keys.number as usize],
            entries: Vec::new(),
            newest: NONE,
            oldest: NONE,
            fetching: Locks::new(keys.number),
        }
    }

    /// Forgets everything; who fetches something goes on with that.
    pub fn flush(&mut self) {
        for entry in self.entries.drain(..) {
            self.by_key[entry.key as usize] = 0;
        }
        (self.newest, self.oldest) = (NONE, NONE);
    }

    /// Does something.
    pub fn act(&mut self, act: Act, asking: &Asking, still_waits: impl Fn(Id) -> bool) -> Says {
        let &Asking { id, key, .. } = asking;
        match act {
            Act::Get => self.get(asking, still_waits),
            Act::Put => {
                self.put(key, asking.now, asking.unit);
                match self.fetching.give_back(id, key, still_waits) {
                    Some(next) => Says::Unlocked(next),
                    None => Says::Done,
                }
            }
            Act::Read | Act::Write { .. } | Act::Lock | Act::Unlock | Act::Admit => {
                unreachable!("a cache is asked for what it knows")
            }
        }
    }

    fn get(&mut self, asking: &Asking, still_waits: impl Fn(Id) -> bool) -> Says {
        let &Asking { id, key, now, .. } = asking;
        let place = self.by_key[key as usize].wrapping_sub(1);
        let found = self.entries.get(place as usize).copied();
        let found = found.filter(|entry| now < entry.dead_from);
        if found.is_some() {
            self.use_now(place);
        }
        let is_stale = found.is_some_and(|entry| now >= entry.stale_from);
        match found {
            Some(_) if !is_stale || self.fetching.is_held(key) => {
                Says::Hit(self.fetching.give_back(id, key, still_waits))
            }
            None if !self.rule.coalesce => Says::Miss { fetches: false },
            _ => match self.fetching.take(id, key, still_waits) {
                Wanted::Taken => Says::Miss { fetches: true },
                Wanted::Held => Says::Miss { fetches: false },
                Wanted::Waits => Says::Waits,
            },
        }
    }

    fn put(&mut self, key: u32, now: Time, unit: f64) {
        let graph::Cache { capacity, ttl, soft_ttl, jitter, .. } = self.rule;
        let cut = |span: brownout_core::Span| span.scale(1.0 - jitter * unit);
        let dead_from = ttl.map_or(Time::MAX, |ttl| now.saturating_add(cut(ttl)));
        let stale_from = soft_ttl.map_or(dead_from, |ttl| now.saturating_add(cut(ttl)));
        let place = match self.by_key[key as usize].checked_sub(1) {
            Some(place) => place,
            None if self.entries.len() < capacity as usize => {
                let entry = Entry { key, newer: NONE, older: NONE, stale_from, dead_from };
                self.entries.push(entry);
                let place = self.entries.len() as u32 - 1;
                self.link(place);
                place
            }
            None => {
                let place = self.oldest;
                self.by_key[self.entries[place as usize].key as usize] = 0;
                place
            }
        };
        self.by_key[key as usize] = place + 1;
        let entry = &mut self.entries[place as usize];
        (entry.key, entry.stale_from, entry.dead_from) = (key, stale_from, dead_from);
        self.use_now(place);
    }

    /// Puts an entry at the new end of the order of use.
    fn use_now(&mut self, place: u32) {
        if self.newest != place {
            self.unlink(place);
            self.link(place);
        }
    }

    fn link(&mut self, place: u32) {
        let before = std::mem::replace(&mut self.newest, place);
        let entry = &mut self.entries[place as usize];
        (entry.newer, entry.older) = (NONE, before);
        match self.entries.get_mut(before as usize) {
            Some(before) => before.newer = place,
            None => self.oldest = place,
        }
    }

    fn unlink(&mut self, place: u32) {
        let Entry { newer, older, .. } = self.entries[place as usize];
        match self.entries.get_mut(newer as usize) {
            Some(entry) => entry.older = older,
            None => self.newest = older,
        }
        match self.entries.get_mut(older as usize) {
            Some(entry) => entry.newer = newer,
            None => self.oldest = newer,
        }
    }

    /// Who fetches what.
    pub(super) fn fetching(&mut self) -> &mut Locks {
        &mut self.fetching
    }

    /// The same, to look at.
    pub(super) fn is_fetching(&self) -> &Locks {
        &self.fetching
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::note::Note;
    use brownout_core::Span;

    const RULE: graph::Cache = graph::Cache {
        capacity: 2,
        ttl: Some(Span::from_nanos(10)),
        soft_ttl: None,
        jitter: 0.0,
        coalesce: false,
    };
    const MISS: Says = Says::Miss { fetches: false };
    const HIT: Says = Says::Hit(None);

    struct Desk(Cache);

    impl Desk {
        fn new(rule: graph::Cache) -> Desk {
            Desk(Cache::new(rule, Keys { number: 9, exponent: 0.0 }))
        }

        fn ask(&mut self, act: Act, at: u64, id: u64, key: u32) -> Says {
            let (id, now) = (Id::from_word(id << 32 | 1), Time::from_nanos(at));
            let asking = Asking { id, key, now, unit: 0.5, note: Note::default() };
            self.0.act(act, &asking, |_| true)
        }

        fn get(&mut self, at: u64, id: u64, key: u32) -> Says {
            self.ask(Act::Get, at, id, key)
        }

        fn put(&mut self, at: u64, id: u64, key: u32) -> Says {
            self.ask(Act::Put, at, id, key)
        }
    }

    #[test]
    fn an_entry_lives_as_long_as_it_may_and_a_flush_ends_it_sooner() {
        let mut desk = Desk::new(RULE);
        assert_eq!(desk.get(0, 0, 3), MISS);
        assert_eq!(desk.put(1, 0, 3), Says::Done);
        assert_eq!((desk.get(10, 0, 3), desk.get(11, 0, 3)), (HIT, MISS));
        desk.put(12, 0, 3);
        assert_eq!(desk.get(12, 0, 3), HIT);
        desk.0.flush();
        assert_eq!(desk.get(12, 0, 3), MISS);
    }

    #[test]
    fn jitter_cuts_a_life_short_by_up_to_its_share() {
        let mut desk = Desk::new(graph::Cache { jitter: 0.4, ..RULE });
        desk.put(0, 0, 3);
        assert_eq!((desk.get(7, 0, 3), desk.get(8, 0, 3)), (HIT, MISS));
    }

    #[test]
    fn who_was_used_longest_ago_makes_room() {
        let mut desk = Desk::new(RULE);
        desk.put(0, 0, 1);
        desk.put(0, 0, 2);
        assert_eq!(desk.get(1, 0, 1), HIT);
        desk.put(1, 0, 3);
        assert_eq!([1, 2, 3].map(|key| desk.get(2, 0, key)), [HIT, MISS, HIT]);
        desk.put(2, 0, 2);
        assert_eq!([1, 2, 3].map(|key| desk.get(3, 0, key)), [MISS, HIT, HIT]);
    }

    #[test]
    fn one_fetches_for_all_and_if_it_fails_the_next_one_does() {
        let mut desk = Desk::new(graph::Cache { coalesce: true, ..RULE });
        let (second, third) = (Id::from_word(2 << 32 | 1), Id::from_word(3 << 32 | 1));
        assert_eq!(desk.get(0, 1, 5), Says::Miss { fetches: true });
        assert_eq!((desk.get(0, 2, 5), desk.get(0, 3, 5)), (Says::Waits, Says::Waits));
        let failed = desk.0.fetching().give_any_back(Id::from_word(1 << 32 | 1), |_| true);
        assert_eq!(failed, Some(Some(second)));
        assert_eq!(desk.get(1, 2, 5), Says::Miss { fetches: false });
        assert_eq!(desk.put(2, 2, 5), Says::Unlocked(Some(third)));
        assert_eq!(desk.get(2, 3, 5), Says::Hit(Some(None)));
        assert_eq!(desk.get(2, 4, 5), HIT);
    }

    #[test]
    fn what_is_stale_is_fetched_by_one_and_good_enough_for_the_others() {
        let mut desk = Desk::new(graph::Cache { soft_ttl: Some(Span::from_nanos(4)), ..RULE });
        desk.put(0, 0, 5);
        assert_eq!(desk.get(3, 1, 5), HIT);
        assert_eq!(desk.get(4, 1, 5), Says::Miss { fetches: true });
        assert_eq!((desk.get(5, 2, 5), desk.get(9, 3, 5)), (HIT, HIT));
        assert_eq!(desk.put(9, 1, 5), Says::Unlocked(None));
        assert_eq!(desk.get(9, 2, 5), HIT);
    }
}
