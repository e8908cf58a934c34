//! A connection: whom it leads to, what it is doing, and whether it is dead.

use super::Pools;
use crate::event::Event;
use crate::graph::SiteId;
use crate::ledger::{AtPool, Row};
use crate::world::{Io, Kit, ORDINARY};
use brownout_core::queue::Rank;
use brownout_core::slab::Id;
use brownout_core::{Span, Time};

/// A connection of a pool, or the place for one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Connection {
    /// Whose it is.
    pub(super) pool: u32,
    /// To which replica it leads.
    pub(super) replica: u32,
    pub(super) state: State,
    /// Whether the process at its other end has died; its pool does not know before it tries.
    pub(super) dead: Option<Dead>,
    pub(super) opened: Time,
    /// When it was last given back.
    pub(super) used: Time,
    /// The timer of what it is doing.
    pub(super) timer: Rank,
}

/// What a connection is doing.
#[derive(Debug, Clone, Copy)]
pub(super) enum State {
    Closed,
    Connecting,
    Idle,
    /// It is tried before it is lent.
    Validating,
    /// An attempt has it.
    Lent {
        leaf: Id,
        call: Id,
        site: SiteId,
        lineage: u64,
    },
}

/// How a process died at the other end of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dead {
    /// Nothing comes any more, and nothing says so.
    Silent,
    /// Who sends something is told.
    Reset,
}

impl Connection {
    /// The place for a connection of a pool.
    pub(super) const fn closed(pool: u32) -> Connection {
        Connection {
            pool,
            replica: 0,
            state: State::Closed,
            dead: None,
            opened: Time::ZERO,
            used: Time::ZERO,
            timer: Rank::NONE,
        }
    }
}

impl Pools {
    /// Takes the idle connection that was used last; those that have become too old are closed.
    pub(super) fn take_idle(&mut self, number: u32, now: Time) -> Option<u32> {
        loop {
            let pool = &mut self.pools[number as usize];
            let connection = pool.idle.pop()?;
            let own = &self.connections[connection as usize];
            let is_over = |most: Option<Span>, since| most.is_some_and(|most| now - since > most);
            if !is_over(pool.rule.max_idle, own.used)
                && !is_over(pool.rule.max_lifetime, own.opened)
            {
                return Some(connection);
            }
            self.close(connection);
        }
    }

    /// Begins to open a connection, to this replica or to the one whose turn it is.
    pub(super) fn connect<K: Kit>(&mut self, number: u32, to: Option<u32>, io: &mut Io<'_, K>) {
        let own = &mut self.connections[number as usize];
        let pool = &mut self.pools[own.pool as usize];
        let dead = &self.peers[pool.peers].dead;
        own.replica = to.unwrap_or(pool.turn % dead.len() as u32);
        (pool.turn, pool.preparing) = (own.replica + 1, pool.preparing + 1);
        let mut draws = pool.stream.draws(pool.opened);
        let takes = Span::round(pool.connect.sample(&mut draws, pool.opened));
        pool.opened += 1;
        let takes = match dead[own.replica as usize] {
            Some(Dead::Silent) => pool.rule.connect_timeout,
            None | Some(Dead::Reset) => takes.min(pool.rule.connect_timeout),
        };
        (own.state, own.dead) = (State::Connecting, None);
        let event = Event::Pool(number).payload();
        own.timer = io.queue.at(io.queue.now().saturating_add(takes), ORDINARY, event);
    }

    /// Tries a connection before it is lent.
    pub(super) fn validate<K: Kit>(&mut self, number: u32, io: &mut Io<'_, K>) {
        let own = &mut self.connections[number as usize];
        let pool = &mut self.pools[own.pool as usize];
        let Some(rule) = pool.rule.validate else { return };
        pool.preparing += 1;
        let takes = match own.dead {
            Some(Dead::Silent) => rule.timeout,
            None | Some(Dead::Reset) => rule.takes,
        };
        own.state = State::Validating;
        own.timer = io.queue.after_constant(takes, ORDINARY, Event::Pool(number).payload());
    }

    /// An attempt does not have its connection any more. The pool's number.
    pub(super) fn take_back<K: Kit>(&mut self, number: u32, leaf: Id, io: &mut Io<'_, K>) -> u32 {
        let own = &mut self.connections[number as usize];
        own.timer = Rank::NONE;
        // Another attempt may be at its place by now.
        let lent = &mut self.lent[leaf.place()];
        if lent.0 == leaf {
            *lent = (Id::NONE, 0);
        }
        self.kept.retain(|(kept, _)| *kept != leaf);
        let service = self.pools[own.pool as usize].rule.to;
        io.record(Row::AtPool { service, what: AtPool::Returned });
        own.pool
    }

    /// A connection is idle from now on, if it lives.
    pub(super) fn park(&mut self, number: u32, now: Time) {
        let own = &mut self.connections[number as usize];
        if own.dead.is_some() {
            return self.close(number);
        }
        (own.state, own.used) = (State::Idle, now);
        self.pools[own.pool as usize].idle.push(number);
    }

    /// Closes a connection that nobody has.
    pub(super) fn close(&mut self, number: u32) {
        let own = &mut self.connections[number as usize];
        (own.state, own.timer) = (State::Closed, Rank::NONE);
        self.pools[own.pool as usize].closed.push(number);
    }
}
