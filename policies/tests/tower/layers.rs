//! The layers and what they ask of a service: one by one, in each other, and when they are wrong.

use crate::ms;
use crate::stacks::{bulkhead, fallback, gate, hedge, retry, timeout};
use brownout_policies::Span;
use brownout_policies::adaptive_rate::AdaptiveRateConfig;
use brownout_policies::breaker::BreakerConfig;
use brownout_policies::budget::Scope;
use brownout_policies::bulkhead::BulkheadConfig;
use brownout_policies::concurrency::ConcurrencyConfig;
use brownout_policies::fallback::Fallback;
use brownout_policies::hedge::HedgeConfig;
use brownout_policies::limiter::LimiterConfig;
use brownout_policies::retry::{Kinds, Retry};
use brownout_policies::stack::{GateRule, HedgeUse, LEGS_MAX, Layer as Policy, Stack, Timeout};
use brownout_policies::throttle::ThrottleConfig;
use brownout_policies::tower::{
    AdaptiveRateLayer, BreakerLayer, BulkheadLayer, Classify, Cloned, ConcurrencyLayer,
    FallbackLayer, HedgeLayer, Nested, Once, OrElse, RateLimitLayer, Repeats, RetryLayer,
    StackError, StackLayer, ThrottleLayer, TimeoutLayer,
};
use std::cell::Cell;
use std::convert::Infallible;
use std::future::{Ready, pending, ready};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use tokio::time::{Instant, Sleep};
use tower::{Layer, Service, ServiceExt, service_fn};

