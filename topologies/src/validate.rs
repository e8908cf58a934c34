//! What is wrong with the structure of a graph: cycles, islands, jobs that never leave.

use crate::graph::{Graph, ServiceId, SiteId};
use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::{Dfs, Reversed};
use std::collections::VecDeque;

/// Probabilities written in decimal have no exact sum; this much is rounding.
const SLACK: f64 = 1e-9;

/// An endpoint of a service: what calls and routes lead to.
pub type Part = (ServiceId, u16);

/// Something about the structure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// An endpoint calls itself, and would wait for itself for ever.
    SelfCall {
        /// The call.
        site: SiteId,
    },
    /// Endpoints call each other in a circle, in this order.
    CallCycle {
        /// Each calls the next, the last the first.
        parts: Vec<Part>,
    },
    /// A call whose job is routed back to its caller, which would call again.
    RouteIntoCall {
        /// Each calls or routes to the next, the last to the first.
        parts: Vec<Part>,
    },
    /// Jobs among these are routed on and on: none ever leaves.
    EndlessRoutes {
        /// In order of name.
        services: Vec<ServiceId>,
    },
    /// No load reaches this endpoint. It only stands there, so this is a warning.
    Unreachable {
        /// Which.
        part: Part,
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

/// How one endpoint leads to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Call,
    Route,
}

type Ways = DiGraph<(), Way>;

/// Every endpoint, numbered as the nodes of the graphs here are.
struct Parts {
    all: Vec<Part>,
    /// The number of each service's first endpoint.
    first: Vec<usize>,
}

impl Parts {
    fn of(graph: &Graph) -> Parts {
        let (mut all, mut first) = (Vec::new(), Vec::new());
        for (id, service) in (0..).map(ServiceId).zip(&graph.services) {
            first.push(all.len());
            all.extend((0..service.endpoints.len() as u16).map(|endpoint| (id, endpoint)));
        }
        Parts { all, first }
    }

    fn node(&self, service: ServiceId, endpoint: u16) -> NodeIndex {
        NodeIndex::new(self.first[service.index()] + usize::from(endpoint))
    }

    fn named(&self, nodes: &[NodeIndex]) -> Vec<Part> {
        nodes.iter().map(|node| self.all[node.index()]).collect()
    }
}

/// Everything there is to say about the structure, in order of endpoint within each kind.
pub fn validate(graph: &Graph) -> Vec<Finding> {
    let parts = Parts::of(graph);
    let mut findings = self_calls(graph, &parts);
    let calls = ways(graph, &parts, |way| way == Way::Call);
    let cycles = circles(&calls);
    let in_cycle: Vec<usize> = cycles.iter().flatten().map(|node| node.index()).collect();
    findings.extend(cycles.iter().map(|circle| Finding::CallCycle { parts: parts.named(circle) }));
    let all = ways(graph, &parts, |_| true);
    for circle in circles_through_calls(&all) {
        if !circle.iter().any(|node| in_cycle.contains(&node.index())) {
            findings.push(Finding::RouteIntoCall { parts: parts.named(&circle) });
        }
    }
    findings.extend(endless_routes(graph, &parts));
    findings.extend(unreachable_parts(graph, &parts, &all));
    findings
}

/// The sites from which an endpoint calls, and where they lead.
fn calls<'g>(
    graph: &'g Graph,
    parts: &'g Parts,
    (service, endpoint): Part,
) -> impl Iterator<Item = (SiteId, NodeIndex)> {
    let own = &graph.services[service.index()].endpoints[usize::from(endpoint)];
    own.calls().map(|id| {
        let site = &graph.sites[id.index()];
        (id, parts.node(site.target, site.endpoint))
    })
}

fn self_calls(graph: &Graph, parts: &Parts) -> Vec<Finding> {
    let mut findings = Vec::new();
    for &part in &parts.all {
        let own = parts.node(part.0, part.1);
        let to_itself = calls(graph, parts, part).filter(|(_, to)| *to == own);
        findings.extend(to_itself.map(|(site, _)| Finding::SelfCall { site }));
    }
    findings
}

/// The graph of the wanted ways; an endpoint's call to itself is not among them.
fn ways(graph: &Graph, parts: &Parts, wanted: impl Fn(Way) -> bool) -> Ways {
    let mut ways = Ways::new();
    for _ in &parts.all {
        ways.add_node(());
    }
    for &part in &parts.all {
        let from = parts.node(part.0, part.1);
        for (_, to) in calls(graph, parts, part) {
            if to != from && wanted(Way::Call) {
                ways.update_edge(from, to, Way::Call);
            }
        }
        let routes = graph.services[part.0.index()].next.iter();
        for route in routes.filter(|route| route.probability > 0.0) {
            let to = parts.node(route.to, route.endpoint);
            // A call counts for more than a route between the same two.
            if wanted(Way::Route) && ways.find_edge(from, to).is_none() {
                ways.add_edge(from, to, Way::Route);
            }
        }
    }
    ways
}

/// One circle for each group of endpoints that reach each other, in order of the first.
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
fn endless_routes(graph: &Graph, parts: &Parts) -> Option<Finding> {
    let routes = ways(graph, parts, |way| way == Way::Route);
    let mut leaves = vec![false; parts.all.len()];
    let is_exit = |part: &&Part| {
        let next = &graph.services[part.0.index()].next;
        next.iter().map(|route| route.probability).sum::<f64>() < 1.0 - SLACK
    };
    let mut walk = Dfs::empty(Reversed(&routes));
    for exit in parts.all.iter().filter(is_exit) {
        walk.move_to(parts.node(exit.0, exit.1));
        while let Some(node) = walk.next(Reversed(&routes)) {
            leaves[node.index()] = true;
        }
    }
    let stuck = parts.all.iter().zip(&leaves).filter(|(_, leaves)| !**leaves);
    let mut stuck: Vec<ServiceId> = stuck.map(|(part, _)| part.0).collect();
    stuck.dedup();
    (!stuck.is_empty()).then_some(Finding::EndlessRoutes { services: stuck })
}

fn unreachable_parts(graph: &Graph, parts: &Parts, all: &Ways) -> Vec<Finding> {
    let mut reached = vec![false; parts.all.len()];
    let mut walk = Dfs::empty(all);
    for load in &graph.loads {
        for (site, _) in load.sites() {
            let site = &graph.sites[site.index()];
            walk.move_to(parts.node(site.target, site.endpoint));
            while let Some(node) = walk.next(all) {
                reached[node.index()] = true;
            }
        }
    }
    let lonely = parts.all.iter().zip(reached).filter(|(_, reached)| !reached);
    lonely.map(|(&part, _)| Finding::Unreachable { part }).collect()
}
