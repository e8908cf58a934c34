//! Retry budgets: how many extra attempts a caller may afford.
//!
//! A retry adds load exactly when there is too much of it. A budget bounds the sum over all calls,
//! which a count of attempts per call cannot: with three layers of three retries each, one call is
//! up to 64.
//!
//! **State.** Sums: what was put in and what was taken out, in slices of time where it lapses.
//!
//! **Rules.** [`BudgetConfig`] has seven. *Ratio* and *Leaky* let a share of the calls of the last
//! `ttl` be retried, and a minimum per second besides. *Bucket* holds tokens that calls or
//! successes put in. *Throttle* stops retries while failures have drained half of its tokens.
//! *Quota* prices a retry by what went wrong and gives the last price back on success. *Active*
//! bounds retries by what is in flight at this moment, without a clock. *Record* allows none while
//! too many of all calls so far have failed. Under a full outage Throttle, Quota and Record come
//! down to almost no extra load; Ratio, Leaky and Active keep their
//! minimum.
//!
//! **Formula.** Ratio: in any `ttl` there are at most share × calls + min × `ttl` retries, so
//! amplification is at most 1 + share + min × `ttl` / calls. Bucket: by any time at most cap +
//! `per_call` × calls + `per_success` × successes. Active: in flight at most the greater of share ×
//! all in flight and the minimum.
//!
//! **Units.** Tokens are whole numbers, millionths of a retry in Ratio and Bucket, so no rounding
//! accumulates and a threshold is exact. What peers round, [`config::Costs`] rounds likewise.
//!
//! **Defaults** of ours: a tenth of the calls of the last 10 s, and no minimum.
//!
//! **Helps** against retry storms: amplification is at most 1 + share over any `ttl`. **Hurts**
//! where few calls share one budget, so that its minimum is most of it, and where failures are rare
//! and independent, which retries alone would mend.
//!
//! **Sources.** Finagle's `RetryBudget`, tower's `TpsBudget`, Linkerd 2's service profiles, gRPC
//! proposal A6, the AWS SDKs' standard retry mode (2.0 and 2.1), Envoy's `retry_budget`,
//! failsafe-go's `budget`; Brooker 2022 for the bucket and the record.
//!
//! ```
//! use brownout_policies::budget::{Budget, BudgetConfig, Fault};
//! use brownout_policies::outcome::Class;
//! use brownout_policies::Time;
//!
//! let mut budget = Budget::build(&BudgetConfig::aws_standard()).expect("AWS' defaults are sound");
//! let now = Time::ZERO;
//! budget.on_call(now);
//! let receipt = budget.pay(now, Fault::Transient).expect("the bucket is full");
//! assert_eq!((receipt.paid, budget.tokens(now)), (10, 490));
//! budget.on_result(now, Class::Success, Fault::Server, Some(receipt));
//! assert_eq!(budget.tokens(now), 500);
//! ```
//!
//! Nothing here has to be woken: what lapses is settled when somebody asks.

pub mod active;
pub mod config;
mod fault;
mod problems;
pub mod quota;
mod ratio;
pub mod record;
pub mod throttle;
pub mod tokens;
pub mod window;

pub use config::{BucketConfig, BudgetConfig, DIALECTS, RatioConfig};
pub use fault::{Fault, Receipt};

use crate::outcome::Class;
use crate::settings::{Problem, Settings};
use crate::time::{Span, Time};
use active::ActiveShare;
use alloc::vec::Vec;
use quota::RetryQuota;
use ratio::Ratio;
use record::FailureRecord;
use throttle::RetryThrottle;
use tokens::Tokens;
use window::{LeakyBucket, WindowConfig};

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

/// What a budget of ours promises.
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
///
/// A call machine tells it of every call ([`on_call`](Budget::on_call)), asks before every retry
/// ([`pay`](Budget::pay)), tells it of every attempt's result ([`on_result`](Budget::on_result))
/// *before* it asks, and of the end of the first attempt and of each retry
/// ([`on_call_end`](Budget::on_call_end), [`on_retry_end`](Budget::on_retry_end)). Each rule
/// listens to what it needs.
#[derive(Debug, Clone)]
pub struct Budget {
    state: State,
}

#[derive(Debug, Clone)]
enum State {
    Ratio(Ratio),
    Bucket { tokens: Tokens, per_call: Micro, per_success: Micro, strict: bool },
    Leaky { bucket: LeakyBucket, deposit: i64, withdraw: i64 },
    Throttle(RetryThrottle),
    Quota(RetryQuota),
    Active(ActiveShare),
    Record(FailureRecord),
}

