//! Where the systems differ.

use super::*;
use crate::settings::Share;

#[test]
fn a_success_may_open_resilience4j_and_not_polly() {
    let both = |config: BreakerConfig| {
        let mut bench = Bench::new(BreakerConfig { min_calls: 4, ..config });
        bench.calls(0, Class::Failure, 3);
        bench.call(0, Class::Success)
    };
    assert_eq!(both(BreakerConfig::resilience4j()), Some(State::Open));
    assert_eq!(both(BreakerConfig::polly()), Some(State::Closed));
}

#[test]
fn the_end_of_the_open_time_is_open_in_some_and_shut_in_others() {
    let at_the_end = |config: BreakerConfig| {
        let mut bench = Bench::new(config);
        bench.force(0, State::Open);
        let end = bench.breaker.open_for().nanos();
        (bench.admit(end).is_some(), bench.admit(end + 1).is_some())
    };
    for config in [BreakerConfig::resilience4j(), BreakerConfig::gobreaker()] {
        assert_eq!(at_the_end(config), (false, true));
    }
    assert_eq!(at_the_end(BreakerConfig::hystrix()), (false, true));
    // One probe each: the second is refused because the first is out.
    for config in [BreakerConfig::polly(), BreakerConfig::failsafe_go(), BreakerConfig::linkerd()] {
        assert_eq!(at_the_end(config), (true, false));
    }
}

#[test]
fn a_late_success_closes_polly_counts_in_resilience4j_and_is_dropped_by_gobreaker() {
    let late = |config: BreakerConfig| {
        let mut bench = Bench::new(config);
        let old = bench.admit(0).expect("it is closed");
        bench.force(0, State::Open);
        bench.force(0, State::HalfOpen);
        let state = bench.settle(1, old, Class::Success, 1);
        (state, bench.breaker.held().successes)
    };
    assert_eq!(late(BreakerConfig::polly()), (State::Closed, 0));
    assert_eq!(late(BreakerConfig::resilience4j()), (State::HalfOpen, 1));
    assert_eq!(late(BreakerConfig::gobreaker()), (State::HalfOpen, 0));
    assert_eq!(late(BreakerConfig::ours()), (State::HalfOpen, 0));
}

/// In resilience4j 4.000 s at a threshold of 4 s is not slow.
#[test]
fn a_call_is_slow_when_it_takes_longer_than_the_threshold() {
    let config = BreakerConfig {
        slow_after: Some(Span::from_nanos(4 * SECOND)),
        ..BreakerConfig::resilience4j()
    };
    let mut bench = Bench::new(config);
    for took in [4 * SECOND, 4 * SECOND + 1] {
        let permit = bench.admit(0).expect("it is closed");
        bench.settle(0, permit, Class::Failure, took);
    }
    let counts = bench.breaker.held();
    assert_eq!((counts.slow, counts.slow_failures, counts.failures), (1, 1, 2));
}

#[test]
fn resilience4j_refuses_three_changes_by_hand() {
    let mut bench = Bench::new(BreakerConfig::resilience4j());
    assert!(!bench.force(0, State::HalfOpen));
    assert!(bench.force(0, State::MetricsOnly));
    assert!(!bench.force(0, State::HalfOpen) && !bench.force(0, State::Open));
    assert!(bench.force(0, State::ForcedOpen) && bench.force(0, State::HalfOpen));
}

#[test]
fn resilience4j_waits_whole_milliseconds() {
    let config = BreakerConfig {
        open: Span::from_millis(11_250),
        open_factor: 1.5,
        ..BreakerConfig::resilience4j()
    };
    let mut bench = Bench::new(config);
    let mut waits = Vec::new();
    for _ in 0..4 {
        bench.force(0, State::Open);
        waits.push(bench.breaker.open_for().nanos() / 1_000_000);
    }
    assert_eq!(waits, [11_250, 16_875, 25_312, 37_968]);
}

#[test]
fn failsafe_go_rounds_a_share_that_others_compare_exactly() {
    let config = BreakerConfig {
        window: Window::Grid,
        min_calls: 10_000,
        failures: None,
        failure_share: Share::percent(50),
        closing: Closing::Share,
        ..BreakerConfig::failsafe_go()
    };
    let state = |rounding| {
        let mut bench = Bench::new(BreakerConfig { rounding, ..config });
        bench.calls(0, Class::Success, 5_049);
        bench.calls(0, Class::Failure, 4_951)
    };
    assert_eq!(state(Rounding::Nearest), Some(State::Open));
    assert_eq!(state(Rounding::Exact), Some(State::Closed));
}

#[test]
fn every_outcome_returns_a_permit_in_failsafe_go() {
    let config = BreakerConfig {
        probes: 3,
        close_after: 2,
        reopen_after: 2,
        ..BreakerConfig::failsafe_go()
    };
    let mut bench = Bench::new(config);
    bench.force(0, State::Open);
    bench.force(0, State::HalfOpen);
    assert_eq!(bench.breaker.probes_left(), 3);
    bench.call(0, Class::Failure);
    assert_eq!((bench.breaker.probes_left(), bench.breaker.state()), (3, State::HalfOpen));
    assert_eq!(bench.stray(0, Class::Success), State::HalfOpen);
    assert_eq!(bench.breaker.probes_left(), 4, "by its nature");
}

#[test]
fn sentinel_wants_a_ratio_exceeded_unless_it_is_everything() {
    let state = |share, failures, successes| {
        let failure_share = Share::percent(share);
        let mut bench = Bench::new(BreakerConfig { failure_share, ..BreakerConfig::sentinel() });
        bench.calls(0, Class::Success, successes);
        bench.calls(0, Class::Failure, failures)
    };
    assert_eq!(state(50, 5, 5), Some(State::Closed));
    assert_eq!(state(50, 6, 5), Some(State::Open));
    assert_eq!(state(100, 5, 0), Some(State::Open));
}

