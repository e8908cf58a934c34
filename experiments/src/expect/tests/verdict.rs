//! Verdicts on one value against a number.

use super::{are, judged, judged_by};
use crate::expect::{BindContext, Unit, measure, parse_measure};
use brownout_topologies::ledger::query::{Metric, Value};

/// Student's t, 97.5 %, two degrees of freedom (any table): 4.3027.
const T2: f64 = 4.302_652_729_911_275;

/// The square of the normal law's 97.5 % point (any table: 1.95996).
const Z2: f64 = 3.841_458_820_694_124;

/// The verdicts on sentences when each run answers so.
fn check<const N: usize>(answers: &[Value], cases: [(&str, Option<bool>); N]) {
    for (sentence, held) in cases {
        assert_eq!(judged(sentence, answers).held, held, "{sentence} of {answers:?}");
    }
}

#[test]
fn a_sentence_is_decided_by_the_whole_interval() {
    // Mean 0.41, standard deviation 0.01: 0.41 ± 4.3027 × 0.01 / √3 = 0.41 ± 0.0248.
    let runs = are([0.40, 0.42, 0.41]);
    let judgement = judged("p99(web) < 800ms on budget", &runs);
    let (low, high) = judgement.ci95.expect("three finite runs have an interval");
    assert!((low - (0.41 - T2 * 0.01 / 3.0_f64.sqrt())).abs() < 1e-9, "{low}");
    assert!((high - (0.41 + T2 * 0.01 / 3.0_f64.sqrt())).abs() < 1e-9, "{high}");
    assert!((judgement.value - 0.41).abs() < 1e-12);
    assert_eq!((judgement.bound, judgement.unit), (0.8, Unit::Seconds));
    assert_eq!(judgement.runs, [0.40, 0.42, 0.41]);
    assert_eq!(judgement.text, "p99(web) < 800ms on budget");
    assert_eq!((judgement.variant.as_deref(), judgement.variant_index), (Some("budget"), 1));
    assert_eq!(judgement.note, None);
    assert_eq!(judgement.human(), "410 ms [385 ms, 435 ms]");
    check(
        &runs,
        [
            ("p99(web) < 436ms on budget", Some(true)),
            ("p99(web) < 420ms on budget", None),
            ("p99(web) < 384ms on budget", Some(false)),
            ("p99(web) > 384ms on budget", Some(true)),
            ("p99(web) >= 400ms on budget", None),
            ("p99(web) >= 436ms on budget", Some(false)),
        ],
    );
}

#[test]
fn equal_runs_have_an_interval_of_no_width() {
    // 0.1 + 0.1 + 0.1 is not 0.3 in binary; the mean must be 0.1 all the same.
    let judgement = judged("utilisation(cart) <= 0.1 on naive", &are([0.1; 3]));
    assert_eq!((judgement.value, judgement.ci95), (0.1, Some((0.1, 0.1))));
    check(
        &are([0.1; 3]),
        [
            ("utilisation(cart) <= 10% on naive", Some(true)),
            ("utilisation(cart) >= 10% on naive", Some(true)),
            ("utilisation(cart) < 10% on naive", Some(false)),
            ("utilisation(cart) > 10% on naive", Some(false)),
        ],
    );
}

#[test]
fn one_run_decides_by_its_value_and_says_so() {
    let judgement = judged("p99(web) < 500ms on naive", &are([0.4]));
    assert_eq!((judgement.held, judgement.value, judgement.ci95), (Some(true), 0.4, None));
    assert_eq!(judgement.note.as_deref(), Some("one run, no interval"));
    check(&are([0.5]), [("p99(web) < 500ms on naive", Some(false))]);
}

#[test]
fn without_a_finished_run_nothing_is_decided() {
    let judgement = judged("p99(web) < 500ms on naive", &[]);
    assert_eq!((judgement.held, judgement.ci95), (None, None));
    assert!(judgement.value.is_nan());
    assert_eq!(judgement.note.as_deref(), Some("no run finished"));
    check(&[], [("stuck(web) == 0 on naive", None), ("stuck(web) < 5% on naive", None)]);
}

