//! The accounts of endpoints: what is written about a service with several is written about the one
//! that it concerns, too.

use super::account::Account;
use super::pictures::EdgeCount;
use super::record::End;
use super::{Ledger, Plan};
use crate::graph::{EndpointId, Graph, ServiceId, SiteId};
use brownout_core::Time;
use std::collections::BTreeMap;

/// What is to be written of each site beside the service that is called.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct AtSite {
    /// The endpoint that is called, if its service has several.
    endpoint: Option<EndpointId>,
    /// Calls and attempts from here.
    pub(super) count: EdgeCount,
}

/// What is to be written of each site; empty if no service has several endpoints and nobody asks
/// about sites.
pub(super) fn of_sites(graph: &Graph, plan: &Plan) -> Vec<AtSite> {
    let numbers: BTreeMap<(ServiceId, u16), EndpointId> =
        graph.endpoints().map(|(id, service, endpoint)| ((service, endpoint), id)).collect();
    if numbers.is_empty() && !plan.pictures.edges {
        return Vec::new();
    }
    let of = |(service, endpoint)| numbers.get(&(service, endpoint)).copied();
    let at = |endpoint| AtSite { endpoint, count: EdgeCount::default() };
    graph.sites.iter().map(|site| at(of((site.target, site.endpoint)))).collect()
}

impl Ledger {
    /// Writes of the endpoint that is called from a site that a call has ended, if its service has
    /// several.
    #[inline(always)]
    pub(super) fn ended_from(&mut self, at: Time, site: SiteId, end: End) {
        if !self.sites.is_empty() {
            self.end_at_endpoint(at, site, end);
        }
    }

    #[cold]
    #[inline(never)]
    fn end_at_endpoint(&mut self, at: Time, site: SiteId, end: End) {
        if let Some(own) = self.also(self.endpoint_of(site)) {
            own.call_ended(at, end.intended, end.outcome);
        }
    }

    /// The endpoint that is called from a site, if its service has several.
    #[inline(always)]
    pub(super) fn endpoint_of(&self, site: SiteId) -> Option<EndpointId> {
        if self.sites.is_empty() { None } else { self.sites[site.index()].endpoint }
    }

    /// Counts a call, attempts or both where they come from and at the endpoint they go to, if
    /// either is told apart.
    #[inline(always)]
    pub(super) fn sent_from(&mut self, site: SiteId, calls: u64, attempts: u64) {
        if !self.sites.is_empty() {
            self.count_from(site, calls, attempts);
        }
    }

    #[cold]
    #[inline(never)]
    fn count_from(&mut self, site: SiteId, calls: u64, attempts: u64) {
        let AtSite { endpoint, count } = &mut self.sites[site.index()];
        count.calls += calls;
        count.attempts += attempts;
        if let Some(endpoint) = endpoint {
            let often = &mut self.endpoints[endpoint.index()].often;
            often.offered += calls;
            often.attempts += attempts;
        }
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
