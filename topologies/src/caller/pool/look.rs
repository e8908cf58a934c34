//! How pools are at one moment, and what their attempts tell those who listen.

use super::Pools;
use super::connection::State;
use crate::caller::desk::Desk;
use crate::graph::ServiceId;
use crate::ledger::{AtConnection, Detail};
use crate::world::{Io, Kit};
use brownout_core::Time;
use brownout_core::slab::Id;

/// The pool of one replica for its calls to one service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolLook {
    /// Whose it is: the service and the replica.
    pub caller: (ServiceId, u32),
    /// To whom it leads.
    pub to: ServiceId,
    /// Connections at most.
    pub size: u32,
    /// Lent to attempts.
    pub lent: u32,
    /// Open, and free to be lent.
    pub idle: u32,
    /// Being opened, or tried before they are lent.
    pub preparing: u32,
    /// Of those lent, idle or tried, the ones whose other end has died.
    pub dead: u32,
    /// Attempts that wait for one.
    pub waiting: u32,
    /// Since when the first of them has.
    pub oldest: Option<Time>,
}

impl Pools {
    /// How every pool is.
    pub(in crate::caller) fn look(&self) -> Vec<PoolLook> {
        let of = |number: usize| {
            let pool = &self.pools[number];
            let first = pool.first as usize;
            let own = &self.connections[first..first + pool.rule.size as usize];
            let count = |is: &dyn Fn(&State) -> bool| {
                own.iter().filter(|one| is(&one.state)).count() as u32
            };
            let dead = own.iter().filter(|one| one.dead.is_some()).filter(|one| match one.state {
                State::Idle | State::Validating | State::Lent { .. } => true,
                State::Closed | State::Connecting => false,
            });
            PoolLook {
                caller: pool.caller,
                to: pool.rule.to,
                size: pool.rule.size,
                lent: count(&|state| matches!(state, State::Lent { .. })),
                idle: count(&|state| matches!(state, State::Idle)),
                preparing: count(&|state| matches!(state, State::Connecting | State::Validating)),
                dead: dead.count() as u32,
                waiting: pool.waiting.len() as u32,
                oldest: pool.waiting.front().map(|first| first.since),
            }
        };
        (0..self.pools.len()).map(of).collect()
    }
}

impl Desk {
    /// Tells who listens about an attempt of a call and its connection.
    pub(super) fn tell_of<K: Kit>(&self, call: Id, what: AtConnection, io: &mut Io<'_, K>) {
        if let Some(open) = self.open.get(call) {
            io.tell(|_| Detail::Connection { call: open.lineage, site: open.site, what });
        }
    }
}
