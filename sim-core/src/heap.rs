//! Priority queues of 128-bit keys, smallest first. Two: the plain one bears witness to the one
//! that runs.

mod ladder;

pub use ladder::Ladder;

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A priority queue of distinct keys.
pub trait Heap: Default {
    /// Adds a key.
    fn push(&mut self, key: u128);
    /// The smallest key, or `u128::MAX` when there is none.
    fn peek(&self) -> u128;
    /// Takes out the smallest key.
    fn pop(&mut self) -> Option<u128>;
    /// Takes out the smallest key and adds another, in one go.
    fn replace(&mut self, key: u128) {
        self.pop();
        self.push(key);
    }
    /// Every key, in no particular order.
    fn iter(&self) -> impl Iterator<Item = u128>;
    /// How many keys there are.
    fn len(&self) -> usize;
    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Empties it, keeping its memory.
    fn clear(&mut self);
    /// A key of which it has just become certain that it comes soon: many at once, and rarely, each
    /// handed out once.
    fn next_tipped(&mut self) -> Option<u128> {
        None
    }
}

/// The standard library's binary heap: 24 ns a push and pop at ten pending, 40 at a thousand.
#[derive(Debug, Default)]
pub struct Binary(BinaryHeap<Reverse<u128>>);

impl Heap for Binary {
    #[inline]
    fn push(&mut self, key: u128) {
        self.0.push(Reverse(key));
    }

    #[inline]
    fn peek(&self) -> u128 {
        self.0.peek().map_or(u128::MAX, |key| key.0)
    }

    #[inline]
    fn pop(&mut self) -> Option<u128> {
        self.0.pop().map(|key| key.0)
    }

    #[inline]
    fn replace(&mut self, key: u128) {
        if let Some(mut top) = self.0.peek_mut() {
            *top = Reverse(key);
            return;
        }
        self.push(key);
    }

    fn iter(&self) -> impl Iterator<Item = u128> {
        self.0.iter().map(|key| key.0)
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Draws;
    use std::collections::BTreeSet;

    /// What a random script of pushes, pops and replacements by keys so far ahead does to both.
    fn both_hand_out_the_same(seed: u64, steps: u32, mut ahead: impl FnMut(&mut Draws) -> u64) {
        let (mut binary, mut ladder, mut draws) =
            (Binary::default(), Ladder::default(), Draws::open(seed, 2));
        let (mut now, mut rank) = (0, 0);
        for step in 0..steps {
            let due = u64::saturating_add(now, ahead(&mut draws));
            rank += 1;
            let key = u128::from(due) << 64 | u128::from(draws.word() >> 40) << 32 | rank;
            // It grows and shrinks by turns.
            let grows = if step / 5_000 % 2 == 0 { 0.6 } else { 0.3 };
            if draws.unit() < grows {
                binary.push(key);
                ladder.push(key);
            } else if draws.unit() < 0.4 {
                now = due_of(binary.peek(), now);
                binary.replace(key);
                ladder.replace(key);
            } else {
                now = due_of(binary.peek(), now);
                assert_eq!(binary.pop(), ladder.pop());
            }
            assert_eq!((binary.peek(), binary.len()), (ladder.peek(), ladder.len()));
        }
        assert!(binary.iter().collect::<BTreeSet<_>>() == ladder.iter().collect());
        while let Some(key) = binary.pop() {
            assert_eq!(ladder.pop(), Some(key));
        }
        assert!(ladder.is_empty());
    }

    fn due_of(key: u128, otherwise: u64) -> u64 {
        if key == u128::MAX { otherwise } else { (key >> 64) as u64 }
    }

    #[test]
    fn both_heaps_hand_out_the_same_keys_in_order() {
        // Near and far, by turns and all at one moment, and past all of time.
        both_hand_out_the_same(1, 40_000, |draws| draws.word() % 1_000);
        both_hand_out_the_same(2, 40_000, |draws| draws.word() >> (draws.word() % 63));
        both_hand_out_the_same(3, 40_000, |_| 0);
        both_hand_out_the_same(4, 40_000, |draws| [10, 30_000_000][draws.word() as usize % 2]);
        both_hand_out_the_same(5, 40_000, |draws| [3, u64::MAX][draws.word() as usize % 2]);
        both_hand_out_the_same(6, 400_000, |draws| draws.word() >> 30);
    }

    #[test]
    fn what_is_tipped_into_the_heap_is_told_once_and_before_it_comes_out() {
        let (mut ladder, mut draws, mut told) =
            (Ladder::default(), Draws::open(7, 2), BTreeSet::new());
        for rank in 0..10_000 {
            ladder.push(u128::from(draws.word() >> 20) << 64 | rank);
        }
        let mut known = 0;
        while !ladder.is_empty() {
            while let Some(key) = ladder.next_tipped() {
                assert!(key >= ladder.peek() && told.insert(key));
            }
            known += u32::from(ladder.pop().is_some_and(|key| told.contains(&key)));
        }
        // Those that were near from the beginning, two thousand at most, were never far.
        assert!(known >= 8_000, "{known} were told of");
    }

    #[test]
    fn what_is_cleared_is_empty_and_starts_anew() {
        let mut ladder = Ladder::default();
        for key in 0..10_000 {
            ladder.push(key << 64);
        }
        ladder.pop();
        ladder.clear();
        assert_eq!((ladder.len(), ladder.peek(), ladder.iter().count()), (0, u128::MAX, 0));
        for key in (0..10_000).rev() {
            ladder.push(key << 64);
        }
        let came: Vec<u128> = std::iter::from_fn(|| ladder.pop()).map(|key| key >> 64).collect();
        assert!(came.is_sorted() && came.len() == 10_000);
    }
}
