//! Retry storms: one load, two stable points, and what carries a system from one to the other.
//!
//! Fluid arithmetic of timeouts whose work is done all the same, retried at once (Bronson, Aghayev,
//! Charapko & Zhu, Metastable failures in distributed systems, HotOS 2021).

use super::{mm1, retry, root};

/// The load below which any storm dies out, μ/(r + 1): the server keeps up though all time out.
pub fn load_safe(mu: f64, retries: u32) -> f64 {
    mu / f64::from(retries + 1)
}

/// Growth of the backlog while every attempt times out: λ(r + 1) − μ.
pub fn drift(lambda: f64, mu: f64, retries: u32) -> f64 {
    lambda * f64::from(retries + 1) - mu
}

/// Mean backlog at time `t` after a backlog of `backlog` dead jobs, while all attempts time out.
///
/// B + λΣₖ(t − kτ)⁺ − μt, k = 0…r: a user sends attempt k + 1 when k have timed out.
pub fn backlog(lambda: f64, mu: f64, tau: f64, retries: u32, backlog: f64, t: f64) -> f64 {
    let sent: f64 = (0..=retries).map(|k| (t - f64::from(k) * tau).max(0.0)).sum();
    backlog + lambda * sent - mu * t
}

/// The dead backlog that just starts a storm which feeds itself; ∞ at or under [`load_safe`].
///
/// μτ + τΣₖ(μ − kλ)⁺, k = 1…r: it must last, longer than a timeout deep, until enough retries are
/// under way to hold it up. An approximation: chance blurs it.
pub fn backlog_critical(lambda: f64, mu: f64, tau: f64, retries: u32) -> f64 {
    if drift(lambda, mu, retries) <= 0.0 {
        return f64::INFINITY;
    }
    let drained: f64 = (1..=retries).map(|k| (mu - f64::from(k) * lambda).max(0.0)).sum();
    tau * (mu + drained)
}

/// Attempts per request where load and timeouts agree: Λ = λ(1 + f + … + fʳ), f = P(T > τ) at Λ.
#[derive(Debug, Clone, Copy)]
pub struct FixedPoints {
    /// The healthy point, if there is one; stable.
    pub low: Option<f64>,
    /// Between the two; unstable: from below it falls back, from above it runs away.
    pub middle: Option<f64>,
    /// r + 1, all time out, if that is more than the server can do; stable.
    pub high: Option<f64>,
}

/// Solves it for M/M/1, taking attempts as Poisson and their timeouts as independent.
///
/// An approximation: a real retry comes just when its first attempt found the queue long.
pub fn fixed_points(lambda: f64, mu: f64, tau: f64, retries: u32) -> FixedPoints {
    let surplus = |attempts: f64| {
        let fail = mm1::sojourn_tail(lambda * attempts, mu, tau);
        retry::attempts_mean(fail, retries) - attempts
    };
    let most = f64::from(retries + 1).min(mu / lambda);
    let high = (drift(lambda, mu, retries) >= 0.0).then_some(f64::from(retries + 1));
    // Where the surplus first turns negative lies the healthy point; at 1 if no attempt fails.
    const STEPS: u32 = 4_000;
    let at = |step: u32| 1.0 + (most - 1.0) * f64::from(step) / f64::from(STEPS);
    let mut crossings = Vec::new();
    if surplus(1.0) <= 0.0 {
        crossings.push(1.0);
    }
    for step in 0..STEPS {
        let (from, to) = (at(step), at(step + 1));
        if to > from && (surplus(from) > 0.0) != (surplus(to) > 0.0) {
            crossings.push(root::zero(surplus, from, to));
        }
    }
    let mut crossings = crossings.into_iter();
    FixedPoints { low: crossings.next(), middle: crossings.next(), high }
}
