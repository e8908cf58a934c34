//! What of the oracle is not checked here, and why.

use crate::harness::every_value;

/// Values of cases whose other values are checked, with the reason.
const VALUES: &[(&str, &str, &str)] = &[
    ("A01", "busy_period", "a busy period is not a metric"),
    ("A03", "busy_period", "a busy period is not a metric"),
    ("A04", "se_at", "the same number in other units"),
    ("A04", "halfwidth99", "the same number in other units"),
    ("A18", "var_wait", "needs the third moment of a heavy tail: not for a run of test length"),
    ("A20", "var_wait", "needs the third moment of a heavy tail: not for a run of test length"),
    ("A22", "var_wait", "needs the third moment of a heavy tail: not for a run of test length"),
    ("A25", "pmf_seen_by_arrival", "what arrivals see is not a metric; P(wait > 0) is checked"),
    ("A27", "pmf_seen_by_arrival", "what arrivals see is not a metric; P(wait > 0) is checked"),
    ("A64", "mean_rate", "given, not measured; the utilisation is checked"),
    ("A64", "decay_rate", "the ratio of two of the tails that are checked"),
    ("B02", "sigma", "a root of the equation behind the other values"),
    ("B04", "sigma", "a root of the equation behind the other values"),
    ("J03", "refined_mean_field", "an approximation of the simulated values, which are checked"),
    ("J05", "prediction", "B16 under another name"),
    ("C01", "var_attempts", "attempts of one request are not a distribution metric"),
    ("C03", "mean_latency", "averages over failures too; latency here is of successes"),
    ("C05", "mean_latency", "averages over failures too; latency here is of successes"),
    ("C08", "prob_blocked_first", "first attempts are not counted apart"),
    ("C08", "pmf_orbit", "an orbit's size is the difference of two levels, not a level"),
    ("C11", "prob_blocked_first", "first attempts are not counted apart"),
    ("C13", "prob_first_attempt", "first attempts are not counted apart"),
    ("C15", "prob_first_attempt", "first attempts are not counted apart"),
    ("C21", "var", "the means of eight waits and the bare ones are checked"),
    ("D01", "server_work_no_cancel", "work with cancels is checked by A46's kind of stop"),
    ("D01", "p50_d0", "both at once is what a fork does that waits for one: D16's machinery"),
    ("D16", "mean_max_exp_n1000", "the same with more branches"),
    ("D16", "prob_any", "arithmetic on the quantile of a leaf"),
    ("C22", "capped", "the uncapped chain is checked; the cap is a minimum"),
    ("A58", "prob_busy_serving", "a worker is held while its server is down: that is measured"),
    ("C18", "trace", "a vector of the conformance runner"),
    ("C31", "poisson", "an approximation, for illustration"),
    ("E01", "p0.1_N5", "a tenth of a million calls until it trips: too long a run"),
    ("E01", "p0.2_N10", "twelve million calls until it trips: too long a run"),
    ("E01", "p0.01_N5", "once in a hundred thousand runs"),
    ("E03", "fraction_probes", "probes are not counted apart"),
    ("E03", "mean", "cycles are not counted; their shares are checked"),
    ("E05", "fraction_probes", "probes are not counted apart"),
    ("E05", "mean", "cycles are not counted; their shares are checked"),
    ("H01", "parallel_3", "down once in a million: needs rare-event simulation"),
    ("H01", "kofn_3of5", "down once in a hundred thousand: needs rare-event simulation"),
    ("H01", "kofn_4of5", "down once in ten million: needs rare-event simulation"),
    ("H01", "diamond", "its parts' availabilities are not in the oracle"),
    ("H01", "bridge", "paths that share a part are no chain of calls"),
    ("H03", "outages", "outages are not counted; their share of time is checked"),
    ("H03", "budget", "arithmetic without a model"),
    ("I09", "prob_in_system_ge_100", "once in two million seconds: needs rare-event simulation"),
    ("I09", "decay_rate", "the ratio of two of the tails that are checked"),
];

#[test]
fn every_case_is_checked_and_what_is_left_of_one_has_its_reason() {
    let sources = [
        include_str!("arrivals.rs"),
        include_str!("balancing.rs"),
        include_str!("breakdowns.rs"),
        include_str!("breakers.rs"),
        include_str!("disciplines.rs"),
        include_str!("limiters.rs"),
        include_str!("queues.rs"),
        include_str!("networks.rs"),
        include_str!("intervals.rs"),
        include_str!("scripts.rs"),
        include_str!("storms.rs"),
    ];
    let mut cases: Vec<String> =
        every_value().into_iter().map(|(id, _, _)| id[..3].to_owned()).collect();
    cases.dedup();
    for id in &cases {
        let checked = sources.iter().any(|source| source.contains(&format!("\"{id}\"")));
        assert!(checked, "{id} is in no test");
    }
    for (id, _, reason) in VALUES {
        assert!(cases.iter().any(|case| case == id) && !reason.is_empty());
    }
}
