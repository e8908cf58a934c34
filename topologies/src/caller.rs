//! The callers' side: calls in flight, carried through their policy stacks.

use crate::envelope::{Address, Body, Envelope};
use crate::graph::{
    Balance, Caller, CancelInService, CancelQueued, Graph, LateAnswers, LinkId, LoadId, Service,
    ServiceId, SiteId,
};
use crate::ledger::Row;
use crate::world::{Event, Io, Node, ORDINARY};
use brownout_core::heap::Heap;
use brownout_core::queue::Ticket;
use brownout_core::random::{Seed, Stream};
use brownout_core::slab::{Id, Slab};
use brownout_core::{Span, Time};
use brownout_policies::budget::Scope;
use brownout_policies::call::{Action, BudgetId, Calls, InstanceId};
use brownout_policies::outcome::Outcome;
use brownout_policies::stack::{BudgetUse, Layer};
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

/// A call to begin.
#[derive(Debug, Clone, Copy)]
pub struct Begin {
    /// From where.
    pub site: SiteId,
    /// By whom.
    pub owner: Owner,
    /// Whether the owner wants to hear of the end.
    pub tell: bool,
    /// The attempt and call that the owner works for, unless it is a user.
    pub behind: Option<(Id, Id)>,
    /// From which replica.
    pub from: Address,
    /// When it was meant to begin.
    pub intended: Time,
    /// Its name among draws.
    pub lineage: u64,
    /// When its caller's own time is up.
    pub deadline: Time,
}

#[derive(Debug)]
struct Open {
    begin: Begin,
    /// The top of its tree of frames.
    root: Id,
    /// Attempts so far.
    attempts: u32,
}

/// What a caller knows about one of its sites.
#[derive(Debug)]
struct Place {
    target: ServiceId,
    link: LinkId,
    replicas: u32,
    balance: Balance,
    /// Whether the callee does anything about a cancel.
    cancels: bool,
    /// Whether calls from here need no machine: no policies, and no cancels to address.
    plain: bool,
    /// The first of its bound stacks, and whether there is one per caller replica.
    instance: u32,
    per_replica: bool,
    /// Where this site's turns begin, one per caller replica.
    turn: usize,
    /// Names the draws of a random balancer.
    stream: Stream,
}

/// All calls in flight and what their callers know.
#[derive(Debug)]
pub struct Callers {
    calls: Calls,
    open: Slab<Open>,
    places: Vec<Place>,
    /// Whose turn it is, for round robin.
    turns: Vec<u32>,
    /// The pending wake-up of each frame, by place.
    timers: Vec<Option<Ticket>>,
    actions: Vec<Action>,
    late_answers: LateAnswers,
}

