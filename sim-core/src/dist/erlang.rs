//! Stages in sequence.

use super::gamma::GammaSampler;
use super::{Dist, Kind, Sample, UnitExp, problem, special};
use crate::Draws;

/// The Erlang distribution: the sum of `k` exponential stages (E_k in Kendall's notation).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Erlang {
    /// Number of stages, ≥ 1; the coefficient of variation is 1/√k.
    pub k: u32,
    /// The mean of the whole sum, > 0.
    pub mean: f64,
}

impl Dist {
    /// The sum of `k` exponentials, with `mean` the mean of the sum.
    pub const fn erlang(k: u32, mean: f64) -> Dist {
        Dist::Erlang(Erlang { k, mean })
    }
}

impl Erlang {
    fn shape(&self) -> f64 {
        f64::from(self.k)
    }

    fn stage_mean(&self) -> f64 {
        self.mean / self.shape()
    }
}

impl Kind for Erlang {
    const NAME: &'static str = "Erlang";
    const ABOUT: &'static str = "the sum of k exponential stages, by the mean of the sum";
    type Sampler = ErlangSampler;

    fn examples() -> Vec<Erlang> {
        vec![Erlang { k: 3, mean: 6.0 }, Erlang { k: 40, mean: 6.0 }]
    }

    fn problems(&self) -> Vec<String> {
        let stages = (self.k == 0).then(|| "k is 0: it must be at least 1".to_string());
        stages.into_iter().chain(problem::unless_positive("mean", self.mean)).collect()
    }

    fn mean(&self) -> f64 {
        self.mean
    }

    fn variance(&self) -> f64 {
        self.mean * self.stage_mean()
    }

    fn cdf(&self, x: f64) -> Option<f64> {
        Some(special::gamma_p(self.shape(), x / self.stage_mean()))
    }

    fn quantile(&self, p: f64) -> Option<f64> {
        let shape = self.shape();
        Some(self.stage_mean() * special::invert(p, |x| special::gamma_p(shape, x)))
    }

    fn scaled(&self, factor: f64) -> Erlang {
        Erlang { k: self.k, mean: self.mean * factor }
    }

    fn sampler(&self) -> ErlangSampler {
        if self.k <= STAGES_SUMMED_MAX {
            let stage_mean = self.stage_mean();
            return ErlangSampler::Sum { k: self.k, stage_mean, exp: UnitExp::new() };
        }
        ErlangSampler::Gamma(GammaSampler::new(self.shape(), self.stage_mean()))
    }
}

/// Up to here the stages are drawn and added; beyond, the same distribution is drawn as a gamma,
/// whose cost does not grow with k. Measured, the two cross here: 15 ns against 2.9 ns a stage.
/// Moving it moves the values drawn.
const STAGES_SUMMED_MAX: u32 = 4;

#[derive(Debug, Clone, Copy)]
pub(super) enum ErlangSampler {
    Sum { k: u32, stage_mean: f64, exp: UnitExp },
    Gamma(GammaSampler),
}

impl Sample for ErlangSampler {
    fn sample(&self, draws: &mut Draws, nth: u64) -> f64 {
        match self {
            ErlangSampler::Sum { k, stage_mean, exp } => {
                stage_mean * (0..*k).map(|_| exp.sample(draws)).sum::<f64>()
            }
            ErlangSampler::Gamma(gamma) => gamma.sample(draws, nth),
        }
    }
}
