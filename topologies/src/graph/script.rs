//! What a service can be asked for, and what it does then: endpoints and the steps of scripts.

use super::{Act, Graph, OnError, Service, ServiceId, SiteId};
use brownout_core::dist::Dist;

/// One thing that a service can be asked for. All endpoints of a service share its replicas, their
/// workers and their queues.
#[derive(Debug, Clone, PartialEq)]
pub struct Endpoint {
    /// Its key in the file; `default` where a service is written without endpoints.
    pub name: String,
    /// What is done for a request, one after the other.
    pub steps: Vec<Step>,
}

impl Endpoint {
    /// The name of a service's only endpoint where none is written, and of the one that is meant
    /// where a caller names a service and no endpoint.
    pub const DEFAULT: &str = "default";

    /// The only endpoint of a service that is written without any.
    pub fn only(steps: Vec<Step>) -> Endpoint {
        Endpoint { name: Endpoint::DEFAULT.to_owned(), steps }
    }

    /// Every place from which it calls, in the order of the file.
    pub fn calls(&self) -> impl Iterator<Item = SiteId> {
        let mut calls = Vec::new();
        collect_calls(&self.steps, &mut calls);
        calls.into_iter()
    }
}

/// A step of a script.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Occupies a worker for a drawn time, in nanoseconds at speed 1.
    Work(Dist),
    /// Calls another service and waits for the outcome; a failure ends the script.
    Call(SiteId),
    /// Waits for a drawn time, in nanoseconds, with its worker where workers are held.
    Sleep(Dist),
    /// Fails the request with this probability, in [0, 1].
    Fail(f64),
    /// The same steps once more, and once more.
    Repeat {
        /// How often they are done in all, ≥ 1.
        times: u32,
        /// What is done again and again.
        steps: Vec<Step>,
    },
    /// One of several ways, each with its probability; with what is left of 1, none of them.
    Choice(Vec<(f64, Vec<Step>)>),
    /// Several branches at once.
    Parallel(Parallel),
    /// Does something at a store of its own.
    At {
        /// Which, in [`Service::stores`].
        store: u16,
        /// What.
        act: Act,
    },
    /// Looks into a cache of its own, and goes on one way or the other.
    Get {
        /// Which, in [`Service::stores`].
        store: u16,
        /// What is done if it is there.
        hit: Vec<Step>,
        /// What is done if not: fetching it and putting it there, say.
        miss: Vec<Step>,
    },
    /// What the request is for is done: it stands, however the request ends.
    Effect,
    /// Asks a limit that another service keeps, and waits for the answer; if that is no, the
    /// request fails as the limit says.
    Limit {
        /// From where it asks.
        site: SiteId,
        /// What it does when there is no answer.
        on_error: OnError,
    },
}

/// Branches that run at the same time, and how many of them have to succeed.
///
/// A branch is an activation of its own: it fails by itself, and what it fails of is told to the
/// join. It has no worker until it works. The first one that works takes over the worker of its
/// request; any other takes a free one, or waits in line for one, at the end, whatever the queue's
/// limit. It keeps its worker until it ends, or, where workers are released, until it calls or
/// sleeps. The branch that decides the join hands its worker to the request, which goes on with it;
/// the others give theirs back. So a join never waits for a worker that it holds itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Parallel {
    /// The scripts of the branches.
    pub branches: Vec<Vec<Step>>,
    /// How many branches run each of these scripts, ≥ 1.
    pub times: u32,
    /// When the request goes on.
    pub join: Join,
}

/// When a request goes on whose branches run: once as many have succeeded as have to, or too many
/// have failed for that. What is left of the branches then is cancelled, as by a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Join {
    /// All have to succeed.
    All,
    /// One has to.
    Any,
    /// So many have to.
    Quorum(u32),
}

impl Parallel {
    /// How many branches there are.
    pub fn count(&self) -> u32 {
        (self.branches.len() as u32).saturating_mul(self.times)
    }

