//! What a decision costs: nanoseconds each, and the most that it may.
//!
//! `cargo bench -p brownout-policies --bench decisions`, with the number of turns after `--` if 7
//! are not right. A machine has faster and slower seconds, so all decisions are measured in turns
//! and each number is the least of them.

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
use std::sync::Mutex;
use std::time::Instant;

/// A line of the table: its name, the most that it may cost, and the least that was measured.
struct Line {
    name: String,
    must_ns: f64,
    least_ns: f64,
}

static TABLE: Mutex<Vec<Line>> = Mutex::new(Vec::new());

/// One line of the table: a decision is made over and over, at moments that go on.
pub(crate) fn decision(name: &str, must_ns: f64, mut decide: impl FnMut(u64)) {
    const ROUNDS: u64 = 20;
    const EACH: u64 = 100_000;
    let (mut least_ns, mut at) = (f64::INFINITY, 0);
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
        least_ns = least_ns.min(begun.elapsed().as_secs_f64() * 1e9 / EACH as f64);
    }
    let mut table = TABLE.lock().expect("no line of the table panics");
    match table.iter_mut().find(|line| line.name == name) {
        Some(line) => line.least_ns = line.least_ns.min(least_ns),
        None => table.push(Line { name: name.to_owned(), must_ns, least_ns }),
    }
}

fn main() {
    let turns = std::env::args().find_map(|word| word.parse().ok()).unwrap_or(7).max(1);
    for _ in 0..turns {
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
    for Line { name, must_ns, least_ns } in &*TABLE.lock().expect("no line of the table panics") {
        let mark = if least_ns <= must_ns { "✓" } else { "✗" };
        println!("{mark} {name:<44} {least_ns:7.1} ns   must ≤ {must_ns}");
    }
}
