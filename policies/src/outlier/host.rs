//! One host as the detector sees it.

use crate::time::{Span, Time};

/// Calls and those of them that were good.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tally {
    pub(super) calls: u64,
    pub(super) good: u64,
}

impl Tally {
    pub(super) const fn add(&mut self, good: bool) {
        self.calls += 1;
        self.good += good as u64;
    }

    pub(super) const fn bad(&self) -> u64 {
        self.calls - self.good
    }
}

/// Whose failures are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// What the host answered.
    External,
    /// Whether it was reached.
    Local,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Host {
    pub(super) present: bool,
    pub(super) ejected: Option<Time>,
    /// How many bases its next ejection lasts, less one.
    pub(super) multiple: u32,
    pub(super) jitter: Span,
    /// When it returned last.
    pub(super) returned: Option<Time>,
    pub(super) errors: u32,
    pub(super) gateway_errors: u32,
    pub(super) local_failures: u32,
    /// This interval and the last, by origin.
    current: [Tally; 2],
    last: [Tally; 2],
}

impl Host {
    pub(super) fn new() -> Host {
        Host { present: true, ..Host::default() }
    }

    pub(super) const fn is_in(&self) -> bool {
        self.present && self.ejected.is_none()
    }

    pub(super) fn count(&mut self, origin: Origin, good: bool) {
        self.current[origin as usize].add(good);
    }

    /// What it did in the interval before the last sweep.
    pub(super) const fn last(&self, origin: Origin) -> Tally {
        self.last[origin as usize]
    }

    pub(super) fn rotate(&mut self) {
        self.last = core::mem::take(&mut self.current);
    }

    pub(super) fn forget_runs(&mut self) {
        (self.errors, self.gateway_errors, self.local_failures) = (0, 0, 0);
    }
}
