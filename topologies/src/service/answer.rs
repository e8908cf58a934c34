//! How an activation ends: at its script's end, by a cancel, or with its process.

use super::{Service, is_waiting};
use crate::activation::Doing;
use crate::caller::Callers;
use crate::graph::{CancelInService, CancelQueued};
use crate::ledger::{Leaving, Row};
use crate::world::{Io, Kit};
use brownout_core::slab::Id;
use brownout_policies::outcome::Outcome;

impl Service {
    /// A caller no longer wants an answer.
    pub fn cancel<K: Kit>(&mut self, leaf: Id, callers: &mut Callers, io: &mut Io<'_, K>) {
        let id = self.serving.by(leaf);
        let Some(envelope) = io.links.envelopes.get(id).filter(|is| is.leaf == leaf) else {
            return;
        };
        let number = envelope.to.replica;
        let stops = match envelope.work.doing {
            Doing::Travelling | Doing::Failing(_) => false,
            Doing::Waiting => self.cancel_queued == CancelQueued::Remove,
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
    pub(crate) fn stop<K: Kit>(&mut self, id: Id, callers: &mut Callers, io: &mut Io<'_, K>) {
        match io.links.envelopes[id].work.doing {
            Doing::Travelling | Doing::Failing(_) | Doing::Waiting | Doing::Stepping => {}
            Doing::Calling(asked) => callers.abandon(asked, io),
            Doing::Working { began, .. } => {
                let took = io.now() - began;
                let endpoint = self.program.endpoint(io.links.envelopes[id].work.step);
                io.record(Row::WorkStopped { service: self.id, endpoint, took });
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
        io: &mut Io<'_, K>,
    ) {
        let envelope = &mut io.links.envelopes[id];
        let replica = &mut self.replicas[envelope.to.replica as usize];
        let endpoint = self.program.endpoint(envelope.work.step);
        let left = envelope.leave(replica, endpoint, how, io.queue.now());
        io.record(left);
        let volatile = &mut replica.volatile;
        if volatile.has_left_many() {
            volatile.queue.retain(|&id| is_waiting(&io.links.envelopes, id));
        }
        match outcome {
            Some(outcome) => io.reply(id, outcome),
            None => io.links.envelopes.discard(id),
        }
    }
}
