//! Group b of the oracle, and what it says of two choices and of redundancy: load balancing.

use crate::harness::{Score, exact, is, runs_of};
use brownout_core::Time;
use brownout_core::heap::Binary;
use brownout_core::random::Seed;
use brownout_tests::parse;
use brownout_topologies::ledger::Plan;
use brownout_topologies::ledger::row::{Row, Sink};
use brownout_topologies::run::{RunOptions, run_with};
use std::cell::RefCell;
use std::rc::Rc;

/// `n` servers of one worker with a mean of 1 s under Poisson arrivals, for `time` seconds in each
/// of `runs` replications; `more` is said of the service.
fn servers(n: u32, rate: f64, more: &str, time: u32, runs: u32) -> String {
    called_with("", n, rate, more, (time, runs))
}

/// The same, called with policies.
fn called_with(stack: &str, n: u32, rate: f64, more: &str, (time, runs): (u32, u32)) -> String {
    format!(
        "Experiment(
            name: \"servers\",
            run: (time: \"{time}s\", warmup: \"{}s\", seed: 31, runs: {runs}),
            load: [Poisson(to: \"q\", rate: \"{rate}/s\", with: [{stack}])],
            services: {{ \"q\": (replicas: {n}, workers: 1, queue: Unbounded,
                                 work: Exp(mean: \"1s\"), {more}) }},
        )",
        time / 10
    )
}

/// The share of time, over all replicas, with so many activations inside or more.
struct Occupancy {
    /// Activations inside each replica.
    inside: Vec<usize>,
    /// Replicas with `k` or more inside, by `k`.
    at_least: Vec<u32>,
    /// Σ replicas · ns since `from`.
    area: Vec<u128>,
    since: Time,
    from: Time,
}

impl Occupancy {
    fn advance(&mut self, at: Time) {
        let lasted = at.since(self.since.max(self.from)).nanos();
        for (area, replicas) in self.area.iter_mut().zip(&self.at_least) {
            *area += u128::from(lasted) * u128::from(*replicas);
        }
        self.since = at;
    }
}

/// What listens to a run and stays with who started it.
struct Watch(Rc<RefCell<Occupancy>>);

impl Sink for Watch {
    fn row(&mut self, at: Time, row: &Row<'_>) {
        let own = &mut *self.0.borrow_mut();
        match row {
            Row::Entered { replica, .. } => {
                own.advance(at);
                own.inside[*replica as usize] += 1;
                let level = own.inside[*replica as usize];
                if let Some(count) = own.at_least.get_mut(level) {
                    *count += 1;
                }
            }
            Row::Left { replica, .. } => {
                own.advance(at);
                let level = own.inside[*replica as usize];
                if let Some(count) = own.at_least.get_mut(level) {
                    *count -= 1;
                }
                own.inside[*replica as usize] -= 1;
            }
            _ => {}
        }
    }
}

/// For each replication, the share of servers with `k` inside or more, by `k` below `levels`.
fn shares(text: &str, replicas: usize, levels: usize) -> Vec<Vec<f64>> {
    let experiment = parse(text);
    let graph = &experiment.variants[0].graph;
    let shares = |replication| {
        let occupancy = Occupancy {
            inside: vec![0; replicas],
            at_least: vec![0; levels],
            area: vec![0; levels],
            since: Time::ZERO,
            from: Time::ZERO + graph.warmup,
        };
        let watched = Rc::new(RefCell::new(occupancy));
        let sink: Box<dyn Sink> = Box::new(Watch(watched.clone()));
        let (seed, plan) = (Seed { seed: experiment.seed, replication }, Plan::default());
        run_with::<Binary>(graph, seed, &plan, RunOptions::default(), Some(sink))
            .unwrap_or_else(|error| panic!("{error}"));
        let mut watched = watched.borrow_mut();
        watched.advance(Time::ZERO + graph.time);
        let whole = replicas as f64 * (graph.time.nanos() - graph.warmup.nanos()) as f64;
        watched.area.iter().map(|area| *area as f64 / whole).collect()
    };
    (0..experiment.runs).map(shares).collect()
}

/// Checks the shares of servers that a case names, in all replications.
fn check_shares(score: &mut Score, id: &str, text: &str, replicas: usize) {
    let shares = shares(text, replicas, 6);
    for level in [1, 2, 3, 5] {
        let name = format!("frac_servers_ge_{level}");
        let runs: Vec<f64> = shares.iter().map(|run| run[level]).collect();
        score.check(&format!("{id} {name}"), &runs, exact(id, &name));
    }
}

#[test]
fn random_and_round_robin_are_queues_of_their_own() {
    let mut score = Score::default();
    let checks = || {
        [
            is("mean_sojourn", "mean(q)"),
            is("mean_wait", "wait.mean(q)"),
            is("sojourn_p99", "p99(q)"),
        ]
    };
    let utilization = is("utilization", "utilisation(q)");
    let random = servers(10, 9.0, "balance: Random", 20_000, 30);
    score.case("B01", &random, &checks().into_iter().chain([utilization]).collect::<Vec<_>>());
    let in_turn = checks().into_iter().chain([is("prob_wait", "P(wait(q) > 0s)")]);
    score.case("B02", &servers(2, 1.8, "", 60_000, 30), &in_turn.collect::<Vec<_>>());
    let in_turn = checks().into_iter().chain([is("prob_wait", "P(wait(q) > 0s)")]);
    score.case("B04", &servers(4, 2.8, "", 20_000, 30), &in_turn.collect::<Vec<_>>());
    let central = "Experiment(
        name: \"central\",
        run: (time: \"20000s\", warmup: \"1000s\", seed: 32, runs: 30),
        load: [Poisson(to: \"q\", rate: \"9/s\")],
        services: { \"q\": (workers: 10, queue: Unbounded, work: Exp(mean: \"1s\")) },
    )";
    let central_checks = checks().into_iter().chain([is("prob_wait", "P(wait(q) > 0s)")]);
    score.case("B05", central, &central_checks.collect::<Vec<_>>());
    score.finish();
}

#[test]
fn the_shortest_queue_two_choices_and_the_idle_have_their_exact_chains() {
    let mut score = Score::default();
    let (shortest, pair) = ("balance: JoinShortest", "balance: TwoChoices");
    let cases = [
        ("B06", 2, 1.8, shortest, 60_000),
        ("B08", 4, 3.2, shortest, 20_000),
        ("B15", 2, 1.9, shortest, 150_000),
        // Two draws that may be the same are least request's.
        ("B09", 3, 2.7, "balance: LeastRequest", 40_000),
        ("B12", 4, 3.2, pair, 20_000),
        ("B13", 3, 2.4, "balance: JoinIdle", 20_000),
    ];
    for (id, n, rate, balance, time) in cases {
        let text = servers(n, rate, balance, time, 24);
        let mut checks = vec![is("mean_sojourn", "mean(q)"), is("mean_wait", "wait.mean(q)")];
        if balance == shortest {
            checks.push(is("prob_arrival_waits", "P(wait(q) > 0s)"));
        }
        score.case(id, &text, &checks);
        check_shares(&mut score, id, &text, n as usize);
    }
    score.finish();
}

/// Five hundred servers are nearly as many as there can be; the oracle says how nearly.
#[test]
fn two_choices_among_many_are_the_supermarket_model() {
    let mut score = Score::default();
    for (lam, name, tolerance, time) in [
        (0.5, "mean_sojourn_lam0.5", 0.02, 300),
        (0.7, "mean_sojourn_lam0.7", 0.02, 300),
        (0.8, "mean_sojourn_lam0.8", 0.02, 300),
        (0.9, "mean_sojourn_lam0.9", 0.02, 300),
        (0.95, "mean_sojourn_lam0.95", 0.05, 300),
        // A queue fills by one in a hundred seconds: it takes hundreds to forget how it began.
        (0.99, "mean_sojourn_lam0.99", 0.05, 6_000),
    ] {
        let text = servers(500, 500.0 * lam, "balance: TwoChoices", time, 10);
        let slack = tolerance * exact("B16", name);
        score.case_within("B16", &text, &[is(name, "mean(q)")], slack);
    }
    let text = servers(500, 450.0, "balance: LeastRequest", 300, 10);
    let shares = shares(&text, 500, 6);
    for (level, tolerance) in [(1, 0.02), (2, 0.02), (3, 0.02), (4, 0.15), (5, 0.15)] {
        let name = format!("frac_servers_ge_{level}_lam0.9");
        let target = exact("B16", &name);
        let runs: Vec<f64> = shares.iter().map(|run| run[level]).collect();
        score.check_within(&format!("B16 {name}"), &runs, target, tolerance * target);
    }
    score.finish();
}

/// What others have simulated: their own standard error is allowed for, and for Mitzenmacher's
/// table, which is recalled, one in its last two digits.
#[test]
fn two_choices_among_few_are_as_others_have_simulated_them() {
    let mut score = Score::default();
    for (rho, n, time) in [
        (0.7, 10, 20_000),
        (0.7, 100, 2_000),
        (0.8, 50, 4_000),
        (0.9, 10, 40_000),
        (0.9, 100, 4_000),
    ] {
        let name = format!("mean_in_system_per_server_rho{rho}_d2_N{n}");
        let text = servers(n, rho * f64::from(n), "balance: LeastRequest", time, 20);
        let shares = shares(&text, n as usize, 60);
        // Σ over k ≥ 1 of the share with k or more.
        let runs: Vec<f64> = shares.iter().map(|run| run[1..].iter().sum()).collect();
        score.check_within(&format!("J03 {name}"), &runs, exact("J03", &name), 3.0 * 0.000_76);
    }
    for (lam, time) in [(0.5, 2_000), (0.7, 2_000), (0.8, 2_000), (0.9, 4_000), (0.95, 8_000)] {
        let name = format!("simulation_n100_d2_lam{lam}");
        let text = servers(100, 100.0 * lam, "balance: TwoChoices", time, 20);
        let runs = runs_of(&text, "mean(q)");
        score.check_within(&format!("J05 {name}"), &runs, exact("J05", &name), 0.005);
    }
    score.finish();
}

/// Balls that stay where they fall: requests at one moment, with work that does not end.
#[test]
fn balls_fall_into_bins() {
    let mut score = Score::default();
    for (bins, balls, rule, choices) in [
        (8, 8, "Random", "d1"),
        (8, 8, "LeastRequest", "d2"),
        (10, 20, "Random", "d1"),
        (10, 20, "LeastRequest", "d2"),
    ] {
        let zeros = vec!["\"0s\""; balls - 1].join(", ");
        let text = format!(
            "Experiment(
                name: \"balls\",
                run: (time: \"2s\", seed: 33, runs: 4000),
                load: [Renewal(to: \"q\", every: Sequence([\"1s\", {zeros}, \"9s\"]))],
                services: {{ \"q\": (replicas: {bins}, workers: 1, queue: Unbounded,
                                     work: Const(\"99s\"), balance: {rule}) }},
            )"
        );
        let shares = shares(&text, bins, balls + 1);
        let fullest = |run: &Vec<f64>| run.iter().rposition(|share| *share > 0.0).unwrap_or(0);
        let runs: Vec<f64> = shares.iter().map(|run| fullest(run) as f64).collect();
        let name = format!("mean_max_load_n{bins}_m{balls}_{choices}");
        score.check(&format!("B20 {name}"), &runs, exact("B20", &name));
    }
    score.finish();
}

/// Each request goes to so many servers at once; the first to be done takes the others back.
fn redundancy(extra: u32, n: u32, rate: f64, time: u32, runs: u32) -> String {
    let hedge = format!("Hedge(after: \"0s\", extra: {extra})");
    let more = "balance: Random, on_cancel: (queued: Remove, in_service: Stop)";
    called_with(&hedge, n, rate, more, (time, runs))
}

#[test]
fn redundant_requests_have_the_response_times_of_gardner() {
    let mut score = Score::default();
    let mean = || is("mean_response", "mean(q)");
    score.case("D07", &redundancy(1, 2, 1.6, 40_000, 24), &[mean(), is("response_p99", "p99(q)")]);
    score.case("D08", &redundancy(1, 3, 2.4, 30_000, 24), &[mean()]);
    score.case("D10", &redundancy(2, 10, 7.0, 6_000, 24), &[mean()]);
    let alone = |id| is("mean_response_no_redundancy", id);
    for (id, n, rate, time) in [("D07", 2, 1.6, 60_000), ("D08", 3, 2.4, 40_000)] {
        let text = servers(n, rate, "balance: Random", time, 24);
        score.case(id, &text, &[alone("mean(q)")]);
    }
    score.case("D10", &servers(10, 7.0, "balance: Random", 8_000, 24), &[alone("mean(q)")]);
    score.finish();
}

#[test]
fn redundant_requests_among_many_have_their_limit() {
    let mut score = Score::default();
    for (extra, lam, of) in [(1, 0.8, "d2_lam0.8"), (2, 0.8, "d3_lam0.8"), (1, 0.95, "d2_lam0.95")]
    {
        let text = redundancy(extra, 500, 500.0 * lam, 200, 8);
        // More than one request in a hundred is still open at the end: a window that ends before
        // leaves them out.
        for (what, tolerance) in [("mean_response", 0.02), ("p99", 0.03)] {
            let name = format!("{what}_{of}");
            let metric = what.trim_end_matches("_response");
            let runs = runs_of(&text, &format!("{metric}(q) during 50s..180s"));
            let target = exact("D12", &name);
            score.check_within(&format!("D12 {name}"), &runs, target, tolerance * target);
        }
    }
    score.finish();
}
