//! The last so many calls.

use super::counts::Counts;
use alloc::boxed::Box;
use alloc::vec;

const FAILED: u8 = 1;
const SLOW: u8 = 2;

/// The outcomes of the last so many calls, the oldest overwritten.
#[derive(Debug, Clone)]
pub(super) struct Ring {
    outcomes: Box<[u8]>,
    /// Where the next one goes.
    next: usize,
    held: usize,
    total: Counts,
}

impl Ring {
    pub(super) fn new(size: u32) -> Ring {
        let outcomes = vec![0; size.max(1) as usize].into_boxed_slice();
        Ring { outcomes, next: 0, held: 0, total: Counts::default() }
    }

    pub(super) fn clear(&mut self) {
        (self.next, self.held, self.total) = (0, 0, Counts::default());
    }

    pub(super) fn request(&mut self) {
        self.total.requests += 1;
    }

    pub(super) fn exclude(&mut self) {
        self.total.excluded += 1;
    }

    pub(super) fn record(&mut self, failed: bool, slow: bool) {
        if self.held == self.outcomes.len() {
            let old = self.outcomes[self.next];
            let bad = old & FAILED != 0;
            self.total.failures -= u64::from(bad);
            self.total.successes -= u64::from(!bad);
            self.total.slow -= u64::from(old & SLOW != 0);
            self.total.slow_failures -= u64::from(old == FAILED | SLOW);
        } else {
            self.held += 1;
        }
        self.outcomes[self.next] = (u8::from(failed) * FAILED) | (u8::from(slow) * SLOW);
        self.next = if self.next + 1 == self.outcomes.len() { 0 } else { self.next + 1 };
        self.total.add(failed, slow);
    }

    pub(super) const fn counts(&self) -> &Counts {
        &self.total
    }
}
