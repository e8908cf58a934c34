//! Brooker's breaker for retries (2022): none while too many of all calls so far have failed.

use crate::settings::Share;

/// What such a record is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordConfig {
    /// The most attempts that may have failed, as a share of the calls since the start.
    pub share: Share,
}

/// Calls begun and attempts failed since the start. Nothing is ever forgotten, so after a long
/// outage it stays shut for long.
///
/// ```
/// use brownout_policies::budget::record::{FailureRecord, RecordConfig};
/// use brownout_policies::settings::Share;
///
/// let mut record = FailureRecord::new(RecordConfig { share: Share::percent(10) });
/// (0..10).for_each(|_| record.on_call());
/// record.on_failure();
/// assert!(record.allows(), "one of ten is not more than 10%");
/// record.on_failure();
/// assert!(!record.allows());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailureRecord {
    share: Share,
    calls: u64,
    failures: u64,
}

impl FailureRecord {
    /// A clean one.
    pub const fn new(config: RecordConfig) -> FailureRecord {
        FailureRecord { share: config.share, calls: 0, failures: 0 }
    }

    /// A call begins; its retries are no calls.
    #[inline]
    pub const fn on_call(&mut self) {
        self.calls = self.calls.saturating_add(1);
    }

    /// An attempt failed, a first one or a retry.
    #[inline]
    pub const fn on_failure(&mut self) {
        self.failures = self.failures.saturating_add(1);
    }

    /// Whether the failures so far, the last one included, are few enough for a retry.
    #[inline]
    pub fn allows(&self) -> bool {
        self.margin() >= 0
    }

    /// How many more failures it would bear, in millionths; negative while it is shut.
    pub fn margin(&self) -> i64 {
        let borne = u128::from(self.share.millionths()) * u128::from(self.calls);
        let failed = 1_000_000 * u128::from(self.failures);
        let clamp = |amount: u128| i64::try_from(amount).unwrap_or(i64::MAX);
        if borne >= failed { clamp(borne - failed) } else { -clamp(failed - borne) }
    }
}
