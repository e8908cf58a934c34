//! Closed forms of retries, backoff and hop sums against worked values.
//!
//! Rows carry the id of the case in the validation set they come from.

use brownout_core::theory::{mginf, mm1, poisson, retry, tandem};

/// The last of ten printed digits.
const PRINTED: f64 = 6e-10;

/// Rows are (name, found, expected).
#[track_caller]
fn check(case: &str, rows: &[(&str, f64, f64)]) {
    for &(name, found, expected) in rows {
        let error = (found - expected).abs() / expected.abs();
        assert!(error <= PRINTED, "{case} {name}: found {found}, expected {expected}: {error:e}");
    }
}

#[test]
fn attempts_agree_with_c01() {
    for (fail, retries, mean, success, variance) in [
        (0.1, 3, 1.111, 0.9999, 0.122679),
        (0.3, 3, 1.417, 0.9919, 0.531111),
        (0.5, 3, 1.875, 0.9375, 1.109375),
        (0.5, 5, 1.96875, 0.984375, 1.655273438),
        (0.9, 4, 4.0951, 0.40951, 1.98805599),
    ] {
        check(
            "C01",
            &[
                ("mean", retry::attempts_mean(fail, retries), mean),
                ("success", retry::success_prob(fail, retries), success),
                ("variance", retry::attempts_variance(fail, retries), variance),
            ],
        );
    }
}

#[test]
fn every_attempt_of_a_dead_dependency_is_made() {
    assert_eq!(retry::attempts_mean(1.0, 3), 4.0);
    assert_eq!(retry::attempts_variance(1.0, 3), 0.0);
    assert_eq!(retry::success_prob(1.0, 3), 0.0);
}

#[test]
fn retries_in_product_form_agree_with_c03_and_c05() {
    let windows = [1, 2, 3].map(|k| retry::backoff_window(2.0, 100.0, k));
    let jitter = windows.map(|window| retry::full_jitter(window).mean);
    let queue = retry::product_form(0.5, 1.0, 1, 0.3, &jitter);
    let backoff = |n| mginf::in_system_pmf(0.5, queue.backoff_mean_total, n);
    check(
        "C03",
        &[
            ("total_attempt_rate", queue.attempt_rate, 0.7085),
            ("mean_attempts", queue.attempts_mean, 1.417),
            ("mean_in_station", queue.in_station_mean, 2.430531732),
            ("mean_sojourn", queue.sojourn_mean_per_attempt, 3.430531732),
            ("mean_total_backoff", queue.backoff_mean_total, 1.176),
            ("mean_in_backoff", queue.in_backoff_mean, 0.588),
            ("mean_latency_end_to_end", queue.latency_mean, 6.037063465),
            ("utilization", queue.utilisation, 0.7085),
            ("prob_success", queue.prob_success, 0.9919),
            ("pmf_in_station_5", mm1::in_system_pmf(queue.attempt_rate, 1.0, 5), 0.0520400652),
            ("pmf_in_backoff_0", backoff(0), 0.5554370487),
            ("pmf_in_backoff_3", backoff(3), 0.01881982464),
        ],
    );
    let queue = retry::product_form(0.6, 1.0, 1, 0.3, &[0.0, 0.0]);
    check(
        "C05",
        &[
            ("total_attempt_rate", queue.attempt_rate, 0.834),
            ("mean_in_station", queue.in_station_mean, 5.024096386),
            ("mean_latency_end_to_end", queue.latency_mean, 8.373493976),
            ("prob_success", queue.prob_success, 0.973),
        ],
    );
    assert_eq!(queue.backoff_mean_total, 0.0);
}

#[test]
fn endless_retries_agree_with_c07_and_c08() {
    let latency = retry::feedback_latency_mean(0.4, 1.0, 0.5);
    check("C07", &[("mean_latency", latency, 10.0), ("mean_in_system", 0.4 * latency, 4.0)]);
    let orbit = retry::retrial(0.6, 1.0, 0.5);
    check(
        "C08",
        &[
            ("prob_server_busy", orbit.prob_busy, 0.6),
            ("mean_orbit", orbit.orbit_mean, 2.7),
            ("mean_in_system", orbit.orbit_mean + orbit.prob_busy, 3.3),
            ("mean_time_in_orbit", orbit.orbit_time_mean, 4.5),
            ("mean_attempts", orbit.attempts_mean, 3.25),
        ],
    );
}

