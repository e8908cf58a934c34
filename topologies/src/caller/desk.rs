//! The callers' desk: what is known of each open call, and what is done for it.

use super::Owner;
use super::place::Place;
use crate::activation::Doing;
use crate::clock::read_by;
use crate::envelope::{Address, Body, Envelope};
use crate::event::Event;
use crate::graph::{Balance, Caller, Graph, SiteId};
use crate::ledger::{Of, Row};
use crate::world::{Io, Kit, ORDINARY};
use brownout_core::queue::Rank;
use brownout_core::slab::{Id, Slab};
use brownout_core::{Span, Time};
use brownout_policies::call::{Action, Driver};
use brownout_policies::outcome::Outcome;

/// A call without an end.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Open {
    pub(super) site: SiteId,
    /// Attempts so far.
    pub(super) attempts: u32,
    pub(super) owner: Owner,
    /// The caller's replica.
    pub(super) replica: u32,
    pub(super) intended: Time,
    pub(super) lineage: u64,
    /// The top of its tree of frames.
    pub(super) root: Id,
}

/// A frame's last wake-up.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Timer {
    /// None once it was taken back.
    pub(super) rank: Rank,
    pub(super) frame: Id,
}

/// An attempt to send.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attempt {
    pub(super) leaf: Id,
    pub(super) call: Id,
    pub(super) site: SiteId,
    /// The caller's replica.
    pub(super) replica: u32,
    /// When its call was meant to begin.
    pub(super) intended: Time,
    pub(super) lineage: u64,
    pub(super) deadline: Time,
}

/// Open calls, and what their callers know about where they call.
#[derive(Debug, Default)]
pub(super) struct Desk {
    pub(super) open: Slab<Open>,
    pub(super) places: Vec<Place>,
    /// Whose turn it is, for round robin.
    pub(super) turns: Vec<u32>,
    /// The last wake-up of each frame, by place.
    pub(super) timers: Vec<Timer>,
}

/// The desk with the means to do what the machine asks for.
pub(super) struct Hands<'a, 'w, K: Kit> {
    pub(super) desk: &'a mut Desk,
    pub(super) io: &'a mut Io<'w, K>,
}

impl<K: Kit> Driver for Hands<'_, '_, K> {
    #[inline(always)]
    fn act(&mut self, action: Action) {
        match action {
            Action::Send { leaf, owner: call, lineage, deadline } => {
                let open = &mut self.desk.open[call];
                let &mut Open { site, replica, intended, attempts: ordinal, .. } = open;
                open.attempts += 1;
                let Of { target, load } = self.desk.places[site.index()].of;
                self.io.record(Row::AttemptSent { site, target, load, lineage, ordinal });
                let attempt = Attempt { leaf, call, site, replica, intended, lineage, deadline };
                self.desk.send(&attempt, self.io);
            }
            Action::Wake { frame, after, constant } => {
                self.desk.set_timer(frame, after, constant, self.io);
            }
            Action::Hush { frame } => {
                if let Some(timer) = self.desk.timers.get_mut(frame.place()) {
                    timer.rank = Rank::NONE;
                }
            }
            Action::GiveUp { leaf, owner, lineage, outcome } => {
                self.desk.give_up(leaf, owner, lineage, outcome, self.io);
            }
            Action::Finish { owner, outcome } => self.desk.finish(owner, outcome, self.io),
        }
    }
}

impl Desk {
    /// Sends an attempt; returns its envelope's name.
    #[inline(always)]
    pub(super) fn send<K: Kit>(&mut self, attempt: &Attempt, io: &mut Io<'_, K>) -> Id {
        let &Attempt { leaf, call, site, replica, intended, lineage, deadline } = attempt;
        let place = &self.places[site.index()];
        let (target, way, endpoint) = (place.of.target, place.way, place.endpoint);
        let (absolute, from) = (place.absolute, replica);
        let replica = if place.replicas == 1 { 0 } else { self.choose(site, replica, lineage) };
        let (id, envelope) = io.links.envelopes.claim();
        envelope.to = Address { service: target, replica };
        envelope.site = site;
        envelope.way = way;
        envelope.leaf = leaf;
        envelope.call = call;
        envelope.lineage = lineage;
        envelope.intended = intended;
        let remaining =
            if deadline == Time::MAX { Span::MAX } else { deadline.since(io.queue.now()) };
        envelope.body = Body::Request { remaining };
        if absolute && deadline != Time::MAX {
            let to = envelope.to;
            envelope.body = by_the_clock(io.graph, site, from, to, deadline);
        }
        envelope.work.doing = Doing::Travelling;
        envelope.work.step = endpoint;
        io.post(id, way, Event::Request);
        id
    }

    /// The replica for an attempt, of several.
    #[inline(never)]
    fn choose(&mut self, site: SiteId, caller: u32, lineage: u64) -> u32 {
        let place = &self.places[site.index()];
        match place.balance {
            Balance::RoundRobin => {
                let turn = &mut self.turns[place.turn + caller as usize];
                let replica = *turn % place.replicas;
                *turn = (replica + 1) % place.replicas;
                replica
            }
            Balance::Random => {
                let unit = place.stream.draws(lineage).unit();
                ((unit * f64::from(place.replicas)) as u32).min(place.replicas - 1)
            }
        }
    }

    #[inline(always)]
    fn set_timer<K: Kit>(&mut self, frame: Id, after: Span, constant: bool, io: &mut Io<'_, K>) {
        let event = Event::Caller(frame.place() as u32).payload();
        let rank = if constant {
            io.queue.after_constant(after, ORDINARY, event)
        } else {
            io.queue.at(io.queue.now().saturating_add(after), ORDINARY, event)
        };
        if self.timers.len() <= frame.place() {
            self.timers.resize(frame.place() + 1, Timer::default());
        }
        self.timers[frame.place()] = Timer { rank, frame };
    }

    #[inline]
    fn give_up<K: Kit>(
        &mut self,
        leaf: Id,
        call: Id,
        lineage: u64,
        outcome: Outcome,
        io: &mut Io<'_, K>,
    ) {
        let site = self.open[call].site;
        let place = &self.places[site.index()];
        let target = place.of.target;
        io.record(Row::AttemptGivenUp { site, target, outcome });
        if place.cancels {
            // The connection knows the replica; the cancel finds the work by its attempt.
            let to = Address { service: target, replica: 0 };
            let way = place.way;
            let cancel = Envelope { to, site, way, leaf, call, lineage, ..Envelope::default() };
            let id = io.links.envelopes.insert(cancel);
            io.post(id, way, Event::Cancel);
        }
    }

    #[inline]
    pub(super) fn finish<K: Kit>(&mut self, call: Id, outcome: Outcome, io: &mut Io<'_, K>) {
        let &Open { site, owner, intended, lineage, .. } = &self.open[call];
        self.open.discard(call);
        let place = &self.places[site.index()];
        let Of { target, load } = place.of;
        io.record(Row::CallEnded { site, target, load, lineage, intended, outcome });
        if place.tells {
            io.ended.push((owner, outcome));
        }
    }
}

/// A deadline as a moment, which a service's replica writes down and another's reads.
#[inline(never)]
fn by_the_clock(graph: &Graph, site: SiteId, from: u32, to: Address, deadline: Time) -> Body {
    let writer = match graph.sites[site.index()].caller {
        Caller::Load(_) => 0,
        Caller::Service(id) => graph.services[id.index()].clock_offset(from),
    };
    let reader = graph.services[to.service.index()].clock_offset(to.replica);
    Body::RequestBy { moment: read_by(deadline, writer, reader) }
}