#[test]
fn hystrix_sees_a_failure_when_its_bucket_is_over_and_the_timer_rings() {
    let mut bench = Bench::new(BreakerConfig::hystrix());
    assert_eq!(bench.calls(100_000_000, Class::Failure, 20), Some(State::Closed));
    assert_eq!(bench.wake(SECOND - 1), State::Closed);
    assert_eq!(bench.breaker.next_wakeup(), Some(Time::from_nanos(SECOND)));
    assert_eq!(bench.wake(SECOND), State::Open);
}

#[test]
fn a_cancelled_probe_has_failed_in_hystrix_and_counts_as_success_in_polly() {
    let probe = |config: BreakerConfig| {
        let mut bench = Bench::new(config);
        bench.force(0, State::Open);
        bench.call(100 * SECOND, Class::Ignored)
    };
    assert_eq!(probe(BreakerConfig::hystrix()), Some(State::Open));
    assert_eq!(probe(BreakerConfig::polly()), Some(State::Closed));
    assert_eq!(probe(BreakerConfig::gobreaker()), Some(State::HalfOpen));
}

#[test]
fn excluded_calls_use_none_of_gobreakers_requests() {
    let config = BreakerConfig { probes: 2, close_after: 2, ..BreakerConfig::gobreaker() };
    let mut bench = Bench::new(config);
    bench.force(0, State::Open);
    bench.calls(61 * SECOND, Class::Ignored, 5);
    let counts = bench.breaker.held();
    assert_eq!((counts.requests, counts.excluded), (5, 5));
    assert_eq!(bench.calls(61 * SECOND, Class::Success, 2), Some(State::Closed));
}

/// A request counts where it began: gobreaker's outcome of a bucket that is gone is not counted.
#[test]
fn gobreaker_counts_an_outcome_in_the_bucket_of_its_request() {
    let config = BreakerConfig {
        span: Some(Span::from_nanos(30)),
        buckets: 3,
        ..BreakerConfig::gobreaker()
    };
    let mut bench = Bench::new(config);
    let (one, other) = (bench.admit(5), bench.admit(5));
    bench.settle(25, one.expect("it is closed"), Class::Failure, 20);
    assert_eq!(bench.breaker.counts(Time::from_nanos(29)).failures, 1);
    assert_eq!(bench.breaker.counts(Time::from_nanos(30)).failures, 0);
    bench.settle(31, other.expect("it is closed"), Class::Failure, 26);
    assert_eq!(bench.breaker.held().failures, 0);
}

#[test]
fn pollys_window_of_under_200_ms_is_a_single_one() {
    let config = BreakerConfig { span: Some(Span::from_millis(199)), ..BreakerConfig::polly() };
    let mut bench = Bench::new(config);
    bench.call(100_000_000, Class::Failure);
    assert_eq!(bench.breaker.counts(Time::from_secs(0.198)).failures, 1);
    assert_eq!(bench.breaker.counts(Time::from_secs(0.199)).failures, 0);
}

#[test]
fn linkerds_jitter_never_passes_the_longest_open_time() {
    let mut bench = Bench::new(BreakerConfig::linkerd());
    let mut last = Span::ZERO;
    for nth in 0..200 {
        bench.force(0, State::Open);
        last = bench.breaker.open_for();
        let base = Span::from_millis(1_000 << nth.min(6)).min(Span::from_millis(60_000));
        assert!(last >= base && last <= base.scale(1.5).min(Span::from_millis(60_000)));
    }
    assert_eq!(last, Span::from_millis(60_000));
}

#[test]
fn finagle_opens_for_either_of_its_reasons() {
    let mut bench = Bench::new(BreakerConfig::finagle());
    assert_eq!(bench.calls(0, Class::Failure, 4), Some(State::Closed));
    assert_eq!(bench.call(0, Class::Failure), Some(State::Open));
    let mut bench = Bench::new(BreakerConfig::finagle());
    let mut states = (0..40).map(|second| {
        let class = if second % 2 == 0 { Class::Success } else { Class::Failure };
        bench.call(second * SECOND, class)
    });
    assert_eq!(states.position(|state| state == Some(State::Open)), Some(31));
}

/// "The probe request failed, but the policy tells us that we should not mark dead."
#[test]
fn finagle_probes_again_when_a_bad_probe_is_not_enough() {
    let mut bench = Bench::new(BreakerConfig::finagle());
    bench.calls(0, Class::Failure, 5);
    bench.stray(1, Class::Success);
    let at = bench.breaker.retry_at().expect("it is open").nanos();
    assert_eq!(bench.call(at, Class::Failure), Some(State::HalfOpen));
    assert_eq!(bench.call(at, Class::Success), Some(State::Closed));
    assert_eq!(bench.breaker.held().successes, 1, "the success that revived it counts");
}

/// Hystrix truncates a float: (int) (29.0 / 100 * 100) is 28.
#[test]
fn hystrix_makes_28_percent_of_29_in_100() {
    let config = BreakerConfig {
        failure_share: Share::percent(29),
        judged_on: JudgedOn::Every,
        min_calls: 100,
        window: Window::Grid,
        ..BreakerConfig::hystrix()
    };
    let state = |rounding| {
        let mut bench = Bench::new(BreakerConfig { rounding, ..config });
        bench.calls(0, Class::Success, 71);
        bench.calls(0, Class::Failure, 29)
    };
    assert_eq!(state(Rounding::Down), Some(State::Closed));
    assert_eq!(state(Rounding::Exact), Some(State::Open));
}
