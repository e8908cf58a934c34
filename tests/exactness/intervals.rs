//! The intervals themselves: neither too narrow nor too wide.

use crate::harness::exact;
use brownout::experiment::Experiment;
use brownout::runner::question::Questions;
use brownout::runner::until::{run_until, widest};
use brownout::runner::{Progress, Request};
use brownout_core::interval::{mean_interval, sample_variance};
use brownout_core::random::Seed;
use brownout_core::theory::mm1;
use brownout_tests::{parse, replicate, rows};
use brownout_topologies::ledger::query::Value;

fn numbers(values: &[Value]) -> Vec<f64> {
    values
        .iter()
        .map(|value| match value {
            Value::Is(number) => *number,
            Value::MoreThan(_) | Value::Nothing => panic!("a time average is a number"),
        })
        .collect()
}

/// `A04`: the variance of a time average over T, times T, tends to 2ρ(1+ρ)/(μ(1−ρ)⁴). A sample
/// variance of n normal means has a relative standard error of √(2/(n−1)).
#[test]
fn a_time_average_of_mm1_varies_as_much_as_theory_says() {
    let experiment = parse(
        "Experiment(
            name: \"width\",
            run: (time: \"202000s\", warmup: \"2000s\", seed: 40, runs: 200),
            load: [Poisson(to: \"q\", rate: \"0.8/s\")],
            services: { \"q\": (workers: 1, queue: Unbounded, work: Exp(mean: \"1s\")) },
            measure: [\"in_system(q)\"],
        )",
    );
    let means = numbers(&replicate(&experiment)[0].1);
    let scaled = 200_000.0 * sample_variance(&means).expect("there are two hundred");
    let theory = exact("A04", "time_avg_number_asym_var");
    assert!((theory - mm1::in_system_asymptotic_variance(0.8, 1.0)).abs() < 1e-6 * theory);
    let relative = 2.576 * (2.0f64 / 199.0).sqrt();
    assert!((scaled / theory - 1.0).abs() < relative, "{scaled} against {theory}");
}

/// Two hundred experiments of twenty replications each: their 95 % intervals cover the truth in
/// Binomial(200, 0.95) of them, which lies in 180…198 but once in a thousand.
#[test]
fn ninety_five_in_a_hundred_intervals_cover_the_truth() {
    let truth = mm1::in_system_mean(0.6, 1.0);
    let covered = (0..200)
        .filter(|seed| {
            let experiment = parse(&format!(
                "Experiment(
                    name: \"coverage\",
                    run: (time: \"4100s\", warmup: \"100s\", seed: {seed}, runs: 20),
                    load: [Poisson(to: \"q\", rate: \"0.6/s\")],
                    services: {{ \"q\": (workers: 1, queue: Unbounded, work: Exp(mean: \"1s\")) }},
                    measure: [\"in_system(q)\"],
                )"
            ));
            let means = numbers(&replicate(&experiment)[0].1);
            mean_interval(&means, 0.95).expect("there are twenty").contains(truth)
        })
        .count();
    assert!((180..=198).contains(&covered), "{covered} of 200 intervals cover {truth}");
}

/// An M/M/1 queue at 60 %, run as `run` says.
fn queue(run: &str) -> Experiment {
    parse(&format!(
        "Experiment(
            name: \"coverage\",
            run: ({run}),
            load: [Poisson(to: \"q\", rate: \"0.6/s\")],
            services: {{ \"q\": (workers: 1, queue: Unbounded, work: Exp(mean: \"1s\")) }},
            measure: [\"in_system(q)\"],
        )"
    ))
}

/// Two hundred single runs of twenty batches each, a batch being twenty times the time in which the
/// queue forgets, 1 / (1 − √0.6)² = 20 s: covered as often as by replications.
#[test]
fn intervals_from_batches_cover_the_truth_as_often() {
    let truth = mm1::in_system_mean(0.6, 1.0);
    let covered = (0..200)
        .filter(|seed| {
            let run = "time: \"8100s\", warmup: \"100s\", runs: Batches(20)";
            let means = rows(&queue(&format!("{run}, seed: {seed}")))["in_system(q)"].clone();
            assert_eq!(means.len(), 20);
            mean_interval(&means, 0.95).expect("there are twenty").contains(truth)
        })
        .count();
    assert!((180..=198).contains(&covered), "{covered} of 200 intervals cover {truth}");
}

/// Two hundred experiments that stop by themselves: whoever stops when the interval looks narrow
/// stops sooner where it is too narrow, so a little is lost: at most three in a hundred here.
#[test]
fn intervals_that_decide_when_to_stop_lose_little() {
    let truth = mm1::in_system_mean(0.6, 1.0);
    let covered = (0..200)
        .filter(|seed| {
            let run =
                "time: \"1100s\", warmup: \"100s\", runs: Until(half_width: \"6%\", max: 300)";
            let experiment = queue(&format!("{run}, seed: {seed}"));
            let questions = Questions::of(&experiment);
            let seed = |replication| Seed { seed: experiment.seed, replication };
            let seeds = (0..experiment.runs).map(seed).collect();
            let request = Request { seeds, variants: vec![0], jobs: 2 };
            let rule = experiment.statistics.until.expect("it is written");
            let progress = Progress::default();
            let results = run_until(&experiment, &questions, &request, rule, &progress);
            let results = results.unwrap_or_else(|failure| panic!("{failure}"));
            let (row, width) = widest(&experiment, &results).expect("there is an interval");
            assert!(width <= rule.half_width && row.runs.len() > 10, "{width}");
            row.ci95.is_some_and(|(low, high)| low <= truth && truth <= high)
        })
        .count();
    // Binomial(200, 0.92) lies above 171 but once in a thousand.
    assert!((172..=198).contains(&covered), "{covered} of 200 intervals cover {truth}");
}
