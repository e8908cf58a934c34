//! Exact values in their order: answers that can be worked on paper.

use super::{Dist, Kind, Sample, empirical, problem};
use crate::Draws;

/// Exact values in order, again from the first after the last. Nothing is drawn.
///
/// The moments are those of one cycle. There is no CDF and no quantile: the n-th value is not a
/// matter of chance.
#[derive(Debug, Clone, PartialEq)]
pub struct Sequence {
    /// The values, each ≥ 0; at least one.
    pub values: Vec<f64>,
}

impl Dist {
    /// These values in order, cycling.
    pub fn sequence(values: impl Into<Vec<f64>>) -> Dist {
        Dist::Sequence(Sequence { values: values.into() })
    }
}

impl Kind for Sequence {
    const NAME: &'static str = "Sequence";
    const ABOUT: &'static str = "exact values in order, cycling";
    type Sampler = SequenceSampler;

    fn examples() -> Vec<Sequence> {
        vec![Sequence { values: vec![2.0, 3.0, 100.0] }]
    }

    fn problems(&self) -> Vec<String> {
        problem::of_values(&self.values)
    }

    fn mean(&self) -> f64 {
        empirical::mean(&self.values)
    }

    fn variance(&self) -> f64 {
        empirical::variance(&self.values)
    }

    fn cdf(&self, _: f64) -> Option<f64> {
        None
    }

    fn quantile(&self, _: f64) -> Option<f64> {
        None
    }

    fn scaled(&self, factor: f64) -> Sequence {
        Sequence { values: self.values.iter().map(|value| value * factor).collect() }
    }

    fn sampler(&self) -> SequenceSampler {
        SequenceSampler { values: self.values.clone().into() }
    }
}

#[derive(Debug, Clone)]
pub(super) struct SequenceSampler {
    values: Box<[f64]>,
}

impl Sample for SequenceSampler {
    fn sample(&self, _: &mut Draws, nth: u64) -> f64 {
        self.values[(nth % self.values.len() as u64) as usize]
    }

    fn counts(&self) -> bool {
        true
    }
}
