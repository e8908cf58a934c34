//! Waits in .NET's ticks of 100 ns, in Polly's order of operations.

use crate::backoff::config::{BackoffConfig, Growth, Spread};
use crate::draw::Chance;
use crate::math;
use crate::time::Span;

/// Nanoseconds of a tick.
const TICK: u64 = 100;
/// Ticks of a millisecond.
const PER_MS: f64 = 10_000.0;
/// More ticks than a `TimeSpan` holds.
const MOST: f64 = i64::MAX as f64;

/// Constant, linear and exponential waits, with `Around` or no jitter, and the cap put on last.
pub(super) fn grown(
    config: &BackoffConfig,
    from: Span,
    nth: u32,
    chance: &mut impl Chance,
) -> Span {
    let k = f64::from(nth.saturating_add(config.first));
    let cap = config.cap.unwrap_or(Span::MAX);
    let base = (from.nanos() / TICK) as f64;
    let raw = match config.growth {
        Growth::Linear => base + k * (config.step.nanos() / TICK) as f64,
        Growth::Exponential => base * math::pow(config.factor, k),
        _ => base,
    };
    // A delay of nothing stays so, without a draw.
    if from.is_zero() {
        return Span::ZERO;
    }
    let ticks = match config.spread {
        // Multiplying a TimeSpan rounds to the nearest tick.
        Spread::None => libm::rint(raw),
        Spread::Full | Spread::Equal | Spread::Around | Spread::Above => {
            let ms = raw / PER_MS;
            let factor = 2.0 * config.width.as_f64();
            let random = ms * factor * chance.share() - ms * factor / 2.0;
            (ms + random) * PER_MS
        }
    };
    span(ticks).min(cap)
}

/// Polly's exponential waits with jitter (George Polevoy's decorrelated jitter, version 2).
pub(super) fn smoothed(from: Span, nth: u32, carried: &mut f64, chance: &mut impl Chance) -> Span {
    /// Keeps the result within a `TimeSpan`, as Polly does.
    const LESS: f64 = 1_000.0;
    const SCALE: f64 = 1.0 / 1.4;
    if from.is_zero() {
        return Span::ZERO;
    }
    let next = smooth(f64::from(nth) + chance.share());
    let before = core::mem::replace(carried, next);
    if next.is_infinite() {
        return span(MOST - LESS);
    }
    let ticks = (next - before) * SCALE * (from.nanos() / TICK) as f64;
    span(ticks.min(MOST - LESS))
}

/// 2^t · tanh √(4t).
pub(super) fn smooth(t: f64) -> f64 {
    math::pow(2.0, t) * math::tanh(libm::sqrt(4.0 * t))
}

/// Whole ticks as a span: cut down, nothing if negative, all there is if too many.
fn span(ticks: f64) -> Span {
    if ticks >= MOST { Span::MAX } else { Span::from_nanos(TICK).saturating_mul(ticks as u64) }
}
