//! What the waits promise.

use super::*;
use crate::draw::Draws;

const BASE: Span = Span::from_millis(100);
const CAP: Span = Span::from_millis(2_000);

fn exponential(jitter: Jitter) -> Backoff {
    Backoff::Exponential { from: BASE, factor: 2.0, cap: CAP, jitter, first: 0 }
}

#[test]
fn exponential_waits_double_until_the_cap() {
    let mut draws = Draws::open(1, 1);
    let waits: Vec<u64> = (0..7)
        .map(|k| exponential(Jitter::None).wait(k, None, &mut draws).nanos() / 1_000_000)
        .collect();
    assert_eq!(waits, [100, 200, 400, 800, 1600, 2000, 2000]);
}

#[test]
fn no_wait_exceeds_its_cap_even_after_a_million_retries() {
    for nth in [0, 5, 64, 1_000_000, u32::MAX] {
        for jitter in [Jitter::None, Jitter::Full, Jitter::Equal] {
            let mut draws = Draws::open(3, u64::from(nth));
            assert!(exponential(jitter).wait(nth, None, &mut draws) <= CAP);
        }
    }
}

#[test]
fn equal_jitter_keeps_half_of_the_wait() {
    for key in 0..1_000 {
        let wait = exponential(Jitter::Equal).wait(2, None, &mut Draws::open(9, key));
        assert!((200..=400).contains(&(wait.nanos() / 1_000_000)));
    }
}

#[test]
fn decorrelated_jitter_remembers_the_capped_wait() {
    let backoff = Backoff::Decorrelated { from: BASE, cap: CAP };
    for key in 0..1_000 {
        let wait = backoff.wait(9, Some(CAP), &mut Draws::open(5, key));
        assert!(wait >= BASE && wait <= CAP);
    }
}
