//! Times whose logarithm is normal: what measured latencies look like.

use super::ziggurat::UnitNormal;
use super::{Dist, Kind, Sample, problem, special};
use crate::{Draws, math};

/// The log-normal: e to the power of a normal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LogNormal {
    /// Mean of the logarithm; e^mu is the median. Finite.
    pub mu: f64,
    /// Standard deviation of the logarithm, ≥ 0; 0 is a constant.
    pub sigma: f64,
}

impl Dist {
    /// Log-normal by the mean and the standard deviation of the logarithm.
    pub const fn log_normal(mu: f64, sigma: f64) -> Dist {
        Dist::LogNormal(LogNormal { mu, sigma })
    }

    /// Log-normal by its median and its 99th percentile, 0 < `p50` ≤ `p99`.
    pub fn log_normal_p50_p99(p50: f64, p99: f64) -> Dist {
        Dist::LogNormal(LogNormal::from_p50_p99(p50, p99))
    }

    /// Log-normal by its median, > 0, and the standard deviation of the logarithm.
    pub fn log_normal_median_sigma(median: f64, sigma: f64) -> Dist {
        Dist::LogNormal(LogNormal::from_median_sigma(median, sigma))
    }

    /// Log-normal by its mean, > 0, and its coefficient of variation.
    pub fn log_normal_mean_cv(mean: f64, cv: f64) -> Dist {
        Dist::LogNormal(LogNormal::from_mean_cv(mean, cv))
    }
}

impl LogNormal {
    /// By the median and the 99th percentile, 0 < `p50` ≤ `p99`.
    pub fn from_p50_p99(p50: f64, p99: f64) -> LogNormal {
        let sigma = math::ln(p99 / p50) / special::normal_quantile(0.99);
        LogNormal { mu: math::ln(p50), sigma }
    }

    /// By the median, > 0, and the standard deviation of the logarithm.
    pub fn from_median_sigma(median: f64, sigma: f64) -> LogNormal {
        LogNormal { mu: math::ln(median), sigma }
    }

    /// By the mean, > 0, and the coefficient of variation: sigma² = ln(1 + cv²).
    pub fn from_mean_cv(mean: f64, cv: f64) -> LogNormal {
        let square = math::ln_1p(cv * cv);
        LogNormal { mu: math::ln(mean) - 0.5 * square, sigma: square.sqrt() }
    }
}

impl Kind for LogNormal {
    const NAME: &'static str = "LogNormal";
    const ABOUT: &'static str = "times whose logarithm is normal, as measured latencies often are";
    type Sampler = LogNormalSampler;

    fn examples() -> Vec<LogNormal> {
        vec![LogNormal { mu: 1.0, sigma: 0.5 }, LogNormal::from_p50_p99(20.0, 150.0)]
    }

    fn problems(&self) -> Vec<String> {
        let location = (!self.mu.is_finite()).then(|| {
            format!("the median is {}: it must be positive and finite", math::exp(self.mu))
        });
        let spread = problem::unless_non_negative("sigma", self.sigma);
        location.into_iter().chain(spread).collect()
    }

    fn mean(&self) -> f64 {
        math::exp(self.mu + 0.5 * self.sigma * self.sigma)
    }

    fn variance(&self) -> f64 {
        let square = self.sigma * self.sigma;
        math::exp_m1(square) * math::exp(2.0 * self.mu + square)
    }

    fn cdf(&self, x: f64) -> Option<f64> {
        if self.sigma == 0.0 {
            return Some(special::step(math::exp(self.mu), x));
        }
        let z = (math::ln(x.max(0.0)) - self.mu) / self.sigma;
        Some(special::normal_cdf(z))
    }

    fn quantile(&self, p: f64) -> Option<f64> {
        if self.sigma == 0.0 {
            return Some(math::exp(self.mu));
        }
        Some(math::exp(self.mu + self.sigma * special::normal_quantile(p)))
    }

    fn scaled(&self, factor: f64) -> LogNormal {
        LogNormal { mu: self.mu + math::ln(factor), sigma: self.sigma }
    }

    fn sampler(&self) -> LogNormalSampler {
        LogNormalSampler { mu: self.mu, sigma: self.sigma, normal: UnitNormal::new() }
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) struct LogNormalSampler {
    mu: f64,
    sigma: f64,
    normal: UnitNormal,
}

impl Sample for LogNormalSampler {
    #[inline]
    fn sample(&self, draws: &mut Draws, _: u64) -> f64 {
        math::exp(self.mu + self.sigma * self.normal.sample(draws))
    }
}
