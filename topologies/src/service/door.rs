//! The door of a service, and the queue behind it.

use super::{ERROR_AT_ONCE, Service, is_waiting};
use crate::activation::{Activation, Doing, Hold, Holds};
use crate::caller::Callers;
use crate::envelope::Envelope;
use crate::graph::FullQueue;
use crate::ledger::{Leaving, Row};
use crate::world::{Event, Io, Node, ORDINARY};
use brownout_core::Span;
use brownout_core::heap::Heap;
use brownout_core::slab::Id;
use brownout_policies::outcome::{Done, ErrorKind, Outcome};

impl Service {
    /// A request has arrived.
    #[inline]
    pub fn deliver<H: Heap>(&mut self, request: Id, callers: &mut Callers, io: &mut Io<'_, H>) {
        let &Envelope { to, leaf, lineage, .. } = io.envelope(request);
        let number = to.replica;
        if !self.replicas[number as usize].is_open() && !self.pass_door(request, io) {
            return;
        }
        let replica = &mut self.replicas[number as usize];
        let at_work = replica.volatile.waiting == 0 && replica.has_worker();
        if !at_work && replica.volatile.waiting >= replica.config().queue_limit {
            return self.turn_away(request, io);
        }
        replica.volatile.busy += u32::from(at_work);
        let id = self.activations.insert(Activation {
            request,
            lineage,
            arrived: io.now(),
            served: Span::ZERO,
            replica: number,
            step: 0,
            holds: Holds::only(if at_work { Hold::Worker } else { Hold::Place }),
            doing: Doing::Stepping,
        });
        if self.heeds_cancels() {
            self.remember(leaf, id);
        }
        io.record(Row::Entered { service: self.id, at_work });
        if at_work {
            self.advance(id, callers, io);
        } else {
            self.enqueue(id, number, io);
        }
    }

    /// What a sick replica does with an arrival; whether it may come in.
    #[cold]
    #[inline(never)]
    fn pass_door<H: Heap>(&mut self, request: Id, io: &mut Io<'_, H>) -> bool {
        let &Envelope { to, lineage, .. } = io.envelope(request);
        let (service, number) = (self.id, to.replica);
        let knobs = *self.replicas[number as usize].knobs();
        if !knobs.up {
            if knobs.silent {
                io.record(Row::DoorLost { service, lineage });
                io.throw_away(request);
            } else {
                io.record(Row::DoorRefused { service, lineage });
                self.answer(request, number, Outcome::REFUSED, io);
            }
            return false;
        }
        let mut draws = self.stream.member(ERROR_AT_ONCE).draws(lineage);
        if knobs.errors_at_once > 0.0 && draws.unit() < knobs.errors_at_once {
            io.record(Row::DoorFailed { service, lineage });
            let outcome = Outcome::error(ErrorKind::Failed, Done::Nothing);
            self.answer(request, number, outcome, io);
            return false;
        }
        true
    }

    /// What a full queue does.
    #[inline(never)]
    fn turn_away<H: Heap>(&mut self, request: Id, io: &mut Io<'_, H>) {
        let &Envelope { to, lineage, .. } = io.envelope(request);
        let service = self.id;
        match self.full_queue {
            FullQueue::Refuse => {
                io.record(Row::DoorRefused { service, lineage });
                self.answer(request, to.replica, Outcome::REFUSED, io);
            }
            FullQueue::Lose => {
                io.record(Row::DoorLost { service, lineage });
                io.throw_away(request);
            }
        }
    }

    /// Puts an activation that holds a place at the end of the queue.
    #[inline]
    pub(super) fn enqueue<H: Heap>(&mut self, id: Id, number: u32, io: &mut Io<'_, H>) {
        let replica = &mut self.replicas[number as usize];
        let timer = replica.config().queue_timeout.map(|timeout| {
            let event = Event::Wake(Node::Service(self.id), id);
            io.queue.after_constant(self.clock.true_span(timeout), ORDINARY, event)
        });
        self.activations[id].doing = Doing::Waiting { timer };
        let volatile = &mut replica.volatile;
        volatile.waiting += 1;
        volatile.queue.push_back(id);
        if volatile.queue.len() > 64 && volatile.queue.len() / 2 > volatile.waiting as usize {
            let activations = &self.activations;
            volatile.queue.retain(|&id| is_waiting(activations, id));
        }
    }

    /// Gives free workers to those who wait.
    #[inline]
    pub(crate) fn fill<H: Heap>(&mut self, number: u32, callers: &mut Callers, io: &mut Io<'_, H>) {
        loop {
            let replica = &mut self.replicas[number as usize];
            if replica.volatile.waiting == 0 || !replica.has_worker() {
                return;
            }
            let head = replica.volatile.queue.pop_front().expect("who waits is in the queue");
            if !is_waiting(&self.activations, head) {
                continue;
            }
            self.take_up(head, number, callers, io);
        }
    }

    /// The head of the queue takes a worker, unless its time is up.
    #[inline]
    fn take_up<H: Heap>(
        &mut self,
        head: Id,
        number: u32,
        callers: &mut Callers,
        io: &mut Io<'_, H>,
    ) {
        if self.drop_expired && self.is_expired(head, io) {
            let outcome = Outcome::error(ErrorKind::Shed, Done::Nothing);
            return self.leave(head, Leaving::Shed, Some(outcome), io);
        }
        let volatile = &mut self.replicas[number as usize].volatile;
        volatile.waiting -= 1;
        volatile.busy += 1;
        let activation = &mut self.activations[head];
        activation.holds.give_back(Hold::Place);
        activation.holds.take(Hold::Worker);
        if let Doing::Waiting { timer: Some(timer) } = activation.doing {
            io.queue.cancel(timer);
        }
        activation.doing = Doing::Stepping;
        let first = (activation.step == 0).then_some(activation.arrived);
        io.record(Row::TookWorker { service: self.id, first });
        self.advance(head, callers, io);
    }

    /// Whether the time of whoever asked is up.
    fn is_expired<H: Heap>(&self, id: Id, io: &Io<'_, H>) -> bool {
        let activation = &self.activations[id];
        io.now() >= activation.deadline(io.envelope(activation.request))
    }
}
