//! The world: every node, the links between them, and which event goes to whom.

mod changes;
mod io;
mod kit;
pub mod look;
mod straight;

pub use io::Io;
pub use kit::Kit;

use crate::activation::{Hold, Mark};
use crate::caller::{Breakers, Callers, Owner};
use crate::clock::WallClocks;
use crate::death::Death;
use crate::effect::Effects;
use crate::envelope::{Body, Envelope};
use crate::event::{Delivery, Event};
use crate::fault::{Reach, Timeline};
use crate::graph::{Graph, ServiceId};
use crate::ledger::books::UnderWay;
use crate::ledger::{Ledger, Log, Plan, Row, Sink};
use crate::link::{Links, Ways};
use crate::lives::Lives;
use crate::run::RunOptions;
use crate::service::{Seat, Service};
use crate::source::Sources;
use brownout_core::Time;
use brownout_core::engine::Model;
use brownout_core::queue::{Class, Due, Queue, Rank};
use brownout_core::random::Seed;
use brownout_core::slab::Id;
use brownout_policies::outcome::Outcome;
use std::ops::ControlFlow;

/// Totals are read before anything else happens at their moment.
const SAMPLE: Class = 0;
/// What is due at the end of the run no longer happens.
const END: Class = 1;
/// Faults begin and end before the traffic of their moment.
pub(crate) const FAULT: Class = 2;
/// Everything else, first scheduled first.
pub const ORDINARY: Class = 3;

/// All state of one run.
pub struct World<'g, K: Kit> {
    io: Io<'g, K>,
    nodes: Nodes,
}

/// Whoever can be woken and sent to.
struct Nodes {
    sources: Sources,
    services: Vec<Service>,
    callers: Callers,
    /// For those who look at how services stand.
    breakers: Breakers,
    /// What befalls them.
    faults: Timeline,
    lives: Lives,
    /// Whose replicas keep the same.
    replicated: Vec<ServiceId>,
}

impl<'g, K: Kit> World<'g, K> {
    /// The world of `graph` before anything has happened.
    pub fn new(
        graph: &'g Graph,
        seed: Seed,
        plan: &Plan,
        options: RunOptions,
        sink: K::Sink,
    ) -> World<'g, K> {
        let reach = Reach::of(graph);
        let ways = Ways::of(graph, &reach);
        let ledger = Ledger::new(graph, plan);
        let follows = graph.follows_effects() || ledger.wants_truth();
        let mut links = Links::new(graph, seed);
        links.effects = Effects::new(follows);
        let mut services = Service::all(graph, seed, &ways, &reach);
        if ledger.wants_dead() {
            services.iter_mut().for_each(Service::look_for_dead);
        }
        let asked = (follows, ledger.places_deaths());
        let mut callers = Callers::new(graph, seed, &ways, &reach, asked);
        let nothing_goes_along = !follows && !graph.has_stores() && !links.minds_zones();
        if nothing_goes_along && !options.roundabout {
            if !options.named {
                straight::lose_names(graph, &reach, &mut services, &callers);
            }
            if !sink.listens() {
                straight::go_straight(&ledger, &mut services, &mut callers);
            }
        }
        World {
            io: Io {
                queue: Queue::new(options.queue),
                log: Log { ledger, sink },
                links,
                ended: Vec::new(),
                died: Death::default(),
                clocks: WallClocks::default(),
                end: Time::ZERO + graph.time,
                graph,
            },
            nodes: Nodes {
                sources: Sources::new(graph, seed),
                services,
                callers,
                breakers: Breakers::default(),
                faults: Timeline::new(graph, seed),
                lives: Lives::new(graph),
                replicated: graph.replicated(),
            },
        }
    }

    /// Schedules what sets everything going.
    pub fn begin(&mut self) {
        let World { io, nodes, .. } = self;
        io.queue.rarely(Time::ZERO, SAMPLE, Event::Sample.payload());
        io.queue.rarely(io.end, END, Event::End.payload());
        nodes.await_faults(io);
        if io.log.ledger.looks() {
            nodes.breakers = nodes.callers.breakers();
        }
        nodes.callers.begin_watching(io);
        nodes.live(io, |lives, told| lives.begin(told));
        nodes.sources.begin(io);
    }

    /// Tells the ledger what is still open, and hands it over with what is still under way,
    /// counted over the things themselves.
    pub fn finish(self) -> (Ledger, UnderWay) {
        let Io { queue, log, links, end, .. } = self.io;
        let Nodes { callers, services, .. } = self.nodes;
        let (mut ledger, envelopes) = (log.ledger, links.envelopes);
        let is_delivery = |event: &Due| matches!(Event::of(event.payload), Event::Delivery(..));
        let mut under_way = UnderWay {
            attempts: callers.open_attempts(),
            connections: callers.connections(),
            envelopes: queue.pending().filter(is_delivery).count() as u64,
            ..UnderWay::default()
        };
        under_way.locks = services.iter().map(Service::locks_held).sum();
        under_way.writes = services.iter().map(Service::writes_standing).sum();
        for call in callers.open_calls() {
            under_way.count_call(call.of.load.is_some());
            ledger.open_call(call, end);
        }
        let is_followed: Vec<bool> =
            services.iter().map(|service| service.is_followed(&ledger)).collect();
        for service in &services {
            under_way.activations += service.tell_of_nameless(&mut ledger);
        }
        for (id, envelope) in envelopes.iter() {
            if let Some(call) = callers.open_plain_call(id, envelope, &envelopes) {
                under_way.attempts += 1;
                under_way.count_call(call.of.load.is_some());
                ledger.open_call(call, end);
            }
            under_way.keys += u64::from(envelope.work.holds.has(Hold::Key));
            under_way.look_ups += u64::from(envelope.work.marks.has(Mark::Waited));
            if envelope.work.is_branch() {
                under_way.branches += 1;
            } else if envelope.work.is_inside() {
                under_way.activations += 1;
                let number = envelope.to.service.index();
                if is_followed[number] {
                    services[number].tell_of_open(envelope, &mut ledger);
                }
            }
        }
        ledger.close();
        (ledger, under_way)
    }

    /// The ledger, before the run.
    pub fn ledger_mut(&mut self) -> &mut Ledger {
        &mut self.io.log.ledger
    }
}

