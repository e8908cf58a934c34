//! What gates turn away goes up step by step, however often: no stack of policies makes the
//! machine call itself without end.

use super::*;
use crate::budget::Scope;
use crate::bulkhead::BulkheadConfig;
use crate::fallback::Fallback;
use crate::hedge::HedgeConfig;
use crate::limiter::LimiterConfig;
use crate::retry::{Hint, Kinds};
use crate::stack::{GateRule, GateUse, HedgeUse};

/// Far less than a thread has; a machine that called itself once for each of thousands of refusals
/// would need more.
const STACK: usize = 96 * 1024;

/// Does something on a thread with little stack.
fn with_little_stack<T: Send>(task: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK);
        let running = thread.spawn_scoped(scope, task).expect("a thread starts");
        running.join().expect("it ends well")
    })
}

fn gate(rule: GateRule) -> Layer {
    Layer::Gate(GateUse { rule, scope: Scope::Caller })
}

/// One call in 1000 s, and it says when the next may come.
fn rate_limit() -> Layer {
    let (per, longest_wait) = (ms(1_000_000), Span::ZERO);
    let config = LimiterConfig { permits: 1, per, burst: 1, longest_wait, ..LimiterConfig::ours() };
    gate(GateRule::Limiter(config))
}

/// Tries again at once whatever fails, the caller's own noes too, and heeds no hint.
fn stubborn(times: u32) -> Layer {
    Layer::Retry(Retry { on: Kinds::ALL, hint: Hint::Ignore, ..Retry::times(times) })
}

/// As many legs as there can be, each as soon as the one before has failed.
fn hedge() -> Layer {
    let rule = HedgeConfig { attempts: 16, delay: ms(100), ..HedgeConfig::grpc() };
    let (on, budget, scope) = (Kinds::ALL, None, Scope::Caller);
    Layer::Hedge(HedgeUse { rule, on, budget, scope })
}

/// Uses up what the rate limit lets through, then begins a second call and wakes it until its end
/// or so often. Returns how often that was, and what was said last.
fn refused(layers: Vec<Layer>, most: usize) -> (usize, String) {
    with_little_stack(move || {
        let mut hand = Hand::of(layers);
        hand.begin(0);
        hand.settle(0, Outcome::OK);
        hand.timers.clear();
        let mut said = hand.begin(1);
        for woken in 0..most {
            if said.contains("finish") {
                return (woken, said);
            }
            let last = hand.timers.len() - 1;
            said = hand.wake(1, last);
        }
        (most, said)
    })
}

#[test]
fn a_refusal_that_says_when_to_come_back_is_tried_again_through_a_timer() {
    let (woken, said) = refused(vec![stubborn(1_000_000), rate_limit()], 1);
    assert_eq!((woken, said.as_str()), (1, "wake in 0s"));
    let (woken, said) = refused(vec![stubborn(2), rate_limit()], 9);
    assert_eq!((woken, said.as_str()), (2, "finish Rejected"));
}

#[test]
fn retries_of_refusals_in_retries_of_refusals_come_to_their_end() {
    let layers = vec![stubborn(99), stubborn(99), rate_limit()];
    let (woken, said) = refused(layers, 100_000);
    assert_eq!((woken, said.as_str()), (100 * 100 - 1, "finish Rejected"));
}

#[test]
fn a_retry_around_a_fallback_around_a_refusal_is_answered_at_once() {
    let fallback = Layer::Fallback(Fallback::ALWAYS);
    let (woken, said) = refused(vec![stubborn(u32::MAX), fallback, rate_limit()], 9);
    assert_eq!((woken, said.as_str()), (0, "finish Answered"));
    let (woken, said) = refused(vec![fallback, stubborn(5), rate_limit()], 9);
    assert_eq!((woken, said.as_str()), (5, "finish Answered"));
}

#[test]
fn hedges_in_hedges_whose_every_leg_is_refused_end_with_the_refusal() {
    let (woken, said) = refused(vec![hedge(), hedge(), hedge(), rate_limit()], 9);
    assert_eq!(woken, 0);
    assert!(said.ends_with("finish Rejected"), "{said}");
    let (woken, said) = refused(vec![stubborn(3), hedge(), hedge(), rate_limit()], 9);
    assert_eq!(woken, 3);
    assert!(said.ends_with("finish Rejected"), "{said}");
}

#[test]
fn a_long_queue_of_which_each_is_refused_behind_it_is_gone_in_one_sweep() {
    let waiting = 20_000;
    let said = with_little_stack(move || {
        let config = BulkheadConfig { places: 1, queue: None, longest_wait: ms(1_000) };
        let bulkhead = gate(GateRule::Bulkhead(config));
        let mut hand = Hand::of(vec![bulkhead, rate_limit()]);
        assert_eq!(hand.begin(0), "send");
        for _ in 0..waiting {
            assert_eq!(hand.begin(1), "wake in 1s");
        }
        let said = hand.settle_nth(2, 0, Outcome::OK);
        assert_eq!(hand.calls.frames.len(), 0);
        said
    });
    assert_eq!(said.matches("finish Rejected").count(), waiting);
    assert!(said.starts_with("hush, finish Answered, hush, finish Rejected, "), "{said:.90}");
}

#[test]
fn who_is_given_up_before_those_above_hear_of_a_refusal_is_heard_of_no_more() {
    // The second leg waits for the place that the first leaves; what is behind it refuses; and the
    // first leg's answer has ended the call by then.
    let config = BulkheadConfig { places: 1, queue: None, longest_wait: ms(1_000) };
    let rule = HedgeConfig { attempts: 2, delay: ms(10), ..HedgeConfig::grpc() };
    let (on, budget, scope) = (Kinds::ALL, None, Scope::Caller);
    let hedge = Layer::Hedge(HedgeUse { rule, on, budget, scope });
    let (mut hand, said) = Hand::start(vec![hedge, gate(GateRule::Bulkhead(config)), rate_limit()]);
    assert_eq!(said, "send, wake in 10ms");
    assert_eq!(hand.wake(10, 0), "wake in 1s");
    assert_eq!(hand.settle_nth(20, 0, Outcome::OK), "hush, finish Answered");
    assert_eq!((hand.calls.frames.len(), hand.calls.legs.len()), (0, 0));
}
