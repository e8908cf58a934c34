//! Deposits less withdrawals of the last `ttl`, on a fixed grid of ten slices.

use crate::budget::{Micro, RETRY};
use crate::time::{Span, Time};

const SLICES: usize = 10;

/// The state behind [`BudgetRule::Ratio`](crate::budget::BudgetRule::Ratio).
#[derive(Debug, Clone)]
pub(super) struct Ratio {
    share: Micro,
    /// The standing allowance over one ttl.
    reserve: Micro,
    /// Nanoseconds of a slice.
    width: u64,
    /// Deposits less withdrawals that have not lapsed.
    balance: Micro,
    ring: [Micro; SLICES],
    /// The number of the slice being written, counted from time zero.
    current: u64,
    /// When it ends.
    ends: u64,
}

impl Ratio {
    pub(super) fn new(share: Micro, ttl: Span, min_per_s: Micro) -> Ratio {
        let width = (ttl.nanos() / SLICES as u64).max(1);
        Ratio {
            share,
            reserve: reserve(min_per_s, ttl),
            width,
            balance: 0,
            ring: [0; SLICES],
            current: 0,
            ends: width,
        }
    }

    #[inline]
    pub(super) fn balance(&mut self, now: Time) -> Micro {
        self.advance(now);
        self.balance.saturating_add(self.reserve)
    }

    #[inline]
    pub(super) fn deposit(&mut self, now: Time) {
        self.advance(now);
        self.write(self.share);
    }

    #[inline]
    pub(super) fn withdraw(&mut self, now: Time) -> bool {
        let enough = self.balance(now) >= RETRY;
        if enough {
            self.write(-RETRY);
        }
        enough
    }

    #[inline]
    fn write(&mut self, amount: Micro) {
        self.balance = self.balance.saturating_add(amount);
        let slice = &mut self.ring[(self.current % SLICES as u64) as usize];
        *slice = slice.saturating_add(amount);
    }

    #[inline]
    fn advance(&mut self, now: Time) {
        if now.nanos() >= self.ends {
            self.lapse(now.nanos() / self.width);
        }
    }

    /// Lets slices lapse until `target` is the one being written.
    fn lapse(&mut self, target: u64) {
        let lapsed = target.saturating_sub(self.current).min(SLICES as u64);
        for step in 1..=lapsed {
            let place = (self.current.wrapping_add(step) % SLICES as u64) as usize;
            self.balance = self.balance.saturating_sub(self.ring[place]);
            self.ring[place] = 0;
        }
        self.current = self.current.max(target);
        self.ends = self.current.saturating_add(1).saturating_mul(self.width);
    }
}

/// The standing allowance of a ratio budget over one `ttl`.
fn reserve(min_per_s: Micro, ttl: Span) -> Micro {
    let whole = i128::from(min_per_s) * i128::from(ttl.nanos()) / 1_000_000_000;
    Micro::try_from(whole).unwrap_or(Micro::MAX)
}
