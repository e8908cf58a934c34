//! A leaky bucket with slack: one after the other, evenly spaced.

use crate::time::{Span, Time};

/// uber-go/ratelimit: every caller is given a moment one interval after the one before him; a
/// limiter that was idle may catch up on at most `slack` intervals.
#[derive(Debug, Clone)]
pub struct Paced {
    interval: u64,
    slack: u64,
    /// The moment that the last caller was given.
    last: Option<u64>,
}

impl Paced {
    /// One that nobody has used; `interval` > 0. The first caller goes at once, alone.
    pub fn new(interval: Span, slack: u32) -> Paced {
        let interval = interval.nanos().max(1);
        Paced { interval, slack: interval.saturating_mul(u64::from(slack)), last: None }
    }

    pub(super) fn earliest(&self, now: Time, n: u32) -> Option<Time> {
        Some(now.max(Time::from_nanos(self.after(now, n))))
    }

    pub(super) fn take(&mut self, now: Time, n: u32) {
        if n > 0 {
            self.last = Some(self.after(now, n));
        }
    }

    pub(super) fn give_back(&mut self, n: u32) {
        let back = self.interval.saturating_mul(u64::from(n));
        self.last = self.last.map(|last| last.saturating_sub(back));
    }

    pub(super) fn remaining(&self, now: Time) -> u32 {
        let first = self.after(now, 1);
        if first > now.nanos() {
            return 0;
        }
        u32::try_from((now.nanos() - first) / self.interval + 1).unwrap_or(u32::MAX)
    }

    /// How many can go at once after a long idle time.
    pub(super) fn capacity(&self) -> u32 {
        u32::try_from(self.slack / self.interval + 1).unwrap_or(u32::MAX)
    }

    /// The moment of the last of `n` more callers.
    fn after(&self, now: Time, n: u32) -> u64 {
        let (now, interval, slack) = (now.nanos(), self.interval, self.slack);
        let Some(more) = n.checked_sub(1) else { return now };
        let first = match self.last {
            None => now,
            Some(last) if slack == 0 && now.saturating_sub(last) > interval => now,
            Some(last)
                if slack > 0 && now.saturating_sub(last) > slack.saturating_add(interval) =>
            {
                now - slack
            }
            Some(last) => last.saturating_add(interval),
        };
        first.saturating_add(interval.saturating_mul(u64::from(more)))
    }
}
