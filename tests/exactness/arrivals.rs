//! Of group a what comes in batches and bursts, and of group i the tail of a burst.

use crate::harness::{Score, is};

/// One exponential worker under a load, for `time` seconds in each of `runs` replications.
fn mm1_under(load: &str, time: u32, runs: u32) -> String {
    format!(
        "Experiment(
            name: \"arrivals\",
            run: (time: \"{time}s\", warmup: \"{}s\", seed: 20, runs: {runs}),
            load: [{load}],
            services: {{ \"q\": (workers: 1, queue: Unbounded, work: Exp(mean: \"1s\")) }},
        )",
        time / 20
    )
}

/// Two stages of ten seconds on average.
fn bursty(high: f64, low: f64) -> String {
    let stage = |rate: f64| format!("(rate: \"{rate}/s\", lasts: Exp(mean: \"10s\"))");
    format!("Bursty(to: \"q\", stages: [{}, {}])", stage(high), stage(low))
}

#[test]
fn bursts_wait_as_the_matrix_geometric_solution_says() {
    let mut score = Score::default();
    let checks = [
        is("utilization", "utilisation(q)"),
        is("mean_in_system", "in_system(q)"),
        is("mean_sojourn", "sojourn.mean(q)"),
        is("prob_empty", "P(in_system(q) = 0)"),
        is("prob_in_system_ge_10", "P(in_system(q) >= 10)"),
        is("prob_in_system_ge_30", "P(in_system(q) >= 30)"),
        is("prob_in_system_ge_100", "P(in_system(q) >= 100)"),
        is("prob_arrival_waits", "P(wait(q) > 0s)"),
    ];
    score.case("A64", &mm1_under(&bursty(1.6, 0.2), 400_000, 40), &checks);
    let checks = [
        is("prob_in_system_ge_20", "P(in_system(q) >= 20)"),
        is("prob_in_system_ge_50", "P(in_system(q) >= 50)"),
    ];
    score.case("I09", &mm1_under(&bursty(1.2, 0.2), 400_000, 40), &checks);
    score.finish();
}

#[test]
fn batches_wait_for_themselves_too() {
    let mut score = Score::default();
    let checks = [
        is("utilization", "utilisation(q)"),
        is("mean_in_system", "in_system(q)"),
        is("mean_sojourn", "sojourn.mean(q)"),
        is("mean_wait", "wait.mean(q)"),
        is("prob_empty", "P(in_system(q) = 0)"),
        is("pmf_in_system_1", "P(in_system(q) = 1)"),
        is("pmf_in_system_5", "P(in_system(q) = 5)"),
        is("pmf_in_system_20", "P(in_system(q) = 20)"),
    ];
    let threes = "Batch(to: \"q\", rate: \"0.25/s\", size: 3)";
    score.case("A66", &mm1_under(threes, 100_000, 40), &checks);
    // L = ρ (1 + E X² / E X) / (2 (1 − ρ)) for sizes of chance: geometric with mean 3 has
    // E X² = 15, one to five has E X² = 11, and ρ is 0.75 each time.
    for (size, mean_in_system) in [("Geometric(mean: 3)", 9.0), ("Uniform(1, 5)", 7.0)] {
        let load = format!("Batch(to: \"q\", rate: \"0.25/s\", size: {size})");
        let text = mm1_under(&load, 100_000, 40);
        let rows = brownout_tests::rows(&brownout_tests::measuring(&text, &["in_system(q)"]));
        score.check(size, &rows["in_system(q)"], mean_in_system);
    }
    score.finish();
}

/// A Poisson process dealt out at random is that many independent ones, and waits as one.
#[test]
fn clients_of_a_poisson_load_are_poisson_each_and_together() {
    let mut score = Score::default();
    let checks = [is("mean_wait", "wait.mean(q)"), is("mean_in_system", "in_system(q)")];
    let load = "Poisson(to: \"q\", rate: \"0.8/s\", clients: 7)";
    score.case("A01", &mm1_under(load, 80_000, 40), &checks);
    // Each client may send one call at once: with 8 of them, each at 0.1/s and calls of 1 s, the
    // chance that a client's own place is taken is Erlang's for one server and 0.1 erlangs.
    let text = "Experiment(
        name: \"lost\",
        run: (time: \"20000s\", warmup: \"1000s\", seed: 20, runs: 40),
        load: [Poisson(to: \"q\", rate: \"0.8/s\", clients: 8, name: \"l\",
                       with: [Bulkhead(places: 1)])],
        services: { \"q\": (workers: Unlimited, work: Exp(mean: \"1s\")) },
    )";
    let rows = brownout_tests::rows(&brownout_tests::measuring(text, &["availability(l)"]));
    score.check("clients", &rows["availability(l)"], 1.0 / 1.1);
    score.finish();
}
