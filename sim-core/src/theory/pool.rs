//! A pool of connections whose users wait for one for so long at most: M/M/c+D.
//! (Who waits as long as it takes is in M/M/c, and where so many may wait, in M/M/c/K.)

use brownout_policies::math;

/// M/M/c whose customers give up when they have waited for τ.
#[derive(Debug, Clone, Copy)]
pub struct Pool {
    /// P(no connection is free), of arrivals.
    pub prob_wait: f64,
    /// P(none becomes free in time).
    pub prob_timeout: f64,
    /// Mean connections in use.
    pub in_use: f64,
}

/// Solves M/M/c+D: a pool of `c` connections, each used for 1/`mu` on average, with a wait of at
/// most `tau` for one; any λ.
///
/// The virtual wait has density v(x) = λp_{c−1}e^{−(cμ−λ)x} on (0, τ), and falls off as e^{−cμx}
/// beyond: who would wait longer than τ adds nothing. P(timeout) = v(τ)/(cμ), and below c the
/// states are Erlang's (Baccelli & Hébuterne, On queues with impatient customers, Performance '81).
pub fn solve(lambda: f64, mu: f64, c: u32, tau: f64) -> Pool {
    let (a, drain) = (lambda / mu, f64::from(c) * mu - lambda);
    // In units of p_{c−1}: going down, pₙ₋₁ = pₙ n/a.
    let below = (1..c).rev().scan(1.0, |p, n| {
        *p *= f64::from(n) / a;
        Some(*p)
    });
    let free = 1.0 + below.sum::<f64>();
    let waits =
        if drain == 0.0 { lambda * tau } else { -lambda * math::exp_m1(-drain * tau) / drain };
    let late = lambda * math::exp(-drain * tau) / (f64::from(c) * mu);
    let all = free + waits + late;
    let prob_timeout = late / all;
    Pool { prob_wait: 1.0 - free / all, prob_timeout, in_use: a * (1.0 - prob_timeout) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::{mmc, timeout};

    fn is_near(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-12 * expected.abs().max(1.0), "{found} {expected}");
    }

    #[test]
    fn without_patience_it_loses_as_erlang_says_and_with_all_of_it_nobody_gives_up() {
        let none = solve(3.0, 1.0, 4, 0.0);
        is_near(none.prob_timeout, mmc::erlang_b(3.0, 4));
        is_near(none.prob_wait, mmc::erlang_b(3.0, 4));
        let all = solve(3.0, 1.0, 4, 1e3);
        is_near(all.prob_wait, mmc::erlang_c(3.0, 4));
        is_near(all.prob_timeout, 0.0);
    }

    #[test]
    fn one_connection_is_one_server() {
        for lambda in [0.7, 1.0, 1.6] {
            let one = timeout::queue_timeout(lambda, 1.0, 2.0);
            is_near(solve(lambda, 1.0, 1, 2.0).prob_timeout, one.prob_timeout);
        }
    }
}
