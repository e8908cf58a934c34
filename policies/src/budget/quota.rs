//! The AWS SDKs' retry quota: a retry pays by the kind of the failure before it, and the success of
//! a retried call gives back what its *last* retry paid.
//!
//! What a call paid for its earlier retries is gone for good. The price is given back without
//! regard to the capacity in the Rust SDK (a dropped semaphore permit), so that a bucket of 20 may
//! hold 22; `beyond_capacity` says whether that is followed.

use crate::budget::tokens::Tokens;
use crate::budget::{Fault, Receipt};
use crate::time::{NANOS_PER_SEC, Time};

/// What the quota is told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct QuotaConfig {
    /// What it holds at first and, returned prices aside, at most.
    pub capacity: u32,
    /// The price of a retry after a failure of the server.
    pub cost: u32,
    /// The price after a failure that may pass: a timeout or a broken connection.
    pub cost_transient: u32,
    /// The price after being throttled.
    pub cost_throttled: u32,
    /// Tokens for a call that succeeds at once, as long as there is no `reward`.
    pub per_success: u32,
    /// Tokens for every success, in fractions, instead of `per_success` and of what a retry paid.
    pub reward: f64,
    /// Tokens a second, added at whole seconds.
    pub refill_per_s: f64,
    /// Whether a price that is given back may lift the bucket over its capacity.
    pub beyond_capacity: bool,
}

/// The quota at work. Fractions of tokens are kept in single precision, as in the Rust SDK, and
/// become whole tokens when a retry asks.
#[derive(Debug, Clone)]
pub struct RetryQuota {
    config: QuotaConfig,
    tokens: Tokens,
    fraction: f32,
    /// The second up to which time has been turned into tokens.
    second: u64,
}

impl RetryQuota {
    /// A full one.
    pub fn new(config: QuotaConfig) -> RetryQuota {
        let full = i64::from(config.capacity);
        RetryQuota { config, tokens: Tokens::new(full, full), fraction: 0.0, second: 0 }
    }

    /// Whole tokens, as of the last retry or success.
    pub fn tokens(&self) -> i64 {
        self.tokens.held()
    }

    /// Parts of tokens that are not whole ones yet.
    pub fn fraction(&self) -> f32 {
        self.fraction
    }

    /// The price of a retry after `fault`; nothing may follow what is fatal or forbidden.
    pub fn price(&self, fault: Fault) -> Option<u32> {
        match fault {
            Fault::Server => Some(self.config.cost),
            Fault::Transient => Some(self.config.cost_transient),
            Fault::Throttled => Some(self.config.cost_throttled),
            Fault::Fatal | Fault::Forbidden => None,
        }
    }

    /// Pays for a retry after `fault`, or refuses and takes nothing.
    #[inline]
    pub fn pay(&mut self, now: Time, fault: Fault) -> Option<Receipt> {
        self.collect(now);
        let price = self.price(fault)?;
        self.tokens.take(i64::from(price)).then_some(Receipt { paid: price })
    }

    /// Whether there is enough for a retry after `fault`; takes nothing.
    pub fn affords(&mut self, now: Time, fault: Fault) -> bool {
        self.collect(now);
        self.price(fault).is_some_and(|price| self.tokens.held() >= i64::from(price))
    }

    /// A call succeeded; `receipt` is its last retry's.
    pub fn on_success(&mut self, receipt: Option<Receipt>) {
        let reward = self.config.reward as f32;
        if reward > 0.0 {
            self.save(reward);
            return;
        }
        match receipt {
            Some(receipt) => self.give_back(receipt),
            None => self.tokens.put(i64::from(self.config.per_success)),
        }
    }

    /// Gives back what a retry paid: its call succeeded, or was abandoned.
    pub fn give_back(&mut self, receipt: Receipt) {
        let paid = i64::from(receipt.paid);
        if self.config.beyond_capacity {
            self.tokens.put_beyond(paid);
        } else {
            self.tokens.put(paid);
        }
    }

