//! The generic cell rate algorithm: one word of state.

use crate::time::{Span, Time};

/// Keeps the moment at which the next cell would be due if all came evenly spaced, the theoretical
/// arrival time *tat*. With an interval *t* = ⌊period / permits⌋ (at least 1 ns) and a burst *b*,
/// *n* cells pass at `now` ≥ tat + n·t − b·t, and then tat = max(tat, now) + n·t.
///
/// Where the interval divides evenly it decides exactly as a
/// [`TokenBucket`](super::TokenBucket) does; otherwise rounding down makes it a little fast.
#[derive(Debug, Clone)]
pub struct Gcra {
    interval: u64,
    burst: u32,
    due: u64,
}

impl Gcra {
    /// One that has been idle: a cell every `interval` > 0, at most `burst` at once.
    pub fn new(interval: Span, burst: u32) -> Gcra {
        Gcra { interval: interval.nanos().max(1), burst, due: 0 }
    }

    /// The interval for so many permits a period, as governor and throttled round it.
    pub fn interval(permits: u32, period: Span) -> Span {
        Span::from_nanos((period.nanos() / u64::from(permits.max(1))).max(1))
    }

    /// When the next cell would be due: all its state, as a store of limits keeps it.
    pub fn due(&self) -> Time {
        Time::from_nanos(self.due)
    }

    /// Puts another moment in its place, as who reads and writes without holding a lock does.
    pub fn set_due(&mut self, due: Time) {
        self.due = due.nanos();
    }

    /// How long until it is as if it had always been idle.
    pub fn reset_after(&self, now: Time) -> Span {
        Time::from_nanos(self.due).since(now)
    }

    pub(super) fn earliest(&self, now: Time, n: u32) -> Option<Time> {
        if n > self.burst {
            return None;
        }
        let early = self.interval.saturating_mul(u64::from(self.burst - n));
        Some(now.max(Time::from_nanos(self.due.saturating_sub(early))))
    }

    pub(super) fn take(&mut self, now: Time, n: u32) {
        self.due = self.due.max(now.nanos()).saturating_add(self.weight(n));
    }

    pub(super) fn give_back(&mut self, n: u32) {
        self.due = self.due.saturating_sub(self.weight(n));
    }

    pub(super) fn remaining(&self, now: Time) -> u32 {
        let used = self.due.saturating_sub(now.nanos());
        let left = self.weight(self.burst).saturating_sub(used) / self.interval;
        left.min(u64::from(self.burst)) as u32
    }

    pub(super) fn capacity(&self) -> u32 {
        self.burst
    }

    fn weight(&self, n: u32) -> u64 {
        self.interval.saturating_mul(u64::from(n))
    }
}
