//! Birth–death chains: one step up or down, solved by detailed balance.

/// Stationary probabilities of states 0..=`top`: πₙ₊₁ death(n + 1) = πₙ birth(n).
///
/// `birth(n)` is the rate n → n + 1 for n < top, `death(n)` > 0 the rate n → n − 1 for n ≥ 1. All
/// terms are positive, so every probability keeps full relative precision (Gross, §2.1).
pub fn stationary(birth: impl Fn(u32) -> f64, death: impl Fn(u32) -> f64, top: u32) -> Vec<f64> {
    let mut weights = vec![1.0];
    let mut weight: f64 = 1.0;
    for n in 0..top {
        weight *= birth(n) / death(n + 1);
        if weight > 1e150 {
            // Rescaled so that a long overloaded chain does not overflow.
            weights.iter_mut().for_each(|w| *w /= weight);
            weight = 1.0;
        }
        weights.push(weight);
    }
    let total: f64 = weights.iter().sum();
    weights.iter().map(|w| w / total).collect()
}

/// Σ n πₙ, the mean state.
pub fn mean(pmf: &[f64]) -> f64 {
    pmf.iter().enumerate().map(|(n, p)| n as f64 * p).sum()
}

/// Σ (n − mean)² πₙ, the variance of the state.
pub fn variance(pmf: &[f64]) -> f64 {
    let mean = mean(pmf);
    pmf.iter().enumerate().map(|(n, p)| (n as f64 - mean) * (n as f64 - mean) * p).sum()
}
