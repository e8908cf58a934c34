//! What a service does at the deadline of what it is working on.

use super::Service;
use crate::activation::{Doing, Mark};
use crate::caller::Callers;
use crate::envelope::Body;
use crate::event::Event;
use crate::ledger::{Leaving, Row};
use crate::world::{Io, Kit, ORDINARY};
use brownout_core::Time;
use brownout_core::slab::Id;
use brownout_policies::outcome::{Done, ErrorKind, Outcome};

impl Service {
    /// Sees to what is out of the ordinary when a piece of work has begun: whether anybody waits
    /// for it, and whether it ends before its deadline.
    #[inline(never)]
    pub(super) fn attend<K: Kit>(&mut self, id: Id, callers: &Callers, io: &mut Io<'_, K>) {
        if io.log.ledger.wants_dead() {
            let is_dead = !callers.is_wanted(id, &io.links.envelopes);
            io.links.envelopes[id].work.marks.set(Mark::Dead, is_dead);
        }
        self.mind_deadline(id, io);
    }

    /// A request has its first worker: from now on the service is at it for so long at most. That
    /// is its deadline now, unless its own comes first and the service stops at that.
    pub(super) fn start_statement<K: Kit>(&self, id: Id, io: &mut Io<'_, K>) {
        let Some(timeout) = self.rest.statement_timeout else { return };
        let due = io.now().saturating_add(self.rest.clock.true_span(timeout));
        let envelope = &mut io.links.envelopes[id];
        let due = if self.rest.minds_requests { due.min(envelope.deadline()) } else { due };
        let (remaining, class) = (due.since(envelope.work.arrived), envelope.class());
        envelope.body = Body::Request { remaining, class };
    }

    /// Wakes an activation at its deadline, if that comes before what it waits for.
    #[inline(never)]
    pub(crate) fn mind_deadline<K: Kit>(&mut self, id: Id, io: &mut Io<'_, K>) {
        let deadline = io.links.envelopes[id].deadline();
        if !self.rest.stops_at_deadline || deadline == Time::MAX {
            return;
        }
        let due = self.due(id, io);
        if due.is_none_or(|due| deadline < due) {
            let event = Event::Service(id.place() as u32).payload();
            let timer = io.queue.at(deadline.max(io.now()), ORDINARY, event);
            io.links.envelopes[id].work.timer = timer;
        }
    }

    /// When what an activation is doing is done, as far as the service itself knows.
    fn due<K: Kit>(&self, id: Id, io: &Io<'_, K>) -> Option<Time> {
        let envelope = &io.links.envelopes[id];
        match envelope.work.doing {
            Doing::Working { left, since, .. } => {
                let replica = &self.replicas[envelope.to.replica as usize];
                replica.finish_after(left).map(|after| since.saturating_add(after))
            }
            Doing::Sleeping { until } => Some(until),
            Doing::Sharing(_) => {
                let inlet = self.replicas[envelope.to.replica as usize].inlet();
                inlet.and_then(|inlet| inlet.sharing.due(id))
            }
            Doing::Travelling
            | Doing::Failing(_)
            | Doing::Waiting
            | Doing::AtDoor
            | Doing::Interrupted { .. }
            | Doing::Stepping
            | Doing::Locking { .. }
            | Doing::Calling(_)
            | Doing::Joining(_) => None,
        }
    }

    /// Whether a timer that has fired is that of the deadline: what is done at this very moment is
    /// done.
    #[inline(never)]
    pub(super) fn is_deadline<K: Kit>(&self, id: Id, io: &Io<'_, K>) -> bool {
        self.rest.stops_at_deadline && self.due(id, io).is_none_or(|due| io.now() < due)
    }

    /// The deadline of what is in service has come: it stops.
    #[inline(never)]
    pub(super) fn expire<K: Kit>(&mut self, id: Id, callers: &mut Callers, io: &mut Io<'_, K>) {
        self.stop(id, callers, io);
        let outcome = Outcome::error(ErrorKind::Shed, Done::Partly);
        self.leave_early(id, Leaving::Expired, Some(outcome), callers, io);
    }

    /// A request whose time is up already, by the service's own clock, is not let in. Whether that
    /// was so.
    #[inline(never)]
    pub(super) fn comes_too_late<K: Kit>(&mut self, id: Id, io: &mut Io<'_, K>) -> bool {
        let envelope = &mut io.links.envelopes[id];
        envelope.work.arrived = io.queue.now();
        if envelope.deadline() > io.queue.now() {
            return false;
        }
        let (service, lineage) = (self.id, envelope.lineage);
        let endpoint = self.program.endpoint(envelope.work.step);
        io.record(Row::DoorRefused { service, endpoint, lineage });
        io.reply(id, Outcome::error(ErrorKind::Shed, Done::Nothing));
        true
    }
}
