//! Group c of the oracle, continued: how often calls are tried, and when.

use crate::harness::{Score, exact, is, list};
use crate::networks::failing;
use brownout_core::slab::Id;
use brownout_core::{Draws, Span, Time};
use brownout_policies::backoff::{Backoff, Jitter};
use brownout_policies::budget::{Budget, BudgetRule, RETRY};
use brownout_policies::call::{Action, Calls, InstanceId};
use brownout_policies::outcome::Outcome;
use brownout_policies::retry::Retry;
use brownout_policies::stack::{Layer, Stack, Timeout};

/// How often a call is tried that may be tried again so often, when each attempt fails by chance.
fn attempts((calls, instance): (&mut Calls, InstanceId), ratio: f64, nth: u64) -> f64 {
    let (mut draws, mut out, mut attempts) = (Draws::open(11, nth), Vec::new(), 0.0);
    calls.start(Time::ZERO, instance, Id::from_word(1), nth, Time::MAX, &mut out);
    while let Some(action) = out.pop() {
        match action {
            Action::Send { leaf, .. } => {
                attempts += 1.0;
                let fails = draws.unit() < ratio;
                let outcome = if fails { Outcome::REFUSED } else { Outcome::OK };
                assert!(calls.settle(Time::ZERO, leaf, outcome, &mut out));
            }
            Action::Wake { frame, .. } => assert!(calls.wake(Time::ZERO, frame, &mut out)),
            Action::Hush { .. } | Action::GiveUp { .. } | Action::Finish { .. } => {}
        }
    }
    attempts
}

#[test]
fn attempts_without_queueing_have_the_variance_of_a_geometric_distribution_that_is_cut() {
    let mut score = Score::default();
    for (ratio, times, case) in [
        (0.1, 3, "p0.1_n3"),
        (0.3, 3, "p0.3_n3"),
        (0.5, 3, "p0.5_n3"),
        (0.5, 5, "p0.5_n5"),
        (0.9, 4, "p0.9_n4"),
    ] {
        let layers = vec![Layer::Retry(Retry::times(times))];
        let mut calls = Calls::new(vec![Stack { layers }]);
        let instance = calls.bind(0, 1, &[]);
        let mean = exact("C01", &format!("mean_attempts_{case}"));
        let from_mean = |nth| attempts((&mut calls, instance), ratio, nth) - mean;
        let squares: Vec<f64> = (0..20_000).map(from_mean).map(|away| away * away).collect();
        let var = format!("var_attempts_{case}");
        score.check(&var, &squares, exact("C01", &var));
    }
    score.finish();
}

#[test]
fn a_ratio_budget_amplifies_by_its_share_at_most() {
    for (percent, name) in
        [(10, "amplification_cap_ratio_10pct"), (20, "amplification_cap_ratio_20pct")]
    {
        let rule = BudgetRule::Ratio {
            share: percent * RETRY / 100,
            ttl: Span::from_secs(10.0),
            min_per_s: 0,
        };
        let (mut budget, mut draws, mut retries) = (Budget::new(rule), Draws::open(1, 2), 0u32);
        for call in 0..100_000u64 {
            let now = Time::from_nanos(call * 3_000_000);
            budget.on_call(now);
            while draws.unit() < 0.7 && budget.try_retry(now) {
                retries += 1;
            }
        }
        assert!(1.0 + f64::from(retries) / 1e5 <= exact("C20", name));
    }
}

/// Every call deposits a fifth of a retry, from nothing and for good.
#[test]
fn a_budget_for_good_pays_for_what_was_deposited_and_no_more() {
    const CALLS: u32 = 10_000;
    let (cap, per_call) = (i64::from(CALLS) * RETRY, RETRY / 5);
    let rule = BudgetRule::Bucket { cap, initial: 0, per_call, per_success: 0, strict: false };
    let (mut budget, mut retries) = (Budget::new(rule), 0_u32);
    for _ in 0..CALLS {
        budget.on_call(Time::ZERO);
        while budget.try_retry(Time::ZERO) {
            retries += 1;
        }
    }
    let all_fail = exact("C20", "retries_in_10000_all_fail_ratio20pct_no_reserve");
    assert_eq!(f64::from(retries), all_fail);

    let mut score = Score::default();
    let service = "workers: Unlimited, work: Const(\"1ms\")";
    let bucket = "budget: Bucket(cap: 1000000, initial: 0, per_call: 0.2)";
    for (ratio, name) in
        [(0.05, "amplification_fluid_p0_05_ratio20"), (0.3, "amplification_fluid_p0_3_ratio20")]
    {
        let text = failing("1000/s", ratio, service, &format!("Retry(times: 2, {bucket})"), 80);
        // At a window's edges a few of its 78 000 calls have attempts that are not in it.
        score.case_within("C20", &text, &[is(name, "amplification(l)")], 1e-4);
    }
    let mut calls = Calls::new(vec![Stack { layers: vec![Layer::Retry(Retry::times(2))] }]);
    let instance = calls.bind(0, 1, &[]);
    let all_fail = exact("C20", "amplification_3_attempts_no_budget_all_fail");
    assert_eq!(attempts((&mut calls, instance), 1.0, 0), all_fail);
    score.finish();
}

/// An attempt never starts at or after the deadline, and its own timeout is cut to what is left.
#[test]
fn the_attempts_of_a_call_that_always_times_out_start_on_schedule() {
    for (case, total, each, base, factor, cap, most) in [
        ("a", 10_000, 3_000, 100, 2.0, 1_000, 5),
        ("b", 2_000, 500, 100, 2.0, 1_000, 10),
        ("c", 1_000, 250, 50, 3.0, 400, 10),
    ] {
        let timeout = |millis| Layer::Timeout(Timeout::after(Span::from_millis(millis)));
        let wait = (Backoff::Exponential {
            from: Span::from_millis(base),
            factor,
            cap: Span::from_millis(cap),
            jitter: Jitter::None,
            first: 0,
        })
        .into();
        let retry = Retry { wait, ..Retry::times(most - 1) };
        let layers = vec![timeout(total), Layer::Retry(retry), timeout(each)];
        let starts = schedule(Stack { layers });
        assert_eq!(starts, list("C25", &format!("attempt_start_ms_{case}")), "case {case}");
        assert_eq!(starts.len() as f64, exact("C25", &format!("attempts_{case}")), "case {case}");
    }
}

/// When attempts start, in milliseconds, if no answer ever comes.
fn schedule(stack: Stack) -> Vec<f64> {
    let mut calls = Calls::new(vec![stack]);
    let instance = calls.bind(0, 1, &[]);
    let (mut starts, mut timers, mut out) = (Vec::new(), Vec::new(), Vec::new());
    calls.start(Time::ZERO, instance, Id::from_word(1), 1, Time::MAX, &mut out);
    let mut now = Time::ZERO;
    loop {
        for action in out.drain(..) {
            match action {
                Action::Send { .. } => starts.push(now.as_secs() * 1e3),
                Action::Wake { frame, after, .. } => timers.push((now + after, frame)),
                Action::Hush { frame } => timers.retain(|timer| timer.1 != frame),
                Action::GiveUp { .. } => {}
                Action::Finish { .. } => return starts,
            }
        }
        timers.sort_by_key(|timer| timer.0);
        let (at, frame) = timers.remove(0);
        now = at;
        calls.wake(now, frame, &mut out);
    }
}
