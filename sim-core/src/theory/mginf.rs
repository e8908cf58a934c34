//! M/G/∞: nobody waits, so the number in service is Poisson (Takács, 1962, ch. 3).

use super::poisson;
use brownout_policies::math;

/// P(N = n) in steady state: Poisson of mean a = λE\[S\], whatever the law of service.
pub fn in_system_pmf(lambda: f64, service_mean: f64, n: u32) -> f64 {
    poisson::pmf(lambda * service_mean, n)
}

/// E\[N\] = Var\[N\] = λE\[S\].
pub fn in_system_mean(lambda: f64, service_mean: f64) -> f64 {
    lambda * service_mean
}

/// E\[N(t)\] from empty with a constant service: λ min(t, service); N(t) is Poisson too.
pub fn in_system_mean_at_deterministic(lambda: f64, service: f64, t: f64) -> f64 {
    lambda * t.min(service)
}

/// E\[N(t)\] from empty with exponential service: a(1 − e^{−t/mean}); N(t) is Poisson too.
pub fn in_system_mean_at_exponential(lambda: f64, service_mean: f64, t: f64) -> f64 {
    -lambda * service_mean * math::exp_m1(-t / service_mean)
}
