//! What happens when a pool's timers fire.

use super::connection::{Dead, State};
use super::{Pools, Waiting};
use crate::caller::Callers;
use crate::caller::desk::{Attempt, Desk, Hands};
use crate::caller::open::Last;
use crate::death::{Death, How};
use crate::event::Event;
use crate::ledger::{AtConnection, AtPool, Row};
use crate::world::{Io, Kit, ORDINARY};
use brownout_core::queue::Rank;
use brownout_core::slab::Id;
use brownout_policies::outcome::Outcome;

impl Callers {
    /// A connection's timer has fired, or a pool's.
    #[inline(never)]
    pub fn wake_pool<K: Kit>(&mut self, number: u32, rank: Rank, io: &mut Io<'_, K>) {
        let Some(pools) = &mut self.desk.pools else { return };
        if *pools.timer(number) != rank {
            return;
        }
        *pools.timer(number) = Rank::NONE;
        match number.checked_sub(pools.connections.len() as u32) {
            Some(pool) => self.end_waits(pool, io),
            None => self.wake_connection(number, io),
        }
    }

    /// The timer of a connection or of a pool.
    pub fn pool_timer(&mut self, number: u32) -> &mut Rank {
        let pools = self.desk.pools.as_mut();
        pools.expect("where there are no pools, none has a timer").timer(number)
    }

    fn wake_connection<K: Kit>(&mut self, number: u32, io: &mut Io<'_, K>) {
        let Some(pools) = &mut self.desk.pools else { return };
        let own = pools.connections[number as usize];
        match own.state {
            State::Closed | State::Idle => {}
            State::Lent { leaf, call, site, lineage } => {
                pools.take_back(number, leaf, io);
                pools.close(number);
                let outcome = Outcome::RESET;
                if self.calls.is_open(leaf) {
                    self.desk.tell_of(call, AtConnection::GivenUp, io);
                    let target = self.desk.places[site.index()].of.target;
                    io.record(Row::AttemptSettled { site, target, lineage, outcome });
                    let death = Death { at: target, how: How::Reset };
                    self.settle(leaf, call, outcome, death, io);
                }
                self.desk.lend(own.pool, io);
            }
            State::Validating => {
                pools.pools[own.pool as usize].preparing -= 1;
                match own.dead {
                    Some(_) => pools.close(number),
                    None => self.desk.grant(number, io),
                }
                self.desk.lend(own.pool, io);
            }
            State::Connecting => {
                pools.pools[own.pool as usize].preparing -= 1;
                match pools.peer(number) {
                    None => self.connected(number, io),
                    Some(dead) => self.connect_failed(number, dead, io),
                }
                self.desk.lend(own.pool, io);
            }
        }
    }

    /// A connection is open.
    fn connected<K: Kit>(&mut self, number: u32, io: &mut Io<'_, K>) {
        let Some(pools) = &mut self.desk.pools else { return };
        let own = &mut pools.connections[number as usize];
        (own.opened, own.used) = (io.now(), io.now());
        let service = pools.pools[own.pool as usize].rule.to;
        io.record(Row::AtPool { service, what: AtPool::Opened });
        self.desk.grant(number, io);
    }

    /// A connection cannot be opened: whoever waits first is told.
    fn connect_failed<K: Kit>(&mut self, number: u32, dead: Dead, io: &mut Io<'_, K>) {
        let Some(pools) = &mut self.desk.pools else { return };
        pools.close(number);
        let pool = pools.connections[number as usize].pool;
        let Some(waiting) = pools.pools[pool as usize].waiting.pop_front() else { return };
        self.desk.tell_of(waiting.attempt.call, AtConnection::NotOpened, io);
        let (outcome, how) = match dead {
            Dead::Silent => (Outcome::EXPIRED, How::Lost),
            Dead::Reset => (Outcome::REFUSED, How::Refused),
        };
        self.settle_unsent(&waiting.attempt, outcome, how, io);
    }

    /// Those who have waited for too long hear of it, and those who found no place.
    fn end_waits<K: Kit>(&mut self, number: u32, io: &mut Io<'_, K>) {
        let Some(pools) = &mut self.desk.pools else { return };
        let place = number as usize;
        let now = io.now();
        let refused = pools.pools[place].refused.len();
        let turned_away = |callers: &mut Callers, waiting: Waiting, io: &mut Io<'_, K>| {
            let attempt = waiting.attempt;
            let service = callers.desk.places[attempt.site.index()].of.target;
            io.record(Row::AtPool { service, what: AtPool::TurnedAway });
            callers.desk.tell_of(attempt.call, AtConnection::TurnedAway, io);
            callers.settle_unsent(&attempt, Outcome::POOL_TIMEOUT, How::PoolTimeout, io);
        };
        // No more than there were: who tries again at once waits for another turn.
        for _ in 0..refused {
            let Some(pools) = &mut self.desk.pools else { return };
            let Some(waiting) = pools.pools[place].refused.pop_front() else { break };
            turned_away(self, waiting, io);
        }
        loop {
            let Some(pools) = &mut self.desk.pools else { return };
            let pool = &mut pools.pools[place];
            let is_over = |first: &Waiting| first.since.saturating_add(pool.rule.timeout) <= now;
            if !pool.waiting.front().is_some_and(is_over) {
                break;
            }
            let Some(waiting) = pool.waiting.pop_front() else { break };
            turned_away(self, waiting, io);
        }
        self.desk.await_waits(number, io);
    }

    /// An attempt that was not sent is over.
    fn settle_unsent<K: Kit>(
        &mut self,
        attempt: &Attempt,
        outcome: Outcome,
        how: How,
        io: &mut Io<'_, K>,
    ) {
        let &Attempt { leaf, call, site, .. } = attempt;
        let death = Death { at: self.desk.places[site.index()].of.target, how };
        self.settle(leaf, call, outcome, death, io);
    }

    fn settle<K: Kit>(
        &mut self,
        leaf: Id,
        call: Id,
        outcome: Outcome,
        death: Death,
        io: &mut Io<'_, K>,
    ) {
        let Callers { calls, desk, .. } = self;
        if let Some(open) = desk.open.get_mut(call) {
            open.set_last(Last::Died(death));
        }
        calls.settle(io.now(), leaf, outcome, &mut Hands { desk, io });
    }
}

impl Desk {
    /// Wakes a pool when the first who waits has waited for too long.
    fn await_waits<K: Kit>(&mut self, number: u32, io: &mut Io<'_, K>) {
        let Some(pools) = &mut self.pools else { return };
        let event = Event::Pool(pools.connections.len() as u32 + number).payload();
        let pool = &mut pools.pools[number as usize];
        let due = match pool.waiting.front() {
            _ if !pool.refused.is_empty() => io.now(),
            Some(first) => first.since.saturating_add(pool.rule.timeout),
            None => {
                pool.timer = Rank::NONE;
                return;
            }
        };
        pool.timer = io.queue.at(due, ORDINARY, event);
    }
}

impl Pools {
    /// The timer of a connection, or of a pool: they are numbered after the connections.
    fn timer(&mut self, number: u32) -> &mut Rank {
        match number.checked_sub(self.connections.len() as u32) {
            None => &mut self.connections[number as usize].timer,
            Some(pool) => &mut self.pools[pool as usize].timer,
        }
    }
}
