//! Sentences about a share of runs: `… in 90% of runs`.

use super::estimate::{Reading, estimate};
use super::judge::Judged;
use super::unit::Unit;
use brownout_core::interval::normal_quantile;

/// Whether a sentence that is decided run by run by `holds` does so in the share `quota` of runs.
///
/// The share has Wilson's interval, so that 30 of 30 runs do not yet show 90 %: 35 do. All of the
/// runs is a share that no number of runs could show; it means every run there was.
pub(super) fn judged(
    quota: f64,
    readings: &[Option<Reading>],
    holds: impl Fn(&Option<Reading>) -> Option<bool>,
) -> Judged {
    // A run that is undecided may be either.
    let verdicts = readings.iter().map(|run| {
        let verdict = (*run).and_then(|_| holds(run));
        (*run).map(|_| Reading {
            low: f64::from(u8::from(verdict == Some(true))),
            high: f64::from(u8::from(verdict != Some(false))),
        })
    });
    let verdicts: Vec<Option<Reading>> = verdicts.collect();
    let mut found = estimate(&verdicts, true);
    found.notes.extend(remark(quota, &verdicts));
    let known: Vec<Reading> = verdicts.iter().copied().flatten().collect();
    let held = if quota < 1.0 {
        found.limits.and_then(|(low, high)| match (low >= quota, high < quota) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            (false, false) => None,
        })
    } else if known.iter().any(|run| run.high == 0.0) {
        Some(false)
    } else {
        let all = known.len() == readings.len() && known.iter().all(|run| run.low == 1.0);
        (all && !known.is_empty()).then_some(true)
    };
    Judged { held, bound: quota, unit: Unit::Share, ci95: found.ci95, found }
}

/// What keeps the share from being known: runs that are undecided, or too few of them.
fn remark(quota: f64, verdicts: &[Option<Reading>]) -> Option<String> {
    let n = verdicts.len();
    let open = verdicts.iter().flatten().filter(|run| run.low < run.high).count();
    if open > 0 {
        return Some(format!("undecided in {open} of {n} runs"));
    }
    let all_hold = verdicts.iter().all(|run| run.is_some_and(|run| run.low == 1.0));
    let z = normal_quantile(0.975);
    let enough = (z * z * quota / (1.0 - quota)).ceil();
    (all_hold && (n as f64) < enough && enough < 1e6)
        .then(|| format!("it takes {enough} runs that all hold to show it"))
}
