//! The callers' desk: what is known of each open call, and what is done for it.

use super::Owner;
use crate::activation::Doing;
use crate::envelope::{Address, Body, Envelope};
use crate::graph::{Balance, LinkId, LoadId, ServiceId, SiteId};
use crate::ledger::Row;
use crate::world::{Event, Io, Node, ORDINARY};
use brownout_core::heap::Heap;
use brownout_core::queue::Ticket;
use brownout_core::random::Stream;
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
    pub(super) from: Address,
    pub(super) intended: Time,
    pub(super) lineage: u64,
    /// The top of its tree of frames.
    pub(super) root: Id,
}

/// What a caller knows about one of its sites.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) target: ServiceId,
    pub(super) link: LinkId,
    pub(super) replicas: u32,
    pub(super) balance: Balance,
    /// Whether the callee does anything about a cancel.
    pub(super) cancels: bool,
    /// Whether calls from here need no machine.
    pub(super) plain: bool,
    /// Whose users call from here, if users do.
    pub(super) load: Option<LoadId>,
    /// Whether the callers want to hear of the end: users of an open loop do not.
    pub(super) tells: bool,
    /// The first of its bound stacks, and whether there is one per caller replica.
    pub(super) instance: u32,
    pub(super) per_replica: bool,
    /// Where this site's turns begin, one per caller replica.
    pub(super) turn: usize,
    /// Names the draws of a random balancer.
    pub(super) stream: Stream,
}

/// An attempt to send.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attempt {
    pub(super) leaf: Id,
    pub(super) call: Id,
    pub(super) site: SiteId,
    pub(super) from: Address,
    /// Its number in the call, from 0.
    pub(super) ordinal: u32,
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
    timers: Vec<Ticket>,
}

/// The desk with the means to do what the machine asks for.
pub(super) struct Hands<'a, 'w, H: Heap> {
    pub(super) desk: &'a mut Desk,
    pub(super) io: &'a mut Io<'w, H>,
}

impl<H: Heap> Driver for Hands<'_, '_, H> {
    #[inline(always)]
    fn act(&mut self, action: Action) {
        match action {
            Action::Send { leaf, owner: call, lineage, deadline } => {
                let open = &mut self.desk.open[call];
                let &mut Open { site, from, intended, attempts: ordinal, .. } = open;
                open.attempts += 1;
                let attempt =
                    Attempt { leaf, call, site, from, ordinal, intended, lineage, deadline };
                self.desk.send(&attempt, self.io);
            }
            Action::Wake { frame, after, constant } => {
                self.desk.set_timer(frame, after, constant, self.io);
            }
            Action::Hush { frame } => {
                if let Some(&ticket) = self.desk.timers.get(frame.place()) {
                    self.io.queue.cancel(ticket);
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
    pub(super) fn send<H: Heap>(&mut self, attempt: &Attempt, io: &mut Io<'_, H>) -> Id {
        let &Attempt { leaf, call, site, from, ordinal, intended, lineage, deadline } = attempt;
        let place = &self.places[site.index()];
        let (target, link, load) = (place.target, place.link, place.load);
        let replica = if place.replicas == 1 { 0 } else { self.choose(site, from, lineage) };
        io.ledger.record(io.now, Row::AttemptSent { site, target, load, lineage, ordinal });
        let (id, envelope) = io.links.envelopes.claim();
        envelope.from = from;
        envelope.to = Address::of(target, replica);
        envelope.site = site;
        envelope.link = link;
        envelope.leaf = leaf;
        envelope.call = call;
        envelope.lineage = lineage;
        envelope.intended = intended;
        let remaining = if deadline == Time::MAX { Span::MAX } else { deadline.since(io.now) };
        envelope.body = Body::Request { remaining };
        envelope.work.doing = Doing::Travelling;
        io.links.post(id, link, io.queue, io.ledger);
        id
    }

    /// The replica for an attempt, of several.
    #[inline(never)]
    fn choose(&mut self, site: SiteId, from: Address, lineage: u64) -> u32 {
        let place = &self.places[site.index()];
        match place.balance {
            Balance::RoundRobin => {
                let turn = &mut self.turns[place.turn + from.replica as usize];
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
    fn set_timer<H: Heap>(&mut self, frame: Id, after: Span, constant: bool, io: &mut Io<'_, H>) {
        let event = Event::Wake(Node::Callers, frame);
        let ticket = if constant {
            io.queue.after_constant(after, ORDINARY, event)
        } else {
            io.queue.at(io.now.saturating_add(after), ORDINARY, event)
        };
        if self.timers.len() <= frame.place() {
            self.timers.resize(frame.place() + 1, Ticket::NONE);
        }
        self.timers[frame.place()] = ticket;
    }

    #[inline]
    fn give_up<H: Heap>(
        &mut self,
        leaf: Id,
        call: Id,
        lineage: u64,
        outcome: Outcome,
        io: &mut Io<'_, H>,
    ) {
        let &Open { site, from, .. } = &self.open[call];
        let place = &self.places[site.index()];
        let target = place.target;
        io.ledger.record(io.now, Row::AttemptGivenUp { site, target, outcome });
        if place.cancels {
            // The connection knows the replica; the cancel finds the work by its attempt.
            let to = Address::of(target, 0);
            let link = place.link;
            let cancel =
                Envelope { from, to, site, link, leaf, call, lineage, ..Envelope::default() };
            let id = io.links.envelopes.insert(cancel);
            io.links.post(id, link, io.queue, io.ledger);
        }
    }

    #[inline]
    pub(super) fn finish<H: Heap>(&mut self, call: Id, outcome: Outcome, io: &mut Io<'_, H>) {
        let &Open { site, owner, intended, lineage, .. } = &self.open[call];
        self.open.discard(call);
        let place = &self.places[site.index()];
        let (target, load) = (place.target, place.load);
        io.ledger.record(io.now, Row::CallEnded { site, target, load, lineage, intended, outcome });
        if place.tells {
            io.ended.push((owner, outcome));
        }
    }
}
