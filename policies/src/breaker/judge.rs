//! Whether what was counted is bad enough.

use super::config::{BreakerConfig, Rounding, ShareOf};
use super::counts::Counts;
use crate::settings::Share;

/// What opened a breaker: a number and the bound that it met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reason {
    /// What was counted: "percent failed", "failures in a row".
    pub what: &'static str,
    /// How much of it there was.
    pub value: u64,
    /// How much is allowed.
    pub bound: u64,
}

impl Reason {
    pub(super) const NONE: Reason = Reason::new("openings by hand", 1, 0);

    pub(super) const fn new(what: &'static str, value: u64, bound: u64) -> Reason {
        Reason { what, value, bound }
    }
}

impl BreakerConfig {
    /// What shares are shares of.
    pub(super) fn base(&self, counts: &Counts) -> u64 {
        match self.share_of {
            ShareOf::Outcomes => counts.calls(),
            ShareOf::Requests => counts.requests.saturating_sub(counts.excluded),
        }
    }

    /// What of these counts, with `overdue` slow calls still in flight, is bad enough to open.
    #[inline]
    pub(super) fn verdict(&self, counts: &Counts, overdue: u64, least: u64) -> Option<Reason> {
        if let Some(most) = self.in_a_row.filter(|most| counts.bad_run >= u64::from(*most)) {
            return Some(Reason::new("failures in a row", counts.bad_run, most.into()));
        }
        let all = self.base(counts) + overdue;
        if all < least || all == 0 {
            return None;
        }
        if let Some(most) = self.failures.filter(|most| counts.failures >= u64::from(*most)) {
            return Some(Reason::new("failures", counts.failures, most.into()));
        }
        let slow = counts.slow + overdue;
        if self.reached(self.failure_share, counts.failures, all) {
            let bound = self.failure_share.millionths() / 10_000;
            return Some(Reason::new(
                "percent failed",
                percent(counts.failures, all),
                bound.into(),
            ));
        }
        if self.slow_after.is_some() && self.reached(self.slow_share, slow, all) {
            let bound = self.slow_share.millionths() / 10_000;
            return Some(Reason::new("percent slow", percent(slow, all), bound.into()));
        }
        None
    }

    /// Whether a share meets its threshold, in whole numbers.
    #[inline]
    fn reached(&self, threshold: Share, part: u64, all: u64) -> bool {
        if threshold == Share::NONE {
            return false;
        }
        let (part, all) = match self.rounding {
            Rounding::Exact => (part, all),
            Rounding::Nearest => (nearest_percent(part, all), 100),
            Rounding::Down => (whole_percent(part, all), 100),
        };
        if self.exceed && threshold < Share::ALL {
            threshold.exceeded(part, all)
        } else {
            threshold.reached(part, all)
        }
    }

    /// Whether probes whose share of failures is bad enough close the breaker all the same.
    pub(super) fn closes_first(&self, counts: &Counts) -> bool {
        // failsafe-go rounds both shares, so that they may make more than 100 together, and looks
        // at the successes first.
        let good = nearest_percent(counts.successes, counts.calls());
        let most = Share::ALL.millionths() - self.failure_share.millionths();
        self.rounding == Rounding::Nearest
            && self.failure_share != Share::NONE
            && good * 10_000 > u64::from(most)
    }
}

/// `part` of `all` in whole percent, rounded down.
pub(super) fn percent(part: u64, all: u64) -> u64 {
    (u128::from(part) * 100 / u128::from(all.max(1))) as u64
}

/// `part` of `all` in whole percent, rounded down, in the order of operations of Hystrix, which
/// makes 28 percent of 29 in 100.
pub(super) fn whole_percent(part: u64, all: u64) -> u64 {
    (part as f64 / all.max(1) as f64 * 100.0) as u64
}

/// `part` of `all` in whole percent, halves up, in the order of operations of failsafe-go.
pub(super) fn nearest_percent(part: u64, all: u64) -> u64 {
    (part as f64 / all.max(1) as f64 * 100.0 + 0.5) as u64
}
