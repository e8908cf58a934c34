//! The world: every node, the links between them, and which event goes to whom.

use crate::activation::Hold;
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
    /// The present moment.
    pub now: Time,
    /// When the run ends.
    pub end: Time,
    /// For waking oneself.
    pub queue: &'a mut Queue<Event, H>,
    /// For recording.
    pub ledger: &'a mut Ledger,
    /// For sending, and for what has been sent to oneself.
    pub links: &'a mut Links,
    /// What does not change during the run.
    pub graph: &'a Graph,
    /// Calls that have ended, and whom to tell.
    pub ended: &'a mut Vec<(Owner, Outcome)>,
}

/// All state of one run.
pub struct World<'g> {
    graph: &'g Graph,
    end: Time,
    nodes: Nodes,
    links: Links,
    ledger: Ledger,
    ended: Vec<(Owner, Outcome)>,
    /// When faults begin or end, in order.
    fault_times: BTreeSet<Time>,
    /// Whether hops that take no time went on without end.
    stands_still: bool,
}

/// Whoever can be woken and sent to.
struct Nodes {
    sources: Vec<Source>,
    services: Vec<Service>,
    callers: Callers,
}

/// The nodes, and [`Io`] made from what they share.
macro_rules! parts {
    ($world:ident, $queue:ident) => {
        (
            &mut $world.nodes,
            Io {
                now: $queue.now(),
                end: $world.end,
                queue: $queue,
                ledger: &mut $world.ledger,
                links: &mut $world.links,
                graph: $world.graph,
                ended: &mut $world.ended,
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
        let nodes = Nodes {
            sources: loads.map(|load| Source::new(graph, load, seed)).collect(),
            services: services.map(|service| Service::new(graph, service, seed)).collect(),
            callers: Callers::new(graph, seed),
        };
        World {
            graph,
            end: Time::ZERO + graph.time,
            nodes,
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
        let (nodes, mut io) = parts!(self, queue);
        for source in &mut nodes.sources {
            source.begin(&mut io);
        }
    }

    /// What is still under way, counted over the things themselves.
    pub fn under_way<H: Heap>(&self, queue: &Queue<Event, H>) -> UnderWay {
        let (callers, links) = (&self.nodes.callers, &self.links);
        let under_way = queue.events().filter(|event| matches!(event, Event::Deliver(_))).count();
        let open_calls = || callers.open_calls(links);
        UnderWay {
            requests: open_calls().filter(|open| open.load.is_some()).count() as u64,
            calls: open_calls().count() as u64,
            attempts: callers.open_attempts(links),
            activations: links.inside().count() as u64,
            envelopes: under_way as u64 + links.at_once(),
        }
    }

    /// Tells the ledger what is still open, and hands it over.
    pub fn into_ledger(mut self) -> Ledger {
        let (callers, links) = (&self.nodes.callers, &self.links);
        for open in callers.open_calls(links) {
            let overdue = open.deadline <= self.end;
            self.ledger.open_call(Target::Service(open.target), open.intended, overdue);
            if let Some(load) = open.load {
                self.ledger.open_call(Target::Load(load), open.intended, overdue);
            }
        }
        for envelope in links.inside() {
            let (work, service) = (&envelope.work, envelope.to.service());
            let service = service.expect("work is done in services");
            self.ledger.open_activation(service, work.arrived, work.holds.has(Hold::Place));
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

impl Nodes {
    /// An envelope has come to where it goes.
    #[inline(always)]
    fn deliver<H: Heap>(&mut self, id: Id, io: &mut Io<'_, H>) {
        let envelope = &io.links.envelopes[id];
        match (envelope.body, envelope.to.service()) {
            (Body::Request { .. }, Some(service)) => {
                let request_to = Some(service);
                io.ledger.record(io.now, Row::EnvelopeDelivered { request_to });
                self.services[service.index()].deliver(id, &mut self.callers, io);
            }
            (Body::Reply(outcome), _) => self.reply(id, outcome, io),
            (Body::Cancel, Some(service)) => {
                let leaf = envelope.leaf;
                io.ledger.record(io.now, Row::EnvelopeDelivered { request_to: None });
                io.links.envelopes.discard(id);
                self.services[service.index()].cancel(leaf, &mut self.callers, io);
            }
            (Body::Request { .. } | Body::Cancel, None) => {
                unreachable!("nobody asks the outside for anything")
            }
        }
    }

    /// An answer has come back.
    #[inline(always)]
    fn reply<H: Heap>(&mut self, id: Id, outcome: Outcome, io: &mut Io<'_, H>) {
        io.ledger.record(io.now, Row::EnvelopeDelivered { request_to: None });
        let &Envelope { leaf, call, lineage, .. } = &io.links.envelopes[id];
        if leaf.is_none() {
            if let Some(owner) = self.callers.plain_reply(id, outcome, io) {
                self.tell(owner, outcome, io);
            }
        } else {
            io.links.envelopes.discard(id);
            self.callers.reply((leaf, call), lineage, outcome, io);
        }
    }

    /// Tells an owner that its call has ended.
    #[inline(always)]
    fn tell<H: Heap>(&mut self, owner: Owner, outcome: Outcome, io: &mut Io<'_, H>) {
        match owner {
            Owner::User { load, user } => self.sources[load.index()].ended(user, io),
            Owner::Activation { service, activation } => {
                let service = &mut self.services[service.index()];
                service.ended(activation, outcome, &mut self.callers, io);
            }
        }
    }

    /// Tells the owners of ended calls.
    #[inline(never)]
    fn tell_all<H: Heap>(&mut self, io: &mut Io<'_, H>) {
        let mut next = 0;
        while let Some(&(owner, outcome)) = io.ended.get(next) {
            next += 1;
            self.tell(owner, outcome, io);
        }
        io.ended.clear();
    }

    #[inline(always)]
    fn wake<H: Heap>(&mut self, node: Node, token: Id, io: &mut Io<'_, H>) {
        match node {
            Node::Source(load) => self.sources[load.index()].wake(token, &mut self.callers, io),
            Node::Service(service) => {
                self.services[service.index()].wake(token, &mut self.callers, io);
            }
            Node::Callers => self.callers.wake(token, io),
        }
    }

    #[inline(never)]
    fn change_faults<H: Heap>(&mut self, io: &mut Io<'_, H>) {
        let (now, graph) = (io.now, io.graph);
        for (number, service) in self.services.iter_mut().enumerate() {
            let of_service = || graph.faults.iter().filter(|fault| fault.service.index() == number);
            if of_service().any(|fault| fault.at == now || fault.until() == now) {
                let is_active = |fault: &&Fault| fault.at <= now && now < fault.until();
                let active: Vec<&Fault> = of_service().filter(is_active).collect();
                service.set_faults(&active, &mut self.callers, io);
            }
        }
    }
}

impl<H: Heap> Model<H> for World<'_> {
    type Event = Event;

    #[inline]
    fn handle(&mut self, event: Event, queue: &mut Queue<Event, H>) -> ControlFlow<()> {
        let (nodes, mut io) = parts!(self, queue);
        let io = &mut io;
        match event {
            Event::Deliver(id) => nodes.deliver(id, io),
            Event::Wake(node, token) => nodes.wake(node, token, io),
            Event::Faults => nodes.change_faults(io),
            Event::Sample => {
                if let Some(next) = io.ledger.sample(io.now) {
                    io.queue.at(next, SAMPLE, Event::Sample);
                }
                return ControlFlow::Continue(());
            }
            Event::End => return ControlFlow::Break(()),
        }
        // What takes no time happens now, in the order in which it was sent.
        let mut hops = 0u64;
        loop {
            if !io.ended.is_empty() {
                nodes.tell_all(io);
            }
            let Some(id) = io.links.next_at_once() else { break };
            nodes.deliver(id, io);
            hops += 1;
            if hops > HOPS_MAX {
                self.stands_still = true;
                return ControlFlow::Break(());
            }
        }
        ControlFlow::Continue(())
    }
}
