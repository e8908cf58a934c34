//! A service's script: pieces of work, calls, and the way onward.

use super::program::{Op, begin};
use super::{ERROR_AFTER, Service};
use crate::activation::{Doing, Hold, Holds, Mark};
use crate::caller::{Begin, Callers, Owner};
use crate::graph::{Deadlines, SiteId, WhileCalling};
use crate::ledger::{Detail, Leaving, Row};
use crate::line::Turn;
use crate::world::{Io, Kit};
use brownout_core::Time;
use brownout_core::draw::Child;
use brownout_core::queue::Rank;
use brownout_core::slab::Id;
use brownout_policies::outcome::{Done, ErrorKind, Outcome};

impl Service {
    /// Runs the script from the present step until it has to wait or is over.
    #[inline(never)]
    pub(super) fn advance<K: Kit>(&mut self, id: Id, callers: &mut Callers, io: &mut Io<'_, K>) {
        loop {
            let Io { queue, links, .. } = io;
            let envelope = &mut links.envelopes[id];
            match &mut self.program.ops[usize::from(envelope.work.step)] {
                Op::Finish => return self.finish(id, io),
                &mut Op::Call { site, key } => return self.call(id, site, key, callers, io),
                Op::Work(_) | Op::Again { .. } if self.rest.inlet.is_some() => {
                    return self.work_in_inlet(id, callers, io);
                }
                &mut Op::Work(piece) if envelope.work.holds.has(Hold::Worker) => {
                    let piece = &mut self.program.pieces[usize::from(piece)];
                    let (lineage, at) = (envelope.lineage, envelope.to);
                    io.log.tell(queue.now(), || Detail::WorkBegan { lineage, at });
                    let replica = &self.replicas[at.replica as usize];
                    let step = envelope.work.step;
                    begin((piece.draw(lineage), step), id, envelope, replica, queue);
                    if self.attends {
                        self.attend(id, callers, io);
                    }
                    return;
                }
                Op::Work(_) if !envelope.work.is_branch() => return self.wait_again(id, io),
                &mut Op::Goto(step) => envelope.work.step = step,
                _ => {
                    if !self.step(id, callers, io) {
                        return;
                    }
                }
            }
        }
    }

    /// Back into the queue, between two pieces of work.
    #[inline(never)]
    pub(super) fn wait_again<K: Kit>(&mut self, id: Id, io: &mut Io<'_, K>) {
        let envelope = &mut io.links.envelopes[id];
        let (service, endpoint) = (self.id, self.program.endpoint(envelope.work.step));
        io.log.record(io.queue.now(), Row::Requeued { service, endpoint });
        let (lineage, at) = (envelope.lineage, envelope.to);
        io.log.tell(io.queue.now(), || Detail::Waits { lineage, at, at_gate: false });
        envelope.work.holds.take(Hold::Place);
        if self.rest.inlet.is_some() {
            return self.line_up(id, None, io);
        }
        let replica = &mut self.replicas[envelope.to.replica as usize];
        let work = &mut envelope.work;
        replica.line_up((id, work), Turn::NOT_DRAWN, self.rest.clock, &mut io.queue);
    }

    /// Makes a call, and waits for its end with or without a worker.
    #[inline(always)]
    fn call<K: Kit>(
        &mut self,
        id: Id,
        site: SiteId,
        key: Child,
        callers: &mut Callers,
        io: &mut Io<'_, K>,
    ) {
        let envelope = &mut io.links.envelopes[id];
        let (replica, class) = (envelope.to.replica, envelope.class());
        envelope.work.step += 1;
        let lineage = key.of(envelope.lineage);
        self.release_worker(id, io);
        let owner = Owner::Activation { service: self.id, activation: id };
        let deadline = match self.deadlines {
            Deadlines::Ignore => Time::MAX,
            deadlines => deadlines.of_calls(io.links.envelopes[id].deadline()),
        };
        let intended = io.now();
        let begin = Begin { site, owner, replica, class, intended, lineage, deadline };
        let asked = callers.begin(begin, io);
        io.links.envelopes[id].work.doing = Doing::Calling(asked);
        if self.rest.stops_at_deadline {
            self.mind_deadline(id, io);
        }
    }

    /// A timer of this service has fired: a piece of work is done, or a wait was too long.
    #[inline(always)]
    pub fn wake<K: Kit>(&mut self, id: Id, callers: &mut Callers, io: &mut Io<'_, K>) {
        let envelope = &io.links.envelopes[id];
        let number = envelope.to.replica;
        if let Doing::Working { began, .. } = envelope.work.doing {
            if self.rest.stops_at_deadline && self.is_deadline(id, io) {
                self.expire(id, callers, io);
            } else {
                self.work_done(id, began, callers, io);
            }
        } else {
            self.wake_idle(id, callers, io);
        }
        self.fill(number, callers, io);
    }

