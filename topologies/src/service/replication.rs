//! Replicas that keep the same: what reaches those who follow, and who leads.

use super::Service;
use crate::activation::{Doing, Mark};
use crate::caller::Callers;
use crate::event::Event;
use crate::graph::{Act, StoreKind};
use crate::ledger::{AtStore, Leaving};
use crate::store::{Asking, Says, Store, replication};
use crate::world::{FAULT, Io, Kit, ORDINARY};
use brownout_core::Time;
use brownout_core::queue::Rank;
use brownout_core::slab::Id;
use brownout_policies::outcome::{Done, ErrorKind, Outcome};

/// What one is told who wants something changed at a replica that only follows, or that has too few
/// who follow it.
const READ_ONLY: Says = Says::No(Leaving::Failed, Outcome::error(ErrorKind::Failed, Done::Nothing));

impl Service {
    /// Whether something may be done at this replica; what is due there has been done after this.
    pub(super) fn may_act(&mut self, number: u32, act: Act, now: Time) -> Result<(), Says> {
        let Some(replication) = &self.rest.replication else { return Ok(()) };
        let needs_primary = act.changes() || matches!(act, Act::Lock | Act::Unlock);
        if needs_primary && !replication.leads(number) {
            return Err(READ_ONLY);
        }
        if act.changes() && !replication.has_enough() {
            return Err(READ_ONLY);
        }
        self.catch_up(number, now);
        Ok(())
    }

    /// Does at a follower what is due there.
    fn catch_up(&mut self, number: u32, now: Time) {
        let Some(replication) = &mut self.rest.replication else { return };
        let (_, inlet) = self.replicas[number as usize].parts();
        let inlet = inlet.expect("where a service has stores, each replica has an inlet");
        while let Some(change) = replication.next_due(number, now) {
            let store = &mut inlet.stores[usize::from(change.store)];
            store.act(change.act, &change.asking, |_| false);
            // What else came of it was told of where it was asked for.
            store.aside();
        }
    }

    /// Does at every follower what is due there.
    fn catch_up_all(&mut self, now: Time) {
        for number in 0..self.replicas.len() as u32 {
            self.catch_up(number, now);
        }
        if let Some(replication) = &mut self.rest.replication {
            replication.forget_what_all_have();
        }
    }

    /// Something was done at a store: what follows from that for the replicas that keep the same.
    /// The moment at which the request may go on, if it has to wait.
    pub(super) fn was_done<K: Kit>(
        &mut self,
        id: Id,
        (store, act): (u16, Act),
        asking: Asking,
        io: &mut Io<'_, K>,
    ) -> Option<Time> {
        let (now, number) = (io.now(), io.links.envelopes[id].to.replica);
        let Some(replication) = &mut self.rest.replication else { return None };
        if act == Act::Read && !replication.leads(number) {
            self.note_if_stale(id, store, asking.key, io);
        }
        if !act.changes() {
            return None;
        }
        let request = request_of(id, io);
        let lineage = io.links.envelopes[id].lineage;
        if let Some(request) = request {
            io.links.envelopes[request].work.marks.set(Mark::Wrote, true);
        }
        let is_write = matches!(act, Act::Write { .. }) && self.keeps_rows(store);
        let asking = Asking { id: request.unwrap_or(id), ..asking };
        let is_over = request.is_none();
        let done = replication::Done { store, act, asking, by: id, is_write, is_over };
        let (links, graph, service) = (&io.links, io.graph, self.id);
        let later = |follower| links.later_between((graph, service), (number, follower), lineage);
        let replication = self.rest.replication.as_mut().expect("it was there a moment ago");
        let until = replication.add((now, lineage), done, later);
        self.catch_up_all(now);
        if is_write {
            self.note_at_store(id, AtStore::Wrote, io);
        }
        (until > now).then_some(until)
    }

    fn keeps_rows(&self, store: u16) -> bool {
        self.rules().stores[usize::from(store)].kind() == StoreKind::Rows
    }

    /// A row was read at a replica that follows: whether the primary has a later version.
    fn note_if_stale<K: Kit>(&self, id: Id, store: u16, key: u32, io: &mut Io<'_, K>) {
        let Some(replication) = &self.rest.replication else { return };
        let number = io.links.envelopes[id].to.replica;
        let version = |number: u32| {
            let inlet = self.replicas[number as usize].inlet()?;
            inlet.stores[usize::from(store)].version(key)
        };
        if version(number) != version(replication.primary()) {
            let since = replication.lacks_since(number, store, key);
            let age = since.map(|since| io.now() - since);
            self.note_at_store(id, AtStore::Stale { age }, io);
        }
    }

    /// Waits until as many followers have a change as must.
    pub(super) fn wait_for_followers<K: Kit>(&mut self, id: Id, until: Time, io: &mut Io<'_, K>) {
        io.links.envelopes[id].work.marks.set(Mark::Follows, true);
        self.wait_until(id, until, io);
        self.release_worker(id, io);
    }

