//! Finagle's jittered waits: whole nanoseconds, the first without chance, constant at the cap.

use crate::draw::Chance;
use crate::time::Span;

/// `from` · 2^`doublings`, or the cap where that is as much or more.
fn doubled(from: u64, doublings: u32, cap: u64) -> u64 {
    let doublings = doublings.min(62);
    if from >= cap >> doublings { cap } else { from << doublings }
}

fn below(bound: u64, chance: &mut impl Chance) -> u64 {
    if bound == 0 { 0 } else { chance.below(bound) }
}

/// The last wait in nanoseconds, or what the wait is without chance: the first, and the cap's.
fn last(from: Span, cap: Span, nth: u32, previous: Option<Span>) -> Result<u64, Span> {
    if nth == 0 || from >= cap {
        return Err(from.min(cap));
    }
    let last = previous.unwrap_or(from);
    if last >= cap { Err(cap) } else { Ok(last.nanos()) }
}

/// Half for sure, half by chance.
pub(super) fn rising(
    from: Span,
    cap: Span,
    nth: u32,
    previous: Option<Span>,
    chance: &mut impl Chance,
) -> Span {
    if let Err(wait) = last(from, cap, nth, previous) {
        return wait;
    }
    let half = doubled(from.nanos(), nth - 1, cap.nanos());
    let random = below(half, chance);
    if half >= cap.nanos().saturating_sub(random) { cap } else { Span::from_nanos(half + random) }
}

/// Anything up to 2^`nth` times the last wait.
pub(super) fn compounding(
    from: Span,
    cap: Span,
    nth: u32,
    previous: Option<Span>,
    chance: &mut impl Chance,
) -> Span {
    let last = match last(from, cap, nth, previous) {
        Ok(last) => last,
        Err(wait) => return wait,
    };
    let most = doubled(last, nth, cap.nanos());
    if most == cap.nanos() { cap } else { Span::from_nanos(below(most, chance)) }
}

/// Between the last wait and three times that.
pub(super) fn climbing(
    from: Span,
    cap: Span,
    nth: u32,
    previous: Option<Span>,
    chance: &mut impl Chance,
) -> Span {
    let last = match last(from, cap, nth, previous) {
        Ok(last) => last,
        Err(wait) => return wait,
    };
    let upper = if last >= cap.nanos() / 3 { cap.nanos() } else { 3 * last };
    Span::from_nanos(last + below(upper - last, chance)).min(cap)
}
