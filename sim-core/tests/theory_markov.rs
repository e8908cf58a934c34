//! Closed forms of one exponential station against worked values.
//!
//! The numbers are a validation set's, each found there by two independent methods (numerical
//! chain, integration or inversion) and printed to ten digits; rows carry its case's id.

use brownout_core::theory::transform::Moments;
use brownout_core::theory::{
    batch, breakdown, discipline, erlang_a, mm1, mmc, mmck, timeout, transient,
};

/// The last of ten printed digits.
const PRINTED: f64 = 6e-10;

/// Rows are (name, found, expected).
#[track_caller]
fn check(case: &str, relative: f64, rows: &[(&str, f64, f64)]) {
    for &(name, found, expected) in rows {
        let error = (found - expected).abs() / expected.abs();
        assert!(error <= relative, "{case} {name}: found {found}, expected {expected}: {error:e}");
    }
}

#[test]
fn mm1_agrees_with_a01_and_a03() {
    let (l, m) = (0.8, 1.0);
    check(
        "A01",
        PRINTED,
        &[
            ("utilization", mm1::utilisation(l, m), 0.8),
            ("prob_wait", mm1::prob_wait(l, m), 0.8),
            ("mean_wait", mm1::wait_mean(l, m), 4.0),
            ("mean_sojourn", mm1::sojourn_mean(l, m), 5.0),
            ("mean_queue", mm1::queue_mean(l, m), 3.2),
            ("mean_in_system", mm1::in_system_mean(l, m), 4.0),
            ("var_sojourn", mm1::sojourn_variance(l, m), 25.0),
            ("var_wait", mm1::wait_variance(l, m), 24.0),
            ("var_in_system", mm1::in_system_variance(l, m), 20.0),
            ("busy_period_mean", mm1::busy_period_mean(l, m), 5.0),
            ("busy_period_var", mm1::busy_period_variance(l, m), 225.0),
            ("pmf_in_system_0", mm1::in_system_pmf(l, m, 0), 0.2),
            ("pmf_in_system_10", mm1::in_system_pmf(l, m, 10), 0.02147483648),
            ("sojourn_p50", mm1::sojourn_quantile(l, m, 0.5), 3.465735903),
            ("sojourn_p99.9", mm1::sojourn_quantile(l, m, 0.999), 34.53877639),
            ("wait_p90", mm1::wait_quantile(l, m, 0.9), 10.39720771),
            ("wait_p99.9", mm1::wait_quantile(l, m, 0.999), 33.42305864),
        ],
    );
    let (l, m) = (0.5, 1.0);
    check(
        "A03",
        PRINTED,
        &[
            ("mean_wait", mm1::wait_mean(l, m), 1.0),
            ("var_wait", mm1::wait_variance(l, m), 3.0),
            ("busy_period_var", mm1::busy_period_variance(l, m), 12.0),
            ("pmf_in_system_7", mm1::in_system_pmf(l, m, 7), 0.00390625),
            ("sojourn_p99", mm1::sojourn_quantile(l, m, 0.99), 9.210340372),
            ("wait_p99", mm1::wait_quantile(l, m, 0.99), 7.824046011),
        ],
    );
    assert_eq!(mm1::wait_quantile(l, m, 0.5), 0.0, "half of the requests do not wait");
}

#[test]
fn mm1_time_averages_spread_as_in_a04() {
    let spread = mm1::in_system_asymptotic_variance(0.8, 1.0);
    let error = (spread / 1e6).sqrt();
    let half_width = brownout_core::interval::normal_quantile(0.995) * error;
    check(
        "A04",
        PRINTED,
        &[
            ("time_avg_number_asym_var", spread, 1800.0),
            ("se_at_T_1e6", error, 0.04242640687),
            ("halfwidth99_at_T_1e6", half_width, 0.1092831821),
        ],
    );
}

#[test]
fn mm1_from_empty_agrees_with_a05() {
    let empty = |t| transient::prob_empty(0.9, 1.0, t);
    let mean = |t| transient::in_system_mean(0.9, 1.0, t);
    check(
        "A05",
        1e-8,
        &[
            ("prob_empty_t1", empty(1.0), 0.5594491217),
            ("prob_empty_t5", empty(5.0), 0.2958061308),
            ("prob_empty_t20", empty(20.0), 0.1789515041),
            ("prob_empty_t100", empty(100.0), 0.1188162628),
            ("mean_in_system_t1", mean(1.0), 0.6261425387),
            ("mean_in_system_t5", mean(5.0), 1.752183315),
            ("mean_in_system_t20", mean(20.0), 3.519709611),
            ("mean_in_system_t100", mean(100.0), 6.443920877),
        ],
    );
}

