//! Half-open, ramping and forced states.

use super::*;

fn half_open(config: BreakerConfig) -> Bench {
    let mut bench = Bench::new(config);
    bench.force(0, State::Open);
    bench.force(0, State::HalfOpen);
    bench
}

#[test]
fn a_silent_probe_loses_its_place_and_its_late_report_does_nothing() {
    let mut bench = half_open(BreakerConfig { probes: 1, ..small() });
    let silent = bench.admit(0).expect("a probe");
    assert!(bench.admit(9 * SECOND).is_none());
    assert_eq!(bench.breaker.next_wakeup(), Some(Time::from_secs(10.0)));
    let second = bench.admit(10 * SECOND).expect("the place is free again");
    assert_eq!(bench.settle(11 * SECOND, silent, Class::Failure, 11 * SECOND), State::HalfOpen);
    assert_eq!(bench.settle(11 * SECOND, second, Class::Success, SECOND), State::Closed);
}

#[test]
fn a_refused_probe_learns_when_a_place_may_be_free() {
    let mut bench = half_open(BreakerConfig { probes: 1, ..small() });
    let _out = bench.admit(3).expect("a probe");
    let refusal = bench.breaker.admit(Time::from_nanos(4), &mut bench.chance);
    let refusal = refusal.expect_err("the probe is out");
    assert_eq!((refusal.what, refusal.value, refusal.bound), ("probes out", 1, 1));
    assert_eq!(refusal.retry_at, Some(Time::from_nanos(10 * SECOND + 3)));
}

#[test]
fn an_abandoned_probe_gives_its_place_to_another() {
    let mut bench = half_open(BreakerConfig { probes: 1, ..small() });
    for _ in 0..10 {
        assert_eq!(bench.call(5, Class::Ignored), Some(State::HalfOpen));
    }
    assert_eq!(bench.call(5, Class::Success), Some(State::Closed));
}

#[test]
fn our_probes_are_judged_by_the_same_share_as_calls() {
    let mut bench = half_open(BreakerConfig { min_calls: 20, ..small() });
    bench.call(0, Class::Failure);
    bench.call(0, Class::Success);
    assert!(bench.breaker.state() == State::HalfOpen);
    assert_eq!(bench.call(0, Class::Success), Some(State::Closed), "one of three is under half");
    let mut bench = half_open(BreakerConfig { min_calls: 20, ..small() });
    bench.call(0, Class::Success);
    assert_eq!(bench.calls(0, Class::Failure, 2), Some(State::Open));
}

#[test]
fn half_open_for_too_long_ends_as_it_is_told() {
    let config = BreakerConfig { half_open_max: Some(Span::from_nanos(50)), ..small() };
    let mut bench = half_open(config);
    assert_eq!((bench.wake(49), bench.wake(50)), (State::HalfOpen, State::Open));
    let mut bench = half_open(BreakerConfig { half_open_ends: EndsIn::Closed, ..config });
    assert_eq!(bench.wake(70), State::Closed);
    assert_eq!(bench.breaker.since(), Time::from_nanos(50));
}

#[test]
fn a_ramp_admits_a_growing_share_evenly_and_ends_by_itself() {
    let mut bench =
        half_open(BreakerConfig { ramp: Some(Span::from_nanos(1_000)), min_calls: 99, ..small() });
    assert_eq!(bench.calls(0, Class::Success, 3), Some(State::Ramping));
    let mut admitted = |at| (0..100).filter(|_| bench.call(at, Class::Success).is_some()).count();
    assert_eq!([admitted(0), admitted(250), admitted(500), admitted(900)], [11, 32, 55, 91]);
    assert_eq!(bench.breaker.next_wakeup(), Some(Time::from_nanos(1_000)));
    assert_eq!(bench.wake(1_000), State::Closed);
}

#[test]
fn a_ramp_that_goes_badly_opens_again_for_longer() {
    let ramp = Some(Span::from_nanos(1_000));
    let mut bench = Bench::new(BreakerConfig { ramp, ..small() });
    bench.calls(0, Class::Failure, 2);
    bench.calls(5 * SECOND, Class::Success, 3);
    while bench.breaker.state() == State::Ramping {
        bench.call(5 * SECOND + 500, Class::Failure);
    }
    assert_eq!(bench.breaker.open_for(), Span::from_nanos(10 * SECOND));
}

#[test]
fn forced_states_hold_whatever_happens() {
    let mut bench = Bench::new(small());
    bench.force(0, State::Disabled);
    assert_eq!(bench.calls(0, Class::Failure, 50), Some(State::Disabled));
    assert_eq!(bench.breaker.held(), Counts::default());
    bench.force(0, State::MetricsOnly);
    assert_eq!(bench.calls(0, Class::Failure, 50), Some(State::MetricsOnly));
    assert_eq!(bench.breaker.held().failures, 50);
    for shut in [State::ForcedOpen, State::Isolated] {
        bench.force(0, shut);
        assert!(bench.admit(u64::MAX / 2).is_none() && bench.breaker.state() == shut);
    }
    assert!(bench.force(0, State::Closed) && bench.admit(u64::MAX / 2).is_some());
}

#[test]
fn it_can_be_opened_by_hand_for_a_time_of_ones_own() {
    let mut bench = Bench::new(small());
    let three = Span::from_nanos(3);
    assert!(bench.breaker.force_open_for(Time::from_nanos(7), three, &mut bench.chance));
    assert_eq!(bench.breaker.retry_at(), Some(Time::from_nanos(10)));
}

#[test]
fn a_list_of_open_times_is_followed_by_its_tail() {
    const WAITS: &[Span] = &[Span::from_nanos(1), Span::from_nanos(5)];
    let config = BreakerConfig { waits: WAITS, tail: Some(Span::from_nanos(300)), ..small() };
    let mut bench = Bench::new(config);
    let waits = [(); 4].map(|()| {
        bench.force(0, State::Open);
        bench.breaker.open_for().nanos()
    });
    assert_eq!(waits, [1, 5, 300, 300]);
}
