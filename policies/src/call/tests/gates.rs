//! Gates: who goes through, who waits, and that no permit is lost.

use super::*;
use crate::adaptive_rate::{AdaptiveRateConfig, Waiting};
use crate::breaker::BreakerConfig;
use crate::budget::Scope;
use crate::bulkhead::BulkheadConfig;
use crate::fallback::Fallback;
use crate::limiter::LimiterConfig;
use crate::outcome::{Done, ErrorKind};
use crate::stack::{GateRule, GateUse};

fn gate(rule: GateRule) -> Layer {
    Layer::Gate(GateUse { rule, scope: Scope::Caller })
}

fn bulkhead(places: u32, wait_ms: u64) -> Layer {
    let config = BulkheadConfig { places, queue: None, longest_wait: ms(wait_ms) };
    gate(GateRule::Bulkhead(config))
}

#[test]
fn a_full_bulkhead_rejects_and_nothing_is_sent() {
    let mut hand = Hand::of(vec![bulkhead(1, 0)]);
    assert_eq!(hand.begin(0), "send");
    assert_eq!(hand.begin(1), "finish Rejected");
    assert_eq!(hand.settle(2, Outcome::OK), "finish Answered");
    assert_eq!(hand.begin(3), "send");
}

#[test]
fn who_waits_is_let_through_when_a_place_is_free_and_leaves_when_it_takes_too_long() {
    let mut hand = Hand::of(vec![bulkhead(1, 100)]);
    assert_eq!(hand.begin(0), "send");
    assert_eq!(hand.begin(1), "wake in 100ms");
    assert_eq!(hand.begin(2), "wake in 100ms");
    assert_eq!(hand.settle_nth(50, 0, Outcome::OK), "hush, send, finish Answered");
    assert_eq!(hand.wake(102, 1), "finish Rejected");
    assert_eq!(hand.settle_nth(110, 1, FAILED), "finish Refused");
    assert_eq!(hand.begin(111), "send");
}

#[test]
fn a_permit_comes_back_when_a_timeout_or_the_caller_ends_the_call() {
    let mut hand = Hand::of(vec![timeout(50), bulkhead(1, 0), retry(2, ms(10))]);
    assert_eq!(hand.begin(0), "wake in 50ms, send");
    assert_eq!(hand.wake(50, 0), "give up, finish TimedOut");
    assert_eq!(hand.begin(60), "wake in 50ms, send");
    assert_eq!(hand.abandon(70), "hush, give up");
    assert_eq!(hand.begin(80), "wake in 50ms, send");
}

#[test]
fn an_open_breaker_is_not_tried_again_by_the_retry_around_it() {
    let config = BreakerConfig { min_calls: 2, ..BreakerConfig::ours() };
    let mut hand = Hand::of(vec![retry(5, ms(10)), gate(GateRule::Breaker(config))]);
    hand.begin(0);
    assert_eq!(hand.settle(1, FAILED), "wake in 10ms");
    assert_eq!(hand.wake(11, 0), "send");
    assert_eq!(hand.settle(12, FAILED), "wake in 10ms");
    assert_eq!(hand.wake(22, 1), "finish Rejected");
}

#[test]
fn a_rate_limit_spaces_calls_and_an_abandoned_wait_gives_its_turn_back() {
    let per = ms(100);
    let config =
        LimiterConfig { permits: 1, per, burst: 1, longest_wait: ms(500), ..LimiterConfig::ours() };
    let mut hand = Hand::of(vec![gate(GateRule::Limiter(config))]);
    assert_eq!(hand.begin(0), "send");
    assert_eq!(hand.begin(0), "wake in 100ms");
    assert_eq!(hand.begin(0), "wake in 200ms");
    assert_eq!(hand.abandon(10), "hush");
    assert_eq!(hand.begin(10), "wake in 190ms");
    assert_eq!(hand.wake(100, 0), "send");
}

#[test]
fn a_fallback_answers_what_it_catches_and_a_retry_outside_it_never_retries() {
    let fallback = Layer::Fallback(Fallback::ALWAYS);
    let (mut hand, _) = Hand::start(vec![retry(3, ms(10)), fallback]);
    assert_eq!(hand.settle(1, FAILED), "finish Answered");
    let (mut hand, _) = Hand::start(vec![fallback, retry(1, ms(10))]);
    assert_eq!(hand.settle(1, FAILED), "wake in 10ms");
    assert_eq!(hand.wake(11, 0), "send");
    assert_eq!(hand.settle(12, FAILED), "finish Answered");
}

#[test]
fn a_reserve_ends_what_is_inside_earlier() {
    let deadline = Layer::Timeout(Timeout { reserve: ms(20), ..Timeout::after(ms(100)) });
    let (mut hand, said) = Hand::start(vec![deadline, retry(9, ms(1)), timeout(60)]);
    assert_eq!(said, "wake in 100ms, wake in 60ms, send");
    assert_eq!(hand.settle(50, FAILED), "hush, wake in 1ms");
    assert_eq!(hand.wake(51, 2), "wake in 29ms, send");
}

