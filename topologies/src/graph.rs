//! The resolved experiment: ids instead of names, valid by construction, immutable during a run.

mod deadlines;
mod entrance;
mod load;
mod once;
mod pool;
mod profile;
mod replication;
mod script;
mod size;
mod store;
mod zone;

pub use deadlines::{Deadlines, ExpiredInService};
pub use entrance::{
    Class, ClassId, Discipline, Entrance, Pauses, ProcessorSharing, Serving, Slowdown, WarmUp,
};
pub use load::{Arrivals, Conduct, Load, Obey, Reload, Stage};
pub use once::{Idempotency, InFlight, KeyUse};
pub use pool::{GivenUp, Pool, Validate};
pub use profile::{Curve, Piece, Profile, Spike, Wave};
pub use replication::{Reads, Replication};
pub use script::{Endpoint, EndpointId, Join, Parallel, Step};
pub use size::Size;
pub use store::{
    Act, Behind, Cache, Full, Keys, LimitClock, Limits, Memory, OnError, Store, StoreKind,
};

pub use zone::ZoneId;

use crate::fault::Fault;
use crate::fleet::{Balance, Fleet};
use crate::monitor::Monitor;
use brownout_core::Span;
use brownout_core::dist::Dist;
use brownout_policies::stack::Stack;
use std::borrow::Cow;

/// Declares the dense ids of one kind of thing.
macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name(pub u32);

        impl $name {
            /// The place in the graph's list of these.
            pub const fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}

id!(
    /// A place in [`Graph::services`].
    ServiceId
);
id!(
    /// A place in [`Graph::loads`].
    LoadId
);
id!(
    /// A place in [`Graph::sites`].
    SiteId
);
id!(
    /// A place in [`Graph::stacks`].
    StackId
);
id!(
    /// A place in [`Graph::links`].
    LinkId
);
id!(
    /// A place in [`Graph::monitors`].
    MonitorId
);

/// One system to run: what there is, what happens to it, and for how long.
#[derive(Debug, Clone, PartialEq)]
pub struct Graph {
    /// In order of name.
    pub services: Vec<Service>,
    /// In the order of the file.
    pub loads: Vec<Load>,
    /// Every place from which calls are made: one per load, one per call of a service.
    pub sites: Vec<Site>,
    /// Policy stacks; sites may share one.
    pub stacks: Vec<Stack>,
    /// Links; sites may share one.
    pub links: Vec<Link>,
    /// Names of zones, in order of name.
    pub zones: Vec<String>,
    /// How much longer than within a zone it takes from one to another, one way, ns.
    pub between_zones: Dist,
    /// Classes of requests; the first is that of requests without one.
    pub classes: Vec<Class>,
    /// In the order of the file, which is the order in which overlapping ones are applied.
    pub faults: Vec<Fault>,
    /// In order of name.
    pub monitors: Vec<Monitor>,
    /// The switches that flip conclusions.
    pub semantics: Semantics,
    /// What counts as tipped and recovered.
    pub verdict: VerdictRule,
    /// The end of the run.
    pub time: Span,
    /// What is cut off the front of every metric that names no window.
    pub warmup: Span,
}

/// A service: replicas that share a name and what they do.
#[derive(Debug, Clone, PartialEq)]
pub struct Service {
    /// Its key in the file.
    pub name: String,
    /// How many, ≥ 1.
    pub replicas: u32,
    /// Servers in parallel per replica; `None` is unlimited.
    pub workers: Option<u32>,
    /// Waiting places per replica; `None` is unbounded.
    pub queue_limit: Option<u32>,
    /// How long an attempt may wait for a worker before the service throws it out.
    pub queue_timeout: Option<Span>,
    /// Who is let in, and who is served next.
    pub entrance: Entrance,
    /// How those in service share what there is.
    pub serving: Serving,
    /// What a full queue does.
    pub full_queue: FullQueue,
    /// Whether work whose deadline has passed is thrown away when its turn comes.
    pub drop_expired: bool,
    /// Whether a worker is held while its call is out.
    pub while_calling: WhileCalling,
    /// What a cancel does to an attempt that waits.
    pub cancel_queued: CancelQueued,
    /// What a cancel does to an attempt in service.
    pub cancel_in_service: CancelInService,
    /// What becomes of an attempt that is in service when its deadline comes.
    pub expired_in_service: ExpiredInService,
    /// How long it is at a request at most, from its first worker on.
    pub statement_timeout: Option<Span>,
    /// What those are told whom it calls.
    pub deadlines: Deadlines,
    /// Its replicas, as callers see them.
    pub fleet: Fleet,
    /// What each of its replicas keeps.
    pub stores: Vec<Store>,
    /// Where its replicas are, each in one of these in turn; none is nowhere in particular.
    pub zones: Vec<ZoneId>,
    /// How they come to keep the same, if they do.
    pub replication: Option<Replication>,
    /// What it does about keys that it has seen.
    pub idempotency: Option<Idempotency>,
    /// Its connections to those it calls, of each replica's own.
    pub pools: Vec<Pool>,
    /// What it does for a request: one endpoint or more.
    pub endpoints: Vec<Endpoint>,
    /// Where a job goes when it is done here, with what probability; the rest is answered.
    pub next: Vec<Route>,
    /// Its own idea of time.
    pub clock: ClockSpec,
    /// How far its replicas' clocks are ahead of true time, ns, negative if behind; each replica
    /// has one in turn, and if there are none all are right.
    pub clock_offsets: Vec<i64>,
}

