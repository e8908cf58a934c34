//! What is ordinary goes straight on: a piece of work, then a call or the end, and nobody to ask
//! on the way.
//!
//! Whatever happens here happens in [`super::script`] too, in the same order and with the same
//! rows; this is that way with every question left out whose answer is known beforehand. What turns
//! out not to be ordinary after all goes on there.

use super::Service;
use super::program::Op;
use crate::activation::{Doing, Hold, Holds};
use crate::caller::{Begin, Callers, Owner};
use crate::envelope::{Address, Envelope};
use crate::graph::{Deadlines, SiteId, WhileCalling};
use crate::ledger::{Leaving, Ledger, Row};
use crate::link::Way;
use crate::replica::Replica;
use crate::world::{Io, Kit};
use brownout_core::Time;
use brownout_core::draw::Child;
use brownout_core::slab::Id;
use brownout_policies::outcome::Outcome;

/// What is to be handed over next.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Next {
    /// Nothing.
    Nothing,
    /// Nothing has happened yet: it is to be looked at closely.
    Closely,
    /// A request, at its service.
    Request(Id),
    /// A good answer, at its caller.
    Answer(Id),
}

/// What comes after the work at a service.
#[derive(Debug, Clone, Copy, Default)]
pub(super) enum After {
    /// It is to be looked at closely.
    #[default]
    Closely,
    /// The end.
    Finish,
    /// A call.
    Call {
        /// From there.
        site: SiteId,
        /// What tells its lineage from others.
        key: Child,
    },
}

/// All that is held by who works at a service that is ordinary.
const WORKER: Holds = Holds::only(Hold::Worker);

impl Service {
    /// Whether nothing about it is out of the ordinary.
    pub(crate) fn is_ordinary(&self) -> bool {
        self.rest.inlet.is_none()
            && self.rest.keys.is_none()
            && self.rest.next.is_empty()
            && self.rest.replication.is_none()
            && !self.attends
            && !self.minds_moments
            && !self.rest.breaks_workers
            && self.program.works_once_and_first()
            && !self.replicas.iter().any(Replica::wears_out)
    }

    /// From now on lets what is ordinary go straight on, and looks at what the ledger keeps only.
    pub(crate) fn go_straight(&mut self, ledger: &Ledger) {
        self.ordinary = self.is_ordinary();
        self.follows_waits = ledger.follows_waits(self.id);
        // The work is at place 0.
        self.after_work = match self.program.ops.get(1) {
            Some(Op::Finish) if self.ordinary => After::Finish,
            Some(&Op::Call { site, key }) if self.ordinary => After::Call { site, key },
            _ => After::Closely,
        };
    }

    /// A piece of work is done, at a service that may be ordinary.
    #[inline(always)]
    pub(crate) fn go_straight_on<K: Kit>(
        &mut self,
        id: Id,
        began: Time,
        callers: &mut Callers,
        io: &mut Io<'_, K>,
    ) -> Next {
        let Io { queue, log, links, .. } = io;
        let (now, envelope) = (queue.now(), &mut links.envelopes[id]);
        let number = envelope.to.replica;
        let replica = &mut self.replicas[number as usize];
        if replica.is_fallible() {
            return Next::Closely;
        }
        let (service, endpoint, lineage, took) = (self.id, None, envelope.lineage, now - began);
        let done =
            Row::WorkDone { service, endpoint, lineage, took, for_nobody: false, dead: false };
        let next = match self.after_work {
            After::Finish => {
                let left = Row::Left {
                    service,
                    endpoint,
                    replica: number,
                    lineage,
                    how: Leaving::Finished,
                    times: (envelope.work.arrived, envelope.work.served + took),
                    held: WORKER,
                };
                debug_assert!(envelope.work.holds == WORKER, "who works holds a worker");
                replica.volatile.give_back(WORKER);
                envelope.work.end();
                let way = envelope.way;
                log.record_both(now, (service, endpoint), [done, left]);
                answer(id, way, io)
            }
            After::Call { site, key } => {
                let begin = begin(id, envelope, (site, key), self.deadlines, now);
                let work = &mut envelope.work;
                work.served = work.served + took;
                work.step = 2;
                if self.while_calling == WhileCalling::Released {
                    work.holds = Holds::default();
                    replica.volatile.give_back(WORKER);
                    let freed = Row::FreedWorker { service, endpoint };
                    log.record_both(now, (service, endpoint), [done, freed]);
                } else {
                    log.record(now, done);
                }
                let (asked, next) = callers.begin_here(begin, io);
                io.links.envelopes[id].work.doing = Doing::Calling(asked);
                next
            }
            After::Closely => return Next::Closely,
        };
        self.fill_straight(number, callers, io);
        next
    }

    /// A call that an activation here made has ended well.
    #[inline(always)]
    pub(crate) fn resume<K: Kit>(
        &mut self,
        id: Id,
        callers: &mut Callers,
        io: &mut Io<'_, K>,
    ) -> Next {
        let Io { queue, log, links, .. } = io;
        let envelope = &mut links.envelopes[id];
        if !(self.ordinary && self.program.is_over(envelope.work.step)) {
            self.ended(id, Outcome::OK, callers, io);
            return Next::Nothing;
        }
        let (now, number, held) = (queue.now(), envelope.to.replica, envelope.work.holds);
        let way = envelope.way;
        let left = |held| Row::Left {
            service: self.id,
            endpoint: None,
            replica: number,
            lineage: envelope.lineage,
            how: Leaving::Finished,
            times: (envelope.work.arrived, envelope.work.served),
            held,
        };
        let holds_none = held == Holds::default();
        if holds_none {
            log.record(now, left(Holds::default()));
        } else {
            debug_assert!(held == WORKER, "who waits for a call holds a worker or nothing");
            log.record(now, left(WORKER));
            self.replicas[number as usize].volatile.give_back(WORKER);
        }
        envelope.work.end();
        let next = answer(id, way, io);
        if !holds_none {
            self.fill_straight(number, callers, io);
        }
        next
    }
}

/// A call that who is in an envelope makes now.
#[inline(always)]
fn begin(
    id: Id,
    envelope: &Envelope,
    (site, key): (SiteId, Child),
    deadlines: Deadlines,
    now: Time,
) -> Begin {
    let deadline = match deadlines {
        Deadlines::Ignore => Time::MAX,
        deadlines => deadlines.of_calls(envelope.deadline()),
    };
    let Address { service, replica } = envelope.to;
    Begin {
        site,
        owner: Owner::Activation { service, activation: id },
        replica,
        class: envelope.class(),
        intended: now,
        lineage: key.of(envelope.lineage),
        deadline,
    }
}

/// Sends a good answer: by its link, or to be handed over as soon as its sender is done.
#[inline(always)]
fn answer<K: Kit>(id: Id, way: Way, io: &mut Io<'_, K>) -> Next {
    if way == Way::AT_ONCE {
        io.record(Row::EnvelopeSent);
        Next::Answer(id)
    } else {
        io.reply(id, Outcome::OK);
        Next::Nothing
    }
}
