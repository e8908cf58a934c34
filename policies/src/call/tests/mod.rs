//! Calls driven by hand.

mod gates;
mod hedges;
mod laws;
mod refusals;
mod straight;
mod timeouts;

use super::*;
use crate::backoff::Backoff;
use crate::retry::{Retry, Wait};
use crate::stack::{BudgetUse, Timeout};
use crate::time::Span;

const FAILED: Outcome = Outcome::REFUSED;

fn ms(millis: u64) -> Span {
    Span::from_millis(millis)
}

fn timeout(millis: u64) -> Layer {
    Layer::Timeout(Timeout::after(ms(millis)))
}

fn retry(times: u32, wait: Span) -> Layer {
    let wait = (Backoff::Constant { wait }).into();
    Layer::Retry(Retry { wait, deadline_aware: false, ..Retry::times(times) })
}

/// Whose calls they are.
const OWNER: Id = Id::from_word(5);

/// Drives one call by hand: what the machine asked for, as short words.
struct Hand {
    calls: Calls,
    instance: InstanceId,
    root: Id,
    leaves: Vec<Id>,
    leaf: Id,
    lineages: Vec<u64>,
    timers: Vec<Id>,
    out: Vec<Action>,
}

impl Hand {
    fn start(layers: Vec<Layer>) -> (Hand, String) {
        let mut hand = Hand::of(layers);
        let said = hand.begin(0);
        (hand, said)
    }

    /// A stack that nobody has called through yet.
    fn of(layers: Vec<Layer>) -> Hand {
        let depth = layers.len();
        let mut calls = Calls::new(vec![Stack { layers }]);
        let commons: Vec<CommonId> = (0..depth).filter_map(|layer| calls.share(0, layer)).collect();
        let instance = calls.bind(0, 7, &commons);
        let (root, leaf, leaves, lineages) = (Id::NONE, Id::NONE, Vec::new(), Vec::new());
        let (timers, out) = (Vec::new(), Vec::new());
        Hand { calls, instance, root, leaves, leaf, lineages, timers, out }
    }

    /// Begins another call.
    fn begin(&mut self, at_ms: u64) -> String {
        let now = Time::ZERO + ms(at_ms);
        let (instance, owner, end) = (self.instance, OWNER, Time::MAX);
        self.root = self.calls.start(now, instance, owner, 1, end, &mut self.out);
        self.said()
    }

    /// An outcome for the attempt that was the `nth` to be sent, from 0.
    fn settle_nth(&mut self, at_ms: u64, nth: usize, outcome: Outcome) -> String {
        let now = Time::ZERO + ms(at_ms);
        self.calls.settle(now, self.leaves[nth], outcome, &mut self.out);
        self.said()
    }

    /// The caller leaves the newest call.
    fn abandon(&mut self, at_ms: u64) -> String {
        self.calls.abandon(Time::ZERO + ms(at_ms), self.root, OWNER, &mut self.out);
        self.said()
    }

    fn settle(&mut self, at_ms: u64, outcome: Outcome) -> String {
        let now = Time::ZERO + ms(at_ms);
        self.calls.settle(now, self.leaf, outcome, &mut self.out);
        self.said()
    }

    fn wake(&mut self, at_ms: u64, timer: usize) -> String {
        self.calls.wake(Time::ZERO + ms(at_ms), self.timers[timer], &mut self.out);
        self.said()
    }

    fn said(&mut self) -> String {
        let mut words = Vec::new();
        for action in std::mem::take(&mut self.out) {
            words.push(match action {
                Action::Send { leaf, elsewhere, lineage, .. } => {
                    self.leaf = leaf;
                    self.lineages.push(lineage);
                    self.leaves.push(leaf);
                    if elsewhere { "send elsewhere" } else { "send" }.to_owned()
                }
                Action::Wake { frame, after, .. } => {
                    self.timers.push(frame);
                    format!("wake in {after}")
                }
                Action::Hush { .. } => "hush".to_owned(),
                Action::GiveUp { lineage, .. } => {
                    self.lineages.push(lineage);
                    "give up".to_owned()
                }
                Action::Finish { outcome, .. } => format!("finish {:?}", outcome.seen),
            });
        }
        words.join(", ")
    }
}