/// A job's way onward, without an answer in between.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Route {
    /// Probability, in [0, 1].
    pub probability: f64,
    /// Where to.
    pub to: ServiceId,
    /// Which of its endpoints.
    pub endpoint: u16,
    /// The link there.
    pub link: LinkId,
}

/// A place from which calls are made.
#[derive(Debug, Clone, PartialEq)]
pub struct Site {
    /// `caller → target`, for reports and for the names of streams.
    pub name: String,
    /// Who calls.
    pub caller: Caller,
    /// Which of the caller's calls this is, from 0.
    pub ordinal: u32,
    /// Who is called.
    pub target: ServiceId,
    /// For which of its endpoints.
    pub endpoint: u16,
    /// The caller's policies.
    pub stack: StackId,
    /// What is between them.
    pub link: LinkId,
    /// How the caller chooses a replica.
    pub balance: Balance,
    /// What its attempts carry as their idempotency key.
    pub key: KeyUse,
}

/// Who calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caller {
    /// A load source.
    Load(LoadId),
    /// A service.
    Service(ServiceId),
}

/// What is between a caller and its callee, both ways alike.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// One way, in nanoseconds.
    pub latency: Dist,
    /// Probability that an envelope never arrives, in [0, 1].
    pub loss: f64,
}

/// A clock that runs fast or slow: local = true × (1 + drift).
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ClockSpec {
    /// Dimensionless; 0.01 gains ten milliseconds a second.
    pub drift: f64,
}

/// What a full queue does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FullQueue {
    /// Says no at once.
    Refuse,
    /// Drops the attempt silently.
    Lose,
    /// Throws out who has waited longest, to make room.
    DropOldest,
    /// Throws out the newest of the least important, to make room for who is more important.
    DropLowest,
}

impl FullQueue {
    /// Whether one who waits may have to go.
    pub const fn makes_room(self) -> bool {
        match self {
            FullQueue::Refuse | FullQueue::Lose => false,
            FullQueue::DropOldest | FullQueue::DropLowest => true,
        }
    }
}

/// Whether a worker is held while its call is out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhileCalling {
    /// Threads.
    Held,
    /// An event loop.
    Released,
}

/// What a cancel does to an attempt that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CancelQueued {
    /// Nothing: it is served when its turn comes.
    Keep,
    /// It leaves the queue.
    Remove,
}

/// What a cancel does to an attempt in service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CancelInService {
    /// Nothing: the work runs on.
    Keep,
    /// The work stops and the worker is free.
    Stop,
}

/// The switches that flip conclusions, printed in every report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Semantics {
    /// Whether an answer to an attempt that was given up still settles its call.
    pub late_answers: LateAnswers,
}

/// Whether an answer to an attempt that was given up still settles its call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LateAnswers {
    /// It is thrown away.
    Discard,
    /// It counts, if the call is still open.
    Accept,
}

/// What counts as tipped and recovered; every field is printed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VerdictRule {
    /// Length of the windows goodput is judged in.
    pub window: Span,
    /// Tipped: goodput below this share of offered …
    pub tipped_below: f64,
    /// … while a trigger was active or within this long after it.
    pub after: Span,
    /// Recovered: goodput at or above this share of offered …
    pub recovered_from: f64,
    /// … for this long.
    pub hold: Span,
}

impl Default for VerdictRule {
    fn default() -> Self {
        VerdictRule {
            window: Span::from_millis(1_000),
            tipped_below: 0.80,
            after: Span::from_millis(10_000),
            recovered_from: 0.95,
            hold: Span::from_millis(10_000),
        }
    }
}

impl Service {
    /// What each replica's share is in proportion to.
    pub fn weights(&self) -> Cow<'_, [u32]> {
        match self.fleet.weights.as_slice() {
            [] => Cow::Owned(vec![1; self.replicas as usize]),
            weights => Cow::Borrowed(weights),
        }
    }

    /// Whether it does anything about a cancel.
    pub fn heeds_cancels(&self) -> bool {
        self.cancel_queued != CancelQueued::Keep || self.cancel_in_service != CancelInService::Keep
    }

    /// How far the clock of a replica is ahead of true time, ns.
    pub fn clock_offset(&self, replica: u32) -> i64 {
        match self.clock_offsets.as_slice() {
            [] => 0,
            offsets => offsets[replica as usize % offsets.len()],
        }
    }
}

impl Graph {
    /// The service called `name`.
    pub fn service(&self, name: &str) -> Option<ServiceId> {
        let found = self.services.iter().position(|service| service.name == name)?;
        Some(ServiceId(found as u32))
    }

    /// The load called `name`.
    pub fn load(&self, name: &str) -> Option<LoadId> {
        let found = self.loads.iter().position(|load| load.name == name)?;
        Some(LoadId(found as u32))
    }

    /// Whether somebody has to keep account of the replicas that a site calls: by the rule, or to
    /// know who is there and who does badly.
    pub fn keeps_account(&self, site: &Site) -> bool {
        let target = &self.services[site.target.index()];
        let Fleet { outliers, health, .. } = &target.fleet;
        let watches = outliers.is_some() || health.is_some() || target.fleet.comes_and_goes();
        watches || target.replicas > 1 && site.balance.simple().is_none()
    }

    /// The same system without faults, deploys, load spikes and requests all at once: the control
    /// arm of a verdict.
    pub fn calm(&self) -> Graph {
        let mut graph = self.clone();
        graph.faults.clear();
        graph.services.iter_mut().for_each(|service| service.fleet.deploys.clear());
        graph.loads.iter_mut().for_each(|load| load.arrivals.calm());
        graph
    }
}
