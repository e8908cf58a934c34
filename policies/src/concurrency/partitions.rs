//! Shares of a limit: who is guaranteed how much of it when it is used up.

use crate::settings::{Problem, Share};
use alloc::boxed::Box;
use alloc::vec::Vec;

/// Parts of the limit. Below the whole limit anyone may burst into what others leave; at or above
/// it a part still gets what it is guaranteed, so that all of them together may exceed the limit.
#[derive(Debug, Clone)]
pub(super) struct Partitions {
    /// Guaranteed share and calls in flight; the last is for calls of no part.
    parts: Box<[(Share, u32)]>,
}

impl Partitions {
    /// # Errors
    /// When the shares are more than everything.
    pub(super) fn new(shares: &[Share]) -> Result<Partitions, Vec<Problem>> {
        let sum: u64 = shares.iter().map(|share| u64::from(share.millionths())).sum();
        if sum > u64::from(Share::ALL.millionths()) {
            let found = Share::ppm(u32::try_from(sum).unwrap_or(u32::MAX));
            let why = "more than the whole limit would be guaranteed";
            let remedy = "write shares of 100% together at most";
            return Err(Vec::from([Problem::new("partitions", found, why, remedy)]));
        }
        let parts = shares.iter().map(|&share| (share, 0)).chain([(Share::NONE, 0)]).collect();
        Ok(Partitions { parts })
    }

    /// The number of a part, or that of the calls of no part.
    pub(super) fn number(&self, part: u32) -> usize {
        (part as usize).min(self.parts.len() - 1)
    }

    /// What a part is guaranteed of a limit: rounded up and at least 1, for calls of no part
    /// nothing.
    pub(super) fn guaranteed(&self, number: usize, limit: u32) -> u32 {
        if number == self.parts.len() - 1 {
            return 0;
        }
        let share = self.parts[number].0.as_f64();
        (libm::ceil(f64::from(limit) * share) as u32).max(1)
    }

    /// Calls in flight of a part.
    pub(super) fn inside(&self, number: usize) -> u32 {
        self.parts[number].1
    }

    pub(super) fn enter(&mut self, number: usize) {
        self.parts[number].1 += 1;
    }

    pub(super) fn leave(&mut self, number: usize) {
        let inside = &mut self.parts[number].1;
        *inside = inside.saturating_sub(1);
    }
}
