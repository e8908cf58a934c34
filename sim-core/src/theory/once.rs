//! What is done once, twice, or done and reported as failed, when messages are lost.
//!
//! A call has one attempt and at most `retries` more, each after the one before it has failed. An
//! attempt's request is lost with probability `forth` and the answer to one that was done with
//! probability `back`, independently; work takes no time next to the caller's patience. So an
//! attempt fails with probability f = q + (1 − q)p, q forth and p back. Elementary; the ambiguity
//! itself is that of the two generals (Gray, Notes on data base operating systems, 1978).

use brownout_policies::math;

/// P(an attempt fails) = q + (1 − q)p.
pub fn attempt_fails(forth: f64, back: f64) -> f64 {
    forth + (1.0 - forth) * back
}

/// Times it is done per call, without a key: (1 − q)(1 − fⁿ⁺¹)/(1 − f).
pub fn done_mean(forth: f64, back: f64, retries: u32) -> f64 {
    let fails = attempt_fails(forth, back);
    (0..=retries).map(|nth| math::powi(fails, nth)).sum::<f64>() * (1.0 - forth)
}

/// P(it is done at all): unless all requests are lost, 1 − qⁿ⁺¹.
pub fn done_prob(forth: f64, retries: u32) -> f64 {
    1.0 - math::powi(forth, retries + 1)
}

/// Times too often per call, without a key: how often it is done, less whether.
pub fn duplicates_mean(forth: f64, back: f64, retries: u32) -> f64 {
    done_mean(forth, back, retries) - done_prob(forth, retries)
}

/// P(done, and reported as failed) = fⁿ⁺¹ − qⁿ⁺¹: with a key as without one.
pub fn ambiguous_prob(forth: f64, back: f64, retries: u32) -> f64 {
    math::powi(attempt_fails(forth, back), retries + 1) - math::powi(forth, retries + 1)
}

/// P(done, and reported as failed) of one attempt whose work has the tail P(S > t), whose caller
/// waits for `patience` and is told of nothing later: P(S > T) + P(S ≤ T)p.
pub fn late_or_lost_prob(tail_at_patience: f64, back: f64) -> f64 {
    tail_at_patience + (1.0 - tail_at_patience) * back
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Over every course of events: each attempt is lost, done and not heard of, or done and heard.
    fn enumerated(forth: f64, back: f64, retries: u32) -> [f64; 3] {
        fn go(left: u32, chance: f64, done: u32, (q, p): (f64, f64), sums: &mut [f64; 3]) {
            let mut ends = |chance: f64, done: u32, is_good: bool| {
                sums[0] += chance * f64::from(done);
                sums[1] += chance * f64::from(done.saturating_sub(1));
                sums[2] += if done > 0 && !is_good { chance } else { 0.0 };
            };
            ends(chance * (1.0 - q) * (1.0 - p), done + 1, true);
            for (chance, done) in [(chance * q, done), (chance * (1.0 - q) * p, done + 1)] {
                if left == 0 {
                    ends(chance, done, false);
                }
            }
            if left > 0 {
                go(left - 1, chance * q, done, (q, p), sums);
                go(left - 1, chance * (1.0 - q) * p, done + 1, (q, p), sums);
            }
        }
        let mut sums = [0.0; 3];
        go(retries, 1.0, 0, (forth, back), &mut sums);
        sums
    }

    #[test]
    fn the_closed_forms_are_sums_over_all_courses_of_events() {
        for (forth, back, retries) in [(0.0, 0.1, 0), (0.2, 0.3, 2), (0.4, 0.0, 3), (0.5, 0.5, 4)] {
            let closed = [
                done_mean(forth, back, retries),
                duplicates_mean(forth, back, retries),
                ambiguous_prob(forth, back, retries),
            ];
            for (closed, summed) in closed.into_iter().zip(enumerated(forth, back, retries)) {
                assert!((closed - summed).abs() < 1e-14, "{closed} {summed}");
            }
        }
    }
}
