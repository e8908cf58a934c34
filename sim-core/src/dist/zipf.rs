//! Popularity by rank.

use super::{Dist, Kind, Sample, problem};
use crate::{Draws, math};

/// The Zipf distribution: ranks 1 to `n`, rank k with probability proportional to k^(−exponent).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Zipf {
    /// The last rank, 1 to 2⁴⁰.
    pub n: u64,
    /// How fast popularity falls with rank, dimensionless, ≥ 0; 0 makes all ranks alike.
    pub exponent: f64,
    /// What rank 1 counts for, > 0: the value is the rank times this. 1 unless scaled.
    pub step: f64,
}

impl Dist {
    /// Ranks 1 to `n`, rank k with probability proportional to k^(−`exponent`).
    pub const fn zipf(n: u64, exponent: f64) -> Dist {
        Dist::Zipf(Zipf { n, exponent, step: 1.0 })
    }
}

/// 2⁴⁰, about 10¹²: beyond, the chance of one rank drowns in the rounding of the areas drawn from
/// (at 2⁵³ the sample visibly misses its CDF).
const RANK_MAX: u64 = 1 << 40;

impl Zipf {
    /// E[rank^power].
    fn rank_moment(&self, power: f64) -> f64 {
        sum_of_powers(self.n, self.exponent - power) / sum_of_powers(self.n, self.exponent)
    }

    /// P(rank ≤ `rank`).
    fn probability(&self, rank: u64) -> f64 {
        sum_of_powers(rank.min(self.n), self.exponent) / sum_of_powers(self.n, self.exponent)
    }
}

impl Kind for Zipf {
    const NAME: &'static str = "Zipf";
    const ABOUT: &'static str = "ranks 1 to n, the k-th with probability falling as a power of k";
    type Sampler = ZipfSampler;

    fn examples() -> Vec<Zipf> {
        let step = 1.0;
        vec![
            Zipf { n: 1000, exponent: 1.1, step },
            Zipf { n: 50, exponent: 1.0, step },
            Zipf { n: 6, exponent: 0.0, step },
        ]
    }

    fn problems(&self) -> Vec<String> {
        let n = (!(1..=RANK_MAX).contains(&self.n))
            .then(|| format!("n is {}: it must be from 1 to {RANK_MAX}", self.n));
        let exponent = problem::unless_non_negative("exponent", self.exponent);
        let step = problem::unless_positive("step", self.step);
        [n, exponent, step].into_iter().flatten().collect()
    }

    fn mean(&self) -> f64 {
        self.step * self.rank_moment(1.0)
    }

    fn variance(&self) -> f64 {
        let mean = self.rank_moment(1.0);
        self.step * self.step * (self.rank_moment(2.0) - mean * mean).max(0.0)
    }

    fn cdf(&self, x: f64) -> Option<f64> {
        // `as` saturates: what is below zero counts as zero.
        let rank = ((x / self.step) as u64).min(self.n);
        // The quotient of a value by its step may round below the rank it came from.
        let rounded_down = (rank as f64 + 1.0) * self.step <= x;
        Some(self.probability(if rounded_down { rank + 1 } else { rank }))
    }

    fn quantile(&self, p: f64) -> Option<f64> {
        let (mut below, mut at) = (1, self.n);
        while below < at {
            let middle = below + (at - below) / 2;
            if self.probability(middle) >= p {
                at = middle;
            } else {
                below = middle + 1;
            }
        }
        Some(self.step * at as f64)
    }

    fn scaled(&self, factor: f64) -> Zipf {
        Zipf { step: self.step * factor, ..*self }
    }

    fn sampler(&self) -> ZipfSampler {
        let (n, exponent) = (self.n as f64, self.exponent);
        let mut sampler = ZipfSampler {
            n,
            exponent,
            step: self.step,
            lowest: area(1.5, exponent) - 1.0,
            highest: area(n + 0.5, exponent),
            sure: 0.0,
        };
        sampler.sure = 2.0 - sampler.inverse_area(area(2.5, exponent) - math::pow(2.0, -exponent));
        sampler
    }
}

/// 1^(−s) + 2^(−s) + … + n^(−s), for any real s: the first terms as they stand, the rest by the
/// Euler–Maclaurin formula, whose error is far below the last bit there (DLMF 2.10.1).
fn sum_of_powers(n: u64, s: f64) -> f64 {
    const PLAIN: u64 = 64;
    let power = |k: f64| math::pow(k, -s);
    let plain: f64 = (1..n.min(PLAIN)).map(|k| power(k as f64)).sum();
    if n <= PLAIN {
        return if n == 0 { 0.0 } else { plain + power(n as f64) };
    }
    let (m, n) = (PLAIN as f64, n as f64);
    let integral = power(m) * m * grown(1.0 - s, math::ln(n / m));
    let ends = 0.5 * (power(m) + power(n));
    let first = |k: f64| s * power(k) / k;
    let third = |k: f64| first(k) * (s + 1.0) * (s + 2.0) / (k * k);
    let fifth = |k: f64| third(k) * (s + 3.0) * (s + 4.0) / (k * k);
    let corrections = (first(m) - first(n)) / 12.0 - (third(m) - third(n)) / 720.0
        + (fifth(m) - fifth(n)) / 30240.0;
    plain + integral + ends + corrections
}

/// The integral of e^(rate·y) over y in [0, width]; also where `rate` is zero or nearly.
fn grown(rate: f64, width: f64) -> f64 {
    if rate == 0.0 { width } else { math::exp_m1(rate * width) / rate }
}

/// The integral of x^(−exponent) from 1 to `x`.
fn area(x: f64, exponent: f64) -> f64 {
    grown(1.0 - exponent, math::ln(x))
}

/// Rejection-inversion (Hörmann & Derflinger, *Rejection-inversion to generate variates from
/// monotone discrete distributions*, 1996): the area under a hat curve is inverted and rounded to
/// a rank; nearly every first try is accepted, whatever n.
#[derive(Debug, Clone, Copy)]
pub(super) struct ZipfSampler {
    n: f64,
    exponent: f64,
    step: f64,
    /// The areas that are drawn from run between these two.
    lowest: f64,
    highest: f64,
    /// A rank at most this far above its point is accepted without looking.
    sure: f64,
}

impl ZipfSampler {
    /// The x whose [`area`] this is.
    fn inverse_area(&self, area: f64) -> f64 {
        let rate = 1.0 - self.exponent;
        // Rounding may pass the area's limit, 1/(exponent − 1), where x is infinite.
        let grown = (area * rate).max(-1.0);
        math::exp(if rate == 0.0 { area } else { math::ln_1p(grown) / rate })
    }
}

impl Sample for ZipfSampler {
    fn sample(&self, draws: &mut Draws, _: u64) -> f64 {
        loop {
            let under = self.highest + draws.unit() * (self.lowest - self.highest);
            let x = self.inverse_area(under);
            let rank = (x + 0.5).floor().clamp(1.0, self.n);
            if rank - x <= self.sure
                || under >= area(rank + 0.5, self.exponent) - math::pow(rank, -self.exponent)
            {
                return rank * self.step;
            }
        }
    }
}
