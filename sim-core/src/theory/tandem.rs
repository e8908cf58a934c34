//! Tandem queues: the sojourn is a sum of independent exponentials.
//!
//! The output of M/M/1 is Poisson (Burke 1956) and a request's sojourns at the stations of a tandem
//! are independent (Reich 1957), exponential with rates μᵢ − λ.

use super::{poisson, root};

/// The rates μᵢ − λ of the sojourns at stations of rates `mu` under Poisson arrivals of rate
/// `lambda`.
pub fn sojourn_rates(lambda: f64, mu: &[f64]) -> Vec<f64> {
    mu.iter().map(|mu| (mu - lambda).max(0.0)).collect()
}

/// Mean of a sum of independent exponentials with the given `rates`; ∞ if one is 0.
pub fn mean(rates: &[f64]) -> f64 {
    rates.iter().map(|rate| 1.0 / rate).sum()
}

/// Variance of a sum of independent exponentials with the given `rates`.
pub fn variance(rates: &[f64]) -> f64 {
    rates.iter().map(|rate| 1.0 / (rate * rate)).sum()
}

/// P(X > t) of a sum of independent exponentials with the given `rates`, equal or not.
///
/// By uniformisation at the greatest rate: positive terms only, so equal or close rates do no harm,
/// which the textbook's partial fractions cannot say. Takes O(rates × (t × greatest rate)) steps.
pub fn tail(rates: &[f64], t: f64) -> f64 {
    let greatest = rates.iter().copied().fold(0.0, f64::max);
    if t <= 0.0 || rates.is_empty() {
        return if rates.is_empty() { 0.0 } else { 1.0 };
    }
    let jumps = greatest * t;
    let last = (jumps + 12.0 * jumps.sqrt() + 60.0) as u32;
    let mut phase = vec![0.0; rates.len()];
    phase[0] = 1.0;
    let mut sum = 0.0;
    for n in 0..=last {
        let unfinished: f64 = phase.iter().sum();
        sum += poisson::pmf(jumps, n) * unfinished;
        for i in (0..phase.len()).rev() {
            let stays = phase[i] * (1.0 - rates[i] / greatest);
            let enters = if i == 0 { 0.0 } else { phase[i - 1] * rates[i - 1] / greatest };
            phase[i] = stays + enters;
        }
    }
    sum.min(1.0)
}

/// The value that a sum of independent exponentials stays below with probability `p`.
pub fn quantile(rates: &[f64], p: f64) -> f64 {
    let mean = mean(rates);
    if mean.is_finite() { root::quantile(|t| tail(rates, t), p, mean) } else { f64::INFINITY }
}
