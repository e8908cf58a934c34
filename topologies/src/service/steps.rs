//! The steps of a script besides work and calls.

use super::program::{Op, begin};
use super::{CHOICE, FAIL, SHED, Service};
use crate::activation::{Doing, Hold, Holds, Mark};
use crate::caller::Callers;
use crate::event::Event;
use crate::graph::WhileCalling;
use crate::ledger::{AtInlet, Detail, Leaving, Row};
use crate::world::{Io, Kit, ORDINARY};
use brownout_core::Span;
use brownout_core::draw::mix;
use brownout_core::slab::Id;
use brownout_policies::outcome::{Done, ErrorKind, Outcome};

impl Service {
    /// Does a step that is neither work with a worker at hand nor a call. Whether the script goes
    /// on at once.
    #[inline(never)]
    pub(super) fn step<K: Kit>(
        &mut self,
        id: Id,
        callers: &mut Callers,
        io: &mut Io<'_, K>,
    ) -> bool {
        let envelope = &mut io.links.envelopes[id];
        let (lineage, work) = (envelope.lineage, &mut envelope.work);
        match &self.program.ops[usize::from(work.step)] {
            Op::Work(_) | Op::Again { .. } if !work.holds.has(Hold::Worker) => {
                let has_worker = self.take_over_worker(id, io);
                if !has_worker {
                    self.wait_again(id, io);
                }
                has_worker
            }
            &Op::Again { piece, key } => {
                self.work_again(id, piece, mix(lineage, key), io);
                if self.attends {
                    self.attend(id, callers, io);
                }
                false
            }
            &Op::Sleep { time, key } => {
                let lineage = key.map_or(lineage, |key| mix(lineage, key));
                self.sleep(id, time, lineage, io);
                false
            }
            &Op::Fail { ratio, key } => {
                work.step += 1;
                let draw = self.rest.stream.member(FAIL).draws(mix(lineage, key)).unit();
                if draw < ratio {
                    let done = if work.served == Span::ZERO { Done::Nothing } else { Done::Partly };
                    let outcome = Outcome::error(ErrorKind::Failed, done);
                    self.leave_early(id, Leaving::Failed, Some(outcome), callers, io);
                }
                draw >= ratio
            }
            Op::Choose { ways, rest, key } => {
                let draw = self.rest.stream.member(CHOICE).draws(mix(lineage, *key)).unit();
                let way = ways.iter().find(|(up_to, _)| draw < *up_to);
                work.step = way.map_or(*rest, |(_, to)| *to);
                true
            }
            &Op::Goto(to) => {
                work.step = to;
                true
            }
            Op::Fork(_) => self.fork(id, callers, io),
            Op::Limited(_) => {
                work.step += 1;
                true
            }
            &Op::Get { store, miss } => self.look_up(id, store, miss, io),
            &Op::At { store, act } => self.act(id, store, act, callers, io),
            &Op::Key { then, replay } => self.ask_for_key(id, (then, replay), callers, io),
            Op::Effect => {
                self.do_effect(id, io);
                io.links.envelopes[id].work.step += 1;
                true
            }
            Op::Join => {
                self.branch_over(id, Ok(()), callers, io);
                false
            }
            Op::Work(_) | Op::Call { .. } | Op::Finish => {
                unreachable!("these are done without a detour")
            }
        }
    }

    /// Works as at an earlier place, with another draw.
    fn work_again<K: Kit>(&mut self, id: Id, piece: u16, lineage: u64, io: &mut Io<'_, K>) {
        let piece = &mut self.program.pieces[usize::from(piece)];
        let envelope = &mut io.links.envelopes[id];
        let (own, at) = (envelope.lineage, envelope.to);
        io.log.tell(io.queue.now(), || Detail::WorkBegan { lineage: own, at });
        let replica = &self.replicas[envelope.to.replica as usize];
        begin((piece.draw(lineage), envelope.work.step), id, envelope, replica, &mut io.queue);
    }

    fn sleep<K: Kit>(&mut self, id: Id, time: u16, lineage: u64, io: &mut Io<'_, K>) {
        let span = self.program.pieces[usize::from(time)].draw(lineage);
        let until = io.queue.now().saturating_add(span);
        io.tell(|io| Detail::Sleeps { lineage: io.links.envelopes[id].lineage, until });
        let work = &mut io.links.envelopes[id].work;
        work.step += 1;
        work.doing = Doing::Sleeping { until };
        let event = Event::Service(id.place() as u32).payload();
        work.timer = io.queue.at(until, ORDINARY, event);
        self.mind_deadline(id, io);
        self.release_worker(id, io);
    }

    /// Gives a worker back that is not held while its activation waits for something else.
    #[inline(always)]
    pub(super) fn release_worker<K: Kit>(&mut self, id: Id, io: &mut Io<'_, K>) {
        let envelope = &mut io.links.envelopes[id];
        let (replica, lineage, at) = (envelope.to.replica, envelope.lineage, envelope.to);
        let work = &mut envelope.work;
        if self.while_calling == WhileCalling::Released && work.holds.give_back(Hold::Worker) {
            let now = io.queue.now();
            self.replicas[replica as usize].give_back(Holds::only(Hold::Worker), now);
            let (service, endpoint) = (self.id, self.program.endpoint(work.step));
            let freed = match self.rest.inlet {
                None => Row::FreedWorker { service, endpoint },
                Some(_) => Row::AtInlet { service, endpoint, what: AtInlet::Released },
            };
            io.log.record(now, freed);
            io.log.tell(now, || Detail::Rose { lineage, at });
        }
    }

    /// A timer has fired for what is not work: a wait was too long, a sleep is over, or a deadline
    /// has come.
    #[inline(never)]
    pub(super) fn wake_idle<K: Kit>(&mut self, id: Id, callers: &mut Callers, io: &mut Io<'_, K>) {
        let work = &mut io.links.envelopes[id].work;
        match work.doing {
            Doing::Sleeping { until } if until <= io.queue.now() => {
                work.doing = Doing::Stepping;
                work.marks.set(Mark::Follows, false);
                self.advance(id, callers, io);
            }
            Doing::Waiting => self.leave_early(id, Leaving::Shed, Some(SHED), callers, io),
            Doing::AtDoor => self.waited_at_gate(id, callers, io),
            Doing::Sharing(share) => self.share_woken(id, share, callers, io),
            Doing::Locking { has_it } => self.lock_woken(id, has_it, callers, io),
            Doing::Sleeping { .. } | Doing::Calling(_) | Doing::Joining(_) => {
                self.expire(id, callers, io);
            }
            Doing::Travelling
            | Doing::Failing(_)
            | Doing::Stepping
            | Doing::Interrupted { .. }
            | Doing::Working { .. } => {
                unreachable!("what is under way has no timer but its work's")
            }
        }
    }
}
