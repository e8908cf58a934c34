//! Servers that break down and are repaired; interrupted work waits and resumes.

use super::mg1;
use super::transform::Moments;

/// E\[N\] of M/M/1 whose server fails at rate `fail`, busy or idle, and is repaired at rate
/// `repair`.
///
/// λ\[(ξ + η)² + μξ\]/((ξ + η)(μη − λ(ξ + η))) (White & Christie, Operations Research 6, 1958).
pub fn in_system_mean_any_time(lambda: f64, mu: f64, fail: f64, repair: f64) -> f64 {
    let sum = fail + repair;
    let spare = mu * repair - lambda * sum;
    if spare > 0.0 { lambda * (sum * sum + mu * fail) / (sum * spare) } else { f64::INFINITY }
}

/// First two moments of the time from start to finish of a service that breaks down while served.
///
/// (E\[S\](1 + ξE\[R\]), E\[S²\](1 + ξE\[R\])² + E\[S\]ξE\[R²\]) with failures at rate `fail` = ξ
/// and repairs R (Gaver, JRSS B 24, 1962).
pub fn completion_moments(service: &Moments, fail: f64, repair: &Moments) -> (f64, f64) {
    let stretch = 1.0 + fail * repair.first;
    let second = service.second * stretch * stretch + service.first * fail * repair.second;
    (service.first * stretch, second)
}

/// E\[T\] of M/G/1 that breaks down only while serving: Pollaczek–Khinchine on the completion time.
pub fn sojourn_mean_while_serving(
    lambda: f64,
    service: &Moments,
    fail: f64,
    repair: &Moments,
) -> f64 {
    let (first, second) = completion_moments(service, fail, repair);
    // The third moment does not enter a mean.
    mg1::sojourn_mean(lambda, &Moments { first, second, third: f64::NAN })
}
