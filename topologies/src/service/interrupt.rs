//! Work that is interrupted: for who is more important, or because its worker breaks down.

use super::program::begin;
use super::sharing::waiter;
use super::{BROKEN, Service};
use crate::activation::{Doing, Hold, Holds, Mark};
use crate::caller::Callers;
use crate::envelope::Envelope;
use crate::ledger::{AtInlet, Detail, Leaving, Row};
use crate::sickness::left_at;
use crate::world::{Io, Kit};
use brownout_core::Span;
use brownout_core::slab::Id;
use brownout_policies::outcome::Outcome;

impl Service {
    /// Who is less important gives its worker up, if there is such a one, and waits to go on.
    pub(super) fn interrupt_for<K: Kit>(
        &mut self,
        number: u32,
        priority: u32,
        callers: &Callers,
        io: &mut Io<'_, K>,
    ) -> bool {
        let (replica, is_preemptive) =
            (&self.replicas[number as usize], self.rules().is_preemptive());
        let knobs = replica.knobs();
        // A worker that a cut has taken away goes on to its end and is not handed on.
        if !is_preemptive || knobs.stalled || !knobs.up || replica.has_too_many() {
            return false;
        }
        let rules = self.rules();
        let of = |id: Id, number: u32| {
            let envelope = io.links.envelopes.get(id)?;
            let is_here = matches!(envelope.work.doing, Doing::Sharing(share) if share.is(number));
            is_here.then(|| rules.priority(envelope.class().index()))
        };
        let least = replica.inlet().and_then(|inlet| inlet.sharing.last(of));
        let Some((_, id)) = least.filter(|least| least.0 > priority) else { return false };
        self.interrupt(id, callers, io);
        true
    }

    /// So many workers have broken down. Where no other is free, each was one of those at work,
    /// with the same chance: what it worked on waits at the head of the queue to go on, or is lost.
    /// Who waits for a call with its worker held is spared, and keeps that until it gives it back.
    #[inline(never)]
    pub(crate) fn break_workers<K: Kit>(
        &mut self,
        number: u32,
        broken: u32,
        callers: &mut Callers,
        io: &mut Io<'_, K>,
    ) {
        for _ in 0..broken {
            if !self.replicas[number as usize].has_too_many() {
                return;
            }
            let Some(id) = self.any_in_service(number, io) else { return };
            if self.replicas[number as usize].knobs().loses_work {
                self.stop(id, callers, io);
                self.leave_early(id, Leaving::Crashed, Some(Outcome::RESET), callers, io);
            } else {
                self.interrupt(id, callers, io);
            }
        }
    }

    /// One of those in service, drawn for this moment.
    fn any_in_service<K: Kit>(&self, number: u32, io: &Io<'_, K>) -> Option<Id> {
        let draws = self.rest.stream.member(BROKEN).member(u64::from(number));
        let draws = draws.member(io.now().nanos());
        let rank = |envelope: &Envelope| draws.draws(envelope.lineage).word();
        let Some(inlet) = self.replicas[number as usize].inlet() else {
            let envelope = |id: &Id| &io.links.envelopes[*id];
            let inside = self.inside(number, io).into_iter();
            let working = |id: &Id| matches!(envelope(id).work.doing, Doing::Working { .. });
            return inside.filter(working).max_by_key(|id| rank(envelope(id)));
        };
        let of = |id: Id, came: u32| {
            let envelope = io.links.envelopes.get(id)?;
            let is_here = matches!(envelope.work.doing, Doing::Sharing(share) if share.is(came));
            is_here.then(|| rank(envelope))
        };
        inlet.sharing.last(of).map(|drawn| drawn.1)
    }

    /// Who was interrupted has a worker again.
    pub(super) fn take_up_again<K: Kit>(
        &mut self,
        id: Id,
        left: Span,
        callers: &Callers,
        io: &mut Io<'_, K>,
    ) {
        let envelope = &mut io.links.envelopes[id];
        let replica = &self.replicas[envelope.to.replica as usize];
        // It is at the place after that of its work already.
        let step = envelope.work.step - 1;
        begin((left, step), id, envelope, replica, &mut io.queue);
        io.tell(|io| {
            let &Envelope { lineage, to: at, .. } = &io.links.envelopes[id];
            Detail::WorkBegan { lineage, at }
        });
        if self.attends {
            self.attend(id, callers, io);
        }
    }

    /// What is in service gives its worker up, and waits before all others of its kind to go on.
    fn interrupt<K: Kit>(&mut self, id: Id, callers: &Callers, io: &mut Io<'_, K>) {
        let (service, now, wants_waste) = (self.id, io.now(), io.log.ledger.wants_waste());
        let for_nobody = wants_waste && !callers.is_wanted(id, &io.links.envelopes);
        let envelope = &mut io.links.envelopes[id];
        let number = envelope.to.replica;
        let (waiter, work) = (waiter(envelope), &mut envelope.work);
        let endpoint = self.program.endpoint(work.step);
        let (began, left, took) = match work.doing {
            Doing::Sharing(share) => {
                let (left, took) = self.inlet_of(number).1.sharing.interrupt(now, id, share);
                (share.began, left, took)
            }
            Doing::Working { left, since, began } => {
                let pace = self.replicas[number as usize].knobs().pace;
                (began, left_at(left, now - since, pace), now - began)
            }
            _ => unreachable!("it is in service"),
        };
        work.served = work.served + (now - began);
        work.holds.give_back(Hold::Worker);
        work.move_on(Hold::Place);
        work.doing = Doing::Interrupted { left };
        let dead = work.marks.has(Mark::Dead);
        let replica = &mut self.replicas[number as usize];
        replica.give_back(Holds::only(Hold::Worker), now);
        replica.volatile.waiting += 1;
        replica.volatile.queue.push_back_again(id, waiter);
        let what = AtInlet::Interrupted { took, for_nobody, dead };
        io.record(Row::AtInlet { service, endpoint, what });
        if self.rest.inlet.is_none() {
            // With an inlet, the workers in use are counted when everybody has what is there.
            let (endpoint, what) = (None, AtInlet::InUse { step: -1 });
            io.record(Row::AtInlet { service, endpoint, what });
        }
        io.tell(|io| {
            let &Envelope { lineage, to: at, .. } = &io.links.envelopes[id];
            Detail::Interrupted { lineage, at }
        });
    }
}
