//! What is under way, by lineage: asked and changed at every event of a run, and never walked, so
//! that its order is nobody's business.
//!
//! An open table with linear probing: the places of what is removed are closed up at once, so that
//! it stays as short as what is under way.

/// A table by lineage.
#[derive(Debug)]
pub(crate) struct ByLineage<V> {
    /// A power of two of places, half of them empty at least.
    places: Vec<Option<(u64, V)>>,
    len: usize,
}

/// Places of a new table.
const FIRST: usize = 64;
/// Spreads keys that are near each other (Fibonacci hashing, Knuth 1973).
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

impl<V> ByLineage<V> {
    /// An empty table.
    pub(crate) fn new() -> ByLineage<V> {
        ByLineage { places: empty(FIRST), len: 0 }
    }

    /// Puts a value there, in the place of another.
    pub(crate) fn insert(&mut self, key: u64, value: V) {
        if 2 * (self.len + 1) > self.places.len() {
            let more = empty(2 * self.places.len());
            for (key, value) in std::mem::replace(&mut self.places, more).into_iter().flatten() {
                let place = self.find(key);
                self.places[place] = Some((key, value));
            }
        }
        let place = self.find(key);
        self.len += usize::from(self.places[place].is_none());
        self.places[place] = Some((key, value));
    }

    /// The value there.
    pub(crate) fn get(&self, key: &u64) -> Option<&V> {
        self.places[self.find(*key)].as_ref().map(|(_, value)| value)
    }

    /// Takes the value from there.
    pub(crate) fn remove(&mut self, key: &u64) -> Option<V> {
        let mut hole = self.find(*key);
        let (_, value) = self.places[hole].take()?;
        self.len -= 1;
        let last = self.places.len() - 1;
        let mut at = hole;
        loop {
            at = (at + 1) & last;
            let Some((key, _)) = &self.places[at] else { return Some(value) };
            // It may move into the hole unless its home lies behind that.
            let from_home = at.wrapping_sub(self.home(*key)) & last;
            if from_home >= at.wrapping_sub(hole) & last {
                self.places[hole] = self.places[at].take();
                hole = at;
            }
        }
    }

    /// Where a key would stand if nobody else did.
    fn home(&self, key: u64) -> usize {
        (key.wrapping_mul(SPREAD) >> (64 - self.places.len().trailing_zeros())) as usize
    }

    /// The place of a key, or the empty one where it belongs.
    fn find(&self, key: u64) -> usize {
        let mut at = self.home(key);
        while self.places[at].as_ref().is_some_and(|(own, _)| *own != key) {
            at = (at + 1) & (self.places.len() - 1);
        }
        at
    }
}

fn empty<V>(places: usize) -> Vec<Option<(u64, V)>> {
    std::iter::repeat_with(|| None).take(places).collect()
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
                table.insert(key, step);
                tree.insert(key, step);
            } else {
                assert_eq!(table.remove(&key), tree.remove(&key), "{step}");
            }
            let other = (draw(2) * 300.0) as u64;
            assert_eq!(table.get(&other), tree.get(&other), "{step}");
            assert_eq!(table.len, tree.len());
        }
        assert!(tree.len() > 64, "the table has grown");
    }
}
