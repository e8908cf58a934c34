//! Poisson probabilities by sums of positive terms, and the Erlang law they carry.

use super::root;
use brownout_policies::math;

/// P(N = n) for a Poisson number of mean `mean` ≥ 0.
pub fn pmf(mean: f64, n: u32) -> f64 {
    if mean == 0.0 {
        return if n == 0 { 1.0 } else { 0.0 };
    }
    if n <= 20 && mean < 500.0 {
        let start = math::exp(-mean);
        return (1..=n).fold(start, |term, k| term * mean / f64::from(k));
    }
    let count = f64::from(n);
    math::exp(count * math::ln(mean) - mean - math::ln_gamma(count + 1.0))
}

/// P(N ≤ n), summed outwards from its largest term so that nothing underflows early.
pub fn cdf(mean: f64, n: u32) -> f64 {
    let peak = n.min(mean as u32);
    let top = pmf(mean, peak);
    let (mut sum, mut term) = (top, top);
    for k in (1..=peak).rev() {
        term *= f64::from(k) / mean;
        sum += term;
        if term < sum * f64::EPSILON * 0.01 {
            break;
        }
    }
    term = top;
    for k in peak + 1..=n {
        term *= mean / f64::from(k);
        sum += term;
        if term < sum * f64::EPSILON * 0.01 {
            break;
        }
    }
    sum.min(1.0)
}

/// P(X > t) for the sum X of `stages` independent exponentials of mean `mean` each.
///
/// X > t exactly when a Poisson process of rate 1/mean makes fewer than `stages` points in t.
pub fn erlang_tail(stages: u32, mean: f64, t: f64) -> f64 {
    match stages {
        0 => 0.0,
        _ if t <= 0.0 => 1.0,
        _ => cdf(t / mean, stages - 1),
    }
}

/// The value that the sum of `stages` exponentials of mean `mean` stays below with probability `p`.
///
/// Hops through 2n exponential proxies are `erlang_quantile(2 * n, mean, p)`: the quantile of a sum
/// is not the sum of the quantiles.
pub fn erlang_quantile(stages: u32, mean: f64, p: f64) -> f64 {
    root::quantile(|t| erlang_tail(stages, mean, t), p, f64::from(stages) * mean)
}
