//! Mean rates and times of a system at rest: no fault, no retry, no waiting.

use brownout_core::dist::Dist;
use brownout_policies::stack::{Layer, Stack};
use brownout_topologies::graph::{Arrivals, Graph, ServiceId, SiteId, Step};

/// Rounds over routes that come back; each adds a lap, and a job that makes more is rare.
const LAPS: usize = 1_000;

const NANOS: f64 = 1e9;

/// Requests per second that a load offers at its busiest, spikes left out. A closed load waits for
/// its answers, so it overloads nothing for good; it counts as none.
fn load_rate(arrivals: &Arrivals) -> f64 {
    match arrivals {
        Arrivals::Poisson(profile) | Arrivals::Steady(profile) => {
            profile.calm.as_deref().unwrap_or(profile).peak()
        }
        Arrivals::Renewal(every) => NANOS / every.mean(),
        Arrivals::Closed { .. } => 0.0,
    }
}

/// Attempts per second at each service, through loads, calls and routes.
pub(super) fn rates(graph: &Graph) -> Vec<f64> {
    let mut entering = vec![0.0; graph.services.len()];
    for load in &graph.loads {
        entering[graph.sites[load.site.index()].target.index()] += load_rate(&load.arrivals);
    }
    let mut into: Vec<Vec<(ServiceId, f64)>> = vec![Vec::new(); graph.services.len()];
    for from in every(graph) {
        for site in calls(graph, from) {
            into[graph.sites[site.index()].target.index()].push((from, 1.0));
        }
        for route in &graph.services[from.index()].next {
            into[route.to.index()].push((from, route.probability));
        }
    }
    let mut order = callees_first(graph);
    order.reverse();
    let mut rates = vec![0.0_f64; graph.services.len()];
    for _ in 0..LAPS {
        let mut is_settled = true;
        for own in &order {
            let sources = into[own.index()].iter();
            let rate = sources.fold(entering[own.index()], |sum, (from, share)| {
                sum + rates[from.index()] * share
            });
            is_settled &= (rate - rates[own.index()]).abs() <= 1e-9 * rate;
            rates[own.index()] = rate;
        }
        if is_settled {
            break;
        }
    }
    rates
}

fn every(graph: &Graph) -> impl Iterator<Item = ServiceId> {
    (0..graph.services.len() as u32).map(ServiceId)
}

/// Every service after those that it calls and, where jobs do not come back, routes to.
pub(super) fn callees_first(graph: &Graph) -> Vec<ServiceId> {
    let onward = |id: ServiceId| -> Vec<ServiceId> {
        let called = calls(graph, id).map(|site| graph.sites[site.index()].target);
        called.chain(graph.services[id.index()].next.iter().map(|route| route.to)).collect()
    };
    let mut order = Vec::with_capacity(graph.services.len());
    let mut is_seen = vec![false; graph.services.len()];
    // A chain may be thousands of calls long, which a recursion would not survive.
    let mut path: Vec<(ServiceId, Vec<ServiceId>)> = Vec::new();
    for root in every(graph) {
        if !std::mem::replace(&mut is_seen[root.index()], true) {
            path.push((root, onward(root)));
        }
        while let Some((own, left)) = path.last_mut() {
            match left.pop() {
                Some(next) if !std::mem::replace(&mut is_seen[next.index()], true) => {
                    path.push((next, onward(next)));
                }
                Some(_) => {}
                None => {
                    order.push(*own);
                    path.pop();
                }
            }
        }
    }
    order
}

/// The calls of a service, in order.
pub(super) fn calls(graph: &Graph, service: ServiceId) -> impl Iterator<Item = SiteId> {
    graph.services[service.index()].steps.iter().filter_map(|step| match step {
        Step::Call(site) => Some(*site),
        Step::Work(_) => None,
    })
}

/// Times of requests by service, in nanoseconds.
pub(super) struct Times {
    /// Own work.
    pub(super) work: Vec<f64>,
    /// Calls: links, and the callees' own work and calls.
    pub(super) calling: Vec<f64>,
}

impl Times {
    /// From `number` of every distribution. Waiting and retries are left out, and each call lasts
    /// no longer than its caller's patience.
    pub(super) fn of(graph: &Graph, number: impl Fn(&Dist) -> f64) -> Times {
        let work = |id: ServiceId| -> f64 {
            let steps = graph.services[id.index()].steps.iter();
            steps.map(|step| if let Step::Work(dist) = step { number(dist) } else { 0.0 }).sum()
        };
        let mut times = Times {
            work: every(graph).map(work).collect(),
            calling: vec![0.0; graph.services.len()],
        };
        for own in callees_first(graph) {
            let calls = calls(graph, own);
            times.calling[own.index()] = calls
                .map(|site| {
                    let limit = shortest(&graph.stacks[graph.sites[site.index()].stack.index()]);
                    times.call(graph, site, &number).min(limit.unwrap_or(f64::INFINITY))
                })
                .sum();
        }
        times
    }

    /// Median of every piece of work where there is one, else its mean.
    pub(super) fn typical(graph: &Graph) -> Times {
        Times::of(graph, median_or_mean)
    }

    /// Of one attempt of a call, patience apart.
    pub(super) fn call(&self, graph: &Graph, site: SiteId, number: impl Fn(&Dist) -> f64) -> f64 {
        let site = &graph.sites[site.index()];
        let there_and_back = 2.0 * number(&graph.links[site.link.index()].latency);
        there_and_back + self.work[site.target.index()] + self.calling[site.target.index()]
    }
}

/// What a distribution usually gives.
pub(super) fn median_or_mean(dist: &Dist) -> f64 {
    dist.quantile(0.5).unwrap_or_else(|| dist.mean())
}

/// The shortest timeout of a stack, in nanoseconds: no attempt lasts longer.
pub(super) fn shortest(stack: &Stack) -> Option<f64> {
    let timeouts = stack.layers.iter().filter_map(|layer| match layer {
        Layer::Timeout(timeout) => Some(timeout.after.nanos() as f64),
        Layer::Retry(_) | Layer::Hedge(_) | Layer::Gate(_) | Layer::Fallback(_) => None,
    });
    timeouts.reduce(f64::min)
}