    /// How many of them have to succeed.
    pub fn needed(&self) -> u32 {
        match self.join {
            Join::All => self.count(),
            Join::Any => 1,
            Join::Quorum(number) => number,
        }
    }
}

impl Step {
    /// The scripts that it is made of.
    pub fn inside(&self) -> Vec<&[Step]> {
        match self {
            Step::Work(_)
            | Step::Call(_)
            | Step::Sleep(_)
            | Step::Fail(_)
            | Step::At { .. }
            | Step::Effect
            | Step::Limit { .. } => Vec::new(),
            Step::Repeat { steps, .. } => vec![steps],
            Step::Get { hit, miss, .. } => vec![hit, miss],
            Step::Choice(ways) => ways.iter().map(|(_, steps)| steps.as_slice()).collect(),
            Step::Parallel(parallel) => parallel.branches.iter().map(Vec::as_slice).collect(),
        }
    }
}

fn collect_calls(steps: &[Step], calls: &mut Vec<SiteId>) {
    for step in steps {
        if let Step::Call(site) | Step::Limit { site, .. } = step {
            calls.push(*site);
        }
        step.inside().into_iter().for_each(|inside| collect_calls(inside, calls));
    }
}

/// A place among the endpoints of those services that have several, in order of service, then of
/// endpoint. The only endpoint of a service is that service, and has no number of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EndpointId(pub u32);

impl EndpointId {
    /// The place in a list of them.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl Service {
    /// Whether it has several endpoints, which are told apart in the ledger.
    pub fn is_divided(&self) -> bool {
        self.endpoints.len() > 1
    }

    /// How many of its endpoints have a number of their own.
    pub fn numbered(&self) -> u32 {
        if self.is_divided() { self.endpoints.len() as u32 } else { 0 }
    }

    /// Every place from which it calls, in the order of the file.
    pub fn calls(&self) -> impl Iterator<Item = SiteId> {
        self.endpoints.iter().flat_map(Endpoint::calls)
    }
}

impl Graph {
    /// Every endpoint with a number, in order: its service, and its place among that one's.
    pub fn endpoints(&self) -> impl Iterator<Item = (EndpointId, ServiceId, u16)> {
        let all = (0..).map(ServiceId).zip(&self.services).flat_map(|(id, service)| {
            (0..service.numbered() as u16).map(move |endpoint| (id, endpoint))
        });
        (0..).map(EndpointId).zip(all).map(|(number, (id, endpoint))| (number, id, endpoint))
    }

    /// What is called from a site: `service`, or `service.endpoint` where there are several.
    pub fn called(&self, site: SiteId) -> String {
        let site = &self.sites[site.index()];
        self.part_name(site.target, site.endpoint)
    }

    /// `service`, or `service.endpoint` where there are several.
    pub fn part_name(&self, service: ServiceId, endpoint: u16) -> String {
        let service = &self.services[service.index()];
        match service.is_divided() {
            true => format!("{}.{}", service.name, service.endpoints[usize::from(endpoint)].name),
            false => service.name.clone(),
        }
    }

    /// The service and the endpoint called `service.endpoint`.
    pub fn part(&self, name: &str) -> Option<(ServiceId, u16)> {
        let (service, endpoint) = name.split_once('.')?;
        let id = self.service(service)?;
        let mut all = self.services[id.index()].endpoints.iter();
        all.position(|own| own.name == endpoint).map(|place| (id, place as u16))
    }

    /// The number of an endpoint, if it has one, by its place among those of its service.
    pub fn endpoint(&self, service: ServiceId, endpoint: u16) -> Option<EndpointId> {
        let own = &self.services[service.index()];
        let before = self.services[..service.index()].iter().map(Service::numbered);
        own.is_divided().then(|| EndpointId(before.sum::<u32>() + u32::from(endpoint)))
    }
}
