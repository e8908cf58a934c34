//! The intervals themselves: neither too narrow nor too wide.

use crate::harness::exact;
use brownout_core::interval::{mean_interval, sample_variance};
use brownout_core::theory::mm1;
use brownout_tests::{parse, replicate};
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
