//! Batch means: one long run cut into stretches, each of which counts as a run.
//!
//! The interval is as good as the stretches are long: neighbours must not know of each other.

use super::bind::{BoundSide, Shape};
use super::estimate::Reading;
use brownout_core::{Span, interval};
use brownout_topologies::ledger::query::{Query, Window};

/// The same question of so many stretches of equal length of its window.
pub(super) fn batched((query, shape): &(Query, Shape), batches: u32) -> Vec<(Query, Shape)> {
    let Window { from, to } = query.window;
    let at = |batch: u32| {
        let nanos = u128::from(to.since(from).nanos()) * u128::from(batch) / u128::from(batches);
        from + Span::from_nanos(nanos as u64)
    };
    let part = |batch| {
        let window = Window { from: at(batch), to: at(batch + 1) };
        let shape = match shape {
            Shape::Over(offered) => Shape::Over(Query { window, ..offered.clone() }),
            other => other.clone(),
        };
        (Query { window, ..query.clone() }, shape)
    };
    (0..batches).map(part).collect()
}

/// What keeps the interval over batches from being trusted: neighbours that are alike. Von
/// Neumann's ratio of successive differences is 2 for independent values and about normal.
pub(super) fn correlation(side: &BoundSide, readings: &[Option<Reading>]) -> Option<String> {
    let values: Vec<f64> = readings.iter().filter_map(|one| (*one)?.known()).collect();
    let n = values.len() as f64;
    if side.parts.len() < 2 || values.len() < side.parts.len() {
        return None;
    }
    let variance = interval::sample_variance(&values).filter(|variance| *variance > 0.0)?;
    let squares = values.windows(2).map(|pair| (pair[1] - pair[0]) * (pair[1] - pair[0]));
    let alike = 1.0 - interval::sum(squares) / (2.0 * (n - 1.0) * variance);
    let too_much = interval::normal_quantile(0.99) * ((n - 2.0) / (n * n - 1.0)).sqrt();
    (alike > too_much).then(|| {
        format!("neighbouring stretches are alike (r = {alike:.2}): run longer, or cut fewer")
    })
}
