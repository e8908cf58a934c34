//! Warns of timeouts that usually strike although nothing is wrong.

use super::flow::{Times, median_or_mean, shortest};
use super::parts::Parts;
use crate::expect::Unit;
use brownout_topologies::graph::Graph;

const NANOS: f64 = 1e9;

/// Calls whose attempts end before the callee usually answers, with nothing waiting anywhere.
pub(super) fn warnings(graph: &Graph) -> Vec<String> {
    let parts = Parts::of(graph);
    let times = Times::typical(graph, &parts);
    let mut found = Vec::new();
    for site in &graph.sites {
        let Some(limit) = shortest(&graph.stacks[site.stack.index()]) else { continue };
        let usual = times.call(graph, &parts, site, median_or_mean);
        if limit < usual {
            found.push(format!(
                "{}: a timeout of {} is shorter than the {} that `{}` usually takes when idle; most \
                 attempts would time out",
                site.name,
                Unit::Seconds.human(limit / NANOS),
                Unit::Seconds.human(usual / NANOS),
                graph.services[site.target.index()].name,
            ));
        }
    }
    found
}
