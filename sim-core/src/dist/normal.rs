//! A normal that is never negative.

use super::ziggurat::UnitNormal;
use super::{Dist, Kind, Sample, UnitExp, problem, special};
use crate::{Draws, math};

/// The normal distribution conditioned on being zero or more (the truncated normal).
///
/// Conditioning moves the moments: its mean is above `mean`, by much when `mean` is not several
/// `sd` above zero.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Normal {
    /// The mean before conditioning; any finite number.
    pub mean: f64,
    /// The standard deviation before conditioning, ≥ 0; 0 is a constant.
    pub sd: f64,
}

impl Dist {
    /// Normal(`mean`, `sd`) given that it is zero or more.
    pub const fn normal(mean: f64, sd: f64) -> Dist {
        Dist::Normal(Normal { mean, sd })
    }
}

impl Normal {
    /// Where zero lies, in standard deviations above the mean.
    fn zero(&self) -> f64 {
        -self.mean / self.sd
    }

    fn probability(&self, x: f64) -> f64 {
        if x <= 0.0 {
            return 0.0;
        }
        let (zero, t) = (self.zero(), x / self.sd);
        if zero < special::FRACTION_FROM {
            let (below, up_to) = (special::normal_cdf(zero), special::normal_cdf(zero + t));
            return (up_to - below) / special::normal_cdf(-zero);
        }
        // P(beyond) = e^(−zero·t − t²/2) times a ratio of Mills's: nothing here underflows.
        let mills = |z: f64| 1.0 / (z + special::laplace_fraction(1, z));
        let beyond = -(zero + 0.5 * t) * t + math::ln(mills(zero + t) / mills(zero));
        -math::exp_m1(beyond)
    }

    /// (m, v): the mean is `sd`·m and the variance `sd`²·v.
    fn unit_moments(&self) -> (f64, f64) {
        let zero = self.zero();
        if zero < special::FRACTION_FROM {
            // The hazard of the normal at zero.
            let hazard = special::normal_density(zero) / special::normal_cdf(-zero);
            return (hazard - zero, 1.0 - hazard * (hazard - zero));
        }
        let first = special::laplace_fraction(1, zero);
        (first, first * (special::laplace_fraction(2, zero) - first))
    }
}

impl Kind for Normal {
    const NAME: &'static str = "Normal";
    const ABOUT: &'static str = "a normal conditioned on being zero or more";
    type Sampler = NormalSampler;

    fn examples() -> Vec<Normal> {
        vec![
            Normal { mean: 10.0, sd: 2.0 },
            Normal { mean: 0.5, sd: 1.0 },
            Normal { mean: -30.0, sd: 2.0 },
        ]
    }

    fn problems(&self) -> Vec<String> {
        let mut problems: Vec<String> =
            problem::unless_finite("mean", self.mean).into_iter().collect();
        problems.extend(problem::unless_non_negative("sd", self.sd));
        if self.sd == 0.0 && self.mean < 0.0 {
            let mean = problem::shown(self.mean);
            problems.push(format!("mean is {mean} with sd 0: mean must then be zero or more"));
        } else if problems.is_empty() && self.sd > 0.0 && !self.zero().is_finite() {
            let sd = problem::shown(self.sd);
            problems.push(format!("sd is {sd}: it is too small beside the mean; write 0"));
        }
        problems
    }

    fn mean(&self) -> f64 {
        if self.sd == 0.0 { self.mean } else { self.sd * self.unit_moments().0 }
    }

    fn variance(&self) -> f64 {
        if self.sd == 0.0 { 0.0 } else { self.sd * self.sd * self.unit_moments().1 }
    }

    fn cdf(&self, x: f64) -> Option<f64> {
        Some(if self.sd == 0.0 { special::step(self.mean, x) } else { self.probability(x) })
    }

    fn quantile(&self, p: f64) -> Option<f64> {
        if self.sd == 0.0 {
            return Some(self.mean);
        }
        Some(special::invert(p, |x| self.probability(x)))
    }

    fn scaled(&self, factor: f64) -> Normal {
        Normal { mean: self.mean * factor, sd: self.sd * factor }
    }

    fn sampler(&self) -> NormalSampler {
        if self.mean >= -self.sd {
            let Normal { mean, sd } = *self;
            return NormalSampler::Underlying { mean, sd, normal: UnitNormal::new() };
        }
        let zero = self.zero();
        let rate = 0.5 * (zero + (zero * zero + 4.0).sqrt());
        NormalSampler::Tail { inverse_rate: 1.0 / rate, sd: self.sd, exp: UnitExp::new() }
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) enum NormalSampler {
    /// Draw the normal until it is zero or more; at worst (mean = −sd) one in six is.
    Underlying { mean: f64, sd: f64, normal: UnitNormal },
    /// Draw the normal's tail from an exponential of the best rate (Robert 1995, *Simulation of
    /// truncated normal variables*, proposition 2.3): more than three in four are accepted
    /// however far below zero the mean is.
    Tail { inverse_rate: f64, sd: f64, exp: UnitExp },
}

impl Sample for NormalSampler {
    fn sample(&self, draws: &mut Draws, _: u64) -> f64 {
        match self {
            NormalSampler::Underlying { mean, sd, normal } => loop {
                let x = mean + sd * normal.sample(draws);
                if x >= 0.0 {
                    return x;
                }
            },
            NormalSampler::Tail { inverse_rate, sd, exp } => loop {
                let e = exp.sample(draws);
                let miss = (e - 1.0) * inverse_rate;
                if draws.unit() < math::exp(-0.5 * miss * miss) {
                    return sd * (e * inverse_rate);
                }
            },
        }
    }
}
