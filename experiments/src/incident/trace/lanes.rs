//! Who works at which worker: the model counts workers, a picture needs to tell them apart.

use brownout_topologies::envelope::Address;
use std::collections::{BTreeMap, BTreeSet};

/// The worker numbers of every replica; who comes takes the lowest that is free.
#[derive(Debug, Default)]
pub(super) struct Lanes {
    free: BTreeMap<(u32, u32), BTreeSet<u32>>,
    /// How many numbers have been given out so far.
    known: BTreeMap<(u32, u32), u32>,
}

impl Lanes {
    /// Takes a worker; says its number and whether it is seen for the first time.
    pub(super) fn take(&mut self, at: Address) -> (u32, bool) {
        let key = (at.service.0, at.replica);
        if let Some(lane) = self.free.entry(key).or_default().pop_first() {
            return (lane, false);
        }
        let known = self.known.entry(key).or_default();
        *known += 1;
        (*known - 1, true)
    }

    /// Gives a worker back.
    pub(super) fn give_back(&mut self, at: Address, lane: u32) {
        self.free.entry((at.service.0, at.replica)).or_default().insert(lane);
    }
}
