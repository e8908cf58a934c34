//! Pools of connections by those whom they lead to.

use super::sites::Sites;
use crate::spec::document::System;
use crate::spec::pool::PoolSpec;
use crate::spec::problem::{Cx, Place, Problem};
use crate::spec::service::ServiceSpec;
use brownout_topologies::graph::{Caller, Graph, Pool, ServiceId};

/// The pools of a service; those that lead nowhere are left out.
pub(super) fn pools(service: &ServiceSpec, sites: &Sites<'_>, cx: &mut Cx) -> Vec<Pool> {
    let mut pools = Vec::with_capacity(service.pools.len());
    for PoolSpec { to, pool } in &service.pools {
        if let Some(to) = sites.service(to, cx) {
            pools.push(Pool { to, ..pool.clone() });
        }
    }
    pools
}

/// Complains of pools that nobody uses, of callers that would choose replicas where a pool has
/// chosen them, and of more connections than there is room for.
pub(super) fn check(graph: &Graph, system: &System, cx: &mut Cx) {
    let mut connections = 0u64;
    for (id, (service, spec)) in
        (0..).map(ServiceId).zip(graph.services.iter().zip(&system.services))
    {
        for pool in &service.pools {
            let size = u64::from(pool.size) * u64::from(service.replicas);
            connections = connections.saturating_add(size);
            let to = &graph.services[pool.to.index()];
            let written = spec.pools.iter().find(|own| own.to.text == to.name);
            let place = written.map_or_else(Place::default, |own| own.to.place);
            let mut sites = graph.sites.iter().filter(|site| site.caller == Caller::Service(id));
            let mut own = sites.by_ref().filter(|site| site.target == pool.to).peekable();
            if own.peek().is_none() && !cx.has_errors() {
                let message = format!("`{}` does not call `{}`", service.name, to.name);
                cx.push(Problem::error(place, message).label("nobody would use this pool"));
            }
            let chooses =
                own.any(|site| graph.keeps_account(site) || site.balance != to.fleet.balance);
            if chooses {
                let message = format!("a pool to `{}`, whose replicas are chosen", to.name);
                cx.push(
                    Problem::error(place, message)
                        .label("connections lead to the replicas in turn, each to one for its life")
                        .help("leave out `balance`, `outliers`, `health` and what makes replicas come and go"),
                );
            }
        }
    }
    if connections > Pool::ALL_MAX {
        let first = system.services.iter().find(|service| !service.pools.is_empty());
        let place = first.map_or_else(Place::default, |service| service.name.place);
        cx.push(
            Problem::error(place, format!("the pools have {connections} connections together"))
                .label(format!("expected at most {}", Pool::ALL_MAX)),
        );
    }
}