#[test]
fn a_share_of_offered_is_taken_run_by_run() {
    // 90/100 and 100/200: their mean is 0.7; the ratio of the sums would be 0.63.
    let (goodput, offered) = (are([90.0, 100.0]), are([100.0, 200.0]));
    let judgements = judged_by("goodput(web) > 10% of offered", &|variant, query| match (
        variant,
        query.metric,
    ) {
        (0, Metric::Goodput(_)) => &goodput,
        (0, Metric::Offered(_)) => &offered,
        _ => &[Value::Is(0.0)],
    });
    assert_eq!(judgements.len(), 3);
    assert_eq!(judgements[0].runs, [0.9, 0.5]);
    assert_eq!((judgements[0].value, judgements[0].bound), (0.7, 0.1));
    assert_eq!(judgements[0].unit, Unit::Share);
    // Nothing was offered: no share of it either.
    assert_eq!(judgements[1].held, None);
    assert_eq!(
        judgements[1].note.as_deref(),
        Some("nothing happened in the window; one run, no interval")
    );
}

#[test]
fn the_interval_of_a_share_is_shown_within_the_whole_and_decides_beyond_it() {
    // Mean 0.99, standard deviation 0.01: 0.99 ± 0.0248.
    let runs = are([1.0, 0.98, 0.99]);
    let judgement = judged("availability(web) > 95% on naive", &runs);
    assert_eq!(judgement.ci95.map(|(_, high)| high), Some(1.0));
    assert_eq!(judgement.human(), "99 % [96.5 %, 100 %]");
    assert_eq!(judged("availability(web) <= 100% on naive", &runs).held, None);
    let none = judged("P(wait(cart) > 1s) < 50% on naive", &are([0.0, 0.02, 0.01]));
    assert_eq!(none.human(), "1 % [0 %, 3.48 %]");
}

#[test]
fn no_time_rate_or_number_is_shown_to_be_less_than_nothing() {
    // Mean 1, standard deviation √3: 1 ± 4.3.
    let runs = are([0.0, 0.0, 3.0]);
    for (sentence, shown) in [
        ("recovery(web) < 10s on naive", "1 s [0 s, 5.3 s]"),
        ("p99(web) < 10s on naive", "1 s [0 s, 5.3 s]"),
        ("errors(web) < 10/s on naive", "1/s [0/s, 5.3/s]"),
        ("queue(cart) < 10 on naive", "1 [0, 5.3]"),
    ] {
        assert_eq!(judged(sentence, &runs).human(), shown, "{sentence}");
    }
    // A difference of times may be.
    let (one, other) = (are([0.0, 0.0, 3.0]), are([1.0, 1.0, 1.0]));
    let judgements =
        judged_by("recovery(web) on naive < recovery(web) on budget", &|variant, _| {
            if variant == 0 { &one } else { &other }
        });
    assert!(judgements[0].ci95.is_some_and(|(low, _)| low < -4.0), "{judgements:?}");
}

#[test]
fn a_share_of_offered_and_a_difference_of_shares_may_exceed_the_whole() {
    let one = are([1.0; 2]);
    let many = are([1.0, 1.2]);
    let judgements = judged_by("goodput(web) > 10% of offered on naive", &|_, query| {
        if matches!(query.metric, Metric::Goodput(_)) { &many } else { &one }
    });
    assert!(judgements[0].ci95.is_some_and(|(low, high)| low == 0.0 && high > 1.1));
    let none = are([0.0, 0.2]);
    let judgements = judged_by(
        "availability(web) on naive < 100% of availability(web) on budget",
        &|variant, _| if variant == 0 { &none } else { &one },
    );
    assert!(judgements[0].ci95.is_some_and(|(low, _)| low < -1.0), "{judgements:?}");
}

