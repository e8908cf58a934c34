//! Closed networks: a fixed number of clients that think, then wait for an answer.

use super::{birth_death, root, tandem};

/// The steady state of a closed network of single-server stations.
#[derive(Debug, Clone)]
pub struct ClosedNetwork {
    /// Cycles completed per unit of time.
    pub throughput: f64,
    /// Mean time of a cycle outside thinking.
    pub response_mean: f64,
    /// E\[N\] at each station.
    pub in_system_mean: Vec<f64>,
    /// Busy fraction of each station, in [0, 1].
    pub utilisation: Vec<f64>,
}

/// Exact mean value analysis (Reiser & Lavenberg, JACM 27, 1980).
///
/// `demands[k]` is visits × mean service at station k per cycle (one exponential server, first come
/// first served, or processor sharing with any law); `think_mean` the mean time between cycles.
pub fn solve(clients: u32, think_mean: f64, demands: &[f64]) -> ClosedNetwork {
    let mut in_system = vec![0.0; demands.len()];
    let (mut throughput, mut response_mean) = (0.0, 0.0);
    for n in 1..=clients {
        let station = |(demand, seen): (&f64, &f64)| demand * (1.0 + seen);
        let responses: Vec<f64> = demands.iter().zip(&in_system).map(station).collect();
        response_mean = responses.iter().sum();
        throughput = f64::from(n) / (think_mean + response_mean);
        in_system = responses.iter().map(|response| throughput * response).collect();
    }
    let utilisation = demands.iter().map(|demand| throughput * demand).collect();
    ClosedNetwork { throughput, response_mean, in_system_mean: in_system, utilisation }
}

/// The steady state of M/M/c//N: N clients, exponential thinking, c exponential servers.
#[derive(Debug, Clone)]
pub struct FiniteSource {
    /// Requests answered per unit of time.
    pub throughput: f64,
    /// Mean time from request to answer.
    pub response_mean: f64,
    /// E\[N\] at the servers.
    pub in_system_mean: f64,
    /// Busy server-time over c × time, in [0, 1].
    pub utilisation: f64,
    /// P(n at the servers) at a random time, n in 0..=N.
    pub in_system_pmf: Vec<f64>,
    /// P(n at the servers) as an arriving request sees it, n in 0..N: the same system with N − 1
    /// clients (Sevcik & Mitrani, JACM 28, 1981).
    pub seen_by_arrival_pmf: Vec<f64>,
    service_mean: f64,
    servers: u32,
}

/// Solves the machine-repair model M/M/c//N (Palm 1943), a closed-loop load generator.
pub fn finite_source(
    clients: u32,
    servers: u32,
    think_mean: f64,
    service_mean: f64,
) -> FiniteSource {
    assert!(clients > 0 && servers > 0, "a closed loop needs at least one client and one server");
    let solve = |clients: u32| {
        let thinking = |n: u32| f64::from(clients - n) / think_mean;
        birth_death::stationary(thinking, |n| f64::from(n.min(servers)) / service_mean, clients)
    };
    let pmf = solve(clients);
    let in_system_mean = birth_death::mean(&pmf);
    let throughput = (f64::from(clients) - in_system_mean) / think_mean;
    FiniteSource {
        throughput,
        response_mean: in_system_mean / throughput,
        in_system_mean,
        utilisation: throughput * service_mean / f64::from(servers),
        in_system_pmf: pmf,
        seen_by_arrival_pmf: solve(clients - 1),
        service_mean,
        servers,
    }
}

impl FiniteSource {
    /// P(response > t), t ≥ 0: finding n ≥ c, a request waits n − c + 1 departures, then is served.
    pub fn response_tail(&self, t: f64) -> f64 {
        let rate = 1.0 / self.service_mean;
        let departures = rate * f64::from(self.servers);
        let given = |(n, p): (usize, &f64)| {
            let ahead = (n + 1).saturating_sub(self.servers as usize);
            let mut rates = vec![departures; ahead];
            rates.push(rate);
            p * tandem::tail(&rates, t)
        };
        self.seen_by_arrival_pmf.iter().enumerate().map(given).sum()
    }

    /// The response that a share `p` of requests does not exceed.
    pub fn response_quantile(&self, p: f64) -> f64 {
        root::quantile(|t| self.response_tail(t), p, self.response_mean)
    }

    /// P(a request finds every server busy).
    pub fn prob_wait(&self) -> f64 {
        self.seen_by_arrival_pmf.iter().skip(self.servers as usize).sum()
    }
}

/// The client count N* = (Z + ΣDₖ)/max Dₖ at which the asymptotes of throughput cross.
pub fn saturation_clients(think_mean: f64, demands: &[f64]) -> f64 {
    let greatest = demands.iter().copied().fold(0.0, f64::max);
    (think_mean + demands.iter().sum::<f64>()) / greatest
}
