//! How an activation ends: at its script's end, by a cancel, or with its process.

use super::Service;
use crate::activation::{Activation, Doing, Hold};
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
        let Some(activation) = self.activations.get(id) else { return };
        if io.envelope(activation.request).leaf != leaf {
            return;
        }
        let number = activation.replica;
        let stops = match activation.doing {
            Doing::Waiting { .. } => self.cancel_queued == CancelQueued::Remove,
            Doing::Stepping | Doing::Working { .. } | Doing::Calling { .. } => {
                self.cancel_in_service == CancelInService::Stop
            }
        };
        if !stops {
            return;
        }
        self.stop(id, callers, io);
        self.leave(id, Leaving::Cancelled, None, io);
        self.fill(number, callers, io);
    }

    /// Breaks off what an activation is doing: its call is abandoned, its work so far was in vain.
    pub(crate) fn stop<H: Heap>(&mut self, id: Id, callers: &mut Callers, io: &mut Io<'_, H>) {
        match self.activations[id].doing {
            Doing::Waiting { .. } | Doing::Stepping => {}
            Doing::Calling { call } => callers.abandon(call, io),
            Doing::Working { began, .. } => {
                let took = io.now() - began;
                io.record(Row::WorkStopped { service: self.id, took });
            }
        }
    }

    /// Ends an activation: unwinds what it holds, says so, and answers if there is an answer.
    #[inline]
    pub(crate) fn leave<H: Heap>(
        &mut self,
        id: Id,
        how: Leaving,
        outcome: Option<Outcome>,
        io: &mut Io<'_, H>,
    ) {
        let &Activation {
            request, lineage, arrived, served, replica: number, holds, doing, ..
        } = &self.activations[id];
        if let Doing::Waiting { timer: Some(timer) } | Doing::Working { timer: Some(timer), .. } =
            doing
        {
            io.queue.cancel(timer);
        }
        self.activations.discard(id);
        let volatile = &mut self.replicas[number as usize].volatile;
        for hold in Hold::ALL.into_iter().filter(|hold| holds.has(*hold)) {
            match hold {
                Hold::Worker => volatile.busy -= 1,
                Hold::Place => volatile.waiting -= 1,
            }
        }
        let service = self.id;
        io.record(Row::Left { service, lineage, how, arrived, served, held: holds });
        match outcome {
            Some(outcome) => self.answer(request, number, outcome, io),
            None => io.throw_away(request),
        }
    }

    /// Sends a reply back the way the request came, in its envelope.
    #[inline]
    pub(super) fn answer<H: Heap>(
        &self,
        request: Id,
        number: u32,
        outcome: Outcome,
        io: &mut Io<'_, H>,
    ) {
        let incarnation = self.replicas[number as usize].durable.incarnation;
        io.reply(request, incarnation, outcome);
    }
}
