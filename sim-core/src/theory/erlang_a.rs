//! M/M/c+M (Erlang A): those who wait leave after an exponential patience (Palm 1946).

use super::birth_death;

/// The steady state of one M/M/c+M queue.
#[derive(Debug, Clone, Copy)]
pub struct ErlangA {
    /// P(an arrival finds every server busy).
    pub prob_wait: f64,
    /// Share of requests that abandon, θE\[Nq\]/λ.
    pub prob_abandon: f64,
    /// Busy server-time over c × time, in [0, 1].
    pub utilisation: f64,
    /// E\[Nq\], requests waiting.
    pub queue_mean: f64,
    /// Mean time in queue, over those served and those who leave.
    pub wait_mean: f64,
    /// Mean time in queue of those served.
    pub wait_mean_served: f64,
}

/// Solves M/M/c+M by its birth–death chain; any λ, patience of mean 1/`theta` while waiting.
///
/// Takes O(λ/θ) steps and as much memory.
///
/// Garnett, Mandelbaum & Reiman, Manufacturing & Service Operations Management 4, 2002.
pub fn solve(lambda: f64, mu: f64, c: u32, theta: f64) -> ErlangA {
    let leave = |n: u32| f64::from(n.min(c)) * mu + f64::from(n.saturating_sub(c)) * theta;
    // Past this state each further one is at most half as likely as the one before.
    let rare = c + (2.0 * lambda / theta) as u32 + 1_100;
    let pmf = birth_death::stationary(|_| lambda, leave, rare);
    let waiting = &pmf[c as usize..];
    let queue_mean = birth_death::mean(waiting);
    let prob_abandon = theta * queue_mean / lambda;
    // The one at place k in queue reaches a server if each departure until then is another's:
    // its time to the server and the chance of it, by first steps from the front.
    let servers = f64::from(c) * mu;
    let (mut reaches, mut time_reaching) = (1.0, 0.0);
    let (mut served, mut waited) = (0.0, 0.0);
    for (ahead, p) in waiting.iter().enumerate() {
        let total = servers + (ahead + 1) as f64 * theta;
        let others = total - theta;
        time_reaching = others / total * time_reaching + reaches * others / (total * total);
        reaches *= others / total;
        served += p * reaches;
        waited += p * time_reaching;
    }
    let immediate: f64 = pmf[..c as usize].iter().sum();
    ErlangA {
        prob_wait: waiting.iter().sum(),
        prob_abandon,
        utilisation: lambda * (1.0 - prob_abandon) / servers,
        queue_mean,
        wait_mean: queue_mean / lambda,
        wait_mean_served: waited / (served + immediate),
    }
}
