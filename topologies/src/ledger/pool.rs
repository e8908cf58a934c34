//! What happens at pools of connections. It is written about those whom they lead to.

use super::Ledger;
use super::books::Entry;
use super::journal::kind;
use super::query::Tallied;
use crate::graph::ServiceId;
use brownout_core::Time;

/// What happens at a pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AtPool {
    /// A connection is open.
    Opened,
    /// An attempt gets one.
    Lent {
        /// Since when it has waited.
        since: Time,
    },
    /// It has it no more.
    Returned,
    /// An attempt does not get one in time, or finds no place to wait.
    TurnedAway,
}

impl Ledger {
    /// Writes what happened at a pool.
    #[inline(never)]
    pub(super) fn at_pool(&mut self, at: Time, service: ServiceId, what: AtPool) {
        let own = &mut self.services[service.index()];
        match what {
            AtPool::Opened => own.rest.tally.more(Tallied::Connects),
            AtPool::Lent { since } => {
                self.journal.books.count(Entry::ConnectionsLent);
                own.rest.tally.lend(at, 1);
                for track in &mut own.rest.pool_waits {
                    track.time(since, at - since);
                }
            }
            AtPool::Returned => {
                self.journal.books.count(Entry::ConnectionsReturned);
                own.rest.tally.lend(at, -1);
            }
            AtPool::TurnedAway => own.rest.tally.more(Tallied::PoolTimeouts),
        }
        let code = match what {
            AtPool::Opened => 0,
            AtPool::TurnedAway => 1,
            AtPool::Lent { .. } | AtPool::Returned => return,
        };
        self.journal.digest.row(at.nanos(), kind::POOL ^ own.name, 0, code);
    }
}
