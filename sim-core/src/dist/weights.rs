//! Choosing among weighted parts by one uniform number.

use super::problem;

/// Cumulative shares of the weights.
///
/// Invariant: non-decreasing, and 1 from the last positive weight on, so every uniform number in
/// [0, 1) picks a part and never one of weight zero.
#[derive(Debug, Clone)]
pub(super) struct Weights {
    cumulative: Box<[f64]>,
}

impl Weights {
    /// The shares of `weights`, which have no [`problems`].
    pub(super) fn new(weights: &[f64]) -> Weights {
        let mut sum = 0.0;
        let mut cumulative: Box<[f64]> = shares(weights)
            .map(|share| {
                sum += share;
                sum
            })
            .collect();
        let last = weights.iter().rposition(|&w| w > 0.0).expect("some weight is positive");
        cumulative[last..].fill(1.0);
        Weights { cumulative }
    }

    /// The part that owns `unit`, a uniform number in [0, 1).
    #[inline]
    pub(super) fn pick(&self, unit: f64) -> usize {
        self.cumulative.partition_point(|&up_to| up_to <= unit)
    }
}

/// Each weight's part of the whole, in [0, 1].
pub(super) fn shares(weights: &[f64]) -> impl Iterator<Item = f64> {
    let whole: f64 = weights.iter().sum();
    weights.iter().map(move |weight| weight / whole)
}

/// The mean of a mixture of parts with these means.
pub(super) fn mean(weights: &[f64], means: impl Iterator<Item = f64>) -> f64 {
    present(weights, means).map(|(share, mean)| share * mean).sum()
}

/// The variance of a mixture: that within the parts and that between them.
pub(super) fn variance(weights: &[f64], parts: impl Iterator<Item = (f64, f64)> + Clone) -> f64 {
    let overall = mean(weights, parts.clone().map(|(mean, _)| mean));
    if overall.is_infinite() {
        return f64::INFINITY;
    }
    present(weights, parts)
        .map(|(share, (mean, variance))| share * (variance + (mean - overall) * (mean - overall)))
        .sum()
}

/// The parts of positive weight, each with its share: an absent part's infinite moment is absent.
fn present<T>(weights: &[f64], parts: impl Iterator<Item = T>) -> impl Iterator<Item = (f64, T)> {
    shares(weights).zip(parts).filter(|(share, _)| *share > 0.0)
}

/// What is wrong with the weights.
pub(super) fn problems(weights: &[f64]) -> Vec<String> {
    if weights.is_empty() {
        return vec!["the list of parts is empty: it must have at least one".into()];
    }
    let numbered = weights.iter().zip(1..);
    let mut problems: Vec<String> = numbered
        .filter_map(|(&weight, i)| problem::unless_non_negative(&format!("weight {i}"), weight))
        .collect();
    let whole: f64 = weights.iter().sum();
    if problems.is_empty() && !(whole > 0.0 && whole.is_finite()) {
        let whole = problem::shown(whole);
        problems.push(format!("the weights add up to {whole}: it must be positive and finite"));
    }
    problems
}
