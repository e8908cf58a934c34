//! What a service can be asked for, and what it does then: endpoints and the steps of scripts.

use super::{Graph, Service, ServiceId, SiteId};
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
        self.steps.iter().filter_map(|step| match step {
            Step::Call(site) => Some(*site),
            Step::Work(_) => None,
        })
    }
}

/// A step of a script.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Occupies a worker for a drawn time, in nanoseconds at speed 1.
    Work(Dist),
    /// Calls another service and waits for the outcome; a failure ends the script.
    Call(SiteId),
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
