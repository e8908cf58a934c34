//! What no metric says, by listening: busy periods, what arrivals see, and how many wait to try
//! again (groups a and c of the oracle).

use crate::harness::{Score, exact};
use crate::queues::{MM1, POISSON_8, queue};
use brownout_core::Time;
use brownout_core::random::Seed;
use brownout_tests::parse;
use brownout_topologies::graph::{Graph, ServiceId};
use brownout_topologies::ledger::{Plan, Row, Sink};
use brownout_topologies::run::listen;

/// Hears how many are in two services, and tells of every change.
struct Numbers<F> {
    services: [ServiceId; 2],
    numbers: [u32; 2],
    tell: F,
}

impl<F: FnMut(Time, [u32; 2], [u32; 2])> Sink for Numbers<F> {
    fn row(&mut self, at: Time, row: &Row<'_>) {
        let (service, comes) = match *row {
            Row::Entered { service, .. } => (service, true),
            Row::Left { service, .. } => (service, false),
            _ => return,
        };
        let before = self.numbers;
        for (own, number) in self.services.iter().zip(&mut self.numbers) {
            if *own == service {
                *number = if comes { *number + 1 } else { *number - 1 };
            }
        }
        (self.tell)(at, before, self.numbers);
    }
}

/// Tells of two services of an experiment in one of its runs: when, and how many were and are
/// there.
fn hear(text: &str, run: u32, names: [&str; 2], tell: impl FnMut(Time, [u32; 2], [u32; 2])) {
    let experiment = parse(text);
    let graph = &experiment.variants[0].graph;
    let services = names.map(|name| named(graph, name));
    let mut numbers = Numbers { services, numbers: [0; 2], tell };
    let seed = Seed { seed: experiment.seed, replication: run };
    let finished = listen(graph, seed, &Plan::default(), &mut numbers);
    finished.unwrap_or_else(|error| panic!("{error}"));
}

/// The service of this name.
pub(crate) fn named(graph: &Graph, name: &str) -> ServiceId {
    let number = graph.services.iter().position(|service| service.name == name);
    ServiceId(number.expect("it is there") as u32)
}

#[test]
fn busy_periods_last_as_branching_says() {
    let mut score = Score::default();
    let half = "Poisson(to: \"q\", rate: \"0.5/s\")";
    for (id, load) in [("A01", POISSON_8), ("A03", half)] {
        let mean = exact(id, "busy_period_mean");
        let (mut means, mut squares) = (Vec::new(), Vec::new());
        for run in 0..20 {
            let (mut began, mut periods) = (Time::ZERO, Vec::new());
            hear(&queue(load, MM1, 200_000, 1), run, ["q", "q"], |at, before, after| {
                match (before[0], after[0]) {
                    (0, 1) => began = at,
                    (1, 0) => periods.push(at.since(began).as_secs()),
                    _ => {}
                }
            });
            let count = periods.len() as f64;
            means.push(periods.iter().sum::<f64>() / count);
            let from_mean = periods.iter().map(|period| (period - mean) * (period - mean));
            squares.push(from_mean.sum::<f64>() / count);
        }
        score.check(&format!("{id} busy_period_mean"), &means, mean);
        score.check(&format!("{id} busy_period_var"), &squares, exact(id, "busy_period_var"));
    }
    score.finish();
}

#[test]
fn arrivals_that_are_not_at_random_see_a_geometric_number() {
    let mut score = Score::default();
    let even = "Renewal(to: \"q\", every: Const(\"1.25s\"))";
    let erlang = "Renewal(to: \"q\", every: Erlang(k: 2, mean: \"1.111111111s\"))";
    for (id, load) in [("A25", even), ("A27", erlang)] {
        let mut shares: [Vec<f64>; 6] = Default::default();
        for run in 0..20 {
            let (mut seen, mut all) = ([0.0; 6], 0.0);
            hear(&queue(load, MM1, 100_000, 1), run, ["q", "q"], |at, before, after| {
                if after[0] > before[0] && at.as_secs() > 2_000.0 {
                    all += 1.0;
                    if let Some(seen) = seen.get_mut(before[0] as usize) {
                        *seen += 1.0;
                    }
                }
            });
            shares.iter_mut().zip(seen).for_each(|(shares, seen)| shares.push(seen / all));
        }
        for state in [0, 1, 5] {
            let name = format!("pmf_seen_by_arrival_{state}");
            score.check(&format!("{id} {name}"), &shares[state], exact(id, &name));
        }
    }
    score.finish();
}

/// In twenty runs, the shares of time at which so many requests wait to be tried again.
fn waiting(rate: &str, retry: &str, service: &str, rest: &str) -> [Vec<f64>; 4] {
    let text = format!(
        "Experiment(
            name: \"waiting\",
            run: (time: \"80000s\", seed: 13, runs: 1),
            load: [Poisson(to: \"clients\", rate: \"{rate}\")],
            services: {{
                \"clients\": (workers: Unlimited, endpoints: {{
                    \"ask\": [Call(to: \"q\", with: [{retry}])],
                }}),
                \"q\": ({service}),
            }},
            {rest}
        )"
    );
    let (begins, ends) = (2_000.0, 80_000.0);
    let mut shares: [Vec<f64>; 4] = Default::default();
    for run in 0..20 {
        let (mut spent, mut since) = ([0.0; 4], begins);
        let mut stay = |until: f64, numbers: [u32; 2]| {
            let state = spent.get_mut((numbers[0] - numbers[1]) as usize);
            state.into_iter().for_each(|spent| *spent += (until - since).max(0.0));
            since = until.max(begins);
        };
        let mut last = [0; 2];
        hear(&text, run, ["clients", "q"], |at, before, after| {
            stay(at.as_secs(), before);
            last = after;
        });
        stay(ends, last);
        shares.iter_mut().zip(spent).for_each(|(all, spent)| all.push(spent / (ends - begins)));
    }
    shares
}

#[test]
fn so_many_wait_to_be_tried_again() {
    let mut score = Score::default();
    let backoff =
        "Retry(times: 3, wait: Exponential(from: \"2s\", cap: \"100s\", jitter: Full, first: 1))";
    let mm1 = "workers: 1, queue: Unbounded, work: Exp(mean: \"1s\")";
    let errors = "faults: [Errors(service: \"q\", ratio: 0.3, when: AfterWork, at: \"0s\")],";
    let failing = waiting("0.5/s", backoff, mm1, errors);
    let for_ever = "Retry(times: Unlimited, wait: Random(mean: \"2s\"))";
    let one = "workers: 1, queue: Fifo(limit: 0), work: Exp(mean: \"1s\")";
    let refused = waiting("0.6/s", for_ever, one, "");
    for state in [0, 1, 3] {
        let name = format!("pmf_in_backoff_{state}");
        score.check(&name, &failing[state], exact("C03", &name));
        let name = format!("pmf_orbit_{state}");
        score.check(&name, &refused[state], exact("C08", &name));
    }
    score.finish();
}
