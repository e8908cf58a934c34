//! Warns of services that cannot keep up even on a good day.

use super::flow::{Times, rates};
use crate::expect::Unit;
use brownout_topologies::graph::{Graph, WhileCalling};

const NANOS: f64 = 1e9;

/// Services whose utilisation would be 1 or more before any fault.
pub(super) fn warnings(graph: &Graph) -> Vec<String> {
    let (rates, times) = (rates(graph), Times::of(graph, |dist| dist.mean()));
    let mut found = Vec::new();
    for (number, service) in graph.services.iter().enumerate() {
        let Some(workers) = service.workers else { continue };
        let workers = f64::from(workers) * f64::from(service.replicas);
        let held = match service.while_calling {
            WhileCalling::Held => times.calling[number],
            WhileCalling::Released => 0.0,
        };
        let each = (times.work[number] + held) / NANOS;
        let utilisation = rates[number] * each / workers;
        if utilisation < 1.0 {
            continue;
        }
        let calling = match held > 0.0 {
            true => ", its calls included at the least they take",
            false => "",
        };
        found.push(format!(
            "`{}` is overloaded before any fault: {} of {} each{calling} keep {} workers busy, and \
             there are {workers}",
            service.name,
            Unit::PerSecond.human(rates[number]),
            Unit::Seconds.human(each),
            Unit::Count.human(utilisation * workers),
        ));
    }
    found
}