impl Nodes {
    /// A request has come to its service.
    #[inline(always)]
    fn request<K: Kit>(&mut self, id: Id, io: &mut Io<'_, K>) {
        let Io { queue, log, links, .. } = io;
        let envelope = &mut links.envelopes[id];
        let to = envelope.to.service;
        let service = &mut self.services[to.index()];
        log.record(queue.now(), Row::EnvelopeDelivered { request_to: Some(to) });
        if log.sink.listens() || !service.ordinary {
            return self.deliver_closely(id, io);
        }
        match service.deliver_straight::<K>(id, envelope, queue, log) {
            Seat::AtWork | Seat::InLine => {}
            Seat::Nameless => links.envelopes.discard(id),
            Seat::Served | Seat::None => self.deliver_closely(id, io),
        }
    }

    /// The general way of a request that has come.
    #[inline(never)]
    fn deliver_closely<K: Kit>(&mut self, id: Id, io: &mut Io<'_, K>) {
        let service = io.links.envelopes[id].to.service;
        self.services[service.index()].deliver(id, &mut self.callers, io);
    }

    /// An answer has come back.
    #[inline(always)]
    fn answer<K: Kit>(&mut self, id: Id, io: &mut Io<'_, K>) {
        io.record(Row::EnvelopeDelivered { request_to: None });
        let &Envelope { leaf, call, site, lineage, body, .. } = &io.links.envelopes[id];
        let Body::Reply(outcome) = body else { unreachable!("an answer says what came of it") };
        if !outcome.is_success() {
            io.died = Death::told_by(&io.links.envelopes[id], outcome);
        }
        if leaf.is_none() {
            if let Some(owner) = self.callers.plain_reply(id, outcome, io) {
                self.tell(owner, outcome, io);
            }
        } else {
            if io.links.notes.are_kept() && outcome.is_success() {
                self.callers.read_note(id, io);
            }
            io.links.envelopes.discard(id);
            self.callers.reply((leaf, call, site), lineage, outcome, io);
        }
    }

    /// Anything but a request or an answer has come: a service hears that nobody waits any more,
    /// or somebody asks or says how a replica feels.
    #[inline(never)]
    fn note<K: Kit>(&mut self, id: Id, io: &mut Io<'_, K>) {
        let &Envelope { to, leaf, call: request, body, .. } = &io.links.envelopes[id];
        io.record(Row::EnvelopeDelivered { request_to: None });
        match body {
            Body::Cancel => {
                io.links.envelopes.discard(id);
                let service = &mut self.services[to.service.index()];
                service.cancel((request, leaf), &mut self.callers, io);
            }
            Body::Probe(probe) => self.services[to.service.index()].probe(id, probe, io),
            Body::Probed(probe, good) => self.callers.probed(id, probe, good, io),
            Body::Request { .. } | Body::RequestBy { .. } | Body::Reply(_) => {
                unreachable!("these have events of their own")
            }
        }
    }

    /// What else can happen.
    #[inline(never)]
    fn react<K: Kit>(&mut self, due: Due, io: &mut Io<'_, K>) -> ControlFlow<()> {
        match Event::of(due.payload) {
            Event::Service(_) | Event::Arrival(_) | Event::Caller(_) => {
                unreachable!("these have been seen to")
            }
            // What a link had took its time; now it is like the rest.
            Event::Delivery(what, place) => {
                io.queue.at_once(what.word(io.links.envelopes.name(place)));
            }
            Event::Group(number) => self.callers.wake_group(number, due.rank, io),
            Event::Life(place) => self.live(io, |lives, told| lives.wake(place, due.rank, told)),
            Event::Pool(number) => self.callers.wake_pool(number, due.rank, io),
            Event::User(number) => self.sources.ask(number, &mut self.callers, io),
            Event::Faults => self.change_faults(io),
            Event::Sample => {
                io.sample();
                self.look(io);
                if !io.log.ledger.alarms().is_empty() {
                    self.abort_faults(io);
                }
            }
            Event::End => return ControlFlow::Break(()),
        }
        ControlFlow::Continue(())
    }

