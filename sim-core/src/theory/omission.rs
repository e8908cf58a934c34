//! Coordinated omission: one stall as an open and as a closed load generator see it.
//!
//! A server with room for all begins nothing during a stall and everything at its end (the effect
//! is Gil Tene's, How not to measure latency, 2013).

/// Mean latency of Poisson arrivals over a run of `time` with one stall: s + D²/(2T).
///
/// Each arrival falls into the stall with probability D/T and then waits D/2 on average.
pub fn open_mean(service: f64, stall: f64, time: f64) -> f64 {
    service + stall * stall / (2.0 * time)
}

/// The latency that a share `p` of these arrivals does not exceed: s + (D − (1 − p)T)⁺.
pub fn open_quantile(service: f64, stall: f64, time: f64, p: f64) -> f64 {
    service + (stall - (1.0 - p) * time).max(0.0)
}

/// Requests that one user without think time makes in a run of `time`: one at a time, the one that
/// meets the stall takes all of it. `service` is s, and the stall begins in the middle of one.
pub fn closed_requests(service: f64, stall: f64, time: f64) -> f64 {
    (time - (stall - service / 2.0)) / service
}

/// Mean latency that this user sees: T divided by its requests.
pub fn closed_mean(service: f64, stall: f64, time: f64) -> f64 {
    time / closed_requests(service, stall, time)
}
