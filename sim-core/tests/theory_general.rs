//! Closed forms of general service and of networks against worked values.
//!
//! The numbers are a validation set's, each found there by two independent methods (numerical
//! chain, integration or inversion) and printed to ten digits; rows carry its case's id.

use brownout_core::theory::jackson::Station;
use brownout_core::theory::transform::{self, Moments};
use brownout_core::theory::{gim1, jackson, md1, mg1, mginf, mva, priority, tandem};

/// The last of ten printed digits.
const PRINTED: f64 = 6e-10;
/// What the set claims for quantiles found by inverting a numeric transform.
const INVERTED: f64 = 1e-6;

/// Rows are (name, found, expected).
#[track_caller]
fn check(case: &str, relative: f64, rows: &[(&str, f64, f64)]) {
    for &(name, found, expected) in rows {
        let error = (found - expected).abs() / expected.abs();
        assert!(error <= relative, "{case} {name}: found {found}, expected {expected}: {error:e}");
    }
}

#[test]
fn md1_agrees_with_a16() {
    let (l, d) = (0.8, 1.0);
    let pmf = md1::in_system_pmf(l, d, 10);
    check(
        "A16",
        PRINTED,
        &[
            ("mean_wait", md1::wait_mean(l, d), 2.0),
            ("mean_sojourn", md1::sojourn_mean(l, d), 3.0),
            ("mean_in_system", md1::in_system_mean(l, d), 2.4),
            ("var_wait", md1::wait_variance(l, d), 5.333333333),
            ("prob_wait", 1.0 - md1::wait_cdf(l, d, 0.0), 0.8),
            ("pmf_in_system_0", pmf[0], 0.2),
            ("pmf_in_system_1", pmf[1], 0.2451081857),
            ("pmf_in_system_2", pmf[2], 0.1894117506),
            ("pmf_in_system_5", pmf[5], 0.05412764957),
            ("pmf_in_system_10", pmf[10], 0.006277967886),
            ("wait_p50", md1::wait_quantile(l, d, 0.5), 1.275939873),
            ("wait_p90", md1::wait_quantile(l, d, 0.9), 5.011511498),
            ("wait_p99", md1::wait_quantile(l, d, 0.99), 10.35588679),
            ("wait_p99.9", md1::wait_quantile(l, d, 0.999), 15.70026819),
            ("sojourn_p99.9", md1::sojourn_quantile(l, d, 0.999), 16.70026819),
        ],
    );
}

#[test]
fn mg1_with_lognormal_service_agrees_with_a18() {
    let (l, log_mean, log_sd) = (0.7, -0.8047189562170501, 1.2686362411795196);
    let moments = Moments::lognormal(log_mean, log_sd);
    check(
        "A18",
        PRINTED,
        &[
            ("mean_wait", mg1::wait_mean(l, &moments), 5.833333333),
            ("mean_sojourn", mg1::sojourn_mean(l, &moments), 6.833333333),
            ("mean_in_system", mg1::in_system_mean(l, &moments), 4.783333333),
            ("var_wait", mg1::wait_variance(l, &moments), 131.25),
        ],
    );
    let service = transform::lognormal(log_mean, log_sd);
    check(
        "A18",
        INVERTED,
        &[
            ("wait_p90", mg1::wait_quantile(l, 1.0, &service, 0.9), 16.44827654),
            ("wait_p99", mg1::wait_quantile(l, 1.0, &service, 0.99), 51.32066537),
        ],
    );
}

#[test]
fn mg1_with_hyperexponential_service_agrees_with_a20() {
    let (l, branches) = (0.8, [(0.9, 0.5), (0.1, 5.5)]);
    let moments = Moments::hyperexponential(&branches);
    check(
        "A20",
        PRINTED,
        &[
            ("mean_wait", mg1::wait_mean(l, &moments), 13.0),
            ("mean_sojourn", mg1::sojourn_mean(l, &moments), 14.0),
            ("mean_in_system", mg1::in_system_mean(l, &moments), 11.2),
            ("var_wait", mg1::wait_variance(l, &moments), 303.0),
        ],
    );
    let service = transform::hyperexponential(&branches);
    let wait = |p| mg1::wait_quantile(l, 1.0, &service, p);
    let sojourn = |p| mg1::sojourn_quantile(l, 1.0, &service, p);
    check(
        "A20",
        1e-8,
        &[
            ("wait_p90", wait(0.9), 35.7312229),
            ("wait_p99", wait(0.99), 77.74517565),
            ("wait_p99.9", wait(0.999), 119.7591284),
            ("sojourn_p50", sojourn(0.5), 7.574155967),
            ("sojourn_p90", sojourn(0.9), 36.94026651),
            ("sojourn_p99", sojourn(0.99), 78.95421926),
            ("sojourn_p99.9", sojourn(0.999), 120.968172),
        ],
    );
}

