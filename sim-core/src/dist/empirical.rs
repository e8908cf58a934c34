//! Measured values.

use super::{Dist, Kind, Sample, problem};
use crate::Draws;

/// The empirical distribution: each of a list of measured values equally likely.
///
/// Only the values themselves are drawn; nothing is interpolated between them or extrapolated
/// beyond them, so every percentile of a run's work is one that was measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Empirical {
    /// Invariant: in ascending order.
    values: Vec<f64>,
}

impl Dist {
    /// Each of `values`, given in any order, equally likely.
    pub fn empirical(values: impl Into<Vec<f64>>) -> Dist {
        Dist::Empirical(Empirical::new(values))
    }
}

impl Empirical {
    /// Of these values, each ≥ 0, in any order and with repetitions.
    pub fn new(values: impl Into<Vec<f64>>) -> Empirical {
        let mut values = values.into();
        values.sort_by(f64::total_cmp);
        Empirical { values }
    }

    /// The values in ascending order.
    pub fn values(&self) -> &[f64] {
        &self.values
    }
}

impl Kind for Empirical {
    const NAME: &'static str = "Empirical";
    const ABOUT: &'static str = "one of a list of measured values, each equally likely";
    type Sampler = EmpiricalSampler;

    fn examples() -> Vec<Empirical> {
        vec![Empirical::new([12.0, 15.0, 11.0, 40.0, 12.0, 13.5, 230.0])]
    }

    fn problems(&self) -> Vec<String> {
        problem::of_values(&self.values)
    }

    fn mean(&self) -> f64 {
        mean(&self.values)
    }

    fn variance(&self) -> f64 {
        variance(&self.values)
    }

    fn cdf(&self, x: f64) -> Option<f64> {
        let up_to = self.values.partition_point(|&value| value <= x);
        Some(up_to as f64 / self.values.len() as f64)
    }

    fn quantile(&self, p: f64) -> Option<f64> {
        let count = self.values.len() as f64;
        // The least rank whose share is p: by comparing shares, as `cdf` computes them.
        let rank = (1..self.values.len()).find(|&rank| rank as f64 / count >= p);
        Some(self.values[rank.unwrap_or(self.values.len()) - 1])
    }

    fn scaled(&self, factor: f64) -> Empirical {
        Empirical { values: self.values.iter().map(|value| value * factor).collect() }
    }

    fn sampler(&self) -> EmpiricalSampler {
        EmpiricalSampler { values: self.values.clone().into() }
    }
}

/// The mean of a list.
pub(super) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The mean square distance of a list from its mean.
pub(super) fn variance(values: &[f64]) -> f64 {
    let mean = mean(values);
    values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / values.len() as f64
}

#[derive(Debug, Clone)]
pub(super) struct EmpiricalSampler {
    values: Box<[f64]>,
}

impl Sample for EmpiricalSampler {
    fn sample(&self, draws: &mut Draws, _: u64) -> f64 {
        // The high half of the product of word and count is uniform below count, to 2⁻⁶⁴ × count.
        let index = (u128::from(draws.word()) * self.values.len() as u128) >> 64;
        self.values[index as usize]
    }
}
