//! How an activation ends: at its script's end, by a cancel, or with its process.

use super::{Service, is_waiting};
use crate::activation::{Doing, Mark};
use crate::caller::Callers;
use crate::envelope::Envelope;
use crate::ledger::{Leaving, Row};
use crate::world::{Io, Kit};
use brownout_core::slab::Id;
use brownout_policies::outcome::Outcome;

impl Service {
    /// A caller no longer wants an answer to its attempt, the request in this envelope. That may be
    /// gone; and what was never on the way, for want of a connection that lives, is in none.
    pub fn cancel<K: Kit>(
        &mut self,
        (id, leaf): (Id, Id),
        callers: &mut Callers,
        io: &mut Io<'_, K>,
    ) {
        let Some(envelope) = io.links.envelopes.get(id).filter(|is| is.leaf == leaf) else {
            return;
        };
        let number = envelope.to.replica;
        if self.stops_when_cancelled(envelope.work.doing) {
            self.stop(id, callers, io);
            self.leave_early(id, Leaving::Cancelled, None, callers, io);
            self.fill(number, callers, io);
        }
    }

    /// Breaks off what an activation is doing: its call is abandoned, its work so far was in vain,
    /// its branches are cancelled.
    pub(crate) fn stop<K: Kit>(&mut self, id: Id, callers: &mut Callers, io: &mut Io<'_, K>) {
        match io.links.envelopes[id].work.doing {
            Doing::Joining(fork) => self.dissolve(fork, callers, io),
            _ => self.break_off(id, callers, io),
        }
    }

    /// As [`Service::stop`], but branches are left alone: they die in their own turn.
    pub(crate) fn break_off<K: Kit>(&mut self, id: Id, callers: &mut Callers, io: &mut Io<'_, K>) {
        match io.links.envelopes[id].work.doing {
            Doing::Travelling
            | Doing::Failing(_)
            | Doing::Waiting
            | Doing::AtDoor
            | Doing::Interrupted { .. }
            | Doing::Stepping
            | Doing::Sleeping { .. } => {}
            Doing::Locking { .. } => self.stop_waiting(id, io),
            Doing::Joining(fork) => self.rest.forks.forget(fork),
            Doing::Sharing(share) => self.part(id, share, io),
            Doing::Calling(asked) => callers.abandon(asked, io),
            Doing::Working { began, .. } => {
                let took = io.now() - began;
                let &Envelope { lineage, work, .. } = &io.links.envelopes[id];
                let (service, endpoint) = (self.id, self.program.endpoint(work.step));
                let dead = work.marks.has(Mark::Dead);
                io.record(Row::WorkStopped { service, endpoint, lineage, took, dead });
            }
        }
    }

    /// Ends an activation in any way but the usual one.
    #[inline(never)]
    pub(crate) fn leave_early<K: Kit>(
        &mut self,
        id: Id,
        how: Leaving,
        outcome: Option<Outcome>,
        callers: &mut Callers,
        io: &mut Io<'_, K>,
    ) {
        if outcome.is_none() && io.links.effects.are_kept() {
            self.note_broken_off(id, io);
        }
        let envelope = &mut io.links.envelopes[id];
        if envelope.work.is_branch() {
            return match outcome {
                Some(outcome) => self.branch_over(id, Err((how, outcome)), callers, io),
                None => self.leave_branch(id, how, io),
            };
        }
        let number = envelope.to.replica;
        if self.rest.inlet.is_some() {
            self.leave_inlet(id, how, io);
        } else {
            let endpoint = self.program.endpoint(envelope.work.step);
            let replica = &mut self.replicas[number as usize];
            let left = envelope.leave(replica, endpoint, how, io.queue.now());
            io.record(left);
        }
        self.forget_those_who_left(number, io);
        match outcome {
            Some(outcome) => io.reply(id, outcome),
            None => io.links.envelopes.discard(id),
        }
    }

    /// Keeps the queue from filling up with names of those who have left it.
    pub(super) fn forget_those_who_left<K: Kit>(&mut self, number: u32, io: &mut Io<'_, K>) {
        let volatile = &mut self.replicas[number as usize].volatile;
        if volatile.has_left_many() {
            volatile.queue.retain(|id| is_waiting(&io.links.envelopes, id));
        }
    }
}
