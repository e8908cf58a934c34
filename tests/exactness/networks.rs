//! Groups a and c of the oracle: networks of queues, and retries.

use crate::harness::{Score, is, is_rest, sum};

#[test]
fn a_tandem_adds_independent_exponential_sojourns() {
    let text = "Experiment(
        name: \"tandem\",
        run: (time: \"60000s\", warmup: \"1000s\", seed: 8, runs: 40),
        load: [Poisson(to: \"one\", rate: \"0.7/s\", name: \"l\")],
        services: {
            \"one\": (workers: 1, queue: Unbounded, work: Exp(mean: \"1s\"), next: [(1.0, \"two\")]),
            \"two\": (workers: 1, queue: Unbounded, work: Exp(mean: \"0.66666666667s\")),
        },
    )";
    let mut score = Score::default();
    let checks = [
        is("mean_sojourn", "mean(l)"),
        is("mean_sojourn_station1", "sojourn.mean(one)"),
        is("mean_sojourn_station2", "sojourn.mean(two)"),
        is("var_sojourn", "var(l)"),
        is("sojourn_p50", "p50(l)"),
        is("sojourn_p90", "p90(l)"),
        is("sojourn_p99", "p99(l)"),
        is("sojourn_p99.9", "p99.9(l)"),
    ];
    score.case("A50", text, &checks);
    // The same chain as nested calls of an event loop: the caller waits without a worker.
    let nested = "Experiment(
        name: \"nested\",
        run: (time: \"60000s\", warmup: \"1000s\", seed: 9, runs: 40),
        load: [Poisson(to: \"one\", rate: \"0.7/s\", name: \"l\")],
        services: {
            \"one\": (workers: 1, queue: Unbounded, work: Exp(mean: \"1s\"),
                      while_calling: Released, calls: [(to: \"two\")]),
            \"two\": (workers: 1, queue: Unbounded, work: Exp(mean: \"0.66666666667s\")),
        },
    )";
    let checks = [is("mean_sojourn", "mean(l)"), is("sojourn_p99", "p99(one)")];
    score.case("A50", nested, &checks);
    score.finish();
}

#[test]
fn a_jackson_network_with_feedback_has_product_form() {
    let text = "Experiment(
        name: \"jackson\",
        run: (time: \"20000s\", warmup: \"500s\", seed: 10, runs: 40),
        load: [
            Poisson(to: \"one\", rate: \"1/s\", name: \"l1\"),
            Poisson(to: \"two\", rate: \"0.3/s\", name: \"l2\"),
        ],
        services: {
            \"one\": (workers: 1, queue: Unbounded, work: Exp(mean: \"0.4s\"),
                      next: [(0.6, \"two\"), (0.2, \"three\")]),
            \"two\": (workers: 1, queue: Unbounded, work: Exp(mean: \"0.45454545455s\"),
                      next: [(0.1, \"one\"), (0.5, \"three\")]),
            \"three\": (workers: 2, queue: Unbounded, work: Exp(mean: \"0.76923076923s\"),
                        next: [(0.25, \"one\")]),
        },
    )";
    let mut score = Score::default();
    let checks = [
        is("throughput_station1", "finished(one)"),
        is("mean_in_system_station1", "in_system(one)"),
        is("throughput_station2", "finished(two)"),
        is("mean_in_system_station2", "in_system(two)"),
        is("throughput_station3", "finished(three)"),
        is("mean_in_system_station3", "in_system(three)"),
        sum("mean_sojourn_network", 0.0, &[(1.0 / 1.3, "mean(l1)"), (0.3 / 1.3, "mean(l2)")]),
        sum("mean_in_network", 0.0, &[(1.0, "in_system(l1)"), (1.0, "in_system(l2)")]),
    ];
    score.case("A52", text, &checks);
    score.finish();
}

/// Visit ratios 1, 2 and ½ by Markov routing: two feeds itself half of the time.
#[test]
fn a_closed_network_has_the_means_of_mean_value_analysis() {
    let text = "Experiment(
        name: \"closed\",
        run: (time: \"10000s\", warmup: \"200s\", seed: 11, runs: 40),
        load: [Closed(to: \"one\", users: 10, think: Exp(mean: \"2s\"), name: \"users\")],
        services: {
            \"one\": (workers: 1, queue: Unbounded, work: Exp(mean: \"0.2s\"), next: [(1.0, \"two\")]),
            \"two\": (workers: 1, queue: Unbounded, work: Exp(mean: \"0.15s\"),
                      next: [(0.5, \"two\"), (0.25, \"three\")]),
            \"three\": (workers: 1, queue: Unbounded, work: Exp(mean: \"0.3s\")),
        },
    )";
    let mut score = Score::default();
    let checks = [
        is("throughput", "goodput(users)"),
        is("mean_response", "mean(users)"),
        is("mean_in_system_station1", "in_system(one)"),
        is("mean_in_system_station2", "in_system(two)"),
        is("mean_in_system_station3", "in_system(three)"),
        is("utilization_station1", "utilisation(one)"),
        is("utilization_station2", "utilisation(two)"),
        is("utilization_station3", "utilisation(three)"),
    ];
    score.case("A53", text, &checks);
    score.finish();
}

pub(crate) fn failing(rate: &str, ratio: f64, service: &str, retry: &str, time: u32) -> String {
    format!(
        "Experiment(
            name: \"failing\",
            run: (time: \"{time}s\", warmup: \"{}s\", seed: 12, runs: 40),
            load: [Poisson(to: \"q\", rate: \"{rate}\", name: \"l\", with: [{retry}])],
            services: {{ \"q\": ({service}) }},
            faults: [Errors(service: \"q\", ratio: {ratio}, when: AfterWork, at: \"0s\")],
        )",
        time / 40
    )
}

#[test]
fn retries_without_queueing_make_a_geometric_series() {
    let mut score = Score::default();
    for (ratio, times, attempts, success) in [
        (0.1, 3, "mean_attempts_p0.1_n3", "prob_success_p0.1_n3"),
        (0.3, 3, "mean_attempts_p0.3_n3", "prob_success_p0.3_n3"),
        (0.5, 3, "mean_attempts_p0.5_n3", "prob_success_p0.5_n3"),
        (0.5, 5, "mean_attempts_p0.5_n5", "prob_success_p0.5_n5"),
        (0.9, 4, "mean_attempts_p0.9_n4", "prob_success_p0.9_n4"),
    ] {
        let service = "workers: Unlimited, work: Const(\"1ms\")";
        let retry = format!("Retry(times: {times})");
        let text = failing("1000/s", ratio, service, &retry, 20);
        let checks = [is(attempts, "amplification(l)"), is(success, "availability(l)")];
        score.case("C01", &text, &checks);
    }
    score.finish();
}

#[test]
fn retries_into_a_queue_keep_its_product_form() {
    let mut score = Score::default();
    let mm1 = "workers: 1, queue: Unbounded, work: Exp(mean: \"1s\")";
    let backoff =
        "Retry(times: 3, wait: Exponential(from: \"2s\", cap: \"100s\", jitter: Full, first: 1))";
    let checks = [
        is("total_attempt_rate", "attempts(q)"),
        is("mean_attempts", "amplification(l)"),
        is("mean_in_station", "in_system(q)"),
        is("mean_sojourn_per_attempt", "sojourn.mean(q)"),
        sum("mean_in_backoff", 0.0, &[(1.0, "in_system(l)"), (-1.0, "in_system(q)")]),
        is("utilization", "utilisation(q)"),
        is("prob_success", "availability(l)"),
        is("pmf_in_station_0", "P(in_system(q) = 0)"),
        is("pmf_in_station_1", "P(in_system(q) = 1)"),
        is("pmf_in_station_5", "P(in_system(q) = 5)"),
    ];
    // Little: half a request a second, each with its waits.
    let waits = [(2.0, "in_system(l)"), (-2.0, "in_system(q)")];
    let text = failing("0.5/s", 0.3, mm1, backoff, 60_000);
    let lasts = sum("mean_latency_end_to_end", 0.0, &[(2.0, "in_system(l)")]);
    score.case("C03", &text, &[sum("mean_total_backoff", 0.0, &waits), lasts]);
    score.case("C03", &text, &checks);
    let at_once = "Retry(times: 2)";
    let without_backoff: Vec<_> =
        checks.into_iter().enumerate().filter(|(at, _)| *at != 4).map(|(_, check)| check).collect();
    let text = failing("0.6/s", 0.3, mm1, at_once, 100_000);
    score.case("C05", &text, &without_backoff);
    let lasts = sum("mean_latency_end_to_end", 0.0, &[(1.0 / 0.6, "in_system(l)")]);
    score.case("C05", &text, &[sum("mean_total_backoff", 0.0, &waits), lasts]);
    let for_ever = "Retry(times: Unlimited)";
    let checks = [
        is("mean_latency", "mean(l)"),
        is("mean_in_system", "in_system(q)"),
        is("mean_attempts", "amplification(l)"),
        is("utilization", "utilisation(q)"),
    ];
    score.case("C07", &failing("0.4/s", 0.5, mm1, for_ever, 100_000), &checks);
    score.finish();
}

fn retrial(rate: &str, service: &str, retry: &str, time: u32) -> String {
    format!(
        "Experiment(
            name: \"retrial\",
            run: (time: \"{time}s\", warmup: \"{}s\", seed: 13, runs: 40),
            load: [Poisson(to: \"q\", rate: \"{rate}\", name: \"l\", with: [{retry}])],
            services: {{ \"q\": ({service}, work: Exp(mean: \"1s\")) }},
        )",
        time / 40
    )
}

#[test]
fn retrial_queues_keep_an_orbit_of_those_who_were_refused() {
    let mut score = Score::default();
    let orbit = [(1.0, "in_system(l)"), (-1.0, "in_system(q)")];
    let for_ever = "Retry(times: Unlimited, wait: Random(mean: \"2s\"))";
    let checks = [
        is("prob_server_busy", "utilisation(q)"),
        sum("mean_orbit", 0.0, &orbit),
        is("mean_in_system", "in_system(l)"),
        sum("mean_time_in_orbit", -1.0, &[(1.0, "mean(l)")]),
        is("mean_attempts", "amplification(l)"),
        // Who comes for the first time comes at random, and sees what is there on average.
        is("prob_blocked_first", "P(busy(q) = 1)"),
    ];
    let one = "workers: 1, queue: Fifo(limit: 0)";
    score.case("C08", &retrial("0.6/s", one, for_ever, 80_000), &checks);
    let checks = [
        sum("mean_orbit", 0.0, &orbit),
        is("mean_busy", "busy(q)"),
        is("mean_attempts", "amplification(l)"),
        is("prob_all_busy", "P(busy(q) = 2)"),
        is("prob_blocked_first", "P(busy(q) = 2)"),
    ];
    let two = "workers: 2, queue: Fifo(limit: 0)";
    score.case("C11", &retrial("1.4/s", two, for_ever, 80_000), &checks);
    let checks = |full: &str| {
        [
            is("prob_first_attempt_rejected", full),
            is_rest("prob_request_fails", "availability(l)"),
            is("goodput", "goodput(l)"),
            is("mean_attempts", "amplification(l)"),
            sum("mean_orbit_total", 0.0, &orbit),
            is("mean_in_system", "in_system(q)"),
        ]
    };
    let once = "Retry(times: 1, wait: Random(mean: \"2s\"))";
    let small = "workers: 2, queue: Fifo(limit: 3)";
    score.case("C13", &retrial("2.5/s", small, once, 40_000), &checks("P(in_system(q) = 5)"));
    let thrice = "Retry(times: 3, wait: Random(mean: \"5s\"))";
    let large = "workers: 1, queue: Fifo(limit: 9)";
    score.case("C15", &retrial("1.3/s", large, thrice, 80_000), &checks("P(in_system(q) = 10)"));
    score.finish();
}

/// Sequential calls of one client whose bucket holds five tokens at most.
#[test]
fn a_bucket_of_retry_tokens_is_a_finite_markov_chain() {
    let mut score = Score::default();
    for (ratio, attempts, success) in [
        (0.01, "mean_attempts_p0.01", "prob_success_p0.01"),
        (0.05, "mean_attempts_p0.05", "prob_success_p0.05"),
        (0.1, "mean_attempts_p0.1", "prob_success_p0.1"),
        (0.2, "mean_attempts_p0.2", "prob_success_p0.2"),
        (0.5, "mean_attempts_p0.5", "prob_success_p0.5"),
        (0.9, "mean_attempts_p0.9", "prob_success_p0.9"),
    ] {
        let text = format!(
            "Experiment(
                name: \"bucket\",
                run: (time: \"100s\", warmup: \"1s\", seed: 14, runs: 40),
                load: [Closed(to: \"q\", users: 1, think: Const(\"1ms\"), name: \"l\",
                    with: [Retry(times: 3, budget: Bucket(cap: 5, initial: 5, per_call: 0.1))])],
                services: {{ \"q\": (workers: 1, work: Const(\"1us\")) }},
                faults: [Errors(service: \"q\", ratio: {ratio}, when: AfterWork, at: \"0s\")],
            )"
        );
        // Retries in a window are a tenth of its calls, and what the bucket held more at its start
        // than at its end: five tokens at most, over some 98 900 calls.
        let checks = [is(attempts, "amplification(l)"), is(success, "availability(l)")];
        score.case_within("C16", &text, &checks, 5.0 / 98_900.0);
    }
    score.finish();
}