#[test]
fn a_tolerance_holds_the_whole_interval_within_a_band() {
    let runs = are([0.40, 0.42, 0.41]); // 0.41 ± 0.0248
    check(
        &runs,
        [
            ("utilisation(cart) == 41% ± 2.5% on naive", Some(true)),
            ("utilisation(cart) == 41% ± 2.4% on naive", None),
            ("utilisation(cart) == 0.38 within 0.01 on naive", None),
            ("utilisation(cart) == 0.37 within 0.01 on naive", Some(false)),
            ("utilisation(cart) == 0.45 within 0.01 on naive", Some(false)),
        ],
    );
}

#[test]
fn a_yes_or_no_is_judged_on_every_run_or_as_a_share_of_runs() {
    let (none, one) = ([Value::Is(0.0); 30], {
        let mut runs = [Value::Is(0.0); 30];
        runs[7] = Value::Is(1.0);
        runs
    });
    // Wilson of 0 in 30: up to z²/(30 + z²) = 3.8415/33.8415 = 11.35 %.
    check(
        &none,
        [
            ("stuck(web) == 0 on naive", Some(true)),
            ("tipped(web) == 1 on naive", Some(false)),
            ("stuck(web) < 11.4% on naive", Some(true)),
            ("stuck(web) < 11.3% on naive", None),
        ],
    );
    check(
        &one,
        [("stuck(web) == 0 on naive", Some(false)), ("stuck(web) == 1 on naive", Some(false))],
    );
    let judgement = judged("stuck(web) < 11.4% on naive", &none);
    let (low, high) = judgement.ci95.expect("thirty runs have an interval");
    assert_eq!(low, 0.0);
    assert!((high - Z2 / (30.0 + Z2)).abs() < 1e-12, "{high}");
    assert_eq!(judged("stuck(web) == 0 on naive", &are([0.0])).held, Some(true));
    check(&[Value::Is(0.0), Value::Nothing], [("stuck(web) == 0 on naive", None)]);
}

#[test]
fn no_recovery_keeps_below_from_holding_and_fails_it_from_half_of_the_runs_on() {
    let below = "recovery(web) < 15s on naive";
    let above = "recovery(web) > 15s on naive";
    check(&are([4.0, 4.0, 5.0]), [(below, Some(true)), (above, Some(false))]);
    check(&are([4.0, 4.0, f64::INFINITY]), [(below, None), (above, None)]);
    check(&are([40.0, 40.0, f64::INFINITY]), [(below, Some(false)), (above, Some(true))]);
    check(&are([4.0, f64::INFINITY]), [(below, Some(false)), (above, Some(true))]);
    check(&are([f64::INFINITY; 3]), [(below, Some(false)), (above, Some(true))]);
    check(&are([f64::INFINITY]), [(below, Some(false)), (above, Some(true))]);
    let judgement = judged(below, &are([4.0, 4.0, f64::INFINITY]));
    assert_eq!((judgement.value, judgement.ci95), (f64::INFINITY, None));
    assert_eq!(judgement.note.as_deref(), Some("never in 1 of 3 runs"));
    assert_eq!(judgement.human(), "never");
}

#[test]
fn a_censored_quantile_has_a_lower_end_only() {
    let runs = [Value::MoreThan(2.0)];
    check(
        &runs,
        [
            ("p99(web) < 2s on naive", Some(false)),
            ("p99(web) < 3s on naive", None),
            ("p99(web) > 1s on naive", Some(true)),
            ("p99(web) > 3s on naive", None),
        ],
    );
    let judgement = judged("p99(web) < 2s on naive", &runs);
    assert_eq!(judgement.human(), "> 2 s");
    assert!(judgement.is_censored);
    assert_eq!(
        judgement.note.as_deref(),
        Some("open at the end, more than shown; one run, no interval")
    );
    // The lower end of 2, 2, 2 is 2, whatever the third turns out to be.
    let mixed = [Value::Is(2.0), Value::Is(2.0), Value::MoreThan(2.0)];
    check(&mixed, [("p99(web) < 2s on naive", Some(false)), ("p99(web) < 3s on naive", None)]);
    let judgement = judged("p99(web) < 2s on naive", &mixed);
    assert_eq!((judgement.value, judgement.ci95), (2.0, None));
    assert_eq!(judgement.note.as_deref(), Some("open at the end, more than shown in 1 of 3 runs"));
}

