//! Balls in bins: what chance alone does to clients that choose a moment or a place by lot.

use brownout_policies::math;

/// P(K = k) of a binomial number, `n` trials of probability `p` in \[0, 1\].
pub fn pmf(n: u32, p: f64, k: u32) -> f64 {
    if k > n || p <= 0.0 || p >= 1.0 {
        let sure = if p >= 1.0 { n } else { 0 };
        return if k == sure && p.clamp(0.0, 1.0) == p { 1.0 } else { 0.0 };
    }
    let (all, some) = (f64::from(n), f64::from(k));
    let ways =
        math::ln_gamma(all + 1.0) - math::ln_gamma(some + 1.0) - math::ln_gamma(all - some + 1.0);
    math::exp(ways + some * math::ln(p) + (all - some) * math::ln_1p(-p))
}

/// P(K > k): more than `k` of `n` at the same place, each there with probability `p`.
pub fn tail(n: u32, p: f64, k: u32) -> f64 {
    if k >= n {
        return 0.0;
    }
    // The shorter of the two sums, and the one without a difference where that is small.
    if f64::from(k) >= f64::from(n) * p {
        return (k + 1..=n).rev().map(|j| pmf(n, p, j)).sum::<f64>().min(1.0);
    }
    1.0 - (0..=k).map(|j| pmf(n, p, j)).sum::<f64>().min(1.0)
}

/// E\[max\] of `balls` thrown independently into `bins` ≥ 1 equal bins, exactly.
///
/// P(max ≤ k) bin by bin: of r balls left for b bins, the next takes a binomial number of
/// probability 1/b. O(bins × balls²) steps for each k that matters.
pub fn max_mean(balls: u32, bins: u32) -> f64 {
    let mut mean = 0.0;
    for most in balls.div_ceil(bins).saturating_sub(1)..balls {
        let above = 1.0 - prob_max_at_most(balls, bins, most);
        if above < 1e-13 {
            break;
        }
        mean += above;
    }
    // Below an even share the greatest is always above.
    mean + f64::from(balls.div_ceil(bins).saturating_sub(1))
}

/// P(no bin holds more than `most`), bin by bin.
fn prob_max_at_most(balls: u32, bins: u32, most: u32) -> f64 {
    // left[r]: probability that the bins so far kept to the limit and r balls remain.
    let mut left = vec![0.0; balls as usize + 1];
    left[balls as usize] = 1.0;
    for bin in (1..=bins).rev() {
        let share = 1.0 / f64::from(bin);
        let mut next = vec![0.0; left.len()];
        for (rest, p) in left.iter().enumerate().filter(|(_, p)| **p > 0.0) {
            for taken in 0..=most.min(rest as u32) {
                next[rest - taken as usize] += p * pmf(rest as u32, share, taken);
            }
        }
        left = next;
    }
    left[0]
}