    /// Turns the seconds that have passed, and rewards, into whole tokens.
    #[inline]
    pub fn collect(&mut self, now: Time) {
        if self.config.refill_per_s > 0.0 {
            self.refill(now.nanos() / NANOS_PER_SEC);
        }
        if self.fraction >= 1.0 {
            let whole = self.fraction as u32;
            self.tokens.put(i64::from(whole));
            self.fraction -= whole as f32;
        }
    }

    fn refill(&mut self, second: u64) {
        if second <= self.second {
            return;
        }
        let passed = (second - self.second) as f32;
        self.second = second;
        self.save(passed * self.config.refill_per_s as f32);
    }

    /// Adds parts of tokens, up to the capacity.
    fn save(&mut self, parts: f32) {
        let most = self.config.capacity as f32;
        if self.fraction < most {
            self.fraction = (self.fraction + parts).min(most);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quota(change: impl FnOnce(&mut QuotaConfig)) -> RetryQuota {
        let mut config = QuotaConfig::standard();
        change(&mut config);
        RetryQuota::new(config)
    }

    /// `token_bucket::tests::test_fractional_tokens_accumulate_and_convert` of smithy-rs.
    #[test]
    fn three_rewards_of_four_tenths_make_one_token() {
        let mut quota = quota(|c| (c.capacity, c.reward) = (10, 0.4));
        assert!(quota.pay(Time::ZERO, Fault::Transient).is_some());
        for tokens in [0, 0, 1] {
            quota.on_success(None);
            quota.collect(Time::ZERO);
            assert_eq!(quota.tokens(), tokens);
        }
    }

    /// `test_refill_rates` of smithy-rs.
    #[test]
    fn refills_come_at_whole_seconds_and_keep_their_fractions() {
        for (rate, secs, tokens, left) in [
            (10.0, 2, 20, 0.0),
            (0.001, 1_100, 1, 0.1),
            (0.0001, 11_000, 1, 0.1),
            (0.001, 500, 0, 0.5),
        ] {
            let mut quota = quota(|c| (c.capacity, c.refill_per_s) = (100, rate));
            while quota.pay(Time::ZERO, Fault::Server).is_some() {}
            quota.collect(Time::from_secs(f64::from(secs)));
            assert_eq!(quota.tokens(), tokens, "{rate}/s");
            assert!((quota.fraction() - left).abs() < 1e-4);
        }
    }

    /// `test_combined_time_and_success_rewards` and `test_rewards_capped_at_max_capacity`.
    #[test]
    fn rewards_and_time_add_up_to_the_capacity_at_most() {
        let mut quota = quota(|c| (c.capacity, c.refill_per_s, c.reward) = (100, 1.0, 0.5));
        while quota.pay(Time::ZERO, Fault::Server).is_some() {}
        quota.on_success(None);
        quota.on_success(None);
        quota.collect(Time::from_secs(2.0));
        assert_eq!(quota.tokens(), 3);
        quota.collect(Time::MAX);
        assert_eq!(quota.tokens(), 100);
    }

    /// `retry_quota_recovery_after_successful_responses` of smithy-rs, cost 14 of 30.
    #[test]
    fn only_the_last_of_a_calls_retries_is_given_back() {
        let mut quota = quota(|c| *c = QuotaConfig { capacity: 30, ..QuotaConfig::newer() });
        let first = quota.pay(Time::ZERO, Fault::Server).expect("16 are left");
        let second = quota.pay(Time::ZERO, Fault::Server).expect("2 are left");
        assert_eq!((first.paid, quota.tokens()), (14, 2));
        quota.on_success(Some(second));
        assert_eq!(quota.tokens(), 16);
    }

    #[test]
    fn nothing_is_retried_after_a_fatal_answer() {
        let mut quota = quota(|_| ());
        assert_eq!(quota.pay(Time::ZERO, Fault::Fatal), None);
        assert_eq!(quota.pay(Time::ZERO, Fault::Forbidden), None);
        assert_eq!(quota.tokens(), 500);
    }
}
