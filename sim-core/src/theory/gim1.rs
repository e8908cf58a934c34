//! GI/M/1: independent intervals between arrivals of any law, exponential service (Kendall 1953).
//!
//! Everything follows from σ, the probability that an arrival waits (Gross, §5.3).

use brownout_policies::math;

/// The root σ in (0, 1) of σ = A*(μ(1 − σ)), where A*(s) = E\[e^{−sA}\] of the time between
/// arrivals.
///
/// By iteration from 0, which rises to the smallest root; 1 at saturation.
pub fn sigma(interarrival: impl Fn(f64) -> f64, mu: f64) -> f64 {
    let mut sigma: f64 = 0.0;
    for _ in 0..10_000_000 {
        let next = interarrival(mu * (1.0 - sigma)).min(1.0);
        if next - sigma <= f64::EPSILON * 0.25 {
            return next.max(sigma);
        }
        sigma = next;
    }
    sigma
}

/// A*(s) of arrivals exactly `interval` apart.
pub fn deterministic(interval: f64) -> impl Fn(f64) -> f64 {
    move |s| math::exp(-s * interval)
}

/// A*(s) of intervals that are `stages` exponentials in series, of mean `mean` together.
pub fn erlang(stages: u32, mean: f64) -> impl Fn(f64) -> f64 {
    move |s| 1.0 / math::powi(1.0 + s * mean / f64::from(stages), stages)
}

/// E\[W\] = σ/(μ(1 − σ)).
pub fn wait_mean(sigma: f64, mu: f64) -> f64 {
    sigma * sojourn_mean(sigma, mu)
}

/// Var\[W\] = σ(2 − σ)/(μ(1 − σ))².
pub fn wait_variance(sigma: f64, mu: f64) -> f64 {
    sigma * (2.0 - sigma) * sojourn_variance(sigma, mu)
}

/// The wait that a share `p` of requests does not exceed; P(W > t) = σe^{−μ(1−σ)t}.
pub fn wait_quantile(sigma: f64, mu: f64, p: f64) -> f64 {
    (math::ln(sigma / (1.0 - p)) * sojourn_mean(sigma, mu)).max(0.0)
}

/// E\[T\] = 1/(μ(1 − σ)): the sojourn is exponential.
pub fn sojourn_mean(sigma: f64, mu: f64) -> f64 {
    1.0 / (mu * (1.0 - sigma))
}

/// Var\[T\] = E\[T\]².
pub fn sojourn_variance(sigma: f64, mu: f64) -> f64 {
    sojourn_mean(sigma, mu) * sojourn_mean(sigma, mu)
}

/// The sojourn that a share `p` of requests does not exceed.
pub fn sojourn_quantile(sigma: f64, mu: f64, p: f64) -> f64 {
    -math::ln_1p(-p) * sojourn_mean(sigma, mu)
}

/// P(an arrival finds n in the system) = (1 − σ)σⁿ. The time average differs: see
/// [`in_system_pmf`].
pub fn seen_by_arrival_pmf(sigma: f64, n: u32) -> f64 {
    (1.0 - sigma) * math::powi(sigma, n)
}

/// P(N = n) at a random time: 1 − ρ for n = 0, ρ(1 − σ)σⁿ⁻¹ beyond.
pub fn in_system_pmf(sigma: f64, rho: f64, n: u32) -> f64 {
    match n {
        0 => 1.0 - rho,
        _ => rho * seen_by_arrival_pmf(sigma, n - 1),
    }
}
