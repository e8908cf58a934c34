//! Locks of rows: one owner each, and those who wait in order of arrival.

use brownout_core::slab::Id;
use std::collections::VecDeque;

/// The locks of a store. Memory is bounded by the number of keys and the most that are held or
/// waited for at once.
#[derive(Debug)]
pub(super) struct Locks {
    /// The place of each key's lock in `locks`, from 1; 0 while nobody holds it.
    by_key: Vec<u32>,
    locks: Vec<Lock>,
    /// Places in `locks` that are free.
    free: Vec<u32>,
    /// The keys whose locks an activation holds, by its place.
    of: Vec<Vec<u32>>,
    held: u64,
}

/// A lock that somebody holds.
#[derive(Debug)]
struct Lock {
    owner: Id,
    /// Who waits, in order; some may have left.
    waiting: VecDeque<Id>,
    /// With so many names those who have left are forgotten.
    many: usize,
}

/// Names before it is looked whether they have left.
const MANY: usize = 64;

/// What comes of wanting a lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// It is held now.
    Taken,
    /// It was held already.
    Held,
    /// Somebody else holds it; this one waits.
    Waits,
}

impl Locks {
    /// Locks of so many keys, none of them held.
    pub(super) fn new(keys: u32) -> Locks {
        let by_key = vec![0; keys as usize];
        Locks { by_key, locks: Vec::new(), free: Vec::new(), of: Vec::new(), held: 0 }
    }

    /// Takes the lock of a key, or waits for it.
    pub(super) fn take(&mut self, id: Id, key: u32, still_waits: impl Fn(Id) -> bool) -> Wanted {
        match self.by_key[key as usize].checked_sub(1) {
            None => {
                let place = self.free_place();
                self.locks[place as usize].owner = id;
                self.by_key[key as usize] = place + 1;
                self.hold(id, key);
                Wanted::Taken
            }
            Some(place) => {
                let lock = &mut self.locks[place as usize];
                if lock.owner == id {
                    return Wanted::Held;
                }
                if lock.waiting.len() >= lock.many {
                    lock.waiting.retain(|waiter| still_waits(*waiter));
                    lock.many = MANY.max(2 * lock.waiting.len());
                }
                lock.waiting.push_back(id);
                Wanted::Waits
            }
        }
    }

    /// Gives the lock of a key back, if this one holds it. The first who still waits has it now.
    pub(super) fn give_back(
        &mut self,
        id: Id,
        key: u32,
        still_waits: impl Fn(Id) -> bool,
    ) -> Option<Option<Id>> {
        let held = self.of.get_mut(id.place())?;
        let at = held.iter().position(|own| *own == key)?;
        held.remove(at);
        self.held -= 1;
        let place = self.by_key[key as usize] - 1;
        let lock = &mut self.locks[place as usize];
        while let Some(next) = lock.waiting.pop_front() {
            if still_waits(next) {
                lock.owner = next;
                self.hold(next, key);
                return Some(Some(next));
            }
        }
        lock.owner = Id::NONE;
        self.by_key[key as usize] = 0;
        self.free.push(place);
        Some(None)
    }

    /// Gives back the lock that this one took last, if it holds any.
    pub(super) fn give_any_back(
        &mut self,
        id: Id,
        still_waits: impl Fn(Id) -> bool,
    ) -> Option<Option<Id>> {
        let key = *self.of.get(id.place())?.last()?;
        self.give_back(id, key, still_waits)
    }

    /// Whether this one holds any.
    pub(super) fn holds_any(&self, id: Id) -> bool {
        self.of.get(id.place()).is_some_and(|keys| !keys.is_empty())
    }

    /// Whether anybody holds the lock of a key.
    pub(super) fn is_held(&self, key: u32) -> bool {
        self.by_key[key as usize] != 0
    }

    /// How many are held.
    pub(super) fn held(&self) -> u64 {
        self.held
    }

    fn hold(&mut self, id: Id, key: u32) {
        if self.of.len() <= id.place() {
            self.of.resize_with(id.place() + 1, Vec::new);
        }
        self.of[id.place()].push(key);
        self.held += 1;
    }

    fn free_place(&mut self) -> u32 {
        self.free.pop().unwrap_or_else(|| {
            let lock = Lock { owner: Id::NONE, waiting: VecDeque::new(), many: MANY };
            self.locks.push(lock);
            self.locks.len() as u32 - 1
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(place: u64) -> Id {
        Id::from_word(place << 32 | 1)
    }

    #[test]
    fn a_lock_goes_to_the_first_who_still_waits() {
        let mut locks = Locks::new(2);
        assert_eq!(locks.take(id(0), 1, |_| true), Wanted::Taken);
        assert_eq!(locks.take(id(0), 1, |_| true), Wanted::Held);
        assert_eq!(locks.take(id(1), 0, |_| true), Wanted::Taken);
        for waiter in 2..5 {
            assert_eq!(locks.take(id(waiter), 1, |_| true), Wanted::Waits);
        }
        assert_eq!(locks.held(), 2);
        assert_eq!(locks.give_back(id(3), 1, |_| true), None, "who waits holds nothing");
        assert_eq!(locks.give_back(id(0), 1, |waiter| waiter != id(2)), Some(Some(id(3))));
        assert_eq!(locks.give_any_back(id(3), |_| true), Some(Some(id(4))));
        assert_eq!(locks.give_any_back(id(4), |_| true), Some(None));
        assert_eq!(locks.give_any_back(id(4), |_| true), None);
        assert!(locks.holds_any(id(1)) && !locks.holds_any(id(0)));
        assert_eq!(locks.held(), 1);
        assert_eq!(locks.take(id(5), 1, |_| true), Wanted::Taken);
    }

    #[test]
    fn names_of_those_who_have_left_do_not_pile_up() {
        let mut locks = Locks::new(1);
        locks.take(id(0), 0, |_| true);
        for waiter in 1..10_000 {
            locks.take(id(waiter), 0, |_| false);
        }
        assert!(locks.locks[0].waiting.len() <= MANY);
        assert_eq!(locks.give_back(id(0), 0, |_| false), Some(None));
    }
}
