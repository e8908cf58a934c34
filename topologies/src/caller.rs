//! The callers' side: calls in flight, carried through their policy stacks.

mod desk;

use crate::envelope::Address;
use crate::graph::{
    Arrivals, Caller, CancelInService, CancelQueued, Graph, LateAnswers, LoadId, Service,
    ServiceId, SiteId,
};
use crate::ledger::Row;
use crate::world::Io;
use brownout_core::Time;
use brownout_core::heap::Heap;
use brownout_core::random::Seed;
use brownout_core::slab::Id;
use brownout_policies::budget::Scope;
use brownout_policies::call::{BudgetId, Calls, InstanceId, WaitsFor};
use brownout_policies::outcome::Outcome;
use brownout_policies::stack::{BudgetUse, Layer};
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
        /// Which.
        activation: Id,
    },
}

impl Default for Owner {
    fn default() -> Owner {
        Owner::User { load: LoadId(0), user: 0 }
    }
}

impl Owner {
    /// The load, if the owner is a user.
    #[inline]
    pub const fn load(self) -> Option<LoadId> {
        match self {
            Owner::User { load, .. } => Some(load),
            Owner::Activation { .. } => None,
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
    /// The envelope with the request that the owner works for; none if it is a user.
    pub behind: Id,
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
            let no_policies = graph.stacks[site.stack.index()].layers.is_empty();
            callers.desk.places.push(Place {
                target: site.target,
                link: site.link,
                replicas: target.replicas,
                balance: target.balance,
                cancels: heeds_cancels(target),
                plain: no_policies && !heeds_cancels(target),
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

    /// Binds a site's stack, once for all caller replicas or once for each, as its budgets ask.
    fn bind(
        &mut self,
        graph: &Graph,
        number: usize,
        caller_replicas: u32,
        seed: Seed,
        fleet: &mut BTreeMap<(ServiceId, usize, usize), BudgetId>,
    ) -> (u32, bool) {
        let site = &graph.sites[number];
        let uses: Vec<(usize, BudgetUse)> = graph.stacks[site.stack.index()]
            .layers
            .iter()
            .enumerate()
            .filter_map(|(place, layer)| match layer {
                Layer::Retry(retry) => retry.budget.map(|budget| (place, budget)),
                Layer::Timeout(_) => None,
            })
            .collect();
        let per_replica = uses.iter().any(|(_, used)| used.scope == Scope::Replica);
        let key = seed.stream(&format!("policies {}", site.name)).0;
        let mut by_caller = BTreeMap::new();
        let mut first = None;
        for _ in 0..if per_replica { caller_replicas } else { 1 } {
            let mut budgets = Vec::with_capacity(uses.len());
            for &(place, used) in &uses {
                let calls = &mut self.calls;
                budgets.push(match used.scope {
                    Scope::Replica => calls.add_budget(used),
                    Scope::Caller => {
                        *by_caller.entry(place).or_insert_with(|| calls.add_budget(used))
                    }
                    Scope::Fleet => *fleet
                        .entry((site.target, site.stack.index(), place))
                        .or_insert_with(|| calls.add_budget(used)),
                });
            }
            let instance = self.calls.bind(site.stack.index(), key, &budgets);
            first = first.or(Some(instance.0));
        }
        (first.expect("a caller has at least one replica"), per_replica)
    }

    /// Begins a call; its owner hears of its end through [`Io::ended`].
    #[inline(always)]
    pub fn begin<H: Heap>(&mut self, begin: Begin, io: &mut Io<'_, H>) -> Id {
        let Begin { site, owner, behind, from, intended, lineage, deadline } = begin;
        let place = &self.desk.places[site.index()];
        let (target, load) = (place.target, owner.load());
        io.record(Row::CallBegun { site, target, load, lineage });
        let (plain, root) = (place.plain, Id::NONE);
        let bound = place.instance + if place.per_replica { from.replica } else { 0 };
        let attempts = u32::from(plain);
        let open = Open { site, attempts, owner, behind, from, intended, lineage, root };
        let call = self.desk.open.insert(open);
        if plain {
            let (leaf, ordinal) = (Id::NONE, 0);
            let attempt = Attempt { leaf, call, site, load, from, ordinal, lineage, deadline };
            self.desk.send(&attempt, io);
        } else {
            self.start(InstanceId(bound), call, lineage, deadline, io);
        }
        call
    }

    #[inline(never)]
    fn start<H: Heap>(
        &mut self,
        instance: InstanceId,
        call: Id,
        lineage: u64,
        deadline: Time,
        io: &mut Io<'_, H>,
    ) {
        let (now, desk) = (io.now(), &mut self.desk);
        let hands = &mut Hands { desk, io };
        let root = self.calls.start(now, instance, call, lineage, deadline, hands);
        self.desk.open[call].root = root;
    }

    /// A reply has come to an attempt of a call.
    #[inline]
    pub fn reply<H: Heap>(
        &mut self,
        (leaf, call): (Id, Id),
        lineage: u64,
        outcome: Outcome,
        io: &mut Io<'_, H>,
    ) {
        let Callers { calls, desk, .. } = self;
        let waits = leaf.is_none() || calls.is_open(leaf);
        let Some(open) = desk.open.get(call).filter(|_| waits) else {
            return self.late(call, lineage, outcome, io);
        };
        let (site, target) = (open.site, desk.places[open.site.index()].target);
        io.record(Row::AttemptSettled { site, target, lineage, outcome });
        if leaf.is_none() {
            desk.finish(call, outcome, io);
        } else {
            calls.settle(io.now(), leaf, outcome, &mut Hands { desk, io });
        }
    }

    /// An answer has come to an attempt that was given up.
    #[inline(never)]
    fn late<H: Heap>(&mut self, call: Id, lineage: u64, outcome: Outcome, io: &mut Io<'_, H>) {
        let root = self.desk.open.get(call).map(|open| open.root);
        let accepted = match (self.late_answers, root) {
            (LateAnswers::Accept, Some(root)) if outcome.is_success() => {
                let hands = &mut Hands { desk: &mut self.desk, io };
                self.calls.settle_early(root, call, outcome, hands);
                true
            }
            _ => false,
        };
        io.record(Row::LateAnswer { lineage, accepted });
    }

    /// A policy's timer has fired.
    #[inline]
    pub fn wake<H: Heap>(&mut self, frame: Id, io: &mut Io<'_, H>) {
        if let Some(waited_for) = self.calls.waits_for(frame) {
            io.record(Row::PolicyFired { retry: waited_for == WaitsFor::Retry });
            let (now, desk) = (io.now(), &mut self.desk);
            self.calls.wake(now, frame, &mut Hands { desk, io });
        }
    }

    /// The caller leaves its call, or dies: nobody will be told how it would have ended.
    pub fn abandon<H: Heap>(&mut self, call: Id, io: &mut Io<'_, H>) {
        let Callers { calls, desk, .. } = self;
        let Some(&Open { site, root, .. }) = desk.open.get(call) else { return };
        if root.is_none() {
            let (target, outcome) = (desk.places[site.index()].target, Outcome::ABANDONED);
            io.record(Row::AttemptGivenUp { site, target, outcome });
        } else {
            calls.abandon(root, &mut Hands { desk, io });
        }
        desk.open.discard(call);
        io.record(Row::CallAbandoned);
    }

    /// Whether somebody waits for the answer to this request, and for what waits for it, all the
    /// way to a user.
    pub fn is_wanted<H: Heap>(&self, request: Id, io: &Io<'_, H>) -> bool {
        let mut behind = request;
        while !behind.is_none() {
            let Some(envelope) = io.find(behind) else { return false };
            let waits = envelope.leaf.is_none() || self.calls.is_open(envelope.leaf);
            let Some(open) = self.desk.open.get(envelope.call).filter(|_| waits) else {
                return false;
            };
            behind = open.behind;
        }
        true
    }

    /// Calls without an end: who is called, by which load if any, since when, and until when
    /// their callers wait.
    pub fn open_calls(&self) -> impl Iterator<Item = OpenCall> {
        self.desk.open.iter().map(|(_, open)| OpenCall {
            target: self.desk.places[open.site.index()].target,
            load: open.owner.load(),
            intended: open.intended,
            deadline: self.calls.deadline(open.root),
        })
    }

    /// Attempts without an outcome, counted over the frames.
    pub fn open_attempts(&self) -> u64 {
        let plain = self.desk.open.iter().filter(|(_, open)| open.root.is_none()).count();
        self.calls.open_attempts() + plain as u64
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

/// Whether a service does anything about a cancel.
fn heeds_cancels(service: &Service) -> bool {
    service.cancel_queued != CancelQueued::Keep
        || service.cancel_in_service != CancelInService::Keep
}
