//! An exact sliding window: the moments of the last calls.

use crate::time::{Span, Time};
use alloc::boxed::Box;
use alloc::vec;

/// Remembers when each of the last `limit` calls went, or will go; the next may go once the oldest
/// of them is a whole window old. Never more than `limit` in any window, for 8 bytes a call.
#[derive(Debug, Clone)]
pub struct SlidingLog {
    window: u64,
    /// The moments, oldest first from `oldest` on and around.
    moments: Box<[u64]>,
    oldest: usize,
    len: usize,
}

impl SlidingLog {
    /// One that nobody has used; `limit` > 0 calls a `window` > 0.
    pub fn new(limit: u32, window: Span) -> SlidingLog {
        let moments = vec![0; limit as usize].into_boxed_slice();
        SlidingLog { window: window.nanos(), moments, oldest: 0, len: 0 }
    }

    pub(super) fn earliest(&self, now: Time, n: u32) -> Option<Time> {
        let free = self.moments.len() - self.len;
        let Some(evicted) = (n as usize).checked_sub(free) else { return Some(now) };
        match evicted.checked_sub(1) {
            None => Some(now),
            Some(place) if place < self.len => {
                Some(now.max(Time::from_nanos(self.moment(place).saturating_add(self.window))))
            }
            Some(_) => None,
        }
    }

    pub(super) fn take(&mut self, at: Time, n: u32) {
        for _ in 0..n {
            if self.len < self.moments.len() {
                let place = self.place(self.len);
                self.moments[place] = at.nanos();
                self.len += 1;
            } else {
                self.moments[self.oldest] = at.nanos();
                self.oldest = self.place(1);
            }
        }
    }

    /// Takes back the newest `n`, who were to go at `at`. What they pushed out went a window
    /// before that at the latest, so it is taken to have gone then.
    pub(super) fn give_back(&mut self, at: Time, n: u32) {
        for _ in 0..n.min(self.len as u32) {
            match at.nanos().checked_sub(self.window) {
                Some(before) if self.len == self.moments.len() => {
                    self.oldest = self.place(self.moments.len() - 1);
                    self.moments[self.oldest] = before;
                }
                Some(_) | None => self.len -= 1,
            }
        }
    }

    pub(super) fn remaining(&self, now: Time) -> u32 {
        // Oldest first: those that have left come before all others.
        let (mut low, mut high) = (0, self.len);
        while low < high {
            let middle = (low + high) / 2;
            if self.moment(middle).saturating_add(self.window) <= now.nanos() {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        (self.moments.len() - self.len + low) as u32
    }

    pub(super) fn capacity(&self) -> u32 {
        self.moments.len() as u32
    }

    fn moment(&self, nth: usize) -> u64 {
        self.moments[self.place(nth)]
    }

    fn place(&self, nth: usize) -> usize {
        let place = self.oldest + nth;
        if place < self.moments.len() { place } else { place - self.moments.len() }
    }
}
