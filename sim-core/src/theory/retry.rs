//! Attempts, amplification and delays of retries whose failures are independent.

use super::mmc;
use brownout_policies::math;

/// Mean attempts of a call with at most `retries` retries: (1 − pⁿ⁺¹)/(1 − p).
///
/// `fail` = p in [0, 1] is the probability that an attempt fails, independently.
pub fn attempts_mean(fail: f64, retries: u32) -> f64 {
    (0..=retries).rev().fold(0.0, |sum, _| sum * fail + 1.0)
}

/// Variance of the attempts of a call: E\[A²\] − E\[A\]², with P(A ≥ k) = pᵏ⁻¹.
pub fn attempts_variance(fail: f64, retries: u32) -> f64 {
    let mean = attempts_mean(fail, retries);
    let (mut second, mut reached) = (0.0, 1.0);
    for k in 0..=retries {
        second += f64::from(2 * k + 1) * reached;
        reached *= fail;
    }
    second - mean * mean
}

/// P(some attempt succeeds) = 1 − pⁿ⁺¹.
pub fn success_prob(fail: f64, retries: u32) -> f64 {
    1.0 - math::powi(fail, retries + 1)
}

/// Attempts at the bottom per request at the top when every attempt fails: Π attemptsᵢ.
///
/// `attempts` lists the most attempts per call at each layer: three layers of 3 make 27.
pub fn layers_amplification(attempts: &[u32]) -> u64 {
    attempts.iter().map(|&n| u64::from(n)).product()
}

/// The same bound when each layer's retries are budgeted to a share of its calls: Π (1 + ratioᵢ).
pub fn budgets_amplification(ratios: &[f64]) -> f64 {
    ratios.iter().map(|ratio| 1.0 + ratio).product()
}

/// Mean attempts under a budget of `ratio` retries per call, in the fluid limit of a large bucket:
/// min(1 + ratio, (1 − pⁿ⁺¹)/(1 − p)).
pub fn budgeted_attempts_mean(fail: f64, retries: u32, ratio: f64) -> f64 {
    attempts_mean(fail, retries).min(1.0 + ratio)
}

/// Mean latency of M/M/1 with Bernoulli feedback: retry at once, for ever, at the queue's tail.
///
/// 1/(μ(1 − p) − λ) (Takács, Bell System Technical Journal 42, 1963).
pub fn feedback_latency_mean(lambda: f64, mu: f64, fail: f64) -> f64 {
    let spare = mu * (1.0 - fail) - lambda;
    if spare > 0.0 { 1.0 / spare } else { f64::INFINITY }
}

/// A station with retries in steady state.
#[derive(Debug, Clone, Copy)]
pub struct RetryStation {
    /// Attempts per request.
    pub attempts_mean: f64,
    /// Attempts per unit of time at the station.
    pub attempt_rate: f64,
    /// Share of requests that some attempt answers.
    pub prob_success: f64,
    /// Busy server-time over c × time.
    pub utilisation: f64,
    /// E\[N\] at the station.
    pub in_station_mean: f64,
    /// Mean sojourn of one attempt.
    pub sojourn_mean_per_attempt: f64,
    /// Mean of a request's backoffs together.
    pub backoff_mean_total: f64,
    /// Mean number of requests in backoff; their number is Poisson.
    pub in_backoff_mean: f64,
    /// Mean time from first send to final outcome.
    pub latency_mean: f64,
}

