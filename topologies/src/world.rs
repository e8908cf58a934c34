//! The world: every node, the links between them, and which event goes to whom.

use crate::caller::{Callers, Owner};
use crate::envelope::{Body, Envelope};
use crate::fault::Fault;
use crate::graph::{Graph, LoadId, ServiceId};
use crate::ledger::books::UnderWay;
use crate::ledger::query::Target;
use crate::ledger::{Ledger, Plan, Row};
use crate::link::Links;
use crate::service::Service;
use crate::source::Source;
use brownout_core::Time;
use brownout_core::engine::Model;
use brownout_core::heap::Heap;
use brownout_core::queue::{Class, Queue};
use brownout_core::random::Seed;
use brownout_core::slab::Id;
use brownout_policies::outcome::Outcome;
use std::collections::BTreeSet;
use std::ops::ControlFlow;

/// Totals are read before anything else happens at their moment.
const SAMPLE: Class = 0;
/// What is due at the end of the run no longer happens.
const END: Class = 1;
/// Faults begin and end before the traffic of their moment.
const FAULT: Class = 2;
/// Everything else, first scheduled first.
pub const ORDINARY: Class = 3;

/// More hops than this at one instant are a loop in the model, not a busy moment.
const HOPS_MAX: u64 = 50_000_000;

/// What can happen. A new kind of node does not add to it.
#[derive(Debug, Clone, Copy, Default)]
pub enum Event {
    /// A link hands over an envelope that took its time.
    Deliver(Id),
    /// A node's own timer, with the token it asked for.
    Wake(Node, Id),
    /// The set of active faults changes.
    Faults,
    /// Totals are to be read.
    Sample,
    /// The run is over.
    #[default]
    End,
}

/// Who is woken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Node {
    /// A load source.
    Source(LoadId),
    /// A service.
    Service(ServiceId),
    /// The callers' side.
    Callers,
}

/// What a node can do besides changing its own state: send, wake itself, record.
pub struct Io<'a, H: Heap> {
    /// For waking oneself.
    pub queue: &'a mut Queue<Event, H>,
    /// For recording.
    pub ledger: &'a mut Ledger,
    /// What does not change during the run.
    pub graph: &'a Graph,
    /// The present moment.
    pub now: Time,
    /// When the run ends.
    pub end: Time,
    /// Calls that have ended, and whom to tell.
    pub ended: &'a mut Vec<(Owner, Outcome)>,
    links: &'a mut Links,
}

impl<H: Heap> Io<'_, H> {
    /// The present moment.
    #[inline]
    pub fn now(&self) -> Time {
        self.now
    }

    /// Writes a row.
    #[inline(always)]
    pub fn record(&mut self, row: Row<'_>) {
        self.ledger.record(self.now, row);
    }

    /// Puts an envelope on its link.
    #[inline(always)]
    pub fn send(&mut self, envelope: Envelope) {
        self.links.send(envelope, self.queue, self.ledger);
    }

    /// Sends an envelope back with an answer in it.
    #[inline(always)]
    pub fn reply(&mut self, id: Id, incarnation: u32, outcome: Outcome) {
        self.links.reply(id, incarnation, outcome, self.queue, self.ledger);
    }

    /// An envelope that has come here.
    #[inline(always)]
    pub fn envelope(&self, id: Id) -> &Envelope {
        self.links.envelope(id)
    }

    /// An envelope, if there is still one of this name.
    pub fn find(&self, id: Id) -> Option<&Envelope> {
        self.links.find(id)
    }

    /// An envelope will not be answered.
    #[inline(always)]
    pub fn throw_away(&mut self, id: Id) {
        self.links.throw_away(id);
    }
}

/// All state of one run.
pub struct World<'g> {
    graph: &'g Graph,
    end: Time,
    sources: Vec<Source>,
    services: Vec<Service>,
    callers: Callers,
    links: Links,
    ledger: Ledger,
    ended: Vec<(Owner, Outcome)>,
    /// When faults begin or end, in order.
    fault_times: BTreeSet<Time>,
    /// Whether hops that take no time went on without end.
    stands_still: bool,
}

/// The parts of the world, borrowed apart, with [`Io`] made from those that every node shares.
macro_rules! parts {
    ($world:ident, $queue:ident) => {
        (
            &mut $world.sources,
            &mut $world.services,
            &mut $world.callers,
            Io {
                now: $queue.now(),
                queue: $queue,
                ledger: &mut $world.ledger,
                graph: $world.graph,
                end: $world.end,
                ended: &mut $world.ended,
                links: &mut $world.links,
            },
        )
    };
}

