//! A service at work: the door and the queue, the workers and the script, the answer.

mod answer;
mod code;
mod deadline;
mod door;
mod fork;
mod inlet;
mod interrupt;
mod limit;
mod once;
mod onward;
mod program;
mod replication;
mod script;
mod sharing;
mod steps;
mod store;
mod straight;

use crate::activation::{Activation, Hold};
use crate::clock::Clock;
use crate::effect::keys::Keys;
use crate::envelope::{Envelope, Envelopes};
use crate::fault::Reach;
use crate::graph::{
    CancelInService, CancelQueued, Deadlines, EndpointId, ExpiredInService, FullQueue, Graph,
    InFlight, ServiceId, WhileCalling,
};
use crate::inlet::Rules;
use crate::knobs::Config;
use crate::ledger::Ledger;
use crate::link::Ways;
use crate::meter::Meter;
use crate::replica::Replica;
use crate::store::replication::Replication;
use brownout_core::Span;
use brownout_core::random::{Seed, Stream};
use brownout_core::slab::Id;
use brownout_policies::limiter::LimiterConfig;
pub(crate) use door::Seat;
use fork::Forks;
use inlet::SHED;
use limit::Limits;
use onward::Onward;
use program::Program;
use straight::After;
pub(crate) use straight::Next;

/// One service at work: what every request meets, in two lines of cache, and the rest.
#[derive(Debug)]
#[repr(C, align(64))]
pub struct Service {
    pub(crate) id: ServiceId,
    /// Whether nothing about it is out of the ordinary, so that what happens here may go straight
    /// on.
    pub(crate) ordinary: bool,
    /// Whether those who wait have no names: see [`crate::line::Letter`].
    nameless: bool,
    drop_expired: bool,
    while_calling: WhileCalling,
    /// Whether anybody asks how long requests wait.
    follows_waits: bool,
    /// Whether something has to be seen to whenever work begins.
    attends: bool,
    /// Whether a request may be let in no more when it arrives: its deadline is a moment.
    minds_moments: bool,
    after_work: After,
    deadlines: Deadlines,
    pub(crate) replicas: Box<[Replica]>,
    program: Program,
    pub(crate) rest: Box<Rest>,
}

/// What is looked up when something is out of the ordinary.
#[derive(Debug)]
pub(crate) struct Rest {
    /// Every configuration there has been; replicas run one of them.
    pub(crate) configs: Vec<Config>,
    /// Limits of its own, for when others do not answer.
    limits: Limits,
    /// Keys that it has seen, and what becomes of who comes with one that is taken.
    keys: Option<(InFlight, Keys)>,
    forks: Forks,
    next: Vec<Onward>,
    full_queue: FullQueue,
    cancel_queued: CancelQueued,
    cancel_in_service: CancelInService,
    /// What is out of the ordinary about how its replicas take work in.
    inlet: Option<Box<Rules>>,
    /// Whether a cancel changes anything.
    heeds_cancels: bool,
    /// Whether workers break down one by one.
    breaks_workers: bool,
    /// How long it is at a request at most.
    statement_timeout: Option<Span>,
    /// Whether what is in service stops at its request's deadline.
    minds_requests: bool,
    /// Whether what is in service stops at its deadline, its own or its request's.
    stops_at_deadline: bool,
    clock: Clock,
    /// How its replicas come to keep the same, if they do.
    replication: Option<Box<Replication>>,
    /// Names the draws of routes and of errors.
    stream: Stream,
}

/// What is made of every service before anything else is.
struct Room {
    /// Nobody is in there yet.
    replicas: Vec<Replica>,
    program: Program,
    limits: Vec<LimiterConfig>,
}

/// Purposes of a service's own draws.
const ROUTE: u64 = 1;
const ERROR_AT_ONCE: u64 = 2;
const ERROR_AFTER: u64 = 3;
const ROUTE_REPLICA: u64 = 4;
const FAIL: u64 = 5;
const CHOICE: u64 = 6;
const BROKEN: u64 = 7;

impl Service {
    /// Every service of `graph`, idle, in order.
    ///
    /// Room for replicas and programs, which every request meets, is made for all services before
    /// anything else is: it is a few pages of memory then, instead of thousands.
    pub(crate) fn all(graph: &Graph, seed: Seed, ways: &Ways, reach: &Reach) -> Vec<Service> {
        let mut first = 0;
        let rooms = graph.services.iter().map(|spec| {
            let own = EndpointId(first);
            first += spec.numbered();
            let replicas = Vec::with_capacity(spec.replicas as usize);
            let (program, limits) = Program::new(spec, own, seed);
            Room { replicas, program, limits }
        });
        let rooms: Vec<_> = rooms.collect();
        let every = (0..)
            .map(ServiceId)
            .zip(rooms)
            .map(|(id, room)| Service::new(graph, (id, room), seed, ways, reach));
        every.collect()
    }

