//! The queue and the workers where something is out of the ordinary: who is next, who is done.

use super::program::Op;
use super::{SHED, Service, is_waiting};
use crate::activation::{Doing, Hold, Mark};
use crate::caller::Callers;
use crate::envelope::{Envelope, Envelopes};
use crate::event::Event;
use crate::knobs::Config;
use crate::ledger::{AtInlet, Detail, Leaving, Row};
use crate::line::Waiter;
use crate::sharing::Share;
use crate::store::Store;
use crate::world::{Io, Kit, ORDINARY};
use brownout_core::draw::mix;
use brownout_core::queue::Rank;
use brownout_core::slab::Id;
use brownout_core::{Span, Time};

impl Service {
    /// Gives free workers to those who wait, and free places at the gates.
    #[inline(never)]
    pub(super) fn fill_from_inlet<K: Kit>(
        &mut self,
        number: u32,
        callers: &mut Callers,
        io: &mut Io<'_, K>,
    ) {
        loop {
            let replica = &self.replicas[number as usize];
            if replica.volatile.waiting > 0 && !replica.is_full() {
                self.take_up_next(number, callers, io);
            } else if !self.call_in(number, callers, io) {
                break;
            }
        }
        self.wind_up(number, io);
    }

    /// Who is next takes a worker, unless its time is up or it is shed.
    fn take_up_next<K: Kit>(&mut self, number: u32, callers: &mut Callers, io: &mut Io<'_, K>) {
        let (now, service, drops) = (io.now(), self.id, self.drop_expired);
        let (volatile, inlet) = self.replicas[number as usize].parts();
        let inlet = inlet.expect("where a service has inlets, each replica has one");
        let waits = |id| is_waiting(&io.links.envelopes, id);
        let id = volatile.queue.pop(inlet.order(), waits).expect("who waits is in the line");
        let envelope = &io.links.envelopes[id];
        let (arrived, is_late) = (envelope.work.arrived, now >= envelope.deadline());
        let left = envelope.work.interrupted();
        let step = envelope.work.step;
        let (is_first, endpoint) = (self.program.is_entry(step), self.program.endpoint(step));
        let is_shed = match &mut inlet.shed {
            Some(shed) if is_first => shed.dequeue(now, now - arrived),
            Some(_) | None => false,
        };
        if let Some(shed) = inlet.shed.as_mut().filter(|_| volatile.waiting == 1) {
            shed.emptied(now);
        }
        if is_shed || drops && is_late && left.is_none() {
            return self.leave_early(id, Leaving::Shed, Some(SHED), callers, io);
        }
        volatile.waiting -= 1;
        self.replicas[number as usize].take_worker::<_, false>(&mut io.queue);
        let work = &mut io.links.envelopes[id].work;
        work.holds.give_back(Hold::Place);
        work.move_on(Hold::Worker);
        let first = is_first.then_some(arrived);
        let what = AtInlet::Seated { waited: true, entered: false, first };
        io.record(Row::AtInlet { service, endpoint, what });
        io.tell(|io| {
            let &Envelope { lineage, to: at, .. } = &io.links.envelopes[id];
            Detail::Seated { lineage, at }
        });
        if is_first {
            self.start_statement(id, io);
        }
        match left {
            Some(left) => self.take_part(id, left, callers, io),
            None => self.advance(id, callers, io),
        }
    }

    /// Puts one who holds a place in the queue, for as long as it may wait.
    pub(super) fn line_up<K: Kit>(&mut self, id: Id, longest: Option<Span>, io: &mut Io<'_, K>) {
        let envelope = &io.links.envelopes[id];
        let (number, waiter) = (envelope.to.replica, waiter(envelope));
        let rules = self.rest.inlet.as_mut().expect("where there are inlets, they have rules");
        let patience = rules.patience(envelope.lineage);
        let queue_timeout = self.replicas[number as usize].queue_timeout();
        let own = [queue_timeout, longest].into_iter().flatten().min();
        let own = own.map(|span| self.rest.clock.true_span(span));
        let event = Event::Service(id.place() as u32).payload();
        let timer = match (own, patience) {
            (None, None) => Rank::NONE,
            (Some(own), None) => io.queue.after_constant(own, ORDINARY, event),
            (own, Some(patience)) => {
                let span = own.map_or(patience, |own| own.min(patience));
                io.queue.at(io.queue.now().saturating_add(span), ORDINARY, event)
            }
        };
        let work = &mut io.links.envelopes[id].work;
        (work.doing, work.timer) = (Doing::Waiting, timer);
        let volatile = &mut self.replicas[number as usize].volatile;
        volatile.waiting += 1;
        volatile.queue.push(id, waiter);
    }

    /// The next step is work: the worker that an activation holds takes it up, or it waits again.
    #[inline(never)]
    pub(super) fn work_in_inlet<K: Kit>(&mut self, id: Id, callers: &Callers, io: &mut Io<'_, K>) {
        let has_worker = io.links.envelopes[id].work.holds.has(Hold::Worker);
        if !has_worker && !self.take_over_worker(id, io) {
            return self.wait_again(id, io);
        }
        let envelope = &mut io.links.envelopes[id];
        let (piece, lineage) = match self.program.ops[usize::from(envelope.work.step)] {
            Op::Work(piece) => (piece, envelope.lineage),
            Op::Again { piece, key } => (piece, mix(envelope.lineage, key)),
            _ => unreachable!("the step is work"),
        };
        let work = self.program.pieces[usize::from(piece)].draw(lineage);
        envelope.work.step += 1;
        self.take_part(id, work, callers, io);
    }

