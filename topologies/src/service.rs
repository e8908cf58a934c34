//! A service at work: the door, the queue, the workers, the script, the answer.

use crate::activation::{Activation, Doing, Hold, Holds};
use crate::caller::{Begin, Callers, Owner};
use crate::clock::Clock;
use crate::envelope::{Address, Body, Envelope};
use crate::graph::{
    CancelInService, CancelQueued, FullQueue, Graph, LinkId, ServiceId, SiteId, Step, WhileCalling,
};
use crate::ledger::{Leaving, Row};
use crate::replica::{Config, Knobs, Replica};
use crate::world::{Event, Io, Node, ORDINARY};
use brownout_core::dist::Sampler;
use brownout_core::draw::mix;
use brownout_core::heap::Heap;
use brownout_core::random::{Seed, Stream};
use brownout_core::slab::{Id, Slab};
use brownout_core::{Span, Time};
use brownout_policies::outcome::{Done, ErrorKind, Outcome};

/// One service at work.
#[derive(Debug)]
pub struct Service {
    pub(crate) id: ServiceId,
    pub(crate) replicas: Vec<Replica>,
    pub(crate) activations: Slab<Activation>,
    /// Every configuration there has been; replicas run one of them.
    pub(crate) configs: Vec<Config>,
    script: Vec<Compiled>,
    next: Vec<Onward>,
    full_queue: FullQueue,
    drop_expired: bool,
    while_calling: WhileCalling,
    cancel_queued: CancelQueued,
    cancel_in_service: CancelInService,
    clock: Clock,
    /// The activation that serves an attempt, by the attempt's place; kept if cancels are heeded.
    serving: Vec<Id>,
    /// Names the draws of routes and of errors.
    stream: Stream,
}

/// A step, ready to run.
#[derive(Debug)]
enum Compiled {
    Work { time: Sampler, stream: Stream, nth: u64 },
    Call(SiteId),
}

/// A route, ready to take.
#[derive(Debug)]
struct Onward {
    /// Probability of this route or an earlier one.
    up_to: f64,
    to: ServiceId,
    replicas: u32,
    link: LinkId,
}

/// Purposes of a service's own draws.
const ROUTE: u64 = 1;
const ERROR_AT_ONCE: u64 = 2;
const ERROR_AFTER: u64 = 3;
const ROUTE_REPLICA: u64 = 4;

impl Service {
    /// The service numbered `id` of `graph`, idle.
    pub fn new(graph: &Graph, id: ServiceId, seed: Seed) -> Service {
        let spec = &graph.services[id.index()];
        let name = &spec.name;
        let script = spec.steps.iter().enumerate().map(|(number, step)| match step {
            Step::Work(time) => {
                let stream = seed.stream(&format!("work {name} {number}"));
                Compiled::Work { time: time.sampler(), stream, nth: 0 }
            }
            Step::Call(site) => Compiled::Call(*site),
        });
        let mut up_to = 0.0;
        let next = spec.next.iter().map(|route| {
            up_to += route.probability;
            let replicas = graph.services[route.to.index()].replicas;
            Onward { up_to, to: route.to, replicas, link: route.link }
        });
        Service {
            id,
            replicas: (0..spec.replicas).map(|_| Replica::new()).collect(),
            activations: Slab::default(),
            configs: vec![Config::of(spec)],
            script: script.collect(),
            next: next.collect(),
            full_queue: spec.full_queue,
            drop_expired: spec.drop_expired,
            while_calling: spec.while_calling,
            cancel_queued: spec.cancel_queued,
            cancel_in_service: spec.cancel_in_service,
            clock: Clock::new(spec.clock),
            serving: Vec::new(),
            stream: seed.stream(&format!("service {name}")),
        }
    }

    /// A request has arrived.
    #[inline]
    pub fn deliver<H: Heap>(
        &mut self,
        request: &Envelope,
        remaining: Span,
        callers: &mut Callers,
        io: &mut Io<'_, H>,
    ) {
        io.record(Row::Arrived { service: self.id });
        let number = request.to.replica;
        let replica = &self.replicas[number as usize];
        if replica.knobs != Knobs::HEALTHY && !self.pass_door(request, io) {
            return;
        }
        let replica = &self.replicas[number as usize];
        let config = self.configs[replica.config as usize];
        let idle = replica.volatile.busy < config.workers
            && replica.volatile.waiting == 0
            && !replica.knobs.stalled;
        if !idle && replica.volatile.waiting >= config.queue_limit {
            return self.turn_away(request, io);
        }
        let now = io.now();
        let activation = self.activations.insert(Activation {
            request: *request,
            arrived: now,
            deadline: now.saturating_add(remaining),
            step: 0,
            doing: Doing::Waiting { timer: None },
            holds: Holds::default(),
            served: Span::ZERO,
        });
        if self.heeds_cancels() {
            self.remember(request.leaf, activation);
        }
        io.record(Row::Entered { service: self.id, waits: !idle });
        if idle {
            self.take_worker(activation, number, false, io);
            self.advance(activation, callers, io);
        } else {
            self.enqueue(activation, number, config, io);
        }
    }

