//! Every value of an interval equally likely.

use super::{Dist, Kind, Sample, problem};
use crate::Draws;

/// Every value between two ends equally likely.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Uniform {
    /// The lower end, ≥ 0.
    pub from: f64,
    /// The upper end, ≥ `from`.
    pub to: f64,
}

impl Dist {
    /// Uniform between `from` and `to`.
    pub const fn uniform(from: f64, to: f64) -> Dist {
        Dist::Uniform(Uniform { from, to })
    }
}

impl Kind for Uniform {
    const NAME: &'static str = "Uniform";
    const ABOUT: &'static str = "every value between two ends equally likely";
    type Sampler = UniformSampler;

    fn examples() -> Vec<Uniform> {
        vec![Uniform { from: 2.0, to: 5.0 }]
    }

    fn problems(&self) -> Vec<String> {
        let ends = [("from", self.from), ("to", self.to)];
        let mut problems: Vec<String> =
            ends.iter().filter_map(|&(name, x)| problem::unless_non_negative(name, x)).collect();
        if self.to < self.from {
            let (from, to) = (problem::shown(self.from), problem::shown(self.to));
            problems.push(format!("to is {to}: it must be at least from, which is {from}"));
        }
        problems
    }

    fn mean(&self) -> f64 {
        0.5 * self.from + 0.5 * self.to
    }

    fn variance(&self) -> f64 {
        let width = self.to - self.from;
        width * width / 12.0
    }

    fn cdf(&self, x: f64) -> Option<f64> {
        Some(match x {
            _ if x < self.from => 0.0,
            _ if x >= self.to => 1.0,
            _ => (x - self.from) / (self.to - self.from),
        })
    }

    fn quantile(&self, p: f64) -> Option<f64> {
        Some((self.from + p * (self.to - self.from)).min(self.to))
    }

    fn scaled(&self, factor: f64) -> Uniform {
        Uniform { from: self.from * factor, to: self.to * factor }
    }

    fn sampler(&self) -> UniformSampler {
        UniformSampler { from: self.from, width: self.to - self.from }
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) struct UniformSampler {
    from: f64,
    width: f64,
}

impl Sample for UniformSampler {
    #[inline]
    fn sample(&self, draws: &mut Draws, _: u64) -> f64 {
        self.from + draws.unit() * self.width
    }
}