#[test]
fn a_timeout_outside_a_retry_bounds_the_whole_call() {
    let (mut hand, said) = Hand::start(vec![timeout(1_000), retry(3, ms(100))]);
    assert_eq!(said, "wake in 1s, send");
    assert_eq!(hand.settle(50, FAILED), "wake in 100ms");
    assert_eq!(hand.wake(150, 1), "send");
    assert_eq!(hand.wake(1_000, 0), "give up, finish TimedOut");
    assert_eq!(hand.calls.open_attempts(), 0);
}

#[test]
fn a_timeout_inside_a_retry_bounds_each_attempt() {
    let (mut hand, said) = Hand::start(vec![retry(1, ms(100)), timeout(300)]);
    assert_eq!(said, "wake in 300ms, send");
    assert_eq!(hand.wake(300, 0), "give up, wake in 100ms");
    assert_eq!(hand.wake(400, 1), "wake in 300ms, send");
    assert_eq!(hand.settle(500, Outcome::OK), "hush, finish Answered");
}

#[test]
fn a_retry_inside_a_retry_multiplies() {
    let (mut hand, _) = Hand::start(vec![retry(2, Span::ZERO), retry(3, Span::ZERO)]);
    let mut attempts = 1;
    while hand.settle(attempts, FAILED) == "send" {
        attempts += 1;
    }
    assert_eq!(attempts, 3 * 4);
    hand.lineages.sort_unstable();
    hand.lineages.dedup();
    assert_eq!(hand.lineages.len(), 3 * 4, "no two attempts draw the same");
}

#[test]
fn attempts_that_are_one_with_an_inner_retry_are_named_as_others_are() {
    let named = |inside: &[Layer]| {
        let retries = [retry(2, Span::ZERO), retry(3, Span::ZERO)];
        let (mut hand, _) = Hand::start([&retries[..], inside].concat());
        for at in 1.. {
            let said = match at % 3 {
                0 => hand.wake(at, hand.timers.len() - 1),
                _ => hand.settle(at, FAILED),
            };
            if !said.ends_with("send") {
                break;
            }
        }
        hand.lineages
    };
    // Around two timeouts a retry has a frame of its own.
    let (one, apart) = (named(&[timeout(300)]), named(&[timeout(900), timeout(300)]));
    assert_eq!(one, apart);
    assert_eq!(one.len(), 3 * 4 + 4, "each attempt, and each that is given up");
}

#[test]
fn an_outcome_that_nobody_waits_for_changes_nothing() {
    let (mut hand, _) = Hand::start(vec![retry(1, ms(100)), timeout(300)]);
    let late = hand.leaf;
    hand.wake(300, 0);
    assert!(!hand.calls.settle(Time::ZERO + ms(350), late, Outcome::OK, &mut hand.out));
    assert_eq!(hand.said(), "");
}

#[test]
fn a_retry_that_is_one_with_its_attempts_tells_them_apart() {
    let (mut hand, _) = Hand::start(vec![retry(2, ms(100)), timeout(300)]);
    let first = hand.leaf;
    hand.wake(300, 0);
    hand.wake(400, 1);
    assert!(!hand.calls.settle(Time::ZERO + ms(450), first, Outcome::OK, &mut hand.out));
    assert_eq!((hand.calls.frames.len(), hand.calls.open_attempts()), (1, 1));
    assert!(hand.calls.is_open(hand.leaf) && hand.calls.is_under_way(hand.root, OWNER));
    assert_eq!(hand.abandon(500), "hush, give up");
    assert!(!hand.calls.is_under_way(hand.root, OWNER));
}

#[test]
fn a_deadline_aware_retry_returns_the_last_real_error_instead_of_waiting_in_vain() {
    let wait = (Backoff::Constant { wait: ms(600) }).into();
    let aware = Retry { wait, ..Retry::times(9) };
    let (mut hand, _) = Hand::start(vec![timeout(1_000), Layer::Retry(aware)]);
    assert_eq!(hand.settle(100, FAILED), "wake in 600ms");
    assert_eq!(hand.wake(700, 1), "send");
    assert_eq!(hand.settle(800, FAILED), "hush, finish Refused");
}

