//! Budgets: no rule spends more than it promises, whatever the calls.
//!
//! What breaks a law by its nature: tower's 60 % is 100 % (bud-tow-05) and its memory goes up to
//! 1.1 ttl (bud-tow-10), so the share law takes what a retry really costs and one slice more; AWS
//! gives prices back beyond the capacity (bud-aws-07), so the cap law excepts it.

use brownout_policies::adaptive_rate::{AdaptiveRate, AdaptiveRateConfig, Attempt, Waiting};
use brownout_policies::budget::config::{BudgetConfig, Costs, LeakyConfig, ThrottleConfig};
use brownout_policies::budget::quota::QuotaConfig;
use brownout_policies::budget::window::{WindowConfig, WindowCounter};
use brownout_policies::budget::{Budget, BudgetRule, DIALECTS, Fault, RETRY, Receipt};
use brownout_policies::outcome::Class;
use brownout_policies::settings::Share;
use brownout_policies::{Span, Time};
use proptest::prelude::*;

const TTL: Span = Span::from_millis(2_000);

/// What happens at a step: a call, a retry that is asked for, a success, a failure, ends.
fn steps() -> impl Strategy<Value = Vec<(u8, u64)>> {
    proptest::collection::vec((0u8..6, 0u64..400), 1..300)
}

/// Does the steps; when retries were granted and calls made, in milliseconds.
fn play(budget: &mut Budget, steps: &[(u8, u64)]) -> (Vec<u64>, Vec<u64>) {
    let (mut now, mut calls, mut retries, mut receipt) = (0, Vec::new(), Vec::new(), None);
    for &(what, passed) in steps {
        now += passed * passed / 400;
        let at = Time::from_nanos(now * 1_000_000);
        match what {
            0 => {
                budget.on_call(at);
                calls.push(now);
            }
            1 | 2 => {
                let paid = budget.pay(at, Fault::Server);
                if paid.is_some() {
                    retries.push(now);
                    receipt = paid;
                }
            }
            3 => budget.on_result(at, Class::Success, Fault::Server, receipt.take()),
            4 => budget.on_result(at, Class::Failure, Fault::Transient, None),
            _ => budget.on_retry_end(),
        }
    }
    (calls, retries)
}

/// How many of these moments lie in (`end` − `length`, `end`].
fn within(moments: &[u64], end: u64, length: u64) -> u64 {
    let inside = |moment: &&u64| **moment <= end && **moment + length > end;
    moments.iter().filter(inside).count() as u64
}

/// A window as its peers write it: slots in a list, and a sum over all of them.
struct Naive {
    slots: Vec<i64>,
    index: usize,
    writer: i64,
    begun: u64,
    width: u64,
}

impl Naive {
    fn new(slots: usize, width: u64) -> Naive {
        Naive { slots: vec![0; slots], index: 0, writer: 0, begun: 0, width }
    }

    fn next_slot(&mut self) {
        self.index = (self.index + 1) % self.slots.len();
    }

    /// `TpsBucket::expire` of tower.
    fn expire_as_tower(&mut self, now: u64) {
        let mut passed = now - self.begun;
        if passed < self.width {
            return;
        }
        self.slots[self.index] = core::mem::take(&mut self.writer);
        self.next_slot();
        while passed > self.width {
            self.slots[self.index] = 0;
            passed -= self.width;
            self.next_slot();
        }
        self.begun = now;
    }

    /// `WindowedAdder.expired` of twitter/util.
    fn expire_as_finagle(&mut self, now: u64) {
        if now - self.begun < self.width {
            return;
        }
        self.slots[self.index] = core::mem::take(&mut self.writer);
        self.next_slot();
        let skipped = ((now - self.begun) / self.width - 1).min(self.slots.len() as u64);
        for _ in 0..skipped {
            self.slots[self.index] = 0;
            self.next_slot();
        }
        self.begun = now;
    }

    fn sum(&self) -> i64 {
        self.writer + self.slots.iter().sum::<i64>()
    }
}