    /// What a sick replica does with an arrival; whether it may come in.
    #[cold]
    fn pass_door<H: Heap>(&mut self, request: &Envelope, io: &mut Io<'_, H>) -> bool {
        let (service, lineage) = (self.id, request.lineage);
        let knobs = self.replicas[request.to.replica as usize].knobs;
        if !knobs.up {
            if knobs.silent {
                io.record(Row::DoorLost { service, lineage });
            } else {
                io.record(Row::DoorRefused { service, lineage });
                self.answer(request, Outcome::REFUSED, io);
            }
            return false;
        }
        let mut draws = self.stream.member(ERROR_AT_ONCE).draws(lineage);
        if knobs.errors_at_once > 0.0 && draws.unit() < knobs.errors_at_once {
            io.record(Row::DoorFailed { service, lineage });
            self.answer(request, Outcome::error(ErrorKind::Failed, Done::Nothing), io);
            return false;
        }
        true
    }

    /// What a full queue does.
    fn turn_away<H: Heap>(&mut self, request: &Envelope, io: &mut Io<'_, H>) {
        let (service, lineage) = (self.id, request.lineage);
        match self.full_queue {
            FullQueue::Refuse => {
                io.record(Row::DoorRefused { service, lineage });
                self.answer(request, Outcome::REFUSED, io);
            }
            FullQueue::Lose => io.record(Row::DoorLost { service, lineage }),
        }
    }

    fn enqueue<H: Heap>(
        &mut self,
        activation: Id,
        number: u32,
        config: Config,
        io: &mut Io<'_, H>,
    ) {
        let timer = config.queue_timeout.map(|timeout| {
            let event = Event::Wake(Node::Service(self.id), activation.word());
            io.queue.after_constant(self.clock.true_span(timeout), ORDINARY, event)
        });
        let volatile = &mut self.replicas[number as usize].volatile;
        volatile.waiting += 1;
        volatile.queue.push_back(activation);
        let waiting = &mut self.activations[activation];
        waiting.doing = Doing::Waiting { timer };
        waiting.holds.take(Hold::Place);
        if volatile.queue.len() > 64 && volatile.queue.len() > 2 * volatile.waiting as usize {
            let activations = &self.activations;
            volatile.queue.retain(|&id| is_waiting(activations, id));
        }
    }

    #[inline]
    fn take_worker<H: Heap>(
        &mut self,
        activation: Id,
        number: u32,
        waited: bool,
        io: &mut Io<'_, H>,
    ) {
        self.replicas[number as usize].volatile.busy += 1;
        let taking = &mut self.activations[activation];
        taking.holds.take(Hold::Worker);
        let first = (taking.step == 0).then_some(taking.arrived);
        io.record(Row::TookWorker { service: self.id, waited, first });
    }

    fn free_worker<H: Heap>(&mut self, number: u32, io: &mut Io<'_, H>) {
        self.replicas[number as usize].volatile.busy -= 1;
        io.record(Row::FreedWorker { service: self.id });
    }

    /// Gives free workers to those who wait.
    #[inline]
    pub(crate) fn fill<H: Heap>(&mut self, number: u32, callers: &mut Callers, io: &mut Io<'_, H>) {
        loop {
            let replica = &mut self.replicas[number as usize];
            let workers = self.configs[replica.config as usize].workers;
            if replica.volatile.waiting == 0
                || replica.volatile.busy >= workers
                || replica.knobs.stalled
                || !replica.knobs.up
            {
                return;
            }
            let head = replica.volatile.queue.pop_front().expect("who waits is in the queue");
            if !is_waiting(&self.activations, head) {
                continue;
            }
            replica.volatile.waiting -= 1;
            let waiting = &mut self.activations[head];
            waiting.holds.give_back(Hold::Place);
            if let Doing::Waiting { timer: Some(timer) } = waiting.doing {
                io.queue.cancel(timer);
            }
            if self.drop_expired && io.now() >= waiting.deadline {
                let outcome = Outcome::error(ErrorKind::Shed, Done::Nothing);
                self.leave(head, Leaving::Shed, true, Some(outcome), io);
                continue;
            }
            self.take_worker(head, number, true, io);
            self.advance(head, callers, io);
        }
    }

