//! M/M/1 and M/G/1 under other disciplines than first come first served.
//!
//! Means of wait and sojourn are those of FIFO for LIFO and random order (nothing is known of the
//! sizes); the spread is not.

use super::laplace;
use super::{mm1, root};

/// Var\[T\] of M/M/1 under processor sharing: (2 + ρ)/((2 − ρ)(μ − λ)²).
///
/// Coffman, Muntz & Trotter, JACM 17, 1970. The mean is FIFO's, 1/(μ − λ).
pub fn sojourn_variance_ps(lambda: f64, mu: f64) -> f64 {
    let rho = lambda / mu;
    (2.0 + rho) / (2.0 - rho) * mm1::sojourn_variance(lambda, mu)
}

/// E\[T | work x\] under processor sharing: x/(1 − ρ), for any law of service of that ρ (Kelly
/// 1979).
pub fn sojourn_mean_ps(work: f64, rho: f64) -> f64 {
    if rho < 1.0 { work / (1.0 - rho) } else { f64::INFINITY }
}

/// Var\[W\] of M/M/1, last come first served, service not interrupted.
///
/// E\[W²\] = 2ρ/(μ²(1 − ρ)³) (Takács 1963; Kleinrock, Queueing Systems II, 1976).
pub fn wait_variance_lifo(lambda: f64, mu: f64) -> f64 {
    let (rho, mean) = (lambda / mu, mm1::wait_mean(lambda, mu));
    if rho >= 1.0 {
        return f64::INFINITY;
    }
    2.0 * rho / (mu * mu * (1.0 - rho) * (1.0 - rho) * (1.0 - rho)) - mean * mean
}

/// Var\[W\] of M/M/1 with random order of service.
///
/// E\[W²\] = 4ρ/(μ²(1 − ρ)²(2 − ρ)) (Kingman 1962).
pub fn wait_variance_random(lambda: f64, mu: f64) -> f64 {
    let (rho, mean) = (lambda / mu, mm1::wait_mean(lambda, mu));
    if rho >= 1.0 {
        return f64::INFINITY;
    }
    4.0 * rho / (mu * mu * (1.0 - rho) * (1.0 - rho) * (2.0 - rho)) - mean * mean
}

/// P(W > t), t ≥ 0, of M/M/1 under non-preemptive LIFO: ρ times the busy period's tail.
///
/// A newcomer that finds the server busy waits for the busy period that the rest of this service
/// and later arrivals make; with preemption the sojourn itself is such a period.
pub fn wait_tail_lifo(lambda: f64, mu: f64, t: f64) -> f64 {
    let waits = mm1::prob_wait(lambda, mu);
    if t <= 0.0 { waits } else { waits * laplace::tail(mm1::busy_period_transform(lambda, mu), t) }
}

/// The wait that a share `p` of requests does not exceed under non-preemptive LIFO, λ < μ.
pub fn wait_quantile_lifo(lambda: f64, mu: f64, p: f64) -> f64 {
    if lambda >= mu {
        return f64::INFINITY;
    }
    root::quantile(|t| wait_tail_lifo(lambda, mu, t), p, 1.0 / mu)
}
