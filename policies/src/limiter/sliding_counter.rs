//! A sliding window from two counters.

use crate::time::{Span, Time};

/// Estimates the calls of the window that ends now from the fixed window before and this one:
/// previous · (W − elapsed) / W + current, and lets through while that is below the limit
/// (Cloudflare 2017). It takes the previous window for even, so a window that was full at its end
/// and one that is full at its end stand side by side: up to twice the limit in less than a window.
#[derive(Debug, Clone)]
pub struct SlidingCounter {
    window: u64,
    limit: u32,
    /// Whether the call itself must fit: estimate + 1 ≤ limit instead of estimate < limit.
    counts_itself: bool,
    number: u64,
    previous: u64,
    current: u64,
}

impl SlidingCounter {
    /// One that nobody has used; `limit` > 0 calls a `window` > 0.
    pub fn new(limit: u32, window: Span, counts_itself: bool) -> SlidingCounter {
        let window = window.nanos();
        SlidingCounter { window, limit, counts_itself, number: 0, previous: 0, current: 0 }
    }

    /// As if the window before had seen `previous` calls and this one `current`.
    pub fn with_counts(self, previous: u64, current: u64) -> SlidingCounter {
        SlidingCounter { previous, current, ..self }
    }

    /// Calls in the window that ends now, as it estimates them.
    pub fn estimate(&mut self, now: Time) -> f64 {
        self.advance(now);
        let left = (self.window - self.elapsed(now)) as f64;
        self.previous as f64 * left / self.window as f64 + self.current as f64
    }

    pub(super) fn advance(&mut self, now: Time) {
        let number = now.nanos() / self.window;
        if number > self.number {
            self.previous = if number == self.number + 1 { self.current } else { 0 };
            (self.number, self.current) = (number, 0);
        }
    }

    pub(super) fn earliest(&self, now: Time, n: u32) -> Option<Time> {
        if n > self.limit {
            return None;
        }
        let fits = self.fits_from(self.previous, self.current, n);
        if fits.is_some_and(|from| self.elapsed(now) >= from) {
            return Some(now);
        }
        let begins = self.number.saturating_mul(self.window);
        let (next, after_next) = (
            begins.saturating_add(self.window),
            begins.saturating_add(self.window.saturating_mul(2)),
        );
        let at = match fits {
            Some(from) => begins.saturating_add(from),
            None => match self.fits_from(self.current, 0, n) {
                Some(from) => next.saturating_add(from),
                None => after_next,
            },
        };
        Some(Time::from_nanos(at))
    }

    pub(super) fn take(&mut self, n: u32) {
        self.current += u64::from(n);
    }

    pub(super) fn give_back(&mut self, n: u32) {
        self.current = self.current.saturating_sub(u64::from(n));
    }

    pub(super) fn remaining(&self, now: Time) -> u32 {
        let window = u128::from(self.window);
        let left = u128::from(self.window - self.elapsed(now));
        let used = u128::from(self.previous) * left + u128::from(self.current) * window;
        let room = (u128::from(self.limit) * window).saturating_sub(used);
        let whole = if self.counts_itself { room / window } else { room.div_ceil(window) };
        u32::try_from(whole).unwrap_or(u32::MAX)
    }

    pub(super) fn capacity(&self) -> u32 {
        self.limit
    }

    fn elapsed(&self, now: Time) -> u64 {
        now.nanos().saturating_sub(self.number.saturating_mul(self.window)).min(self.window)
    }

    /// From how far into a window on `n` more fit beside these counts, if within it at all.
    fn fits_from(&self, previous: u64, current: u64, n: u32) -> Option<u64> {
        // previous · (W − elapsed) < room · W, or ≤ where the call itself counts.
        let before = if self.counts_itself { n } else { n.saturating_sub(1) };
        let room = u64::from(self.limit).checked_sub(current.saturating_add(u64::from(before)))?;
        let product = u128::from(room) * u128::from(self.window);
        if previous == 0 {
            return (self.counts_itself || room > 0).then_some(0);
        }
        let most_left = if self.counts_itself {
            product / u128::from(previous)
        } else {
            product.div_ceil(u128::from(previous)).checked_sub(1)?
        };
        let left = u64::try_from(most_left).unwrap_or(u64::MAX).min(self.window);
        (left > 0).then(|| self.window - left)
    }
}