    /// Runs the script from the present step until it has to wait or is over.
    fn advance<H: Heap>(&mut self, id: Id, callers: &mut Callers, io: &mut Io<'_, H>) {
        let now = io.now();
        let activation = &mut self.activations[id];
        let Envelope { lineage, to, leaf, call, .. } = activation.request;
        let number = to.replica;
        match self.script.get_mut(usize::from(activation.step)) {
            Some(Compiled::Work { time, stream, nth }) => {
                if !activation.holds.has(Hold::Worker) {
                    io.record(Row::Requeued { service: self.id });
                    let config = self.configs[self.replicas[number as usize].config as usize];
                    return self.enqueue(id, number, config, io);
                }
                let work = Span::round(time.sample(&mut stream.draws(lineage), *nth));
                *nth += 1;
                activation.step += 1;
                let pace = self.replicas[number as usize].knobs.pace;
                let timer = finish_after(work, pace).map(|after| {
                    let event = Event::Wake(Node::Service(self.id), id.word());
                    io.queue.at(now.saturating_add(after), ORDINARY, event)
                });
                activation.doing = Doing::Working { left: work, since: now, began: now, timer };
            }
            Some(Compiled::Call(site)) => {
                let site = *site;
                let released = self.while_calling == WhileCalling::Released
                    && activation.holds.give_back(Hold::Worker);
                activation.step += 1;
                let begin = Begin {
                    site,
                    owner: Owner::Activation { service: self.id, activation: id },
                    tell: true,
                    behind: Some((leaf, call)),
                    from: to,
                    intended: now,
                    lineage: mix(lineage, u64::from(activation.step)),
                    deadline: Time::MAX,
                };
                if released {
                    self.free_worker(number, io);
                }
                let call = callers.begin(begin, io);
                self.activations[id].doing = Doing::Calling { call };
            }
            None => self.finish(id, io),
        }
    }

    /// A timer of this service has fired: a piece of work is done, or a wait was too long.
    #[inline]
    pub fn wake<H: Heap>(&mut self, id: Id, callers: &mut Callers, io: &mut Io<'_, H>) {
        let Some(activation) = self.activations.get_mut(id) else { return };
        let number = activation.request.to.replica;
        match activation.doing {
            Doing::Working { began, .. } => {
                let took = io.now() - began;
                activation.doing = Doing::Stepping;
                activation.served = activation.served + took;
                let Envelope { lineage, leaf, call, .. } = activation.request;
                let for_nobody = io.ledger.wants_waste() && !callers.is_wanted(leaf, call);
                io.record(Row::WorkDone { service: self.id, lineage, took, for_nobody });
                if self.fails_after_work(number, lineage) {
                    let outcome = Outcome::error(ErrorKind::Failed, Done::Done);
                    self.leave(id, Leaving::Failed, false, Some(outcome), io);
                } else {
                    self.advance(id, callers, io);
                }
            }
            Doing::Waiting { .. } => {
                activation.doing = Doing::Stepping;
                let outcome = Outcome::error(ErrorKind::Shed, Done::Nothing);
                self.leave(id, Leaving::Shed, true, Some(outcome), io);
            }
            Doing::Stepping | Doing::Calling { .. } => {
                unreachable!("only work and waiting have timers")
            }
        }
        self.fill(number, callers, io);
    }

    #[inline]
    fn fails_after_work(&self, number: u32, lineage: u64) -> bool {
        let ratio = self.replicas[number as usize].knobs.errors_after;
        ratio > 0.0 && self.stream.member(ERROR_AFTER).draws(lineage).unit() < ratio
    }

    /// A call that an activation made has ended.
    pub fn ended<H: Heap>(
        &mut self,
        id: Id,
        outcome: Outcome,
        callers: &mut Callers,
        io: &mut Io<'_, H>,
    ) {
        let Some(activation) = self.activations.get(id) else { return };
        let number = activation.request.to.replica;
        if outcome.is_success() {
            self.advance(id, callers, io);
        } else {
            let outcome = Outcome::error(ErrorKind::Dependency, Done::Partly);
            self.leave(id, Leaving::DependencyFailed, false, Some(outcome), io);
        }
        self.fill(number, callers, io);
    }