    /// [`Time::MAX`] is until a follower is in reach again.
    fn wait_until<K: Kit>(&mut self, id: Id, until: Time, io: &mut Io<'_, K>) {
        let event = Event::Service(id.place() as u32).payload();
        let timer = match until {
            Time::MAX => Rank::NONE,
            until => io.queue.at(until, ORDINARY, event),
        };
        let work = &mut io.links.envelopes[id].work;
        (work.doing, work.timer) = (Doing::Sleeping { until }, timer);
        self.mind_deadline(id, io);
    }

    /// Followers have come, gone, been cut off or reached again: whoever waits for them waits for
    /// as long as that takes now; what a new one has been given makes nobody's wait shorter.
    fn wait_anew<K: Kit>(&mut self, io: &mut Io<'_, K>) {
        let (now, Some(replication)) = (io.now(), &self.rest.replication) else { return };
        if !replication.is_synchronous() {
            return;
        }
        for id in self.inside(replication.primary(), io) {
            let work = &io.links.envelopes[id].work;
            let Doing::Sleeping { until } = work.doing else { continue };
            let Some(replication) = &mut self.rest.replication else { return };
            if work.marks.has(Mark::Follows) && until > now {
                let safe = replication.safe_from(id, now);
                if safe > until || until == Time::MAX {
                    self.wait_until(id, safe, io);
                }
            }
        }
    }

    /// What is at work between zones or at the replicas has changed: who can be reached by the
    /// primary now, and who could not be before.
    pub(crate) fn feel_links<K: Kit>(&mut self, io: &mut Io<'_, K>) {
        let (now, Some(replication)) = (io.now(), &self.rest.replication) else { return };
        let primary = replication.primary();
        let mut is_new = false;
        for number in (0..self.replicas.len() as u32).filter(|number| *number != primary) {
            let stands = [primary, number].map(|one| self.replicas[one as usize].knobs().stalled);
            let is_apart = io.links.are_apart(io.graph, self.id, (primary, number));
            self.catch_up(number, now);
            let Some(replication) = &mut self.rest.replication else { return };
            is_new |= replication.reaches(number, !is_apart && stands == [false; 2], now);
        }
        if is_new {
            self.take_in_all(io);
            self.wait_anew(io);
        }
    }

    /// The request of one who has changed something is over.
    #[inline(never)]
    pub(super) fn settle_changes<K: Kit>(&mut self, id: Id, answered: bool, io: &mut Io<'_, K>) {
        let Some(replication) = &mut self.rest.replication else { return };
        let since = io.links.envelopes[id].work.arrived;
        for _ in 0..replication.settle(id, since, answered) {
            self.note_at_store(id, AtStore::LostAcknowledged, io);
        }
    }

    /// A replica's process has started or died.
    pub(crate) fn replica_stands<K: Kit>(
        &mut self,
        number: u32,
        is_up: bool,
        callers: &mut Callers,
        io: &mut Io<'_, K>,
    ) {
        let Some(replication) = &self.rest.replication else { return };
        let is_primary = replication.primary() == number;
        match (is_up, is_primary) {
            (true, true) => self.primary_is_back(number, io),
            (true, false) => self.follower_is_back(number, io),
            (false, true) if replication.leads(number) => self.primary_is_gone(false, io),
            (false, true) => {}
            (false, false) => self.drop_out(number, callers, io),
        }
    }

    /// A replica may not lead from now on, or may again.
    pub(crate) fn exile<K: Kit>(
        &mut self,
        number: u32,
        exiled: bool,
        callers: &mut Callers,
        io: &mut Io<'_, K>,
    ) {
        let Some(replication) = &mut self.rest.replication else { return };
        if exiled && replication.leads(number) {
            self.primary_is_gone(true, io);
            self.fail_those_who_wait(number, callers, io);
        } else if !exiled && replication.exiled() == Some(number) {
            replication.recall();
            let is_primary = replication.primary() == number;
            if self.replicas[number as usize].is_up() {
                if is_primary {
                    self.primary_is_back(number, io);
                } else {
                    self.follower_is_back(number, io);
                }
            }
        }
    }

    /// Nobody will have any more what these have changed.
    fn fail_those_who_wait<K: Kit>(
        &mut self,
        number: u32,
        callers: &mut Callers,
        io: &mut Io<'_, K>,
    ) {
        let outcome = Outcome::error(ErrorKind::Failed, Done::Partly);
        for id in self.inside(number, io) {
            // One branch that fails takes the others with it.
            let own = io.links.envelopes.get(id);
            if own.is_some_and(|own| own.work.marks.has(Mark::Follows)) {
                self.leave_early(id, Leaving::Failed, Some(outcome), callers, io);
            }
        }
    }

    fn primary_is_gone<K: Kit>(&mut self, into_exile: bool, io: &mut Io<'_, K>) {
        let now = io.now();
        self.catch_up_all(now);
        let Some(replication) = &mut self.rest.replication else { return };
        replication.gone(now, into_exile);
        self.await_election(io);
    }

    fn await_election<K: Kit>(&self, io: &mut Io<'_, K>) {
        let at = self.rest.replication.as_ref().and_then(|own| own.promotes_at());
        if let Some(at) = at.filter(|at| *at < io.end) {
            io.queue.rarely(at, FAULT, Event::Faults.payload());
        }
    }

