//! Mˣ/M/1: requests arrive in batches (Gross, §3.1).

/// E\[N\] = ρ(1 + E\[X²\]/E\[X\])/(2(1 − ρ)), ρ = λE\[X\]/μ.
///
/// `batch_rate` is λ in batches per unit of time; `size_mean` = E\[X\], `size_second` = E\[X²\].
pub fn in_system_mean(batch_rate: f64, mu: f64, size_mean: f64, size_second: f64) -> f64 {
    let rho = batch_rate * size_mean / mu;
    if rho < 1.0 {
        rho * (1.0 + size_second / size_mean) / (2.0 * (1.0 - rho))
    } else {
        f64::INFINITY
    }
}

/// E\[T\] of a request, wherever it stands in its batch (Little).
pub fn sojourn_mean(batch_rate: f64, mu: f64, size_mean: f64, size_second: f64) -> f64 {
    in_system_mean(batch_rate, mu, size_mean, size_second) / (batch_rate * size_mean)
}
