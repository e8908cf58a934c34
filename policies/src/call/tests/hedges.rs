//! Hedges in the tree, over and under retries.

use super::*;
use crate::budget::Scope;
use crate::hedge::HedgeConfig;
use crate::retry::Kinds;
use crate::stack::HedgeUse;

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
    use crate::budget::{BucketConfig, BudgetConfig};
    use crate::hedge::OnFailure;
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
