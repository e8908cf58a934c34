//! Fan-out: a request that needs all of n independent calls is as slow as the slowest.

use brownout_policies::math;

/// P(at least one of `n` calls is slow) = 1 − (1 − p)ⁿ, each slow with probability `p` in \[0, 1\].
///
/// Dean & Barroso, The tail at scale, Communications of the ACM 56, 2013.
pub fn prob_any(p: f64, n: u32) -> f64 {
    if p >= 1.0 {
        return if n == 0 { 0.0 } else { 1.0 };
    }
    -math::exp_m1(f64::from(n) * math::ln_1p(-p))
}

/// P(all of `n` calls succeed) = aⁿ, each with probability `a` in \[0, 1\].
pub fn prob_all(a: f64, n: u32) -> f64 {
    math::powi(a, n)
}

/// Which quantile of one call is the `p`-quantile of the slowest of `n` ≥ 1: p^{1/n}.
pub fn leaf_level(p: f64, n: u32) -> f64 {
    math::pow(p, 1.0 / f64::from(n))
}

/// E\[max\] of `n` exponentials of mean `mean`: mean(1 + 1/2 + … + 1/n) (Rényi 1953).
pub fn max_mean_exponential(mean: f64, n: u32) -> f64 {
    mean * (1..=n).rev().map(|k| 1.0 / f64::from(k)).sum::<f64>()
}
