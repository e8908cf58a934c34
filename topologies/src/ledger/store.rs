//! What happens at stores.

use super::Ledger;
use super::books::Entry;
use super::query::Count;
use crate::graph::{EndpointId, ServiceId};

/// What happens at a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AtStore {
    /// A lock is taken.
    Locked,
    /// It is given back.
    Unlocked,
    /// Something is looked for in a cache.
    LookedUp,
    /// It is there.
    Hit,
    /// It is not.
    Missed,
    /// Whoever waited for another to fetch it leaves.
    Left,
}

impl Ledger {
    /// Writes what happened at a store.
    #[inline(never)]
    pub(super) fn at_store(
        &mut self,
        service: ServiceId,
        endpoint: Option<EndpointId>,
        what: AtStore,
    ) {
        let (entry, count) = match what {
            AtStore::Locked => (Entry::LocksTaken, None),
            AtStore::Unlocked => (Entry::LocksGivenBack, None),
            AtStore::LookedUp => (Entry::LookUps, None),
            AtStore::Hit => (Entry::LookUpsHit, Some(Count::Hit)),
            AtStore::Missed => (Entry::LookUpsMissed, Some(Count::Missed)),
            AtStore::Left => (Entry::LookUpsLeft, None),
        };
        self.journal.books.count(entry);
        if let Some(count) = count {
            self.each(service, endpoint, |own| own.tally.count(count));
        }
    }
}
