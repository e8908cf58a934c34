//! What becomes of connections when a process dies at either end.

use super::connection::{Connection, Dead, State};
use super::{Pool, Pools};
use crate::caller::Callers;
use crate::graph::ServiceId;
use crate::ledger::{AtPool, Row};
use crate::world::{Io, Kit};
use brownout_core::queue::Rank;

impl Callers {
    /// A process is about to die: its pools lend nothing more, and who is at the other end of
    /// connections to it does not know.
    pub(crate) fn process_dies(&mut self, service: ServiceId, replica: u32, silent: bool) {
        let Some(pools) = &mut self.desk.pools else { return };
        let dead = if silent { Dead::Silent } else { Dead::Reset };
        pools.set_peer(service, replica, Some(dead));
        for pool in pools.of_caller(service, replica) {
            pool.shut = true;
        }
    }

    /// A process has died, and with it everything that it did: its connections are gone.
    pub(crate) fn process_died<K: Kit>(
        &mut self,
        service: ServiceId,
        replica: u32,
        io: &mut Io<'_, K>,
    ) {
        let Some(pools) = &mut self.desk.pools else { return };
        for number in 0..pools.pools.len() {
            if pools.pools[number].caller == (service, replica) {
                pools.renew(number, io);
            }
        }
    }

    /// A process lives again.
    pub(crate) fn process_lives(&mut self, service: ServiceId, replica: u32) {
        if let Some(pools) = &mut self.desk.pools {
            pools.set_peer(service, replica, None);
        }
    }
}

impl Pools {
    fn of_caller(&mut self, service: ServiceId, replica: u32) -> impl Iterator<Item = &mut Pool> {
        self.pools.iter_mut().filter(move |pool| pool.caller == (service, replica))
    }

    /// How dead the replica is that a connection leads to.
    pub(super) fn peer(&self, number: u32) -> Option<Dead> {
        let own = &self.connections[number as usize];
        let peers = &self.peers[self.pools[own.pool as usize].peers];
        peers.dead[own.replica as usize]
    }

    /// A replica dies or lives again. Connections that led to it never do.
    fn set_peer(&mut self, service: ServiceId, replica: u32, dead: Option<Dead>) {
        let Some(place) = self.peers.iter().position(|peers| peers.service == service) else {
            return;
        };
        self.peers[place].dead[replica as usize] = dead;
        if dead.is_none() {
            return;
        }
        for own in &mut self.connections {
            let leads_there =
                self.pools[own.pool as usize].peers == place && own.replica == replica;
            let is_open = !matches!(own.state, State::Closed | State::Connecting);
            if leads_there && is_open && own.dead.is_none() {
                own.dead = dead;
            }
        }
    }

    /// Closes every connection of a pool, whatever it does.
    fn renew<K: Kit>(&mut self, number: usize, io: &mut Io<'_, K>) {
        let pool = &mut self.pools[number];
        let service = pool.rule.to;
        let own = pool.first..pool.first + pool.rule.size;
        pool.idle.clear();
        pool.waiting.clear();
        pool.refused.clear();
        pool.closed.clear();
        pool.closed.extend(own.clone().rev());
        (pool.preparing, pool.timer, pool.shut) = (0, Rank::NONE, false);
        for connection in &mut self.connections[own.start as usize..own.end as usize] {
            if let State::Lent { leaf, .. } = connection.state {
                self.kept.retain(|(kept, _)| *kept != leaf);
                io.record(Row::AtPool { service, what: AtPool::Returned });
            }
            *connection = Connection::closed(number as u32);
        }
    }
}
