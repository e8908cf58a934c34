//! M/G/1 with priority classes, the first class highest, FIFO within a class (Cobham 1954).

use super::transform::Moments;

/// One class of requests.
#[derive(Debug, Clone, Copy)]
pub struct Class {
    /// Poisson arrivals per unit of time.
    pub lambda: f64,
    /// Moments of its service.
    pub service: Moments,
}

/// Load of the classes above each one, then including it: (σ_{k−1}, σ_k).
fn loads(classes: &[Class]) -> impl Iterator<Item = (f64, f64, &Class)> {
    let mut above = 0.0;
    classes.iter().map(move |class| {
        let before = above;
        above += class.lambda * class.service.first;
        (before, above, class)
    })
}

/// `numerator`/((1 − above)(1 − with)), ∞ when the classes so far fill the server.
fn over_spare(numerator: f64, above: f64, with: f64) -> f64 {
    if with < 1.0 { numerator / ((1.0 - above) * (1.0 - with)) } else { f64::INFINITY }
}

/// Mean wait of each class when service is not interrupted: W₀/((1 − σ_{k−1})(1 − σ_k)).
///
/// W₀ = Σ λᵢE\[Sᵢ²\]/2 over all classes (Cobham, Operations Research 2, 1954).
pub fn wait_means_nonpreemptive(classes: &[Class]) -> Vec<f64> {
    let residual: f64 = classes.iter().map(|c| c.lambda * c.service.second / 2.0).sum();
    loads(classes).map(|(above, with, _)| over_spare(residual, above, with)).collect()
}

/// Mean sojourn of each class when a higher one interrupts and work resumes where it stopped.
///
/// E\[S_k\]/(1 − σ_{k−1}) + Σ_{i≤k} λᵢE\[Sᵢ²\]/(2(1 − σ_{k−1})(1 − σ_k)) (White & Christie 1958;
/// Gross, §3.4).
pub fn sojourn_means_preemptive(classes: &[Class]) -> Vec<f64> {
    let mut residual = 0.0;
    loads(classes)
        .map(|(above, with, class)| {
            residual += class.lambda * class.service.second / 2.0;
            class.service.first / (1.0 - above) + over_spare(residual, above, with)
        })
        .collect()
}
