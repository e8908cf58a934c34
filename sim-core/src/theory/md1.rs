//! M/D/1: every service takes the same time `service` (Erlang 1909; Crommelin 1932).

use super::root;
use brownout_policies::math;

/// E\[W\] = ρD/(2(1 − ρ)), half of M/M/1's.
pub fn wait_mean(lambda: f64, service: f64) -> f64 {
    let rho = lambda * service;
    if rho < 1.0 { rho * service / (2.0 * (1.0 - rho)) } else { f64::INFINITY }
}

/// Var\[W\] = E\[W\]² + λD³/(3(1 − ρ)).
pub fn wait_variance(lambda: f64, service: f64) -> f64 {
    let rho = lambda * service;
    let mean = wait_mean(lambda, service);
    if rho < 1.0 {
        mean * mean + rho * service * service / (3.0 * (1.0 - rho))
    } else {
        f64::INFINITY
    }
}

/// E\[T\] = E\[W\] + D.
pub fn sojourn_mean(lambda: f64, service: f64) -> f64 {
    wait_mean(lambda, service) + service
}

/// E\[N\] = λE\[T\] (Little).
pub fn in_system_mean(lambda: f64, service: f64) -> f64 {
    lambda * sojourn_mean(lambda, service)
}

/// P(N = n) for n in 0..=`n_max`; all zero at saturation.
///
/// Flow up through level n equals flow down, in positive terms only, so nothing cancels: πₙa₀ =
/// π₀P(A ≥ n) + Σ_{j=1}^{n−1} πⱼP(A > n − j), where A is the Poisson(ρ) number of arrivals in a
/// service (Ramaswami, A stable recursion for the steady state vector, Stochastic Models 4, 1988).
pub fn in_system_pmf(lambda: f64, service: f64, n_max: usize) -> Vec<f64> {
    let rho = lambda * service;
    if rho >= 1.0 {
        return vec![0.0; n_max + 1];
    }
    let above = arrivals_above(rho, n_max);
    let none = math::exp(-rho);
    let mut pmf = vec![1.0 - rho];
    for n in 1..=n_max {
        let jumps: f64 = (1..n).map(|j| pmf[j] * above[n - j]).sum();
        pmf.push((pmf[0] * above[n - 1] + jumps) / none);
    }
    pmf
}

/// P(A > k) for k in 0..=`k_max`, A Poisson of mean `mean` < 1, summed from the small end.
fn arrivals_above(mean: f64, k_max: usize) -> Vec<f64> {
    let mut terms = vec![math::exp(-mean)];
    for k in 1..=k_max + 40 {
        terms.push(terms[k - 1] * mean / k as f64);
    }
    let mut above = vec![0.0; terms.len()];
    for k in (0..terms.len() - 1).rev() {
        above[k] = above[k + 1] + terms[k + 1];
    }
    above.truncate(k_max + 1);
    above
}

/// P(Nq ≤ n) for n in 0..=`n_max`: at most n wait when at most n + 1 are in the system.
fn queue_cdf(lambda: f64, service: f64, n_max: usize) -> Vec<f64> {
    let pmf = in_system_pmf(lambda, service, n_max + 1);
    let mut sum = pmf[0];
    pmf[1..]
        .iter()
        .map(|p| {
            sum += p;
            sum
        })
        .collect()
}

/// P(W ≤ t) for t ≥ 0.
///
/// With kD the first multiple of D after t, a wait is at most t when those queued at t could be
/// served by then: Σⱼ P(Nq ≤ k − 1 − j) e^{−x}xʲ/j!, x = λ(kD − t). All terms are positive, where
/// the sum of Erlang and Crommelin alternates and loses every digit by ρ = 0.9 and t = 30 D (Franx,
/// Operations Research Letters 29, 2001).
pub fn wait_cdf(lambda: f64, service: f64, t: f64) -> f64 {
    if t < 0.0 || lambda * service >= 1.0 {
        return 0.0;
    }
    let periods = (t / service) as usize;
    wait_cdf_from(&queue_cdf(lambda, service, periods), lambda, service, t)
}

fn wait_cdf_from(queue_cdf: &[f64], lambda: f64, service: f64, t: f64) -> f64 {
    let periods = (t / service) as usize;
    let arrivals = lambda * ((periods + 1) as f64 * service - t);
    let (mut sum, mut weight) = (0.0, math::exp(-arrivals));
    for j in 0..=periods {
        sum += queue_cdf[periods - j] * weight;
        weight *= arrivals / (j + 1) as f64;
    }
    sum.min(1.0)
}

/// The wait that a share `p` of requests does not exceed, by root finding on [`wait_cdf`].
///
/// Absolute error of the tail about 1e-14: good to 1e-8 relative at p = 0.999 999. A `p` beyond
/// 1 − 1e-9 is taken as 1 − 1e-9.
pub fn wait_quantile(lambda: f64, service: f64, p: f64) -> f64 {
    if lambda * service >= 1.0 {
        return f64::INFINITY;
    }
    let p = p.min(1.0 - 1e-9);
    // Chebyshev's bound is too loose to size the table: double it until it is enough.
    let mut table = queue_cdf(lambda, service, 64);
    while wait_cdf_from(&table, lambda, service, (table.len() - 1) as f64 * service) < p {
        table = queue_cdf(lambda, service, 2 * table.len());
    }
    let longest = (table.len() - 1) as f64 * service;
    let tail = |t: f64| 1.0 - wait_cdf_from(&table, lambda, service, t.min(longest));
    root::quantile(tail, p, service)
}

/// The sojourn that a share `p` of requests does not exceed: the wait's quantile plus D.
pub fn sojourn_quantile(lambda: f64, service: f64, p: f64) -> f64 {
    wait_quantile(lambda, service, p) + service
}