impl Budget {
    /// A budget of ours in its initial state.
    pub fn new(rule: BudgetRule) -> Budget {
        let state = match rule {
            BudgetRule::Ratio { share, ttl, min_per_s } => {
                State::Ratio(Ratio::new(share, ttl, min_per_s))
            }
            BudgetRule::Bucket { cap, initial, per_call, per_success, strict } => {
                State::Bucket { tokens: Tokens::new(cap, initial), per_call, per_success, strict }
            }
        };
        Budget { state }
    }

    /// Any budget in its initial state.
    ///
    /// # Errors
    /// Everything that is wrong with the configuration.
    pub fn build(config: &BudgetConfig) -> Result<Budget, Vec<Problem>> {
        let problems = config.problems();
        if problems.is_empty() { Ok(Budget::of(config)) } else { Err(problems) }
    }

    /// Any budget in its initial state, whether or not it makes sense.
    pub fn of(config: &BudgetConfig) -> Budget {
        let state = match config {
            BudgetConfig::Ratio(config) => return Budget::new(config.rule()),
            BudgetConfig::Bucket(config) => return Budget::new(config.rule()),
            BudgetConfig::Leaky(config) => {
                let (deposit, withdraw, reserve) = config.amounts();
                let window = WindowConfig { range: config.ttl, ..config.window };
                State::Leaky { bucket: LeakyBucket::new(window, reserve), deposit, withdraw }
            }
            BudgetConfig::Throttle(config) => {
                let per_success = i64::from(config.per_success.millionths() / 1_000);
                let cap = i64::from(config.tokens) * 1_000;
                State::Throttle(RetryThrottle::new(cap, per_success))
            }
            BudgetConfig::Quota(config) => State::Quota(RetryQuota::new(*config)),
            BudgetConfig::Active(config) => State::Active(ActiveShare::new(*config)),
            BudgetConfig::Record(config) => State::Record(FailureRecord::new(*config)),
        };
        Budget { state }
    }

    /// What could be spent now, in millionths of a retry.
    pub fn balance(&mut self, now: Time) -> Micro {
        let retries = |tokens: i64, price: i64| tokens.saturating_mul(RETRY) / price.max(1);
        match &mut self.state {
            State::Ratio(ratio) => ratio.balance(now),
            State::Bucket { tokens, .. } => tokens.held(),
            State::Leaky { bucket, withdraw, .. } => retries(bucket.count(now), *withdraw),
            State::Throttle(throttle) => {
                retries((throttle.milli_tokens() - throttle.threshold()).max(0), 1_000)
            }
            State::Quota(quota) => {
                quota.collect(now);
                retries(quota.tokens(), i64::from(quota.price(Fault::Server).unwrap_or(1)))
            }
            State::Active(active) => {
                let left = active.most(now).saturating_sub(active.retries());
                i64::try_from(left).unwrap_or(i64::MAX).saturating_mul(RETRY)
            }
            State::Record(record) => record.margin().max(0),
        }
    }

    /// What it holds in its rule's own unit: millionths (Ratio, Bucket), the tokens of Leaky and
    /// Quota, thousandths (Throttle), retries in flight (Active), failures that it would still bear
    /// in millionths (Record).
    pub fn tokens(&mut self, now: Time) -> i64 {
        match &mut self.state {
            State::Ratio(ratio) => ratio.balance(now),
            State::Bucket { tokens, .. } => tokens.held(),
            State::Leaky { bucket, .. } => bucket.count(now),
            State::Throttle(throttle) => throttle.milli_tokens(),
            State::Quota(quota) => quota.tokens(),
            State::Active(active) => i64::try_from(active.retries()).unwrap_or(i64::MAX),
            State::Record(record) => record.margin(),
        }
    }

    /// A call starts: its first attempt is sent.
    #[inline]
    pub fn on_call(&mut self, now: Time) {
        match &mut self.state {
            State::Ratio(ratio) => ratio.deposit(now),
            State::Bucket { tokens, per_call, .. } => tokens.put(*per_call),
            State::Leaky { bucket, deposit, .. } => bucket.put(now, *deposit),
            State::Active(active) => active.on_call(now),
            State::Record(record) => record.on_call(),
            State::Throttle(_) | State::Quota(_) => {}
        }
    }

