//! What the budgets promise.

use super::*;
use crate::settings::Share;
use active::{ActiveConfig, Bound};
use config::{LeakyConfig, ThrottleConfig};
use quota::QuotaConfig;

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

fn dialect(name: &str) -> BudgetConfig {
    let found = DIALECTS.iter().find(|dialect| dialect.name == name).expect("it is one of ours");
    (found.config)()
}

fn leaky(config: BudgetConfig, percent: f64, min_per_s: u32) -> LeakyConfig {
    let BudgetConfig::Leaky(leaky) = config else { unreachable!("it lapses") };
    LeakyConfig { share: Share::nearest(percent / 100.0), min_per_s, ..leaky }
}

/// 0.3 → 3 deposits a retry, 0.6 and 0.7 → 1, 0.4 → 2 (tower); Finagle's 60 % costs 1666.
#[test]
fn peers_round_what_a_retry_costs() {
    let tower = |percent| leaky(dialect("Tower"), percent, 0).amounts();
    let finagle = |percent| leaky(dialect("Finagle"), percent, 0).amounts();
    for (percent, withdraw) in [(30.0, 3), (40.0, 2), (60.0, 1), (70.0, 1), (100.0, 1), (20.0, 5)] {
        assert_eq!(tower(percent), (1, withdraw, 0), "{percent} %");
    }
    assert_eq!(tower(200.0), (1_000, 500, 0));
    assert_eq!((finagle(60.0), finagle(20.0)), ((1_000, 1_666, 0), (1_000, 5_000, 0)));
    assert_eq!(finagle(0.01), (1_000, 10_000_000, 0));
    assert_eq!(leaky(dialect("Finagle"), 0.0, 10).amounts(), (0, 1, 100));
    assert_eq!(leaky(dialect("Tower"), 20.0, 10).amounts(), (1, 5, 500));
}

/// `RetryBudgetTest` of Finagle, `testBudget`: within one of the share of ten thousand.
#[test]
fn finagles_share_is_kept_to_within_one_retry() {
    for percent in [10.0, 50.0, 25.0, 75.0, 99.0, 99.9, 99.99, 1.0, 0.1, 0.01] {
        let mut budget = Budget::of(&BudgetConfig::Leaky(leaky(dialect("Finagle"), percent, 0)));
        let spent = (0..10_000).filter(|_| {
            budget.on_call(Time::ZERO);
            budget.try_retry(Time::ZERO)
        });
        let spent = spent.count() as f64;
        assert!((spent - percent * 100.0).abs() <= 1.0, "{percent} %: {spent}");
    }
}

/// `tps_reserve` and `tps_leaky` of tower.
#[test]
fn towers_reserve_is_there_once_and_deposits_lapse() {
    let second = Span::from_millis(1_000);
    let of = |percent, min| {
        let config = leaky(dialect("Tower"), percent, min);
        Budget::of(&BudgetConfig::Leaky(LeakyConfig { ttl: second, ..config }))
    };
    let mut reserve = of(100.0, 5);
    assert_eq!((0..9).filter(|_| reserve.try_retry(Time::ZERO)).count(), 5);
    let mut deposit = of(100.0, 0);
    deposit.on_call(Time::ZERO);
    assert!(!deposit.try_retry(Time::from_secs(3.0)));
}

/// With a minimum a second there are retries in a full outage; gRPC's throttle ends them.
#[test]
fn in_a_full_outage_a_minimum_goes_on_and_a_throttle_does_not() {
    let spent = |name: &str| {
        let mut budget = Budget::build(&dialect(name)).expect("it is sound");
        let mut spent = 0;
        for call in 0..6_000u64 {
            let now = Time::from_nanos(call * 10_000_000);
            budget.on_call(now);
            budget.on_result(now, Class::Failure, Fault::Server, None);
            spent += u32::from(budget.pay(now, Fault::Server).is_some());
        }
        spent
    };
    assert_eq!(spent("Grpc"), 4);
    assert_eq!(spent("AwsStandard"), 100);
    // 20 % of 100 calls a second and 10 a second besides, over a minute.
    assert!((1_700..=1_910).contains(&spent("Finagle")), "{}", spent("Finagle"));
}

