//! Closed forms of hedges, fan-outs, lots, limits, breakers, stalls and storms: worked values, and
//! the same things computed another way.

use brownout_core::math;
use brownout_core::theory::{bins, breaker, fan_out, hedge, limiter, omission, storm};

#[track_caller]
fn near(found: f64, expected: f64, allowed: f64) {
    assert!((found - expected).abs() <= allowed, "found {found}, expected {expected}");
}

/// Dean & Barroso 2013 print 63 % for a hundred leaves at 1 %.
#[test]
fn a_fan_out_makes_rare_slowness_common() {
    near(fan_out::prob_any(0.01, 3), 0.029_701, 1e-12);
    near(fan_out::prob_any(0.01, 100), 0.633_967_658_726_770_6, 1e-12);
    near(fan_out::prob_any(0.01, 100), 1.0 - fan_out::prob_all(0.99, 100), 1e-12);
    assert_eq!((fan_out::prob_any(0.0, 9), fan_out::prob_any(1.0, 9)), (0.0, 1.0));
    near(fan_out::prob_any(1.0 - fan_out::leaf_level(0.99, 100), 100), 0.01, 1e-12);
}

/// E[max] by adding up its tail in small steps.
#[test]
fn the_mean_of_the_slowest_is_a_harmonic_sum() {
    for n in [1, 2, 10, 100] {
        let step = 1e-3;
        let late = |i: u32| {
            let tail = math::exp(-(f64::from(i) + 0.5) * step);
            fan_out::prob_any(tail, n)
        };
        let sum: f64 = (0..40_000).map(late).sum::<f64>() * step;
        near(fan_out::max_mean_exponential(1.0, n), sum, 1e-6);
    }
}

/// One replica of ten slow for good, the rest over the delay once in twenty: 14.5 %.
#[test]
fn hedges_cost_the_share_that_outlasts_the_delay() {
    let tail = |t: f64| if t < 1.0 { 0.1 + 0.9 * 0.05 } else { 0.0 };
    near(hedge::extra(tail, 0.5), 0.145, 1e-15);
    near(hedge::utilisation_limit(0.25), 0.8, 1e-15);
}

#[test]
fn a_hedged_latency_is_the_lesser_of_two() {
    let tail = |t: f64| math::exp(-t.max(0.0));
    // With no delay two exponentials race: half the mean, and twice the rate of the tail.
    near(hedge::latency_tail(tail, 0.0, 1.5), math::exp(-3.0), 1e-15);
    near(hedge::latency_mean_exponential(1.0, 0.0), 0.5, 1e-15);
    for delay in [0.0, 0.3, 1.0, 4.0] {
        let step = 1e-3;
        let at = |i: u32| hedge::latency_tail(tail, delay, (f64::from(i) + 0.5) * step);
        let sum: f64 = (0..40_000).map(at).sum::<f64>() * step;
        near(hedge::latency_mean_exponential(1.0, delay), sum, 1e-3);
        let p99 = hedge::latency_quantile(tail, delay, 0.99, 1.0);
        near(hedge::latency_tail(tail, delay, p99), 0.01, 1e-12);
    }
}

#[test]
fn balls_in_bins_agree_with_b20() {
    near(bins::max_mean(20, 10), 4.409_855_528_042_912, 1e-11);
    near(bins::max_mean(8, 8), 2.597_232_818_603_515_6, 1e-12);
    assert_eq!((bins::max_mean(7, 1), bins::max_mean(1, 9)), (7.0, 1.0));
    // Two balls share a bin once in m times.
    near(bins::max_mean(2, 5), 1.2, 1e-12);
    // Every way to throw four balls into three bins, one by one.
    let mut sum = 0.0;
    for throw in 0..81_u32 {
        let mut counts = [0_u32; 3];
        (0..4).for_each(|ball| counts[(throw / 3_u32.pow(ball) % 3) as usize] += 1);
        sum += f64::from(*counts.iter().max().expect("three bins"));
    }
    near(bins::max_mean(4, 3), sum / 81.0, 1e-12);
}

