//! Group c of the oracle: retry storms, and what a throttle makes of retries.

use crate::harness::{Score, exact, is};
use brownout_core::interval::mean;
use brownout_tests::{measuring, rows};

/// Calls one after the other through gRPC's throttle: ten tokens, a tenth of one per success.
#[test]
fn a_throttle_of_retries_is_a_markov_chain_in_tenths() {
    let mut score = Score::default();
    for (ratio, attempts, success) in [
        (0.02, "mean_attempts_p0.02", "prob_success_p0.02"),
        (0.05, "mean_attempts_p0.05", "prob_success_p0.05"),
        (0.09091, "mean_attempts_p0.09091", "prob_success_p0.09091"),
        (0.15, "mean_attempts_p0.15", "prob_success_p0.15"),
        (0.3, "mean_attempts_p0.3", "prob_success_p0.3"),
        (0.6, "mean_attempts_p0.6", "prob_success_p0.6"),
    ] {
        let text = format!(
            "Experiment(
                name: \"throttle\",
                run: (time: \"100s\", warmup: \"5s\", seed: 18, runs: 40),
                load: [Closed(to: \"q\", users: 1, think: Const(\"1ms\"), name: \"l\",
                    with: [Retry(times: 3, budget: Budget(like: Grpc))])],
                services: {{ \"q\": (workers: 1, work: Const(\"1us\")) }},
                faults: [Errors(service: \"q\", ratio: {ratio}, when: AfterWork, at: \"0s\")],
            )"
        );
        let checks = [is(attempts, "amplification(l)"), is(success, "availability(l)")];
        score.case("C18", &text, &checks);
    }
    score.finish();
}

/// A backlog of work for nobody at the start: so many arrivals at once, who give up at once.
fn dead(count: usize) -> String {
    let gaps = vec!["\"0s\""; count].join(", ");
    let every = format!("Sequence([{gaps}, \"1000000s\"])");
    format!("Renewal(to: \"q\", every: {every}, name: \"dead\", patience: \"1ns\")")
}

/// Live users who try again at once when an attempt has taken too long; nobody stops the work.
fn live(rate: f64, timeout: u32, retries: u32) -> String {
    format!(
        "Poisson(to: \"q\", rate: \"{rate}/s\", name: \"live\", \
         with: [Retry(times: {retries}, wait: \"0s\"), Timeout(\"{timeout}s\")])"
    )
}

fn storm(loads: &str, time: &str, runs: u32) -> String {
    format!(
        "Experiment(
            name: \"storm\",
            run: (time: \"{time}\", seed: 29, runs: {runs}),
            load: [{loads}],
            services: {{ \"q\": (workers: 1, queue: Unbounded, work: Exp(mean: \"100ms\")) }},
        )"
    )
}

#[test]
fn a_storm_grows_shrinks_or_stands_by_its_arithmetic() {
    let mut score = Score::default();
    for (backlog, rate, timeout, retries, name) in [
        (150, 5.0, 5, 5, "mean_backlog_hotos_T60"),
        (400, 3.0, 5, 2, "mean_backlog_drain_T60"),
        (300, 2.0, 4, 4, "mean_backlog_critical_T60"),
    ] {
        let loads = format!("{}, {}", dead(backlog), live(rate, timeout, retries));
        let at_60 = "in_system(q) during 60s..60.000001s";
        let text = storm(&loads, "61s", 400);
        score.case("C29", &text, &[is(name, at_60)]);
        let good = rows(&measuring(&text, &["goodput(live) during 0s..20s"]));
        let none = exact("C29", "goodput_during_storm_hotos");
        let first = &good["goodput(live) during 0s..20s"];
        assert!(first.iter().all(|goodput| *goodput == none), "{name}: {first:?}");
    }
    score.finish();
}

/// Another program's runs, with the standard error of their share.
#[test]
fn timeouts_alone_tip_a_queue_as_often_as_in_another_program() {
    const RUNS: u32 = 300;
    for (rate, timeout, retries, case, other_se) in [
        (5.0, 3, 4, "mu10_tau3_R4_lam5", 0.001),
        (6.5, 3, 4, "mu10_tau3_R4_lam6.5", 0.001_412_798_640_995_949),
        (7.5, 3, 4, "mu10_tau3_R4_lam7.5", 0.009_570_579_919_733_181),
        (8.5, 3, 4, "mu10_tau3_R4_lam8.5", 0.013_408_019_988_051_927),
        (5.0, 2, 2, "mu10_tau2_R2_lam5", 0.001_995_995_991_979_944),
        (6.5, 2, 2, "mu10_tau2_R2_lam6.5", 0.012_069_424_178_476_784),
        (7.5, 2, 2, "mu10_tau2_R2_lam7.5", 0.012_742_998_077_375_669),
        (8.5, 2, 2, "mu10_tau2_R2_lam8.5", 0.001_412_798_640_995_949),
    ] {
        let text = storm(&live(rate, timeout, retries), "1000s", RUNS);
        let rows = rows(&measuring(&text, &["queue.max(q)"]));
        let bound = f64::from(10 * 10 * timeout);
        let tipped = |most: &f64| f64::from(u8::from(*most > bound));
        let tipped: Vec<f64> = rows["queue.max(q)"].iter().map(tipped).collect();
        let share = mean(&tipped).expect("there are runs");
        let other = exact("C31", &format!("prob_tipped_by_1000_{case}"));
        let own = other * (1.0 - other) / f64::from(RUNS);
        let allowed = 2.576 * (own + other_se * other_se).sqrt();
        println!("{case}: {share}, elsewhere {other} ± {allowed}");
        assert!((share - other).abs() <= allowed, "{case}: {share}, elsewhere {other} ± {allowed}");
    }
}
