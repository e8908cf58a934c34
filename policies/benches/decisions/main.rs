//! What a decision costs: nanoseconds each, and the most that it may.
//!
//! `cargo bench -p brownout-policies --bench decisions`. Each number is the least of many rounds.

mod balance;
mod breaker;
mod budget;
mod concurrency;
mod hedge;
mod limiter;
mod shed;
mod stack;
mod throttle;

use std::hint::black_box;
use std::time::Instant;

/// One line of the table: a decision is made over and over, at moments that go on.
pub(crate) fn decision(name: &str, must_ns: f64, mut decide: impl FnMut(u64)) {
    const ROUNDS: u64 = 20;
    const EACH: u64 = 100_000;
    let (mut least, mut at) = (f64::INFINITY, 0);
    for _ in 0..ROUNDS {
        #[expect(
            clippy::disallowed_methods,
            reason = "a bench has a clock; what it measures has none"
        )]
        let begun = Instant::now();
        for _ in 0..EACH {
            decide(black_box(at));
            at += 1_000_003;
        }
        least = least.min(begun.elapsed().as_secs_f64() * 1e9 / EACH as f64);
    }
    let mark = if least <= must_ns { "✓" } else { "✗" };
    println!("{mark} {name:<44} {least:7.1} ns   must ≤ {must_ns}");
}

fn main() {
    balance::run();
    breaker::run();
    budget::run();
    concurrency::run();
    hedge::run();
    limiter::run();
    shed::run();
    stack::run();
    throttle::run();
}
