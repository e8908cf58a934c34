//! Several classes of memoryless work.

use super::weights::{self, Weights};
use super::{Dist, Kind, Sample, UnitExp, problem, special};
use crate::{Draws, math};

/// The hyperexponential: one of several exponentials by chance, so more spread than one (H_k in
/// Kendall's notation).
#[derive(Debug, Clone, PartialEq)]
pub struct HyperExp {
    /// (weight, mean) of each branch: weights ≥ 0 with a positive sum, taken as shares of that
    /// sum; means > 0.
    pub branches: Vec<(f64, f64)>,
}

impl Dist {
    /// One of several exponentials, given as (weight, mean).
    pub fn hyper_exp(branches: impl Into<Vec<(f64, f64)>>) -> Dist {
        Dist::HyperExp(HyperExp { branches: branches.into() })
    }
}

impl HyperExp {
    fn weights(&self) -> Vec<f64> {
        self.branches.iter().map(|&(weight, _)| weight).collect()
    }

    fn probability(&self, x: f64) -> f64 {
        let reached = |mean: f64| -math::exp_m1(-x.max(0.0) / mean);
        weights::mean(&self.weights(), self.branches.iter().map(|&(_, mean)| reached(mean)))
    }
}

impl Kind for HyperExp {
    const NAME: &'static str = "HyperExp";
    const ABOUT: &'static str = "one of several exponentials by weight";
    type Sampler = HyperExpSampler;

    fn examples() -> Vec<HyperExp> {
        vec![HyperExp { branches: vec![(0.9, 0.5), (0.1, 5.5)] }]
    }

    fn problems(&self) -> Vec<String> {
        let mut problems = weights::problems(&self.weights());
        for (&(_, mean), i) in self.branches.iter().zip(1..) {
            problems.extend(problem::unless_positive(&format!("mean {i}"), mean));
        }
        problems
    }

    fn mean(&self) -> f64 {
        weights::mean(&self.weights(), self.branches.iter().map(|&(_, mean)| mean))
    }

    fn variance(&self) -> f64 {
        let parts = self.branches.iter().map(|&(_, mean)| (mean, mean * mean));
        weights::variance(&self.weights(), parts)
    }

    fn cdf(&self, x: f64) -> Option<f64> {
        Some(self.probability(x))
    }

    fn quantile(&self, p: f64) -> Option<f64> {
        Some(special::invert(p, |x| self.probability(x)))
    }

    fn scaled(&self, factor: f64) -> HyperExp {
        let scaled = |&(weight, mean): &(f64, f64)| (weight, mean * factor);
        HyperExp { branches: self.branches.iter().map(scaled).collect() }
    }

    fn sampler(&self) -> HyperExpSampler {
        HyperExpSampler {
            weights: Weights::new(&self.weights()),
            means: self.branches.iter().map(|&(_, mean)| mean).collect(),
            exp: UnitExp::new(),
        }
    }
}

#[derive(Debug, Clone)]
pub(super) struct HyperExpSampler {
    weights: Weights,
    means: Box<[f64]>,
    exp: UnitExp,
}

impl Sample for HyperExpSampler {
    fn sample(&self, draws: &mut Draws, _: u64) -> f64 {
        let mean = self.means[self.weights.pick(draws.unit())];
        mean * self.exp.sample(draws)
    }
}
