//! Sequential stopping: batches of replications until every number is known well enough.
//!
//! An interval that decides when to stop covers a little less than its 95 %: runs end sooner where
//! chance made the spread look small. The loss is small when the first batch is not (Chow and
//! Robbins, Annals of Mathematical Statistics 36, 1965); hence at least ten runs by default.

use super::question::Questions;
use super::{Failure, Progress, Request, Results, run};
use crate::expect::{MeasureRow, measure};
use crate::experiment::{Experiment, Until};
use crate::report::judgements;
use brownout_core::random::Seed;
use brownout_topologies::ledger::query::Query;

/// Runs the replications of `request`, and then more of them until `rule` is content.
///
/// # Errors
/// As [`run`].
pub fn run_until(
    experiment: &Experiment,
    questions: &Questions,
    request: &Request,
    rule: Until,
    progress: &Progress,
) -> Result<Results, Box<Failure>> {
    let mut results = run(experiment, questions, request, progress)?;
    while !results.is_interrupted() {
        let n = results.seeds.len() as u32;
        let target = wanted(experiment, &results, rule).min(rule.max);
        if target <= n {
            break;
        }
        let seed = results.seeds[0].seed;
        let seeds = (n..target).map(|replication| Seed { seed, replication }).collect();
        let more = Request { seeds, ..request.clone() };
        results.append(run(experiment, questions, &more, progress)?);
    }
    Ok(results)
}

/// What was measured least well, and how well: half-width over mean. `None` when no number has an
/// interval.
pub fn widest(experiment: &Experiment, results: &Results) -> Option<(MeasureRow, f64)> {
    let values = |place: usize, query: &Query| results.answers(place, query);
    let rows = experiment.measure.iter().flat_map(|bound| measure(bound, &values));
    let ran = rows.filter(|row| results.of(row.variant_index).is_some());
    let known = ran.filter_map(|row| relative(&row).map(|width| (row, width)));
    known.max_by(|(_, one), (_, other)| one.total_cmp(other))
}

/// How many runs it will take, or as many as there are when they are enough.
fn wanted(experiment: &Experiment, results: &Results, rule: Until) -> u32 {
    let n = results.seeds.len() as f64;
    let ratio = widest(experiment, results).map_or(0.0, |(_, width)| width / rule.half_width);
    let open = judgements(experiment, results).0.iter().any(|judgement| judgement.held.is_none());
    let wanted = match (ratio > 1.0, open) {
        // The width falls as the root of n; never more than twice as many at a time, for the
        // spread is itself a guess.
        (true, _) => (n * ratio * ratio).clamp(1.1 * n, 2.0 * n),
        (false, true) => 1.5 * n,
        (false, false) => n,
    };
    wanted.ceil() as u32
}

/// Half of the interval over the mean; of a share of runs, in itself. `None` for what has no
/// interval, such as a recovery that never came in one run.
fn relative(row: &MeasureRow) -> Option<f64> {
    let (low, high) = row.ci95?;
    let half = (high - low) / 2.0;
    if row.is_binary || half == 0.0 {
        return Some(half);
    }
    (row.mean != 0.0).then(|| half / row.mean.abs())
}
