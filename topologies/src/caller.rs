//! The callers' side: calls in flight, carried through their policy stacks.

mod desk;

use crate::activation::Asked;
use crate::envelope::{Address, Envelope};
use crate::fault::{self, Fault, FaultKind};
use crate::graph::{
    Arrivals, Caller, FullQueue, Graph, LateAnswers, LoadId, ServiceId, Site, SiteId,
};
use crate::ledger::Row;
use crate::link::Links;
use crate::world::Io;
use brownout_core::Time;
use brownout_core::heap::Heap;
use brownout_core::random::Seed;
use brownout_core::slab::Id;
use brownout_policies::budget::Scope;
use brownout_policies::call::{Calls, CommonId, InstanceId, WaitsFor};
use brownout_policies::outcome::Outcome;
use desk::{Attempt, Desk, Hands, Open, Place};
use std::collections::BTreeMap;

/// Who made a call, and is to be told of its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// A user of a load.
    User {
        /// Whose load.
        load: LoadId,
        /// Which user.
        user: u32,
    },
    /// An activation of a service.
    Activation {
        /// Where it runs.
        service: ServiceId,
        /// Which, by its envelope.
        activation: Id,
    },
}

impl Default for Owner {
    fn default() -> Owner {
        Owner::User { load: LoadId(0), user: 0 }
    }
}

impl Owner {
    /// What stands for it in the envelope of a plain call.
    #[inline(always)]
    const fn name(self) -> Id {
        match self {
            Owner::User { user, .. } => Id::from_word((user as u64) << 32),
            Owner::Activation { activation, .. } => activation,
        }
    }
}

/// A call to begin.
#[derive(Debug, Clone, Copy)]
pub struct Begin {
    /// From where.
    pub site: SiteId,
    /// By whom.
    pub owner: Owner,
    /// From which replica.
    pub from: Address,
    /// When it was meant to begin.
    pub intended: Time,
    /// Its name among draws.
    pub lineage: u64,
    /// When its caller's own time is up.
    pub deadline: Time,
}

/// All calls in flight and what their callers know.
#[derive(Debug)]
pub struct Callers {
    calls: Calls,
    desk: Desk,
    late_answers: LateAnswers,
}

impl Callers {
    /// Binds every site's stack.
    pub fn new(graph: &Graph, seed: Seed) -> Callers {
        let mut callers = Callers {
            calls: Calls::new(graph.stacks.clone()),
            desk: Desk::default(),
            late_answers: graph.semantics.late_answers,
        };
        let mut fleet = BTreeMap::new();
        for (number, site) in graph.sites.iter().enumerate() {
            let target = &graph.services[site.target.index()];
            let (caller_replicas, tells) = match site.caller {
                Caller::Load(load) => {
                    let arrivals = &graph.loads[load.index()].arrivals;
                    (1, matches!(arrivals, Arrivals::Closed { .. }))
                }
                Caller::Service(service) => (graph.services[service.index()].replicas, true),
            };
            let (instance, per_replica) =
                callers.bind(graph, number, caller_replicas, seed, &mut fleet);
            let load = match site.caller {
                Caller::Load(load) => Some(load),
                Caller::Service(_) => None,
            };
            callers.desk.places.push(Place {
                target: site.target,
                link: site.link,
                replicas: target.replicas,
                balance: target.balance,
                cancels: target.heeds_cancels(),
                plain: is_plain(graph, site),
                load,
                tells,
                instance,
                per_replica,
                turn: callers.desk.turns.len(),
                stream: seed.stream(&format!("balance {}", site.name)),
            });
            if target.replicas > 1 {
                callers.desk.turns.extend(0..caller_replicas);
            }
        }
        callers
    }

    /// Binds a site's stack, once for all caller replicas or once for each, as its scopes ask.
    fn bind(
        &mut self,
        graph: &Graph,
        number: usize,
        caller_replicas: u32,
        seed: Seed,
        fleet: &mut BTreeMap<(ServiceId, usize, usize), CommonId>,
    ) -> (u32, bool) {
        let site = &graph.sites[number];
        let stack = site.stack.index();
        let shared: Vec<(usize, Scope)> = graph.stacks[stack]
            .layers
            .iter()
            .enumerate()
            .filter_map(|(place, layer)| layer.scope().map(|scope| (place, scope)))
            .collect();
        let per_replica = shared.iter().any(|(_, scope)| *scope == Scope::Replica);
        let key = seed.stream(&format!("policies {}", site.name)).0;
        let mut by_caller = BTreeMap::new();
        let mut first = None;
        for _ in 0..if per_replica { caller_replicas } else { 1 } {
            let mut commons = Vec::with_capacity(shared.len());
            for &(place, scope) in &shared {
                let mut fresh = || self.calls.share(stack, place).expect("its state is shared");
                commons.push(match scope {
                    Scope::Replica => fresh(),
                    Scope::Caller => *by_caller.entry(place).or_insert_with(fresh),
                    Scope::Fleet => *fleet.entry((site.target, stack, place)).or_insert_with(fresh),
                });
            }
            let instance = self.calls.bind(stack, key, &commons);
            first = first.or(Some(instance.0));
        }
        (first.expect("a caller has at least one replica"), per_replica)
    }

