//! Hedging: a second attempt after a delay d, the first answer wins, L = min(X, d + Y).
//!
//! X and Y are independent service times of one law, given by its tail P(X > t). Nobody waits in a
//! queue (Dean & Barroso, The tail at scale, Communications of the ACM 56, 2013).

use super::root;
use brownout_policies::math;

/// P(L > t), t ≥ 0: P(X > t) before the hedge is sent, P(X > t)P(Y > t − d) after it.
pub fn latency_tail(tail: impl Fn(f64) -> f64, delay: f64, t: f64) -> f64 {
    let hedge = if t > delay { tail(t - delay) } else { 1.0 };
    tail(t) * hedge
}

/// The latency that a share `p` of calls does not exceed. `scale` > 0 is any guess of its size.
pub fn latency_quantile(tail: impl Fn(f64) -> f64, delay: f64, p: f64, scale: f64) -> f64 {
    root::quantile(|t| latency_tail(&tail, delay, t), p, scale)
}

/// Second attempts per call: P(X > d).
pub fn extra(tail: impl Fn(f64) -> f64, delay: f64) -> f64 {
    tail(delay)
}

/// E\[L\] of exponential services of mean `mean`: mean(1 − e^{−d/mean}/2).
pub fn latency_mean_exponential(mean: f64, delay: f64) -> f64 {
    mean * (1.0 - math::exp(-delay / mean) / 2.0)
}

/// The base load up to which hedges fit: λ(1 + extra) < cμ, as a share of capacity.
///
/// With losers that run on, each second attempt costs a whole service.
pub fn utilisation_limit(extra: f64) -> f64 {
    1.0 / (1.0 + extra)
}
