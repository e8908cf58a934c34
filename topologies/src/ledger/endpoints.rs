//! The accounts of endpoints: what is written about a service with several is written about the one
//! that it concerns, too.

use super::Ledger;
use super::account::Account;
use crate::graph::{EndpointId, Graph, ServiceId, SiteId};
use std::collections::BTreeMap;

/// The endpoint that is called from each site; empty if no service has several.
pub(super) fn of_sites(graph: &Graph) -> Vec<Option<EndpointId>> {
    let numbers: BTreeMap<(ServiceId, u16), EndpointId> =
        graph.endpoints().map(|(id, service, endpoint)| ((service, endpoint), id)).collect();
    if numbers.is_empty() {
        return Vec::new();
    }
    let of = |(service, endpoint)| numbers.get(&(service, endpoint)).copied();
    graph.sites.iter().map(|site| of((site.target, site.endpoint))).collect()
}

impl Ledger {
    /// The endpoint that is called from a site, if its service has several.
    #[inline(always)]
    pub(super) fn endpoint_of(&self, site: SiteId) -> Option<EndpointId> {
        if self.endpoint_of_site.is_empty() { None } else { self.endpoint_of_site[site.index()] }
    }

    /// Writes into the account of a service, and into that of an endpoint of it.
    pub(super) fn each(
        &mut self,
        service: ServiceId,
        endpoint: Option<EndpointId>,
        write: impl Fn(&mut Account),
    ) {
        write(&mut self.services[service.index()]);
        self.also(endpoint).into_iter().for_each(write);
    }

    /// The account of an endpoint, if there is one, to be written into as well.
    #[inline(always)]
    pub(super) fn also(&mut self, endpoint: Option<EndpointId>) -> Option<&mut Account> {
        endpoint.map(|endpoint| self.only(endpoint))
    }

    #[cold]
    #[inline(never)]
    fn only(&mut self, endpoint: EndpointId) -> &mut Account {
        &mut self.endpoints[endpoint.index()]
    }
}
