//! Priority queues of 128-bit keys, smallest first. Two: each is the faster one at its depth, and
//! each bears witness to the other.

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

/// A four-ary heap whose siblings share a line of cache: half as deep, and one line a level, which
/// counts when hundreds of thousands are pending.
///
/// Keys have positions. The root's is `ROOT`, so that the siblings below position p are group
/// p − 2, and the parent of group g has position g + 2. Positions without a key hold `u128::MAX`.
#[derive(Debug, Default)]
pub struct Quad {
    groups: Vec<Siblings>,
    len: usize,
}

/// Four keys of one line of cache.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
struct Siblings([u128; 4]);

impl Siblings {
    /// The smallest, and which it is.
    #[inline(always)]
    fn least(self) -> (u128, usize) {
        let Siblings([a, b, c, d]) = self;
        let first = if b < a { (b, 1) } else { (a, 0) };
        let second = if d < c { (d, 3) } else { (c, 2) };
        if second.0 < first.0 { second } else { first }
    }
}

/// Where the smallest key is: last in a group of its own.
const ROOT: usize = 3;

impl Quad {
    #[inline(always)]
    fn key(&mut self, position: usize) -> &mut u128 {
        &mut self.groups[position / 4].0[position % 4]
    }

    /// Puts a key at a position that is free, or below, where smaller ones move up for it.
    #[inline]
    fn sift_down(&mut self, mut free: usize, key: u128) {
        while let Some(below) = self.groups.get(free - 2) {
            let (least, which) = below.least();
            if key <= least {
                break;
            }
            *self.key(free) = least;
            free = (free - 2) * 4 + which;
        }
        *self.key(free) = key;
    }
}

impl Heap for Quad {
    fn push(&mut self, key: u128) {
        let mut free = ROOT + self.len;
        self.len += 1;
        if free / 4 == self.groups.len() {
            self.groups.push(Siblings([u128::MAX; 4]));
        }
        while free > ROOT {
            let parent = free / 4 + 2;
            let above = *self.key(parent);
            if above <= key {
                break;
            }
            *self.key(free) = above;
            free = parent;
        }
        *self.key(free) = key;
    }

    #[inline]
    fn peek(&self) -> u128 {
        self.groups.first().map_or(u128::MAX, |root| root.0[ROOT])
    }

    fn pop(&mut self) -> Option<u128> {
        let top = self.peek();
        self.len = self.len.checked_sub(1)?;
        let last = std::mem::replace(self.key(ROOT + self.len), u128::MAX);
        if self.len > 0 {
            self.sift_down(ROOT, last);
        }
        Some(top)
    }

    #[inline]
    fn replace(&mut self, key: u128) {
        if self.len == 0 {
            self.push(key);
        } else {
            self.sift_down(ROOT, key);
        }
    }

    fn iter(&self) -> impl Iterator<Item = u128> {
        let keys = self.groups.iter().flat_map(|group| group.0);
        keys.skip(ROOT).take(self.len)
    }

    fn len(&self) -> usize {
        self.len
    }

    fn clear(&mut self) {
        self.groups.clear();
        self.len = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Draws;

    #[test]
    fn both_heaps_hand_out_the_same_keys_in_order() {
        let (mut binary, mut quad, mut draws) =
            (Binary::default(), Quad::default(), Draws::open(1, 2));
        for _ in 0..20_000 {
            let key = u128::from(draws.word() >> 40) << 64 | u128::from(draws.word());
            if draws.unit() < 0.5 {
                binary.push(key);
                quad.push(key);
            } else if draws.unit() < 0.2 {
                binary.replace(key);
                quad.replace(key);
            } else {
                assert_eq!(binary.pop(), quad.pop());
            }
            assert_eq!((binary.peek(), binary.len()), (quad.peek(), quad.len()));
        }
        while let Some(key) = binary.pop() {
            assert_eq!(quad.pop(), Some(key));
        }
        assert!(quad.is_empty());
    }
}
