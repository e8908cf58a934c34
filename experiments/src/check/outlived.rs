//! Warns of timeouts that come too late: whoever waits for the caller has left by then.

use super::flow::shortest;
use super::parts::Parts;
use brownout_core::Span;
use brownout_policies::stack::Layer;
use brownout_topologies::graph::{Graph, Site};

/// The patience that ends first on the way to a part.
#[derive(Clone, Copy)]
struct Patience {
    nanos: f64,
    /// Place in the graph's sites of the call that has it.
    of: usize,
}

/// Timeouts that are longer than one outside of them, in the same stack or further up the path.
pub(super) fn warnings(graph: &Graph) -> Vec<String> {
    let parts = Parts::of(graph);
    let mut found = Vec::new();
    let mut patience: Vec<Option<Patience>> = vec![None; parts.count()];
    for load in &graph.loads {
        for (site, _) in load.sites() {
            visit((graph, &parts), site.index(), None, &mut patience, &mut found);
        }
    }
    let mut order = parts.callees_first();
    order.reverse();
    for own in order {
        for site in parts.calls(own) {
            let before = patience[own];
            visit((graph, &parts), site.index(), before, &mut patience, &mut found);
        }
    }
    found
}

fn visit(
    (graph, parts): (&Graph, &Parts<'_>),
    place: usize,
    before: Option<Patience>,
    patience: &mut [Option<Patience>],
    found: &mut Vec<String>,
) {
    let site = &graph.sites[place];
    let own = shortest(&graph.stacks[site.stack.index()]);
    found.extend(inside(graph, site));
    let mut least = before;
    if let Some(nanos) = own {
        match before {
            Some(outer) if nanos > outer.nanos => found.push(format!(
                "{}: a timeout of {} outlives the caller's own: {} gives up after {}, and the work \
                 goes on for nobody",
                site.name,
                span(nanos),
                graph.sites[outer.of].name,
                span(outer.nanos),
            )),
            Some(_) | None => least = Some(Patience { nanos, of: place }),
        }
    }
    let target = &mut patience[parts.called_from(site)];
    if let Some(least) = least
        && target.is_none_or(|known| least.nanos < known.nanos)
    {
        *target = Some(least);
    }
}

/// A timeout of the stack that is longer than one outside of it.
fn inside(graph: &Graph, site: &Site) -> Option<String> {
    let mut outer: Option<Span> = None;
    for layer in &graph.stacks[site.stack.index()].layers {
        let Layer::Timeout(timeout) = layer else { continue };
        let Some(after) = timeout.longest() else { continue };
        match outer {
            Some(least) if after > least => {
                return Some(format!(
                    "{}: the timeout of {after} can never strike, one of {least} is outside of it",
                    site.name
                ));
            }
            Some(_) | None => outer = Some(after),
        }
    }
    None
}

fn span(nanos: f64) -> Span {
    Span::round(nanos)
}
