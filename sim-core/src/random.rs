//! Seeds, streams and lineages: where the key of every draw comes from.
//!
//! A draw is a function of (seed, stream name, lineage). [`Seed`] with a replication number makes
//! a [`Stream`] per name through a cryptographic hash, so neighbouring seeds, replications and
//! names share nothing; the stream opens a private sequence per piece of work.

use brownout_policies::draw::{Draws, mix};

/// The seed of a run: what the user wrote and which replication this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seed {
    /// The number in the file or on the command line.
    pub seed: u64,
    /// The replication, counted from 0.
    pub replication: u32,
}

impl Seed {
    /// Replication 0 of `seed`.
    pub const fn new(seed: u64) -> Seed {
        Seed { seed, replication: 0 }
    }

    /// The stream called `name`; equal names of equal seeds are the same stream.
    pub fn stream(self, name: &str) -> Stream {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&self.seed.to_le_bytes());
        hasher.update(&self.replication.to_le_bytes());
        hasher.update(name.as_bytes());
        Stream(first_word(&hasher.finalize()))
    }
}

impl std::fmt::Display for Seed {
    /// `42#17`: seed 42, replication 17.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}#{}", self.seed, self.replication)
    }
}

/// A named purpose's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stream(pub u64);

impl Stream {
    /// The sequence of draws that belongs to one piece of work.
    #[inline]
    pub const fn draws(self, lineage: u64) -> Draws {
        Draws::open(self.0, lineage)
    }

    /// The stream for one numbered member of a family (a replica, a user).
    pub const fn member(self, number: u64) -> Stream {
        Stream(mix(self.0, number))
    }
}

/// A 64-bit name for a string, independent of any seed: what the digest calls an entity.
pub fn name_hash(name: &str) -> u64 {
    first_word(&blake3::hash(name.as_bytes()))
}

fn first_word(hash: &blake3::Hash) -> u64 {
    u64::from_le_bytes(hash.as_bytes()[..8].try_into().expect("a hash has 32 bytes"))
}
