//! Mean rates and times of a system at rest: no fault, no retry, no waiting.

use super::parts::Parts;
use brownout_core::dist::Dist;
use brownout_policies::stack::{Layer, Stack};
use brownout_topologies::graph::{Arrivals, Graph, Site, Step};

/// Rounds over routes that come back; each adds a lap, and a job that makes more is rare.
const LAPS: usize = 1_000;

const NANOS: f64 = 1e9;

/// Requests per second that a load offers at its busiest, or on average where chance or a trace
/// decides when that is; spikes are left out. What comes all at once overloads nothing for good,
/// nor does a closed load, which waits for its answers: they count as none.
fn load_rate(arrivals: &Arrivals) -> f64 {
    match arrivals {
        Arrivals::Poisson(profile) | Arrivals::Steady(profile) => profile.usual_peak(),
        Arrivals::Batch { rate, size } => rate.usual_peak() * size.mean(),
        Arrivals::Renewal(every) => NANOS / every.mean(),
        Arrivals::Bursty(stages) => {
            let lap: f64 = stages.iter().map(|stage| stage.lasts.mean()).sum();
            stages.iter().map(|stage| stage.per_s * stage.lasts.mean() / lap).sum()
        }
        Arrivals::Trace(times) => match (times.first(), times.last()) {
            (Some(first), Some(last)) if last > first => {
                (times.len() - 1) as f64 / last.since(*first).as_secs()
            }
            _ => 0.0,
        },
        Arrivals::AtOnce { .. } | Arrivals::Closed { .. } => 0.0,
    }
}

/// Attempts per second at each part, through loads, calls and routes.
pub(super) fn rates(graph: &Graph, parts: &Parts<'_>) -> Vec<f64> {
    let mut entering = vec![0.0; parts.count()];
    for load in &graph.loads {
        let rate = load_rate(&load.arrivals);
        for (site, share) in load.sites() {
            entering[parts.called_from(&graph.sites[site.index()])] += rate * share;
        }
    }
    let mut into: Vec<Vec<(usize, f64)>> = vec![Vec::new(); parts.count()];
    for from in 0..parts.count() {
        for site in parts.calls(from) {
            into[parts.called_from(&graph.sites[site.index()])].push((from, 1.0));
        }
        for (to, probability) in parts.routes(from) {
            into[to].push((from, probability));
        }
    }
    let mut order = parts.callees_first();
    order.reverse();
    let mut rates = vec![0.0_f64; parts.count()];
    for _ in 0..LAPS {
        let mut is_settled = true;
        for &own in &order {
            let sources = into[own].iter();
            let rate = sources.fold(entering[own], |sum, (from, share)| sum + rates[*from] * share);
            is_settled &= (rate - rates[own]).abs() <= 1e-9 * rate;
            rates[own] = rate;
        }
        if is_settled {
            break;
        }
    }
    rates
}

/// Times of requests by part, in nanoseconds.
pub(super) struct Times {
    /// Own work.
    pub(super) work: Vec<f64>,
    /// Calls: links, and the callees' own work and calls.
    pub(super) calling: Vec<f64>,
}

impl Times {
    /// From `number` of every distribution. Waiting and retries are left out, and each call lasts
    /// no longer than its caller's patience.
    pub(super) fn of(graph: &Graph, parts: &Parts<'_>, number: impl Fn(&Dist) -> f64) -> Times {
        let work = |part: usize| -> f64 {
            let steps = parts.endpoint(part).steps.iter();
            steps.map(|step| if let Step::Work(dist) = step { number(dist) } else { 0.0 }).sum()
        };
        let mut times = Times {
            work: (0..parts.count()).map(work).collect(),
            calling: vec![0.0; parts.count()],
        };
        for own in parts.callees_first() {
            let calls = parts.calls(own);
            times.calling[own] = calls
                .map(|site| {
                    let site = &graph.sites[site.index()];
                    let limit = shortest(&graph.stacks[site.stack.index()]);
                    times.call(graph, parts, site, &number).min(limit.unwrap_or(f64::INFINITY))
                })
                .sum();
        }
        times
    }

    /// Median of every piece of work where there is one, else its mean.
    pub(super) fn typical(graph: &Graph, parts: &Parts<'_>) -> Times {
        Times::of(graph, parts, median_or_mean)
    }

    /// Of one attempt of a call, patience apart.
    pub(super) fn call(
        &self,
        graph: &Graph,
        parts: &Parts<'_>,
        site: &Site,
        number: impl Fn(&Dist) -> f64,
    ) -> f64 {
        let there_and_back = 2.0 * number(&graph.links[site.link.index()].latency);
        let part = parts.called_from(site);
        there_and_back + self.work[part] + self.calling[part]
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
