//! The door of a service, and the queue behind it.

use super::{ERROR_AT_ONCE, Service, is_waiting};
use crate::activation::{Doing, Hold};
use crate::caller::Callers;
use crate::graph::FullQueue;
use crate::ledger::{Leaving, Row};
use crate::world::{Event, Io, Node, ORDINARY};
use brownout_core::heap::Heap;
use brownout_core::queue::Ticket;
use brownout_core::slab::Id;
use brownout_policies::outcome::{Done, ErrorKind, Outcome};

impl Service {
    /// A request has arrived.
    #[inline(always)]
    pub fn deliver<H: Heap>(&mut self, id: Id, callers: &mut Callers, io: &mut Io<'_, H>) {
        let number = io.links.envelopes[id].to.replica;
        if !self.replicas[number as usize].is_open() && !self.pass_door(id, io) {
            return;
        }
        let (service, envelope) = (self.id, &mut io.links.envelopes[id]);
        let replica = &mut self.replicas[number as usize];
        let at_work = replica.takes_at_once();
        if !at_work && !replica.has_place() {
            return self.turn_away(id, io);
        }
        replica.volatile.busy += u32::from(at_work);
        envelope.work.begin(io.now, if at_work { Hold::Worker } else { Hold::Place });
        if self.heeds_cancels {
            let leaf = envelope.leaf;
            self.remember(leaf, id);
        }
        io.ledger.record(io.now, Row::Entered { service, at_work });
        if at_work {
            self.advance(id, callers, io);
        } else {
            self.enqueue(id, number, io);
        }
    }

    /// What a sick replica does with an arrival; whether it may come in.
    #[cold]
    #[inline(never)]
    fn pass_door<H: Heap>(&mut self, id: Id, io: &mut Io<'_, H>) -> bool {
        let (service, now) = (self.id, io.now);
        let envelope = &io.links.envelopes[id];
        let (lineage, number) = (envelope.lineage, envelope.to.replica);
        let knobs = *self.replicas[number as usize].knobs();
        if !knobs.up {
            if knobs.silent {
                io.ledger.record(now, Row::DoorLost { service, lineage });
                io.links.envelopes.discard(id);
            } else {
                io.ledger.record(now, Row::DoorRefused { service, lineage });
                self.answer(id, Outcome::REFUSED, io);
            }
            return false;
        }
        let mut draws = self.stream.member(ERROR_AT_ONCE).draws(lineage);
        if knobs.errors_at_once > 0.0 && draws.unit() < knobs.errors_at_once {
            io.ledger.record(now, Row::DoorFailed { service, lineage });
            self.answer(id, Outcome::error(ErrorKind::Failed, Done::Nothing), io);
            return false;
        }
        true
    }

    /// What a full queue does.
    #[inline(never)]
    fn turn_away<H: Heap>(&mut self, id: Id, io: &mut Io<'_, H>) {
        let (service, lineage) = (self.id, io.links.envelopes[id].lineage);
        match self.full_queue {
            FullQueue::Refuse => {
                io.ledger.record(io.now, Row::DoorRefused { service, lineage });
                self.answer(id, Outcome::REFUSED, io);
            }
            FullQueue::Lose => {
                io.ledger.record(io.now, Row::DoorLost { service, lineage });
                io.links.envelopes.discard(id);
            }
        }
    }

    /// Puts an activation that holds a place at the end of the queue.
    #[inline(always)]
    pub(super) fn enqueue<H: Heap>(&mut self, id: Id, number: u32, io: &mut Io<'_, H>) {
        let replica = &mut self.replicas[number as usize];
        let mut timer = Ticket::NONE;
        if let Some(timeout) = replica.queue_timeout() {
            let event = Event::Wake(Node::Service(self.id), id);
            timer = io.queue.after_constant(self.clock.true_span(timeout), ORDINARY, event);
        }
        io.links.envelopes[id].work.doing = Doing::Waiting { timer };
        let volatile = &mut replica.volatile;
        volatile.waiting += 1;
        volatile.queue.push_back(id);
        if volatile.queue.len() > 64 && volatile.queue.len() / 2 > volatile.waiting as usize {
            volatile.queue.retain(|&id| is_waiting(&io.links.envelopes, id));
        }
    }

    /// Gives free workers to those who wait.
    #[inline(always)]
    pub(crate) fn fill<H: Heap>(&mut self, number: u32, callers: &mut Callers, io: &mut Io<'_, H>) {
        while self.replicas[number as usize].can_take_up() {
            self.take_up(number, callers, io);
        }
    }

    /// The head of the queue takes a worker, unless it has left or its time is up.
    #[inline(never)]
    fn take_up<H: Heap>(&mut self, number: u32, callers: &mut Callers, io: &mut Io<'_, H>) {
        let volatile = &mut self.replicas[number as usize].volatile;
        let head = volatile.queue.pop_front().expect("who waits is in the queue");
        let Some(envelope) = io.links.envelopes.get_mut(head) else { return };
        if !envelope.work.holds.has(Hold::Place) {
            return;
        }
        if self.drop_expired && io.now >= envelope.deadline() {
            let outcome = Outcome::error(ErrorKind::Shed, Done::Nothing);
            return self.leave_early(head, Leaving::Shed, Some(outcome), io);
        }
        volatile.waiting -= 1;
        volatile.busy += 1;
        let work = &mut envelope.work;
        work.holds.give_back(Hold::Place);
        work.holds.take(Hold::Worker);
        if let Doing::Waiting { timer } = work.doing {
            io.queue.cancel(timer);
        }
        work.doing = Doing::Stepping;
        let first = (work.step == 0).then_some(work.arrived);
        io.ledger.record(io.now, Row::TookWorker { service: self.id, first });
        self.advance(head, callers, io);
    }
}