/// M/M/c whose attempts fail with probability `fail` at completion, independently of load.
///
/// `backoff_means[k]` is the mean delay before retry k + 1; there are as many retries as entries.
/// The station is M/M/c at the total attempt rate and the backoffs are M/G/∞, in product form
/// (Baskett, Chandy, Muntz & Palacios, JACM 22, 1975; Kelly, Reversibility and Stochastic Networks,
/// 1979).
pub fn product_form(
    lambda: f64,
    mu: f64,
    c: u32,
    fail: f64,
    backoff_means: &[f64],
) -> RetryStation {
    let retries = u32::try_from(backoff_means.len()).expect("a retry limit is small");
    let attempts_mean = attempts_mean(fail, retries);
    let attempt_rate = lambda * attempts_mean;
    let sojourn_mean = mmc::sojourn_mean(attempt_rate, mu, c);
    let backoff_mean_total = backoff_means.iter().rev().fold(0.0, |sum, mean| (sum + mean) * fail);
    RetryStation {
        attempts_mean,
        attempt_rate,
        prob_success: success_prob(fail, retries),
        utilisation: attempt_rate / (f64::from(c) * mu),
        in_station_mean: attempt_rate * sojourn_mean,
        sojourn_mean_per_attempt: sojourn_mean,
        backoff_mean_total,
        in_backoff_mean: lambda * backoff_mean_total,
        latency_mean: attempts_mean * sojourn_mean + backoff_mean_total,
    }
}

/// M/M/1/1 that refuses when busy; refused requests try again after exponential times, for ever.
#[derive(Debug, Clone, Copy)]
pub struct Retrial {
    /// P(server busy) = ρ, also the share of first attempts refused.
    pub prob_busy: f64,
    /// Mean number between attempts (in orbit).
    pub orbit_mean: f64,
    /// Mean time in orbit, over all requests.
    pub orbit_time_mean: f64,
    /// Mean attempts per request, the first included.
    pub attempts_mean: f64,
}

/// Solves the M/M/1/1 retrial queue, λ < μ, each orbiting request retrying at rate `gamma`.
///
/// E\[orbit\] = ρ/(1 − ρ)(λ/γ + ρ) (Falin & Templeton, Retrial Queues, 1997, ch. 1).
pub fn retrial(lambda: f64, mu: f64, gamma: f64) -> Retrial {
    let rho = lambda / mu;
    let orbit_mean =
        if rho < 1.0 { rho / (1.0 - rho) * (lambda / gamma + rho) } else { f64::INFINITY };
    Retrial {
        prob_busy: rho.min(1.0),
        orbit_mean,
        orbit_time_mean: orbit_mean / lambda,
        attempts_mean: 1.0 + gamma * orbit_mean / lambda,
    }
}

/// Mean and variance of one delay.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DelayMoments {
    /// Mean, in the unit of the base.
    pub mean: f64,
    /// Variance, in that unit squared.
    pub variance: f64,
}

/// The exponential window min(cap, base·2ᵏ).
///
/// k = 1 before the first retry in the convention of the AWS Architecture Blog (2015), which
/// doubles at once; k = 0 in that of most libraries.
pub fn backoff_window(base: f64, cap: f64, k: u32) -> f64 {
    (base * math::powi(2.0, k)).min(cap)
}

/// Full jitter, uniform on (0, window): mean w/2, variance w²/12.
pub fn full_jitter(window: f64) -> DelayMoments {
    DelayMoments { mean: window / 2.0, variance: window * window / 12.0 }
}

/// Equal jitter, w/2 plus a uniform on (0, w/2): mean 3w/4, variance w²/48.
pub fn equal_jitter(window: f64) -> DelayMoments {
    DelayMoments { mean: 0.75 * window, variance: window * window / 48.0 }
}

/// Decorrelated jitter without a cap, s_k uniform on (base, 3 s_{k−1}), s₀ = base, at step `k` ≥ 0.
///
/// E\[s_k\] = base(2(3/2)ᵏ − 1) and E\[s_k²\] = (b² + 3bE\[s_{k−1}\] + 9E\[s_{k−1}²\])/3.
pub fn decorrelated_jitter(base: f64, k: u32) -> DelayMoments {
    let (mut mean, mut second) = (base, base * base);
    for _ in 0..k {
        second = (base * base + 3.0 * base * mean + 9.0 * second) / 3.0;
        mean = (base + 3.0 * mean) / 2.0;
    }
    DelayMoments { mean, variance: second - mean * mean }
}