#[test]
fn a_run_in_which_nothing_happened_leaves_the_sentence_undecided() {
    // A dead system is fast: the runs without an answer must not be left out silently.
    let judgement = judged("p99(web) < 1s on naive", &[Value::Is(0.1), Value::Nothing]);
    assert_eq!((judgement.held, judgement.value, judgement.ci95), (None, 0.1, None));
    assert!(judgement.runs[1].is_nan());
    assert_eq!(judgement.note.as_deref(), Some("nothing happened in the window in 1 of 2 runs"));
    let judgement = judged("p99(web) < 1s on naive", &[Value::Nothing; 2]);
    assert_eq!(judgement.held, None);
    assert_eq!(judgement.human(), "nothing");
}

#[test]
fn a_probability_below_is_one_less_the_probability_above() {
    let judgement = judged("P(wait(ledger) <= 20ms) >= 75% on naive", &are([0.25, 0.25]));
    assert_eq!((judgement.held, judgement.value), (Some(true), 0.75));
}

#[test]
fn a_measure_has_a_row_for_every_variant_and_no_verdict() {
    let graph = super::graph();
    let cx = BindContext { variants: &[("naive", &graph), ("budget", &graph)], batches: None };
    let bound = parse_measure("p99(web) during 60s..70s").expect("it is well formed").bind(&cx);
    let bound = bound.expect("the names are known");
    let answers = [are([0.40, 0.42, 0.41]), [Value::MoreThan(2.0); 3]];
    let rows = measure(&bound, &|variant, _| &answers[variant]);
    assert_eq!(rows.len(), 2);
    assert_eq!((rows[0].variant.as_str(), rows[0].variant_index), ("naive", 0));
    assert_eq!(rows[0].text, "p99(web) during 60s..70s");
    assert_eq!(rows[0].human(), "410 ms [385 ms, 435 ms]");
    assert_eq!(rows[0].runs, [0.40, 0.42, 0.41]);
    assert_eq!((rows[1].human().as_str(), rows[1].ci95), ("> 2 s", None));
}

#[test]
fn a_share_of_runs_is_decided_by_its_own_interval() {
    let runs = |good: usize, bad: usize| {
        let mut runs = vec![Value::Is(0.1); good];
        runs.extend(vec![Value::Is(9.0); bad]);
        runs
    };
    let held = |text: &str, good, bad| judged(text, &runs(good, bad)).held;
    let most = "p99(web) < 1s on budget in 90% of runs";
    // Wilson's lower end for n of n is n / (n + z²): 0.9 needs n ≥ 34.6.
    assert_eq!(held(most, 35, 0), Some(true));
    assert_eq!(held(most, 34, 0), None);
    let note = judged(most, &runs(34, 0)).note;
    assert_eq!(note.as_deref(), Some("it takes 35 runs that all hold to show it"));
    assert_eq!(held(most, 10, 10), Some(false));
    let one = judged(most, &runs(30, 10));
    assert_eq!((one.value, one.bound, one.unit), (0.75, 0.9, Unit::Share));
    assert_eq!(one.runs.iter().sum::<f64>(), 30.0);
    // Every run there was.
    let all = "p99(web) < 1s on budget in 100% of runs";
    assert_eq!((held(all, 2, 0), held(all, 35, 1)), (Some(true), Some(false)));
}

#[test]
fn a_run_that_may_be_either_counts_for_neither() {
    let mut runs = vec![Value::Is(0.1); 40];
    runs.push(Value::MoreThan(0.5));
    let judgement = judged("p99(web) < 1s on budget in 95% of runs", &runs);
    assert_eq!(judgement.held, None);
    assert_eq!(judgement.note.as_deref(), Some("undecided in 1 of 41 runs"));
    assert_eq!(judged("p99(web) < 1s on budget in 80% of runs", &runs).held, Some(true));
    runs[0] = Value::Nothing;
    assert_eq!(judged("p99(web) < 1s on budget in 10% of runs", &runs).held, None);
}