    /// A replica lives again that is not the primary: it is given what that has, or waits to take
    /// its place.
    fn follower_is_back<K: Kit>(&mut self, number: u32, io: &mut Io<'_, K>) {
        self.take_in(number, io);
        let now = io.now();
        if let Some(replication) = &mut self.rest.replication
            && replication.call_election(now)
        {
            self.await_election(io);
        }
    }

    /// The primary is there again before another has taken its place. One that comes back empty
    /// empties those who follow it.
    fn primary_is_back<K: Kit>(&mut self, number: u32, io: &mut Io<'_, K>) {
        let Some(replication) = &mut self.rest.replication else { return };
        if replication.leads(number) || replication.exiled() == Some(number) {
            return;
        }
        replication.resume();
        let stores = &io.graph.services[self.id.index()].stores;
        if stores.iter().any(|own| own.kind.is_replicated() && own.kind.is_volatile()) {
            let following: Vec<u32> = replication.following().collect();
            following.into_iter().for_each(|follower| replication.drop_out(follower));
            replication.clear();
        }
        self.take_in_all(io);
    }

    /// A replica that lives and does not follow is given all that the primary has, if that is
    /// there and reaches it, and follows from now on.
    fn take_in<K: Kit>(&mut self, number: u32, io: &mut Io<'_, K>) {
        let is_up = self.replicas[number as usize].is_up();
        let Some(replication) = &self.rest.replication else { return };
        let primary = replication.primary();
        let is_free = primary != number && replication.exiled() != Some(number);
        let is_reached = replication.leads(primary) && !replication.is_cut_off(number);
        if is_up && is_free && is_reached && !replication.follows(number) {
            self.copy(primary, number);
            if let Some(replication) = &mut self.rest.replication {
                replication.join(number);
            }
            self.wait_anew(io);
        }
    }

    fn take_in_all<K: Kit>(&mut self, io: &mut Io<'_, K>) {
        (0..self.replicas.len() as u32).for_each(|number| self.take_in(number, io));
    }

    /// Who waits for followers of which there are too few now fails, as does who comes.
    fn drop_out<K: Kit>(&mut self, number: u32, callers: &mut Callers, io: &mut Io<'_, K>) {
        self.catch_up(number, io.now());
        let Some(replication) = &mut self.rest.replication else { return };
        replication.drop_out(number);
        if replication.has_enough() {
            self.wait_anew(io);
        } else {
            let primary = replication.primary();
            self.fail_those_who_wait(primary, callers, io);
        }
    }

    /// Gives a replica what another one keeps.
    fn copy(&mut self, from: u32, to: u32) {
        let (from, to) = (from as usize, to as usize);
        let [from, to] = self.replicas.get_disjoint_mut([from, to]).expect("they are two replicas");
        if let (Some(from), (_, Some(to))) = (from.inlet(), to.parts()) {
            to.stores.iter_mut().zip(&from.stores).for_each(|(to, from)| Store::copy(to, from));
        }
    }

    /// Another replica takes the place of a primary that has been gone for long enough.
    pub(crate) fn fail_over<K: Kit>(&mut self, callers: &mut Callers, io: &mut Io<'_, K>) {
        let now = io.now();
        let Some(replication) = &self.rest.replication else { return };
        let is_due = replication.promotes_at().is_some_and(|at| at <= now);
        if !is_due {
            return;
        }
        let envelopes = &io.links.envelopes;
        let is_at_it = |id: Id| envelopes.get(id).is_some_and(|envelope| envelope.work.is_inside());
        let (replicas, Some(replication)) = (&self.replicas, &mut self.rest.replication) else {
            return;
        };
        let found = replication.promote(|number| replicas[number as usize].is_up(), is_at_it);
        let Some((primary, lost)) = found else { return };
        callers.promoted(self.id, primary, now);
        self.note_promotion(lost.writes, lost.acknowledged, io);
        self.feel_links(io);
        self.take_in_all(io);
    }

    fn note_promotion<K: Kit>(&self, writes: u64, acknowledged: u64, io: &mut Io<'_, K>) {
        self.note_of_service(AtStore::Promoted, io);
        (0..writes).for_each(|_| self.note_of_service(AtStore::LostWrite, io));
        (0..acknowledged).for_each(|_| self.note_of_service(AtStore::LostAcknowledged, io));
    }

    /// Changes of rows that stand, counted over the rows of the primary.
    pub(crate) fn writes_standing(&self) -> u64 {
        let Some(replication) = &self.rest.replication else { return 0 };
        let inlet = self.replicas[replication.primary() as usize].inlet();
        inlet.map_or(0, |inlet| inlet.stores.iter().map(Store::writes).sum())
    }
}

/// The request for which a branch, or a branch of a branch, does something, if that is still being
/// worked on.
fn request_of<K: Kit>(id: Id, io: &Io<'_, K>) -> Option<Id> {
    let mut at = id;
    loop {
        let envelope = io.links.envelopes.get(at)?;
        if !envelope.work.is_branch() {
            return envelope.work.is_inside().then_some(at);
        }
        at = envelope.call;
    }
}
