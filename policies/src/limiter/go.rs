//! The token bucket of golang.org/x/time/rate, in its own floats.

use crate::time::{NANOS_PER_SEC, Span, Time};

/// The greatest length of time there is in Go, which stands for "never".
const NEVER: u64 = i64::MAX as u64;

/// Tokens are a float that runs in at a float rate; every operation is done in Go's own order.
///
/// A clock that jumps back brings no tokens, but the time since the earlier moment then counts
/// again: two tokens for one wait. (Inside a [`Limiter`](super::Limiter) time never runs back.)
#[derive(Debug, Clone)]
pub struct GoBucket {
    per_second: f64,
    burst: u32,
    tokens: f64,
    filled: Time,
    /// When the last of those who were let through may act.
    last_act: Time,
}

/// What somebody holds who was let through, perhaps for later.
#[derive(Debug, PartialEq)]
pub struct GoReservation {
    /// When he may act; [`Time::MAX`] if the tokens never come.
    pub at: Time,
    n: u32,
    /// The rate of then, which may have changed since.
    per_second: f64,
}

impl GoReservation {
    #[inline]
    pub(super) fn parts(&self) -> (Time, u32, u64) {
        (self.at, self.n, self.per_second.to_bits())
    }

    pub(super) fn from_parts(at: Time, n: u32, bits: u64) -> GoReservation {
        GoReservation { at, n, per_second: f64::from_bits(bits) }
    }
}

impl GoBucket {
    /// A full one; a rate of infinity lets everything through whatever the burst.
    pub fn new(per_second: f64, burst: u32) -> GoBucket {
        let tokens = f64::from(burst);
        GoBucket { per_second, burst, tokens, filled: Time::ZERO, last_act: Time::ZERO }
    }

    /// The tokens there are, negative while they are owed.
    #[inline]
    pub fn tokens(&self, now: Time) -> f64 {
        let passed = now.since(self.filled);
        (self.tokens + self.tokens_in(passed)).min(f64::from(self.burst))
    }

    /// Takes `n` tokens for as early as they are there, unless that is later than `longest_wait`
    /// or `n` is more than the burst.
    pub fn reserve(&mut self, now: Time, n: u32, longest_wait: Span) -> Option<GoReservation> {
        let per_second = self.per_second;
        if per_second == f64::INFINITY {
            return Some(GoReservation { at: now, n, per_second });
        }
        let tokens = self.tokens(now) - f64::from(n);
        let wait = self.wait_for(tokens);
        if n > self.burst || wait > longest_wait {
            return None;
        }
        let at = if wait.nanos() == NEVER { Time::MAX } else { now.saturating_add(wait) };
        (self.filled, self.tokens, self.last_act) = (now, tokens, at);
        Some(GoReservation { at, n, per_second })
    }

    /// As [`GoBucket::reserve`], but nobody is let through for never; a refusal says when `n` would
    /// be there, and how many are now.
    #[inline]
    pub(super) fn ask(
        &mut self,
        now: Time,
        n: u32,
        longest_wait: Span,
    ) -> Result<GoReservation, (Option<Time>, u32)> {
        let per_second = self.per_second;
        if per_second == f64::INFINITY {
            return Ok(GoReservation { at: now, n, per_second });
        }
        let before = self.tokens(now);
        let tokens = before - f64::from(n);
        let wait = self.wait_for(tokens);
        let comes = n <= self.burst && wait.nanos() < NEVER;
        let at = now.saturating_add(wait);
        if comes && wait <= longest_wait {
            (self.filled, self.tokens, self.last_act) = (now, tokens, at);
            return Ok(GoReservation { at, n, per_second });
        }
        Err((comes.then_some(at), before as u32))
    }

    /// Gives back what a reservation took and no later one has built upon; too late after its
    /// moment.
    pub fn cancel(&mut self, now: Time, reservation: GoReservation) {
        let GoReservation { at, n, per_second } = reservation;
        if per_second == f64::INFINITY || n == 0 || at < now {
            return;
        }
        let since = if self.last_act >= at {
            tokens_in(per_second, self.last_act.since(at))
        } else {
            -tokens_in(per_second, at.since(self.last_act))
        };
        let restored = f64::from(n) - since;
        if restored <= 0.0 {
            return;
        }
        self.tokens = (self.tokens(now) + restored).min(f64::from(self.burst));
        self.filled = now;
        if at == self.last_act {
            let before = length(f64::from(n) / per_second * NANOS_PER_SEC as f64);
            let previous = Time::from_nanos(at.nanos().saturating_sub(before.nanos()));
            if previous >= now {
                self.last_act = previous;
            }
        }
    }

    /// Changes the rate from now on.
    pub fn set_rate(&mut self, now: Time, per_second: f64) {
        (self.tokens, self.filled) = (self.tokens(now), now);
        self.per_second = per_second;
    }

    /// Changes the burst from now on.
    pub fn set_burst(&mut self, now: Time, burst: u32) {
        (self.tokens, self.filled) = (self.tokens(now), now);
        self.burst = burst;
    }

    pub(super) fn earliest(&self, now: Time, n: u32) -> Option<Time> {
        if self.per_second == f64::INFINITY {
            return Some(now);
        }
        let wait = self.wait_for(self.tokens(now) - f64::from(n));
        (n <= self.burst && wait.nanos() < NEVER).then(|| now.saturating_add(wait))
    }

    pub(super) fn remaining(&self, now: Time) -> u32 {
        self.tokens(now) as u32
    }

    pub(super) fn capacity(&self) -> u32 {
        self.burst
    }

    /// How long until a level below zero is back at zero.
    #[inline]
    fn wait_for(&self, tokens: f64) -> Span {
        if tokens >= 0.0 {
            Span::ZERO
        } else if self.per_second <= 0.0 {
            Span::from_nanos(NEVER)
        } else {
            length(-tokens / self.per_second * NANOS_PER_SEC as f64)
        }
    }

    #[inline]
    fn tokens_in(&self, passed: Span) -> f64 {
        tokens_in(self.per_second, passed)
    }
}

/// Go's `time.Duration(float)`: towards zero, and no longer than there is.
#[inline]
fn length(nanos: f64) -> Span {
    Span::from_nanos((nanos as u64).min(NEVER))
}

/// Go's `d.Seconds() * limit`.
#[inline]
fn tokens_in(per_second: f64, passed: Span) -> f64 {
    if per_second <= 0.0 {
        return 0.0;
    }
    let whole = (passed.nanos() / NANOS_PER_SEC) as f64;
    let rest = (passed.nanos() % NANOS_PER_SEC) as f64 / NANOS_PER_SEC as f64;
    (whole + rest) * per_second
}
