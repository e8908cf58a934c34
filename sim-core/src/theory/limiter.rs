//! What rate limiters promise: how many they let through in a window, and when to come back.

/// The most that a bucket of `burst` refilled at `rate` lets through in any window: b + rW.
///
/// Network calculus: an arrival curve (Cruz, IEEE Transactions on Information Theory 37, 1991).
pub fn bucket_admitted_max(burst: f64, rate: f64, window: f64) -> f64 {
    burst + rate * window
}

/// Idle time that fills an empty bucket, b/r: only after it is the whole burst there.
pub fn bucket_fill_time(burst: f64, rate: f64) -> f64 {
    burst / rate
}

/// The most that a fixed window of `limit` lets through in less than its length: 2L, around an
/// edge.
pub fn fixed_window_admitted_max(limit: f64) -> f64 {
    2.0 * limit
}

/// When to come back for `n` permits with `tokens` in a bucket refilled at `rate`: (n − tokens)/r,
/// not before now.
pub fn retry_after(n: f64, tokens: f64, rate: f64) -> f64 {
    ((n - tokens) / rate).max(0.0)
}

/// Long-run share of an offered `load` that a limit of `rate` lets through: min(1, r/λ).
pub fn admitted_share(load: f64, rate: f64) -> f64 {
    (rate / load).min(1.0)
}
