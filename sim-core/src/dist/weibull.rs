//! Times between failures.

use super::{Dist, Kind, Sample, UnitExp, problem};
use crate::{Draws, math};

/// The Weibull distribution: times to failure whose hazard rises (shape > 1) or falls (< 1).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weibull {
    /// Shape, dimensionless, > 0; 1 is the exponential.
    pub shape: f64,
    /// Scale, > 0: the value that 63 % (1 − 1/e) do not exceed.
    pub scale: f64,
}

impl Dist {
    /// Weibull by shape and scale.
    pub const fn weibull(shape: f64, scale: f64) -> Dist {
        Dist::Weibull(Weibull { shape, scale })
    }

    /// Weibull by shape and mean, both > 0.
    pub fn weibull_mean(shape: f64, mean: f64) -> Dist {
        Dist::Weibull(Weibull::from_mean(shape, mean))
    }
}

impl Weibull {
    /// By shape and mean, both > 0: scale = mean / Γ(1 + 1/shape).
    pub fn from_mean(shape: f64, mean: f64) -> Weibull {
        Weibull { shape, scale: mean / math::gamma(1.0 + 1.0 / shape) }
    }
}

impl Kind for Weibull {
    const NAME: &'static str = "Weibull";
    const ABOUT: &'static str = "times to failure whose hazard rises or falls with age";
    type Sampler = WeibullSampler;

    fn examples() -> Vec<Weibull> {
        vec![Weibull { shape: 2.0, scale: 3.0 }, Weibull::from_mean(0.7, 5.0)]
    }

    fn problems(&self) -> Vec<String> {
        let parameters = [("shape", self.shape), ("scale", self.scale)];
        parameters.iter().filter_map(|&(name, x)| problem::unless_positive(name, x)).collect()
    }

    fn mean(&self) -> f64 {
        self.scale * math::gamma(1.0 + 1.0 / self.shape)
    }

    fn variance(&self) -> f64 {
        let first = math::gamma(1.0 + 1.0 / self.shape);
        let second = math::gamma(1.0 + 2.0 / self.shape);
        if second.is_infinite() {
            return f64::INFINITY;
        }
        self.scale * self.scale * (second - first * first).max(0.0)
    }

    fn cdf(&self, x: f64) -> Option<f64> {
        Some(-math::exp_m1(-math::pow(x.max(0.0) / self.scale, self.shape)))
    }

    fn quantile(&self, p: f64) -> Option<f64> {
        Some(self.scale * math::pow(-math::ln_1p(-p), 1.0 / self.shape))
    }

    fn scaled(&self, factor: f64) -> Weibull {
        Weibull { shape: self.shape, scale: self.scale * factor }
    }

    fn sampler(&self) -> WeibullSampler {
        let power = 1.0 / self.shape;
        WeibullSampler { power, scale: self.scale, exp: UnitExp::new() }
    }
}

/// An exponential to a power is a Weibull.
#[derive(Debug, Clone, Copy)]
pub(super) struct WeibullSampler {
    power: f64,
    scale: f64,
    exp: UnitExp,
}

impl Sample for WeibullSampler {
    fn sample(&self, draws: &mut Draws, _: u64) -> f64 {
        self.scale * math::pow(self.exp.sample(draws), self.power)
    }
}
