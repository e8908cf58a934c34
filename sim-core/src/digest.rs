//! The digest of a run: one number that two runs share exactly when the same things happened.
//!
//! Every effective event folds to a word of its own and the words are added, so the digest is a
//! hash of the *set* of what happened. The moment is part of each word; the order of independent
//! events at one nanosecond is not part of what happened, and is left out.

use brownout_policies::draw::finalise;
use std::ops::BitXor;

/// What a row is about: a kind of thing that happens, whom it happens to, or both together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Entity(u64);

impl Entity {
    /// The one that is called by a hash.
    pub const fn new(hash: u64) -> Entity {
        Entity(hash.rotate_left(23))
    }
}

impl BitXor for Entity {
    type Output = Entity;

    #[inline(always)]
    fn bitxor(self, other: Entity) -> Entity {
        Entity(self.0 ^ other.0)
    }
}

/// A sum of hashed rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Digest {
    sum: u64,
    rows: u64,
}

impl Digest {
    /// Folds in one row: when, of what kind and entity, of which piece of work, and a small number
    /// (attempt or outcome).
    #[inline]
    pub fn row(&mut self, at_ns: u64, entity: Entity, lineage: u64, detail: u64) {
        let left = at_ns ^ entity.0;
        let right = lineage ^ detail.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let product = u128::from(left ^ 0xA076_1D64_78BD_642F)
            .wrapping_mul(u128::from(right ^ 0xE703_7ED1_A0B4_28DB));
        self.sum = self.sum.wrapping_add((product >> 64) as u64 ^ product as u64);
        self.rows = self.rows.wrapping_add(1);
    }

    /// How many rows went in.
    pub const fn rows(self) -> u64 {
        self.rows
    }

    /// The digest as one word.
    pub const fn word(self) -> u64 {
        finalise(self.sum ^ finalise(self.rows))
    }
}

impl std::fmt::Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:016x}", self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(rows: &[(u64, u64, u64, u64)]) -> u64 {
        let mut digest = Digest::default();
        for &(at, entity, lineage, detail) in rows {
            digest.row(at, Entity::new(entity), lineage, detail);
        }
        digest.word()
    }

    #[test]
    fn every_field_counts_and_the_order_of_rows_does_not() {
        let rows = [(1, 2, 3, 4), (5, 6, 7, 8)];
        let base = digest(&rows);
        assert_eq!(digest(&[rows[1], rows[0]]), base);
        for changed in [(9, 2, 3, 4), (1, 9, 3, 4), (1, 2, 9, 4), (1, 2, 3, 9)] {
            assert_ne!(digest(&[changed, rows[1]]), base);
        }
        assert_ne!(digest(&[rows[0], rows[0], rows[1]]), base);
    }
}
