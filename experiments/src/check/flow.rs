//! Mean rates and times of a system at rest: no fault, no retry, no waiting.

use super::parts::Parts;
use brownout_core::dist::Dist;
use brownout_policies::stack::{Layer, Stack};
use brownout_topologies::graph::{Arrivals, Graph, Parallel, Site, SiteId, Step};

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
        for (site, times) in calls_expected(&parts.endpoint(from).steps) {
            into[parts.called_from(&graph.sites[site.index()])].push((from, times));
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

/// How often a script calls from each of its sites, on average, where nothing fails.
fn calls_expected(steps: &[Step]) -> Vec<(SiteId, f64)> {
    fn collect(steps: &[Step], times: f64, calls: &mut Vec<(SiteId, f64)>) {
        for step in steps {
            match step {
                Step::Work(_) | Step::Sleep(_) | Step::Fail(_) | Step::At { .. } | Step::Effect => {
                }
                Step::Call(site) | Step::Limit { site, .. } => calls.push((*site, times)),
                // At rest everything has been fetched.
                Step::Get { hit, .. } => collect(hit, times, calls),
                Step::Repeat { times: often, steps } => {
                    collect(steps, times * f64::from(*often), calls);
                }
                Step::Choice(ways) => {
                    ways.iter().for_each(|(share, steps)| collect(steps, times * share, calls));
                }
                Step::Parallel(parallel) => {
                    let often = f64::from(parallel.times);
                    let branches = parallel.branches.iter();
                    branches.for_each(|steps| collect(steps, times * often, calls));
                }
            }
        }
    }
    let mut calls = Vec::new();
    collect(steps, 1.0, &mut calls);
    calls
}

/// Times of requests by part, in nanoseconds. Waiting and retries are left out, and each call lasts
/// no longer than its caller's patience.
pub(super) struct Times(Vec<Cost>);

/// What a script costs.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Cost {
    /// Worker time of its work alone.
    pub(super) work: f64,
    /// Worker time where a worker is held while it calls and sleeps: at the least this.
    pub(super) held: f64,
    /// From begin to end.
    pub(super) lasts: f64,
}

impl Cost {
    fn plus(self, other: Cost) -> Cost {
        Cost {
            work: self.work + other.work,
            held: self.held + other.held,
            lasts: self.lasts + other.lasts,
        }
    }

    fn times(self, factor: f64) -> Cost {
        let Cost { work, held, lasts } = self;
        Cost { work: work * factor, held: held * factor, lasts: lasts * factor }
    }

    /// Of branches, of which the join waits for so many.
    fn joined(branches: &[Cost], parallel: &Parallel) -> Cost {
        let mut lengths: Vec<f64> = branches.iter().map(|cost| cost.lasts).collect();
        lengths.sort_by(f64::total_cmp);
        // Each script runs `times` times: the k-th to end is the k / times-th of the scripts.
        let place = (parallel.needed().saturating_sub(1) / parallel.times.max(1)) as usize;
        let lasts = lengths.get(place).copied().unwrap_or(0.0);
        let work = branches.iter().map(|cost| cost.work).sum::<f64>() * f64::from(parallel.times);
        // Who only calls leaves the request's worker where it is.
        Cost { work, held: if work > 0.0 { work } else { lasts }, lasts }
    }
}

impl Times {
    /// From `number` of every distribution.
    pub(super) fn of(graph: &Graph, parts: &Parts<'_>, number: impl Fn(&Dist) -> f64) -> Times {
        let mut times = Times(vec![Cost::default(); parts.count()]);
        for own in parts.callees_first() {
            let call = |site: SiteId| {
                let site = &graph.sites[site.index()];
                let limit = shortest(&graph.stacks[site.stack.index()]);
                times.call(graph, parts, site, &number).min(limit.unwrap_or(f64::INFINITY))
            };
            times.0[own] = cost(&parts.endpoint(own).steps, &number, &call);
        }
        times
    }

    pub(super) fn part(&self, part: usize) -> Cost {
        self.0[part]
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
        there_and_back + self.0[parts.called_from(site)].lasts
    }
}

/// What steps cost, given how long work and calls take.
fn cost(steps: &[Step], number: &impl Fn(&Dist) -> f64, call: &impl Fn(SiteId) -> f64) -> Cost {
    let waits = |lasts: f64| Cost { work: 0.0, held: lasts, lasts };
    let of = |steps: &[Step]| cost(steps, number, call);
    let costs = steps.iter().map(|step| match step {
        Step::Work(time) => {
            let time = number(time);
            Cost { work: time, held: time, lasts: time }
        }
        Step::Call(site) | Step::Limit { site, .. } => waits(call(*site)),
        Step::Sleep(time) => waits(number(time)),
        Step::Fail(_) | Step::At { .. } | Step::Effect => Cost::default(),
        Step::Get { hit, .. } => of(hit),
        Step::Repeat { times, steps } => of(steps).times(f64::from(*times)),
        Step::Choice(ways) => {
            let ways = ways.iter().map(|(share, steps)| of(steps).times(*share));
            ways.fold(Cost::default(), Cost::plus)
        }
        Step::Parallel(parallel) => {
            let branches: Vec<Cost> = parallel.branches.iter().map(|steps| of(steps)).collect();
            Cost::joined(&branches, parallel)
        }
    });
    costs.fold(Cost::default(), Cost::plus)
}

/// What a distribution usually gives.
pub(super) fn median_or_mean(dist: &Dist) -> f64 {
    dist.quantile(0.5).unwrap_or_else(|| dist.mean())
}

/// The shortest timeout of a stack, in nanoseconds, of those that are the same every time: no
/// attempt lasts longer.
pub(super) fn shortest(stack: &Stack) -> Option<f64> {
    let timeouts = stack.layers.iter().filter_map(|layer| match layer {
        Layer::Timeout(timeout) => timeout.longest().map(|after| after.nanos() as f64),
        Layer::Retry(_)
        | Layer::Hedge(_)
        | Layer::Gate(_)
        | Layer::Fallback(_)
        | Layer::Inherited => None,
    });
    timeouts.reduce(f64::min)
}