#[test]
fn mg1_with_bounded_pareto_service_agrees_with_a22() {
    let moments = Moments::bounded_pareto(1.5, 1.0, 1000.0);
    let l = 0.7 / moments.first;
    check(
        "A22",
        PRINTED,
        &[
            ("service_mean", moments.first, 2.905223541),
            ("service_m2", moments.second, 91.87123503),
            ("service_m3", moments.third, 31622.7766),
            ("lam", l, 0.2409453145),
            ("mean_wait", mg1::wait_mean(l, &moments), 36.89323937),
            ("mean_sojourn", mg1::sojourn_mean(l, &moments), 39.79846291),
            ("var_wait", mg1::wait_variance(l, &moments), 9827.066505),
        ],
    );
    let service = transform::bounded_pareto(1.5, 1.0, 1000.0);
    check(
        "A22",
        INVERTED,
        &[
            ("wait_p90", mg1::wait_quantile(l, moments.first, &service, 0.9), 96.96945836),
            ("wait_p99", mg1::wait_quantile(l, moments.first, &service, 0.99), 532.8928118),
        ],
    );
}

#[test]
fn gim1_agrees_with_a25_and_a27() {
    let s = gim1::sigma(gim1::deterministic(1.25), 1.0);
    check(
        "A25",
        PRINTED,
        &[
            ("sigma", s, 0.6286297965),
            ("prob_empty_time_avg", gim1::in_system_pmf(s, 0.8, 0), 0.2),
            ("pmf_seen_by_arrival_1", gim1::seen_by_arrival_pmf(s, 1), 0.2334543755),
            ("pmf_seen_by_arrival_5", gim1::seen_by_arrival_pmf(s, 5), 0.03645707883),
            ("mean_wait", gim1::wait_mean(s, 1.0), 1.69273084),
            ("mean_sojourn", gim1::sojourn_mean(s, 1.0), 2.69273084),
            ("mean_in_system", 0.8 * gim1::sojourn_mean(s, 1.0), 2.154184672),
            ("var_sojourn", gim1::sojourn_variance(s, 1.0), 7.250799376),
            ("sojourn_p50", gim1::sojourn_quantile(s, 1.0, 0.5), 1.86645879),
            ("sojourn_p99.9", gim1::sojourn_quantile(s, 1.0, 0.999), 18.60072567),
            ("wait_p99", gim1::wait_quantile(s, 1.0, 0.99), 11.15048378),
        ],
    );
    let s = gim1::sigma(gim1::erlang(2, 1.0 / 0.9), 1.0);
    check(
        "A27",
        PRINTED,
        &[
            ("sigma", s, 0.8682178937),
            ("pmf_seen_by_arrival_0", gim1::seen_by_arrival_pmf(s, 0), 0.1317821063),
            ("mean_wait", gim1::wait_mean(s, 1.0), 6.588283629),
            ("mean_sojourn", gim1::sojourn_mean(s, 1.0), 7.588283629),
            ("mean_in_system", 0.9 * gim1::sojourn_mean(s, 1.0), 6.829455266),
            ("var_sojourn", gim1::sojourn_variance(s, 1.0), 57.58204843),
            ("sojourn_p99", gim1::sojourn_quantile(s, 1.0, 0.99), 34.94533753),
            ("wait_p99.9", gim1::wait_quantile(s, 1.0, 0.999), 51.34568646),
        ],
    );
}

#[test]
fn mginf_agrees_with_a35() {
    check(
        "A35",
        PRINTED,
        &[
            ("mean_in_system", mginf::in_system_mean(20.0, 0.5), 10.0),
            ("mean_t0_25", mginf::in_system_mean_at_deterministic(20.0, 0.5, 0.25), 5.0),
            ("mean_t1", mginf::in_system_mean_at_deterministic(20.0, 0.5, 1.0), 10.0),
            ("pmf_in_system_5", mginf::in_system_pmf(20.0, 0.5, 5), 0.0378332748),
            ("pmf_in_system_10", mginf::in_system_pmf(20.0, 0.5, 10), 0.1251100357),
            ("pmf_in_system_20", mginf::in_system_pmf(20.0, 0.5, 20), 0.001866081314),
        ],
    );
}

