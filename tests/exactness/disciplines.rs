//! Group a of the oracle, continued: who is served next, who leaves, and shared processors.

use crate::harness::{Score, is, is_rest, sum};
use crate::queues::{POISSON_8, queue};

const ONE_BY_ONE: &str = "workers: 1, work: Exp(mean: \"1s\")";

#[test]
fn the_order_of_service_changes_the_variance_of_waits_and_not_their_mean() {
    let mut score = Score::default();
    let lifo = format!("{ONE_BY_ONE}, queue: Lifo(limit: Unbounded)");
    let checks = [
        is("mean_wait", "wait.mean(q)"),
        is("mean_sojourn", "sojourn.mean(q)"),
        is("prob_wait", "P(wait(q) > 0s)"),
        is("var_wait", "wait.var(q)"),
        is("var_sojourn", "sojourn.var(q)"),
        is("wait_p99", "wait.p99(q)"),
        is("wait_p99.9", "wait.p99.9(q)"),
    ];
    score.case("A32", &queue(POISSON_8, &lifo, 200_000, 40), &checks);
    let random = format!("{ONE_BY_ONE}, queue: Random(limit: Unbounded)");
    let checks = [
        is("mean_wait", "wait.mean(q)"),
        is("mean_sojourn", "sojourn.mean(q)"),
        is("var_wait", "wait.var(q)"),
        is("var_sojourn", "sojourn.var(q)"),
    ];
    score.case("A34", &queue(POISSON_8, &random, 200_000, 40), &checks);
    score.finish();
}

#[test]
fn the_more_important_wait_as_cobham_says_and_may_interrupt() {
    let load = |rate, name, priority| {
        format!("Poisson(to: \"q\", rate: \"{rate}/s\", name: \"{name}\", priority: {priority})")
    };
    let loads = format!("{}, {}", load(0.3, "first", 1), load(0.5, "second", 2));
    let mut score = Score::default();
    let waits = format!("{ONE_BY_ONE}, queue: Priority(limit: Unbounded)");
    let checks = [
        is("mean_sojourn_class1", "mean(first)"),
        is("mean_sojourn_class2", "mean(second)"),
        sum("mean_wait_class1", -1.0, &[(1.0, "mean(first)")]),
        sum("mean_wait_class2", -1.0, &[(1.0, "mean(second)")]),
        sum("conservation_sum_rho_wait", -0.8, &[(0.3, "mean(first)"), (0.5, "mean(second)")]),
    ];
    score.case("A37", &queue(&loads, &waits, 80_000, 40), &checks);
    let interrupts = format!("{ONE_BY_ONE}, queue: Priority(limit: Unbounded, preemptive: true)");
    let checks =
        [is("mean_sojourn_class1", "mean(first)"), is("mean_sojourn_class2", "mean(second)")];
    score.case("A39", &queue(&loads, &interrupts, 80_000, 40), &checks);
    score.finish();
}

/// Who arrives sees what is there on average, and who waits is counted in the queue: by both, what
/// is true of all arrivals is known from levels.
#[test]
fn who_has_no_patience_left_leaves_the_queue_as_palm_says() {
    let mut score = Score::default();
    for (id, rate, servers, patience, time) in
        [("A41", 12.0, 10, "2s", 10_000), ("A43", 50.0, 50, "1s", 4_000)]
    {
        let load = format!("Poisson(to: \"q\", rate: \"{rate}/s\")");
        let service = format!(
            "workers: {servers}, queue: Unbounded, queue_timeout: Exp(mean: \"{patience}\"),
             work: Exp(mean: \"1s\")"
        );
        let all_busy = format!("P(in_system(q) >= {servers})");
        let checks = [
            is("prob_wait", &all_busy),
            is_rest("prob_abandon", "availability(q)"),
            is("mean_queue", "queue(q)"),
            sum("mean_wait_all", 0.0, &[(1.0 / rate, "queue(q)")]),
            is("mean_wait_served", "wait.mean(q)"),
            is("utilization", "utilisation(q)"),
        ];
        score.case(id, &queue(&load, &service, time, 40), &checks);
    }
    score.finish();
}

#[test]
fn shared_processors_do_not_care_for_the_shape_of_work() {
    let mut score = Score::default();
    let shared = "workers: 1, serving: ProcessorSharing";
    let checks = [
        is("mean_sojourn", "sojourn.mean(q)"),
        is("var_sojourn", "sojourn.var(q)"),
        is("mean_in_system", "in_system(q)"),
    ];
    let service = format!("{shared}, work: Exp(mean: \"1s\")");
    score.case("A29", &queue(POISSON_8, &service, 200_000, 40), &checks);
    // What takes x takes x / (1 − ρ), whatever the others take.
    let load = |to, rate| format!("Poisson(to: \"q.{to}\", rate: \"{rate}/s\", name: \"{to}\")");
    let loads = [load("any", 0.7), load("small", 0.1), load("large", 0.025)].join(", ");
    let service = format!(
        "{shared}, endpoints: {{
            \"any\": [Work(Exp(mean: \"1s\"))], \"small\": [Work(\"0.5s\")], \"large\": [Work(\"2s\")],
        }}"
    );
    let checks = [
        is("mean_sojourn_of_size_0_5", "mean(small)"),
        is("mean_sojourn_of_size_2", "mean(large)"),
    ];
    score.case("A29", &queue(&loads, &service, 200_000, 40), &checks);
    let three_quarters = "Poisson(to: \"q\", rate: \"0.75/s\")";
    for work in [
        "Const(\"1s\")",
        "HyperExp([(0.95, \"0.5s\"), (0.05, \"10.5s\")])",
        "LogNormal(mean: \"1s\", cv: 2)",
    ] {
        let service = format!("{shared}, work: {work}");
        let checks = [
            is("mean_sojourn", "sojourn.mean(q)"),
            is("mean_in_system", "in_system(q)"),
            is("pmf_in_system_0", "P(in_system(q) = 0)"),
            is("pmf_in_system_3", "P(in_system(q) = 3)"),
        ];
        score.case("A31", &queue(three_quarters, &service, 80_000, 40), &checks);
    }
    score.finish();
}