    /// Tells the ledger how the services stand, if it is time for that.
    fn look<K: Kit>(&self, io: &mut Io<'_, K>) {
        if io.log.ledger.is_to_look() {
            let seen = self.callers.glance(&self.breakers, self.services.len());
            io.log.ledger.look(&seen);
        }
    }

    /// Tells an owner that its call has ended.
    #[inline(always)]
    fn tell<K: Kit>(&mut self, owner: Owner, outcome: Outcome, io: &mut Io<'_, K>) {
        match owner {
            Owner::User { load, user } => self.sources.ended(load, user, outcome, io),
            Owner::Activation { service, activation } => {
                let service = &mut self.services[service.index()];
                service.ended(activation, outcome, &mut self.callers, io);
            }
        }
    }

    /// Tells the owners of ended calls.
    #[inline(never)]
    fn tell_all<K: Kit>(&mut self, io: &mut Io<'_, K>) {
        let mut next = 0;
        while let Some(&(owner, outcome, died)) = io.ended.get(next) {
            next += 1;
            io.died = died;
            match owner {
                // Nobody is to be told after it, and nothing handed over before what it sends.
                Owner::Activation { service, activation }
                    if !io.log.sink.listens()
                        && outcome == Outcome::OK
                        && next == io.ended.len()
                        && io.queue.is_done() =>
                {
                    self.go_on(service, activation, io);
                }
                _ => self.tell(owner, outcome, io),
            }
        }
        io.ended.clear();
    }
}

impl<K: Kit> Model for World<'_, K> {
    type Heap = K::Heap;

    #[inline(always)]
    fn queue(&mut self) -> &mut Queue<K::Heap> {
        &mut self.io.queue
    }

    #[inline(always)]
    fn handle(&mut self, due: Due) -> ControlFlow<()> {
        let World { io, nodes, .. } = self;
        // Most of what happens is that a piece of work is done, or that somebody comes.
        let next = if let Some(place) = Event::service(due.payload) {
            nodes.wake(place, due.rank, io)
        } else if let Some(load) = Event::arrival(due.payload) {
            nodes.arrive(load, due.rank, io)
        } else if let Some(frame) = Event::caller(due.payload) {
            nodes.callers.wake(frame, due.rank, io)
        } else {
            nodes.react(due, io)?;
            None
        };
        if let Some(request) = next {
            nodes.request(request, io);
        }
        if !io.ended.is_empty() {
            nodes.tell_all(io);
        }
        ControlFlow::Continue(())
    }

    #[inline(always)]
    fn handle_at_once(&mut self, word: u64) {
        let World { io, nodes, .. } = self;
        let (what, envelope) = Delivery::apart(word);
        match what {
            Delivery::Request => nodes.request(envelope, io),
            Delivery::Answer => nodes.answer(envelope, io),
            Delivery::Note => nodes.note(envelope, io),
        }
        if !io.ended.is_empty() {
            nodes.tell_all(io);
        }
    }

    fn awaits(&mut self, event: Due) -> bool {
        match Event::of(event.payload) {
            Event::Service(place) => self.io.links.envelopes.entry(place).work.timer == event.rank,
            Event::Caller(place) => self.nodes.callers.awaits(place, event.rank),
            Event::Group(number) => *self.nodes.callers.group_timer(number) == event.rank,
            Event::Pool(number) => *self.nodes.callers.pool_timer(number) == event.rank,
            Event::Life(place) => *self.nodes.lives.timer(place) == event.rank,
            Event::Arrival(load) => self.nodes.sources.awaits(load, event.rank),
            Event::Delivery(..) | Event::User(_) | Event::Faults | Event::Sample | Event::End => {
                true
            }
        }
    }

    fn look_ahead(&self, payload: u32) -> u64 {
        Event::service(payload).map_or(0, |place| self.nodes.look_ahead(place, &self.io))
    }

    fn rename(&mut self, payload: u32, rank: Rank) {
        match Event::of(payload) {
            Event::Service(place) => self.io.links.envelopes.entry(place).work.timer = rank,
            Event::Caller(place) => self.nodes.callers.rename(place, rank),
            Event::Group(number) => *self.nodes.callers.group_timer(number) = rank,
            Event::Pool(number) => *self.nodes.callers.pool_timer(number) = rank,
            Event::Life(place) => *self.nodes.lives.timer(place) = rank,
            Event::Arrival(load) => {
                self.nodes.sources.pending(load).into_iter().for_each(|pending| *pending = rank);
            }
            Event::Delivery(..) | Event::User(_) | Event::Faults | Event::Sample | Event::End => {}
        }
    }
}