#[test]
fn priorities_agree_with_a37_and_a39() {
    let service = Moments::exponential(1.0);
    let classes =
        [priority::Class { lambda: 0.3, service }, priority::Class { lambda: 0.5, service }];
    let waits = priority::wait_means_nonpreemptive(&classes);
    check(
        "A37",
        PRINTED,
        &[
            ("mean_wait_class1", waits[0], 1.142857143),
            ("mean_wait_class2", waits[1], 5.714285714),
            ("conservation", 0.3 * waits[0] + 0.5 * waits[1], 3.2),
        ],
    );
    let sojourns = priority::sojourn_means_preemptive(&classes);
    check(
        "A39",
        PRINTED,
        &[
            ("mean_sojourn_class1", sojourns[0], 1.428571429),
            ("mean_sojourn_class2", sojourns[1], 7.142857143),
        ],
    );
}

#[test]
fn tandem_agrees_with_a50() {
    let rates = tandem::sojourn_rates(0.7, &[1.0, 1.5]);
    check(
        "A50",
        PRINTED,
        &[
            ("mean_sojourn", tandem::mean(&rates), 4.583333333),
            ("mean_sojourn_station1", tandem::mean(&rates[..1]), 3.333333333),
            ("var_sojourn", tandem::variance(&rates), 12.67361111),
            ("sojourn_p50", tandem::quantile(&rates, 0.5), 3.671601839),
            ("sojourn_p90", tandem::quantile(&rates, 0.9), 9.2295589),
            ("sojourn_p99", tandem::quantile(&rates, 0.99), 16.91698093),
            ("sojourn_p99.9", tandem::quantile(&rates, 0.999), 24.59252398),
        ],
    );
}

#[test]
fn jackson_agrees_with_a52() {
    let routing = [vec![0.0, 0.6, 0.2], vec![0.1, 0.0, 0.5], vec![0.25, 0.0, 0.0]];
    let stations = [
        Station { mu: 2.5, servers: 1 },
        Station { mu: 2.2, servers: 1 },
        Station { mu: 1.3, servers: 2 },
    ];
    let network = jackson::solve(&[1.0, 0.3, 0.0], &routing, &stations);
    check(
        "A52",
        PRINTED,
        &[
            ("throughput_station1", network.throughput[0], 1.309815951),
            ("throughput_station2", network.throughput[1], 1.085889571),
            ("throughput_station3", network.throughput[2], 0.8049079755),
            ("mean_in_system_station1", network.in_system_mean[0], 1.100515464),
            ("mean_in_system_station2", network.in_system_mean[1], 0.9746696035),
            ("mean_in_system_station3", network.in_system_mean[2], 0.6847901079),
            ("mean_in_network", network.in_network_mean, 2.759975175),
            ("mean_sojourn_network", network.sojourn_mean, 2.123057827),
        ],
    );
}

#[test]
fn closed_networks_agree_with_a53_a55_and_a57() {
    let network = mva::solve(10, 2.0, &[0.2, 0.3, 0.15]);
    check(
        "A53",
        PRINTED,
        &[
            ("throughput", network.throughput, 2.790005181),
            ("mean_response", network.response_mean, 1.584222735),
            ("mean_in_system_station1", network.in_system_mean[0], 1.095661394),
            ("mean_in_system_station2", network.in_system_mean[1], 2.652091366),
            ("mean_in_system_station3", network.in_system_mean[2], 0.6722368788),
            ("utilization_station2", network.utilisation[1], 0.8370015542),
            ("utilization_station3", network.utilisation[2], 0.4185007771),
        ],
    );
    let closed = mva::finite_source(10, 1, 9.0, 1.0);
    check(
        "A55",
        PRINTED,
        &[
            ("throughput", closed.throughput, 0.8320367737),
            ("mean_response", closed.response_mean, 3.018699553),
            ("mean_in_system", closed.in_system_mean, 2.511669037),
            ("utilization", closed.utilisation, 0.8320367737),
            ("response_p50", closed.response_quantile(0.5), 2.450274818),
            ("response_p99", closed.response_quantile(0.99), 10.72040966),
        ],
    );
    let closed = mva::finite_source(10, 1, 1.145, 0.1);
    check(
        "A57",
        PRINTED,
        &[
            ("throughput", closed.throughput, 7.209996763),
            ("mean_response", closed.response_mean, 0.2419631748),
            ("response_p50", closed.response_quantile(0.5), 0.1850527139),
            ("response_p99", closed.response_quantile(0.99), 0.9449467132),
        ],
    );
}