#[test]
fn mmc_agrees_with_a06_and_a08() {
    let (l, m, c) = (4.0, 1.0, 5);
    check(
        "A06",
        PRINTED,
        &[
            ("prob_wait", mmc::prob_wait(l, m, c), 0.5541125541),
            ("mean_wait", mmc::wait_mean(l, m, c), 0.5541125541),
            ("mean_sojourn", mmc::sojourn_mean(l, m, c), 1.554112554),
            ("mean_queue", mmc::queue_mean(l, m, c), 2.216450216),
            ("mean_in_system", mmc::in_system_mean(l, m, c), 6.216450216),
            ("wait_p99", mmc::wait_quantile(l, m, c, 0.99), 4.014782739),
            ("wait_p99.9", mmc::wait_quantile(l, m, c, 0.999), 6.317367832),
            ("sojourn_p50", mmc::sojourn_quantile(l, m, c, 0.5), 1.204394924),
            ("sojourn_p99", mmc::sojourn_quantile(l, m, c, 0.99), 6.079662525),
            ("sojourn_p99.9", mmc::sojourn_quantile(l, m, c, 0.999), 8.665941977),
        ],
    );
    let (l, m, c) = (19.0, 1.0, 20);
    check(
        "A08",
        PRINTED,
        &[
            ("prob_wait", mmc::prob_wait(l, m, c), 0.7554012321),
            ("mean_queue", mmc::queue_mean(l, m, c), 14.35262341),
            ("mean_in_system", mmc::in_system_mean(l, m, c), 33.35262341),
            ("wait_p99", mmc::wait_quantile(l, m, c, 0.99), 4.324663948),
            ("sojourn_p50", mmc::sojourn_quantile(l, m, c, 0.5), 1.423121815),
            ("sojourn_p99.9", mmc::sojourn_quantile(l, m, c, 0.999), 8.957583893),
        ],
    );
}

#[test]
fn erlang_formulas_agree_with_a09_a10_and_a12() {
    check(
        "A09",
        PRINTED,
        &[
            ("c1_a0.5", mmc::erlang_c(0.5, 1), 0.5),
            ("c2_a1", mmc::erlang_c(1.0, 2), 0.3333333333),
            ("c5_a2.5", mmc::erlang_c(2.5, 5), 0.1303712975),
            ("c10_a5", mmc::erlang_c(5.0, 10), 0.03610535916),
            ("c10_a9", mmc::erlang_c(9.0, 10), 0.6687315241),
            ("c50_a45", mmc::erlang_c(45.0, 50), 0.3638644672),
            ("c100_a90", mmc::erlang_c(90.0, 100), 0.2169404809),
            ("c100_a99", mmc::erlang_c(99.0, 100), 0.8827684626),
        ],
    );
    let loss = mmck::solve(8.0, 1.0, 10, 10);
    check(
        "A10",
        PRINTED,
        &[
            ("prob_block", mmc::erlang_b(8.0, 10), 0.1216610643),
            ("prob_block by the chain", loss.prob_block, 0.1216610643),
            ("mean_in_system", loss.in_system_mean, 7.026711486),
            ("throughput", loss.throughput, 7.026711486),
        ],
    );
    let loss = mmck::solve(2.0, 1.0, 3, 3);
    check(
        "A12",
        PRINTED,
        &[
            ("prob_block", mmc::erlang_b(2.0, 3), 0.2105263158),
            ("mean_in_system", loss.in_system_mean, 1.578947368),
        ],
    );
}

#[test]
fn mmck_agrees_with_a13_and_a15() {
    let queue = mmck::solve(0.9, 1.0, 1, 5);
    check(
        "A13",
        PRINTED,
        &[
            ("prob_block", queue.prob_block, 0.12602255),
            ("utilization", queue.utilisation, 0.786579705),
            ("pmf_in_system_0", queue.in_system_pmf[0], 0.213420295),
            ("pmf_in_system_3", queue.in_system_pmf[3], 0.155583395),
            ("throughput", queue.throughput, 0.786579705),
            ("mean_in_system", queue.in_system_mean, 2.194782301),
            ("mean_sojourn_accepted", queue.sojourn_mean, 2.790285952),
            ("mean_wait_accepted", queue.wait_mean, 1.790285952),
            ("wait_accepted_p99", queue.wait_quantile(0.99), 7.987287353),
        ],
    );
    let queue = mmck::solve(5.0, 1.0, 4, 12);
    check(
        "A15",
        PRINTED,
        &[
            ("prob_block", queue.prob_block, 0.2182303321),
            ("utilization", queue.utilisation, 0.9772120849),
            ("pmf_in_system_0", queue.in_system_pmf[0], 0.001405938209),
            ("pmf_in_system_8", queue.in_system_pmf[8], 0.08938714403),
            ("throughput", queue.throughput, 3.908848339),
            ("mean_in_system", queue.in_system_mean, 9.005714466),
            ("mean_sojourn_accepted", queue.sojourn_mean, 2.303930387),
            ("mean_wait_accepted", queue.wait_mean, 1.303930387),
            ("wait_accepted_p99", queue.wait_quantile(0.99), 3.527197061),
        ],
    );
}

