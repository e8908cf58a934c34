//! The steps at stores, and the locks that are held there.

use super::Service;
use crate::activation::{Doing, Hold, Mark};
use crate::caller::Callers;
use crate::envelope::Envelopes;
use crate::event::Event;
use crate::graph::Act;
use crate::ledger::{AtStore, Row};
use crate::store::note::Note;
use crate::store::{Asking, Says, Store};
use crate::world::{Io, Kit, ORDINARY};
use brownout_core::Time;
use brownout_core::queue::Rank;
use brownout_core::slab::Id;

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
        let (says, until) = self.ask_store(id, store, act, io);
        if says == Says::Waits {
            self.wait_for_lock(id, io);
            return false;
        }
        io.links.envelopes[id].work.step += 1;
        match says {
            Says::Done | Says::Read(_) => {
                if let Says::Read(read) = says {
                    let note = io.links.notes.of(id);
                    io.links.notes.write(id, Note { read, ..note });
                }
                if let Some(until) = until {
                    self.wait_for_followers(id, until, io);
                }
                until.is_none()
            }
            Says::Locked => {
                self.has_locked(id, io);
                true
            }
            Says::Unlocked(next) => {
                self.has_unlocked(id, next, io);
                true
            }
            Says::No(how, outcome) => {
                self.leave_early(id, how, Some(outcome), callers, io);
                false
            }
            Says::Waits | Says::Hit(_) | Says::Miss { .. } => {
                unreachable!("who waits has left, and nothing was looked for")
            }
        }
    }

    /// Looks for an entry of a cache. Whether the script goes on at once.
    #[inline(never)]
    pub(super) fn look_up<K: Kit>(
        &mut self,
        id: Id,
        store: u16,
        miss: u16,
        io: &mut Io<'_, K>,
    ) -> bool {
        let work = &mut io.links.envelopes[id].work;
        // Who waited for another to fetch it looks once more.
        if work.marks.has(Mark::Waited) {
            work.marks.set(Mark::Waited, false);
        } else {
            self.note_at_store(id, AtStore::LookedUp, io);
        }
        match self.ask_store(id, store, Act::Get, io).0 {
            Says::Hit(unlocked) => {
                self.note_at_store(id, AtStore::Hit, io);
                io.links.envelopes[id].work.step += 1;
                if let Some(next) = unlocked {
                    self.has_unlocked(id, next, io);
                }
                true
            }
            Says::Miss { fetches } => {
                self.note_at_store(id, AtStore::Missed, io);
                io.links.envelopes[id].work.step = miss;
                if fetches {
                    self.has_locked(id, io);
                }
                true
            }
            Says::Waits => {
                io.links.envelopes[id].work.marks.set(Mark::Waited, true);
                self.wait_for_lock(id, io);
                false
            }
            Says::Done | Says::Read(_) | Says::Locked | Says::Unlocked(_) | Says::No(..) => {
                unreachable!("something was looked for")
            }
        }
    }

    /// What comes of it, and until when it has to be waited for that others have it too.
    fn ask_store<K: Kit>(
        &mut self,
        id: Id,
        store: u16,
        act: Act,
        io: &mut Io<'_, K>,
    ) -> (Says, Option<Time>) {
        let envelope = &io.links.envelopes[id];
        let (number, note) = (envelope.to.replica, io.links.notes.of(id));
        let rules = &self.rules().stores[usize::from(store)];
        let key = rules.key(note.subject);
        let unit = if rules.draws_for(act) { rules.unit(envelope.lineage) } else { 0.0 };
        let now = io.clocks.read(io.graph, envelope.to, io.now());
        let asking = Asking { id, key, now, unit, note };
        if let Err(says) = self.may_act(number, act, io.now()) {
            return (says, None);
        }
        let own = &mut self.inlet_of(number).1.stores[usize::from(store)];
        let says = own.act(act, &asking, |id| waits(&io.links.envelopes, id));
        if let Some(aside) = own.aside() {
            self.note_at_store(id, aside, io);
        }
        let is_done = matches!(says, Says::Done | Says::Read(_));
        let until = if is_done { self.was_done(id, (store, act), asking, io) } else { None };
        (says, until)
    }

    pub(super) fn note_at_store<K: Kit>(&self, id: Id, what: AtStore, io: &mut Io<'_, K>) {
        let endpoint = self.program.endpoint(io.links.envelopes[id].work.step);
        io.record(Row::AtStore { service: self.id, endpoint, what });
    }

    /// Writes down what happens at the stores of the service, at no endpoint in particular.
    pub(super) fn note_of_service<K: Kit>(&self, what: AtStore, io: &mut Io<'_, K>) {
        io.record(Row::AtStore { service: self.id, endpoint: None, what });
    }

    /// One who waited for another to fetch something does not wait for it any more.
    pub(super) fn stop_waiting<K: Kit>(&mut self, id: Id, io: &mut Io<'_, K>) {
        if io.links.envelopes[id].work.marks.has(Mark::Waited) {
            self.note_at_store(id, AtStore::Left, io);
        }
    }

    /// Caches forget everything.
    pub(crate) fn flush(&mut self, number: u32) {
        if let (_, Some(inlet)) = self.replicas[number as usize].parts() {
            inlet.stores.iter_mut().for_each(Store::flush);
        }
    }

    fn has_unlocked<K: Kit>(&mut self, id: Id, next: Option<Id>, io: &mut Io<'_, K>) {
        self.pass_lock_on(id, next, io);
        let number = io.links.envelopes[id].to.replica;
        if !self.inlet_of(number).1.stores.iter().any(|store| store.holds_any(id)) {
            io.links.envelopes[id].work.holds.give_back(Hold::Lock);
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
        let holds = &mut io.links.envelopes[id].work.holds;
        if !holds.has(Hold::Lock) {
            holds.take(Hold::Lock);
        }
        self.note_at_store(id, AtStore::Locked, io);
    }

    /// A lock was given back: whoever waited for it goes on at the same moment, after what happens
    /// now.
    fn pass_lock_on<K: Kit>(&mut self, id: Id, next: Option<Id>, io: &mut Io<'_, K>) {
        self.note_at_store(id, AtStore::Unlocked, io);
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
                    Some(next) => self.pass_lock_on(id, next, io),
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
        let is_at_key = self.is_at_key(id, &io.links.envelopes);
        let work = &mut io.links.envelopes[id].work;
        (work.doing, work.timer) = (Doing::Stepping, Rank::NONE);
        // Who waited for a lock has done the step; who waited for an entry or a key
        // looks once more.
        if !work.marks.has(Mark::Waited) && !is_at_key {
            work.step += 1;
        }
        self.advance(id, callers, io);
    }

    /// Locks that are held here, counted over the locks themselves.
    pub(crate) fn locks_held(&self) -> u64 {
        let inlets = self.replicas.iter().filter_map(|replica| replica.inlet());
        inlets.flat_map(|inlet| &inlet.stores).map(|store| store.held()).sum()
    }
}

/// Whether an activation still waits for a lock.
fn waits(envelopes: &Envelopes, id: Id) -> bool {
    let doing = envelopes.get(id).map(|envelope| envelope.work.doing);
    doing == Some(Doing::Locking { has_it: false })
}
