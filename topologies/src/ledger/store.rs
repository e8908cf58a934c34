//! What happens at stores.

use super::Ledger;
use super::books::Entry;

/// What happens at a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AtStore {
    /// A lock is taken.
    Locked,
    /// It is given back.
    Unlocked,
}

impl Ledger {
    /// Writes what happened at a store.
    #[inline(never)]
    pub(super) fn at_store(&mut self, what: AtStore) {
        self.journal.books.count(match what {
            AtStore::Locked => Entry::LocksTaken,
            AtStore::Unlocked => Entry::LocksGivenBack,
        });
    }
}
