//! Hedges in the tree, over and under retries.

use super::*;
use crate::budget::{BudgetConfig, Scope};
use crate::hedge::{HedgeConfig, OnFailure};
use crate::limiter::LimiterConfig;
use crate::outcome::{Done, ErrorKind};
use crate::retry::Kinds;
use crate::stack::{GateRule, GateUse, HedgeUse};

/// Up to `attempts` legs, each `delay_ms` after the one before; a failure brings the next at once.
fn hedge(attempts: u32, delay_ms: u64) -> Layer {
    let rule = HedgeConfig { attempts, delay: ms(delay_ms), ..HedgeConfig::grpc() };
    let (on, budget, scope) = (Kinds::TRANSIENT, None, Scope::Caller);
    Layer::Hedge(HedgeUse { rule, on, budget, scope })
}

#[test]
fn the_first_answer_wins_and_the_loser_is_given_up() {
    let (mut hand, said) = Hand::start(vec![hedge(2, 100)]);
    assert_eq!(said, "send, wake in 100ms");
    assert_eq!(hand.wake(100, 0), "send");
    assert_eq!(hand.settle_nth(150, 1, Outcome::OK), "give up, finish Answered");
    assert_eq!(hand.calls.open_attempts(), 0);
}

#[test]
fn an_answer_before_the_delay_hushes_the_hedge() {
    let (mut hand, _) = Hand::start(vec![hedge(2, 100)]);
    assert_eq!(hand.settle(50, Outcome::OK), "hush, finish Answered");
}

#[test]
fn a_retry_inside_a_hedge_retries_each_leg() {
    let (mut hand, _) = Hand::start(vec![hedge(2, 100), retry(1, ms(10))]);
    assert_eq!(hand.wake(100, 0), "send");
    assert_eq!(hand.settle_nth(110, 0, FAILED), "wake in 10ms");
    assert_eq!(hand.settle_nth(112, 1, FAILED), "wake in 10ms");
    assert_eq!(hand.wake(120, 1), "send");
    assert_eq!(hand.settle_nth(125, 2, Outcome::OK), "hush, finish Answered");
}

#[test]
fn a_hedge_inside_a_retry_hedges_each_attempt() {
    let (mut hand, _) = Hand::start(vec![retry(1, ms(10)), hedge(2, 100)]);
    assert_eq!(hand.wake(100, 0), "send");
    assert_eq!(hand.settle_nth(110, 0, FAILED), "");
    assert_eq!(hand.settle_nth(120, 1, FAILED), "wake in 10ms");
    assert_eq!(hand.wake(130, 1), "send, wake in 100ms");
    assert_eq!(hand.settle_nth(140, 2, Outcome::OK), "hush, finish Answered");
    assert_eq!(hand.calls.open_attempts(), 0);
}

#[test]
fn a_timeout_outside_takes_every_leg_down() {
    let (mut hand, _) = Hand::start(vec![timeout(300), hedge(3, 100), timeout(1_000)]);
    hand.wake(100, 2);
    hand.wake(200, 4);
    let said = hand.wake(300, 0);
    assert_eq!(said.matches("give up").count(), 3, "{said}");
    assert!(said.ends_with("finish TimedOut"), "{said}");
}

#[test]
fn hedge_over_retry_over_hedge_is_a_tree_and_ends_clean() {
    let layers = vec![hedge(2, 50), retry(1, ms(5)), hedge(2, 20)];
    let mut hand = Hand::of(layers);
    for _ in 0..100 {
        hand.begin(0);
        hand.abandon(1);
    }
    assert_eq!((hand.calls.open_attempts(), hand.calls.frames.len()), (0, 0));
    assert_eq!(hand.calls.legs.len(), 0);
}

#[test]
fn a_hedge_that_nothing_pays_for_ends_with_the_failure_it_was_to_make_good() {
    use crate::budget::BucketConfig;
    let (cap, initial, per_call, per_success, strict) = (1.0, 0.0, 0.0, 0.0, false);
    let bucket = BucketConfig { cap, initial, per_call, per_success, strict };
    let rule = HedgeConfig { on_failure: OnFailure::Wait, delay: ms(100), ..HedgeConfig::grpc() };
    let (on, budget) = (Kinds::TRANSIENT, Some(BudgetConfig::Bucket(bucket)));
    let hedge = Layer::Hedge(HedgeUse { rule, on, budget, scope: Scope::Caller });
    let (mut hand, _) = Hand::start(vec![hedge]);
    assert_eq!(hand.settle(20, FAILED), "");
    assert_eq!(hand.wake(100, 0), "finish Refused");
    assert_eq!((hand.calls.frames.len(), hand.calls.legs.len()), (0, 0));
}

/// Up to five legs, 100 ms apart or at once after a failure, which a budget pays for.
fn paid(budget: BudgetConfig) -> Layer {
    let rule = HedgeConfig { attempts: 5, delay: ms(100), ..HedgeConfig::grpc() };
    let (on, budget, scope) = (Kinds::TRANSIENT, Some(budget), Scope::Caller);
    Layer::Hedge(HedgeUse { rule, on, budget, scope })
}

