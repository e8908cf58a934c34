//! One system as a graph.

use super::faults::Victims;
use super::fleet;
use super::inlet::{self, Classes};
use super::loads::names_of_loads;
use super::monitors;
use super::replication;
use super::sites::Sites;
use super::{pools, scripts, stores, structure, zones};
use crate::spec::document::System;
use crate::spec::named::Named;
use crate::spec::problem::{Cx, Problem};
use crate::spec::service::{ServiceSpec, first_place};
use crate::spec::store::StoreSpec;
use brownout_core::Span;
use brownout_topologies::graph::{Arrivals, Graph, Load, LoadId, Service, ServiceId};

/// Most replicas of all services together: a station is some two hundred bytes.
const STATIONS_MAX: u64 = 10_000_000;

/// The graph of `system`, or `None` where parts of it are missing. Names that mean nothing are
/// complained about and left out, so that the rest is judged too.
pub(crate) fn graph(system: &System, cx: &mut Cx) -> Option<Graph> {
    check_size(system, cx);
    stores::check_size(system, cx);
    let (time, warmup) = system.run.map_or((Span::MAX, Span::ZERO), |run| (run.time, run.warmup));
    let mut sites = Sites::new(system);
    let mut classes = Classes::default();
    let mut loads = loads(system, &mut sites, &mut classes, cx);
    let mut services: Vec<Service> = (0..)
        .map(ServiceId)
        .zip(&system.services)
        .map(|(id, spec)| service(id, spec, system, &mut sites, cx))
        .collect();
    fleet::deploys(system, &mut services, time, cx);
    let zones = zones::names(system, cx);
    for (load, spec) in loads.iter_mut().zip(&system.loads) {
        load.zones = zones::of(&spec.zones, &zones);
    }
    for (service, spec) in services.iter_mut().zip(&system.services) {
        service.zones = zones::of(&spec.zones, &zones);
    }
    let victims = Victims { system, loads: &loads, sites: &sites, zones: &zones, time };
    let faults = victims.faults(cx);
    sites.complain_of_unused_links(cx);
    let places = sites.places.clone();
    let mut graph = Graph {
        services,
        loads,
        sites: sites.sites,
        stacks: sites.stacks,
        links: sites.links,
        zones,
        between_zones: system.between_zones.clone(),
        classes: classes.all,
        faults,
        monitors: Vec::new(),
        semantics: system.semantics,
        verdict: system.verdict,
        time,
        warmup,
    };
    monitors::add(system, &mut graph, cx);
    structure::check(&graph, system, &places, cx);
    fleet::check(&graph, system, &places, cx);
    zones::check(&graph, &places, cx);
    pools::check(&graph, system, cx);
    let is_whole = system.run.is_some() && graph.loads.len() == system.loads.len();
    is_whole.then_some(graph)
}

fn check_size(system: &System, cx: &mut Cx) {
    let stations: u64 = system.services.iter().map(|spec| u64::from(spec.replicas)).sum();
    if stations > STATIONS_MAX {
        cx.push(
            Problem::error(
                first_place(&system.services),
                format!("the services have {stations} replicas together"),
            )
            .label(format!("expected at most {STATIONS_MAX}")),
        );
    }
}

fn loads(system: &System, sites: &mut Sites<'_>, classes: &mut Classes, cx: &mut Cx) -> Vec<Load> {
    let names = names_of_loads(system, cx);
    let mut loads = Vec::with_capacity(system.loads.len());
    for (spec, name) in system.loads.iter().zip(names) {
        let id = LoadId(loads.len() as u32);
        let class = classes.of(spec, cx);
        let Some(site) = sites.of_load(id, spec, &name, cx) else { continue };
        // A load whose arrivals are wrong still has a name that sentences can speak of.
        let nobody = || Arrivals::Trace([].into());
        let arrivals = spec.arrivals.clone().unwrap_or_else(nobody);
        let mix = if spec.to.len() > 1 { shares(&spec.to) } else { Vec::new() };
        let (clients, conduct) = (spec.clients, spec.conduct.clone());
        let zones = Vec::new();
        loads.push(Load { name, site, mix, class, arrivals, clients, zones, conduct });
    }
    loads
}

/// Weights as shares of the whole.
fn shares(to: &[(f64, Named)]) -> Vec<f64> {
    let sum: f64 = to.iter().map(|(weight, _)| weight).sum();
    to.iter().map(|(weight, _)| weight / sum).collect()
}

fn service(
    id: ServiceId,
    spec: &ServiceSpec,
    system: &System,
    sites: &mut Sites<'_>,
    cx: &mut Cx,
) -> Service {
    inlet::check(spec, system, cx);
    Service {
        name: spec.name.text.clone(),
        replicas: spec.replicas,
        workers: spec.workers,
        queue_limit: spec.queue_limit,
        queue_timeout: spec.queue_timeout,
        entrance: inlet::entrance(spec, cx),
        serving: spec.serving.clone(),
        full_queue: spec.full_queue.map_or(system.full_queue, |(full, _)| full),
        drop_expired: spec.drop_expired,
        while_calling: spec.while_calling,
        cancel_queued: spec.cancel_queued,
        cancel_in_service: spec.cancel_in_service,
        expired_in_service: spec.expired_in_service,
        statement_timeout: spec.statement_timeout,
        deadlines: spec.deadlines.unwrap_or(system.deadlines),
        fleet: spec.fleet.clone(),
        endpoints: scripts::endpoints(id, spec, sites, cx),
        next: sites.routes(spec, cx),
        clock: spec.clock,
        clock_offsets: spec.clock_offsets.clone(),
        stores: spec.stores.iter().map(StoreSpec::store).collect(),
        replication: replication::of(spec, cx),
        zones: Vec::new(),
        idempotency: spec.idempotency.clone(),
        pools: pools::pools(spec, sites, cx),
    }
}
