//! M/G/1, first come first served: means from moments, quantiles from the service's transform.
//!
//! Pollaczek 1930, Khinchine 1932; Gross, §5.1; Kleinrock I, ch. 5.

use super::laplace::{self, Complex};
use super::root;
use super::transform::Moments;

/// E\[W\] = λE\[S²\]/(2(1 − ρ)) (Pollaczek–Khinchine).
pub fn wait_mean(lambda: f64, service: &Moments) -> f64 {
    let rho = lambda * service.first;
    if rho < 1.0 { lambda * service.second / (2.0 * (1.0 - rho)) } else { f64::INFINITY }
}

/// Var\[W\] = E\[W\]² + λE\[S³\]/(3(1 − ρ)).
pub fn wait_variance(lambda: f64, service: &Moments) -> f64 {
    let rho = lambda * service.first;
    let mean = wait_mean(lambda, service);
    if rho < 1.0 {
        mean * mean + lambda * service.third / (3.0 * (1.0 - rho))
    } else {
        f64::INFINITY
    }
}

/// E\[T\] = E\[W\] + E\[S\].
pub fn sojourn_mean(lambda: f64, service: &Moments) -> f64 {
    wait_mean(lambda, service) + service.first
}

/// Var\[T\] = Var\[W\] + Var\[S\]: a wait and the service after it are independent.
pub fn sojourn_variance(lambda: f64, service: &Moments) -> f64 {
    wait_variance(lambda, service) + service.variance()
}

/// E\[N\] = λE\[T\] (Little).
pub fn in_system_mean(lambda: f64, service: &Moments) -> f64 {
    lambda * sojourn_mean(lambda, service)
}

/// P(W > t), t ≥ 0, for a service of mean `service_mean` and transform `service`.
///
/// Inverts (ρs − λ(1 − S*(s)))/(s(s − λ(1 − S*(s)))); absolute error near 1e-10.
pub fn wait_tail(
    lambda: f64,
    service_mean: f64,
    service: impl Fn(Complex) -> Complex,
    t: f64,
) -> f64 {
    let rho = lambda * service_mean;
    if t <= 0.0 || rho >= 1.0 {
        return rho.min(1.0);
    }
    let transform = |s: Complex| {
        let work = (Complex::ONE - service(s)).scale(lambda);
        (s.scale(rho) - work) / (s * (s - work))
    };
    laplace::invert(transform, t)
}

/// P(T > t), t ≥ 0: the tail of W + S, whose transform is the product.
pub fn sojourn_tail(
    lambda: f64,
    service_mean: f64,
    service: impl Fn(Complex) -> Complex,
    t: f64,
) -> f64 {
    let rho = lambda * service_mean;
    if t <= 0.0 || rho >= 1.0 {
        return 1.0;
    }
    let transform = |s: Complex| {
        let served = service(s);
        let work = (Complex::ONE - served).scale(lambda);
        s.scale(1.0 - rho) / (s - work) * served
    };
    laplace::tail(transform, t)
}

/// The wait that a share `p` of requests does not exceed.
pub fn wait_quantile(
    lambda: f64,
    service_mean: f64,
    service: impl Fn(Complex) -> Complex,
    p: f64,
) -> f64 {
    if lambda * service_mean >= 1.0 {
        return f64::INFINITY;
    }
    root::quantile(|t| wait_tail(lambda, service_mean, &service, t), p, service_mean)
}

/// The sojourn that a share `p` of requests does not exceed.
pub fn sojourn_quantile(
    lambda: f64,
    service_mean: f64,
    service: impl Fn(Complex) -> Complex,
    p: f64,
) -> f64 {
    if lambda * service_mean >= 1.0 {
        return f64::INFINITY;
    }
    root::quantile(|t| sojourn_tail(lambda, service_mean, &service, t), p, service_mean)
}
