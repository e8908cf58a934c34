//! M/M/c, first come first served, and the Erlang formulas (Gross, §2.3 and §2.5).

use super::root;
use brownout_policies::math;

/// Erlang's loss probability B(c, a) for offered load `a` = λ/μ erlangs on `c` servers.
///
/// B = (a^c/c!)/Σ a^k/k!, by the recursion B_k = aB_{k−1}/(k + aB_{k−1}). Holds for any service law
/// of that mean (Sevastyanov 1957).
pub fn erlang_b(a: f64, c: u32) -> f64 {
    (1..=c).fold(1.0, |blocked, k| a * blocked / (f64::from(k) + a * blocked))
}

/// Erlang's delay probability C(c, a) = P(W > 0) = B/(1 − ρ(1 − B)); 1 at saturation.
pub fn erlang_c(a: f64, c: u32) -> f64 {
    let rho = a / f64::from(c);
    if rho >= 1.0 {
        return 1.0;
    }
    let blocked = erlang_b(a, c);
    blocked / (1.0 - rho * (1.0 - blocked))
}

/// P(W > 0), Erlang C.
pub fn prob_wait(lambda: f64, mu: f64, c: u32) -> f64 {
    erlang_c(lambda / mu, c)
}

/// The rate at which a full station gains on its arrivals: cμ − λ.
fn drain(lambda: f64, mu: f64, c: u32) -> f64 {
    f64::from(c) * mu - lambda
}

/// E\[W\] = C/(cμ − λ).
pub fn wait_mean(lambda: f64, mu: f64, c: u32) -> f64 {
    let drain = drain(lambda, mu, c);
    if drain > 0.0 { prob_wait(lambda, mu, c) / drain } else { f64::INFINITY }
}

/// Var\[W\] = C(2 − C)/(cμ − λ)².
pub fn wait_variance(lambda: f64, mu: f64, c: u32) -> f64 {
    let (drain, waits) = (drain(lambda, mu, c), prob_wait(lambda, mu, c));
    if drain > 0.0 { waits * (2.0 - waits) / (drain * drain) } else { f64::INFINITY }
}

/// P(W > t) = C e^{−(cμ−λ)t}, t ≥ 0.
pub fn wait_tail(lambda: f64, mu: f64, c: u32, t: f64) -> f64 {
    prob_wait(lambda, mu, c) * math::exp(-drain(lambda, mu, c).max(0.0) * t)
}

/// The wait that a share `p` of requests does not exceed; 0 for p ≤ 1 − C.
pub fn wait_quantile(lambda: f64, mu: f64, c: u32, p: f64) -> f64 {
    let drain = drain(lambda, mu, c);
    if drain <= 0.0 {
        return f64::INFINITY;
    }
    (math::ln(prob_wait(lambda, mu, c) / (1.0 - p)) / drain).max(0.0)
}

/// E\[T\] = E\[W\] + 1/μ.
pub fn sojourn_mean(lambda: f64, mu: f64, c: u32) -> f64 {
    wait_mean(lambda, mu, c) + 1.0 / mu
}

/// Var\[T\] = Var\[W\] + 1/μ²: a wait and the service after it are independent.
pub fn sojourn_variance(lambda: f64, mu: f64, c: u32) -> f64 {
    wait_variance(lambda, mu, c) + 1.0 / (mu * mu)
}

/// P(T > t) = e^{−μt}\[1 + C(1 − e^{−μt(c−1−a)})/(c − 1 − a)\], a = λ/μ.
pub fn sojourn_tail(lambda: f64, mu: f64, c: u32, t: f64) -> f64 {
    let a = lambda / mu;
    if a >= f64::from(c) {
        return 1.0;
    }
    let spare = f64::from(c) - 1.0 - a;
    let age = mu * t;
    let overlap = if spare == 0.0 { age } else { -math::exp_m1(-age * spare) / spare };
    math::exp(-age) * (1.0 + erlang_c(a, c) * overlap)
}

/// The sojourn that a share `p` of requests does not exceed, from its tail.
pub fn sojourn_quantile(lambda: f64, mu: f64, c: u32, p: f64) -> f64 {
    if drain(lambda, mu, c) <= 0.0 {
        return f64::INFINITY;
    }
    root::quantile(|t| sojourn_tail(lambda, mu, c, t), p, sojourn_mean(lambda, mu, c))
}

/// P(N = n): aⁿ/n! p₀ up to c, geometric with ratio ρ beyond.
pub fn in_system_pmf(lambda: f64, mu: f64, c: u32, n: u32) -> f64 {
    let (a, servers) = (lambda / mu, f64::from(c));
    let rho = a / servers;
    if rho >= 1.0 {
        return 0.0;
    }
    let all_busy_none_waiting = erlang_c(a, c) * (1.0 - rho);
    if n >= c {
        return all_busy_none_waiting * math::powi(rho, n - c);
    }
    (n..c).rev().fold(all_busy_none_waiting, |p, k| p * f64::from(k + 1) / a)
}

/// E\[N\] = λE\[T\] (Little).
pub fn in_system_mean(lambda: f64, mu: f64, c: u32) -> f64 {
    lambda * sojourn_mean(lambda, mu, c)
}

/// E\[Nq\] = λE\[W\] (Little).
pub fn queue_mean(lambda: f64, mu: f64, c: u32) -> f64 {
    lambda * wait_mean(lambda, mu, c)
}