    /// Begins a call; its owner hears of its end through [`Io::ended`].
    #[inline(always)]
    pub fn begin<H: Heap>(&mut self, begin: Begin, io: &mut Io<'_, H>) -> Asked {
        let Begin { site, owner, from, intended, lineage, deadline } = begin;
        let place = &self.desk.places[site.index()];
        let (target, load) = (place.target, place.load);
        io.ledger.record(io.now, Row::CallBegun { site, target, load, lineage });
        if !place.plain {
            return Asked::Call(self.begin_with_policies(begin, io));
        }
        let (leaf, call, ordinal) = (Id::NONE, owner.name(), 0);
        let attempt = Attempt { leaf, call, site, from, ordinal, intended, lineage, deadline };
        Asked::Plain(self.desk.send(&attempt, io))
    }

    #[inline(never)]
    fn begin_with_policies<H: Heap>(&mut self, begin: Begin, io: &mut Io<'_, H>) -> Id {
        let Begin { site, owner, from, intended, lineage, deadline } = begin;
        let place = &self.desk.places[site.index()];
        let bound = place.instance + if place.per_replica { from.replica } else { 0 };
        let (attempts, root) = (0, Id::NONE);
        let call =
            self.desk.open.insert(Open { site, attempts, owner, from, intended, lineage, root });
        let (now, desk) = (io.now, &mut self.desk);
        let hands = &mut Hands { desk, io };
        let root = self.calls.start(now, InstanceId(bound), call, lineage, deadline, hands);
        if let Some(open) = self.desk.open.get_mut(call) {
            open.root = root;
        }
        call
    }

    /// An answer has come to a plain call: whom to tell, if anybody still waits for it.
    #[inline(always)]
    pub fn plain_reply<H: Heap>(
        &mut self,
        id: Id,
        outcome: Outcome,
        io: &mut Io<'_, H>,
    ) -> Option<Owner> {
        let envelope = &io.links.envelopes[id];
        let &Envelope { to, call, site, lineage, intended, .. } = envelope;
        let waits = io.links.waits(id, envelope);
        io.links.envelopes.discard(id);
        if !waits {
            io.ledger.record(io.now, Row::LateAnswer { lineage, accepted: false });
            return None;
        }
        let place = &self.desk.places[site.index()];
        let (target, load) = (place.target, place.load);
        io.ledger.record(io.now, Row::AttemptSettled { site, target, lineage, outcome });
        io.ledger.record(io.now, Row::CallEnded { site, target, load, lineage, intended, outcome });
        match (to.service(), load) {
            (Some(service), _) => Some(Owner::Activation { service, activation: call }),
            (None, Some(load)) if place.tells => {
                Some(Owner::User { load, user: call.place() as u32 })
            }
            (None, _) => None,
        }
    }

    /// A reply has come to an attempt of a call with policies.
    #[inline]
    pub fn reply<H: Heap>(
        &mut self,
        (leaf, call): (Id, Id),
        lineage: u64,
        outcome: Outcome,
        io: &mut Io<'_, H>,
    ) {
        let Callers { calls, desk, .. } = self;
        let Some(open) = desk.open.get(call).filter(|_| calls.is_open(leaf)) else {
            return self.late(call, lineage, outcome, io);
        };
        let (site, target) = (open.site, desk.places[open.site.index()].target);
        io.ledger.record(io.now, Row::AttemptSettled { site, target, lineage, outcome });
        calls.settle(io.now, leaf, outcome, &mut Hands { desk, io });
    }

    /// An answer has come to an attempt that was given up.
    #[inline(never)]
    fn late<H: Heap>(&mut self, call: Id, lineage: u64, outcome: Outcome, io: &mut Io<'_, H>) {
        let root = self.desk.open.get(call).map(|open| open.root);
        let accepted = match (self.late_answers, root) {
            (LateAnswers::Accept, Some(root)) if outcome.is_success() => {
                let now = io.now;
                let hands = &mut Hands { desk: &mut self.desk, io };
                self.calls.settle_early(now, root, call, outcome, hands);
                true
            }
            _ => false,
        };
        io.ledger.record(io.now, Row::LateAnswer { lineage, accepted });
    }

