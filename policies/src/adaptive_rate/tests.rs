//! What smithy-rs asserts of its `ClientRateLimiter`, and what is ours.

use super::*;

fn at(secs: f64) -> Time {
    Time::from_secs(secs)
}

fn rate(config: AdaptiveRateConfig, memory: Memory) -> AdaptiveRate {
    AdaptiveRate::with_memory(config, memory).expect("it is sound")
}

fn booked() -> AdaptiveRateConfig {
    AdaptiveRateConfig { waiting: Waiting::Booked, ..AdaptiveRateConfig::ours() }
}

/// One with ten tokens a second and none at hand.
fn empty(config: AdaptiveRateConfig) -> AdaptiveRate {
    let memory = Memory { enabled: true, rate: 10.0, capacity: 10.0, ..Memory::EMPTY };
    rate(config, memory)
}

#[test]
fn nothing_is_limited_before_the_first_throttling() {
    let mut rate = AdaptiveRate::new(AdaptiveRateConfig::aws()).expect("it is sound");
    for _ in 0..1_000 {
        assert_eq!(rate.admit(Time::ZERO, Attempt::RetryTransient).at, Time::ZERO);
    }
}

/// `should_match_beta_decrease`.
#[test]
fn seven_tenths_are_left_when_throttled_and_the_cubic_starts_there() {
    let memory = Memory { last_max: 10.0, throttled_s: 1.0, ..Memory::EMPTY };
    let rate = rate(AdaptiveRateConfig::aws(), memory);
    assert!((rate.slowed(10.0) - 7.0).abs() < 1e-12);
    assert!((rate.cubic(at(1.0)) - 7.0).abs() < 1e-9);
}

#[test]
fn the_cubic_is_flat_at_the_last_maximum_and_steep_on_both_sides() {
    let memory = Memory { last_max: 10.0, ..Memory::EMPTY };
    let rate = rate(AdaptiveRateConfig::aws(), memory);
    let plateau = math::pow(10.0 * 0.3 / 0.4, 1.0 / 3.0);
    let slope = |secs: f64| rate.cubic(at(secs + 0.1)) - rate.cubic(at(secs));
    assert!((rate.cubic(at(plateau)) - 10.0).abs() < 1e-9);
    assert!(slope(plateau) < 0.001 && slope(0.0) > 0.1 && slope(4.0) > 0.1);
}

/// Who waits takes nothing in the SDKs, so all who come together wait for the same moment.
#[test]
fn in_the_sdks_all_wait_alike_and_who_books_has_a_moment_of_his_own() {
    let waits = |config| {
        let mut rate = empty(config);
        [(); 3].map(|()| rate.admit(Time::ZERO, Attempt::First).at.nanos() / 1_000_000)
    };
    assert_eq!(waits(AdaptiveRateConfig::aws()), [100, 100, 100]);
    assert_eq!(waits(booked()), [100, 200, 300]);
}

/// botocore's waiters ask again when they wake up: one goes, and the others wait for the next.
#[test]
fn who_asks_again_is_let_through_one_at_a_time_and_who_does_not_all_together() {
    let gone = |config| {
        let mut rate = empty(config);
        let slots = [(); 3].map(|()| rate.admit(Time::ZERO, Attempt::First));
        slots.map(|slot| rate.waited(at(0.1), slot.permit).at.nanos() / 1_000_000)
    };
    assert_eq!(gone(AdaptiveRateConfig::botocore()), [100, 200, 200]);
    assert_eq!(gone(AdaptiveRateConfig::aws()), [100, 100, 100]);
}

#[test]
fn who_leaves_gives_back_what_he_has_booked_and_no_more() {
    let left = |config| {
        let mut rate = empty(config);
        let slots = [(); 3].map(|()| rate.admit(Time::ZERO, Attempt::First));
        let [first, _, _] = slots;
        rate.cancel(Time::ZERO, first);
        rate.admit(Time::ZERO, Attempt::First).at
    };
    assert_eq!(left(booked()), at(0.3), "two are before him");
    assert_eq!(left(AdaptiveRateConfig::aws()), at(0.1), "who took nothing gives nothing back");
    let mut rate = empty(booked());
    let slot = rate.admit(Time::ZERO, Attempt::First);
    rate.cancel(at(60.0), slot);
    assert!((rate.memory().tokens - 10.0).abs() < 1e-12, "never more than it holds");
}

