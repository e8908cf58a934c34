//! Retry budgets: how many extra attempts a caller may afford.
//!
//! Tokens are whole millionths, so no rounding accumulates and a threshold is exact.

use crate::time::{Span, Time};

/// Millionths of a token: one retry costs [`RETRY`].
pub type Micro = i64;

/// The price of one retry, one whole token.
pub const RETRY: Micro = 1_000_000;

/// Who shares one budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Each replica of the caller has its own (a client library's state lives in its process).
    Replica,
    /// All replicas of the caller share one.
    Caller,
    /// Every caller of the dependency shares one.
    Fleet,
}

/// What a budget promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BudgetRule {
    /// Every call deposits `share`; deposits lapse after `ttl`; `min_per_s` is there for nothing.
    Ratio {
        /// Retries per call, in millionths.
        share: Micro,
        /// How long a deposit can be spent; kept in ten slices.
        ttl: Span,
        /// Retries per second that are always affordable, in millionths.
        min_per_s: Micro,
    },
    /// A bucket of tokens that calls (or successes) refill.
    Bucket {
        /// The most it holds, in millionths.
        cap: Micro,
        /// What it holds at the start, in millionths.
        initial: Micro,
        /// What a call's start puts in, in millionths.
        per_call: Micro,
        /// What a success puts in, in millionths.
        per_success: Micro,
        /// Whether exactly one token is too few (Brooker's `> 1`) or enough (`≥ 1`).
        strict: bool,
    },
}

/// The state behind one budget.
#[derive(Debug, Clone)]
pub struct Budget {
    rule: BudgetRule,
    balance: Micro,
    slices: Slices,
}

/// Deposits less withdrawals of the last `ttl`, in ten slices and the one being written.
#[derive(Debug, Clone, Default)]
struct Slices {
    ring: [Micro; SLICES],
    /// The number of the slice being written, counted from time zero.
    current: u64,
}

const SLICES: usize = 10;

impl Budget {
    /// A budget in its initial state.
    pub fn new(rule: BudgetRule) -> Budget {
        let balance = match rule {
            BudgetRule::Ratio { .. } => 0,
            BudgetRule::Bucket { initial, .. } => initial,
        };
        Budget { rule, balance, slices: Slices::default() }
    }

    /// What could be spent now, in millionths of a retry.
    pub fn balance(&mut self, now: Time) -> Micro {
        match self.rule {
            BudgetRule::Ratio { ttl, min_per_s, .. } => {
                self.advance(now, ttl);
                self.balance + reserve(min_per_s, ttl)
            }
            BudgetRule::Bucket { .. } => self.balance,
        }
    }

    /// A call starts.
    pub fn on_call(&mut self, now: Time) {
        match self.rule {
            BudgetRule::Ratio { share, ttl, .. } => {
                self.advance(now, ttl);
                self.write(share);
            }
            BudgetRule::Bucket { per_call, .. } => self.refill(per_call),
        }
    }

    /// An attempt succeeded.
    pub fn on_success(&mut self) {
        if let BudgetRule::Bucket { per_success, .. } = self.rule {
            self.refill(per_success);
        }
    }

    /// Pays for one retry, or refuses and takes nothing.
    pub fn try_retry(&mut self, now: Time) -> bool {
        let balance = self.balance(now);
        let enough = match self.rule {
            BudgetRule::Ratio { .. } => balance >= RETRY,
            BudgetRule::Bucket { strict: true, .. } => balance > RETRY,
            BudgetRule::Bucket { strict: false, .. } => balance >= RETRY,
        };
        if enough {
            match self.rule {
                BudgetRule::Ratio { .. } => self.write(-RETRY),
                BudgetRule::Bucket { .. } => self.balance -= RETRY,
            }
        }
        enough
    }

    fn refill(&mut self, amount: Micro) {
        if let BudgetRule::Bucket { cap, .. } = self.rule {
            self.balance = (self.balance + amount).min(cap);
        }
    }

    fn write(&mut self, amount: Micro) {
        self.balance += amount;
        self.slices.ring[(self.slices.current % SLICES as u64) as usize] += amount;
    }

    /// Lets slices lapse that are older than `ttl`.
    fn advance(&mut self, now: Time, ttl: Span) {
        let width = (ttl.nanos() / SLICES as u64).max(1);
        let target = now.nanos() / width;
        if target <= self.slices.current {
            return;
        }
        let lapsed = (target - self.slices.current).min(SLICES as u64);
        for step in 1..=lapsed {
            let place = ((self.slices.current + step) % SLICES as u64) as usize;
            self.balance -= self.slices.ring[place];
            self.slices.ring[place] = 0;
        }
        self.slices.current = target;
    }
}

/// The standing allowance of a ratio budget over one `ttl`.
fn reserve(min_per_s: Micro, ttl: Span) -> Micro {
    (i128::from(min_per_s) * i128::from(ttl.nanos()) / 1_000_000_000) as Micro
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ratio(percent: i64, min_per_s: Micro) -> Budget {
        let share = percent * RETRY / 100;
        Budget::new(BudgetRule::Ratio { share, ttl: Span::from_secs(10.0), min_per_s })
    }

    /// `C20-ratio-budget-bound`: 10 000 failing calls at 20 % may spend exactly 2 000 retries.
    #[test]
    fn a_ratio_budget_spends_its_share_and_not_one_retry_more() {
        let mut budget = ratio(20, 0);
        let spent = (0..10_000)
            .filter(|_| {
                budget.on_call(Time::ZERO);
                budget.try_retry(Time::ZERO)
            })
            .count();
        assert_eq!(spent, 2_000);
    }

    #[test]
    fn deposits_lapse_after_the_ttl() {
        let mut budget = ratio(100, 0);
        budget.on_call(Time::ZERO);
        assert_eq!(budget.balance(Time::from_secs(9.999)), RETRY);
        assert_eq!(budget.balance(Time::from_secs(10.0)), 0);
    }

    #[test]
    fn the_minimum_is_there_without_any_call() {
        let mut budget = ratio(10, 2 * RETRY);
        let spent = (0..100).filter(|_| budget.try_retry(Time::ZERO)).count();
        assert_eq!(spent, 20);
    }

    /// Brooker 2022: starts at 5, +0.1 a call, and a retry needs *more* than one token.
    #[test]
    fn a_strict_bucket_keeps_its_last_token() {
        let rule = BudgetRule::Bucket {
            cap: 5 * RETRY,
            initial: 5 * RETRY,
            per_call: RETRY / 10,
            per_success: 0,
            strict: true,
        };
        let mut budget = Budget::new(rule);
        let spent = (0..100).filter(|_| budget.try_retry(Time::ZERO)).count();
        assert_eq!((spent, budget.balance(Time::ZERO)), (4, RETRY));
    }
}
