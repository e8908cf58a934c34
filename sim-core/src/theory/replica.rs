//! What a follower lacks of a primary that is written to at random.
//!
//! Writes come as a Poisson process of rate λ, and each takes a lag to the follower, where it is
//! applied after all before it. So the follower lacks whatever was written since the oldest write
//! that is still on its way, and those are the customers of an M/G/∞ queue, Poisson in time
//! (Takács, Introduction to the Theory of Queues, 1962; with order kept, "resequencing": Baccelli,
//! Gelenbe & Plateau, JACM 31, 1984). What it lacks is what is lost if it takes over.

use brownout_policies::math;

/// P(it lacks anything) = 1 − e^{−λE\[lag\]}, of any law of the lag.
pub fn prob_behind(lambda: f64, lag_mean: f64) -> f64 {
    -math::exp_m1(-lambda * lag_mean)
}

/// Writes that it lacks when the lag is always the same: λ·lag.
pub fn lacks_constant(lambda: f64, lag: f64) -> f64 {
    lambda * lag
}

/// Writes that it lacks when lags are exponential: 1 − e^{−a} + a Ein(a), a = λE\[lag\].
///
/// The oldest write on its way is older than x with probability 1 − exp(−ae^{−x/lag}); integrated
/// this is lag·Ein(a), and whatever came after it is lacking too.
pub fn lacks_exponential(lambda: f64, lag_mean: f64) -> f64 {
    let a = lambda * lag_mean;
    prob_behind(lambda, lag_mean) + a * ein(a)
}

/// Mean age of the oldest write that it lacks, if it lacks any; constant lag:
/// (lag − (1 − e^{−λlag})/λ)/(1 − e^{−λlag}).
pub fn age_constant(lambda: f64, lag: f64) -> f64 {
    let behind = prob_behind(lambda, lag);
    lag / behind - 1.0 / lambda
}

/// The same of exponential lags: lag·Ein(a)/(1 − e^{−a}).
pub fn age_exponential(lambda: f64, lag_mean: f64) -> f64 {
    lag_mean * ein(lambda * lag_mean) / prob_behind(lambda, lag_mean)
}

/// Ein(a) = ∫₀ᵃ (1 − e^{−u})/u du = Σ (−1)^{k+1} aᵏ/(k·k!), 0 ≤ a ≤ 20.
fn ein(a: f64) -> f64 {
    let (mut term, mut sum) = (-1.0, 0.0);
    for k in 1..200 {
        term *= -a / f64::from(k);
        sum += term / f64::from(k);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ein_is_its_integral() {
        for a in [0.1, 1.0, 7.0] {
            let steps = 100_000;
            let width = a / f64::from(steps);
            let middle = |step: u32| (f64::from(step) + 0.5) * width;
            let integral: f64 =
                (0..steps).map(|step| -math::exp_m1(-middle(step)) / middle(step) * width).sum();
            assert!((ein(a) - integral).abs() < 1e-8, "{a}: {} {integral}", ein(a));
        }
    }

    #[test]
    fn few_writes_are_lacking_one_by_one() {
        // With one on its way in a thousand lags, order is no matter.
        let few = lacks_exponential(1e-3, 1.0);
        assert!((few / 1e-3 - 1.0).abs() < 1e-3, "{few}");
        assert!((age_constant(1e-3, 1.0) - 0.5).abs() < 1e-3);
    }
}
