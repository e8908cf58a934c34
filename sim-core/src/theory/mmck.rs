//! M/M/c/K: `c` servers, at most `K` requests in the system, the rest refused (Gross, §2.4).

use super::{birth_death, poisson, root};

/// The steady state of one M/M/c/K queue.
#[derive(Debug, Clone)]
pub struct Mmck {
    /// P(N = n) for n in 0..=K.
    pub in_system_pmf: Vec<f64>,
    /// Share of arrivals refused: P(N = K), since arrivals see the time average.
    pub prob_block: f64,
    /// Accepted requests per unit of time, λ(1 − block).
    pub throughput: f64,
    /// Busy server-time over c × time, in [0, 1].
    pub utilisation: f64,
    /// E\[N\], queue and service.
    pub in_system_mean: f64,
    /// Mean wait of accepted requests.
    pub wait_mean: f64,
    /// Mean sojourn of accepted requests.
    pub sojourn_mean: f64,
    mu: f64,
    c: u32,
}

/// Solves M/M/c/K by its birth–death chain. `capacity` = K counts those in service, K ≥ c; any λ.
pub fn solve(lambda: f64, mu: f64, c: u32, capacity: u32) -> Mmck {
    assert!(c > 0 && capacity >= c, "M/M/c/K needs 1 <= c <= K; found c = {c}, K = {capacity}");
    let pmf = birth_death::stationary(|_| lambda, |n| f64::from(n.min(c)) * mu, capacity);
    let prob_block = pmf[capacity as usize];
    let throughput = lambda * (1.0 - prob_block);
    let in_system_mean = birth_death::mean(&pmf);
    let sojourn_mean = in_system_mean / throughput;
    Mmck {
        prob_block,
        throughput,
        utilisation: throughput / (f64::from(c) * mu),
        in_system_mean,
        wait_mean: sojourn_mean - 1.0 / mu,
        sojourn_mean,
        in_system_pmf: pmf,
        mu,
        c,
    }
}

impl Mmck {
    /// P(W > t) of an accepted request, t ≥ 0: one that finds n ≥ c waits n − c + 1 departures.
    pub fn wait_tail(&self, t: f64) -> f64 {
        let departures = f64::from(self.c) * self.mu;
        let accepted = &self.in_system_pmf[..self.in_system_pmf.len() - 1];
        let waiting = accepted.iter().skip(self.c as usize).zip(1..);
        let tail: f64 =
            waiting.map(|(p, ahead)| p * poisson::erlang_tail(ahead, 1.0 / departures, t)).sum();
        tail / (1.0 - self.prob_block)
    }

    /// The wait that a share `p` of accepted requests does not exceed.
    pub fn wait_quantile(&self, p: f64) -> f64 {
        root::quantile(|t| self.wait_tail(t), p, 1.0 / self.mu)
    }
}
