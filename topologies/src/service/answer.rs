//! How an activation ends: at its script's end, by a cancel, or with its process.

use super::Service;
use crate::activation::{Doing, Hold, Holds};
use crate::caller::Callers;
use crate::graph::{CancelInService, CancelQueued};
use crate::ledger::{Leaving, Row};
use crate::world::Io;
use brownout_core::heap::Heap;
use brownout_core::slab::Id;
use brownout_policies::outcome::Outcome;

impl Service {
    /// A caller no longer wants an answer.
    pub fn cancel<H: Heap>(&mut self, leaf: Id, callers: &mut Callers, io: &mut Io<'_, H>) {
        let Some(&id) = self.serving.get(leaf.place()) else { return };
        let Some(envelope) = io.links.envelopes.get(id).filter(|is| is.leaf == leaf) else {
            return;
        };
        let number = envelope.to.replica;
        let stops = match envelope.work.doing {
            Doing::Travelling => false,
            Doing::Waiting { .. } => self.cancel_queued == CancelQueued::Remove,
            Doing::Stepping | Doing::Working { .. } | Doing::Calling(_) => {
                self.cancel_in_service == CancelInService::Stop
            }
        };
        if stops {
            self.stop(id, callers, io);
            self.leave_early(id, Leaving::Cancelled, None, io);
            self.fill(number, callers, io);
        }
    }

    /// Breaks off what an activation is doing: its call is abandoned, its work so far was in vain.
    pub(crate) fn stop<H: Heap>(&mut self, id: Id, callers: &mut Callers, io: &mut Io<'_, H>) {
        match io.links.envelopes[id].work.doing {
            Doing::Travelling | Doing::Waiting { .. } | Doing::Stepping => {}
            Doing::Calling(asked) => callers.abandon(asked, io),
            Doing::Working { began, .. } => {
                let took = io.now - began;
                io.ledger.record(io.now, Row::WorkStopped { service: self.id, took });
            }
        }
    }

    /// Ends an activation in any way but the usual one.
    #[inline(never)]
    pub(crate) fn leave_early<H: Heap>(
        &mut self,
        id: Id,
        how: Leaving,
        outcome: Option<Outcome>,
        io: &mut Io<'_, H>,
    ) {
        self.leave(id, how, io);
        match outcome {
            Some(outcome) => self.answer(id, outcome, io),
            None => io.links.envelopes.discard(id),
        }
    }

    /// Ends an activation: unwinds what it holds and says so. Its envelope is to be answered, sent
    /// onward or thrown away.
    #[inline(always)]
    pub(super) fn leave<H: Heap>(&mut self, id: Id, how: Leaving, io: &mut Io<'_, H>) {
        let envelope = &mut io.links.envelopes[id];
        let (lineage, number, work) = (envelope.lineage, envelope.to.replica, &mut envelope.work);
        let (arrived, served, held) = (work.arrived, work.served, work.holds);
        if let Doing::Waiting { timer } | Doing::Working { timer, .. } = work.doing {
            io.queue.cancel(timer);
        }
        work.doing = Doing::Travelling;
        work.holds = Holds::default();
        let volatile = &mut self.replicas[number as usize].volatile;
        for hold in Hold::ALL.into_iter().filter(|hold| held.has(*hold)) {
            match hold {
                Hold::Worker => volatile.busy -= 1,
                Hold::Place => volatile.waiting -= 1,
            }
        }
        let service = self.id;
        io.ledger.record(io.now, Row::Left { service, lineage, how, arrived, served, held });
    }

    /// Sends a reply back the way the request came, in its envelope.
    #[inline(always)]
    pub(super) fn answer<H: Heap>(&self, id: Id, outcome: Outcome, io: &mut Io<'_, H>) {
        let number = io.links.envelopes[id].to.replica;
        let incarnation = self.replicas[number as usize].incarnation();
        io.links.reply(id, incarnation, outcome, io.queue, io.ledger);
    }
}