#[test]
fn a_binomial_law_adds_up() {
    for (n, p) in [(1, 0.5), (20, 0.1), (100, 0.03), (1_000, 0.9)] {
        let sum: f64 = (0..=n).map(|k| bins::pmf(n, p, k)).sum();
        near(sum, 1.0, 1e-10);
        let mean: f64 = (0..n).map(|k| bins::tail(n, p, k)).sum();
        near(mean, f64::from(n) * p, 1e-9 * f64::from(n));
    }
    assert_eq!((bins::pmf(5, 0.0, 0), bins::pmf(5, 1.0, 5), bins::pmf(5, 0.5, 6)), (1.0, 1.0, 0.0));
    near(bins::tail(10, 0.5, 9), 1.0 / 1024.0, 1e-15);
}

#[test]
fn limiters_promise_their_arithmetic() {
    assert_eq!(limiter::bucket_admitted_max(100.0, 100.0, 10.0), 1_100.0);
    assert_eq!(limiter::bucket_fill_time(100.0, 50.0), 2.0);
    assert_eq!(limiter::fixed_window_admitted_max(100.0), 200.0);
    assert_eq!(
        (limiter::retry_after(3.0, 1.0, 4.0), limiter::retry_after(1.0, 2.0, 4.0)),
        (0.5, 0.0)
    );
    assert_eq!(
        (limiter::admitted_share(400.0, 100.0), limiter::admitted_share(4.0, 100.0)),
        (0.25, 1.0)
    );
}

/// System S12: 400/s held for 5 s are 2 000 threads; under a timeout of 1 s at most 400.
#[test]
fn a_timeout_and_a_breaker_free_what_little_s_law_says() {
    assert_eq!(breaker::in_flight(400.0, 5.0), 2_000.0);
    let held = breaker::held_mean_exponential(5.0, 1.0);
    near(held, 5.0 * (1.0 - math::exp(-0.2)), 1e-12);
    let cycle = breaker::open_cycle(10.0, 1.0, 8.9);
    assert_eq!((cycle.period_mean, cycle.attempt_rate, cycle.in_flight_mean), (10.0, 0.1, 0.1));
    // Runs of two heads with a fair coin: six throws.
    assert_eq!((breaker::calls_to_trip(0.5, 2), breaker::calls_to_trip(1.0, 5)), (6.0, 5.0));
}

/// By hand: a stall of 10 s in 100 s, service 10 ms.
#[test]
fn a_closed_loop_meets_a_stall_once() {
    near(omission::open_mean(0.01, 10.0, 100.0), 0.51, 1e-12);
    near(omission::open_quantile(0.01, 10.0, 100.0, 0.99), 9.01, 1e-12);
    assert_eq!(omission::open_quantile(0.01, 0.5, 100.0, 0.99), 0.01);
    near(omission::closed_requests(0.01, 10.0, 100.0), 9_000.5, 1e-9);
    near(omission::closed_mean(0.01, 10.0, 100.0), 100.0 / 9_000.5, 1e-12);
}

/// The running example of HotOS 2021: 10/s, a timeout of 5 s, five retries.
#[test]
fn a_storm_has_two_stable_points_and_one_between() {
    near(storm::load_safe(10.0, 5), 10.0 / 6.0, 1e-12);
    assert_eq!(storm::drift(5.0, 10.0, 5), 20.0);
    // Six attempts by 25 s, then all of them each second.
    assert_eq!(storm::backlog(5.0, 10.0, 5.0, 5, 150.0, 25.0), 150.0 + 5.0 * 75.0 - 250.0);
    let points = storm::fixed_points(5.0, 10.0, 5.0, 5);
    near(points.low.expect("healthy"), 1.0, 1e-9);
    assert_eq!(points.high, Some(6.0));
    let middle = points.middle.expect("between");
    assert!((1.9..2.0).contains(&middle), "{middle}");
    // Little load: any storm dies; so there is one point, and no backlog is critical.
    let calm = storm::fixed_points(1.0, 10.0, 5.0, 5);
    assert_eq!((calm.high, calm.middle), (None, None));
    assert_eq!(storm::backlog_critical(1.0, 10.0, 5.0, 5), f64::INFINITY);
    near(storm::backlog_critical(5.0, 10.0, 5.0, 5), 5.0 * (10.0 + 5.0), 1e-12);
    // Too much load: there is no healthy point.
    let lost = storm::fixed_points(11.0, 10.0, 5.0, 5);
    assert_eq!((lost.low, lost.high), (None, Some(6.0)));
}
