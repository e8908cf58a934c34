//! Waits in seconds of single precision, each from the one before, as backon computes them.

use crate::backoff::config::{BackoffConfig, Capped, Growth, Spread};
use crate::draw::Chance;
use crate::time::Span;
use core::time::Duration;

/// Beyond that many steps a growing wait has long outgrown every axis.
const STEPS: u32 = 1 << 16;

/// Constant, linear and exponential waits; the cap is put on before chance or twice.
pub(super) fn grown(
    config: &BackoffConfig,
    from: Span,
    nth: u32,
    chance: &mut impl Chance,
) -> Span {
    let cap = config.cap.map_or(Duration::MAX, duration);
    let mut wait = duration(from);
    for _ in 0..nth.saturating_add(config.first).min(STEPS) {
        let last = wait;
        if wait < cap {
            wait = match config.growth {
                Growth::Linear => wait.saturating_add(duration(config.step)),
                Growth::Exponential => times(wait, config.factor as f32),
                _ => wait,
            };
        }
        wait = wait.min(cap);
        if wait == last {
            break;
        }
    }
    let more = match config.spread {
        Spread::None => Duration::ZERO,
        Spread::Full | Spread::Equal | Spread::Around | Spread::Above => {
            let part = chance.share() as f32 * config.width.as_f64() as f32;
            times(wait, part)
        }
    };
    let wait = wait.saturating_add(more);
    span(if config.capped == Capped::Before { wait } else { wait.min(cap) })
}

fn times(wait: Duration, factor: f32) -> Duration {
    Duration::try_from_secs_f32(factor * wait.as_secs_f32()).unwrap_or(Duration::MAX)
}

fn duration(span: Span) -> Duration {
    Duration::from_nanos(span.nanos())
}

fn span(duration: Duration) -> Span {
    Span::from_nanos(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX))
}
