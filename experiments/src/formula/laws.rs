//! One station with laws of one's own: M/G/1 and GI/M/1.

use super::answer::Answers;
use super::kind::{Kind, LAMBDA, MU, T, may, must};
use super::queues::stable;
use super::{Form, Given};
use crate::expect::Unit;
use brownout_core::dist::Dist;
use brownout_core::theory::laplace::Complex;
use brownout_core::theory::transform::{self, Moments};
use brownout_core::theory::{gim1, mg1};
use brownout_policies::math;

pub(super) const FORMS: &[Form] = &[
    Form {
        name: "mg1",
        about: "M/G/1: any law of service, means by Pollaczek–Khinchine",
        formula: &[
            "E[W] = λE[S²]/(2(1 − ρ)) = ρE[S](1 + cv²)/(2(1 − ρ))",
            "quantiles by inverting the transform of the wait, for laws that have one here",
        ],
        source: "Pollaczek 1930, Khinchine 1932; Gross 2008, §5.1",
        arguments: &[LAMBDA, must("service", Kind::Law, "law of service S"), T],
        example: "--lambda 80/s --service 'LogNormal(mean: \"10ms\", cv: 2)' --t 100ms",
        solve: mg1,
    },
    Form {
        name: "gim1",
        about: "GI/M/1: any law of the times between arrivals, exponential service",
        formula: &[
            "σ = A*(μ(1 − σ)), the chance that an arrival waits, A* the transform of the gaps",
            "E[T] = 1/(μ(1 − σ))        P(W > t) = σ e^{−μ(1−σ)t}",
        ],
        source: "Kendall 1953; Gross 2008, §5.3",
        arguments: &[
            must("every", Kind::Law, "law of the gaps: Const, Exp or Erlang"),
            MU,
            may("n", Kind::Count(0, 100_000), "also P(N = n) for this n"),
        ],
        example: "--every 'Erlang(k: 4, mean: \"12.5ms\")' --mu 100/s --n 2",
        solve: gim1,
    },
];

/// A law's transform, where there is one here; times in seconds.
fn transform_of(law: &Dist) -> Option<Box<dyn Fn(Complex) -> Complex>> {
    const NANOS: f64 = 1e-9;
    match law {
        Dist::Const(law) => Some(Box::new(transform::deterministic(law.value * NANOS))),
        Dist::Exp(law) => Some(Box::new(transform::exponential(law.mean * NANOS))),
        Dist::Erlang(law) => Some(Box::new(transform::erlang(law.k, law.mean * NANOS))),
        Dist::HyperExp(law) => {
            let total: f64 = law.branches.iter().map(|(weight, _)| weight).sum();
            let branch = |(weight, mean): &(f64, f64)| (weight / total, mean * NANOS);
            let branches: Vec<(f64, f64)> = law.branches.iter().map(branch).collect();
            Some(Box::new(move |s| transform::hyperexponential(&branches)(s)))
        }
        Dist::LogNormal(law) => {
            Some(Box::new(transform::lognormal(law.mu + math::ln(NANOS), law.sigma)))
        }
        Dist::Pareto(law) => law.cap.map(|cap| -> Box<dyn Fn(Complex) -> Complex> {
            Box::new(transform::bounded_pareto(law.shape, law.from * NANOS, cap * NANOS))
        }),
        _ => None,
    }
}

