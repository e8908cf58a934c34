//! What is said beside a difference of two values of the same runs.

use super::bind::BoundSide;
use super::estimate::{Reading, estimate};
use brownout_core::interval::sample_variance;

/// The two means that the differences hide, and what the common draws were good for.
pub(super) fn notes(
    (left, ours): (&BoundSide, &[Option<Reading>]),
    factor: f64,
    (right, theirs): (&BoundSide, &[Option<Reading>]),
    differences: &[Option<Reading>],
) -> Vec<String> {
    let are_two = left.variant != right.variant;
    let mean = |side: &BoundSide, readings: &[Option<Reading>], factor: f64| {
        let value = left.unit.human(factor * estimate(readings, false).mean);
        if are_two { format!("{value} on {}", side.variant_name) } else { value }
    };
    let means = format!("{} against {}", mean(left, ours, 1.0), mean(right, theirs, factor));
    let gain = match are_two {
        true => reduction(ours, factor, theirs, differences),
        false => None,
    };
    let gain =
        gain.map(|gain| format!("common draws: variance {} of independent runs'", share(gain)));
    std::iter::once(means).chain(gain).collect()
}

/// The variance of the differences over what it would be if the two variants met draws of their
/// own: below 1 where the common draws help. `None` below three runs, where a run has no known
/// value, or where nothing varies.
fn reduction(
    ours: &[Option<Reading>],
    factor: f64,
    theirs: &[Option<Reading>],
    differences: &[Option<Reading>],
) -> Option<f64> {
    let variance = |readings: &[Option<Reading>]| {
        let values: Option<Vec<f64>> = readings.iter().map(|one| (*one)?.known()).collect();
        sample_variance(&values.filter(|values| values.len() > 2)?)
    };
    let apart = variance(ours)? + factor * factor * variance(theirs)?;
    (apart > 0.0).then_some(variance(differences)? / apart)
}

/// A share in print: two digits are enough.
fn share(value: f64) -> String {
    match value {
        value if value >= 0.095 => format!("{:.0} %", 100.0 * value),
        value if value >= 0.00095 => format!("{:.1} %", 100.0 * value),
        _ => "below 0.1 %".to_owned(),
    }
}