#[test]
fn budgets_bound_amplification_as_in_c20() {
    check(
        "C20",
        &[
            ("cap_10pct", retry::budgeted_attempts_mean(1.0, 9, 0.1), 1.1),
            ("cap_20pct", retry::budgets_amplification(&[0.2]), 1.2),
            ("no_budget", retry::attempts_mean(1.0, 2), 3.0),
            ("fluid_p0_05", retry::budgeted_attempts_mean(0.05, 2, 0.2), 1.0525),
            ("fluid_p0_3", retry::budgeted_attempts_mean(0.3, 2, 0.2), 1.2),
        ],
    );
}

#[test]
fn layers_of_retries_multiply() {
    // Three hops whose application and mesh each make 3 attempts: 9, 81, 729.
    assert_eq!(retry::layers_amplification(&[3, 3]), 9);
    assert_eq!(retry::layers_amplification(&[3; 6]), 729);
    assert_eq!(retry::layers_amplification(&[]), 1);
    let budgeted = retry::budgets_amplification(&[0.2; 6]);
    assert!((budgeted - 2.985984).abs() < 1e-12, "1.2 to the sixth; found {budgeted}");
}

#[test]
fn backoff_moments_agree_with_c21() {
    let (mut mean, mut variance) = (0.0, 0.0);
    let expected = [
        (100.0, 3333.333333, 150.0, 833.3333333),
        (200.0, 13333.33333, 300.0, 3333.333333),
        (400.0, 53333.33333, 600.0, 13333.33333),
        (800.0, 213333.3333, 1200.0, 53333.33333),
        (1600.0, 853333.3333, 2400.0, 213333.3333),
        (3200.0, 3413333.333, 4800.0, 853333.3333),
        (6400.0, 13653333.33, 9600.0, 3413333.333),
        (10000.0, 33333333.33, 15000.0, 8333333.333),
    ];
    for (k, (full_mean, full_variance, equal_mean, equal_variance)) in (1..).zip(expected) {
        let window = retry::backoff_window(100.0, 20_000.0, k);
        let (full, equal) = (retry::full_jitter(window), retry::equal_jitter(window));
        check(
            "C21",
            &[
                ("full_jitter_mean", full.mean, full_mean),
                ("full_jitter_var", full.variance, full_variance),
                ("equal_jitter_mean", equal.mean, equal_mean),
                ("equal_jitter_var", equal.variance, equal_variance),
            ],
        );
        mean += full.mean;
        variance += full.variance;
    }
    check(
        "C21",
        &[
            ("full_jitter_mean_total_8", mean, 22700.0),
            ("full_jitter_var_total_8", variance, 51536666.67),
            ("expo_no_jitter_k7", retry::backoff_window(100.0, 20_000.0, 7), 12800.0),
            ("expo_no_jitter_k8", retry::backoff_window(100.0, 20_000.0, 8), 20000.0),
        ],
    );
}

#[test]
fn decorrelated_jitter_without_a_cap_agrees_with_c22() {
    let at = |k| retry::decorrelated_jitter(100.0, k);
    check(
        "C22",
        &[
            ("uncapped_mean_k1", at(1).mean, 200.0),
            ("uncapped_mean_k2", at(2).mean, 350.0),
            ("uncapped_mean_k5", at(5).mean, 1418.75),
            ("uncapped_mean_k10", at(10).mean, 11433.00781),
            ("uncapped_var_k1", at(1).variance, 3333.333333),
            ("uncapped_var_k2", at(2).variance, 30833.33333),
            ("uncapped_var_k5", at(5).variance, 2749231.771),
            ("uncapped_var_k10", at(10).variance, 1049500799.0),
        ],
    );
}

#[test]
fn percentiles_of_hops_do_not_add() {
    // A sum of k exponentials of mean m is m/2 times chi-square with 2k degrees, from its tables.
    // Two proxies of mean 0.68 ms a hop: one hop's p90 is 2.65 ms, five hops' 9.66 ms and not 13.2.
    for (hops, p, chi_square) in [
        (1, 0.5, 3.356694),
        (1, 0.9, 7.779440),
        (1, 0.99, 13.276704),
        (5, 0.5, 19.337429),
        (5, 0.9, 28.411981),
        (5, 0.99, 37.566235),
    ] {
        let quantile = poisson::erlang_quantile(2 * hops, 0.68, p);
        let error = (quantile / (0.34 * chi_square) - 1.0).abs();
        assert!(error <= 3e-7, "{hops} hops p{p}: found {quantile}, {error:e} off");
        let as_a_sum = tandem::quantile(&vec![1.0 / 0.68; 2 * hops as usize], p);
        assert!((as_a_sum / quantile - 1.0).abs() < 1e-12);
    }
}