#[test]
fn other_disciplines_agree_with_a29_a31_a32_and_a34() {
    let (l, m) = (0.8, 1.0);
    check(
        "A29",
        PRINTED,
        &[
            ("mean_sojourn", mm1::sojourn_mean(l, m), 5.0),
            ("mean_sojourn_of_size_0_5", discipline::sojourn_mean_ps(0.5, 0.8), 2.5),
            ("mean_sojourn_of_size_2", discipline::sojourn_mean_ps(2.0, 0.8), 10.0),
            ("var_sojourn", discipline::sojourn_variance_ps(l, m), 58.33333333),
        ],
    );
    check(
        "A31",
        PRINTED,
        &[
            ("mean_sojourn", discipline::sojourn_mean_ps(1.0, 0.75), 4.0),
            ("pmf_in_system_3", mm1::in_system_pmf(0.75, 1.0, 3), 0.10546875),
        ],
    );
    check(
        "A32",
        PRINTED,
        &[
            ("var_wait", discipline::wait_variance_lifo(l, m), 184.0),
            ("var_sojourn", discipline::wait_variance_lifo(l, m) + 1.0, 185.0),
        ],
    );
    check(
        "A32",
        1e-7,
        &[
            ("wait_p99", discipline::wait_quantile_lifo(l, m, 0.99), 61.97621874),
            ("wait_p99.9", discipline::wait_quantile_lifo(l, m, 0.999), 170.1461614),
        ],
    );
    check("A34", PRINTED, &[("var_wait", discipline::wait_variance_random(l, m), 50.66666667)]);
}

#[test]
fn erlang_a_agrees_with_a41_and_a43() {
    let queue = erlang_a::solve(12.0, 1.0, 10, 0.5);
    check(
        "A41",
        PRINTED,
        &[
            ("prob_wait", queue.prob_wait, 0.8503849479),
            ("prob_abandon", queue.prob_abandon, 0.195655944),
            ("utilization", queue.utilisation, 0.9652128672),
            ("mean_queue", queue.queue_mean, 4.695742656),
            ("mean_wait_all", queue.wait_mean, 0.391311888),
            ("mean_wait_served", queue.wait_mean_served, 0.4008336954),
        ],
    );
    let queue = erlang_a::solve(50.0, 1.0, 50, 1.0);
    check(
        "A43",
        PRINTED,
        &[
            ("prob_wait", queue.prob_wait, 0.5188083155),
            ("prob_abandon", queue.prob_abandon, 0.05632500633),
            ("mean_queue", queue.queue_mean, 2.816250316),
            ("mean_wait_served", queue.wait_mean_served, 0.05440680068),
        ],
    );
}

#[test]
fn timeouts_agree_with_a44_a46_and_a48() {
    let queue = timeout::queue_timeout(0.9, 1.0, 3.0);
    check(
        "A44",
        PRINTED,
        &[
            ("prob_timeout", queue.prob_timeout, 0.166710256),
            ("prob_empty", queue.prob_empty, 0.2500392304),
            ("goodput", queue.goodput, 0.7499607696),
            ("prob_wait_served_gt_0.75", queue.wait_tail_served(0.75), 0.5048038201),
            ("prob_wait_served_gt_1.5", queue.wait_tail_served(1.5), 0.3237700719),
            ("mean_wait_served", queue.wait_mean_served, 0.9974891246),
            ("mean_sojourn_served", queue.sojourn_mean_served, 1.997489125),
        ],
    );
    let queue = timeout::deadline_abort(0.9, 1.0, 4.0);
    check(
        "A46",
        PRINTED,
        &[
            ("prob_deadline_miss", queue.prob_miss, 0.1689689538),
            ("prob_empty", queue.prob_empty, 0.2520720584),
            ("goodput", queue.goodput, 0.7479279416),
        ],
    );
    let queue = timeout::no_cancel(0.8, 1.0, 10.0);
    check(
        "A48",
        PRINTED,
        &[
            ("prob_timeout", queue.prob_timeout, 0.1353352832),
            ("goodput", queue.goodput, 0.6917317734),
            ("wasted_work_fraction", queue.wasted_work_fraction, 0.1691577541),
        ],
    );
}

#[test]
fn breakdowns_and_batches_agree_with_a58_a60_and_a66() {
    let in_system = breakdown::in_system_mean_any_time(0.5, 1.0, 0.1, 0.4);
    check(
        "A58",
        PRINTED,
        &[
            ("mean_in_system", in_system, 2.333333333),
            ("mean_sojourn", in_system / 0.5, 4.666666667),
        ],
    );
    let (service, repair) = (Moments::exponential(1.0), Moments::exponential(2.5));
    let (first, second) = breakdown::completion_moments(&service, 0.1, &repair);
    let sojourn = breakdown::sojourn_mean_while_serving(0.5, &service, 0.1, &repair);
    check(
        "A60",
        PRINTED,
        &[
            ("completion_mean", first, 1.25),
            ("completion_m2", second, 4.375),
            ("mean_sojourn", sojourn, 4.166666667),
            ("mean_wait_to_first_start", sojourn - first, 2.916666667),
        ],
    );
    check(
        "A66",
        PRINTED,
        &[
            ("mean_in_system", batch::in_system_mean(0.25, 1.0, 3.0, 9.0), 6.0),
            ("mean_sojourn", batch::sojourn_mean(0.25, 1.0, 3.0, 9.0), 8.0),
        ],
    );
}
