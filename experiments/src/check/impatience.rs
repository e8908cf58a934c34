//! Warns of timeouts that usually strike although nothing is wrong.

use super::flow::{Times, median_or_mean};
use super::parts::Parts;
use crate::expect::Unit;
use brownout_policies::stack::{Layer, Stack};
use brownout_topologies::graph::Graph;

const NANOS: f64 = 1e9;

/// Calls whose attempts end before the callee usually answers, with nothing waiting anywhere.
pub(super) fn warnings(graph: &Graph) -> Vec<String> {
    let parts = Parts::of(graph);
    let times = Times::typical(graph, &parts);
    let mut found = Vec::new();
    for site in &graph.sites {
        let Some((limit, words)) = shortest(&graph.stacks[site.stack.index()]) else { continue };
        let usual = times.call(graph, &parts, site, median_or_mean);
        if limit < usual {
            found.push(format!(
                "{}: a timeout {words} is shorter than the {} that `{}` usually takes when idle; \
                 most attempts would time out",
                site.name,
                Unit::Seconds.human(usual / NANOS),
                graph.services[site.target.index()].name,
            ));
        }
    }
    found
}

/// The shortest timeout of a stack by its median, in nanoseconds, and in words.
fn shortest(stack: &Stack) -> Option<(f64, String)> {
    let timeouts = stack.layers.iter().filter_map(|layer| match layer {
        Layer::Timeout(timeout) => Some(timeout),
        Layer::Retry(_)
        | Layer::Hedge(_)
        | Layer::Gate(_)
        | Layer::Fallback(_)
        | Layer::Inherited => None,
    });
    let timeout = timeouts.min_by_key(|timeout| timeout.median())?;
    let limit = timeout.median().nanos() as f64;
    let of = if timeout.longest().is_some() { "of" } else { "with a median of" };
    Some((limit, format!("{of} {}", Unit::Seconds.human(limit / NANOS))))
}
