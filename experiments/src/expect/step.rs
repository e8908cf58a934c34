//! One step along an axis of a sweep: by how much a value changes, run by run.

use super::estimate::{Reading, estimate_at};

/// The change from one point to the next, or between two variants at one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Change {
    /// Mean over the runs, infinite when never in one of them; not a number when nothing is known.
    pub(crate) mean: f64,
    /// The ends of the 95 % interval; infinite where they are not known.
    pub(crate) ends: (f64, f64),
    /// The ends of the interval that all of so many changes together are in with 95 %.
    pub(crate) wide: (f64, f64),
}

impl Change {
    /// From one value of each run to another of the same seed; one of `among` that are looked at
    /// together. `None` where a run has no value at either.
    pub(crate) fn between(from: &[f64], to: &[f64], among: usize) -> Option<Change> {
        if from.len() != to.len() || from.is_empty() {
            return None;
        }
        let less = |(from, to): (&f64, &f64)| match to - from {
            // Never, both times: no change.
            _ if from == to => Some(0.0),
            change if change.is_nan() => None,
            change => Some(change),
        };
        let changes: Option<Vec<f64>> = from.iter().zip(to).map(less).collect();
        let readings: Vec<Option<Reading>> =
            changes?.into_iter().map(|change| Some(Reading::exactly(change))).collect();
        // Bonferroni: one of many intervals misses as seldom as one alone.
        let all = 1.0 - 0.05 / among.max(1) as f64;
        let narrow = estimate_at(&readings, false, 0.95);
        let wide = estimate_at(&readings, false, all);
        Some(Change { mean: narrow.mean, ends: narrow.limits?, wide: wide.limits? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_that_of_each_run_so_what_varies_alike_cancels() {
        let from = [10.0, 50.0, 90.0];
        let to = from.map(|value| value + 5.0);
        let change = Change::between(&from, &to, 7).expect("every run has both");
        assert_eq!((change.mean, change.ends, change.wide), (5.0, (5.0, 5.0), (5.0, 5.0)));
    }

    #[test]
    fn many_changes_together_are_less_well_known_than_one() {
        let (from, to) = ([0.0, 0.0, 0.0, 0.0], [1.0, 2.0, 3.0, 2.0]);
        let change = Change::between(&from, &to, 10).expect("every run has both");
        let one = Change::between(&from, &to, 1).expect("every run has both");
        assert_eq!(one.ends, one.wide);
        assert_eq!(change.ends, one.ends);
        assert!(change.wide.0 < one.wide.0 && one.wide.1 < change.wide.1, "{change:?}");
    }

    #[test]
    fn never_and_never_again_is_no_change_and_nothing_is_none() {
        let never = f64::INFINITY;
        let change = Change::between(&[never, 1.0], &[never, 1.0], 1).expect("it is known");
        assert_eq!((change.mean, change.ends), (0.0, (0.0, 0.0)));
        assert_eq!(Change::between(&[f64::NAN, 1.0], &[1.0, 1.0], 1), None);
        assert_eq!(Change::between(&[], &[], 1), None);
        let lost = Change::between(&[1.0, 1.0], &[never, never], 1).expect("it is known");
        assert_eq!(lost.ends, (never, never));
    }
}
