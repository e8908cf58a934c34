//! What is under way, by lineage: asked and changed at every event of a run, and never walked, so
//! that its order is nobody's business.
//!
//! An open table with linear probing: the places of what is removed are closed up at once, so that
//! it stays as short as what is under way.

/// A table by lineage.
#[derive(Debug)]
pub(crate) struct ByLineage<V> {
    /// A power of two of places, a quarter of them free at least.
    places: Vec<(u64, V)>,
    /// A bit for each place: whether it is taken. Beside the places, where it costs an eighth of a
    /// byte instead of eight.
    taken: Vec<u64>,
    len: usize,
}

/// Places of a new table; a word of bits.
const FIRST: usize = 64;
/// Spreads keys that are near each other (Fibonacci hashing, Knuth 1973).
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

impl<V: Copy + Default + PartialEq> ByLineage<V> {
    /// Changes the value there, which is the default if there is none; one that is the default
    /// then is not kept.
    pub(crate) fn change<R>(&mut self, key: u64, with: impl FnOnce(&mut V) -> R) -> R {
        let mut value = self.get(&key).copied().unwrap_or_default();
        let before = value;
        let result = with(&mut value);
        match (before == V::default(), value == V::default()) {
            (true, true) => {}
            (false, true) => drop(self.remove(&key)),
            (_, false) => self.insert(key, value),
        }
        result
    }
}

impl<V: Copy + Default> ByLineage<V> {
    /// An empty table.
    pub(crate) fn new() -> ByLineage<V> {
        ByLineage::with(FIRST)
    }

    fn with(places: usize) -> ByLineage<V> {
        ByLineage { places: vec![(0, V::default()); places], taken: vec![0; places / 64], len: 0 }
    }

    /// Puts a value there, in the place of another.
    pub(crate) fn insert(&mut self, key: u64, value: V) {
        if 4 * (self.len + 1) > 3 * self.places.len() {
            let mut more = ByLineage::with(2 * self.places.len());
            for (place, &(key, value)) in self.places.iter().enumerate() {
                if self.is_taken(place) {
                    more.insert(key, value);
                }
            }
            *self = more;
        }
        let place = self.find(key);
        if !self.is_taken(place) {
            self.mark(place, true);
            self.len += 1;
        }
        self.places[place] = (key, value);
    }

    /// The value there.
    pub(crate) fn get(&self, key: &u64) -> Option<&V> {
        let place = self.find(*key);
        self.is_taken(place).then(|| &self.places[place].1)
    }

    /// Takes the value from there.
    pub(crate) fn remove(&mut self, key: &u64) -> Option<V> {
        let mut hole = self.find(*key);
        if !self.is_taken(hole) {
            return None;
        }
        let (_, value) = self.places[hole];
        self.len -= 1;
        let last = self.places.len() - 1;
        let mut at = hole;
        loop {
            at = (at + 1) & last;
            if !self.is_taken(at) {
                self.mark(hole, false);
                return Some(value);
            }
            // It may move into the hole unless its home lies behind that.
            let from_home = at.wrapping_sub(self.home(self.places[at].0)) & last;
            if from_home >= at.wrapping_sub(hole) & last {
                self.places[hole] = self.places[at];
                hole = at;
            }
        }
    }

    fn is_taken(&self, place: usize) -> bool {
        self.taken[place / 64] >> (place % 64) & 1 == 1
    }

    fn mark(&mut self, place: usize, taken: bool) {
        let (word, bit) = (&mut self.taken[place / 64], 1 << (place % 64));
        *word = if taken { *word | bit } else { *word & !bit };
    }

    /// Where a key would stand if nobody else did.
    fn home(&self, key: u64) -> usize {
        (key.wrapping_mul(SPREAD) >> (64 - self.places.len().trailing_zeros())) as usize
    }

    /// The place of a key, or the free one where it belongs.
    fn find(&self, key: u64) -> usize {
        let mut at = self.home(key);
        while self.is_taken(at) && self.places[at].0 != key {
            at = (at + 1) & (self.places.len() - 1);
        }
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use brownout_core::random::Seed;
    use std::collections::BTreeMap;

    #[test]
    fn it_says_the_same_as_a_tree_whatever_comes_and_goes() {
        let draws = Seed::new(7).stream("table");
        let (mut table, mut tree) = (ByLineage::new(), BTreeMap::new());
        for step in 0..20_000_u64 {
            let draw = |member| draws.member(member).draws(step).unit();
            // Few keys, so that most come again; neighbours, so that their homes are near.
            let key = (draw(0) * 300.0) as u64;
            if draw(1) < 0.5 {
                table.insert(key, step + 1);
                tree.insert(key, step + 1);
            } else {
                assert_eq!(table.remove(&key), tree.remove(&key), "{step}");
            }
            // Zeros are not kept by who changes them.
            let (more, next) = (draw(3) < 0.5, (draw(4) * 300.0) as u64);
            table.change(next, |value| *value = if more { *value + step } else { 0 });
            let changed = if more { tree.get(&next).unwrap_or(&0) + step } else { 0 };
            match changed {
                0 => drop(tree.remove(&next)),
                value => drop(tree.insert(next, value)),
            }
            let other = (draw(2) * 300.0) as u64;
            assert_eq!(table.get(&other), tree.get(&other), "{step}");
            assert_eq!(table.len, tree.len());
        }
        assert!(tree.len() > 64, "the table has grown");
    }
}
