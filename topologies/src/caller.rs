//! The callers' side: calls in flight, carried through their policy stacks.

mod choice;
mod desk;
mod gather;
mod glance;
mod look;
mod note;
mod once;
mod open;
mod place;
mod pool;
mod primary;
mod straight;
mod wanted;
mod watch;
mod whereabouts;

use crate::activation::Asked;
use crate::envelope::Envelope;
use crate::fault::Reach;
use crate::fleet::Simple;
use crate::graph::{Caller, ClassId, Graph, LateAnswers, LoadId, ServiceId, SiteId};
use crate::ledger::{Detail, End, Maker, Of, Row};
use crate::link::Ways;
use crate::world::{Io, Kit};
use brownout_core::Time;
use brownout_core::queue::Rank;
use brownout_core::random::Seed;
use brownout_core::slab::Id;
use brownout_policies::budget::Scope;
use brownout_policies::call::{Calls, CommonId, WaitsFor};
use brownout_policies::outcome::Outcome;
use desk::{Attempt, Desk, Hands, timer};
use gather::Gathering;
pub(crate) use glance::Breakers;
pub use look::{PoolLook, SiteLook};
pub use open::OpenCall;
use open::{Last, Open};
pub(crate) use place::Straight;
use place::{Place, Rest, is_plain};
use pool::Pools;
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
    /// From which replica of the caller: of a load, from which client.
    pub replica: u32,
    /// The class of the request that it is for.
    pub class: ClassId,
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
    /// Binds every site's stack. Where it matters what was really done, effects are followed; where
    /// someone asks where requests die, it is remembered which envelope each attempt is in.
    pub(crate) fn new(
        graph: &Graph,
        seed: Seed,
        ways: &Ways,
        reach: &Reach,
        (follows_effects, looks_for_dead): (bool, bool),
    ) -> Callers {
        let mut callers = Callers {
            calls: Calls::new(graph.stacks.clone()),
            desk: Desk::default(),
            late_answers: graph.semantics.late_answers,
        };
        let (mut fleet, mut gathering) = (BTreeMap::new(), Gathering::default());
        let no_notes = !graph.has_stores() && !follows_effects;
        callers.desk.pools = Pools::of(graph, seed);
        for (number, site) in graph.sites.iter().enumerate() {
            let target = &graph.services[site.target.index()];
            let (caller_replicas, tells, load) = match site.caller {
                Caller::Load(id) => {
                    let load = &graph.loads[id.index()];
                    (load.clients, load.listens(), Some(id))
                }
                Caller::Service(service) => (graph.services[service.index()].replicas, true, None),
            };
            let (instance, per_replica) =
                callers.bind(graph, number, caller_replicas, seed, &mut fleet);
            let (bound, here) = (callers.calls.bound_stacks() as usize, SiteId(number as u32));
            callers.desk.bound.resize(bound, here);
            let way = ways.by(site.link);
            let pool = callers.desk.pools.as_ref().and_then(|pools| pools.first(graph, here));
            // A pool's connections lead to replicas in turn, whoever keeps account of them.
            let groups = if pool.is_some() {
                None
            } else {
                gathering.groups(graph, number, caller_replicas, way, seed)
            };
            let is_bare = no_notes && pool.is_none() && groups.is_none();
            callers.desk.places.push(Place {
                of: Of { target: site.target, load },
                endpoint: site.endpoint,
                caller: site.caller,
                way,
                replicas: target.replicas,
                only: target.replicas == 1 && groups.is_none(),
                simple: site.balance.simple().unwrap_or(Simple::RoundRobin),
                plain: is_plain(graph, site, reach) && is_bare,
                quick: false,
                straight: Straight::No,
                unminded: false,
                tells,
                instance,
                per_replica,
                turn: callers.desk.turns.add(caller_replicas, target.replicas),
                stream: seed.stream(&format!("balance {}", site.name)),
                rest: Box::new(Rest::of(graph, site, seed, (groups, pool))),
            });
        }
        callers.desk.groups = gathering.all;
        let remembers =
            looks_for_dead || callers.desk.places.iter().any(|place| place.rest.cancels);
        callers.desk.posted = remembers.then(Vec::new);
        callers.desk.looks_for_dead = looks_for_dead;
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
    pub fn begin<K: Kit>(&mut self, begin: Begin, io: &mut Io<'_, K>) -> Asked {
        let Begin { site, owner, replica, class, intended, lineage, deadline } = begin;
        let place = &self.desk.places[site.index()];
        io.tell(|io| {
            let by = match owner {
                Owner::User { load, .. } => Maker::User(load),
                Owner::Activation { activation, .. } => {
                    Maker::Work(io.links.envelopes[activation].lineage)
                }
            };
            Detail::Call { lineage, site, by, replica, deadline }
        });
        if !place.plain {
            return Asked::Call(self.begin_with_policies(&begin, io));
        }
        io.log.plain_begun(io.queue.now(), site, place.of, lineage);
        let (leaf, call) = (Id::NONE, owner.name());
        let elsewhere = false;
        let attempt =
            Attempt { leaf, call, site, replica, class, intended, lineage, deadline, elsewhere };
        Asked::Plain(self.desk.send(&attempt, io))
    }

    #[inline(never)]
    fn begin_with_policies<K: Kit>(&mut self, begin: &Begin, io: &mut Io<'_, K>) -> Id {
        let &Begin { site, replica, lineage, deadline, .. } = begin;
        let place = &self.desk.places[site.index()];
        let Of { target, load } = place.of;
        io.record(Row::CallBegun { site, target, load, lineage });
        let bound = place.bound(replica);
        let call = self.desk.open.insert(Open::new(begin));
        let (now, desk) = (io.now(), &mut self.desk);
        let hands = &mut Hands { desk, io };
        let root = self.calls.start(now, bound, call, lineage, deadline, hands);
        if let Some(open) = self.desk.open.get_mut(call) {
            open.root = root;
        }
        call
    }

    /// An answer has come to a plain call: whom to tell, if anybody still waits for it.
    #[inline(always)]
    pub fn plain_reply<K: Kit>(
        &mut self,
        id: Id,
        outcome: Outcome,
        io: &mut Io<'_, K>,
    ) -> Option<Owner> {
        let &Envelope { call, site, lineage, intended, .. } = &io.links.envelopes[id];
        let place = &self.desk.places[site.index()];
        let waits = place.waits(id, call, &io.links.envelopes);
        io.links.envelopes.discard(id);
        if !waits {
            io.record(Row::LateAnswer { lineage, accepted: false });
            return None;
        }
        let end = End { lineage, intended, outcome };
        io.log.plain_ended(io.queue.now(), site, place.of, end);
        if let Some(load) = place.of.load.filter(|_| !outcome.is_success()) {
            io.record(Row::RequestDied { load, death: io.died });
        }
        place.tells.then(|| place.owner(call))
    }

    /// A reply has come to an attempt of a call with policies.
    #[inline(never)]
    pub fn reply<K: Kit>(
        &mut self,
        (leaf, call, site): (Id, Id, SiteId),
        lineage: u64,
        outcome: Outcome,
        io: &mut Io<'_, K>,
    ) {
        let Callers { calls, desk, .. } = self;
        if desk.pools.is_some() {
            desk.give_back(leaf, io);
        }
        if !calls.is_open(leaf) {
            return self.late(call, lineage, outcome, io);
        }
        if !outcome.is_success() {
            desk.open[call].set_last(Last::Died(io.died));
        }
        let target = desk.places[site.index()].of.target;
        io.record(Row::AttemptSettled { site, target, lineage, outcome });
        if desk.places[site.index()].rest.groups.is_some() {
            desk.hear(leaf, call, lineage, outcome, io);
        }
        calls.settle(io.now(), leaf, outcome, &mut Hands { desk, io });
    }

    /// An answer has come to an attempt that was given up.
    #[inline(never)]
    fn late<K: Kit>(&mut self, call: Id, lineage: u64, outcome: Outcome, io: &mut Io<'_, K>) {
        let takes_it = self.late_answers == LateAnswers::Accept && outcome.is_success();
        let open = if takes_it { self.desk.open.get(call) } else { None };
        let accepted = open.is_some();
        if let Some(&Open { root, .. }) = open {
            let now = io.now();
            let hands = &mut Hands { desk: &mut self.desk, io };
            self.calls.settle_early(now, root, call, outcome, hands);
        }
        io.record(Row::LateAnswer { lineage, accepted });
    }

    /// A policy's timer has fired. The envelope of an attempt that is to be handed over at once, if
    /// that is all that comes of it.
    #[inline(always)]
    pub fn wake<K: Kit>(&mut self, place: u32, rank: Rank, io: &mut Io<'_, K>) -> Option<Id> {
        let (frame, waited_for) = self.calls.due(place, timer(rank))?;
        let retry = waited_for == WaitsFor::Retry;
        io.record(Row::PolicyFired { retry });
        let next = if retry { self.try_straight(frame, io) } else { None };
        if next.is_none() {
            let (now, desk) = (io.now(), &mut self.desk);
            self.calls.wake(now, frame, &mut Hands { desk, io });
        }
        next
    }

    /// Whether the frame at a place waits for the event with this rank.
    #[inline(always)]
    pub fn awaits(&mut self, place: u32, rank: Rank) -> bool {
        self.calls.due(place, timer(rank)).is_some()
    }

    /// The event that the frame at a place waits for has another rank now.
    pub fn rename(&mut self, place: u32, rank: Rank) {
        if let Some((_, awaited)) = self.calls.timer_at(place) {
            *awaited = timer(rank);
        }
    }

    /// The caller leaves its call, or dies: nobody will be told how it would have ended.
    pub fn abandon<K: Kit>(&mut self, asked: Asked, io: &mut Io<'_, K>) {
        match asked {
            Asked::Plain(envelope) => {
                let &Envelope { site, lineage, .. } = &io.links.envelopes[envelope];
                let (target, outcome) =
                    (self.desk.places[site.index()].of.target, Outcome::ABANDONED);
                io.record(Row::AttemptGivenUp { site, target, lineage, outcome });
                io.record(Row::CallAbandoned { lineage });
            }
            Asked::Call(call) => {
                let Callers { calls, desk, .. } = self;
                let Some(&Open { root, lineage, .. }) = desk.open.get(call) else { return };
                calls.abandon(io.now(), root, call, &mut Hands { desk, io });
                desk.open.discard(call);
                io.record(Row::CallAbandoned { lineage });
            }
        }
    }
}
