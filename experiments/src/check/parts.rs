//! The parts of a graph that a request goes through: every endpoint of every service.

use brownout_topologies::graph::{Endpoint, Graph, ServiceId, Site, SiteId};

/// Every endpoint of every service, numbered in that order.
pub(super) struct Parts<'g> {
    graph: &'g Graph,
    /// The number of each service's first endpoint, and behind the last one's how many there are.
    first: Vec<usize>,
    /// The service of each part.
    service: Vec<ServiceId>,
}

impl<'g> Parts<'g> {
    pub(super) fn of(graph: &'g Graph) -> Parts<'g> {
        let (mut first, mut service) = (vec![0], Vec::new());
        for (id, own) in (0..).map(ServiceId).zip(&graph.services) {
            service.extend(own.endpoints.iter().map(|_| id));
            first.push(service.len());
        }
        Parts { graph, first, service }
    }

    pub(super) fn count(&self) -> usize {
        self.service.len()
    }

    /// The parts of a service.
    pub(super) fn of_service(&self, service: ServiceId) -> std::ops::Range<usize> {
        self.first[service.index()]..self.first[service.index() + 1]
    }

    /// The part that is called from a site.
    pub(super) fn called_from(&self, site: &Site) -> usize {
        self.part(site.target, site.endpoint)
    }

    fn part(&self, service: ServiceId, endpoint: u16) -> usize {
        self.first[service.index()] + usize::from(endpoint)
    }

    pub(super) fn service(&self, part: usize) -> ServiceId {
        self.service[part]
    }

    pub(super) fn endpoint(&self, part: usize) -> &'g Endpoint {
        let service = self.service[part];
        &self.graph.services[service.index()].endpoints[part - self.first[service.index()]]
    }

    /// Where jobs go from a part when they are done there, with what probability.
    pub(super) fn routes(&self, part: usize) -> impl Iterator<Item = (usize, f64)> {
        let routes = self.graph.services[self.service[part].index()].next.iter();
        routes.map(|route| (self.part(route.to, route.endpoint), route.probability))
    }

    /// The sites from which a part calls.
    pub(super) fn calls(&self, part: usize) -> impl Iterator<Item = SiteId> {
        self.endpoint(part).calls()
    }

    /// The part of a service that calls from a site.
    pub(super) fn caller(&self, service: ServiceId, site: SiteId) -> usize {
        let mut own = self.of_service(service);
        let found = own.clone().find(|part| self.calls(*part).any(|called| called == site));
        found.or(own.next()).expect("a service has an endpoint")
    }

    /// Every part after those that it calls and, where jobs do not come back, routes to.
    pub(super) fn callees_first(&self) -> Vec<usize> {
        let onward = |part: usize| -> Vec<usize> {
            let sites = &self.graph.sites;
            let called = self.calls(part).map(|site| self.called_from(&sites[site.index()]));
            called.chain(self.routes(part).map(|(to, _)| to)).collect()
        };
        let mut order = Vec::with_capacity(self.count());
        let mut is_seen = vec![false; self.count()];
        // A chain may be thousands of calls long, which a recursion would not survive.
        let mut path: Vec<(usize, Vec<usize>)> = Vec::new();
        for root in 0..self.count() {
            if !std::mem::replace(&mut is_seen[root], true) {
                path.push((root, onward(root)));
            }
            while let Some((own, left)) = path.last_mut() {
                match left.pop() {
                    Some(next) if !std::mem::replace(&mut is_seen[next], true) => {
                        path.push((next, onward(next)));
                    }
                    Some(_) => {}
                    None => {
                        order.push(*own);
                        path.pop();
                    }
                }
            }
        }
        order
    }
}
