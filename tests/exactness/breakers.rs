//! Group e of the oracle: breakers before a service that fails with a constant probability.

use crate::harness::{Score, exact, is, is_rest, sum};
use brownout_tests::{measuring, rows};

/// Calls to a service without work, a share of which fails, through a breaker that trips on
/// failures in a row.
fn behind(load: &str, breaker: &str, ratio: f64, time: u32, runs: u32) -> String {
    format!(
        "Experiment(
            name: \"breaker\",
            run: (time: \"{time}s\", seed: 31, runs: {runs}),
            load: [{load}],
            services: {{ \"q\": (workers: 1, work: Const(\"0s\")) }},
            policies: {{ \"b\": [Breaker(failure_share: \"0%\", open_factor: 1, {breaker})] }},
            faults: [Errors(service: \"q\", ratio: {ratio}, at: \"0s\")],
        )"
    )
}

/// Attempts until the breaker of one sequential caller trips, in every run.
fn until_it_trips(in_a_row: u32, ratio: f64, calls: u32, runs: u32) -> Vec<f64> {
    let load = "Closed(to: \"q\", users: 1, think: Const(\"1s\"), name: \"l\", with: \"b\")";
    let breaker = format!("in_a_row: {in_a_row}, open: \"1000d\", open_max: Off");
    let text = behind(load, &breaker, ratio, calls, runs);
    let rows = rows(&measuring(&text, &["attempts(q)"]));
    rows["attempts(q)"].iter().map(|per_s| (per_s * f64::from(calls)).round()).collect()
}

#[test]
fn a_run_of_failures_takes_its_time_to_come() {
    let mut score = Score::default();
    for (in_a_row, ratio, calls, case) in
        [(5, 0.5, 2_000, "p0.5_N5"), (3, 0.3, 2_000, "p0.3_N3"), (10, 0.9, 1_000, "p0.9_N10")]
    {
        let trips = until_it_trips(in_a_row, ratio, calls, 4_000);
        assert!(trips.iter().all(|calls_made| *calls_made < f64::from(calls)), "{case}");
        let mean = exact("E01", &format!("mean_requests_to_trip_{case}"));
        score.check(&format!("E01 mean {case}"), &trips, mean);
        let squares: Vec<f64> = trips.iter().map(|trip| (trip - mean) * (trip - mean)).collect();
        let variance = exact("E01", &format!("var_requests_to_trip_{case}"));
        score.check(&format!("E01 var {case}"), &squares, variance);
    }
    for (in_a_row, ratio, within, name) in
        [(5, 0.5, 100, "within_100_p0.5_N5"), (3, 0.1, 1_000, "within_1000_p0.1_N3")]
    {
        let exact = exact("E01", &format!("prob_trip_{name}"));
        let trips = until_it_trips(in_a_row, ratio, 2 * within, 4_000);
        let is_within = |trip: &f64| f64::from(u8::from(*trip <= f64::from(within)));
        let share: Vec<f64> = trips.iter().map(is_within).collect();
        score.check(&format!("E01 {name}"), &share, exact);
    }
    score.finish();
}

#[test]
fn a_breaker_goes_round_between_trips_and_probes() {
    let mut score = Score::default();
    let checks = || {
        [
            is("fraction_sent", "amplification(l)"),
            is_rest("fraction_rejected", "amplification(l)"),
            is("success_fraction", "availability(l)"),
            sum(
                "backend_failure_fraction_of_all",
                0.0,
                &[(1.0, "amplification(l)"), (-1.0, "availability(l)")],
            ),
        ]
    };
    let load =
        |rate: u32| format!("Poisson(to: \"q\", rate: \"{rate}/s\", name: \"l\", with: \"b\")");
    let probes =
        |count: u32| format!("in_a_row: 3, closing: Counts, probes: {count}, close_after: {count}");
    let breaker = format!("{}, open: \"5s\"", probes(1));
    score.case("E03", &behind(&load(10), &breaker, 0.3, 20_000, 30), &checks());
    let breaker = format!("{}, open: \"10s\"", probes(2));
    score.case("E05", &behind(&load(100), &breaker, 0.05, 20_000, 30), &checks());
    score.finish();
}