#[test]
fn the_first_attempt_has_the_calls_own_lineage_under_any_stack() {
    let lineages = |layers: Vec<Layer>| {
        let mut calls = Calls::new(vec![Stack { layers }]);
        let (instance, mut out) = (calls.bind(0, 7, &[]), Vec::new());
        calls.start(Time::ZERO, instance, Id::from_word(5), 99, Time::MAX, &mut out);
        out.iter().find_map(|action| match action {
            Action::Send { lineage, .. } => Some(*lineage),
            _ => None,
        })
    };
    assert_eq!(lineages(vec![]), Some(99));
    assert_eq!(lineages(vec![timeout(10), retry(3, ms(1)), retry(1, ms(1))]), Some(99));
}

#[test]
fn a_budget_shared_by_two_callers_is_spent_by_both() {
    use crate::budget::{BucketConfig, BudgetConfig, Scope};
    let (cap, initial, per_call, per_success, strict) = (1.0, 1.0, 0.0, 0.0, false);
    let bucket = BucketConfig { cap, initial, per_call, per_success, strict };
    let used = BudgetUse { rule: BudgetConfig::Bucket(bucket), scope: Scope::Fleet };
    let budget = Some(used);
    let wait = Backoff::IMMEDIATE.into();
    let layer = Layer::Retry(Retry { wait, budget, deadline_aware: false, ..Retry::times(5) });
    let mut calls = Calls::new(vec![Stack { layers: vec![layer] }]);
    let shared = calls.share(0, 0).expect("a budget is shared");
    let mut sent = 0;
    for key in 0..2 {
        let instance = calls.bind(0, key, &[shared]);
        let (owner, mut out) = (Id::from_word(key), Vec::new());
        calls.start(Time::ZERO, instance, owner, key, Time::MAX, &mut out);
        while let Some(action) = out.pop() {
            if let Action::Send { leaf, .. } = action {
                sent += 1;
                calls.settle(Time::ZERO, leaf, FAILED, &mut out);
            }
        }
    }
    assert_eq!(sent, 3, "two first attempts and the one retry that the budget affords");
}

#[test]
fn a_named_systems_backoff_keeps_its_own_rules_inside_a_retry() {
    use crate::backoff::{BackoffConfig, Spread};
    let like = |config: BackoffConfig| {
        let wait = Wait::Like(BackoffConfig { spread: Spread::None, ..config });
        Hand::start(vec![Layer::Retry(Retry { wait, deadline_aware: false, ..Retry::times(9) })]).0
    };
    // gRPC (A6): pushback is the wait, exactly, and growth begins anew.
    let from = BackoffConfig { from: ms(100), cap: Some(ms(1_000)), ..BackoffConfig::grpc() };
    let mut hand = like(BackoffConfig { factor: 2.0, ..from });
    let mut fail = |outcome: Outcome| {
        let said = hand.settle(0, outcome);
        hand.wake(0, hand.timers.len() - 1);
        said
    };
    assert_eq!(fail(FAILED), "wake in 100ms");
    assert_eq!(fail(FAILED), "wake in 200ms");
    assert_eq!(fail(FAILED.with_retry_after(ms(7))), "wake in 7ms");
    assert_eq!(fail(FAILED), "wake in 100ms");
    // AWS 2.1: no shorter than the computed wait, at most 5 s longer; longer after throttling.
    let aws = BackoffConfig::aws_newer();
    let reset = Outcome::RESET;
    assert_eq!(like(aws).settle(0, reset.with_retry_after(ms(30_000))), "wake in 5.05s");
    assert_eq!(like(aws).settle(0, reset), "wake in 50ms");
    assert_eq!(like(aws).settle(0, FAILED), "wake in 1s");
    // backon: three waits, and no more.
    let mut hand = like(BackoffConfig::backon());
    for _ in 0..3 {
        assert!(hand.settle(0, FAILED).starts_with("wake"));
        hand.wake(0, hand.timers.len() - 1);
    }
    assert_eq!(hand.settle(0, FAILED), "finish Refused");
}
