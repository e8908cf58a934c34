//! What happens at stores.

use super::Ledger;
use super::books::Entry;
use super::query::{Count, Phase};
use crate::graph::{EndpointId, ServiceId};
use brownout_core::{Span, Time};

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
    /// A row is written at who leads.
    Wrote,
    /// A row is read that the one who leads has in another version.
    Stale {
        /// For how long it has had that, as far as it is known.
        age: Option<Span>,
    },
    /// Another replica leads from now on.
    Promoted,
    /// What was written is nowhere any more.
    LostWrite,
    /// A change is nowhere any more whose request was answered well.
    LostAcknowledged,
    /// A key is forgotten for want of memory.
    Evicted,
    /// A window opens that nobody will close.
    Leaked,
}

impl Ledger {
    /// Writes what happened at a store.
    #[inline(never)]
    pub(super) fn at_store(
        &mut self,
        at: Time,
        service: ServiceId,
        endpoint: Option<EndpointId>,
        what: AtStore,
    ) {
        let (entry, count) = match what {
            AtStore::Locked => (Some(Entry::LocksTaken), None),
            AtStore::Unlocked => (Some(Entry::LocksGivenBack), None),
            AtStore::LookedUp => (Some(Entry::LookUps), None),
            AtStore::Hit => (Some(Entry::LookUpsHit), Some(Count::Hit)),
            AtStore::Missed => (Some(Entry::LookUpsMissed), Some(Count::Missed)),
            AtStore::Left => (Some(Entry::LookUpsLeft), None),
            AtStore::Wrote => (Some(Entry::WritesMade), None),
            AtStore::LostWrite => (Some(Entry::WritesLost), None),
            AtStore::Stale { .. } => (None, Some(Count::Stale)),
            AtStore::Promoted => (None, Some(Count::Promoted)),
            AtStore::LostAcknowledged => (None, Some(Count::LostWrite)),
            AtStore::Evicted => (None, Some(Count::Evicted)),
            AtStore::Leaked => (None, Some(Count::Leaked)),
        };
        if let Some(entry) = entry {
            self.journal.books.count(entry);
        }
        if let Some(count) = count {
            self.each(service, endpoint, |own| own.count(count));
        }
        if let AtStore::Stale { age: Some(age) } = what {
            self.each(service, endpoint, |own| own.inside(Phase::Age, at, age));
        }
    }
}
