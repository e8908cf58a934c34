//! Pools of connections: who has one, who waits for one, and what becomes of dead ones.
//!
//! An attempt of a call that goes through a pool is sent when it has a connection. It gives it back
//! when it has an outcome; a caller that gives it up closes the connection, or leaves it to the
//! answer that may still come. Whoever's turn it is next is seen to at the same moment.

mod connection;
mod life;
mod look;
mod wake;

use super::desk::{Attempt, Desk};
use super::primary::leader;
use crate::envelope::Address;
use crate::event::Event;
use crate::graph::{self, Caller, GivenUp, Graph, ServiceId, SiteId};
use crate::ledger::{AtConnection, AtPool, Detail, Row};
use crate::world::{Io, Kit, ORDINARY};
use brownout_core::Time;
use brownout_core::dist::Sampler;
use brownout_core::queue::Rank;
use brownout_core::random::{Seed, Stream};
use brownout_core::slab::Id;
use brownout_policies::outcome::{Done, Outcome, Seen};
use connection::{Connection, Dead, State};
pub use look::PoolLook;
use std::collections::VecDeque;

/// What an attempt is told whose connection was found dead when it was used.
const FOUND_DEAD: Outcome = Outcome::new(Seen::Reset, Done::Nothing);

/// Every pool there is, with its connections.
#[derive(Debug)]
pub(super) struct Pools {
    pools: Vec<Pool>,
    /// Those of each pool together.
    connections: Vec<Connection>,
    /// Which connection an attempt has, by its leaf's place.
    lent: Vec<(Id, u32)>,
    /// Attempts that were given up, whose connections are kept for the answer.
    kept: Vec<(Id, u32)>,
    /// Replicas that connections lead to, and how dead they are.
    peers: Vec<Peers>,
}

/// The replicas of a service to which pools lead.
#[derive(Debug)]
struct Peers {
    service: ServiceId,
    dead: Vec<Option<Dead>>,
}

/// The pool of one replica for its calls to one service.
#[derive(Debug)]
struct Pool {
    rule: graph::Pool,
    /// Whose it is.
    caller: (ServiceId, u32),
    /// Which peers its connections lead to.
    peers: usize,
    /// Its first connection.
    first: u32,
    /// Connections that wait to be lent, the last one used at the end.
    idle: Vec<u32>,
    /// Connections that are not open.
    closed: Vec<u32>,
    /// How many are being opened or tried.
    preparing: u32,
    /// Who waits, in order.
    waiting: VecDeque<Waiting>,
    /// Who found no place to wait, until they hear of it.
    refused: VecDeque<Waiting>,
    /// Wakes it when somebody has waited for too long.
    timer: Rank,
    /// To which replica the next connection leads.
    turn: u32,
    /// Who sends something over it to who leads, if anybody does: then all connections lead there.
    leads_for: Option<SiteId>,
    /// Connections opened so far.
    opened: u64,
    connect: Sampler,
    stream: Stream,
    /// Whether its process is dying: nobody is lent anything.
    shut: bool,
}

/// An attempt that waits for a connection.
#[derive(Debug, Clone, Copy)]
struct Waiting {
    attempt: Attempt,
    ordinal: u32,
    since: Time,
}

impl Pools {
    /// The pools of `graph`, all of whose connections are closed; `None` if there are none.
    pub(super) fn of(graph: &Graph, seed: Seed) -> Option<Box<Pools>> {
        let mut all = Pools {
            pools: Vec::new(),
            connections: Vec::new(),
            lent: Vec::new(),
            kept: Vec::new(),
            peers: Vec::new(),
        };
        for (id, service) in (0..).map(ServiceId).zip(&graph.services) {
            for rule in &service.pools {
                let target = &graph.services[rule.to.index()];
                let name = format!("pool {} → {}", service.name, target.name);
                let peers = all.peers_of(rule.to, target.replicas);
                let leads_for = graph.leads_for(id, rule);
                for replica in 0..service.replicas {
                    let stream = seed.stream(&name).member(u64::from(replica));
                    all.add(rule, (id, replica), (peers, leads_for), stream);
                }
            }
        }
        (!all.pools.is_empty()).then(|| Box::new(all))
    }

    fn peers_of(&mut self, service: ServiceId, replicas: u32) -> usize {
        let known = self.peers.iter().position(|peers| peers.service == service);
        known.unwrap_or_else(|| {
            self.peers.push(Peers { service, dead: vec![None; replicas as usize] });
            self.peers.len() - 1
        })
    }

