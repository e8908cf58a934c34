//! What a stack costs as a layer around a service: nanoseconds for each call, the bare service's
//! taken off.
//!
//! `cargo bench -p brownout-policies --features ron,tower --bench layer`. The service answers when
//! it is first polled, so no timer is ever set. Each number is the least of many rounds.

use brownout_policies::stack;
use brownout_policies::tower::{Cloned, Once, StackLayer};
use std::convert::Infallible;
use std::future::{Future, Ready, ready};
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Instant;
use tower::{Layer, Service, service_fn};

/// The least time of one call, in nanoseconds.
fn per_call<S: Service<u64, Response = u64>>(service: &mut S) -> f64 {
    const ROUNDS: u64 = 20;
    const EACH: u64 = 50_000;
    let (mut least, mut number) = (f64::INFINITY, 0);
    let mut cx = Context::from_waker(Waker::noop());
    for _ in 0..ROUNDS {
        #[expect(clippy::disallowed_methods, reason = "a bench has a clock")]
        let begun = Instant::now();
        for _ in 0..EACH {
            number += 1;
            assert!(service.poll_ready(&mut cx).is_ready(), "the service is always ready");
            let call = pin!(service.call(black_box(number)));
            match call.poll(&mut cx) {
                Poll::Ready(answer) => assert!(answer.is_ok_and(|answer| answer == number)),
                Poll::Pending => panic!("the service answers at once"),
            }
        }
        least = least.min(begun.elapsed().as_secs_f64() * 1e9 / EACH as f64);
    }
    least
}

fn answer(number: u64) -> Ready<Result<u64, Infallible>> {
    ready(Ok(number))
}

fn main() {
    let bare = per_call(&mut service_fn(answer));
    println!("{:<64} {bare:7.1} ns", "the bare service");
    let stacks = [
        "[]",
        r#"[Timeout("1s")]"#,
        r#"[RateLimit(permits: 1000000000, per: "1s")]"#,
        r#"[Breaker]"#,
        r#"[Bulkhead(places: 100)]"#,
        r#"[Timeout("2s"), Retry(times: 3, budget: Ratio(share: "20%")), Breaker, Timeout("1s")]"#,
    ];
    for text in stacks {
        let read = stack::read(text).expect("the stack is sound");
        let once = StackLayer::new(&read, Once).expect("the stack is sound");
        let copied = StackLayer::new(&read, Cloned).expect("the stack is sound");
        let once = per_call(&mut once.layer(service_fn(answer))) - bare;
        let copied = per_call(&mut copied.layer(service_fn(answer))) - bare;
        println!("{text:<64} {once:+7.1} ns sent once, {copied:+7.1} ns if it may be repeated");
    }
}
