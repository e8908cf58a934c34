//! One permit an interval, on the grid of intervals.

use crate::time::{Span, Time};

/// The smooth limiter of failsafe-go: time is cut into intervals and each lets one through, early
/// or late in it; who comes after goes at the beginning of the next free interval.
#[derive(Debug, Clone)]
pub struct Smooth {
    interval: u64,
    /// The beginning of the next free interval.
    next_free: u64,
}

impl Smooth {
    /// One whose every interval is free; `interval` > 0.
    pub fn new(interval: Span) -> Smooth {
        Smooth { interval: interval.nanos().max(1), next_free: 0 }
    }

    /// When the next free interval begins.
    pub fn next_free(&self) -> Time {
        Time::from_nanos(self.next_free)
    }

    pub(super) fn earliest(&self, now: Time, n: u32) -> Option<Time> {
        let last = self.after(now, n).saturating_sub(self.interval);
        Some(now.max(Time::from_nanos(last)))
    }

    pub(super) fn take(&mut self, now: Time, n: u32) {
        self.next_free = self.after(now, n);
    }

    pub(super) fn give_back(&mut self, n: u32) {
        self.next_free = self.next_free.saturating_sub(self.interval.saturating_mul(u64::from(n)));
    }

    pub(super) fn remaining(&self, now: Time) -> u32 {
        u32::from(now.nanos() >= self.next_free)
    }

    /// The next free interval once `n` more are taken.
    fn after(&self, now: Time, n: u32) -> u64 {
        let free = if now.nanos() >= self.next_free {
            now.nanos() - now.nanos() % self.interval
        } else {
            self.next_free
        };
        free.saturating_add(self.interval.saturating_mul(u64::from(n)))
    }
}