    fn add(
        &mut self,
        rule: &graph::Pool,
        caller: (ServiceId, u32),
        (peers, leads_for): (usize, Option<SiteId>),
        stream: Stream,
    ) {
        let (first, number) = (self.connections.len() as u32, self.pools.len() as u32);
        let count = rule.size as usize;
        self.connections.extend(std::iter::repeat_n(Connection::closed(number), count));
        self.pools.push(Pool {
            rule: rule.clone(),
            caller,
            peers,
            first,
            idle: Vec::with_capacity(count),
            closed: (first..first + rule.size).rev().collect(),
            preparing: 0,
            waiting: VecDeque::new(),
            refused: VecDeque::new(),
            timer: Rank::NONE,
            turn: caller.1,
            leads_for,
            opened: 0,
            connect: rule.connect.sampler(),
            stream,
            shut: false,
        });
    }

    /// The pool of a service's first replica for calls from a site, if there is one; those of the
    /// others follow.
    pub(super) fn first(&self, graph: &Graph, site: SiteId) -> Option<u32> {
        let site = &graph.sites[site.index()];
        let Caller::Service(caller) = site.caller else { return None };
        let is_it = |pool: &Pool| pool.caller == (caller, 0) && pool.rule.to == site.target;
        self.pools.iter().position(is_it).map(|place| place as u32)
    }

    /// The connection that an attempt has; those of a process that has died were taken from it.
    fn lent_to(&self, leaf: Id) -> Option<u32> {
        let lent = self.lent.get(leaf.place()).filter(|(own, _)| *own == leaf);
        let lent = lent.or_else(|| self.kept.iter().find(|(own, _)| *own == leaf));
        let has_it = |number: &u32| {
            let state = self.connections[*number as usize].state;
            matches!(state, State::Lent { leaf: own, .. } if own == leaf)
        };
        lent.map(|(_, number)| *number).filter(has_it)
    }

    fn note_lent(&mut self, leaf: Id, number: u32) {
        if self.lent.len() <= leaf.place() {
            self.lent.resize(leaf.place() + 1, (Id::NONE, 0));
        }
        self.lent[leaf.place()] = (leaf, number);
    }

    /// Whether an attempt waits and has not been sent.
    #[cold]
    pub(super) fn holds_back(&self, leaf: Id) -> bool {
        let waits = |waiting: &Waiting| waiting.attempt.leaf == leaf;
        let all = self.pools.iter().flat_map(|pool| pool.waiting.iter().chain(&pool.refused));
        self.lent_to(leaf).is_none() && all.into_iter().any(waits)
    }

    /// How many attempts wait and have not been sent.
    pub(super) fn unsent(&self) -> u64 {
        self.pools.iter().map(|pool| (pool.waiting.len() + pool.refused.len()) as u64).sum()
    }

    /// Connections that are lent, counted over those who have them: an attempt without an outcome,
    /// or one that was given up while the answer is still waited for.
    pub(super) fn in_use(&self, is_open: impl Fn(Id) -> bool) -> u64 {
        let in_use = self.connections.iter().filter(|own| match own.state {
            State::Lent { leaf, .. } => {
                is_open(leaf) || self.kept.iter().any(|(own, _)| *own == leaf)
            }
            State::Closed | State::Connecting | State::Idle | State::Validating => false,
        });
        in_use.count() as u64
    }
}

impl Desk {
    /// An attempt needs a connection, if its site has a pool: it is sent now or later. Whether it
    /// has.
    #[inline(never)]
    pub(super) fn borrow<K: Kit>(
        &mut self,
        attempt: &Attempt,
        ordinal: u32,
        io: &mut Io<'_, K>,
    ) -> bool {
        let Some(first) = self.places[attempt.site.index()].rest.pool else { return false };
        let Some(pools) = &mut self.pools else { return false };
        let (number, now) = (first + attempt.replica, io.now());
        let waiting = Waiting { attempt: *attempt, ordinal, since: now };
        pools.pools[number as usize].waiting.push_back(waiting);
        self.lend(number, io);
        let Some(pools) = &mut self.pools else { return true };
        let count = pools.connections.len() as u32;
        let pool = &mut pools.pools[number as usize];
        let beside = pool.waiting.len().saturating_sub(pool.preparing as usize);
        let is_full = pool.rule.queue_limit.is_some_and(|limit| beside > limit as usize);
        let due = match is_full {
            true => {
                pool.refused.extend(pool.waiting.pop_back());
                now
            }
            false if pool.waiting.is_empty() => return true,
            false => now.saturating_add(pool.rule.timeout),
        };
        if is_full || pool.timer == Rank::NONE {
            pool.timer = io.queue.at(due, ORDINARY, Event::Pool(count + number).payload());
        }
        if !is_full {
            let ahead = pool.waiting.len() as u32 - 1;
            self.tell_of(attempt.call, AtConnection::Waits { ahead }, io);
        }
        true
    }

