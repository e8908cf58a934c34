//! folly's CoDel: a queue is overloaded when even the least wait of an interval was too long.

use crate::time::{Span, Time};

/// The interval so far.
#[derive(Debug, Clone)]
pub(super) struct Codel {
    target: Span,
    interval: Span,
    ends: Time,
    /// The least wait of this interval; nothing before its first.
    least: Option<Span>,
    /// What a new interval starts from, and what the load is read from.
    last_least: Span,
    pub(super) overloaded: bool,
}

impl Codel {
    pub(super) fn new(target: Span, interval: Span) -> Codel {
        let last_least = Span::ZERO;
        Codel { target, interval, ends: Time::ZERO, least: None, last_least, overloaded: false }
    }

    /// Goes on with other bounds.
    pub(super) fn retune(&mut self, target: Span, interval: Span) {
        (self.target, self.interval) = (target, interval);
    }

    /// One leaves the queue after this wait; whether it is to be dropped. The first of an interval
    /// never is.
    pub(super) fn leaves(&mut self, now: Time, waited: Span) -> bool {
        if now > self.ends && self.least.is_some() {
            self.ends = now.saturating_add(self.interval);
            self.overloaded = self.last_least > self.target;
            self.least = None;
        }
        let Some(least) = self.least else {
            (self.least, self.last_least) = (Some(waited), waited);
            return false;
        };
        self.last_least = least.min(waited);
        self.least = Some(self.last_least);
        self.overloaded && waited > self.target.saturating_mul(2)
    }

    /// The queue is empty: what was before is over.
    pub(super) fn forget(&mut self) {
        (self.least, self.overloaded) = (None, false);
    }

    /// The least wait against twice the target, in percent, at most 100.
    pub(super) fn load(&self) -> u32 {
        let bound = self.target.saturating_mul(2).nanos().max(1);
        (u128::from(self.last_least.nanos()) * 100 / u128::from(bound)).min(100) as u32
    }
}