proptest! {
    #![proptest_config(crate::same_cases())]

    /// Over any stretch of a ttl, retries are at most the share of the calls of the ttl before
    /// each of them, and the minimum: calls of two ttls pay for the retries of one.
    #[test]
    fn a_ratio_budget_never_spends_more_than_its_share_and_its_minimum(
        percent in 1i64..200, min in 0i64..3, steps in steps(),
    ) {
        let (share, min_per_s) = (percent * RETRY / 100, min * RETRY);
        let rule = BudgetRule::Ratio { share, ttl: TTL, min_per_s };
        let (calls, retries) = play(&mut Budget::new(rule), &steps);
        for &end in &retries {
            let paid_by = within(&calls, end, 4_000) * percent as u64;
            prop_assert!(within(&retries, end, 2_000) * 100 <= paid_by + 2 * 2 * min as u64 * 100);
        }
        let all = calls.len() as u64 * percent as u64 / 100;
        if min == 0 {
            prop_assert!(retries.len() as u64 <= all);
        }
    }

    /// The same for peers' windows, at what a retry really costs them.
    #[test]
    fn a_leaky_budget_never_spends_more_than_its_costs_allow(
        percent in 1u32..200, min in 0u32..3, tower in any::<bool>(), steps in steps(),
    ) {
        let (costs, window) = if tower {
            (Costs::Whole, WindowConfig::tower(TTL, 10))
        } else {
            (Costs::Thousandths, WindowConfig::finagle(TTL, 10))
        };
        let share = Share::percent(percent);
        let config = LeakyConfig { share, ttl: TTL, min_per_s: min, costs, window };
        let (deposit, withdraw, reserve) = config.amounts();
        let mut budget = Budget::of(&BudgetConfig::Leaky(config));
        let (calls, retries) = play(&mut budget, &steps);
        if min == 0 {
            prop_assert!(retries.len() as i64 * withdraw <= calls.len() as i64 * deposit);
        }
        let first = retries.iter().take_while(|at| **at < 1_800).count() as i64;
        prop_assert!(first * withdraw <= calls.len() as i64 * deposit + reserve);
    }

    /// Nothing and the cap are the bounds of every bucket.
    #[test]
    fn a_bucket_is_never_below_nothing_nor_above_its_cap(
        cap in 1u32..20, put in 0u32..2_000, reward in 0.0f64..3.0, steps in steps(),
    ) {
        let micro = i64::from(cap) * RETRY;
        let bucket = BudgetRule::Bucket {
            cap: micro,
            initial: micro / 2,
            per_call: i64::from(put) * 1_000,
            per_success: i64::from(put) * 100,
            strict: put % 2 == 0,
        };
        let quota = QuotaConfig {
            capacity: cap,
            reward,
            refill_per_s: reward / 2.0,
            beyond_capacity: false,
            ..QuotaConfig::standard()
        };
        let throttle = ThrottleConfig { tokens: cap, per_success: Share::ppm(put * 1_000) };
        let budgets = [
            (Budget::new(bucket), micro),
            (Budget::of(&BudgetConfig::Quota(quota)), i64::from(cap)),
            (Budget::of(&BudgetConfig::Throttle(throttle)), i64::from(cap) * 1_000),
        ];
        for (mut budget, most) in budgets {
            for length in 0..steps.len() {
                play(&mut budget, &steps[length..=length]);
                let held = budget.tokens(Time::MAX);
                prop_assert!((0..=most).contains(&held), "{held} of {most}");
            }
        }
    }

    /// AWS' bucket holds at most its capacity and what its calls are owed.
    #[test]
    fn a_price_given_back_beyond_the_capacity_was_paid_before(
        capacity in 1u32..40, steps in steps(),
    ) {
        let quota = QuotaConfig { capacity, ..QuotaConfig::standard() };
        let mut budget = Budget::of(&BudgetConfig::Quota(quota));
        let (mut owed, mut most): (Vec<Receipt>, i64) = (Vec::new(), i64::from(capacity));
        for (what, _) in steps {
            if what < 3 {
                owed.extend(budget.pay(Time::ZERO, Fault::Server));
            } else {
                let receipt = owed.pop();
                let held = budget.tokens(Time::ZERO);
                budget.on_result(Time::ZERO, Class::Success, Fault::Server, receipt);
                let gained = budget.tokens(Time::ZERO) - held;
                let due = receipt.map_or(1, |receipt| i64::from(receipt.paid));
                prop_assert!(gained <= due);
                most = most.max(held.max(i64::from(capacity)) + due);
            }
            prop_assert!((0..=most).contains(&budget.tokens(Time::ZERO)));
        }
    }

    /// Retries in flight come back, and what was granted at most once too often ends there.
    #[test]
    fn nothing_in_flight_is_lost(steps in steps()) {
        for name in ["Envoy", "FailsafeGo"] {
            let found = DIALECTS.iter().find(|dialect| dialect.name == name);
            let mut budget = Budget::of(&(found.expect("it is there").config)());
            let (mut calls, mut retries) = (0u64, 0u64);
            for &(what, _) in &steps {
                match what {
                    0 => {
                        budget.on_call(Time::ZERO);
                        calls += 1;
                    }
                    1 | 2 => retries += u64::from(budget.try_retry(Time::ZERO)),
                    3 if calls > 0 => {
                        budget.on_call_end();
                        calls -= 1;
                    }
                    4 if retries > 0 => {
                        budget.on_retry_end();
                        retries -= 1;
                    }
                    _ => {}
                }
                prop_assert_eq!(budget.active(), calls + retries);
                prop_assert_eq!(budget.tokens(Time::ZERO), retries as i64);
            }
        }
    }

    /// The same inputs, the same decisions; time that goes back is time that does not pass.
    #[test]
    fn decisions_repeat_and_do_not_mind_time_going_back(
        steps in steps(), backwards in proptest::collection::vec(0u64..u64::MAX, 300),
    ) {
        for dialect in DIALECTS {
            let mut budgets = [(); 3].map(|()| Budget::of(&(dialect.config)()));
            let mut now = 0u64;
            for (&(what, passed), back) in steps.iter().zip(&backwards) {
                now += passed * 1_000_000;
                let straight = Time::from_nanos(now);
                // The third sees the moment first, and then, again and again, an earlier one.
                budgets[2].tokens(straight);
                let earlier = Time::from_nanos(now.saturating_sub(*back % 3_000_000_000));
                budgets[0].tokens(straight);
                budgets[1].tokens(straight);
                let at = [straight, straight, earlier];
                let decided = [0, 1, 2].map(|which: usize| match what {
                    0 | 5 => {
                        budgets[which].on_call(at[which]);
                        None
                    }
                    1 | 2 => budgets[which].pay(at[which], Fault::Transient),
                    3 => {
                        budgets[which].on_success();
                        None
                    }
                    _ => {
                        budgets[which].on_result(at[which], Class::Failure, Fault::Server, None);
                        None
                    }
                });
                prop_assert_eq!(decided[0], decided[1], "{} repeats", dialect.name);
                prop_assert_eq!(decided[0], decided[2], "{} goes back", dialect.name);
            }
        }
    }

    /// Every time there is can be survived.
    #[test]
    fn no_time_is_too_late(moments in proptest::collection::vec(any::<u64>(), 1..50)) {
        for dialect in DIALECTS {
            let mut budget = Budget::of(&(dialect.config)());
            for &moment in moments.iter().chain([&u64::MAX, &0, &u64::MAX]) {
                let at = Time::from_nanos(moment);
                budget.on_call(at);
                budget.pay(at, Fault::Throttled);
                budget.balance(at);
            }
        }
    }

    /// The window adds up what its peers' slots do, in whole milliseconds.
    #[test]
    fn a_window_is_its_peers_window(
        slices in 2u32..12, adds in proptest::collection::vec((0u64..500, -5i64..9), 1..200),
    ) {
        let (range, width) = (Span::from_millis(u64::from(slices) * 100), 100);
        let mut tower = WindowCounter::new(WindowConfig::tower(range, slices));
        let mut finagle = WindowCounter::new(WindowConfig::finagle(range, slices));
        let mut as_tower = Naive::new(slices as usize, width);
        let mut as_finagle = Naive::new(slices as usize - 1, width);
        let mut now = 0;
        for (passed, amount) in adds {
            now += passed;
            let at = Time::from_nanos(now * 1_000_000);
            tower.add(at, amount);
            finagle.add(at, amount);
            as_tower.expire_as_tower(now);
            as_finagle.expire_as_finagle(now);
            as_tower.writer += amount;
            as_finagle.writer += amount;
            prop_assert_eq!(tower.sum(at), as_tower.sum());
            prop_assert_eq!(finagle.sum(at), as_finagle.sum());
        }
    }

    /// An adaptive rate stays between its least and twice what was measured, repeats itself, hands
    /// out moments that do not come before now, and does not mind time going back.
    #[test]
    fn an_adaptive_rate_keeps_its_bounds(
        events in proptest::collection::vec((0u8..4, 0u64..700), 1..200), booked in any::<bool>(),
    ) {
        let waiting = if booked { Waiting::Booked } else { Waiting::Unpaid };
        let config = AdaptiveRateConfig { waiting, ..AdaptiveRateConfig::aws() };
        let mut rates = [(); 2].map(|()| AdaptiveRate::new(config).expect("it is sound"));
        let mut now = 0;
        for (what, passed) in events {
            now += passed * 1_000_000;
            let at = Time::from_nanos(now);
            let back = Time::from_nanos(now.saturating_sub(passed * 2_000_000));
            let attempt = if what == 1 { Attempt::Retry } else { Attempt::First };
            let class = if what == 0 { Class::Ignored } else { Class::Success };
            for (rate, settled) in rates.iter_mut().zip([at, back]) {
                let slot = rate.admit(at, attempt);
                prop_assert!(slot.at >= at);
                rate.settle(settled, slot.permit, class, what == 3);
            }
            prop_assert_eq!(rates[0].memory(), rates[1].memory());
            let memory = rates[0].memory();
            let most = (2.0 * memory.measured).max(config.rate_min);
            if memory.enabled {
                prop_assert!((config.rate_min..=most).contains(&memory.rate));
                prop_assert!(memory.tokens <= memory.capacity);
            }
        }
        let at = Time::from_nanos(now);
        let mut moment = || rates[0].admit(at, Attempt::First).at;
        let moments: Vec<Time> = (0..9).map(|_| moment()).filter(|moment| *moment > at).collect();
        let apart = moments.is_sorted_by(|one, next| (one < next) == booked);
        prop_assert!(apart, "{:?}", moments);
    }
}