impl Callers {
    /// Binds every site's stack.
    pub fn new(graph: &Graph, seed: Seed) -> Callers {
        let mut callers = Callers {
            calls: Calls::new(graph.stacks.clone()),
            open: Slab::default(),
            places: Vec::with_capacity(graph.sites.len()),
            turns: Vec::new(),
            timers: Vec::new(),
            actions: Vec::new(),
            late_answers: graph.semantics.late_answers,
        };
        let mut fleet = BTreeMap::new();
        for (number, site) in graph.sites.iter().enumerate() {
            let target = &graph.services[site.target.index()];
            let caller_replicas = match site.caller {
                Caller::Load(_) => 1,
                Caller::Service(service) => graph.services[service.index()].replicas,
            };
            let (instance, per_replica) =
                callers.bind(graph, number, caller_replicas, seed, &mut fleet);
            callers.places.push(Place {
                target: site.target,
                link: site.link,
                replicas: target.replicas,
                balance: target.balance,
                cancels: heeds_cancels(target),
                plain: graph.stacks[site.stack.index()].layers.is_empty() && !heeds_cancels(target),
                instance,
                per_replica,
                turn: callers.turns.len(),
                stream: seed.stream(&format!("balance {}", site.name)),
            });
            if target.replicas > 1 {
                callers.turns.extend(0..caller_replicas);
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
    #[inline]
    pub fn begin<H: Heap>(&mut self, begin: Begin, io: &mut Io<'_, H>) -> Id {
        let now = io.now();
        let place = &self.places[begin.site.index()];
        let load = match begin.owner {
            Owner::User { load, .. } => Some(load),
            Owner::Activation { .. } => None,
        };
        let Begin { site, lineage, deadline, .. } = begin;
        io.record(Row::CallBegun { site, load, lineage });
        if place.plain {
            let call = self.open.insert(Open { begin, root: Id::NONE, attempts: 0 });
            self.send(Id::NONE, call, lineage, deadline, io);
            return call;
        }
        let replica = if place.per_replica { begin.from.replica } else { 0 };
        let instance = InstanceId(place.instance + replica);
        let owner = self.open.insert(Open { begin, root: Id::NONE, attempts: 0 });
        self.open[owner].root =
            self.calls.start(now, instance, owner, lineage, deadline, &mut self.actions);
        self.carry_out(io);
        owner
    }

    /// A reply has come.
    #[inline]
    pub fn reply<H: Heap>(&mut self, envelope: &Envelope, outcome: Outcome, io: &mut Io<'_, H>) {
        let now = io.now();
        let Envelope { leaf, call, lineage, .. } = *envelope;
        if leaf.is_none() {
            if let Some(open) = self.open.get(call) {
                io.record(Row::AttemptSettled { site: open.begin.site, lineage, outcome });
                return self.finish(call, outcome, io);
            }
        } else if self.calls.settle(now, leaf, outcome, &mut self.actions) {
            let site = self.open[call].begin.site;
            io.record(Row::AttemptSettled { site, lineage, outcome });
            return self.carry_out(io);
        }
        self.late(call, lineage, outcome, io);
    }

    /// An answer has come to an attempt that was given up.
    fn late<H: Heap>(&mut self, call: Id, lineage: u64, outcome: Outcome, io: &mut Io<'_, H>) {
        let root = self.open.get(call).map(|open| open.root);
        let accepted = match (self.late_answers, root) {
            (LateAnswers::Accept, Some(root)) if outcome.is_success() => {
                self.calls.settle_early(root, call, outcome, &mut self.actions);
                self.carry_out(io);
                true
            }
            _ => false,
        };
        io.record(Row::LateAnswer { lineage, accepted });
    }

    /// A policy's timer has fired.
    #[inline]
    pub fn wake<H: Heap>(&mut self, frame: Id, io: &mut Io<'_, H>) {
        let now = io.now();
        self.timers[frame.place()] = None;
        let retry = self.calls.is_retry(frame);
        if self.calls.wake(now, frame, &mut self.actions) {
            io.record(Row::PolicyFired { retry });
            self.carry_out(io);
        }
    }

    /// The caller leaves its call, or dies: nobody will be told how it would have ended.
    pub fn abandon<H: Heap>(&mut self, call: Id, io: &mut Io<'_, H>) {
        let Some(open) = self.open.get(call) else { return };
        if open.root.is_none() {
            let (site, outcome) = (open.begin.site, Outcome::ABANDONED);
            io.record(Row::AttemptGivenUp { site, outcome });
        } else {
            self.calls.abandon(open.root, &mut self.actions);
            self.carry_out(io);
        }
        self.open.remove(call);
        io.record(Row::CallAbandoned);
    }

    /// Whether somebody waits for this attempt, and for what waits for it, all the way to a user.
    pub fn is_wanted(&self, leaf: Id, call: Id) -> bool {
        let mut waiting = Some((leaf, call));
        while let Some((leaf, call)) = waiting {
            let open =
                if leaf.is_none() { self.open.contains(call) } else { self.calls.is_open(leaf) };
            if !open {
                return false;
            }
            waiting = self.open[call].begin.behind;
        }
        true
    }

    /// Does what the machine asked for, in order.
    fn carry_out<H: Heap>(&mut self, io: &mut Io<'_, H>) {
        let mut next = 0;
        while let Some(&action) = self.actions.get(next) {
            next += 1;
            match action {
                Action::Send { leaf, owner, lineage, deadline } => {
                    self.send(leaf, owner, lineage, deadline, io);
                }
                Action::Wake { frame, after, constant } => {
                    self.set_timer(frame, after, constant, io);
                }
                Action::Hush { frame } => {
                    if let Some(ticket) = self.timers.get_mut(frame.place()).and_then(Option::take)
                    {
                        io.queue.cancel(ticket);
                    }
                }
                Action::GiveUp { leaf, owner, lineage, outcome } => {
                    self.give_up(leaf, owner, lineage, outcome, io);
                }
                Action::Finish { owner, outcome } => self.finish(owner, outcome, io),
            }
        }
        self.actions.clear();
    }

    #[inline]
    fn send<H: Heap>(
        &mut self,
        leaf: Id,
        call: Id,
        lineage: u64,
        deadline: Time,
        io: &mut Io<'_, H>,
    ) {
        let open = &mut self.open[call];
        let ordinal = open.attempts;
        open.attempts += 1;
        let Begin { site, from, owner, .. } = open.begin;
        let load = match owner {
            Owner::User { load, .. } => Some(load),
            Owner::Activation { .. } => None,
        };
        let place = &self.places[site.index()];
        let replica = match (place.replicas, place.balance) {
            (1, _) => 0,
            (replicas, Balance::RoundRobin) => {
                let turn = &mut self.turns[place.turn + from.replica as usize];
                let replica = *turn % replicas;
                *turn = (replica + 1) % replicas;
                replica
            }
            (replicas, Balance::Random) => {
                let unit = place.stream.draws(lineage).unit();
                ((unit * f64::from(replicas)) as u32).min(replicas - 1)
            }
        };
        io.record(Row::AttemptSent { site, load, lineage, ordinal });
        let remaining = if deadline == Time::MAX { Span::MAX } else { deadline.since(io.now()) };
        let to = Address::of(place.target, replica);
        let body = Body::Request { remaining };
        let link = place.link;
        io.send(Envelope { from, to, link, incarnation: 0, leaf, call, lineage, body });
    }

    #[inline]
    fn set_timer<H: Heap>(&mut self, frame: Id, after: Span, constant: bool, io: &mut Io<'_, H>) {
        let event = Event::Wake(Node::Callers, frame.word());
        let ticket = if constant {
            io.queue.after_constant(after, ORDINARY, event)
        } else {
            io.queue.at(io.now().saturating_add(after), ORDINARY, event)
        };
        if self.timers.len() <= frame.place() {
            self.timers.resize(frame.place() + 1, None);
        }
        self.timers[frame.place()] = Some(ticket);
    }

    fn give_up<H: Heap>(
        &mut self,
        leaf: Id,
        call: Id,
        lineage: u64,
        outcome: Outcome,
        io: &mut Io<'_, H>,
    ) {
        let Begin { site, from, .. } = self.open[call].begin;
        io.record(Row::AttemptGivenUp { site, outcome });
        let place = &self.places[site.index()];
        if place.cancels {
            // The connection knows the replica; the cancel finds the work by its attempt.
            let to = Address::of(place.target, 0);
            let (link, body) = (place.link, Body::Cancel);
            io.send(Envelope { from, to, link, incarnation: 0, leaf, call, lineage, body });
        }
    }

    #[inline]
    fn finish<H: Heap>(&mut self, call: Id, outcome: Outcome, io: &mut Io<'_, H>) {
        let open = self.open.remove(call).expect("a call ends once");
        let Begin { site, owner, intended, lineage, .. } = open.begin;
        let load = match owner {
            Owner::User { load, .. } => Some(load),
            Owner::Activation { .. } => None,
        };
        io.record(Row::CallEnded { site, load, lineage, intended, outcome });
        if open.begin.tell {
            io.ended.push((owner, outcome));
        }
    }

    /// Calls without an end: who is called, by which load if any, since when, and until when
    /// their callers wait.
    pub fn open_calls(&self) -> impl Iterator<Item = OpenCall> {
        self.open.iter().map(|(_, open)| OpenCall {
            target: self.places[open.begin.site.index()].target,
            load: match open.begin.owner {
                Owner::User { load, .. } => Some(load),
                Owner::Activation { .. } => None,
            },
            intended: open.begin.intended,
            deadline: self.calls.deadline(open.root),
        })
    }

    /// Attempts without an outcome, counted over the frames.
    pub fn open_attempts(&self) -> u64 {
        let plain = self.open.iter().filter(|(_, open)| open.root.is_none()).count();
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