    /// Sees to it that there is a connection for each who waits, as far as the size allows.
    fn lend<K: Kit>(&mut self, number: u32, io: &mut Io<'_, K>) {
        loop {
            let Some(pools) = &mut self.pools else { return };
            let pool = &mut pools.pools[number as usize];
            if pool.shut || pool.waiting.len() <= pool.preparing as usize {
                return;
            }
            let validates = pool.rule.validate.is_some();
            match pools.take_idle(number, io.now()) {
                Some(connection) if validates => pools.validate(connection, io),
                Some(connection) => self.grant(connection, io),
                None => match pools.pools[number as usize].closed.pop() {
                    Some(connection) => {
                        let leader = self.leads_to(number, io.now());
                        let Some(pools) = &mut self.pools else { return };
                        pools.connect(connection, leader, io);
                    }
                    None => return,
                },
            }
        }
    }

    /// Whom the owner of a pool takes for the primary, if its connections lead there.
    fn leads_to(&self, number: u32, now: Time) -> Option<u32> {
        let pool = &self.pools.as_ref()?.pools[number as usize];
        let place = &self.places[pool.leads_for?.index()];
        Some(leader(place, place.rest.leader.as_ref()?, &self.led, pool.caller.1, now))
    }

    /// Whoever waits first has this connection from now on, and is sent.
    fn grant<K: Kit>(&mut self, number: u32, io: &mut Io<'_, K>) {
        let Some(pools) = &mut self.pools else { return };
        let connection = &mut pools.connections[number as usize];
        let pool = &mut pools.pools[connection.pool as usize];
        let Some(Waiting { attempt, ordinal, since }) = pool.waiting.pop_front() else {
            connection.state = State::Idle;
            pool.idle.push(number);
            return;
        };
        let Attempt { leaf, call, site, lineage, .. } = attempt;
        connection.state = State::Lent { leaf, call, site, lineage };
        let event = Event::Pool(number).payload();
        connection.timer = io.queue.after_constant(pool.rule.socket_timeout, ORDINARY, event);
        let (replica, dead) = (connection.replica, connection.dead);
        let service = pool.rule.to;
        pools.note_lent(leaf, number);
        io.record(Row::AtPool { service, what: AtPool::Lent { since } });
        self.tell_of(call, AtConnection::Lent { since, is_dead: dead.is_some() }, io);
        if dead.is_some() {
            let to = Address { service, replica };
            io.tell(|_| Detail::Sent { call: self.open[call].lineage, lineage, site, to });
        }
        match dead {
            None => self.send_off(&attempt, ordinal, Some(replica), io),
            // Nothing comes back, until the socket's time is up.
            Some(Dead::Silent) => self.note_sent(&attempt, ordinal, io),
            Some(Dead::Reset) => {
                self.note_sent(&attempt, ordinal, io);
                self.answer_for(&attempt, FOUND_DEAD, io);
            }
        }
    }

    /// An answer has come to an attempt: its connection is free again.
    #[inline(never)]
    pub(super) fn give_back<K: Kit>(&mut self, leaf: Id, io: &mut Io<'_, K>) {
        let Some(pools) = &mut self.pools else { return };
        let Some(number) = pools.lent_to(leaf) else { return };
        let pool = pools.take_back(number, leaf, io);
        pools.park(number, io.now());
        self.lend(pool, io);
    }

    /// An attempt is given up by its caller. Whether it had not been sent.
    #[inline(never)]
    pub(super) fn leave_pool<K: Kit>(&mut self, leaf: Id, call: Id, io: &mut Io<'_, K>) -> bool {
        let open = self.open[call];
        let Some(first) = self.places[open.site.index()].rest.pool else { return false };
        let Some(pools) = &mut self.pools else { return false };
        let number = first + open.replica;
        let Some(connection) = pools.lent_to(leaf) else {
            let pool = &mut pools.pools[number as usize];
            let is_other = |waiting: &Waiting| waiting.attempt.leaf != leaf;
            let before = pool.waiting.len() + pool.refused.len();
            pool.waiting.retain(is_other);
            pool.refused.retain(is_other);
            return pool.waiting.len() + pool.refused.len() < before;
        };
        match pools.pools[number as usize].rule.given_up {
            GivenUp::Keep => pools.kept.push((leaf, connection)),
            GivenUp::Close => {
                pools.take_back(connection, leaf, io);
                pools.close(connection);
                self.lend(number, io);
            }
        }
        false
    }
}
