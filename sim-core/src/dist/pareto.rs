//! Heavy tails, with and without an end.

use super::{Dist, Kind, Sample, UnitExp, problem};
use crate::{Draws, math};

/// The Pareto distribution: P(X > x) falls as x to the power −`shape`.
///
/// With a cap p it is the *bounded* Pareto, F(x) = (1 − (k/x)^a) / (1 − (k/p)^a) between k = `from`
/// and p (Harchol-Balter, *Performance Modeling and Design of Computer Systems*, 2013): values
/// beyond the cap do not happen, rather than pile up on it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pareto {
    /// Tail index a, dimensionless, > 0. Without a cap the mean is infinite up to 1 and the
    /// variance up to 2.
    pub shape: f64,
    /// The least value k, > 0.
    pub from: f64,
    /// The greatest value p, > `from`; without one the tail has no end.
    pub cap: Option<f64>,
}

impl Dist {
    /// Pareto from `from` on.
    pub const fn pareto(shape: f64, from: f64) -> Dist {
        Dist::Pareto(Pareto { shape, from, cap: None })
    }

    /// Bounded Pareto between `from` and `cap`.
    pub const fn bounded_pareto(shape: f64, from: f64, cap: f64) -> Dist {
        Dist::Pareto(Pareto { shape, from, cap: Some(cap) })
    }
}

impl Pareto {
    /// The share of the unbounded distribution's mass that lies up to the cap, in (0, 1].
    fn mass(&self) -> f64 {
        match self.cap {
            Some(cap) => -math::exp_m1(self.shape * math::ln(self.from / cap)),
            None => 1.0,
        }
    }

    /// E[(X/from)^power].
    fn unit_moment(&self, power: f64) -> f64 {
        let gap = self.shape - power;
        match self.cap {
            None if gap > 0.0 => self.shape / gap,
            None => f64::INFINITY,
            Some(cap) => {
                let width = math::ln(cap / self.from);
                // ∫ e^(−gap·y) dy over [0, width], which is the width itself where gap is 0.
                let integral = if gap == 0.0 { width } else { -math::exp_m1(-gap * width) / gap };
                self.shape * integral / self.mass()
            }
        }
    }
}

impl Kind for Pareto {
    const NAME: &'static str = "Pareto";
    const ABOUT: &'static str = "a heavy tail, bounded (not clipped) where it has a cap";
    type Sampler = ParetoSampler;

    fn examples() -> Vec<Pareto> {
        vec![
            Pareto { shape: 12.0, from: 2.0, cap: None },
            Pareto { shape: 1.5, from: 1.0, cap: Some(1000.0) },
        ]
    }

    fn problems(&self) -> Vec<String> {
        let parameters = [("shape", self.shape), ("from", self.from)];
        let mut problems: Vec<String> =
            parameters.iter().filter_map(|&(name, x)| problem::unless_positive(name, x)).collect();
        if let Some(cap) = self.cap
            && !(cap > self.from && cap.is_finite())
        {
            let (cap, from) = (problem::shown(cap), problem::shown(self.from));
            problems
                .push(format!("cap is {cap}: it must be finite and above from, which is {from}"));
        }
        problems
    }

    fn mean(&self) -> f64 {
        self.from * self.unit_moment(1.0)
    }

    fn variance(&self) -> f64 {
        let (first, second) = (self.unit_moment(1.0), self.unit_moment(2.0));
        if second.is_infinite() {
            return f64::INFINITY;
        }
        self.from * self.from * (second - first * first).max(0.0)
    }

    fn cdf(&self, x: f64) -> Option<f64> {
        Some(match self.cap {
            _ if x <= self.from => 0.0,
            Some(cap) if x >= cap => 1.0,
            _ => -math::exp_m1(self.shape * math::ln(self.from / x)) / self.mass(),
        })
    }

    fn quantile(&self, p: f64) -> Option<f64> {
        let x = self.from * math::exp(-math::ln_1p(-p * self.mass()) / self.shape);
        Some(match self.cap {
            Some(cap) if p == 1.0 => cap,
            Some(cap) => x.min(cap),
            None => x,
        })
    }

    fn scaled(&self, factor: f64) -> Pareto {
        let cap = self.cap.map(|cap| cap * factor);
        Pareto { shape: self.shape, from: self.from * factor, cap }
    }

    fn sampler(&self) -> ParetoSampler {
        let (from, power) = (self.from, 1.0 / self.shape);
        match self.cap {
            None => ParetoSampler::Open { from, power, exp: UnitExp::new() },
            Some(cap) => ParetoSampler::Bounded { from, power, mass: self.mass(), cap },
        }
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) enum ParetoSampler {
    /// The logarithm of a Pareto over its least value is exponential.
    Open { from: f64, power: f64, exp: UnitExp },
    /// By inversion: the exponential that is the logarithm here has an end.
    Bounded { from: f64, power: f64, mass: f64, cap: f64 },
}

impl Sample for ParetoSampler {
    fn sample(&self, draws: &mut Draws, _: u64) -> f64 {
        match self {
            ParetoSampler::Open { from, power, exp } => from * math::exp(power * exp.sample(draws)),
            ParetoSampler::Bounded { from, power, mass, cap } => {
                let x = from * math::exp(-math::ln_1p(-draws.unit() * mass) * power);
                // Only rounding can pass the cap.
                x.min(*cap)
            }
        }
    }
}
