//! How long to wait before a retry.

use crate::draw::Draws;
use crate::math;
use crate::time::Span;

/// How the wait before retry k grows; k counts from 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Backoff {
    /// The same wait every time; zero is an immediate retry.
    Constant {
        /// The wait.
        wait: Span,
    },
    /// min(cap, from · factor^k), then jittered.
    Exponential {
        /// The first wait, before jitter.
        from: Span,
        /// Growth per retry, ≥ 1.
        factor: f64,
        /// The longest wait, before jitter.
        cap: Span,
        /// What chance does to it.
        jitter: Jitter,
        /// The index of the first retry: 0 here and nearly everywhere, 1 in the AWS simulator.
        first: u32,
    },
    /// s = min(cap, U(from, 3·s)), starting from s = `from` (AWS, Brooker 2015).
    Decorrelated {
        /// The shortest wait.
        from: Span,
        /// The longest.
        cap: Span,
    },
    /// Exponentially distributed with this mean: the retrial queue of the books.
    Random {
        /// Mean wait.
        mean: Span,
    },
}

/// What chance does to a computed wait v.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Jitter {
    /// v itself.
    None,
    /// U(0, v).
    Full,
    /// v/2 + U(0, v/2).
    Equal,
}

impl Backoff {
    /// An immediate retry.
    pub const IMMEDIATE: Backoff = Backoff::Constant { wait: Span::ZERO };

    /// The wait before retry `nth` (from 0), given the previous wait of this call.
    /// Takes one draw where chance plays a part, none otherwise.
    pub fn wait(&self, nth: u32, previous: Option<Span>, draws: &mut Draws) -> Span {
        match *self {
            Backoff::Constant { wait } => wait,
            Backoff::Exponential { from, factor, cap, jitter, first } => {
                let grown = from.scale(math::powi(factor, nth.saturating_add(first)).min(1e18));
                let v = grown.min(cap);
                match jitter {
                    Jitter::None => v,
                    Jitter::Full => v.scale(draws.unit()),
                    Jitter::Equal => v.scale(0.5 + 0.5 * draws.unit()),
                }
            }
            Backoff::Decorrelated { from, cap } => {
                let low = from.nanos() as f64;
                let high = 3.0 * previous.unwrap_or(from).nanos() as f64;
                Span::round(low + (high - low) * draws.unit()).min(cap)
            }
            Backoff::Random { mean } => mean.scale(-math::ln_1p(-draws.unit())),
        }
    }

    /// Whether every wait is the same known length.
    pub const fn constant(&self) -> Option<Span> {
        match *self {
            Backoff::Constant { wait } => Some(wait),
            Backoff::Exponential { .. } | Backoff::Decorrelated { .. } | Backoff::Random { .. } => {
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