    /// The service numbered `id`, in its room.
    fn new(
        graph: &Graph,
        (id, room): (ServiceId, Room),
        seed: Seed,
        ways: &Ways,
        reach: &Reach,
    ) -> Service {
        let Room { mut replicas, program, limits } = room;
        let spec = &graph.services[id.index()];
        let name = &spec.name;
        let config = Config::of(spec);
        let inlet = Rules::of(graph, spec, seed).map(Box::new);
        let meter = reach.wears_out(id).then(Meter::default);
        let replica = |number| {
            let own = |rules: &Rules| (rules.line(number), rules.first_inlet(number, config));
            let (line, inlet) = inlet.as_deref().map(own).unzip();
            Replica::new(config, line.unwrap_or_default(), inlet, meter)
        };
        replicas.extend((0..spec.replicas).map(replica));
        let stops_at_deadline =
            spec.expired_in_service == ExpiredInService::Stop || spec.statement_timeout.is_some();
        let moves_clocks = !spec.clock_offsets.is_empty() || reach.moves_clocks();
        let minds_moments = spec.drop_expired && moves_clocks;
        let rest = Box::new(Rest {
            configs: vec![config],
            limits: Limits::new(limits, spec.replicas),
            keys: spec.idempotency.as_ref().map(|rule| (rule.in_flight, Keys::new(rule))),
            forks: Forks::default(),
            next: Onward::all(graph, spec, ways),
            full_queue: spec.full_queue,
            cancel_queued: spec.cancel_queued,
            cancel_in_service: spec.cancel_in_service,
            inlet,
            heeds_cancels: spec.heeds_cancels(),
            breaks_workers: reach.breaks_workers(id),
            statement_timeout: spec.statement_timeout,
            minds_requests: spec.expired_in_service == ExpiredInService::Stop,
            stops_at_deadline,
            clock: Clock::new(spec.clock),
            replication: spec.replication.as_ref().map(|rule| {
                let stream = seed.stream(&format!("replication {name}"));
                Box::new(Replication::new(rule, spec, stream))
            }),
            stream: seed.stream(&format!("service {name}")),
        });
        Service {
            id,
            ordinary: false,
            nameless: false,
            drop_expired: spec.drop_expired,
            while_calling: spec.while_calling,
            follows_waits: true,
            attends: stops_at_deadline,
            minds_moments,
            after_work: After::default(),
            deadlines: spec.deadlines,
            replicas: replicas.into_boxed_slice(),
            program,
            rest,
        }
    }

    /// From now on looks at who waits for work when it begins.
    pub fn look_for_dead(&mut self) {
        self.attends = true;
    }

    /// Whether anybody asks how long requests stay here, or at one of its endpoints.
    pub fn is_followed(&self, ledger: &Ledger) -> bool {
        self.program.is_divided() || ledger.follows_inside(self.id)
    }

    /// From now on those who wait have no names, if it is ordinary and throws nobody out; nobody
    /// ever looks for one who waits here.
    pub(crate) fn lose_names(&mut self) {
        let may = |replica: &Replica| replica.queue_timeout().is_none();
        self.nameless = self.is_ordinary() && self.replicas.iter().all(may);
        if self.nameless {
            self.replicas.iter_mut().for_each(|replica| replica.volatile.queue.lose_names());
        }
    }

    /// Tells the ledger of those who still wait without a name; how many they are.
    pub fn tell_of_nameless(&self, ledger: &mut Ledger) -> u64 {
        let (is_followed, mut waiting) = (self.is_followed(ledger), 0);
        let lines = self.replicas.iter().map(|replica| &replica.volatile.queue);
        for letter in lines.flat_map(|line| line.nameless()) {
            waiting += 1;
            if is_followed {
                ledger.open_activation(self.id, None, letter.arrived, true);
            }
        }
        waiting
    }

    /// Looks at a replica, and at who is next there.
    pub fn look_ahead(&self, replica: u32) -> u64 {
        let volatile = self.replicas.get(replica as usize).map(|replica| &replica.volatile);
        volatile.map_or(0, |volatile| u64::from(volatile.busy) ^ volatile.queue.look_ahead())
    }

    /// Tells the ledger of an activation that is still here at the end.
    pub fn tell_of_open(&self, envelope: &Envelope, ledger: &mut Ledger) {
        let Activation { holds, arrived, step, .. } = envelope.work;
        let is_waiting = holds.has(Hold::Place) || holds.has(Hold::Door);
        ledger.open_activation(self.id, self.program.endpoint(step), arrived, is_waiting);
    }
}

/// Whether an activation is still there and still waits.
pub(crate) fn is_waiting(envelopes: &Envelopes, id: Id) -> bool {
    envelopes.get(id).is_some_and(|envelope| envelope.work.holds.has(Hold::Place))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_every_request_meets_is_two_lines_of_cache() {
        assert_eq!(size_of::<Service>(), 128);
    }
}