/// A service that fails so often before it answers, and how often it was called.
fn failing(
    times: u32,
) -> (impl Service<u32, Response = u32, Error = &'static str, Future: Sized> + Clone, Rc<Cell<u32>>)
{
    let calls = Rc::new(Cell::new(0));
    let counted = Rc::clone(&calls);
    let service = service_fn(move |request: u32| {
        counted.set(counted.get() + 1);
        let fails = counted.get() <= times;
        async move { if fails { Err("broken") } else { Ok(request) } }
    });
    (service, calls)
}

fn stack<C>(layers: Vec<Policy>, classify: C) -> StackLayer<C> {
    StackLayer::new(&Stack { layers }, classify).expect("the stack is sound")
}

#[tokio::test(start_paused = true)]
async fn each_policy_is_a_layer() {
    let (service, calls) = failing(2);
    let retrying = RetryLayer::new(Retry::times(2), Cloned).expect("sound").layer(service);
    assert_eq!((retrying.oneshot(7).await, calls.get()), (Ok(7), 3));

    let (service, calls) = failing(u32::MAX);
    let breaker = BreakerConfig { min_calls: 1, ..BreakerConfig::ours() };
    let mut broken = BreakerLayer::new(breaker, Cloned).expect("sound").layer(service);
    assert_eq!(
        broken.ready().await.expect("ready").call(7).await,
        Err(StackError::Inner("broken"))
    );
    let open = broken.ready().await.expect("ready").call(7).await;
    assert!(matches!(open, Err(StackError::Rejected { retry_after: Some(_) })), "{open:?}");
    assert_eq!(calls.get(), 1);

    let after = Timeout::after(ms(50));
    let hanging = service_fn(|_: u32| pending::<Result<u32, ()>>());
    let bounded = TimeoutLayer::new(after, Once).expect("sound").layer(hanging);
    assert_eq!(bounded.oneshot(7).await, Err(StackError::TimedOut));

    // One that is drawn lasts for each call as long as chance says.
    let drawn = TimeoutLayer::new(Timeout::exponential(ms(50)), Once).expect("sound");
    let hanging = service_fn(|_: u32| pending::<Result<u32, ()>>());
    let mut bounded = drawn.layer(hanging);
    let mut lasted = Vec::new();
    for _ in 0..3 {
        let began = Instant::now();
        let ended = bounded.ready().await.expect("ready").call(7).await;
        assert_eq!(ended, Err(StackError::TimedOut));
        lasted.push(began.elapsed());
    }
    lasted.dedup();
    assert_eq!(lasted.len(), 3, "{lasted:?}");

    let rule = HedgeConfig { attempts: 2, delay: ms(20), ..HedgeConfig::grpc() };
    let hedge = HedgeUse { rule, on: Kinds::TRANSIENT, budget: None, scope: Scope::Caller };
    let sent = Rc::new(Cell::new(0));
    let counted = Rc::clone(&sent);
    let slow_at_first = service_fn(move |request: u32| {
        counted.set(counted.get() + 1);
        let wait = Duration::from_millis(if counted.get() == 1 { 500 } else { 1 });
        async move {
            tokio::time::sleep(wait).await;
            Ok::<u32, ()>(request)
        }
    });
    let began = Instant::now();
    let hedged = HedgeLayer::new(hedge, Cloned).expect("sound").layer(slow_at_first);
    assert_eq!((hedged.oneshot(7).await, sent.get()), (Ok(7), 2));
    assert_eq!(began.elapsed(), Duration::from_millis(21));

    let answer = |request: Option<&u32>| request.map_or(0, |request| request + 1);
    let or_else = OrElse { classify: Cloned, answer };
    let falling = FallbackLayer::new(Fallback::ALWAYS, or_else).expect("sound");
    assert_eq!(falling.layer(failing(u32::MAX).0).oneshot(7).await, Ok(8));
}

#[tokio::test(start_paused = true)]
async fn each_gate_is_a_layer_whose_services_share_it() {
    let hanging = service_fn(|_: u32| pending::<Result<u32, ()>>());
    let places = BulkheadConfig { places: 1, ..BulkheadConfig::ours() };
    let bulkhead = BulkheadLayer::new(places, Once).expect("sound");
    let initial = ConcurrencyConfig { initial: 1, least: 1, ..ConcurrencyConfig::aimd() };
    let concurrency = ConcurrencyLayer::new(initial, Once).expect("sound");
    let burst = LimiterConfig { burst: 1, ..LimiterConfig::ours() };
    let rate = RateLimitLayer::new(burst, Once).expect("sound");
    let paced = AdaptiveRateLayer::new(AdaptiveRateConfig::ours(), Once).expect("sound");
    let throttle = ThrottleLayer::new(ThrottleConfig::ours(), Once).expect("sound");

    let mut first = by_hand(bulkhead.layer(hanging).oneshot(1));
    assert!(first.is_pending_now());
    let second = bulkhead.layer(hanging).oneshot(2).await;
    assert_eq!(second, Err(StackError::Rejected { retry_after: None }));
    assert_eq!(bulkhead.in_flight().attempts, 1);

    let mut first = by_hand(concurrency.layer(hanging).oneshot(1));
    assert!(first.is_pending_now());
    assert!(concurrency.layer(hanging).oneshot(2).await.is_err());

    assert_eq!(rate.layer(failing(0).0).oneshot(1).await, Ok(1));
    let after = Some(Duration::from_millis(10));
    let second = rate.layer(failing(0).0).oneshot(2).await;
    assert_eq!(second, Err(StackError::Rejected { retry_after: after }));

    assert_eq!(throttle.layer(failing(0).0).oneshot(1).await, Ok(1));
    assert_eq!(paced.layer(failing(0).0).oneshot(1).await, Ok(1));
}

/// A future that is polled by hand.
struct ByHand<F>(Pin<Box<F>>);

fn by_hand<F: Future>(future: F) -> ByHand<F> {
    ByHand(Box::pin(future))
}

impl<F: Future> ByHand<F> {
    fn is_pending_now(&mut self) -> bool {
        self.0.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending()
    }
}

#[tokio::test(start_paused = true)]
async fn a_stack_around_a_stack_knows_the_inner_ones_decisions() {
    let inner = stack(vec![timeout(10)], Cloned);
    let on = Kinds::NAMES.iter().find(|(name, _)| *name == "TimedOut").expect("it is a kind").1;
    let outer = stack(vec![Policy::Retry(Retry { on, ..Retry::times(2) })], Nested(Cloned));
    let calls = Rc::new(Cell::new(0));
    let counted = Rc::clone(&calls);
    let hanging = service_fn(move |_: u32| {
        counted.set(counted.get() + 1);
        pending::<Result<u32, ()>>()
    });
    let end = outer.layer(inner.layer(hanging)).oneshot(7).await;
    assert_eq!((end, calls.get()), (Err(StackError::Inner(StackError::TimedOut)), 3));
}

/// Requests that may not be sent twice, or cannot.
#[derive(Clone, Copy)]
struct Careful(Repeats, bool);

impl Classify<u32, u32, &'static str> for Careful {
    fn copy(&self, request: &u32) -> Option<u32> {
        self.1.then_some(*request)
    }

    fn repeats(&self, _: &u32) -> Repeats {
        self.0
    }
}

#[tokio::test(start_paused = true)]
async fn what_may_not_be_sent_twice_is_neither_retried_nor_hedged() {
    let layers = vec![retry(3, 0), hedge(2, 0)];
    for (repeats, copies, sent) in [
        (Repeats::Freely, true, 8),
        (Repeats::WhenNothingWasDone, true, 1),
        (Repeats::Never, true, 1),
        (Repeats::Freely, false, 1),
    ] {
        let (service, calls) = failing(u32::MAX);
        let service = stack(layers.clone(), Careful(repeats, copies)).layer(service);
        assert_eq!(service.oneshot(7).await, Err(StackError::Inner("broken")));
        assert_eq!(calls.get(), sent, "{repeats:?}, copies: {copies}");
    }
}

