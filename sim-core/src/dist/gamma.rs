//! Positive times with a chosen spread.

use super::ziggurat::UnitNormal;
use super::{Dist, Kind, Sample, UnitExp, problem, special};
use crate::{Draws, math};

/// The gamma distribution by its mean and coefficient of variation (shape 1/cv²).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gamma {
    /// The mean, > 0.
    pub mean: f64,
    /// Standard deviation over mean, ≥ 0; 1 is the exponential, 0 a constant.
    pub cv: f64,
}

impl Dist {
    /// Gamma with this mean and coefficient of variation.
    pub const fn gamma(mean: f64, cv: f64) -> Dist {
        Dist::Gamma(Gamma { mean, cv })
    }
}

impl Gamma {
    fn shape(&self) -> f64 {
        1.0 / (self.cv * self.cv)
    }

    fn scale(&self) -> f64 {
        self.mean * self.cv * self.cv
    }

    /// Whether the spread is none, or too small for its square to be a number.
    fn is_constant(&self) -> bool {
        self.shape().is_infinite()
    }
}

impl Kind for Gamma {
    const NAME: &'static str = "Gamma";
    const ABOUT: &'static str = "positive times with a given mean and coefficient of variation";
    type Sampler = GammaSampler;

    fn examples() -> Vec<Gamma> {
        vec![Gamma { mean: 4.0, cv: 0.5 }, Gamma { mean: 4.0, cv: 1.5 }]
    }

    fn problems(&self) -> Vec<String> {
        let mean = problem::unless_positive("mean", self.mean);
        let cv = problem::unless_non_negative("cv", self.cv);
        let mut problems: Vec<String> = mean.into_iter().chain(cv).collect();
        if problems.is_empty() && !self.scale().is_finite() {
            let cv = problem::shown(self.cv);
            problems.push(format!("cv is {cv}: mean times its square must be finite"));
        }
        problems
    }

    fn mean(&self) -> f64 {
        self.mean
    }

    fn variance(&self) -> f64 {
        (self.mean * self.cv) * (self.mean * self.cv)
    }

    fn cdf(&self, x: f64) -> Option<f64> {
        if self.is_constant() {
            return Some(special::step(self.mean, x));
        }
        Some(special::gamma_p(self.shape(), x / self.scale()))
    }

    fn quantile(&self, p: f64) -> Option<f64> {
        if self.is_constant() {
            return Some(self.mean);
        }
        let shape = self.shape();
        Some(self.scale() * special::invert(p, |x| special::gamma_p(shape, x)))
    }

    fn scaled(&self, factor: f64) -> Gamma {
        Gamma { mean: self.mean * factor, cv: self.cv }
    }

    fn sampler(&self) -> GammaSampler {
        if self.is_constant() {
            return GammaSampler::Constant(self.mean);
        }
        GammaSampler::new(self.shape(), self.scale())
    }
}

/// Marsaglia & Tsang, *A Simple Method for Generating Gamma Variables* (2000).
#[derive(Debug, Clone, Copy)]
pub(super) enum GammaSampler {
    Constant(f64),
    /// Shape ≥ 1, which the method is for.
    Direct(Squeeze),
    /// Shape < 1: a gamma of shape + 1 times U^(1/shape), where ln U is minus an exponential.
    Boosted {
        above: Squeeze,
        shape: f64,
        exp: UnitExp,
    },
}

impl GammaSampler {
    /// For a finite `shape` > 0 and a `scale` > 0.
    pub(super) fn new(shape: f64, scale: f64) -> GammaSampler {
        if shape >= 1.0 {
            return GammaSampler::Direct(Squeeze::new(shape, scale));
        }
        let above = Squeeze::new(shape + 1.0, scale);
        GammaSampler::Boosted { above, shape, exp: UnitExp::new() }
    }
}

impl Sample for GammaSampler {
    fn sample(&self, draws: &mut Draws, _: u64) -> f64 {
        match self {
            GammaSampler::Constant(value) => *value,
            GammaSampler::Direct(squeeze) => squeeze.sample(draws),
            GammaSampler::Boosted { above, shape, exp } => {
                let boost = math::exp(-exp.sample(draws) / shape);
                above.sample(draws) * boost
            }
        }
    }
}

/// The cube of a normal, squeezed under the gamma of a shape ≥ 1.
#[derive(Debug, Clone, Copy)]
pub(super) struct Squeeze {
    /// Shape − 1/3.
    d: f64,
    /// 1/√(9d).
    c: f64,
    scale: f64,
    normal: UnitNormal,
}

impl Squeeze {
    fn new(shape: f64, scale: f64) -> Squeeze {
        let d = shape - 1.0 / 3.0;
        Squeeze { d, c: 1.0 / (9.0 * d).sqrt(), scale, normal: UnitNormal::new() }
    }

    fn sample(&self, draws: &mut Draws) -> f64 {
        loop {
            let z = self.normal.sample(draws);
            let root = 1.0 + self.c * z;
            if root <= 0.0 {
                continue;
            }
            let v = root * root * root;
            let unit = draws.unit();
            let square = z * z;
            // The first test settles all but about 2 % and costs no logarithm.
            if unit < 1.0 - 0.0331 * square * square
                || math::ln(unit) < 0.5 * square + self.d * (1.0 - v + math::ln(v))
            {
                return self.scale * (self.d * v);
            }
        }
    }
}