impl<'g> World<'g> {
    /// The world of `graph` before anything has happened.
    pub fn new(graph: &'g Graph, seed: Seed, plan: &Plan) -> World<'g> {
        let loads = (0..graph.loads.len() as u32).map(LoadId);
        let services = (0..graph.services.len() as u32).map(ServiceId);
        let fault_times = graph.faults.iter().flat_map(|fault| [fault.at, fault.until()]);
        World {
            graph,
            end: Time::ZERO + graph.time,
            sources: loads.map(|load| Source::new(graph, load, seed)).collect(),
            services: services.map(|service| Service::new(graph, service, seed)).collect(),
            callers: Callers::new(graph, seed),
            links: Links::new(graph, seed),
            ledger: Ledger::new(graph, plan),
            ended: Vec::new(),
            fault_times: fault_times.collect(),
            stands_still: false,
        }
    }

    /// Schedules what sets everything going.
    pub fn begin<H: Heap>(&mut self, queue: &mut Queue<Event, H>) {
        queue.at(Time::ZERO, SAMPLE, Event::Sample);
        queue.at(self.end, END, Event::End);
        for &at in self.fault_times.iter().filter(|at| **at < self.end) {
            queue.at(at, FAULT, Event::Faults);
        }
        let (sources, _, _, mut io) = parts!(self, queue);
        for source in sources {
            source.begin(&mut io);
        }
    }

    #[inline]
    fn deliver<H: Heap>(&mut self, id: Id, queue: &mut Queue<Event, H>) {
        let (_, services, callers, mut io) = parts!(self, queue);
        let &Envelope { to, leaf, call, lineage, body, .. } = io.envelope(id);
        match (body, to.service()) {
            (Body::Request { .. }, Some(service)) => {
                io.record(Row::EnvelopeDelivered { request_to: Some(service) });
                services[service.index()].deliver(id, callers, &mut io);
            }
            (Body::Reply(outcome), _) => {
                io.record(Row::EnvelopeDelivered { request_to: None });
                io.throw_away(id);
                callers.reply((leaf, call), lineage, outcome, &mut io);
            }
            (Body::Cancel, Some(service)) => {
                io.record(Row::EnvelopeDelivered { request_to: None });
                io.throw_away(id);
                services[service.index()].cancel(leaf, callers, &mut io);
            }
            (Body::Request { .. } | Body::Cancel, None) => {
                unreachable!("nobody asks the outside for anything")
            }
        }
    }

    #[inline]
    fn wake<H: Heap>(&mut self, node: Node, token: Id, queue: &mut Queue<Event, H>) {
        let (sources, services, callers, mut io) = parts!(self, queue);
        match node {
            Node::Source(load) => sources[load.index()].wake(token, callers, &mut io),
            Node::Service(service) => {
                services[service.index()].wake(token, callers, &mut io);
            }
            Node::Callers => callers.wake(token, &mut io),
        }
    }

    fn change_faults<H: Heap>(&mut self, queue: &mut Queue<Event, H>) {
        let (_, services, callers, mut io) = parts!(self, queue);
        let now = io.now();
        for (number, service) in services.iter_mut().enumerate() {
            let of_service =
                || io.graph.faults.iter().filter(|fault| fault.service.index() == number);
            if of_service().any(|fault| fault.at == now || fault.until() == now) {
                let is_active = |fault: &&Fault| fault.at <= now && now < fault.until();
                let active: Vec<&Fault> = of_service().filter(is_active).collect();
                service.set_faults(&active, callers, &mut io);
            }
        }
    }

    /// Tells the owners of ended calls.
    fn tell_owners<H: Heap>(&mut self, queue: &mut Queue<Event, H>) {
        let mut next = 0;
        while let Some(&(owner, outcome)) = self.ended.get(next) {
            next += 1;
            let (sources, services, callers, mut io) = parts!(self, queue);
            match owner {
                Owner::User { load, user } => sources[load.index()].ended(user, &mut io),
                Owner::Activation { service, activation } => {
                    services[service.index()].ended(activation, outcome, callers, &mut io);
                }
            }
        }
        self.ended.clear();
    }

    /// What is still under way, counted over the things themselves.
    pub fn under_way<H: Heap>(&self, queue: &Queue<Event, H>) -> UnderWay {
        let under_way = queue.events().filter(|event| matches!(event, Event::Deliver(_))).count();
        let open_calls = || self.callers.open_calls();
        UnderWay {
            requests: open_calls().filter(|open| open.load.is_some()).count() as u64,
            calls: open_calls().count() as u64,
            attempts: self.callers.open_attempts(),
            activations: self.services.iter().map(|service| service.activations.len() as u64).sum(),
            envelopes: under_way as u64 + self.links.at_once(),
        }
    }

    /// Tells the ledger what is still open, and hands it over.
    pub fn into_ledger(mut self) -> Ledger {
        let end = self.end;
        for open in self.callers.open_calls() {
            let overdue = open.deadline <= end;
            self.ledger.open_call(Target::Service(open.target), open.intended, overdue);
            if let Some(load) = open.load {
                self.ledger.open_call(Target::Load(load), open.intended, overdue);
            }
        }
        for service in &self.services {
            for (_, activation) in service.activations.iter() {
                let waiting = activation.holds.has(crate::activation::Hold::Place);
                self.ledger.open_activation(service.id, activation.arrived, waiting);
            }
        }
        self.ledger
    }

    /// Whether hops that take no time went on without end.
    pub fn stands_still(&self) -> bool {
        self.stands_still
    }

    /// The ledger, before the run.
    pub fn ledger_mut(&mut self) -> &mut Ledger {
        &mut self.ledger
    }
}

impl<H: Heap> Model<H> for World<'_> {
    type Event = Event;

    #[inline]
    fn handle(&mut self, event: Event, queue: &mut Queue<Event, H>) -> ControlFlow<()> {
        match event {
            Event::Deliver(id) => self.deliver(id, queue),
            Event::Wake(node, token) => self.wake(node, token, queue),
            Event::Faults => self.change_faults(queue),
            Event::Sample => {
                if let Some(next) = self.ledger.sample(queue.now()) {
                    queue.at(next, SAMPLE, Event::Sample);
                }
                return ControlFlow::Continue(());
            }
            Event::End => return ControlFlow::Break(()),
        }
        // What takes no time happens now, in the order in which it was sent.
        let mut hops = 0u64;
        loop {
            if !self.ended.is_empty() {
                self.tell_owners(queue);
            }
            let Some(id) = self.links.next_at_once() else { break };
            self.deliver(id, queue);
            hops += 1;
            if hops > HOPS_MAX {
                self.stands_still = true;
                return ControlFlow::Break(());
            }
        }
        ControlFlow::Continue(())
    }
}
