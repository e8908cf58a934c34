//! What the budgets promise.

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
