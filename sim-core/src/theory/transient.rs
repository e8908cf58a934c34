//! M/M/1 on its way from empty to its steady state (Takács 1962; Abate & Whitt 1987).

use super::laplace::{self, Complex};
use super::mm1;

/// Transform of P(N(t) = 0): 1/(s + λ − λB*(s)), where B* is the busy period's.
fn empty(lambda: f64, mu: f64) -> impl Fn(Complex) -> Complex {
    let busy = mm1::busy_period_transform(lambda, mu);
    move |s| Complex::ONE / (s + (Complex::ONE - busy(s)).scale(lambda))
}

/// P(N(t) = 0), t > 0, started empty; any λ. Absolute error near 1e-10.
pub fn prob_empty(lambda: f64, mu: f64, t: f64) -> f64 {
    laplace::invert(empty(lambda, mu), t)
}

/// E\[N(t)\], t > 0, started empty: arrivals less services, ∫₀ᵗ λ − μ(1 − P(N(u) = 0)) du.
pub fn in_system_mean(lambda: f64, mu: f64, t: f64) -> f64 {
    let empty = empty(lambda, mu);
    let transform = |s: Complex| (Complex::real(lambda - mu) / s + empty(s).scale(mu)) / s;
    laplace::invert(transform, t)
}
