//! The state of a world at one moment, for whoever wants to look.

use super::{Kit, World};
use crate::activation::{Doing, Hold};
use crate::caller::{PoolLook, SiteLook};
use crate::event::Event;
use crate::knobs::Knobs;
use brownout_core::Time;
use brownout_core::engine::Model;
use brownout_core::queue::{Due, Queue, Rank};
use std::ops::ControlFlow;

/// Everything at one moment: all that is due by then has happened.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    /// The moment.
    pub at: Time,
    /// The replicas of each service, in the order of the graph.
    pub services: Vec<Vec<ReplicaLook>>,
    /// What is under way from each site, in the order of the graph.
    pub sites: Vec<SiteLook>,
    /// The pools of connections, those of one service for another together.
    pub pools: Vec<PoolLook>,
    /// Calls without policies and without an end, by site.
    pub plain: Vec<u32>,
    /// Requests without an end, by load.
    pub requests: Vec<u32>,
    /// Envelopes on links that take time: requests, answers, and others.
    pub on_links: [u32; 3],
    /// The faults at work, and how strongly, in (0, 1].
    pub faults: Vec<(u32, f64)>,
}

/// One replica.
#[derive(Debug, Clone, PartialEq)]
pub struct ReplicaLook {
    /// Whether its process lives.
    pub is_up: bool,
    /// What faults have made of it.
    pub knobs: Knobs,
    /// Workers that it has now; `None` is unlimited.
    pub workers: Option<u32>,
    /// Workers taken.
    pub busy: u32,
    /// Waiting places; `None` is unbounded.
    pub places: Option<u32>,
    /// Activations that wait for a worker.
    pub waiting: u32,
    /// Activations that wait at the gates of its door.
    pub at_door: u32,
    /// Activations inside, waiting ones included; branches count with their requests.
    pub inside: u32,
    /// Of these, those that wait for a call of theirs.
    pub calling: u32,
    /// Of these, those for which nobody waits any more.
    pub for_nobody: u32,
    /// Of these, those that have a worker.
    pub for_nobody_busy: u32,
    /// When the one arrived that has waited longest.
    pub oldest: Option<Time>,
}

/// A world that stops at a moment.
pub(crate) struct Until<'w, 'g, K: Kit> {
    pub(crate) world: &'w mut World<'g, K>,
    pub(crate) at: Time,
    /// What is due first after it.
    pub(crate) next: Option<Due>,
}

impl<K: Kit> Model for Until<'_, '_, K> {
    type Heap = K::Heap;

    fn queue(&mut self) -> &mut Queue<K::Heap> {
        self.world.queue()
    }

    fn handle(&mut self, due: Due) -> ControlFlow<()> {
        if self.world.io.queue.now() > self.at {
            self.next = Some(due);
            return ControlFlow::Break(());
        }
        self.world.handle(due)
    }

    fn handle_at_once(&mut self, word: u64) {
        self.world.handle_at_once(word);
    }

    fn awaits(&mut self, event: Due) -> bool {
        self.world.awaits(event)
    }

    fn rename(&mut self, payload: u32, rank: Rank) {
        self.world.rename(payload, rank);
    }
}

impl<K: Kit> World<'_, K> {
    /// How everything is at `at`, when all until then has happened; `next` is due after it, and was
    /// taken from the queue already. The world is not to go on.
    pub(crate) fn look(&mut self, at: Time, next: Option<Due>) -> Look {
        let graph = self.io.graph;
        let mut look = Look {
            at,
            services: self.replicas(),
            sites: self.nodes.callers.look(graph, at),
            pools: self.nodes.callers.look_at_pools(),
            plain: vec![0; graph.sites.len()],
            requests: vec![0; graph.loads.len()],
            on_links: self.on_links(next),
            faults: self.nodes.faults.strengths().filter(|(_, strength)| *strength > 0.0).collect(),
        };
        for call in self.nodes.callers.open_calls() {
            if let Some(load) = call.of.load {
                look.requests[load.index()] += 1;
            }
        }
        let envelopes = &self.io.links.envelopes;
        for (id, envelope) in envelopes.iter() {
            let open = self.nodes.callers.open_plain_call(id, envelope, envelopes);
            if let Some(call) = open.filter(|_| !envelope.work.is_branch()) {
                look.plain[call.site.index()] += 1;
                if let Some(load) = call.of.load {
                    look.requests[load.index()] += 1;
                }
            }
            self.add_inside(id, &mut look.services);
        }
        look
    }

    fn replicas(&self) -> Vec<Vec<ReplicaLook>> {
        let limit = |number: u32| (number < u32::MAX).then_some(number);
        let services = self.nodes.services.iter().map(|service| {
            let replicas = service.replicas.iter().map(|replica| ReplicaLook {
                is_up: replica.is_up(),
                knobs: *replica.knobs(),
                workers: limit(replica.knobs().workers_of(replica.config())),
                busy: replica.volatile.busy,
                places: limit(replica.config().queue_limit),
                waiting: replica.volatile.waiting,
                at_door: 0,
                inside: 0,
                calling: 0,
                for_nobody: 0,
                for_nobody_busy: 0,
                oldest: None,
            });
            replicas.collect()
        });
        services.collect()
    }

    /// Counts the activation in an envelope with its replica, if there is one.
    fn add_inside(&self, id: brownout_core::slab::Id, services: &mut [Vec<ReplicaLook>]) {
        let envelopes = &self.io.links.envelopes;
        let envelope = &envelopes[id];
        if !envelope.work.is_inside() || envelope.work.is_branch() {
            return;
        }
        let look = &mut services[envelope.to.service.index()][envelope.to.replica as usize];
        look.inside += 1;
        look.calling += u32::from(matches!(envelope.work.doing, Doing::Calling(_)));
        look.at_door += u32::from(matches!(envelope.work.doing, Doing::AtDoor));
        if !self.nodes.callers.is_wanted(id, envelopes) {
            look.for_nobody += 1;
            look.for_nobody_busy += u32::from(envelope.work.holds.has(Hold::Worker));
        }
        if envelope.work.holds.has(Hold::Place) {
            let arrived = envelope.work.arrived;
            look.oldest = Some(look.oldest.map_or(arrived, |oldest| oldest.min(arrived)));
        }
    }

    fn on_links(&self, next: Option<Due>) -> [u32; 3] {
        let mut on_links = [0; 3];
        for due in self.io.queue.pending().chain(next) {
            if let Event::Delivery(what, _) = Event::of(due.payload) {
                on_links[what as usize] += 1;
            }
        }
        on_links
    }
}
