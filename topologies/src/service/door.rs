//! The door of a service, and the queue behind it.

use super::program::Op;
use super::{ERROR_AT_ONCE, Service};
use crate::activation::{Activation, Hold};
use crate::caller::Callers;
use crate::graph::FullQueue;
use crate::ledger::{Leaving, Row};
use crate::world::{Io, Kit};
use brownout_core::slab::Id;
use brownout_policies::outcome::{Done, ErrorKind, Outcome};

impl Service {
    /// A request has arrived.
    #[inline(always)]
    pub fn deliver<K: Kit>(&mut self, id: Id, callers: &mut Callers, io: &mut Io<'_, K>) {
        let replica = &self.replicas[io.links.envelopes[id].to.replica as usize];
        if self.minds_moments && replica.is_open() && self.comes_too_late(id, io) {
            return;
        }
        let replica = &self.replicas[io.links.envelopes[id].to.replica as usize];
        if replica.is_open() {
            self.enter(id, callers, io);
        } else if self.pass_door(id, io) {
            self.enter_sick(id, callers, io);
        }
    }

    #[cold]
    #[inline(never)]
    fn enter_sick<K: Kit>(&mut self, id: Id, callers: &mut Callers, io: &mut Io<'_, K>) {
        self.enter(id, callers, io);
    }

    /// A request that the door lets in takes a worker or waits for one.
    #[inline(always)]
    fn enter<K: Kit>(&mut self, id: Id, callers: &mut Callers, io: &mut Io<'_, K>) {
        let Io { queue, log, links, .. } = io;
        let envelope = &mut links.envelopes[id];
        let replica = &mut self.replicas[envelope.to.replica as usize];
        let (now, service) = (queue.now(), self.id);
        let endpoint = self.program.endpoint(envelope.work.step);
        if replica.takes_at_once() {
            if self.heeds_cancels {
                self.serving.remember(envelope.leaf, id);
            }
            replica.volatile.busy += 1;
            envelope.work.begin(now, Hold::Worker);
            log.record(now, Row::Entered { service, endpoint, at_work: true });
            match &mut self.program.ops[usize::from(envelope.work.step)] {
                Op::Work(piece) => {
                    piece.begin(id, envelope.lineage, envelope, replica.pace(), queue);
                    if self.attends {
                        self.attend(id, callers, io);
                    }
                }
                _ => {
                    let number = envelope.to.replica;
                    self.advance(id, callers, io);
                    self.fill(number, callers, io);
                }
            }
        } else if replica.has_place() {
            if self.heeds_cancels {
                self.serving.remember(envelope.leaf, id);
            }
            envelope.work.begin(now, Hold::Place);
            log.record(now, Row::Entered { service, endpoint, at_work: false });
            replica.line_up(id, &mut envelope.work, self.clock, queue);
        } else {
            self.turn_away(id, io);
        }
    }

    /// What a sick replica does with an arrival; whether it may come in.
    #[cold]
    #[inline(never)]
    fn pass_door<K: Kit>(&mut self, id: Id, io: &mut Io<'_, K>) -> bool {
        let service = self.id;
        let envelope = &io.links.envelopes[id];
        let (lineage, number) = (envelope.lineage, envelope.to.replica);
        let endpoint = self.program.endpoint(envelope.work.step);
        let knobs = *self.replicas[number as usize].knobs();
        if !knobs.up {
            if knobs.silent {
                io.record(Row::DoorLost { service, endpoint, lineage });
                io.links.envelopes.discard(id);
            } else {
                io.record(Row::DoorRefused { service, endpoint, lineage });
                io.reply(id, Outcome::REFUSED);
            }
            return false;
        }
        let mut draws = self.stream.member(ERROR_AT_ONCE).draws(lineage);
        if knobs.errors_at_once > 0.0 && draws.unit() < knobs.errors_at_once {
            io.record(Row::DoorFailed { service, endpoint, lineage });
            io.reply(id, Outcome::error(ErrorKind::Failed, Done::Nothing));
            return false;
        }
        true
    }

    /// What a full queue does.
    #[inline(never)]
    fn turn_away<K: Kit>(&mut self, id: Id, io: &mut Io<'_, K>) {
        let envelope = &io.links.envelopes[id];
        let (service, lineage) = (self.id, envelope.lineage);
        let endpoint = self.program.endpoint(envelope.work.step);
        match self.full_queue {
            FullQueue::Refuse => {
                io.record(Row::DoorRefused { service, endpoint, lineage });
                io.reply(id, Outcome::REFUSED);
            }
            FullQueue::Lose => {
                io.record(Row::DoorLost { service, endpoint, lineage });
                io.links.envelopes.discard(id);
            }
        }
    }

    /// Gives free workers to those who wait.
    #[inline(always)]
    pub(crate) fn fill<K: Kit>(&mut self, number: u32, callers: &mut Callers, io: &mut Io<'_, K>) {
        while self.replicas[number as usize].can_take_up() {
            self.take_up(number, callers, io);
        }
    }

    /// The head of the queue takes a worker, unless it has left or its time is up.
    #[inline(always)]
    fn take_up<K: Kit>(&mut self, number: u32, callers: &mut Callers, io: &mut Io<'_, K>) {
        let Io { queue, log, links, .. } = io;
        let replica = &mut self.replicas[number as usize];
        let id = replica.volatile.queue.pop_front().expect("who waits is in the queue");
        let Some(envelope) = links.envelopes.get_mut(id) else { return };
        if !envelope.work.holds.has(Hold::Place) {
            return;
        }
        if self.drop_expired && queue.now() >= envelope.deadline() {
            let outcome = Outcome::error(ErrorKind::Shed, Done::Nothing);
            return self.leave_early(id, Leaving::Shed, Some(outcome), callers, io);
        }
        replica.volatile.waiting -= 1;
        replica.volatile.busy += 1;
        envelope.work.take_up();
        let Activation { step, arrived, .. } = envelope.work;
        let first = self.program.is_entry(step).then_some(arrived);
        let (service, endpoint) = (self.id, self.program.endpoint(step));
        log.record(queue.now(), Row::TookWorker { service, endpoint, first });
        match &mut self.program.ops[usize::from(step)] {
            Op::Work(piece) => {
                piece.begin(id, envelope.lineage, envelope, replica.pace(), queue);
                if self.attends {
                    self.attend(id, callers, io);
                }
            }
            _ => self.advance(id, callers, io),
        }
    }
}
