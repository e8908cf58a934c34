//! What is wrong with the structure of a graph: cycles, islands, jobs that never leave.

use crate::graph::{Graph, ServiceId, SiteId};
use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::{Dfs, Reversed};
use std::collections::VecDeque;

/// Probabilities written in decimal have no exact sum; this much is rounding.
const SLACK: f64 = 1e-9;

/// Something about the structure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// A service calls itself: with its workers held, it would wait for itself.
    SelfCall {
        /// The call.
        site: SiteId,
    },
    /// Services call each other in a circle, in this order.
    CallCycle {
        /// Each calls the next, the last the first.
        services: Vec<ServiceId>,
    },
    /// A call whose job is routed back to its caller, which would call again.
    RouteIntoCall {
        /// Each calls or routes to the next, the last to the first.
        services: Vec<ServiceId>,
    },
    /// Jobs among these are routed on and on: none ever leaves.
    EndlessRoutes {
        /// In order of name.
        services: Vec<ServiceId>,
    },
    /// No load reaches this service. It only stands there, so this is a warning.
    Unreachable {
        /// Which.
        service: ServiceId,
    },
}

impl Finding {
    /// Whether the graph cannot be run; otherwise it is only odd.
    pub const fn is_error(&self) -> bool {
        match self {
            Finding::SelfCall { .. }
            | Finding::CallCycle { .. }
            | Finding::RouteIntoCall { .. }
            | Finding::EndlessRoutes { .. } => true,
            Finding::Unreachable { .. } => false,
        }
    }
}

/// How one service leads to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Call,
    Route,
}

type Ways = DiGraph<(), Way>;

/// Everything there is to say about the structure, in order of service within each kind.
pub fn validate(graph: &Graph) -> Vec<Finding> {
    let mut findings = self_calls(graph);
    let calls = ways(graph, |way| way == Way::Call);
    let cycles = circles(&calls);
    let in_cycle: Vec<usize> = cycles.iter().flatten().map(|node| node.index()).collect();
    findings.extend(cycles.iter().map(|circle| Finding::CallCycle { services: ids(circle) }));
    let all = ways(graph, |_| true);
    for circle in circles_through_calls(&all) {
        if !circle.iter().any(|node| in_cycle.contains(&node.index())) {
            findings.push(Finding::RouteIntoCall { services: ids(&circle) });
        }
    }
    findings.extend(endless_routes(graph));
    findings.extend(unreachable_services(graph, &all));
    findings
}

fn ids(nodes: &[NodeIndex]) -> Vec<ServiceId> {
    nodes.iter().map(|node| ServiceId(node.index() as u32)).collect()
}

fn self_calls(graph: &Graph) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (id, service) in (0..).map(ServiceId).zip(&graph.services) {
        for site in service.calls() {
            if graph.sites[site.index()].target == id {
                findings.push(Finding::SelfCall { site });
            }
        }
    }
    findings
}

/// The graph of the wanted ways; a service's call to itself is not among them.
fn ways(graph: &Graph, wanted: impl Fn(Way) -> bool) -> Ways {
    let mut ways = Ways::new();
    let nodes: Vec<NodeIndex> = graph.services.iter().map(|_| ways.add_node(())).collect();
    for (from, service) in graph.services.iter().enumerate() {
        for site in service.calls() {
            let to = graph.sites[site.index()].target.index();
            if to != from && wanted(Way::Call) {
                ways.update_edge(nodes[from], nodes[to], Way::Call);
            }
        }
        for route in service.next.iter().filter(|route| route.probability > 0.0) {
            let (from, to) = (nodes[from], nodes[route.to.index()]);
            // A call counts for more than a route between the same two.
            if wanted(Way::Route) && ways.find_edge(from, to).is_none() {
                ways.add_edge(from, to, Way::Route);
            }
        }
    }
    ways
}

/// One circle for each group of services that reach each other, in order of the first service.
fn circles(ways: &Ways) -> Vec<Vec<NodeIndex>> {
    let mut circles: Vec<Vec<NodeIndex>> =
        groups(ways).iter().filter_map(|group| circle(ways, group, None)).collect();
    circles.sort();
    circles
}

