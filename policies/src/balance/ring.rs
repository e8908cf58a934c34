//! A ring of hashes: a key belongs to the member whose hash is the next one on the ring.

use super::hash::xxh64;
use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// Envoy's ring (ketama).
#[derive(Debug, Clone)]
pub(super) struct Ring {
    /// Hashes and members, in the order of the ring.
    entries: Box<[(u64, u32)]>,
}

impl Ring {
    /// Each member has as many entries as its share of the weights demands of at least `least` and
    /// at most `most`, the lightest a whole number of them.
    pub(super) fn new(names: &[String], weights: &[u32], least: u32, most: u32) -> Ring {
        let sum: u64 = weights.iter().map(|&weight| u64::from(weight)).sum();
        let share = |weight: u32| f64::from(weight) / sum as f64;
        let lightest = weights.iter().copied().min().unwrap_or(1);
        let whole = libm::ceil(share(lightest) * f64::from(least)) / share(lightest);
        let scale = whole.min(f64::from(most));
        let mut entries: Vec<(u64, u32)> = Vec::new();
        let mut target = 0.0;
        for (member, (name, &weight)) in names.iter().zip(weights).enumerate() {
            target += scale * share(weight);
            let mut number = 0u32;
            while (entries.len() as f64) < target {
                let key = name.clone() + "_" + &number.to_string();
                entries.push((xxh64(key.as_bytes(), 0), member as u32));
                number += 1;
            }
        }
        entries.sort_unstable();
        Ring { entries: entries.into() }
    }

    /// Entries on the ring.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The first member from the key on that may be picked; there has to be one.
    pub(super) fn pick(&self, key: u64, may: impl Fn(u32) -> bool) -> Option<u32> {
        let first = self.entries.partition_point(|entry| entry.0 < key);
        let round = (0..self.entries.len()).map(|step| {
            let place = first + step;
            let wrapped =
                if place < self.entries.len() { place } else { place - self.entries.len() };
            self.entries[wrapped].1
        });
        round.into_iter().find(|&member| may(member))
    }
}
