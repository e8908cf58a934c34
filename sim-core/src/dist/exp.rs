//! Memoryless times.

use super::{Dist, Kind, Sample, UnitExp, problem};
use crate::{Draws, math};

/// The exponential distribution: memoryless times (M in Kendall's notation).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Exp {
    /// The mean and the standard deviation, > 0.
    pub mean: f64,
}

impl Dist {
    /// Exponential with this mean.
    pub const fn exp(mean: f64) -> Dist {
        Dist::Exp(Exp { mean })
    }
}

impl Kind for Exp {
    const NAME: &'static str = "Exp";
    const ABOUT: &'static str = "memoryless times with a given mean";
    type Sampler = ExpSampler;

    fn examples() -> Vec<Exp> {
        vec![Exp { mean: 3.0 }]
    }

    fn problems(&self) -> Vec<String> {
        problem::unless_positive("mean", self.mean).into_iter().collect()
    }

    fn mean(&self) -> f64 {
        self.mean
    }

    fn variance(&self) -> f64 {
        self.mean * self.mean
    }

    fn cdf(&self, x: f64) -> Option<f64> {
        Some(-math::exp_m1(-x.max(0.0) / self.mean))
    }

    fn quantile(&self, p: f64) -> Option<f64> {
        Some(-self.mean * math::ln_1p(-p))
    }

    fn scaled(&self, factor: f64) -> Exp {
        Exp { mean: self.mean * factor }
    }

    fn sampler(&self) -> ExpSampler {
        ExpSampler { mean: self.mean, unit: UnitExp::new() }
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) struct ExpSampler {
    mean: f64,
    unit: UnitExp,
}

impl Sample for ExpSampler {
    #[inline]
    fn sample(&self, draws: &mut Draws, _: u64) -> f64 {
        self.mean * self.unit.sample(draws)
    }
}