    /// A policy's timer has fired.
    #[inline]
    pub fn wake<H: Heap>(&mut self, frame: Id, io: &mut Io<'_, H>) {
        if let Some(waited_for) = self.calls.waits_for(frame) {
            io.ledger.record(io.now, Row::PolicyFired { retry: waited_for == WaitsFor::Retry });
            let (now, desk) = (io.now, &mut self.desk);
            self.calls.wake(now, frame, &mut Hands { desk, io });
        }
    }

    /// The caller leaves its call, or dies: nobody will be told how it would have ended.
    pub fn abandon<H: Heap>(&mut self, asked: Asked, io: &mut Io<'_, H>) {
        match asked {
            Asked::Plain(envelope) => {
                let site = io.links.envelopes[envelope].site;
                let (target, outcome) = (self.desk.places[site.index()].target, Outcome::ABANDONED);
                io.ledger.record(io.now, Row::AttemptGivenUp { site, target, outcome });
            }
            Asked::Call(call) => {
                let Callers { calls, desk, .. } = self;
                let Some(&Open { root, .. }) = desk.open.get(call) else { return };
                calls.abandon(io.now, root, &mut Hands { desk, io });
                desk.open.discard(call);
            }
        }
        io.ledger.record(io.now, Row::CallAbandoned);
    }

    /// Whether somebody waits for the answer to this request, and for what waits for it, all the
    /// way to a user.
    pub fn is_wanted(&self, request: Id, links: &Links) -> bool {
        let mut at = request;
        loop {
            let Some(envelope) = links.envelopes.get(at) else { return false };
            let owner = if envelope.is_plain() {
                if !links.waits(at, envelope) {
                    return false;
                }
                match envelope.caller().service() {
                    Some(service) => Owner::Activation { service, activation: envelope.call },
                    None => return true,
                }
            } else {
                let open = self.desk.open.get(envelope.call);
                match open.filter(|_| self.calls.is_open(envelope.leaf)) {
                    Some(open) => open.owner,
                    None => return false,
                }
            };
            match owner {
                Owner::User { .. } => return true,
                Owner::Activation { activation, .. } => at = activation,
            }
        }
    }

    /// Calls without an end: who is called, by which load if any, since when, and until when
    /// their callers wait.
    pub fn open_calls(&self, links: &Links) -> impl Iterator<Item = OpenCall> {
        let of = |site: SiteId, intended, deadline| {
            let Place { target, load, .. } = self.desk.places[site.index()];
            OpenCall { target, load, intended, deadline }
        };
        let plain = self.plain_calls(links);
        let plain = plain.map(move |envelope| of(envelope.site, envelope.intended, Time::MAX));
        let with_policies = self
            .desk
            .open
            .iter()
            .map(move |(_, open)| of(open.site, open.intended, self.calls.deadline(open.root)));
        plain.chain(with_policies)
    }

    /// Attempts without an outcome, counted over the frames and the envelopes of plain calls.
    pub fn open_attempts(&self, links: &Links) -> u64 {
        self.calls.open_attempts() + self.plain_calls(links).count() as u64
    }

    fn plain_calls<'l>(&self, links: &'l Links) -> impl Iterator<Item = &'l Envelope> + use<'l> {
        let open = links.envelopes.iter();
        let open = open.filter(|(id, envelope)| envelope.is_plain() && links.waits(*id, envelope));
        open.map(|(_, envelope)| envelope)
    }
}

/// A call without an end.
#[derive(Debug, Clone, Copy)]
pub struct OpenCall {
    /// Who is called.
    pub target: ServiceId,
    /// Which load, if the caller is a user.
    pub load: Option<LoadId>,
    /// When it was meant to begin.
    pub intended: Time,
    /// When its caller gives up on the whole of it.
    pub deadline: Time,
}

/// Whether calls from a site need no machine: no policies, no cancels to address, and whatever
/// happens the envelope comes back with an answer.
fn is_plain(graph: &Graph, site: &Site) -> bool {
    let target = &graph.services[site.target.index()];
    let silent = |fault: &Fault| {
        fault.service == site.target
            && matches!(fault.kind, FaultKind::Crash { callers: fault::Callers::Silence, .. })
    };
    graph.stacks[site.stack.index()].layers.is_empty()
        && !target.heeds_cancels()
        && target.next.is_empty()
        && target.full_queue == FullQueue::Refuse
        && graph.links[site.link.index()].loss == 0.0
        && !graph.faults.iter().any(silent)
}
