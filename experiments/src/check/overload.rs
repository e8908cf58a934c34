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
        let of = |part: usize| match service.while_calling {
            WhileCalling::Held => (times.work[part], times.calling[part]),
            WhileCalling::Released => (times.work[part], 0.0),
        };
        let mut rate = 0.0;
        let (mut busy, mut held) = (0.0, 0.0);
        for part in parts.of_service(id) {
            let (work, calling) = of(part);
            rate += rates[part];
            busy += rates[part] * (work + calling) / NANOS;
            held += calling;
        }
        let utilisation = busy / workers;
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
            Unit::PerSecond.human(rate),
            Unit::Seconds.human(busy / rate),
            Unit::Count.human(busy),
        ));
    }
    found
}
