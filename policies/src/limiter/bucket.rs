//! A token bucket in whole numbers.

use crate::time::{Span, Time};

/// Tokens run in at a steady rate up to the burst; who takes more than there are goes into debt.
///
/// The level is kept in parts of a token, as many to a token as a period has nanoseconds, so that
/// every nanosecond brings exactly `permits` parts: any rate, three a second too, is exact.
#[derive(Debug, Clone)]
pub struct TokenBucket {
    /// Parts that a nanosecond brings.
    permits: u32,
    /// Parts of a token.
    period: u64,
    burst: u32,
    /// Negative while tokens are owed.
    level: i128,
    filled: Time,
}

impl TokenBucket {
    /// A full one: `permits` > 0 tokens every `period` > 0, at most `burst` at once.
    pub fn new(permits: u32, period: Span, burst: u32) -> TokenBucket {
        let period = period.nanos();
        let level = i128::from(burst) * i128::from(period);
        TokenBucket { permits, period, burst, level, filled: Time::ZERO }
    }

    pub(super) fn advance(&mut self, now: Time) {
        let passed = now.since(self.filled).nanos();
        if passed > 0 {
            let full = self.parts(self.burst);
            let came = i128::from(passed) * i128::from(self.permits);
            self.level = (self.level + came).min(full);
            self.filled = now;
        }
    }

    pub(super) fn earliest(&self, now: Time, n: u32) -> Option<Time> {
        if n > self.burst {
            return None;
        }
        let missing = self.parts(n) - self.level;
        if missing <= 0 {
            return Some(now);
        }
        let wait = match u64::try_from(missing) {
            Ok(missing) => missing.div_ceil(u64::from(self.permits)),
            Err(_) => {
                let wait = missing.unsigned_abs().div_ceil(u128::from(self.permits));
                u64::try_from(wait).unwrap_or(u64::MAX)
            }
        };
        Some(now.saturating_add(Span::from_nanos(wait)))
    }

    pub(super) fn take(&mut self, n: u32) {
        self.level -= self.parts(n);
    }

    pub(super) fn give_back(&mut self, n: u32) {
        self.level = (self.level + self.parts(n)).min(self.parts(self.burst));
    }

    pub(super) fn remaining(&self) -> u32 {
        match u64::try_from(self.level) {
            Ok(level) => (level / self.period) as u32,
            Err(_) if self.level < 0 => 0,
            Err(_) => (self.level / i128::from(self.period)) as u32,
        }
    }

    pub(super) fn capacity(&self) -> u32 {
        self.burst
    }

    fn parts(&self, tokens: u32) -> i128 {
        i128::from(tokens) * i128::from(self.period)
    }
}
