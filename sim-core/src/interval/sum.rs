//! Sums in index order, compensated (Neumaier, ZAMM 54, 1974).

/// Σ of `values` in their order; the error does not grow with their number.
pub fn sum(values: impl IntoIterator<Item = f64>) -> f64 {
    let (mut total, mut lost) = (0.0_f64, 0.0_f64);
    for value in values {
        let next = total + value;
        lost += if total.abs() >= value.abs() {
            (total - next) + value
        } else {
            (value - next) + total
        };
        total = next;
    }
    total + lost
}

/// Σ x/n; `None` without a value.
pub fn mean(values: &[f64]) -> Option<f64> {
    if values.is_empty() {
        return None;
    }
    Some(sum(values.iter().copied()) / values.len() as f64)
}

/// Σ (x − mean)²/(n − 1), unbiased for independent values; `None` below two values.
pub fn sample_variance(values: &[f64]) -> Option<f64> {
    if values.len() < 2 {
        return None;
    }
    let n = values.len() as f64;
    let mean = mean(values)?;
    let squares = sum(values.iter().map(|x| (x - mean) * (x - mean)));
    // Two passes, less what rounding of the mean added (Chan, Golub & LeVeque 1983).
    let drift = sum(values.iter().map(|x| x - mean));
    Some(((squares - drift * drift / n) / (n - 1.0)).max(0.0))
}