/// A service that fails, and is not ready for half a second after each call.
struct Resting {
    until: Rc<Cell<Instant>>,
    rest: Option<Pin<Box<Sleep>>>,
}

impl Clone for Resting {
    fn clone(&self) -> Resting {
        Resting { until: Rc::clone(&self.until), rest: None }
    }
}

impl Service<u32> for Resting {
    type Response = u32;
    type Error = &'static str;
    type Future = Ready<Result<u32, &'static str>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), &'static str>> {
        let until = self.until.get();
        let rest = self.rest.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(until)));
        rest.as_mut().poll(cx).map(Ok)
    }

    fn call(&mut self, _: u32) -> Self::Future {
        self.until.set(Instant::now() + Duration::from_millis(500));
        ready(Err("broken"))
    }
}

#[tokio::test(start_paused = true)]
async fn a_further_attempt_waits_until_the_service_is_ready_and_its_timeout_runs_meanwhile() {
    for (limit, end, took) in
        [(600, StackError::Inner("broken"), 500), (100, StackError::TimedOut, 100)]
    {
        let service = Resting { until: Rc::new(Cell::new(Instant::now())), rest: None };
        let service = stack(vec![retry(1, 0), timeout(limit)], Cloned).layer(service);
        let began = Instant::now();
        assert_eq!(service.oneshot(7).await, Err(end));
        assert_eq!(began.elapsed(), Duration::from_millis(took));
    }
}

#[tokio::test(start_paused = true)]
async fn a_policy_that_goes_round_without_time_lets_others_have_their_turn() {
    let on = Kinds::REJECTED;
    let round = Policy::Retry(Retry { on, ..Retry::times(u32::MAX) });
    let hanging = service_fn(|_: u32| pending::<Result<u32, ()>>());
    let service = stack(vec![round, bulkhead(1, 0)], Cloned).layer(hanging);
    let mut inside = by_hand(service.clone().oneshot(1));
    assert!(inside.is_pending_now());
    let mut round = by_hand(service.clone().oneshot(2));
    assert!(round.is_pending_now());
    drop(inside);
    assert!(round.is_pending_now());
    assert_eq!(service.in_flight().attempts, 1);
}

#[tokio::test(start_paused = true)]
async fn a_time_without_end_has_no_alarm() {
    let endless = Policy::Timeout(Timeout::after(Span::MAX));
    let long = Policy::Timeout(Timeout::after(Span::from_millis(1_000 * 60 * 60 * 24 * 400)));
    let hanging = service_fn(|_: u32| pending::<Result<u32, ()>>());
    let began = Instant::now();
    let service = stack(vec![endless, long], Cloned).layer(hanging);
    assert_eq!(service.oneshot(1).await, Err(StackError::TimedOut));
    assert_eq!(began.elapsed(), Duration::from_secs(60 * 60 * 24 * 400));
}

#[tokio::test(start_paused = true)]
async fn a_fallback_that_has_no_answer_leaves_the_failure_as_it_is() {
    let service = stack(vec![fallback()], Cloned).layer(failing(u32::MAX).0);
    assert_eq!(service.oneshot(1).await, Err(StackError::Inner("broken")));
    let none = service_fn(|_: u32| async { Ok::<u32, Infallible>(1) });
    assert_eq!(stack(vec![fallback()], Cloned).layer(none).oneshot(1).await, Ok(1));
}

#[test]
fn everything_that_is_wrong_with_a_stack_is_said_at_once() {
    let places = BulkheadConfig { places: 0, queue: Some(0), longest_wait: ms(1) };
    let reserve = Policy::Timeout(Timeout { reserve: ms(10), ..Timeout::after(ms(10)) });
    let rule = HedgeConfig { attempts: LEGS_MAX as u32 + 1, ..HedgeConfig::ours() };
    let (on, budget, scope) = (Kinds::ALL, None, Scope::Caller);
    let legs = Policy::Hedge(HedgeUse { rule, on, budget, scope });
    let places = gate(GateRule::Bulkhead(places));
    let layers = vec![timeout(0), reserve, legs, retry(1, 1), places];
    let layers = Stack { layers };
    let wrong = StackLayer::new(&layers, Cloned).expect_err("it is wrong").to_string();
    let lines: Vec<&str> = wrong.lines().collect();
    assert_eq!(lines.len(), 5, "{wrong}");
    assert!(lines[0].starts_with("layer 0, timeout: after: 0s"), "{wrong}");
    assert!(lines[4].starts_with("layer 4, bulkhead: queue: 0"), "{wrong}");
}

#[test]
fn a_stack_that_is_too_deep_is_refused_before_it_runs() {
    let layers = vec![timeout(5); 17];
    let wrong = StackLayer::new(&Stack { layers }, Cloned).expect_err("it is too deep");
    assert!(wrong.to_string().contains("at most 16"), "{wrong}");
}