#[test]
fn a_server_that_asks_never_to_be_tried_again_stops_the_hedges_and_not_who_is_out() {
    let (mut hand, _) = Hand::start(vec![hedge(4, 100)]);
    assert_eq!(hand.wake(100, 0), "send, wake in 100ms");
    assert_eq!(hand.settle_nth(120, 0, FAILED.with_never()), "hush");
    assert_eq!(hand.settle_nth(150, 1, Outcome::OK), "finish Answered");
    let (mut hand, _) = Hand::start(vec![hedge(4, 100)]);
    assert_eq!(hand.settle(20, FAILED.with_never()), "hush, finish Refused");
}

#[test]
fn a_server_that_asks_for_a_wait_puts_the_next_leg_there_and_the_delay_goes_on_from_it() {
    let (mut hand, _) = Hand::start(vec![hedge(4, 100)]);
    assert_eq!(hand.settle(20, FAILED.with_retry_after(ms(250))), "hush, wake in 250ms");
    assert_eq!(hand.wake(270, 1), "send, wake in 100ms");
    assert_eq!(hand.settle(280, FAILED.with_retry_after(Span::ZERO)), "send, hush, wake in 100ms");
}

#[test]
fn when_ones_own_gate_would_let_a_leg_through_is_no_word_of_the_servers() {
    let (per, longest_wait) = (ms(10_000), Span::ZERO);
    let config = LimiterConfig { permits: 1, per, burst: 1, longest_wait, ..LimiterConfig::ours() };
    let gate = Layer::Gate(GateUse { rule: GateRule::Limiter(config), scope: Scope::Caller });
    let (mut hand, said) = Hand::start(vec![hedge(3, 100), gate]);
    assert_eq!(said, "send, wake in 100ms");
    // The second leg is refused, and so at once is the third; the first is out.
    assert_eq!(hand.wake(100, 0), "wake in 100ms, hush");
    assert_eq!(hand.settle_nth(150, 0, FAILED), "finish Refused");
}

#[test]
fn failures_drain_the_throttle_that_hedges_have_to_pass() {
    let (mut hand, _) = Hand::start(vec![paid(BudgetConfig::grpc())]);
    let failed = Outcome::error(ErrorKind::Failed, Done::Unknown);
    for nth in 0..4 {
        let said = hand.settle_nth(nth, nth as usize, failed);
        assert!(said.starts_with("send"), "{said}");
    }
    assert_eq!(hand.settle_nth(5, 4, failed), "finish Error(Failed)");
    // Five of ten tokens are left, and more than half would have to be.
    assert_eq!(hand.begin(10), "send, wake in 100ms");
    let last = hand.timers.len() - 1;
    assert_eq!(hand.wake(110, last), "");
    assert_eq!(hand.settle(120, failed), "finish Error(Failed)");
}

#[test]
fn hedges_that_are_over_are_no_longer_in_flight_however_they_have_ended() {
    let mut hand = Hand::of(vec![paid(BudgetConfig::envoy())]);
    let legs = |hand: &mut Hand, at: u64| {
        let (from, timer) = (hand.leaves.len(), hand.timers.len());
        let mut said = hand.begin(at);
        for nth in 0..4 {
            if said.contains("wake") {
                said = hand.wake(at + 100 * (nth + 1), timer + nth as usize);
            }
        }
        (from, hand.leaves.len() - from)
    };
    for at in [0, 1_000, 2_000] {
        // Three retries may be in flight, however little else is.
        let (first, sent) = legs(&mut hand, at);
        assert_eq!(sent, 4);
        match at {
            0 => hand.settle_nth(at + 600, first + 2, Outcome::OK),
            _ => hand.abandon(at + 600),
        };
    }
}

/// What a hedge or a retry adds goes elsewhere if that one says so, and so does whatever is inside.
#[test]
fn only_what_a_policy_adds_goes_elsewhere() {
    let Layer::Hedge(used) = hedge(2, 100) else { unreachable!("it is a hedge") };
    let rule = HedgeConfig { elsewhere: true, ..used.rule };
    let away = || Layer::Hedge(HedgeUse { rule, ..used });
    let (mut hand, said) = Hand::start(vec![away(), retry(1, ms(10))]);
    assert_eq!(said, "send, wake in 100ms");
    assert_eq!(hand.wake(100, 0), "send elsewhere");
    // The retry of the original is not elsewhere, that of the hedge is.
    assert_eq!(hand.settle_nth(110, 0, FAILED), "wake in 10ms");
    assert_eq!(hand.wake(120, 1), "send");
    assert_eq!(hand.settle_nth(130, 1, FAILED), "wake in 10ms");
    assert_eq!(hand.wake(140, 2), "send elsewhere");
    let Layer::Retry(again) = retry(1, ms(10)) else { unreachable!("it is a retry") };
    let again = Layer::Retry(Retry { elsewhere: true, ..again });
    let (mut hand, _) = Hand::start(vec![again, hedge(2, 100)]);
    assert_eq!(hand.settle(50, FAILED), "send, hush");
    assert_eq!(hand.settle(60, FAILED), "wake in 10ms");
    assert_eq!(hand.wake(70, 1), "send elsewhere, wake in 100ms");
}