/// A wait that is shorter than a nanosecond would come back at the moment it began.
#[test]
fn who_asks_again_asks_at_a_later_moment() {
    let memory = Memory {
        tokens: 1.0 - 1e-13,
        filled_s: Some(0.0),
        ..*empty(AdaptiveRateConfig::botocore()).memory()
    };
    let mut rate = rate(AdaptiveRateConfig::botocore(), memory);
    let slot = rate.admit(Time::ZERO, Attempt::First);
    assert_eq!(slot.at, Time::from_nanos(1));
    assert_eq!(rate.waited(slot.at, slot.permit).at, Time::from_nanos(1));
}

#[test]
fn who_would_ask_for_ever_is_refused() {
    let config = AdaptiveRateConfig { waiting: Waiting::AsksAgain, ..AdaptiveRateConfig::aws() };
    let fields: Vec<&str> = config.problems().iter().map(|problem| problem.field).collect();
    assert_eq!(fields, ["cost_retry", "cost_transient"]);
    assert_eq!(AdaptiveRateConfig::botocore().problems(), []);
}

#[test]
fn retries_cost_five_and_ten_times_as_much() {
    let mut rate = empty(AdaptiveRateConfig::aws());
    let mut wait = |attempt| rate.admit(Time::ZERO, attempt).at;
    assert_eq!(wait(Attempt::First), at(0.1));
    assert_eq!(wait(Attempt::Retry), at(0.5));
    assert_eq!(wait(Attempt::RetryTransient), at(1.0));
}

#[test]
fn the_rate_is_never_below_its_least_nor_above_twice_what_was_measured() {
    let mut rate = AdaptiveRate::new(AdaptiveRateConfig::aws()).expect("it is sound");
    for step in 1..200 {
        rate.learn(at(f64::from(step) * 0.1), step % 7 == 0);
        let memory = rate.memory();
        let most = (2.0 * memory.measured).max(0.5);
        assert!((0.5..=most).contains(&memory.rate), "{memory:?}");
        assert!(memory.tokens <= memory.capacity);
    }
}

/// `test_when_throttling_is_enabled_requests_can_still_be_sent`.
#[test]
fn a_first_attempt_never_costs_more_than_the_bucket_holds() {
    let mut rate = AdaptiveRate::new(AdaptiveRateConfig::aws()).expect("it is sound");
    rate.learn(Time::ZERO, true);
    let mut now = Time::ZERO;
    for step in 0..100u64 {
        now = now.saturating_add(Span::from_millis(step * 37 % 1_000));
        let slot = rate.admit(now, Attempt::First);
        assert!(slot.at.since(now) <= Span::from_millis(2_000));
        now = slot.at;
        rate.settle(now, slot.permit, Class::Success, false);
        assert!(rate.memory().enabled);
    }
}

#[test]
fn what_was_abandoned_teaches_nothing() {
    let mut rate = AdaptiveRate::new(AdaptiveRateConfig::ours()).expect("it is sound");
    let slot = rate.admit(Time::ZERO, Attempt::First);
    let before = *rate.memory();
    rate.settle(at(9.0), slot.permit, Class::Ignored, true);
    assert_eq!(*rate.memory(), before);
}

#[test]
fn time_that_goes_back_does_not_pass() {
    let mut straight = empty(AdaptiveRateConfig::ours());
    let mut back = straight.clone();
    straight.learn(at(5.0), false);
    back.learn(at(5.0), false);
    straight.learn(at(5.0), true);
    back.learn(at(1.0), true);
    assert_eq!(straight.memory(), back.memory());
    back.learn(Time::MAX, false);
    assert!(back.memory().rate.is_finite() && back.memory().tokens.is_finite());
}

#[test]
fn everything_wrong_is_said_at_once() {
    let config = AdaptiveRateConfig {
        cost: 0,
        beta: crate::settings::Share::ALL,
        scale: f64::NAN,
        measured_over: Span::ZERO,
        ..AdaptiveRateConfig::ours()
    };
    assert_eq!(config.problems().len(), 4);
    assert!(AdaptiveRate::new(config).is_err());
}
