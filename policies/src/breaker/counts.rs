//! What is counted of calls.

/// Sums over the calls in a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Calls let through.
    pub requests: u64,
    /// Good outcomes.
    pub successes: u64,
    /// Bad outcomes.
    pub failures: u64,
    /// Outcomes that took too long, good or bad.
    pub slow: u64,
    /// Those of them that were bad.
    pub slow_failures: u64,
    /// Outcomes that were ignored.
    pub excluded: u64,
    /// Good outcomes since the last bad one.
    pub good_run: u64,
    /// Bad outcomes since the last good one.
    pub bad_run: u64,
}

impl Counts {
    /// Outcomes that count.
    pub const fn calls(&self) -> u64 {
        self.successes + self.failures
    }

    #[inline]
    pub(super) fn add(&mut self, failed: bool, slow: bool) {
        if failed {
            self.failures += 1;
            self.bad_run += 1;
            self.good_run = 0;
        } else {
            self.successes += 1;
            self.good_run += 1;
            self.bad_run = 0;
        }
        self.slow += u64::from(slow);
        self.slow_failures += u64::from(slow && failed);
    }

    /// Takes the sums of a part away; runs stay as they are.
    pub(super) fn take(&mut self, part: &Counts) {
        self.requests = self.requests.saturating_sub(part.requests);
        self.successes = self.successes.saturating_sub(part.successes);
        self.failures = self.failures.saturating_sub(part.failures);
        self.slow = self.slow.saturating_sub(part.slow);
        self.slow_failures = self.slow_failures.saturating_sub(part.slow_failures);
        self.excluded = self.excluded.saturating_sub(part.excluded);
    }
}
