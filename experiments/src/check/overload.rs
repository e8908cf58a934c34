//! Warns of services that cannot keep up even on a good day.

use super::flow::{Times, rates};
use super::parts::Parts;
use crate::expect::Unit;
use brownout_topologies::graph::{Graph, ServiceId, WhileCalling};

const NANOS: f64 = 1e9;

/// Services whose utilisation would be 1 or more before any fault.
pub(super) fn warnings(graph: &Graph) -> Vec<String> {
    let parts = Parts::of(graph);
    let (rates, times) = (rates(graph, &parts), Times::of(graph, &parts, |dist| dist.mean()));
    let mut found = Vec::new();
    for (id, service) in (0..).map(ServiceId).zip(&graph.services) {
        let Some(workers) = service.workers else { continue };
        let workers = f64::from(workers) * f64::from(service.replicas);
        let mut rate = 0.0;
        let (mut busy, mut calling) = (0.0, 0.0);
        for part in parts.of_service(id) {
            let cost = times.part(part);
            let each = match service.while_calling {
                WhileCalling::Held => cost.held,
                WhileCalling::Released => cost.work,
            };
            rate += rates[part];
            busy += rates[part] * each / NANOS;
            calling += each - cost.work;
        }
        let utilisation = busy / workers;
        if utilisation < 1.0 {
            continue;
        }
        let calling = match calling > 0.0 {
            true => ", its calls included at the least they take",
            false => "",
        };
        found.push(format!(
            "`{}` is overloaded before any fault: {} of {} each{calling} keep {} workers busy, and \
             there are {workers}",
            service.name,
            Unit::PerSecond.human(rate),
            Unit::Seconds.human(busy / rate),
            Unit::Count.human(busy),
        ));
    }
    found
}
