//! Warns of timeouts that usually strike although nothing is wrong.

use super::flow::{Times, median_or_mean, shortest};
use crate::expect::Unit;
use brownout_topologies::graph::{Graph, SiteId};

const NANOS: f64 = 1e9;

/// Calls whose attempts end before the callee usually answers, with nothing waiting anywhere.
pub(super) fn warnings(graph: &Graph) -> Vec<String> {
    let times = Times::typical(graph);
    let mut found = Vec::new();
    for (number, site) in graph.sites.iter().enumerate() {
        let Some(limit) = shortest(&graph.stacks[site.stack.index()]) else { continue };
        let usual = times.call(graph, SiteId(number as u32), median_or_mean);
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
