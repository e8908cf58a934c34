//! The door of a service, and the queue behind it.

use super::{Arrival, Compiled, ERROR_AT_ONCE, Service, is_waiting};
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
    pub fn deliver<H: Heap>(
        &mut self,
        arrival: &Arrival,
        callers: &mut Callers,
        io: &mut Io<'_, H>,
    ) {
        let &Arrival { request, replica: number, leaf, lineage } = arrival;
        let mut replica = &mut self.replicas[number as usize];
        if !replica.is_open() {
            if !self.pass_door(request, io) {
                return;
            }
            replica = &mut self.replicas[number as usize];
        }
        let at_work = replica.volatile.waiting == 0 && replica.has_worker();
        if !at_work && replica.volatile.waiting >= replica.config().queue_limit {
            return self.turn_away(request, io);
        }
        let doing = if at_work { Doing::Stepping } else { Doing::Waiting { timer: None } };
        let id = self.activations.insert(Activation {
            request,
            lineage,
            arrived: io.now(),
            served: Span::ZERO,
            replica: number,
            step: 0,
            holds: Holds::only(if at_work { Hold::Worker } else { Hold::Place }),
            doing,
        });
        io.record(Row::Entered { service: self.id, at_work });
        if at_work {
            replica.volatile.busy += 1;
        } else {
            replica.volatile.waiting += 1;
            replica.volatile.queue.push_back(id);
        }
        let timed = replica.config().queue_timeout.is_some();
        if self.heeds_cancels() {
            self.remember(leaf, id);
        }
        if at_work {
            self.advance(id, callers, io);
        } else if timed || self.is_overgrown(number) {
            self.begin_wait(id, number, io);
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
    pub(super) fn enqueue<H: Heap>(&mut self, id: Id, number: u32, io: &mut Io<'_, H>) {
        self.activations[id].doing = Doing::Waiting { timer: None };
        let volatile = &mut self.replicas[number as usize].volatile;
        volatile.waiting += 1;
        volatile.queue.push_back(id);
        self.begin_wait(id, number, io);
    }

    /// Whether most of what the queue names has left.
    #[inline]
    fn is_overgrown(&self, number: u32) -> bool {
        let volatile = &self.replicas[number as usize].volatile;
        volatile.queue.len() > 64 && volatile.queue.len() / 2 > volatile.waiting as usize
    }

    /// Starts the clock of a wait that may not last for ever, and clears the queue of names of
    /// those who have left.
    #[inline(never)]
    fn begin_wait<H: Heap>(&mut self, id: Id, number: u32, io: &mut Io<'_, H>) {
        if let Some(timeout) = self.replicas[number as usize].config().queue_timeout {
            let event = Event::Wake(Node::Service(self.id), id);
            let after = self.clock.true_span(timeout);
            let timer = Some(io.queue.after_constant(after, ORDINARY, event));
            self.activations[id].doing = Doing::Waiting { timer };
        }
        if self.is_overgrown(number) {
            let activations = &self.activations;
            let queue = &mut self.replicas[number as usize].volatile.queue;
            queue.retain(|&id| is_waiting(activations, id));
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
            let Some(activation) = self.activations.get_mut(head) else { continue };
            if !activation.holds.has(Hold::Place) {
                continue;
            }
            let is_expired = || io.now() >= activation.deadline(io.envelope(activation.request));
            if self.drop_expired && is_expired() {
                let outcome = Outcome::error(ErrorKind::Shed, Done::Nothing);
                self.leave(head, Leaving::Shed, Some(outcome), io);
                continue;
            }
            replica.volatile.waiting -= 1;
            replica.volatile.busy += 1;
            activation.holds.give_back(Hold::Place);
            activation.holds.take(Hold::Worker);
            if let Doing::Waiting { timer: Some(timer) } = activation.doing {
                io.queue.cancel(timer);
            }
            let first = (activation.step == 0).then_some(activation.arrived);
            io.record(Row::TookWorker { service: self.id, first });
            match self.script.get_mut(usize::from(activation.step)) {
                Some(Compiled::Work(work)) => {
                    work.begin(activation, self.id, head, replica.knobs().pace, io);
                }
                Some(Compiled::Call(_)) | None => {
                    activation.doing = Doing::Stepping;
                    self.advance(head, callers, io);
                }
            }
        }
    }
}
