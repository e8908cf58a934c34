//! The functions behind the distribution functions: normal, incomplete gamma, inversion.

use crate::math;
use std::f64::consts::{FRAC_1_SQRT_2, PI};

/// The distribution function of a single value: 0 before it, 1 from it on.
pub(super) fn step(at: f64, x: f64) -> f64 {
    if x >= at { 1.0 } else { 0.0 }
}

/// The least x ≥ 0 at which a monotone `reached` holds; infinite if it never does.
///
/// Non-negative floats are ordered as their bits are, so bisecting the bits finds the very float
/// in 63 steps, whatever its magnitude.
pub(super) fn least_where(reached: impl Fn(f64) -> bool) -> f64 {
    let (mut below, mut at) = (0, f64::INFINITY.to_bits());
    while below < at {
        let middle = below + (at - below) / 2;
        if reached(f64::from_bits(middle)) {
            at = middle;
        } else {
            below = middle + 1;
        }
    }
    f64::from_bits(at)
}

/// The quantile of a distribution on [0, ∞) by its distribution function, p in [0, 1].
pub(super) fn invert(p: f64, cdf: impl Fn(f64) -> f64) -> f64 {
    // Rounded up to one long before its argument is infinite, a CDF cannot tell where it ends.
    if p == 1.0 { f64::INFINITY } else { least_where(|x| cdf(x) >= p) }
}

/// The standard normal density at `x`.
pub(super) fn normal_density(x: f64) -> f64 {
    math::exp(-0.5 * x * x) / (2.0 * PI).sqrt()
}

/// P(Z ≤ x) of the standard normal, with full relative precision for negative `x`.
pub(super) fn normal_cdf(x: f64) -> f64 {
    0.5 * math::erfc(-x * FRAC_1_SQRT_2)
}

/// The quantile of the standard normal: the `x` with P(Z ≤ x) = `p`, p in [0, 1].
pub fn normal_quantile(p: f64) -> f64 {
    if p < 0.5 { -normal_upper_quantile(p) } else { normal_upper_quantile(1.0 - p) }
}

/// The x ≥ 0 with P(Z > x) = `q`, q in [0, 1/2]: a start good to 4.5e-4 (Abramowitz & Stegun
/// 26.2.23), then Halley's iteration, which triples the digits each time.
fn normal_upper_quantile(q: f64) -> f64 {
    if q == 0.0 {
        return f64::INFINITY;
    }
    let t = (-2.0 * math::ln(q)).sqrt();
    let above = 2.515_517 + t * (0.802_853 + t * 0.010_328);
    let below = 1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308));
    let mut x = t - above / below;
    for _ in 0..3 {
        let newton = (normal_cdf(-x) - q) / normal_density(x);
        x += newton / (1.0 - 0.5 * x * newton);
    }
    x
}

/// n/(x + (n+1)/(x + (n+2)/(x + …))), for x ≥ [`FRACTION_FROM`].
///
/// Laplace's fraction: density over upper tail of the standard normal is x + this at n = 1.
pub(super) fn laplace_fraction(n: u32, x: f64) -> f64 {
    (n..n + 120).rev().fold(0.0, |rest, numerator| f64::from(numerator) / (x + rest))
}

/// From here on 120 terms of [`laplace_fraction`] are exact to the last bits.
pub(super) const FRACTION_FROM: f64 = 4.0;

/// Above this shape the incomplete gamma is taken from Temme's expansion, whose error is then
/// under 1e-11, because the series and the fraction need a number of terms that grows as √shape.
const TEMME_FROM: f64 = 1e6;

/// P(a, x), the regularised lower incomplete gamma function: the CDF of Gamma(shape a, scale 1).
/// For a > 0; zero for x ≤ 0.
pub(super) fn gamma_p(a: f64, x: f64) -> f64 {
    match x {
        _ if x <= 0.0 => 0.0,
        _ if x == f64::INFINITY => 1.0,
        _ if a > TEMME_FROM => gamma_p_temme(a, x),
        _ if x < a + 1.0 => gamma_p_series(a, x),
        _ => 1.0 - gamma_q_fraction(a, x),
    }
}

/// P by the series x^a e^(-x) / Γ(a+1) · (1 + x/(a+1) + x²/((a+1)(a+2)) + …) (DLMF 8.11.4).
fn gamma_p_series(a: f64, x: f64) -> f64 {
    let (mut term, mut sum, mut divisor) = (1.0, 1.0, a);
    while term > sum * 1e-17 {
        divisor += 1.0;
        term *= x / divisor;
        sum += term;
    }
    gamma_front(a, x) * sum
}

/// 1 − P by its continued fraction (DLMF 8.9.2), evaluated by Lentz's method.
fn gamma_q_fraction(a: f64, x: f64) -> f64 {
    const TERMS_MAX: u32 = 100_000;
    let mut b = x + 1.0 - a;
    let (mut c, mut d) = (f64::INFINITY, 1.0 / b);
    let mut fraction = d;
    for i in 1..TERMS_MAX {
        let i = f64::from(i);
        let numerator = -i * (i - a);
        b += 2.0;
        d = 1.0 / (b + numerator * d);
        c = b + numerator / c;
        fraction *= c * d;
        if (c * d - 1.0).abs() < 2.0 * f64::EPSILON {
            break;
        }
    }
    gamma_front(a, x) * a * fraction
}

/// x^a e^(-x) / Γ(a+1), without cancelling large logarithms when a is large.
fn gamma_front(a: f64, x: f64) -> f64 {
    // From 20 on four terms of Stirling's series are exact to the last bits.
    if a < 20.0 {
        return math::exp(a * math::ln(x) - x - math::ln_gamma(a + 1.0));
    }
    let r = 1.0 / (a * a);
    let stirling = (1.0 / 12.0 - r * (1.0 / 360.0 - r * (1.0 / 1260.0 - r / 1680.0))) / a;
    math::exp(-a * excess_over_ln((x - a) / a) - stirling) / (2.0 * PI * a).sqrt()
}

/// P for large `a` by the first term of Temme's uniform expansion (DLMF 8.12.3).
fn gamma_p_temme(a: f64, x: f64) -> f64 {
    let mu = (x - a) / a;
    let eta = (2.0 * excess_over_ln(mu)).sqrt().copysign(mu);
    let correction = if eta.abs() < 0.05 {
        // The same as below, as a series where that would cancel (DLMF 8.12.10).
        -1.0 / 3.0 + eta * (1.0 / 12.0 - eta * (2.0 / 135.0 - eta * (1.0 / 864.0 + eta / 2835.0)))
    } else {
        1.0 / mu - 1.0 / eta
    };
    let bell = math::exp(-0.5 * a * eta * eta) / (2.0 * PI * a).sqrt();
    (normal_cdf(eta * a.sqrt()) - bell * correction).clamp(0.0, 1.0)
}

/// mu − ln(1 + mu) for mu > −1, ≥ 0, with full relative precision near zero.
fn excess_over_ln(mu: f64) -> f64 {
    if mu.abs() > 0.25 {
        return mu - math::ln_1p(mu);
    }
    // mu²/2 − mu³/3 + mu⁴/4 − …; at 1/4 the thirtieth power is below the last bit.
    let inner = (2..30).rev().fold(0.0, |sum, n| 1.0 / f64::from(n) - mu * sum);
    mu * mu * inner
}
