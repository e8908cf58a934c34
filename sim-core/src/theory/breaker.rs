//! What slow calls hold, by Little's law, and what a circuit breaker frees.

use brownout_policies::math;

/// E\[min(S, τ)\] of an exponential service of mean `mean` under a timeout `tau`.
pub fn held_mean_exponential(mean: f64, tau: f64) -> f64 {
    -mean * math::exp_m1(-tau / mean)
}

/// Calls in flight, L = λW: `rate` per unit of time, each held for `held` on average (Little,
/// Operations Research 9, 1961).
pub fn in_flight(rate: f64, held: f64) -> f64 {
    rate * held
}

/// The cycle of a breaker whose dependency never answers within the timeout.
#[derive(Debug, Clone, Copy)]
pub struct OpenCycle {
    /// Mean time from one probe to the next: open + 1/λ + τ.
    pub period_mean: f64,
    /// Calls that reach the dependency per unit of time: one a period.
    pub attempt_rate: f64,
    /// Mean number in flight: the probe, for τ of each period.
    pub in_flight_mean: f64,
}

/// Solves it for Poisson calls of `rate`, a timeout `tau`, one probe after each time `open`.
///
/// After the open time the next call is the probe, 1/λ later on average; it holds its place for τ,
/// fails, and the breaker opens again. Calls meanwhile are turned away at once.
pub fn open_cycle(rate: f64, tau: f64, open: f64) -> OpenCycle {
    let period_mean = open + 1.0 / rate + tau;
    OpenCycle { period_mean, attempt_rate: 1.0 / period_mean, in_flight_mean: tau / period_mean }
}

/// Calls until `n` in a row have failed, each with probability `fail`: (f^{−n} − 1)/(1 − f).
///
/// n when every call fails (Feller, An Introduction to Probability Theory I, XIII.7).
pub fn calls_to_trip(fail: f64, n: u32) -> f64 {
    if fail >= 1.0 {
        return f64::from(n);
    }
    (1.0 / math::powi(fail, n) - 1.0) / (1.0 - fail)
}
