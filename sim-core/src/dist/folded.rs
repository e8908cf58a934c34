//! A normal with its sign thrown away.

use super::ziggurat::UnitNormal;
use super::{Dist, Kind, Sample, problem, special};
use crate::Draws;

/// The folded normal: the absolute value of a normal (a jitter's size).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Folded {
    /// The mean before folding; any finite number.
    pub mean: f64,
    /// The standard deviation before folding, ≥ 0; 0 is a constant.
    pub sd: f64,
}

impl Dist {
    /// |Normal(`mean`, `sd`)|.
    pub const fn folded(mean: f64, sd: f64) -> Dist {
        Dist::Folded(Folded { mean, sd })
    }
}

impl Folded {
    fn probability(&self, x: f64) -> f64 {
        let (x, mean) = (x.max(0.0), self.mean.abs());
        special::normal_cdf((x - mean) / self.sd) - special::normal_cdf((-x - mean) / self.sd)
    }
}

impl Kind for Folded {
    const NAME: &'static str = "Folded";
    const ABOUT: &'static str = "the absolute value of a normal";
    type Sampler = FoldedSampler;

    fn examples() -> Vec<Folded> {
        vec![Folded { mean: 0.0, sd: 3.0 }, Folded { mean: 2.0, sd: 1.5 }]
    }

    fn problems(&self) -> Vec<String> {
        let problems = [
            problem::unless_finite("mean", self.mean),
            problem::unless_non_negative("sd", self.sd),
        ];
        problems.into_iter().flatten().collect()
    }

    fn mean(&self) -> f64 {
        if self.sd == 0.0 {
            return self.mean.abs();
        }
        let z = self.mean.abs() / self.sd;
        self.sd * 2.0 * special::normal_density(z)
            + self.mean.abs() * (1.0 - 2.0 * special::normal_cdf(-z))
    }

    fn variance(&self) -> f64 {
        let mean = Kind::mean(self);
        // (m² − mean²) as a product, so that it vanishes cleanly when nothing folds.
        (self.sd * self.sd + (self.mean.abs() - mean) * (self.mean.abs() + mean)).max(0.0)
    }

    fn cdf(&self, x: f64) -> Option<f64> {
        Some(match self.sd {
            0.0 => special::step(self.mean.abs(), x),
            _ => self.probability(x),
        })
    }

    fn quantile(&self, p: f64) -> Option<f64> {
        if self.sd == 0.0 {
            return Some(self.mean.abs());
        }
        Some(special::invert(p, |x| self.probability(x)))
    }

    fn scaled(&self, factor: f64) -> Folded {
        Folded { mean: self.mean * factor, sd: self.sd * factor }
    }

    fn sampler(&self) -> FoldedSampler {
        FoldedSampler { mean: self.mean, sd: self.sd, normal: UnitNormal::new() }
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) struct FoldedSampler {
    mean: f64,
    sd: f64,
    normal: UnitNormal,
}

impl Sample for FoldedSampler {
    fn sample(&self, draws: &mut Draws, _: u64) -> f64 {
        (self.mean + self.sd * self.normal.sample(draws)).abs()
    }
}