    /// A call's first attempt is over, however it went.
    #[inline]
    pub fn on_call_end(&mut self) {
        if let State::Active(active) = &mut self.state {
            active.on_call_end();
        }
    }

    /// A retry that was paid for is over, however it went, sent or not.
    #[inline]
    pub fn on_retry_end(&mut self) {
        if let State::Active(active) = &mut self.state {
            active.on_retry_end();
        }
    }

    /// An attempt succeeded that was its call's first, or whose receipt is lost.
    #[inline]
    pub fn on_success(&mut self) {
        self.succeed(None);
    }

    /// An attempt is over. `fault` says why it failed, if it did; `receipt` is what its call's last
    /// retry paid, if there was one: a success or the end of an abandoned call uses it up.
    #[inline]
    pub fn on_result(&mut self, _now: Time, class: Class, fault: Fault, receipt: Option<Receipt>) {
        match class {
            Class::Success => self.succeed(receipt),
            Class::Failure => match &mut self.state {
                State::Throttle(throttle) => throttle.on_failure(fault),
                State::Record(record) => record.on_failure(),
                State::Ratio(_)
                | State::Bucket { .. }
                | State::Leaky { .. }
                | State::Quota(_)
                | State::Active(_) => {}
            },
            Class::Ignored => {
                if let (State::Quota(quota), Some(receipt)) = (&mut self.state, receipt) {
                    quota.give_back(receipt);
                }
            }
        }
    }

    #[inline]
    fn succeed(&mut self, receipt: Option<Receipt>) {
        match &mut self.state {
            State::Bucket { tokens, per_success, .. } => tokens.put(*per_success),
            State::Throttle(throttle) => throttle.on_success(),
            State::Quota(quota) => quota.on_success(receipt),
            State::Ratio(_) | State::Leaky { .. } | State::Active(_) | State::Record(_) => {}
        }
    }

    /// Pays for one retry, or refuses and takes nothing.
    #[inline]
    pub fn try_retry(&mut self, now: Time) -> bool {
        self.pay(now, Fault::Server).is_some()
    }

    /// Pays for one retry after an attempt that failed by `fault`, or refuses and takes nothing.
    /// What is fatal or forbidden is never paid for.
    #[inline]
    pub fn pay(&mut self, now: Time, fault: Fault) -> Option<Receipt> {
        if let Fault::Fatal | Fault::Forbidden = fault {
            return None;
        }
        let granted = match &mut self.state {
            State::Ratio(ratio) => ratio.withdraw(now),
            State::Bucket { tokens, strict, .. } => {
                (!*strict || tokens.held() > RETRY) && tokens.take(RETRY)
            }
            State::Leaky { bucket, withdraw, .. } => bucket.try_get(now, *withdraw),
            State::Throttle(throttle) => throttle.allows(),
            State::Active(active) => active.try_retry(now),
            State::Record(record) => record.allows(),
            State::Quota(quota) => return quota.pay(now, fault),
        };
        granted.then_some(Receipt { paid: 1 })
    }

    /// Whether it would pay for one retry after a failure of the server's; takes nothing.
    pub fn affords(&mut self, now: Time) -> bool {
        match &mut self.state {
            State::Ratio(ratio) => ratio.balance(now) >= RETRY,
            State::Bucket { tokens, strict, .. } => tokens.held() >= RETRY + i64::from(*strict),
            State::Leaky { bucket, withdraw, .. } => bucket.count(now) >= *withdraw,
            State::Throttle(throttle) => throttle.allows(),
            State::Quota(quota) => quota.affords(now, Fault::Server),
            State::Active(active) => active.affords(now),
            State::Record(record) => record.allows(),
        }
    }

    /// Sets how much is in flight, for those who count it themselves; of use to Active only.
    pub fn set_active(&mut self, active: u64) {
        if let State::Active(state) = &mut self.state {
            state.set_active(active);
        }
    }

    /// Sets how many retries are in flight, likewise.
    pub fn set_retries(&mut self, retries: u64) {
        if let State::Active(state) = &mut self.state {
            state.set_retries(retries);
        }
    }

    /// How much is in flight, as far as Active knows.
    pub fn active(&self) -> u64 {
        if let State::Active(state) = &self.state { state.active() } else { 0 }
    }

    /// How many retries Active would let be in flight now.
    pub fn most_active(&mut self, now: Time) -> u64 {
        if let State::Active(state) = &mut self.state { state.most(now) } else { 0 }
    }
}

#[cfg(test)]
mod tests;