/// As [`circles`], of those groups that have a call inside: one circle that goes through it.
fn circles_through_calls(ways: &Ways) -> Vec<Vec<NodeIndex>> {
    let mut circles = Vec::new();
    for group in groups(ways) {
        let mut inside = vec![false; ways.node_count()];
        group.iter().for_each(|node| inside[node.index()] = true);
        let call = ways.edge_indices().find_map(|edge| {
            let (from, to) = ways.edge_endpoints(edge)?;
            let is_inside = inside[from.index()] && inside[to.index()];
            (ways[edge] == Way::Call && is_inside).then_some((from, to))
        });
        circles.extend(call.and_then(|call| circle(ways, &group, Some(call))));
    }
    circles.sort();
    circles
}

/// Groups of two or more that reach each other, each in order.
fn groups(ways: &Ways) -> Vec<Vec<NodeIndex>> {
    let mut groups = kosaraju_scc(ways);
    groups.retain(|group| group.len() > 1);
    groups.iter_mut().for_each(|group| group.sort());
    groups
}

/// A shortest circle within `group`: through `first` if given, else through its least member.
fn circle(
    ways: &Ways,
    group: &[NodeIndex],
    first: Option<(NodeIndex, NodeIndex)>,
) -> Option<Vec<NodeIndex>> {
    let start = first.map_or(group[0], |(from, _)| from);
    let mut before: Vec<Option<NodeIndex>> = vec![None; ways.node_count()];
    let mut queue = VecDeque::new();
    match first {
        Some((from, to)) => {
            before[to.index()] = Some(from);
            queue.push_back(to);
        }
        None => queue.push_back(start),
    }
    while let Some(node) = queue.pop_front() {
        let mut next: Vec<NodeIndex> =
            ways.neighbors(node).filter(|next| group.binary_search(next).is_ok()).collect();
        next.sort();
        for next in next {
            if next == start {
                return Some(walk_back(&before, node, start));
            }
            if before[next.index()].is_none() {
                before[next.index()] = Some(node);
                queue.push_back(next);
            }
        }
    }
    None
}

fn walk_back(before: &[Option<NodeIndex>], end: NodeIndex, start: NodeIndex) -> Vec<NodeIndex> {
    let mut circle = vec![end];
    let mut node = end;
    while node != start {
        node = before[node.index()].expect("the search came this way");
        circle.push(node);
    }
    circle.reverse();
    circle
}

/// Services whose jobs can reach no place where any job leaves: a gain of one or more.
fn endless_routes(graph: &Graph) -> Option<Finding> {
    let routes = ways(graph, |way| way == Way::Route);
    let mut leaves = vec![false; graph.services.len()];
    let exits = graph.services.iter().enumerate().filter(|(_, service)| {
        service.next.iter().map(|route| route.probability).sum::<f64>() < 1.0 - SLACK
    });
    let exits: Vec<usize> = exits.map(|(at, _)| at).collect();
    let mut walk = Dfs::empty(Reversed(&routes));
    for exit in exits {
        walk.move_to(NodeIndex::new(exit));
        while let Some(node) = walk.next(Reversed(&routes)) {
            leaves[node.index()] = true;
        }
    }
    let stuck: Vec<ServiceId> = (0..)
        .map(ServiceId)
        .zip(&leaves)
        .filter(|(_, leaves)| !**leaves)
        .map(|(id, _)| id)
        .collect();
    (!stuck.is_empty()).then_some(Finding::EndlessRoutes { services: stuck })
}

fn unreachable_services(graph: &Graph, all: &Ways) -> Vec<Finding> {
    let mut reached = vec![false; graph.services.len()];
    let mut walk = Dfs::empty(all);
    for load in &graph.loads {
        for (site, _) in load.sites() {
            walk.move_to(NodeIndex::new(graph.sites[site.index()].target.index()));
            while let Some(node) = walk.next(all) {
                reached[node.index()] = true;
            }
        }
    }
    let lonely = (0..).map(ServiceId).zip(reached).filter(|(_, reached)| !reached);
    lonely.map(|(service, _)| Finding::Unreachable { service }).collect()
}