    #[inline(always)]
    fn work_done<K: Kit>(
        &mut self,
        id: Id,
        began: Time,
        callers: &mut Callers,
        io: &mut Io<'_, K>,
    ) {
        let for_nobody = io.log.ledger.wants_waste() && !callers.is_wanted(id, &io.links.envelopes);
        let Io { queue, log, links, .. } = io;
        let (now, envelope) = (queue.now(), &mut links.envelopes[id]);
        let replica = &mut self.replicas[envelope.to.replica as usize];
        let (lineage, took, work) = (envelope.lineage, now - began, &mut envelope.work);
        work.doing = Doing::Stepping;
        work.served = work.served + took;
        let dead = work.marks.has(Mark::Dead);
        let (service, endpoint) = (self.id, self.program.endpoint(work.step));
        let done = Row::WorkDone { service, endpoint, lineage, took, for_nobody, dead };
        if replica.is_fallible() {
            log.record(now, done);
            return self.advance_if_well(id, callers, io);
        }
        match self.program.ops[usize::from(work.step)] {
            Op::Finish => {
                let left = envelope.leave(replica, endpoint, Leaving::Finished, now);
                log.record_both(now, (service, endpoint), [done, left]);
                self.go_on_or_answer(id, io);
            }
            Op::Call { site, key } if self.while_calling == WhileCalling::Released => {
                work.holds.give_back(Hold::Worker);
                replica.give_back(Holds::only(Hold::Worker), now);
                let (freed, at) = (Row::FreedWorker { service, endpoint }, envelope.to);
                log.record_both(now, (service, endpoint), [done, freed]);
                log.tell(now, || Detail::Rose { lineage, at });
                self.call(id, site, key, callers, io);
            }
            Op::Call { .. }
            | Op::Work(_)
            | Op::Again { .. }
            | Op::Sleep { .. }
            | Op::Fail { .. }
            | Op::Choose { .. }
            | Op::Goto(_)
            | Op::Fork(_)
            | Op::Join
            | Op::At { .. }
            | Op::Get { .. }
            | Op::Effect
            | Op::Key { .. }
            | Op::Limited(_) => {
                log.record(now, done);
                self.advance(id, callers, io);
            }
        }
    }

    /// Goes on after work that may have failed all the same.
    #[inline(never)]
    pub(super) fn advance_if_well<K: Kit>(
        &mut self,
        id: Id,
        callers: &mut Callers,
        io: &mut Io<'_, K>,
    ) {
        let envelope = &io.links.envelopes[id];
        let ratio = self.replicas[envelope.to.replica as usize].knobs().errors_after;
        if self.rest.stream.member(ERROR_AFTER).draws(envelope.lineage).unit() < ratio {
            // What comes of the work without any more of it is done with it.
            if let Op::Effect = self.program.ops[usize::from(envelope.work.step)] {
                self.do_effect(id, io);
            }
            let outcome = Outcome::error(ErrorKind::Failed, Done::Done);
            self.leave_early(id, Leaving::Failed, Some(outcome), callers, io);
        } else {
            self.advance(id, callers, io);
        }
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
        (envelope.work.doing, envelope.work.timer) = (Doing::Stepping, Rank::NONE);
        let number = envelope.to.replica;
        if !outcome.is_success() {
            self.call_failed(id, outcome, callers, io);
        } else if let Op::Finish = self.program.ops[usize::from(envelope.work.step)] {
            self.finish(id, io);
        } else {
            self.advance(id, callers, io);
        }
        self.fill(number, callers, io);
    }

    /// The script is over.
    #[inline(always)]
    fn finish<K: Kit>(&mut self, id: Id, io: &mut Io<'_, K>) {
        if self.rest.inlet.is_some() {
            return self.finish_in_inlet(id, io);
        }
        let Io { queue, log, links, .. } = io;
        let envelope = &mut links.envelopes[id];
        let replica = &mut self.replicas[envelope.to.replica as usize];
        let endpoint = self.program.endpoint(envelope.work.step);
        let left = envelope.leave(replica, endpoint, Leaving::Finished, queue.now());
        log.record(queue.now(), left);
        self.go_on_or_answer(id, io);
    }

    /// Whoever has finished goes onward by a route, or answers.
    #[inline(always)]
    pub(super) fn go_on_or_answer<K: Kit>(&mut self, id: Id, io: &mut Io<'_, K>) {
        if self.rest.next.is_empty() || !self.go_on(id, io) {
            io.reply(id, Outcome::OK);
        }
    }
}
