//! A service's script: pieces of work, calls, and the way onward.

use super::program::Op;
use super::{ERROR_AFTER, Service};
use crate::activation::{Doing, Hold};
use crate::caller::{Begin, Callers, Owner};
use crate::graph::{SiteId, WhileCalling};
use crate::ledger::{Leaving, Row};
use crate::world::{Io, Kit};
use brownout_core::draw::mix;
use brownout_core::slab::Id;
use brownout_core::{Span, Time};
use brownout_policies::outcome::{Done, ErrorKind, Outcome};

impl Service {
    /// Runs the script from the present step until it has to wait or is over.
    #[inline(always)]
    pub(super) fn advance<K: Kit>(&mut self, id: Id, callers: &mut Callers, io: &mut Io<'_, K>) {
        loop {
            let envelope = &mut io.links.envelopes[id];
            match &mut self.program.ops[usize::from(envelope.work.step)] {
                Op::Finish => return self.finish(id, io),
                &mut Op::Call { site, key } => return self.call(id, site, key, callers, io),
                Op::Work(piece) if envelope.work.holds.has(Hold::Worker) => {
                    let pace = self.replicas[envelope.to.replica as usize].pace();
                    return piece.begin(id, envelope, pace, &mut io.queue);
                }
                Op::Work(_) => return self.wait_again(id, io),
                &mut Op::Goto(step) => envelope.work.step = step,
            }
        }
    }

    /// Back into the queue, between two pieces of work.
    #[inline(never)]
    fn wait_again<K: Kit>(&mut self, id: Id, io: &mut Io<'_, K>) {
        let envelope = &mut io.links.envelopes[id];
        let (service, endpoint) = (self.id, self.program.endpoint(envelope.work.step));
        io.log.record(io.queue.now(), Row::Requeued { service, endpoint });
        envelope.work.holds.take(Hold::Place);
        let replica = &mut self.replicas[envelope.to.replica as usize];
        replica.line_up(id, &mut envelope.work, self.clock, &mut io.queue);
    }

    /// Makes a call, and waits for its end with or without a worker.
    #[inline(always)]
    fn call<K: Kit>(
        &mut self,
        id: Id,
        site: SiteId,
        key: u64,
        callers: &mut Callers,
        io: &mut Io<'_, K>,
    ) {
        let envelope = &mut io.links.envelopes[id];
        let (replica, work) = (envelope.to.replica, &mut envelope.work);
        work.step += 1;
        let lineage = mix(envelope.lineage, key);
        if self.while_calling == WhileCalling::Released && work.holds.give_back(Hold::Worker) {
            self.replicas[replica as usize].volatile.busy -= 1;
            let (service, endpoint) = (self.id, self.program.endpoint(work.step));
            io.log.record(io.queue.now(), Row::FreedWorker { service, endpoint });
        }
        let owner = Owner::Activation { service: self.id, activation: id };
        let (intended, deadline) = (io.now(), Time::MAX);
        let asked = callers.begin(Begin { site, owner, replica, intended, lineage, deadline }, io);
        io.links.envelopes[id].work.doing = Doing::Calling(asked);
    }

    /// A timer of this service has fired: a piece of work is done, or a wait was too long.
    #[inline(always)]
    pub fn wake<K: Kit>(&mut self, id: Id, callers: &mut Callers, io: &mut Io<'_, K>) {
        let envelope = &io.links.envelopes[id];
        let number = envelope.to.replica;
        if let Doing::Working { began, .. } = envelope.work.doing {
            let took = io.queue.now() - began;
            let for_nobody =
                io.log.ledger.wants_waste() && !callers.is_wanted(id, &io.links.envelopes);
            self.work_done(id, took, for_nobody, callers, io);
        } else {
            debug_assert!(envelope.work.doing == Doing::Waiting, "only work and waits have timers");
            let outcome = Outcome::error(ErrorKind::Shed, Done::Nothing);
            self.leave_early(id, Leaving::Shed, Some(outcome), io);
        }
        self.fill(number, callers, io);
    }

    #[inline(always)]
    fn work_done<K: Kit>(
        &mut self,
        id: Id,
        took: Span,
        for_nobody: bool,
        callers: &mut Callers,
        io: &mut Io<'_, K>,
    ) {
        let Io { queue, log, links, .. } = io;
        let envelope = &mut links.envelopes[id];
        let (service, lineage, work) = (self.id, envelope.lineage, &mut envelope.work);
        let endpoint = self.program.endpoint(work.step);
        work.doing = Doing::Stepping;
        work.served = work.served + took;
        log.record(queue.now(), Row::WorkDone { service, endpoint, lineage, took, for_nobody });
        let number = envelope.to.replica;
        if self.replicas[number as usize].is_fallible() && self.fails(number, lineage) {
            let outcome = Outcome::error(ErrorKind::Failed, Done::Done);
            self.leave_early(id, Leaving::Failed, Some(outcome), io);
        } else {
            self.advance(id, callers, io);
        }
    }

    /// Whether work that is done fails all the same.
    #[cold]
    fn fails(&self, number: u32, lineage: u64) -> bool {
        let ratio = self.replicas[number as usize].knobs().errors_after;
        self.stream.member(ERROR_AFTER).draws(lineage).unit() < ratio
    }

    /// A call that an activation made has ended.
    #[inline(always)]
    pub fn ended<K: Kit>(
        &mut self,
        id: Id,
        outcome: Outcome,
        callers: &mut Callers,
        io: &mut Io<'_, K>,
    ) {
        let Some(envelope) = io.links.envelopes.get_mut(id) else { return };
        envelope.work.doing = Doing::Stepping;
        let number = envelope.to.replica;
        if outcome.is_success() {
            self.advance(id, callers, io);
        } else {
            let outcome = Outcome::error(ErrorKind::Dependency, Done::Partly);
            self.leave_early(id, Leaving::DependencyFailed, Some(outcome), io);
        }
        self.fill(number, callers, io);
    }

    /// The script is over: onward by a route, or an answer.
    #[inline(always)]
    fn finish<K: Kit>(&mut self, id: Id, io: &mut Io<'_, K>) {
        self.leave(id, Leaving::Finished, io);
        if self.next.is_empty() || !self.go_on(id, io) {
            io.reply(id, Outcome::OK);
        }
    }
}
