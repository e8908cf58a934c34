//! The steps at stores, and the locks that are held there.

use super::Service;
use crate::activation::{Doing, Hold};
use crate::caller::Callers;
use crate::envelope::Envelope;
use crate::event::Event;
use crate::graph::Act;
use crate::ledger::{AtStore, Row};
use crate::store::note::Note;
use crate::store::{Asking, Says};
use crate::world::{Io, Kit, ORDINARY};
use brownout_core::Time;
use brownout_core::queue::Rank;
use brownout_core::slab::{Id, Slab};

impl Service {
    /// Does something at a store. Whether the script goes on at once.
    #[inline(never)]
    pub(super) fn act<K: Kit>(
        &mut self,
        id: Id,
        store: u16,
        act: Act,
        callers: &mut Callers,
        io: &mut Io<'_, K>,
    ) -> bool {
        let (number, note) = (io.links.envelopes[id].to.replica, io.links.notes.of(id));
        let key = self.rules().stores[usize::from(store)].key(note.subject);
        let ahead = io.graph.services[self.id.index()].clock_offset(number);
        let now = Time::from_nanos(io.now().nanos().saturating_add_signed(ahead));
        let asking = Asking { id, key, now, note };
        let envelopes = &io.links.envelopes;
        let own = &mut self.inlet_of(number).1.stores[usize::from(store)];
        let says = own.act(act, &asking, |id| waits(envelopes, id));
        if says == Says::Waits {
            self.wait_for_lock(id, io);
            return false;
        }
        io.links.envelopes[id].work.step += 1;
        match says {
            Says::Done | Says::Waits => true,
            Says::Read(read) => {
                io.links.notes.write(id, Note { read, ..note });
                true
            }
            Says::Locked => {
                self.has_locked(id, io);
                true
            }
            Says::Unlocked(next) => {
                self.pass_lock_on(next, io);
                if !self.inlet_of(number).1.stores.iter().any(|store| store.holds_any(id)) {
                    io.links.envelopes[id].work.holds.give_back(Hold::Lock);
                }
                true
            }
            Says::No(how, outcome) => {
                self.leave_early(id, how, Some(outcome), callers, io);
                false
            }
        }
    }

    /// Another one holds the lock: this one waits, with its worker where workers are held.
    fn wait_for_lock<K: Kit>(&mut self, id: Id, io: &mut Io<'_, K>) {
        let work = &mut io.links.envelopes[id].work;
        (work.doing, work.timer) = (Doing::Locking { has_it: false }, Rank::NONE);
        self.mind_deadline(id, io);
        self.release_worker(id, io);
    }

    fn has_locked<K: Kit>(&mut self, id: Id, io: &mut Io<'_, K>) {
        let service = self.id;
        let holds = &mut io.links.envelopes[id].work.holds;
        if !holds.has(Hold::Lock) {
            holds.take(Hold::Lock);
        }
        io.record(Row::AtStore { service, what: AtStore::Locked });
    }

    /// A lock was given back: whoever waited for it goes on at the same moment, after what happens
    /// now.
    fn pass_lock_on<K: Kit>(&mut self, next: Option<Id>, io: &mut Io<'_, K>) {
        io.record(Row::AtStore { service: self.id, what: AtStore::Unlocked });
        let Some(id) = next else { return };
        self.has_locked(id, io);
        let event = Event::Service(id.place() as u32).payload();
        let work = &mut io.links.envelopes[id].work;
        work.doing = Doing::Locking { has_it: true };
        work.timer = io.queue.at(io.queue.now(), ORDINARY, event);
    }

    /// Gives back every lock that an activation holds which ends.
    #[inline(never)]
    pub(super) fn unlock_all<K: Kit>(&mut self, id: Id, io: &mut Io<'_, K>) {
        let number = io.links.envelopes[id].to.replica;
        for store in 0..self.rules().stores.len() {
            loop {
                let envelopes = &io.links.envelopes;
                let own = &mut self.inlet_of(number).1.stores[store];
                match own.unlock(id, |id| waits(envelopes, id)) {
                    Some(next) => self.pass_lock_on(next, io),
                    None => break,
                }
            }
        }
    }

    /// One who waited for a lock is woken: it has it, or its deadline has come.
    pub(super) fn lock_woken<K: Kit>(
        &mut self,
        id: Id,
        has_it: bool,
        callers: &mut Callers,
        io: &mut Io<'_, K>,
    ) {
        if !has_it {
            return self.expire(id, callers, io);
        }
        let work = &mut io.links.envelopes[id].work;
        (work.doing, work.timer) = (Doing::Stepping, Rank::NONE);
        work.step += 1;
        self.advance(id, callers, io);
    }

    /// Locks that are held here, counted over the locks themselves.
    pub(crate) fn locks_held(&self) -> u64 {
        let inlets = self.replicas.iter().filter_map(|replica| replica.inlet());
        inlets.flat_map(|inlet| &inlet.stores).map(|store| store.held()).sum()
    }
}

/// Whether an activation still waits for a lock.
fn waits(envelopes: &Slab<Envelope>, id: Id) -> bool {
    let doing = envelopes.get(id).map(|envelope| envelope.work.doing);
    doing == Some(Doing::Locking { has_it: false })
}