#[test]
fn a_place_that_comes_free_as_a_wait_ends_goes_to_the_next_in_line() {
    let mut hand = Hand::of(vec![bulkhead(1, 100)]);
    assert_eq!(hand.begin(0), "send");
    assert_eq!(hand.begin(0), "wake in 100ms");
    assert_eq!(hand.begin(50), "wake in 100ms");
    assert_eq!(hand.settle_nth(100, 0, Outcome::OK), "finish Answered");
    assert_eq!(hand.wake(100, 0), "hush, send, finish Rejected");
}

#[test]
fn one_who_leaves_the_queue_does_not_keep_those_behind_from_a_free_place() {
    let mut hand = Hand::of(vec![bulkhead(1, 100)]);
    hand.begin(0);
    assert_eq!(hand.begin(0), "wake in 100ms");
    let first_in_line = hand.root;
    assert_eq!(hand.begin(50), "wake in 100ms");
    assert_eq!(hand.settle_nth(100, 0, Outcome::OK), "finish Answered");
    hand.root = first_in_line;
    assert_eq!(hand.abandon(100), "hush, hush, send");
}

const THROTTLED: Outcome = Outcome::error(ErrorKind::Throttled, Done::Nothing);

/// Ten tokens a second at least and at most, once the server has throttled.
fn adaptive(waiting: Waiting) -> Layer {
    let (rate_min, capacity_min) = (10.0, 10.0);
    let aws = AdaptiveRateConfig::aws();
    gate(GateRule::AdaptiveRate(AdaptiveRateConfig { rate_min, capacity_min, waiting, ..aws }))
}

#[test]
fn a_retry_pays_for_its_attempts_more_after_a_timeout_and_after_throttling() {
    let refused_first = |outcome: Outcome| {
        let mut hand = Hand::of(vec![retry(3, ms(0)), adaptive(Waiting::Booked)]);
        hand.begin(0);
        assert_eq!(hand.settle(0, THROTTLED), "wake in 1s", "ten tokens, ten a second");
        assert_eq!(hand.wake(1_000, 0), "send");
        hand.settle(1_000, outcome)
    };
    assert_eq!(refused_first(Outcome::REFUSED), "wake in 500ms", "a retry");
    assert_eq!(refused_first(Outcome::TIMED_OUT), "wake in 1s", "one after a timeout");
    // Outside of the retry it sees calls, of which each is a first attempt.
    let (mut hand, _) = Hand::start(vec![adaptive(Waiting::Booked), retry(1, ms(0))]);
    assert_eq!(hand.settle(0, THROTTLED), "send");
    assert_eq!(hand.settle(0, THROTTLED), "finish Error(Throttled)");
    assert_eq!(hand.begin(0), "wake in 100ms");
}

#[test]
fn an_abandoned_wait_gives_its_tokens_back_and_who_asks_again_waits_again() {
    let throttled = |waiting| {
        let (mut hand, _) = Hand::start(vec![adaptive(waiting)]);
        hand.settle(0, THROTTLED);
        hand
    };
    let mut hand = throttled(Waiting::Booked);
    assert_eq!(hand.begin(0), "wake in 100ms");
    assert_eq!(hand.begin(0), "wake in 200ms");
    assert_eq!(hand.abandon(0), "hush");
    assert_eq!(hand.begin(0), "wake in 200ms");
    let mut hand = throttled(Waiting::AsksAgain);
    assert_eq!(hand.begin(0), "wake in 100ms");
    assert_eq!(hand.begin(0), "wake in 100ms");
    assert_eq!(hand.wake(100, 0), "send");
    assert_eq!(hand.wake(100, 1), "wake in 100ms");
    assert_eq!(hand.abandon(150), "hush");
}

#[test]
fn what_another_policy_turned_away_teaches_an_adaptive_rate_nothing() {
    let measured = |places: u32| {
        let mut hand = Hand::of(vec![adaptive(Waiting::Booked), bulkhead(places, 0)]);
        for at in 0..100 {
            hand.begin(at * 10);
            if places == 1 && at > 0 {
                continue;
            }
            hand.settle(at * 10, Outcome::OK);
            hand.begin(at * 10);
        }
        match hand.calls.shared(Time::ZERO + ms(1_000), hand.instance, 0) {
            Some((_, Shared::AdaptiveRate { measured, rate: None, .. })) => measured,
            other => panic!("an adaptive rate that was never throttled, not {other:?}"),
        }
    };
    assert!(measured(1_000) > 50.0);
    assert!((measured(1) - 10.0).abs() < 1e-9, "as at first: one answer in half a second");
}
