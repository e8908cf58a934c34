//! Verdicts on two values of the same runs.

use super::{are, judged_by};
use crate::expect::{Judgement, Unit};
use brownout_topologies::ledger::query::Value;

/// The one verdict on a sentence when `naive` answers `left` and `budget` answers `right`.
fn compared(sentence: &str, left: &[Value], right: &[Value]) -> Judgement {
    let all = judged_by(sentence, &|variant, _| if variant == 0 { left } else { right });
    let [judgement] = all.try_into().expect("the sentence gives one verdict");
    judgement
}

#[test]
fn variants_are_compared_run_by_run() {
    // Runs differ by a factor of 21, and still each left one is exactly 10 % of its right one.
    let (left, right) = (are([10.0, 110.0, 210.0]), are([100.0, 1_100.0, 2_100.0]));
    let held = |sign, left: &[Value]| {
        let text = format!("errors(web) on naive {sign} 10% of errors(web) on budget");
        compared(&text, left, &right).held
    };
    assert_eq!(held("<=", &left), Some(true));
    assert_eq!(held("<", &left), Some(false));
    assert_eq!(held("<", &are([9.0, 109.0, 209.0])), Some(true));
    // Differences −20, −10, 0 are −10 ± 24.8.
    assert_eq!(held("<", &are([-10.0, 100.0, 210.0])), None);
}

#[test]
fn a_comparison_reports_the_difference_and_both_means() {
    let text = "mean(web) on naive < 2x mean(web) on budget";
    let judgement = compared(text, &are([0.3, 0.5]), &are([0.2, 0.3]));
    // 0.3 − 0.4 and 0.5 − 0.6: both −0.1 but for rounding.
    assert!((judgement.value + 0.1).abs() < 1e-12);
    assert_eq!((judgement.held, judgement.bound, judgement.unit), (Some(true), 0.0, Unit::Seconds));
    assert_eq!((judgement.variant, judgement.variant_index), (None, 0));
    assert_eq!(judgement.note.as_deref(), Some("400 ms on naive against 500 ms on budget"));
}

#[test]
fn common_draws_are_credited_with_what_they_save() {
    let text = "mean(web) on naive < mean(web) on budget";
    // Variances 1 and 1, of the differences 0: nothing is left of 2.
    let note = |left: [f64; 3], right: [f64; 3]| compared(text, &are(left), &are(right)).note;
    let saved = note([1.0, 2.0, 3.0], [11.0, 12.0, 13.0]);
    assert_eq!(
        saved.as_deref(),
        Some(
            "2 s on naive against 12 s on budget; common draws: variance below 0.1 % of \
             independent runs'"
        )
    );
    // Against each other: the differences are −12, −10, −8 with variance 4, twice as much.
    let lost = note([1.0, 2.0, 3.0], [13.0, 12.0, 11.0]).expect("two variants have a note");
    assert!(lost.ends_with("variance 200 % of independent runs'"), "{lost}");
}

#[test]
fn a_ranking_has_a_verdict_for_each_pair_of_neighbours() {
    let answers = [are([1.0, 1.1]), are([2.0, 2.1]), are([2.0, 2.2])];
    let held = |text| {
        let all = judged_by(text, &|variant, _| &answers[variant]);
        all.iter().map(|one| one.held).collect::<Vec<_>>()
    };
    assert_eq!(held("p99(web) ranks naive < budget"), [Some(true)]);
    assert_eq!(held("p99(web) ranks naive < budget < no retries"), [Some(true), None]);
    assert_eq!(held("p99(web) ranks budget > naive"), [Some(true)]);
    assert_eq!(held("p99(web) ranks budget < naive < no retries"), [Some(false), Some(true)]);
    assert_eq!(held("p99(web) is lowest on naive"), [Some(true), Some(true)]);
    assert_eq!(held("p99(web) is highest on naive"), [Some(false), Some(false)]);
    assert_eq!(held("p99(web) is highest on no retries"), [Some(true), None]);
}

#[test]
fn metrics_of_one_variant_are_compared_within_it() {
    let (naive, budget) = (are([1.0, 1.0]), are([2.0, 2.0]));
    let text = "p99(web) <= 1x p99(web)";
    let all = judged_by(text, &|variant, _| if variant == 0 { &naive } else { &budget });
    assert_eq!(all.len(), 3);
    assert!(all.iter().all(|one| one.held == Some(true) && one.value == 0.0));
    assert_eq!(all[1].variant.as_deref(), Some("budget"));
}

#[test]
fn never_on_both_sides_is_no_difference() {
    let text = "recovery(web) on naive < recovery(web) on budget";
    let held = |left, right| compared(text, &are(left), &are(right)).held;
    assert_eq!(held([3.0, 3.0], [9.0, 9.0]), Some(true));
    assert_eq!(held([3.0, 3.0], [f64::INFINITY, f64::INFINITY]), Some(true));
    assert_eq!(held([f64::INFINITY, f64::INFINITY], [9.0, 9.0]), Some(false));
    assert_eq!(held([3.0, f64::INFINITY], [9.0, f64::INFINITY]), None);
    let judgement = compared(text, &are([3.0, f64::INFINITY]), &are([9.0, f64::INFINITY]));
    assert!(judgement.value.is_nan() && judgement.runs[1].is_nan());
    assert_eq!(
        judgement.note.as_deref(),
        Some("no difference known in 1 of 2 runs; never on naive against never on budget")
    );
}

#[test]
fn a_censored_side_bounds_the_difference_from_one_side() {
    let text = "p99(web) on naive < p99(web) on budget";
    let (one, more) = ([Value::Is(1.0); 2], [Value::MoreThan(2.0); 2]);
    assert_eq!(compared(text, &one, &more).held, Some(true));
    assert_eq!(compared(text, &more, &one).held, Some(false));
    assert_eq!(compared(text, &more, &more).held, None);
    let note = |left, right| compared(text, left, right).note.unwrap_or_default();
    assert_eq!(
        note(&more, &one),
        "open at the end, more than shown in 2 of 2 runs; 2 s on naive against 1 s on budget"
    );
    assert_eq!(
        note(&one, &more),
        "open at the end, less than shown in 2 of 2 runs; 1 s on naive against 2 s on budget"
    );
    assert_eq!(
        note(&more, &more),
        "no difference known in 2 of 2 runs; 2 s on naive against 2 s on budget"
    );
    assert_eq!(compared(text, &one, &more).human(), "-1 s");
    assert_eq!(compared(text, &more, &one).human(), "> 1 s");
}

#[test]
fn whole_numbers_can_be_compared_exactly() {
    let text = "stuck(web) on naive == stuck(web) on budget";
    assert_eq!(compared(text, &are([0.0, 1.0]), &are([0.0, 1.0])).held, Some(true));
    assert_eq!(compared(text, &are([0.0, 1.0]), &are([0.0, 0.0])).held, Some(false));
}

#[test]
fn averages_are_equal_within_a_tolerance() {
    let text = "mean(web) on naive == mean(web) ± 5ms on budget";
    assert_eq!(compared(text, &are([0.1, 0.3]), &are([0.1, 0.3])).held, Some(true));
    assert_eq!(compared(text, &are([0.1, 0.3]), &are([0.2, 0.4])).held, Some(false));
}
