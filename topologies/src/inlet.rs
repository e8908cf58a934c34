//! What is out of the ordinary about how a replica takes work in: gates at its door, shedding,
//! another order than that of arrival, shared processors, stores.
//!
//! A replica without any of it has no inlet and pays for none. With an inlet, arrivals, the queue
//! and the workers are looked after in `service::inlet` and `service::sharing`; steps, calls and
//! answers are the same.

use crate::graph::{self, Class, Discipline, Graph, Service};
use crate::knobs::Config;
use crate::line::Line;
use crate::sharing::{Rules as SharingRules, Sharing};
use crate::store::{self, Store};
use brownout_core::dist::Sampler;
use brownout_core::random::{Seed, Stream};
use brownout_core::{Span, Time};
use brownout_policies::door::Door;
use brownout_policies::shed::{Order, Shed, ShedConfig};
use brownout_policies::stack::GateRule;

/// What a service's replicas have in common.
#[derive(Debug)]
pub struct Rules {
    discipline: Discipline,
    classes: Vec<Class>,
    admission: Vec<GateRule>,
    /// The gates that are not for each endpoint, a bit for each; none where all are for all.
    skips: Vec<u16>,
    shed: Option<ShedConfig>,
    sharing: SharingRules,
    /// What each replica keeps.
    pub stores: Vec<store::Rules>,
    /// How long one waits for a worker, and how many have been asked.
    patience: Option<(Sampler, u64)>,
    /// Names the draws of doors, of lines in random order and of patience.
    stream: Stream,
}

/// One replica's.
#[derive(Debug)]
pub struct Inlet {
    /// The gates, if there are any.
    pub door: Option<Door>,
    /// What sheds, if anything does.
    pub shed: Option<Shed>,
    /// The work in service.
    pub sharing: Sharing,
    /// What it keeps.
    pub stores: Vec<Store>,
}

/// Purposes of an inlet's draws.
const LINE: u64 = 1;
const DOOR: u64 = 2;
const DOOR_FIRST: u64 = 3;
const DOOR_LEFT: u64 = 4;
const PATIENCE: u64 = 5;
const PAUSE: u64 = 6;

impl Rules {
    /// The rules of a service; `None` where nothing is out of the ordinary.
    pub fn of(graph: &Graph, spec: &Service, seed: Seed) -> Option<Rules> {
        let (entrance, serving) = (&spec.entrance, &spec.serving);
        let is_plain = entrance.is_plain() && serving.is_plain() && spec.stores.is_empty();
        let is_timed = spec.statement_timeout.is_some();
        let is_forgetful = spec.idempotency.is_none();
        if is_plain && !is_timed && is_forgetful && !spec.full_queue.makes_room() {
            return None;
        }
        let keys = |own: &graph::Store| seed.stream(&format!("keys {} {}", spec.name, own.name));
        let stores = spec.stores.iter().map(|own| store::Rules::new(own, keys(own)));
        let stream = seed.stream(&format!("inlet {}", spec.name));
        Some(Rules {
            discipline: entrance.discipline,
            classes: graph.classes.clone(),
            admission: entrance.admission.clone(),
            skips: (0..spec.endpoints.len() as u16).map(|own| entrance.not_for(own)).collect(),
            shed: entrance.shed,
            sharing: SharingRules::new(serving, stream.member(PAUSE)),
            stores: stores.collect(),
            patience: entrance.patience.as_ref().map(|patience| (patience.sampler(), 0)),
            stream,
        })
    }

    /// The inlet of a replica whose process has been at work since before the run.
    pub fn first_inlet(&self, replica: u32, config: Config) -> Inlet {
        self.inlet(replica, config, 1.0, None)
    }

    /// The inlet of a replica whose process starts, at `booted` if it has to warm up.
    pub fn inlet(&self, replica: u32, config: Config, pace: f64, booted: Option<Time>) -> Inlet {
        let mut draws = self.stream.member(DOOR_FIRST).draws(u64::from(replica));
        let gated = !self.admission.is_empty();
        Inlet {
            door: gated.then(|| Door::new(&self.admission, &mut draws)),
            shed: self
                .shed
                .map(|config| Shed::new(config).expect("it is checked where it is read")),
            sharing: Sharing::new(&self.sharing, replica, config.workers, pace, booted),
            stores: self.stores.iter().map(store::Rules::store).collect(),
        }
    }

    /// An empty line of a replica.
    pub fn line(&self, replica: u32) -> Line {
        let draws = self.stream.member(LINE).member(u64::from(replica));
        Line::new(self.discipline, &self.classes, draws)
    }

    /// Whether who is more important takes the worker of who is less.
    pub fn is_preemptive(&self) -> bool {
        matches!(self.discipline, Discipline::Priority { preemptive: true })
    }

    /// How important a class is: 0 is the most important.
    pub fn priority(&self, class: usize) -> u32 {
        self.classes[class].priority
    }

    /// The gates that are not for who comes for an endpoint, a bit for each.
    pub fn skips(&self, endpoint: u16) -> u16 {
        self.skips.get(usize::from(endpoint)).copied().unwrap_or(0)
    }

    /// Names the draws of one who comes to the door.
    pub fn door_draws(&self) -> Stream {
        self.stream.member(DOOR)
    }

    /// Names the draws of one who leaves again.
    pub fn leaving_draws(&self) -> Stream {
        self.stream.member(DOOR_LEFT)
    }

    /// How long one waits for a worker by its own patience.
    pub fn patience(&mut self, lineage: u64) -> Option<Span> {
        let (sampler, nth) = self.patience.as_mut()?;
        *nth += 1;
        let mut draws = self.stream.member(PATIENCE).draws(lineage);
        Some(Span::round(sampler.sample(&mut draws, *nth - 1)))
    }
}

impl Inlet {
    /// Who is served next, where the shedder has a say.
    pub fn order(&self) -> Order {
        self.shed.as_ref().map_or(Order::OldestFirst, Shed::order)
    }
}
