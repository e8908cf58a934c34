//! Group a of the oracle: single queues, with names and citations there.

use crate::harness::{Score, is, is_rest};

/// One queue called `q` under a load, for `time` seconds in each of `runs` replications.
pub(crate) fn queue(load: &str, service: &str, time: u32, runs: u32) -> String {
    format!(
        "Experiment(
            name: \"queue\",
            run: (time: \"{time}s\", warmup: \"{}s\", seed: 20, runs: {runs}),
            load: [{load}],
            services: {{ \"q\": ({service}) }},
        )",
        time / 20
    )
}

pub(crate) const POISSON_8: &str = "Poisson(to: \"q\", rate: \"0.8/s\")";
pub(crate) const MM1: &str = "workers: 1, queue: Unbounded, work: Exp(mean: \"1s\")";

#[test]
fn mm1_has_its_means_variances_quantiles_and_states() {
    let mut score = Score::default();
    let mm1_checks = || {
        let mut checks = vec![
            is("utilization", "utilisation(q)"),
            is("prob_wait", "P(wait(q) > 0s)"),
            is("mean_wait", "wait.mean(q)"),
            is("mean_sojourn", "sojourn.mean(q)"),
            is("mean_queue", "queue(q)"),
            is("mean_in_system", "in_system(q)"),
            is("sojourn_p50", "sojourn.p50(q)"),
            is("sojourn_p90", "sojourn.p90(q)"),
            is("sojourn_p99", "p99(q)"),
            is("sojourn_p99.9", "sojourn.p99.9(q)"),
            is("wait_p90", "wait.p90(q)"),
            is("wait_p99", "wait.p99(q)"),
            is("wait_p99.9", "wait.p99.9(q)"),
        ];
        for (name, state) in [
            ("pmf_in_system_0", "P(in_system(q) = 0)"),
            ("pmf_in_system_1", "P(in_system(q) = 1)"),
            ("pmf_in_system_2", "P(in_system(q) = 2)"),
            ("pmf_in_system_3", "P(in_system(q) = 3)"),
            ("pmf_in_system_4", "P(in_system(q) = 4)"),
            ("pmf_in_system_5", "P(in_system(q) = 5)"),
            ("pmf_in_system_7", "P(in_system(q) = 7)"),
            ("pmf_in_system_8", "P(in_system(q) = 8)"),
            ("pmf_in_system_9", "P(in_system(q) = 9)"),
            ("pmf_in_system_10", "P(in_system(q) = 10)"),
        ] {
            checks.push(is(name, state));
        }
        checks
    };
    score.case("A01", &queue(POISSON_8, MM1, 80_000, 40), &mm1_checks());
    let half = "Poisson(to: \"q\", rate: \"0.5/s\")";
    score.case("A03", &queue(half, MM1, 80_000, 40), &mm1_checks());
    score.finish();
}

/// The variance of a run about its own mean misses the variance of that mean; the mean of the
/// runs' variances plus the variance of the runs' means is unbiased.
#[test]
fn mm1_has_its_variances() {
    let mut score = Score::default();
    for (id, rate) in [("A01", "0.8/s"), ("A03", "0.5/s")] {
        let load = format!("Poisson(to: \"q\", rate: \"{rate}\")");
        let checks = [
            is("var_sojourn", "sojourn.var(q)"),
            is("var_wait", "wait.var(q)"),
            is("var_in_system", "in_system.var(q)"),
        ];
        score.case(id, &queue(&load, MM1, 1_000_000, 24), &checks);
    }
    let checks = [is("var_wait", "wait.var(q)")];
    let constant = "workers: 1, queue: Unbounded, work: Const(\"1s\")";
    score.case("A16", &queue(POISSON_8, constant, 400_000, 24), &checks);
    score.finish();
}

#[test]
fn mm1_started_empty_has_its_transient_states() {
    let text = "Experiment(
        name: \"transient\",
        run: (time: \"101s\", seed: 5, runs: 6000),
        load: [Poisson(to: \"q\", rate: \"0.9/s\")],
        services: { \"q\": (workers: 1, queue: Unbounded, work: Exp(mean: \"1s\")) },
    )";
    let mut score = Score::default();
    let checks = [
        is("prob_empty_t1", "P(in_system(q) = 0) during 1s..1.000001s"),
        is("prob_empty_t5", "P(in_system(q) = 0) during 5s..5.000001s"),
        is("prob_empty_t20", "P(in_system(q) = 0) during 20s..20.000001s"),
        is("prob_empty_t100", "P(in_system(q) = 0) during 100s..100.000001s"),
        is("mean_in_system_t1", "in_system(q) during 1s..1.000001s"),
        is("mean_in_system_t5", "in_system(q) during 5s..5.000001s"),
        is("mean_in_system_t20", "in_system(q) during 20s..20.000001s"),
        is("mean_in_system_t100", "in_system(q) during 100s..100.000001s"),
    ];
    score.case("A05", text, &checks);
    score.finish();
}

#[test]
fn mmc_has_the_erlang_c_probability_of_waiting() {
    let mut score = Score::default();
    let checks = [
        is("prob_wait", "P(wait(q) > 0s)"),
        is("utilization", "utilisation(q)"),
        is("mean_wait", "wait.mean(q)"),
        is("mean_sojourn", "sojourn.mean(q)"),
        is("mean_queue", "queue(q)"),
        is("mean_in_system", "in_system(q)"),
        is("wait_p99", "wait.p99(q)"),
        is("wait_p99.9", "wait.p99.9(q)"),
        is("sojourn_p50", "sojourn.p50(q)"),
        is("sojourn_p99", "sojourn.p99(q)"),
        is("sojourn_p99.9", "sojourn.p99.9(q)"),
    ];
    for (id, servers, rate, time) in [("A06", 5, "4/s", 30_000), ("A08", 20, "19/s", 20_000)] {
        let load = format!("Poisson(to: \"q\", rate: \"{rate}\")");
        let service = format!("workers: {servers}, queue: Unbounded, work: Exp(mean: \"1s\")");
        score.case(id, &queue(&load, &service, time, 40), &checks);
    }
    for (name, servers, rate, time) in [
        ("erlangC_c1_a0.5", 1, "0.5/s", 40_000),
        ("erlangC_c2_a1", 2, "1/s", 40_000),
        ("erlangC_c5_a2.5", 5, "2.5/s", 20_000),
        ("erlangC_c10_a5", 10, "5/s", 20_000),
        ("erlangC_c10_a9", 10, "9/s", 20_000),
        ("erlangC_c50_a45", 50, "45/s", 4_000),
        ("erlangC_c100_a90", 100, "90/s", 2_000),
        // It takes some 400 s to forget how it began.
        ("erlangC_c100_a99", 100, "99/s", 40_000),
    ] {
        let load = format!("Poisson(to: \"q\", rate: \"{rate}\")");
        let service = format!("workers: {servers}, queue: Unbounded, work: Exp(mean: \"1s\")");
        let text = queue(&load, &service, time, if rate == "99/s" { 8 } else { 30 });
        score.case("A09", &text, &[is(name, "P(wait(q) > 0s)")]);
    }
    score.finish();
}

#[test]
fn blocking_is_insensitive_to_the_shape_of_service() {
    let mut score = Score::default();
    for (id, servers, rate) in [("A10", 10, "8/s"), ("A12", 3, "2/s")] {
        for work in ["Exp(mean: \"1s\")", "Const(\"1s\")", "LogNormal(mean: \"1s\", cv: 2)"] {
            let load = format!("Poisson(to: \"q\", rate: \"{rate}\")");
            let service = format!("workers: {servers}, queue: Fifo(limit: 0), work: {work}");
            let checks = [
                is_rest("prob_block", "availability(q)"),
                is("mean_in_system", "in_system(q)"),
                is("throughput", "goodput(q)"),
            ];
            score.case(id, &queue(&load, &service, 10_000, 40), &checks);
        }
    }
    score.finish();
}

#[test]
fn finite_queues_block_as_their_birth_death_chains_say() {
    let mut score = Score::default();
    for (id, rate, service, states) in [
        (
            "A13",
            "0.9/s",
            "workers: 1, queue: Fifo(limit: 4), work: Exp(mean: \"1s\")",
            &[
                ("pmf_in_system_0", 0),
                ("pmf_in_system_1", 1),
                ("pmf_in_system_4", 4),
                ("pmf_in_system_5", 5),
            ][..],
        ),
        (
            "A15",
            "5/s",
            "workers: 4, queue: Fifo(limit: 8), work: Exp(mean: \"1s\")",
            &[
                ("pmf_in_system_0", 0),
                ("pmf_in_system_4", 4),
                ("pmf_in_system_6", 6),
                ("pmf_in_system_12", 12),
            ][..],
        ),
    ] {
        let load = format!("Poisson(to: \"q\", rate: \"{rate}\")");
        let mut checks = vec![
            is_rest("prob_block", "availability(q)"),
            is("utilization", "utilisation(q)"),
            is("throughput", "goodput(q)"),
            is("mean_in_system", "in_system(q)"),
            is("mean_sojourn_accepted", "sojourn.mean(q)"),
            is("mean_wait_accepted", "wait.mean(q)"),
            is("wait_accepted_p99", "wait.p99(q)"),
        ];
        for (name, state) in states {
            checks.push(is(name, &format!("P(in_system(q) = {state})")));
        }
        score.case(id, &queue(&load, service, 40_000, 40), &checks);
    }
    score.finish();
}

#[test]
fn mg1_waits_as_pollaczek_and_khinchine_say() {
    let mut score = Score::default();
    let service = |work: &str| format!("workers: 1, queue: Unbounded, work: {work}");
    let mut md1 = vec![
        is("mean_wait", "wait.mean(q)"),
        is("mean_sojourn", "sojourn.mean(q)"),
        is("mean_in_system", "in_system(q)"),
        is("prob_wait", "P(wait(q) > 0s)"),
        is("wait_p50", "wait.p50(q)"),
        is("wait_p90", "wait.p90(q)"),
        is("wait_p99", "wait.p99(q)"),
        is("wait_p99.9", "wait.p99.9(q)"),
        is("sojourn_p50", "sojourn.p50(q)"),
        is("sojourn_p99", "sojourn.p99(q)"),
    ];
    for (name, state) in [("pmf_in_system_0", 0), ("pmf_in_system_1", 1), ("pmf_in_system_3", 3)] {
        md1.push(is(name, &format!("P(in_system(q) = {state})")));
    }
    score.case("A16", &queue(POISSON_8, &service("Const(\"1s\")"), 60_000, 40), &md1);
    let general = [
        is("mean_wait", "wait.mean(q)"),
        is("mean_sojourn", "sojourn.mean(q)"),
        is("prob_wait", "P(wait(q) > 0s)"),
        is("wait_p90", "wait.p90(q)"),
        is("wait_p99", "wait.p99(q)"),
    ];
    let slow = "Poisson(to: \"q\", rate: \"0.7/s\")";
    let log_normal = service("LogNormal(mean: \"1s\", cv: 2)");
    score.case("A18", &queue(slow, &log_normal, 200_000, 40), &general);
    let two_phases = service("HyperExp([(0.9, \"0.5s\"), (0.1, \"5.5s\")])");
    score.case("A20", &queue(POISSON_8, &two_phases, 200_000, 40), &general);
    let pareto = service("Pareto(shape: 1.5, from: \"1s\", cap: \"1000s\")");
    let rare = "Poisson(to: \"q\", rate: \"0.24094531454/s\")";
    score.case("A22", &queue(rare, &pareto, 2_000_000, 40), &general);
    score.finish();
}

#[test]
fn gim1_waits_as_the_root_sigma_says() {
    let mut score = Score::default();
    let checks = [
        is("prob_wait", "P(wait(q) > 0s)"),
        is("prob_empty_time_avg", "P(in_system(q) = 0)"),
        is("mean_wait", "wait.mean(q)"),
        is("mean_sojourn", "sojourn.mean(q)"),
        is("mean_in_system", "in_system(q)"),
        is("sojourn_p50", "sojourn.p50(q)"),
        is("sojourn_p99", "sojourn.p99(q)"),
        is("sojourn_p99.9", "sojourn.p99.9(q)"),
        is("wait_p99", "wait.p99(q)"),
        is("wait_p99.9", "wait.p99.9(q)"),
    ];
    let even = "Renewal(to: \"q\", every: Const(\"1.25s\"))";
    score.case("A25", &queue(even, MM1, 60_000, 40), &checks);
    let erlang = "Renewal(to: \"q\", every: Erlang(k: 2, mean: \"1.111111111s\"))";
    score.case("A27", &queue(erlang, MM1, 150_000, 40), &checks);
    score.finish();
}

#[test]
fn a_service_with_unlimited_workers_holds_a_poisson_number() {
    let mut score = Score::default();
    let load = "Poisson(to: \"q\", rate: \"20/s\")";
    let service = "workers: Unlimited, work: Const(\"0.5s\")";
    let mut checks =
        vec![is("mean_in_system", "in_system(q)"), is("var_in_system", "in_system.var(q)")];
    for (name, state) in [
        ("pmf_in_system_5", 5),
        ("pmf_in_system_10", 10),
        ("pmf_in_system_15", 15),
        ("pmf_in_system_20", 20),
    ] {
        checks.push(is(name, &format!("P(in_system(q) = {state})")));
    }
    score.case("A35", &queue(load, service, 4_000, 40), &checks);
    let early = "Experiment(
        name: \"early\",
        run: (time: \"1.1s\", seed: 6, runs: 6000),
        load: [Poisson(to: \"q\", rate: \"20/s\")],
        services: { \"q\": (workers: Unlimited, work: Const(\"0.5s\")) },
    )";
    let checks = [
        is("mean_t0_25", "in_system(q) during 0.25s..0.250001s"),
        is("mean_t1", "in_system(q) during 1s..1.000001s"),
    ];
    score.case("A35", early, &checks);
    score.finish();
}

#[test]
fn timeouts_and_deadlines_lose_what_the_books_say() {
    let mut score = Score::default();
    let nine = "Poisson(to: \"q\", rate: \"0.9/s\")";
    let queue_timeout = format!("{MM1}, queue_timeout: \"3s\"");
    let checks = [
        is_rest("prob_timeout", "availability(q)"),
        is("prob_empty", "P(in_system(q) = 0)"),
        is("utilization", "utilisation(q)"),
        is("prob_wait_served_gt_0.75", "P(wait(q) > 0.75s)"),
        is("prob_wait_served_gt_1.5", "P(wait(q) > 1.5s)"),
        is("goodput", "goodput(q)"),
        is("mean_wait_served", "wait.mean(q)"),
        is("mean_sojourn_served", "sojourn.mean(q)"),
    ];
    score.case("A44", &queue(nine, &queue_timeout, 40_000, 40), &checks);
    let aborts = "Poisson(to: \"q\", rate: \"0.9/s\", with: [Timeout(\"4s\")])";
    let stops = format!("{MM1}, on_cancel: (queued: Remove, in_service: Stop)");
    let checks = [
        is_rest("prob_deadline_miss", "availability(q)"),
        is("prob_empty", "P(in_system(q) = 0)"),
        is("goodput", "goodput(q)"),
    ];
    score.case("A46", &queue(aborts, &stops, 40_000, 40), &checks);
    let walks = "Poisson(to: \"q\", rate: \"0.8/s\", with: [Timeout(\"10s\")])";
    let checks = [
        is_rest("prob_timeout", "availability(q)"),
        is("utilization", "utilisation(q)"),
        is("wasted_work_fraction", "wasted(q)"),
        is("goodput", "goodput(q)"),
    ];
    score.case("A48", &queue(walks, MM1, 80_000, 40), &checks);
    score.finish();
}

#[test]
fn a_closed_loop_is_a_machine_repair_model() {
    let mut score = Score::default();
    for (id, think, work) in [("A55", "9s", "1s"), ("A57", "1.145s", "0.1s")] {
        let load = format!("Closed(to: \"q\", users: 10, think: Exp(mean: \"{think}\"))");
        let service = format!("workers: 1, queue: Unbounded, work: Exp(mean: \"{work}\")");
        let checks = [
            is("throughput", "goodput(q)"),
            is("mean_response", "mean(q)"),
            is("mean_in_system", "in_system(q)"),
            is("utilization", "utilisation(q)"),
            is("response_p50", "p50(q)"),
            is("response_p99", "p99(q)"),
        ];
        let time = if id == "A55" { 40_000 } else { 5_000 };
        score.case(id, &queue(&load, &service, time, 40), &checks);
    }
    score.finish();
}
