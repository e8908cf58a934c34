//! One of several distributions by chance.

use super::weights::{self, Weights};
use super::{Dist, Kind, Sample, Sampler, special};
use crate::Draws;

/// A mixture: one of several distributions by weight (two modes, a slow minority).
#[derive(Debug, Clone, PartialEq)]
pub struct Mixture {
    /// (weight, distribution) of each part: weights ≥ 0 with a positive sum, taken as shares of
    /// that sum.
    pub parts: Vec<(f64, Dist)>,
}

impl Dist {
    /// One of several distributions, given as (weight, distribution).
    pub fn mixture(parts: impl Into<Vec<(f64, Dist)>>) -> Dist {
        Dist::Mixture(Mixture { parts: parts.into() })
    }
}

impl Mixture {
    fn weights(&self) -> Vec<f64> {
        self.parts.iter().map(|&(weight, _)| weight).collect()
    }

    /// The parts that can be drawn.
    fn present(&self) -> impl Iterator<Item = &Dist> {
        self.parts.iter().filter(|(weight, _)| *weight > 0.0).map(|(_, part)| part)
    }
}

impl Kind for Mixture {
    const NAME: &'static str = "Mixture";
    const ABOUT: &'static str = "one of several distributions by weight";
    type Sampler = MixtureSampler;

    fn examples() -> Vec<Mixture> {
        let two_modes = vec![(3.0, Dist::uniform(1.0, 2.0)), (1.0, Dist::gamma(10.0, 0.5))];
        let two_points = vec![(0.95, Dist::constant(0.5)), (0.05, Dist::constant(10.5))];
        vec![Mixture { parts: two_modes }, Mixture { parts: two_points }]
    }

    fn problems(&self) -> Vec<String> {
        let mut problems = weights::problems(&self.weights());
        for ((_, part), i) in self.parts.iter().zip(1..) {
            problems.extend(part.problems().iter().map(|problem| format!("part {i}: {problem}")));
        }
        problems
    }

    fn mean(&self) -> f64 {
        weights::mean(&self.weights(), self.parts.iter().map(|(_, part)| part.mean()))
    }

    fn variance(&self) -> f64 {
        let parts = self.parts.iter().map(|(_, part)| (part.mean(), part.variance()));
        weights::variance(&self.weights(), parts)
    }

    fn cdf(&self, x: f64) -> Option<f64> {
        let parts: Option<Vec<f64>> = self.parts.iter().map(|(_, part)| part.cdf(x)).collect();
        Some(weights::mean(&self.weights(), parts?.into_iter()))
    }

    fn quantile(&self, p: f64) -> Option<f64> {
        let ends: Option<Vec<f64>> = self.present().map(|part| part.quantile(p)).collect();
        let (least, most) = ends?
            .into_iter()
            .fold((f64::INFINITY, 0.0_f64), |(least, most), x| (least.min(x), most.max(x)));
        if p == 0.0 || p == 1.0 || least == most {
            return Some(if p == 0.0 { least } else { most });
        }
        let chance = |x| Kind::cdf(self, x).expect("what has quantiles has a CDF");
        // Between the parts' own quantiles; rounding of the sum must not carry it past them.
        Some(special::least_where(|x| chance(x) >= p).clamp(least, most))
    }

    fn scaled(&self, factor: f64) -> Mixture {
        let scaled = |(weight, part): &(f64, Dist)| (*weight, part.scaled(factor));
        Mixture { parts: self.parts.iter().map(scaled).collect() }
    }

    fn sampler(&self) -> MixtureSampler {
        MixtureSampler {
            weights: Weights::new(&self.weights()),
            parts: self.parts.iter().map(|(_, part)| part.sampler()).collect(),
        }
    }
}

#[derive(Debug, Clone)]
pub(super) struct MixtureSampler {
    weights: Weights,
    parts: Box<[Sampler]>,
}

impl Sample for MixtureSampler {
    fn sample(&self, draws: &mut Draws, nth: u64) -> f64 {
        self.parts[self.weights.pick(draws.unit())].sample(draws, nth)
    }

    fn counts(&self) -> bool {
        self.parts.iter().any(Sampler::counts)
    }
}
