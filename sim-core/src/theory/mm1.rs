//! M/M/1, first come first served (Gross, ch. 2; Kleinrock, Queueing Systems I, ch. 3).

use super::laplace::Complex;
use brownout_policies::math;

/// ρ = λ/μ, the busy fraction of the server while below 1.
pub fn utilisation(lambda: f64, mu: f64) -> f64 {
    lambda / mu
}

/// P(W > 0) = ρ: an arrival sees the time average (PASTA). 1 at saturation.
pub fn prob_wait(lambda: f64, mu: f64) -> f64 {
    (lambda / mu).min(1.0)
}

/// E\[W\] = ρ/(μ − λ), the mean time in queue.
pub fn wait_mean(lambda: f64, mu: f64) -> f64 {
    lambda / mu * sojourn_mean(lambda, mu)
}

/// Var\[W\] = ρ(2 − ρ)/(μ − λ)².
pub fn wait_variance(lambda: f64, mu: f64) -> f64 {
    let rho = lambda / mu;
    rho * (2.0 - rho) * sojourn_variance(lambda, mu)
}

/// P(W > t) = ρ e^{−(μ−λ)t}, t ≥ 0.
pub fn wait_tail(lambda: f64, mu: f64, t: f64) -> f64 {
    prob_wait(lambda, mu) * sojourn_tail(lambda, mu, t)
}

/// The wait that a share `p` of requests does not exceed; 0 for p ≤ 1 − ρ.
pub fn wait_quantile(lambda: f64, mu: f64, p: f64) -> f64 {
    if lambda >= mu {
        return f64::INFINITY;
    }
    (math::ln(lambda / mu / (1.0 - p)) / (mu - lambda)).max(0.0)
}

/// E\[T\] = 1/(μ − λ), waiting and service together.
pub fn sojourn_mean(lambda: f64, mu: f64) -> f64 {
    if lambda < mu { 1.0 / (mu - lambda) } else { f64::INFINITY }
}

/// Var\[T\] = 1/(μ − λ)²: the sojourn is exponential.
pub fn sojourn_variance(lambda: f64, mu: f64) -> f64 {
    let mean = sojourn_mean(lambda, mu);
    mean * mean
}

/// P(T > t) = e^{−(μ−λ)t}, t ≥ 0.
pub fn sojourn_tail(lambda: f64, mu: f64, t: f64) -> f64 {
    math::exp(-(mu - lambda).max(0.0) * t)
}

/// The sojourn that a share `p` of requests does not exceed: −ln(1 − p)/(μ − λ).
pub fn sojourn_quantile(lambda: f64, mu: f64, p: f64) -> f64 {
    if lambda < mu { -math::ln_1p(-p) / (mu - lambda) } else { f64::INFINITY }
}

/// P(N = n) = (1 − ρ)ρⁿ, requests in queue and service together.
pub fn in_system_pmf(lambda: f64, mu: f64, n: u32) -> f64 {
    let rho = prob_wait(lambda, mu);
    (1.0 - rho) * math::powi(rho, n)
}

/// E\[N\] = ρ/(1 − ρ).
pub fn in_system_mean(lambda: f64, mu: f64) -> f64 {
    lambda * sojourn_mean(lambda, mu)
}

/// Var\[N\] = ρ/(1 − ρ)².
pub fn in_system_variance(lambda: f64, mu: f64) -> f64 {
    lambda * mu * sojourn_variance(lambda, mu)
}

/// E\[Nq\] = ρ²/(1 − ρ), requests waiting.
pub fn queue_mean(lambda: f64, mu: f64) -> f64 {
    lambda * wait_mean(lambda, mu)
}

/// Mean length of a busy period, 1/(μ − λ).
pub fn busy_period_mean(lambda: f64, mu: f64) -> f64 {
    sojourn_mean(lambda, mu)
}

/// Variance of a busy period, (1 + ρ)/(μ²(1 − ρ)³) (Kleinrock I, §5.8).
pub fn busy_period_variance(lambda: f64, mu: f64) -> f64 {
    let mean = sojourn_mean(lambda, mu);
    (lambda + mu) * mean * mean * mean
}

/// E\[e^{−sB}\] of a busy period B: \[λ + μ + s − √((λ + μ + s)² − 4λμ)\]/(2λ), Re s > 0.
pub fn busy_period_transform(lambda: f64, mu: f64) -> impl Fn(Complex) -> Complex {
    move |s| {
        let sum = s + Complex::real(lambda + mu);
        let root = (sum * sum - Complex::real(4.0 * lambda * mu)).sqrt();
        // Rationalised: the difference above cancels for large s.
        Complex::real(2.0 * mu) / (sum + root)
    }
}

/// lim T · Var of the time-averaged number in system over \[0, T\]: 2ρ(1 + ρ)/(μ(1 − ρ)⁴).
///
/// It is what the width of a simulator's own interval must agree with (Whitt, Planning queueing
/// simulations, Management Science 35, 1989).
pub fn in_system_asymptotic_variance(lambda: f64, mu: f64) -> f64 {
    if lambda >= mu {
        return f64::INFINITY;
    }
    let rho = lambda / mu;
    2.0 * rho * (1.0 + rho) / (mu * math::powi(1.0 - rho, 4))
}