fn mg1(given: &Given) -> Result<Answers, Vec<String>> {
    let (lambda, law) = (given.number("lambda"), given.law("service"));
    let (mean, variance) = (law.mean() / 1e9, law.variance() / 1e18);
    if !(mean > 0.0 && mean.is_finite()) {
        let mean = Unit::Seconds.human(mean);
        return Err(vec![format!(
            "--service: its mean is {mean}; it must be above zero and finite"
        )]);
    }
    stable(lambda, 1.0 / mean, "1/E[S]", "--service")?;
    // The third moment does not enter a mean.
    let moments = Moments { first: mean, second: variance + mean * mean, third: f64::NAN };
    let answers = given
        .answers()
        .share("utilisation", "utilisation ρ", lambda * mean)
        .time("service.mean", "mean service", mean)
        .ratio("service.cv", "coefficient of variation of service", variance.sqrt() / mean)
        .time("wait.mean", "mean wait", mg1::wait_mean(lambda, &moments))
        .time("sojourn.mean", "mean sojourn", mg1::sojourn_mean(lambda, &moments))
        .count("in_system.mean", "mean in system", mg1::in_system_mean(lambda, &moments));
    let answers = match exact_moments(law) {
        None => answers,
        Some(moments) => answers
            .spread("wait.sd", "sd of wait", mg1::wait_variance(lambda, &moments))
            .spread("sojourn.sd", "sd of sojourn", mg1::sojourn_variance(lambda, &moments)),
    };
    // A constant jumps, which inversion cannot follow: `md1` has its quantiles.
    let Some(transform) = transform_of(law).filter(|_| variance > 0.0) else { return Ok(answers) };
    Ok(answers
        .quantiles("wait", "wait", |p| mg1::wait_quantile(lambda, mean, &transform, p))
        .tail("wait.tail", "wait", given.maybe("t"), |t| {
            mg1::wait_tail(lambda, mean, &transform, t)
        })
        .quantiles("sojourn", "sojourn", |p| mg1::sojourn_quantile(lambda, mean, &transform, p))
        .tail("sojourn.tail", "sojourn", given.maybe("t"), |t| {
            mg1::sojourn_tail(lambda, mean, &transform, t)
        }))
}

/// Three moments, in seconds, of a law that has them in closed form here.
fn exact_moments(law: &Dist) -> Option<Moments> {
    const NANOS: f64 = 1e-9;
    match law {
        Dist::Const(law) => Some(Moments::deterministic(law.value * NANOS)),
        Dist::Exp(law) => Some(Moments::exponential(law.mean * NANOS)),
        Dist::Erlang(law) => Some(Moments::erlang(law.k, law.mean * NANOS)),
        Dist::LogNormal(law) => Some(Moments::lognormal(law.mu + math::ln(NANOS), law.sigma)),
        _ => None,
    }
}

fn gim1(given: &Given) -> Result<Answers, Vec<String>> {
    let (law, mu) = (given.law("every"), given.number("mu"));
    let mean = law.mean() / 1e9;
    let sigma = |mu: f64| match law {
        Dist::Const(_) => Some(gim1::sigma(gim1::deterministic(mean), mu)),
        Dist::Exp(_) => Some(gim1::sigma(gim1::erlang(1, mean), mu)),
        Dist::Erlang(own) => Some(gim1::sigma(gim1::erlang(own.k, mean), mu)),
        _ => None,
    };
    if mean <= 0.0 {
        return Err(vec!["--every: the mean must be above zero".to_owned()]);
    }
    stable(1.0 / mean, mu, "μ", "--mu")?;
    let Some(sigma) = sigma(mu) else {
        let name = law.name();
        return Err(vec![format!(
            "--every: {name} has no transform here; write Const, Exp or Erlang"
        )]);
    };
    let rho = 1.0 / (mean * mu);
    let answers = given
        .answers()
        .share("utilisation", "utilisation ρ", rho)
        .share("wait.prob", "P(wait > 0) σ", sigma)
        .time("wait.mean", "mean wait", gim1::wait_mean(sigma, mu))
        .spread("wait.sd", "sd of wait", gim1::wait_variance(sigma, mu))
        .quantiles("wait", "wait", |p| gim1::wait_quantile(sigma, mu, p))
        .time("sojourn.mean", "mean sojourn", gim1::sojourn_mean(sigma, mu))
        .spread("sojourn.sd", "sd of sojourn", gim1::sojourn_variance(sigma, mu))
        .quantiles("sojourn", "sojourn", |p| gim1::sojourn_quantile(sigma, mu, p));
    Ok(match given.maybe("n") {
        None => answers,
        Some(n) => {
            let (now, seen) = (
                gim1::in_system_pmf(sigma, rho, n as u32),
                gim1::seen_by_arrival_pmf(sigma, n as u32),
            );
            answers
                .share("in_system.pmf", &format!("P(in system = {n}) at a random time"), now)
                .share("seen.pmf", &format!("P(in system = {n}) as an arrival sees it"), seen)
        }
    })
}
