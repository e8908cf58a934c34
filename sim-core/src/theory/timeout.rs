//! M/M/1 with impatience: a timeout in queue, a deadline that stops work, a timeout nobody hears.

use super::mm1;
use brownout_policies::math;

/// ∫₀^τ e^{−rx} dx for any real r.
fn decay_integral(r: f64, tau: f64) -> f64 {
    if r == 0.0 { tau } else { -math::exp_m1(-r * tau) / r }
}

/// ∫₀^τ x e^{−rx} dx for any real r.
fn decay_moment(r: f64, tau: f64) -> f64 {
    let y = r * tau;
    if y.abs() > 0.5 {
        return (1.0 - math::exp(-y) * (1.0 + y)) / (r * r);
    }
    // Σ (−y)^k (k + 1)/(k + 2)!: the closed form cancels near y = 0.
    let (mut sum, mut term) = (0.0, 0.5);
    for k in 0..24 {
        sum += term * f64::from(k + 1);
        term *= -y / f64::from(k + 3);
    }
    sum * tau * tau
}

/// M/M/1+D: a request leaves the queue when its wait reaches τ; service is never interrupted.
#[derive(Debug, Clone, Copy)]
pub struct QueueTimeout {
    /// Share of requests that time out.
    pub prob_timeout: f64,
    /// P(server idle).
    pub prob_empty: f64,
    /// Requests served per unit of time, λ(1 − P(timeout)) = μ(1 − P(idle)).
    pub goodput: f64,
    /// Mean wait of those served.
    pub wait_mean_served: f64,
    /// Mean sojourn of those served.
    pub sojourn_mean_served: f64,
    lambda: f64,
    mu: f64,
    tau: f64,
}

/// Solves M/M/1+D with queue timeout `tau`; any λ, the queue empties itself by timeouts.
///
/// The virtual wait has density v(x) = p₀λe^{−(μ−λ)x} on (0, τ), with p₀ = \[1 + λ∫₀^τ
/// e^{−(μ−λ)x}dx + (λ/μ)e^{−(μ−λ)τ}\]⁻¹, and P(timeout) = p₀(λ/μ)e^{−(μ−λ)τ} (Barrer, Operations
/// Research 5, 1957; Baccelli, Boyer & Hébuterne, Advances in Applied Probability 16, 1984).
pub fn queue_timeout(lambda: f64, mu: f64, tau: f64) -> QueueTimeout {
    let r = mu - lambda;
    let beyond = lambda / mu * math::exp(-r * tau);
    let prob_empty = 1.0 / (1.0 + lambda * decay_integral(r, tau) + beyond);
    let prob_timeout = prob_empty * beyond;
    let waited = prob_empty * lambda * decay_moment(r, tau);
    let wait_mean_served = waited / (1.0 - prob_timeout);
    QueueTimeout {
        prob_timeout,
        prob_empty,
        goodput: lambda * (1.0 - prob_timeout),
        wait_mean_served,
        sojourn_mean_served: wait_mean_served + 1.0 / mu,
        lambda,
        mu,
        tau,
    }
}

impl QueueTimeout {
    /// P(W > t) of those served, 0 ≤ t ≤ τ.
    pub fn wait_tail_served(&self, t: f64) -> f64 {
        if t >= self.tau {
            return 0.0;
        }
        let r = self.mu - self.lambda;
        let above = math::exp(-r * t) * decay_integral(r, self.tau - t);
        self.prob_empty * self.lambda * above / (1.0 - self.prob_timeout)
    }
}

/// M/M/1 where a request vanishes at arrival + τ wherever it is, queue or service.
#[derive(Debug, Clone, Copy)]
pub struct DeadlineAbort {
    /// Share of requests that miss the deadline.
    pub prob_miss: f64,
    /// P(server idle).
    pub prob_empty: f64,
    /// Requests finished in time per unit of time.
    pub goodput: f64,
}

/// Solves M/M/1 with full deadline propagation; any λ.
///
/// The work kept never exceeds τ (a finite dam): v(x) = p₀λe^{−(μ−λ)x} on (0, τ) and
/// P(miss) = v(τ)/λ = p₀e^{−(μ−λ)τ} (Baccelli, Boyer & Hébuterne 1984; Cohen 1982).
pub fn deadline_abort(lambda: f64, mu: f64, tau: f64) -> DeadlineAbort {
    let r = mu - lambda;
    let prob_empty = 1.0 / (1.0 + lambda * decay_integral(r, tau));
    let prob_miss = prob_empty * math::exp(-r * tau);
    DeadlineAbort { prob_miss, prob_empty, goodput: lambda * (1.0 - prob_miss) }
}

/// M/M/1 whose callers leave after τ while the server, unaware, does all the work.
#[derive(Debug, Clone, Copy)]
pub struct NoCancel {
    /// Share of requests not answered within τ, e^{−(μ−λ)τ}.
    pub prob_timeout: f64,
    /// Requests answered in time per unit of time.
    pub goodput: f64,
    /// Share of the server's work done for callers that have left, or leave while it is being done.
    pub wasted_work_fraction: f64,
}

/// Solves M/M/1 with a caller's timeout `tau` that the server does not hear of; λ < μ.
///
/// Wasted work is E\[S; W + S > τ\]/E\[S\] from the sojourn's two independent parts.
pub fn no_cancel(lambda: f64, mu: f64, tau: f64) -> NoCancel {
    let prob_timeout = mm1::sojourn_tail(lambda, mu, tau);
    if lambda >= mu {
        return NoCancel { prob_timeout, goodput: 0.0, wasted_work_fraction: 1.0 };
    }
    // Services s < τ after waits beyond τ − s, then services longer than τ by themselves.
    let short = lambda * mu * prob_timeout * decay_moment(lambda, tau);
    let long = (1.0 + mu * tau) * math::exp(-mu * tau);
    NoCancel {
        prob_timeout,
        goodput: lambda * (1.0 - prob_timeout),
        wasted_work_fraction: short + long,
    }
}
