//! Laplace transforms E\[e^{−sX}\] of the laws of service, and their first moments.

use super::laplace::Complex;
use brownout_policies::math;
use core::f64::consts::PI;

/// E\[X\], E\[X²\], E\[X³\] of a non-negative law, in powers of the unit of time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moments {
    /// E\[X\].
    pub first: f64,
    /// E\[X²\].
    pub second: f64,
    /// E\[X³\].
    pub third: f64,
}

impl Moments {
    /// Of a constant.
    pub fn deterministic(value: f64) -> Moments {
        Moments { first: value, second: value * value, third: value * value * value }
    }

    /// Of an exponential law: n! meanⁿ.
    pub fn exponential(mean: f64) -> Moments {
        Moments::hyperexponential(&[(1.0, mean)])
    }

    /// Of `stages` exponentials in series with the given mean of their sum.
    pub fn erlang(stages: u32, mean: f64) -> Moments {
        let (k, stage) = (f64::from(stages), mean / f64::from(stages));
        Moments {
            first: mean,
            second: mean * stage * (k + 1.0),
            third: mean * stage * stage * (k + 1.0) * (k + 2.0),
        }
    }

    /// Of a mixture of exponentials: `branches` are (probability, mean).
    pub fn hyperexponential(branches: &[(f64, f64)]) -> Moments {
        let sum = |n: u32| branches.iter().map(|&(p, mean)| p * math::powi(mean, n)).sum::<f64>();
        Moments { first: sum(1), second: 2.0 * sum(2), third: 6.0 * sum(3) }
    }

    /// Of e^{μ+σZ}: E\[Xⁿ\] = e^{nμ+n²σ²/2}. `log_mean` is μ, `log_sd` is σ.
    pub fn lognormal(log_mean: f64, log_sd: f64) -> Moments {
        let raw = |n: f64| math::exp(n * log_mean + n * n * log_sd * log_sd / 2.0);
        Moments { first: raw(1.0), second: raw(2.0), third: raw(3.0) }
    }

    /// Of the Pareto law of shape `alpha` conditioned on \[low, high\] (Harchol-Balter 2013, ch.
    /// 20).
    ///
    /// E\[Xⁿ\] = α lowᵅ (high^{n−α} − low^{n−α})/((n − α)(1 − (low/high)ᵅ)), α not 1, 2 or 3.
    pub fn bounded_pareto(alpha: f64, low: f64, high: f64) -> Moments {
        let mass = 1.0 - math::pow(low / high, alpha);
        let raw = |n: f64| {
            let span = math::pow(high, n - alpha) - math::pow(low, n - alpha);
            alpha * math::pow(low, alpha) * span / ((n - alpha) * mass)
        };
        Moments { first: raw(1.0), second: raw(2.0), third: raw(3.0) }
    }

    /// E\[X²\] − E\[X\]².
    pub fn variance(&self) -> f64 {
        self.second - self.first * self.first
    }
}

/// Transform of the constant `value`.
pub fn deterministic(value: f64) -> impl Fn(Complex) -> Complex {
    move |s| s.scale(-value).exp()
}

/// Transform of an exponential law.
pub fn exponential(mean: f64) -> impl Fn(Complex) -> Complex {
    erlang(1, mean)
}

/// Transform of `stages` exponentials in series with the given mean of their sum.
pub fn erlang(stages: u32, mean: f64) -> impl Fn(Complex) -> Complex {
    let stage = mean / f64::from(stages);
    move |s| (Complex::ONE / (Complex::ONE + s.scale(stage))).powi(stages)
}

/// Transform of a mixture of exponentials: `branches` are (probability, mean).
pub fn hyperexponential(branches: &[(f64, f64)]) -> impl Fn(Complex) -> Complex {
    let branches = branches.to_vec();
    move |s| {
        branches.iter().fold(Complex::real(0.0), |sum, &(p, mean)| {
            sum + Complex::real(p) / (Complex::ONE + s.scale(mean))
        })
    }
}

/// Transform of e^{μ+σZ}, by quadrature over |Z| < 9.
///
/// Absolute error near 1e-13 where Re s ≥ |Im s|/15, which is all that inversion asks for; on the
/// imaginary axis the upper tail turns too fast for the points, and the error grows to 1e-5.
pub fn lognormal(log_mean: f64, log_sd: f64) -> impl Fn(Complex) -> Complex {
    let density = |z: f64| math::exp(-z * z / 2.0) / (2.0 * PI).sqrt();
    discrete(nodes(-9.0, 9.0, |z| (math::exp(log_mean + log_sd * z), density(z))))
}

/// Transform of the Pareto law of shape `alpha` conditioned on \[low, high\], by quadrature in
/// ln x.
///
/// For s with Re s ≥ |Im s|/15, as [`lognormal`].
pub fn bounded_pareto(alpha: f64, low: f64, high: f64) -> impl Fn(Complex) -> Complex {
    let mass = 1.0 - math::pow(low / high, alpha);
    let node = |y: f64| {
        let x = math::exp(y);
        (x, alpha * math::pow(low / x, alpha) / mass)
    };
    discrete(nodes(math::ln(low), math::ln(high), node))
}

/// Transform of the law with weight w at each x of `points` (x, w).
pub fn discrete(points: Vec<(f64, f64)>) -> impl Fn(Complex) -> Complex {
    move |s| {
        let term = |&(x, weight): &(f64, f64)| s.scale(-x).exp().scale(weight);
        points.iter().map(term).fold(Complex::real(0.0), |sum, term| sum + term)
    }
}

/// Panels of 16 Gauss–Legendre points: enough for the phases that inversion at a tail asks for.
const PANELS: u32 = 128;

/// Points (x, w·dy) of a law given by `node(y)` = (x, density in y) over y in \[low, high\].
fn nodes(low: f64, high: f64, node: impl Fn(f64) -> (f64, f64)) -> Vec<(f64, f64)> {
    let half = (high - low) / f64::from(PANELS) / 2.0;
    let rule = gauss_legendre(16);
    let mut points = Vec::with_capacity(PANELS as usize * rule.len());
    for panel in 0..PANELS {
        let middle = low + half * f64::from(2 * panel + 1);
        for &(offset, weight) in &rule {
            let (x, density) = node(middle + half * offset);
            points.push((x, density * weight * half));
        }
    }
    points
}

/// Nodes and weights of the `order`-point Gauss–Legendre rule on \[−1, 1\], by Newton's method.
fn gauss_legendre(order: u32) -> Vec<(f64, f64)> {
    let n = f64::from(order);
    let point = |i: u32| {
        let mut x = math::cos(PI * (f64::from(i) + 0.75) / (n + 0.5));
        let mut slope = 0.0;
        for _ in 0..100 {
            let (mut below, mut value) = (1.0, x);
            for k in 2..=order {
                let k = f64::from(k);
                (below, value) = (value, ((2.0 * k - 1.0) * x * value - (k - 1.0) * below) / k);
            }
            slope = n * (x * value - below) / (x * x - 1.0);
            let step = value / slope;
            x -= step;
            if step.abs() < 1e-15 {
                break;
            }
        }
        (x, 2.0 / ((1.0 - x * x) * slope * slope))
    };
    (0..order).map(point).collect()
}
