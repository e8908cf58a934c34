//! Warns of services that cannot keep up even on a good day.

use super::flow::{Times, rates};
use super::parts::Parts;
use crate::expect::Unit;
use brownout_topologies::graph::{Graph, Service, ServiceId, WhileCalling};

const NANOS: f64 = 1e9;

/// What a service with a limited number of workers has to do on a good day.
struct Duty {
    id: ServiceId,
    workers: f64,
    /// Requests per second.
    rate: f64,
    /// Workers that they keep busy.
    busy: f64,
    /// Whether workers are held while they call.
    is_calling: bool,
}

fn duties(graph: &Graph) -> Vec<Duty> {
    let parts = Parts::of(graph);
    let (rates, times) = (rates(graph, &parts), Times::of(graph, &parts, |dist| dist.mean()));
    let duty = |(id, service): (ServiceId, &Service)| {
        let workers = f64::from(service.workers?) * f64::from(service.replicas);
        let mut duty = Duty { id, workers, rate: 0.0, busy: 0.0, is_calling: false };
        for part in parts.of_service(id) {
            let cost = times.part(part);
            let each = match service.while_calling {
                WhileCalling::Held => cost.held,
                WhileCalling::Released => cost.work,
            };
            duty.rate += rates[part];
            duty.busy += rates[part] * each / NANOS;
            duty.is_calling |= each > cost.work;
        }
        Some(duty)
    };
    (0..).map(ServiceId).zip(&graph.services).filter_map(duty).collect()
}

/// Requests per second that the workers of each service can do when nothing ails it and those it
/// calls, with its endpoints asked for as often as they usually are; none where workers are
/// unlimited, or nothing keeps them busy.
pub fn capacities(graph: &Graph) -> Vec<Option<f64>> {
    let mut capacities = vec![None; graph.services.len()];
    for duty in duties(graph).into_iter().filter(|duty| duty.busy > 0.0) {
        capacities[duty.id.index()] = Some(duty.rate * duty.workers / duty.busy);
    }
    capacities
}

/// Services whose utilisation would be 1 or more before any fault.
pub(super) fn warnings(graph: &Graph) -> Vec<String> {
    let mut found = Vec::new();
    for Duty { id, workers, rate, busy, is_calling } in duties(graph) {
        if busy / workers < 1.0 {
            continue;
        }
        let calling = match is_calling {
            true => ", its calls included at the least they take",
            false => "",
        };
        found.push(format!(
            "`{}` is overloaded before any fault: {} of {} each{calling} keep {} workers busy, and \
             there are {workers}",
            graph.services[id.index()].name,
            Unit::PerSecond.human(rate),
            Unit::Seconds.human(busy / rate),
            Unit::Count.human(busy),
        ));
    }
    found
}
