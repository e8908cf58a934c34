//! Windows one after the other, each with its permits.

use crate::time::{Span, Time};

/// Every window of `period` brings `permits`. Who takes more than there are takes those of windows
/// to come and waits for them; who waits for the same window starts at the same moment.
///
/// Around a boundary it lets through twice its permits in no time at all.
#[derive(Debug, Clone)]
pub struct Cycle {
    period: u64,
    permits: i64,
    windows: Windows,
    /// When the window ends.
    ends: u64,
    /// Negative while permits of windows to come are taken.
    available: i64,
}

/// Where windows begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Windows {
    /// At multiples of the period; at most one window's permits are ever there (resilience4j).
    OnGrid,
    /// At multiples of the period; a debt that is repaid is repaid in full, so that after it there
    /// may be more permits than one window has (failsafe-go's bursty limiter).
    OnGridUncapped,
    /// At the first call after the one before has ended (tower).
    AtFirstCall,
}

impl Cycle {
    /// One with all its permits: `permits` > 0 every `period` > 0.
    pub fn new(permits: u32, period: Span, windows: Windows) -> Cycle {
        let (period, permits) = (period.nanos(), i64::from(permits));
        let ends = if let Windows::AtFirstCall = windows { 0 } else { period };
        Cycle { period, permits, windows, ends, available: permits }
    }

    /// Permits left as of the last call, negative while those to come are taken.
    pub fn available(&self) -> i64 {
        self.available
    }

    /// The window's number as of the last call, from 0; for windows on the grid.
    pub fn number(&self) -> u64 {
        (self.ends / self.period).saturating_sub(1)
    }

    /// Whether the next call may go, or when (tower's `poll_ready`): a window that was used up and
    /// has ended is followed by one that begins now, not at the call.
    ///
    /// # Errors
    /// When the window ends.
    pub fn ready(&mut self, now: Time) -> Result<(), Time> {
        if self.available <= 0 {
            self.advance(now);
        }
        if self.available > 0 { Ok(()) } else { Err(Time::from_nanos(self.ends)) }
    }

    /// Changes what each window brings from the next one on.
    pub fn set_permits(&mut self, permits: u32) {
        self.permits = i64::from(permits);
    }

    pub(super) fn advance(&mut self, now: Time) {
        let Some(late) = now.nanos().checked_sub(self.ends) else { return };
        let begun = late / self.period + 1;
        let came = i64::try_from(begun).unwrap_or(i64::MAX).saturating_mul(self.permits);
        let in_debt_before = self.available.saturating_add(came.saturating_sub(self.permits)) < 0;
        let on_grid = self.ends.saturating_add(begun.saturating_mul(self.period));
        (self.ends, self.available) = match self.windows {
            Windows::OnGrid => (on_grid, self.available.saturating_add(came).min(self.permits)),
            Windows::OnGridUncapped if self.available < 0 => {
                (on_grid, self.available.saturating_add(came))
            }
            Windows::OnGridUncapped => (on_grid, self.permits),
            // What was promised for this window was promised for windows without a gap.
            Windows::AtFirstCall if in_debt_before => {
                (on_grid, self.available.saturating_add(came))
            }
            Windows::AtFirstCall => (now.nanos().saturating_add(self.period), self.permits),
        };
    }

    pub(super) fn earliest(&self, now: Time, n: u32) -> Option<Time> {
        let missing = i64::from(n).saturating_sub(self.available);
        if missing <= 0 {
            return Some(now);
        }
        if self.permits == 0 {
            return None;
        }
        let more = (missing.unsigned_abs().div_ceil(self.permits.unsigned_abs()) - 1)
            .saturating_mul(self.period);
        Some(Time::from_nanos(self.ends.saturating_add(more)))
    }

    pub(super) fn take(&mut self, n: u32) {
        self.available = self.available.saturating_sub(i64::from(n));
    }

    pub(super) fn give_back(&mut self, n: u32) {
        let most = self.permits.max(self.available);
        self.available = self.available.saturating_add(i64::from(n)).min(most);
    }

    pub(super) fn remaining(&self) -> u32 {
        u32::try_from(self.available.max(0)).unwrap_or(u32::MAX)
    }

    pub(super) fn capacity(&self) -> u32 {
        u32::try_from(self.permits).unwrap_or(u32::MAX)
    }
}