    /// A caller no longer wants an answer.
    pub fn cancel<H: Heap>(&mut self, leaf: Id, callers: &mut Callers, io: &mut Io<'_, H>) {
        let Some(&id) = self.serving.get(leaf.place()) else { return };
        let Some(activation) = self.activations.get(id) else { return };
        if activation.request.leaf != leaf {
            return;
        }
        let number = activation.request.to.replica;
        let stops = match activation.doing {
            Doing::Waiting { .. } => self.cancel_queued == CancelQueued::Remove,
            Doing::Stepping | Doing::Working { .. } | Doing::Calling { .. } => {
                self.cancel_in_service == CancelInService::Stop
            }
        };
        if !stops {
            return;
        }
        let waits = matches!(activation.doing, Doing::Waiting { .. });
        self.stop(id, callers, io);
        self.leave(id, Leaving::Cancelled, waits, None, io);
        self.fill(number, callers, io);
    }

    /// Breaks off what an activation is doing: its call is abandoned, its work so far was in vain.
    pub(crate) fn stop<H: Heap>(&mut self, id: Id, callers: &mut Callers, io: &mut Io<'_, H>) {
        match self.activations[id].doing {
            Doing::Waiting { .. } | Doing::Stepping => {}
            Doing::Calling { call } => callers.abandon(call, io),
            Doing::Working { began, .. } => {
                let took = io.now() - began;
                io.record(Row::WorkStopped { service: self.id, took });
            }
        }
    }

    /// The script is over: onward by a route, or an answer.
    fn finish<H: Heap>(&mut self, id: Id, io: &mut Io<'_, H>) {
        let request = self.activations[id].request;
        let route = (!self.next.is_empty()).then(|| {
            let unit = self.stream.member(ROUTE).draws(request.lineage).unit();
            self.next.iter().find(|route| unit < route.up_to)
        });
        let Some(Some(route)) = route else {
            return self.leave(id, Leaving::Finished, false, Some(Outcome::OK), io);
        };
        let lineage = mix(request.lineage, u64::from(route.to.0) << 32 | ROUTE);
        let draw = self.stream.member(ROUTE_REPLICA).draws(lineage).unit();
        let replica = ((draw * f64::from(route.replicas)) as u32).min(route.replicas - 1);
        let remaining = match self.activations[id].deadline {
            Time::MAX => Span::MAX,
            deadline => deadline.since(io.now()),
        };
        let to = Address::of(route.to, replica);
        let body = Body::Request { remaining };
        let link = route.link;
        io.send(Envelope { from: request.to, to, link, lineage, body, ..request });
        self.leave(id, Leaving::Finished, false, None, io);
    }

    /// Ends an activation: unwinds what it holds, says so, and answers if there is an answer.
    pub(crate) fn leave<H: Heap>(
        &mut self,
        id: Id,
        how: Leaving,
        from_queue: bool,
        outcome: Option<Outcome>,
        io: &mut Io<'_, H>,
    ) {
        let activation = &mut self.activations[id];
        let Activation { request, arrived, served, mut holds, .. } = *activation;
        let number = request.to.replica;
        if let Doing::Waiting { timer: Some(timer) } | Doing::Working { timer: Some(timer), .. } =
            activation.doing
        {
            io.queue.cancel(timer);
        }
        self.activations.discard(id);
        while let Some(hold) = holds.unwind() {
            match hold {
                Hold::Worker => self.free_worker(number, io),
                Hold::Place => self.replicas[number as usize].volatile.waiting -= 1,
            }
        }
        let (service, lineage) = (self.id, request.lineage);
        io.record(Row::Left { service, lineage, how, arrived, served, from_queue });
        if let Some(outcome) = outcome {
            self.answer(&request, outcome, io);
        }
    }

    /// Sends a reply back the way the request came.
    #[inline]
    fn answer<H: Heap>(&self, request: &Envelope, outcome: Outcome, io: &mut Io<'_, H>) {
        let number = request.to.replica;
        let incarnation = self.replicas[number as usize].durable.incarnation;
        let from = Address::of(self.id, number);
        let body = Body::Reply(outcome);
        let reply = Envelope { from, to: request.from, incarnation, body, ..*request };
        io.send(reply);
    }

    fn heeds_cancels(&self) -> bool {
        self.cancel_queued != CancelQueued::Keep || self.cancel_in_service != CancelInService::Keep
    }

    fn remember(&mut self, leaf: Id, activation: Id) {
        if self.serving.len() <= leaf.place() {
            self.serving.resize(leaf.place() + 1, Id::NONE);
        }
        self.serving[leaf.place()] = activation;
    }
}

fn is_waiting(activations: &Slab<Activation>, id: Id) -> bool {
    activations.get(id).is_some_and(|activation| activation.holds.has(Hold::Place))
}

/// How long work takes at a pace; `None` when nothing moves.
#[inline]
pub(crate) fn finish_after(work: Span, pace: f64) -> Option<Span> {
    if pace == 1.0 { Some(work) } else { pace.is_finite().then(|| work.scale(pace)) }
}