    /// Work begins, or goes on.
    fn take_part<K: Kit>(&mut self, id: Id, work: Span, callers: &Callers, io: &mut Io<'_, K>) {
        let (now, envelope) = (io.now(), &mut io.links.envelopes[id]);
        let (_, inlet) = self.inlet_of(envelope.to.replica);
        let share = inlet.sharing.join(now, id, work);
        (envelope.work.doing, envelope.work.timer) = (Doing::Sharing(share), Rank::NONE);
        let (lineage, at) = (envelope.lineage, envelope.to);
        io.tell(|_| Detail::WorkBegan { lineage, at });
        if self.attends {
            self.attend(id, callers, io);
        }
    }

    /// Work is broken off.
    pub(super) fn part<K: Kit>(&mut self, id: Id, share: Share, io: &mut Io<'_, K>) {
        let (now, service) = (io.now(), self.id);
        let envelope = &mut io.links.envelopes[id];
        let endpoint = self.program.endpoint(envelope.work.step);
        let took = self.inlet_of(envelope.to.replica).1.sharing.part(now, id, share);
        envelope.work.doing = Doing::Stepping;
        let (lineage, dead) = (envelope.lineage, envelope.work.marks.has(Mark::Dead));
        io.record(Row::WorkStopped { service, endpoint, lineage, took, dead });
    }

    /// The work of the one whose timer stood for all is done, or somebody's deadline has come.
    pub(super) fn share_woken<K: Kit>(
        &mut self,
        id: Id,
        share: Share,
        callers: &mut Callers,
        io: &mut Io<'_, K>,
    ) {
        if self.is_deadline(id, io) {
            return self.expire(id, callers, io);
        }
        let (now, service) = (io.now(), self.id);
        let for_nobody = io.log.ledger.wants_waste() && !callers.is_wanted(id, &io.links.envelopes);
        let envelope = &mut io.links.envelopes[id];
        let (number, lineage, work) = (envelope.to.replica, envelope.lineage, &mut envelope.work);
        let endpoint = self.program.endpoint(work.step);
        let took = self.inlet_of(number).1.sharing.complete(now, share);
        work.served = work.served + (now - share.began);
        (work.doing, work.timer) = (Doing::Stepping, Rank::NONE);
        let dead = work.marks.has(Mark::Dead);
        io.record(Row::WorkDone { service, endpoint, lineage, took, for_nobody, dead });
        if self.replicas[number as usize].is_fallible() {
            self.advance_if_well(id, callers, io);
        } else {
            self.advance(id, callers, io);
        }
    }

    /// Everybody has what is there: says how many workers are in use, and sets the timer of who is
    /// done next.
    pub(super) fn wind_up<K: Kit>(&mut self, number: u32, io: &mut Io<'_, K>) {
        let service = self.id;
        let (volatile, inlet) = self.inlet_of(number);
        let step = inlet.sharing.change_in_use(volatile.busy);
        if step != 0 {
            let (endpoint, what) = (None, AtInlet::InUse { step });
            io.record(Row::AtInlet { service, endpoint, what });
        }
        let envelopes = &mut io.links.envelopes;
        let Some((before, next)) = inlet.sharing.change_next(|id, is| is_here(envelopes, id, is))
        else {
            return;
        };
        if let Some(work) = envelopes.get_mut(before).map(|envelope| &mut envelope.work)
            && matches!(work.doing, Doing::Sharing(_))
        {
            work.timer = Rank::NONE;
        }
        if let Some((id, at)) = next {
            let event = Event::Service(id.place() as u32).payload();
            envelopes[id].work.timer = io.queue.at(at, ORDINARY, event);
        }
        if self.rest.stops_at_deadline {
            let next = next.map_or(Id::NONE, |next| next.0);
            for id in [before, next] {
                let envelope = io.links.envelopes.get(id);
                if envelope.is_some_and(|is| matches!(is.work.doing, Doing::Sharing(_))) {
                    self.mind_deadline(id, io);
                }
            }
        }
    }

    /// Faults have changed the pace of a replica, or the number of its workers.
    pub(crate) fn retune<K: Kit>(&mut self, number: u32, io: &Io<'_, K>) {
        let replica = &mut self.replicas[number as usize];
        let knobs = replica.knobs();
        let (workers, pace) = (knobs.workers_of(replica.config()), knobs.pace);
        if let (_, Some(inlet)) = replica.parts() {
            inlet.sharing.retune(io.now(), workers, pace);
        }
    }

    /// A replica's process starts anew.
    pub(crate) fn renew_inlet(&mut self, number: u32, now: Time) {
        let replica = &mut self.replicas[number as usize];
        let (knobs, config) = (*replica.knobs(), *replica.config());
        let config = Config { workers: knobs.workers_of(&config), ..config };
        let rules = self.rest.inlet.as_deref();
        let mut inlet = rules.map(|rules| rules.inlet(number, config, knobs.pace, Some(now)));
        if let (Some(new), (_, Some(old))) = (&mut inlet, replica.parts()) {
            new.stores = old.stores.drain(..).map(Store::reboot).collect();
        }
        replica.renew(inlet);
    }
}

/// What the line has to know about one who waits.
pub(super) fn waiter(envelope: &Envelope) -> Waiter {
    let (class, deadline) = (envelope.class().index(), envelope.deadline());
    Waiter { class, deadline }
}

/// Whether a name stands for one in service that came with this number.
fn is_here(envelopes: &Envelopes, id: Id, number: u32) -> bool {
    let doing = envelopes.get(id).map(|envelope| envelope.work.doing);
    matches!(doing, Some(Doing::Sharing(share)) if share.is(number))
}