#[test]
fn the_price_of_an_abandoned_call_comes_back() {
    let mut budget = Budget::of(&BudgetConfig::aws_standard());
    let receipt = budget.pay(Time::ZERO, Fault::Throttled);
    assert_eq!(budget.tokens(Time::ZERO), 495);
    budget.on_result(Time::ZERO, Class::Ignored, Fault::Server, receipt);
    budget.on_result(Time::ZERO, Class::Ignored, Fault::Server, None);
    assert_eq!(budget.tokens(Time::ZERO), 500);
}

/// Our own quota keeps to its capacity where the Rust SDK does not (20 → 22 there).
#[test]
fn a_quota_may_keep_to_its_capacity() {
    for (beyond_capacity, tokens) in [(true, 22), (false, 20)] {
        let quota = QuotaConfig { capacity: 20, beyond_capacity, ..QuotaConfig::standard() };
        let mut budget = Budget::of(&BudgetConfig::Quota(quota));
        let receipt = budget.pay(Time::ZERO, Fault::Server);
        budget.on_success();
        budget.on_success();
        budget.on_result(Time::ZERO, Class::Success, Fault::Server, receipt);
        assert_eq!(budget.tokens(Time::ZERO), tokens);
    }
}

#[test]
fn no_budget_pays_for_what_would_fail_again() {
    for dialect in DIALECTS {
        let mut budget = Budget::of(&(dialect.config)());
        budget.on_call(Time::ZERO);
        for fault in [Fault::Fatal, Fault::Forbidden] {
            assert_eq!(budget.pay(Time::ZERO, fault), None, "{}", dialect.name);
        }
    }
}

/// 29 % of 100 is 28 in Envoy's floating point.
#[test]
fn envoys_share_is_cut_down_as_envoy_does() {
    let share = |percent, active| {
        let config = ActiveConfig { share: Share::percent(percent), least: 0, ..ENVOY };
        let mut budget = Budget::of(&BudgetConfig::Active(config));
        budget.set_active(active);
        budget.most_active(Time::ZERO)
    };
    assert_eq!((share(20, 15), share(20, 20), share(29, 100)), (3, 4, 28));
}

const ENVOY: ActiveConfig =
    ActiveConfig { share: Share::percent(20), least: 3, bound: Bound::Below, interval: None };

#[test]
fn every_dialect_is_sound_and_shows_its_settings() {
    for dialect in DIALECTS {
        let mut config = (dialect.config)();
        assert_eq!(config.problems(), Vec::new(), "{}", dialect.name);
        assert!(!config.settings().is_empty());
        assert!(Budget::build(&config).is_ok());
    }
}

#[test]
fn everything_wrong_is_said_at_once() {
    let leaky = LeakyConfig { ttl: Span::ZERO, ..leaky(dialect("Tower"), 0.0, 0) };
    assert_eq!(BudgetConfig::Leaky(leaky).problems().len(), 2);
    let throttle = ThrottleConfig { tokens: 0, per_success: Share::ppm(999) };
    assert_eq!(BudgetConfig::Throttle(throttle).problems().len(), 2);
    let quota = QuotaConfig { capacity: 4, reward: -1.0, ..QuotaConfig::standard() };
    assert_eq!(BudgetConfig::Quota(quota).problems().len(), 2);
    let active = ActiveConfig { share: Share::NONE, least: 0, ..ENVOY };
    assert_eq!(BudgetConfig::Active(active).problems().len(), 1);
    let bucket =
        BucketConfig { cap: 1.0, initial: 2.0, per_call: f64::NAN, per_success: 0.0, strict: true };
    assert_eq!(BudgetConfig::Bucket(bucket).problems().len(), 3);
    let ratio = RatioConfig { share: Share::NONE, ttl: Span::ZERO, min_per_s: 0.0 };
    assert_eq!(BudgetConfig::Ratio(ratio).problems().len(), 2);
    assert!(Budget::build(&BudgetConfig::Ratio(ratio)).is_err());
}
