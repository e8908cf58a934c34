//! One station: M/M/1, M/D/1, batches, other orders, priorities, breakdowns.

use super::answer::Answers;
use super::kind::{Kind, LAMBDA, MU, T, may, must};
use super::{Form, Given};
use crate::expect::Unit;
use brownout_core::theory::transform::Moments;
use brownout_core::theory::{batch, breakdown, discipline, md1, mm1, priority, transient};

pub(super) const FORMS: &[Form] = &[
    Form {
        name: "mm1",
        about: "M/M/1: Poisson arrivals, exponential service, one server, first come first served",
        formula: &[
            "ρ = λ/μ        E[T] = 1/(μ − λ)        P(T > t) = e^{−(μ−λ)t}",
            "E[W] = ρ/(μ − λ)        P(W > t) = ρ e^{−(μ−λ)t}        P(N = n) = (1 − ρ)ρⁿ",
        ],
        source: "Gross, Shortle, Thompson & Harris 2008, ch. 2; Kleinrock, Queueing Systems I, ch. 3",
        arguments: &[LAMBDA, MU, T, may("n", Kind::Count(0, 100_000), "also P(N = n) for this n")],
        example: "--lambda 80/s --mu 100/s --t 100ms --n 3",
        solve: |given| {
            let (lambda, mu) = (given.number("lambda"), given.number("mu"));
            stable(lambda, mu, "μ", "--mu")?;
            let answers = given
                .answers()
                .share("utilisation", "utilisation ρ", mm1::utilisation(lambda, mu))
                .share("wait.prob", "P(wait > 0)", mm1::prob_wait(lambda, mu))
                .time("wait.mean", "mean wait", mm1::wait_mean(lambda, mu))
                .spread("wait.sd", "sd of wait", mm1::wait_variance(lambda, mu))
                .quantiles("wait", "wait", |p| mm1::wait_quantile(lambda, mu, p))
                .tail("wait.tail", "wait", given.maybe("t"), |t| mm1::wait_tail(lambda, mu, t))
                .time("sojourn.mean", "mean sojourn", mm1::sojourn_mean(lambda, mu))
                .spread("sojourn.sd", "sd of sojourn", mm1::sojourn_variance(lambda, mu))
                .quantiles("sojourn", "sojourn", |p| mm1::sojourn_quantile(lambda, mu, p))
                .tail("sojourn.tail", "sojourn", given.maybe("t"), |t| {
                    mm1::sojourn_tail(lambda, mu, t)
                })
                .count("in_system.mean", "mean in system", mm1::in_system_mean(lambda, mu))
                .count("in_system.var", "variance in system", mm1::in_system_variance(lambda, mu))
                .count("queue.mean", "mean waiting", mm1::queue_mean(lambda, mu))
                .time("busy.mean", "mean busy period", mm1::busy_period_mean(lambda, mu))
                .spread("busy.sd", "sd of busy period", mm1::busy_period_variance(lambda, mu))
                .time(
                    "average.memory",
                    "time × variance of the average in system",
                    mm1::in_system_asymptotic_variance(lambda, mu),
                );
            Ok(match given.maybe("n") {
                None => answers,
                Some(n) => {
                    let found = mm1::in_system_pmf(lambda, mu, n as u32);
                    answers.share("in_system.pmf", &format!("P(in system = {n})"), found)
                }
            })
        },
    },
    Form {
        name: "transient",
        about: "M/M/1 started empty, at a moment t on its way to the steady state",
        formula: &["P(N(t) = 0) and E[N(t)] by inverting 1/(s + λ − λB*(s)), B* of a busy period"],
        source: "Takács 1962; Abate & Whitt 1987, 1995",
        arguments: &[LAMBDA, MU, must("t", Kind::Time, "moment t")],
        example: "--lambda 8/s --mu 10/s --t 1s",
        solve: |given| {
            let (lambda, mu) = (given.number("lambda"), given.number("mu"));
            let t = given.number("t");
            Ok(given
                .answers()
                .share("empty", "P(nobody there)", transient::prob_empty(lambda, mu, t))
                .count(
                    "in_system.mean",
                    "mean in system",
                    transient::in_system_mean(lambda, mu, t),
                ))
        },
    },
    Form {
        name: "md1",
        about: "M/D/1: every service takes the same time",
        formula: &["E[W] = ρD/(2(1 − ρ)), half of M/M/1's        Var[W] = E[W]² + λD³/(3(1 − ρ))"],
        source: "Erlang 1909; Crommelin 1932; Franx 2001",
        arguments: &[
            LAMBDA,
            must("service", Kind::Time, "service time D"),
            T,
            may("n", Kind::Count(0, 10_000), "also P(N = n) for this n"),
        ],
        example: "--lambda 80/s --service 10ms --t 50ms --n 2",
        solve: |given| {
            let (lambda, service) = (given.number("lambda"), given.number("service"));
            stable(lambda, 1.0 / service, "1/D", "--service")?;
            short(given.maybe("t"), service, 5_000.0, "--service")?;
            let answers = given
                .answers()
                .share("utilisation", "utilisation ρ", lambda * service)
                .time("wait.mean", "mean wait", md1::wait_mean(lambda, service))
                .spread("wait.sd", "sd of wait", md1::wait_variance(lambda, service))
                .tail("wait.tail", "wait", given.maybe("t"), |t| {
                    1.0 - md1::wait_cdf(lambda, service, t)
                })
                .time("sojourn.mean", "mean sojourn", md1::sojourn_mean(lambda, service))
                .count("in_system.mean", "mean in system", md1::in_system_mean(lambda, service));
            // Nearer to saturation the table behind a quantile has too many steps.
            let answers = match lambda * service <= 0.9995 {
                false => answers,
                true => answers
                    .quantiles("wait", "wait", |p| md1::wait_quantile(lambda, service, p))
                    .quantiles("sojourn", "sojourn", |p| md1::sojourn_quantile(lambda, service, p)),
            };
            Ok(match given.maybe("n") {
                None => answers,
                Some(n) => {
                    let found = md1::in_system_pmf(lambda, service, n as usize)[n as usize];
                    answers.share("in_system.pmf", &format!("P(in system = {n})"), found)
                }
            })
        },
    },
    Form {
        name: "batch",
        about: "Mˣ/M/1: requests arrive in batches",
        formula: &["E[N] = ρ(1 + E[X²]/E[X])/(2(1 − ρ)), ρ = λE[X]/μ, λ in batches"],
        source: "Gross 2008, §3.1",
        arguments: &[
            must("lambda", Kind::Rate, "batches per unit of time λ"),
            MU,
            must("size", Kind::Number(1.0), "mean size of a batch E[X]"),
            may("second", Kind::Number(1.0), "E[X²]; a constant size where it is left out"),
        ],
        example: "--lambda 10/s --mu 100/s --size 5",
        solve: |given| {
            let (rate, mu, size) =
                (given.number("lambda"), given.number("mu"), given.number("size"));
            let second = given.maybe("second").unwrap_or(size * size);
            if second < size * size {
                let least = size * size;
                return Err(vec![format!(
                    "--second {second} is under --size² = {least}: E[X²] ≥ E[X]²"
                )]);
            }
            stable(rate * size, mu, "μ", "--mu")?;
            Ok(given
                .answers()
                .share("utilisation", "utilisation ρ", rate * size / mu)
                .count(
                    "in_system.mean",
                    "mean in system",
                    batch::in_system_mean(rate, mu, size, second),
                )
                .time("sojourn.mean", "mean sojourn", batch::sojourn_mean(rate, mu, size, second)))
        },
    },
    Form {
        name: "order",
        about: "M/M/1 under processor sharing, last come first served, and random order",
        formula: &[
            "means as first come first served; the spread is not:",
            "PS  Var[T] = (2 + ρ)/((2 − ρ)(μ − λ)²)        E[T | work x] = x/(1 − ρ)",
            "LIFO  E[W²] = 2ρ/(μ²(1 − ρ)³)        random  E[W²] = 4ρ/(μ²(1 − ρ)²(2 − ρ))",
        ],
        source: "Coffman, Muntz & Trotter 1970; Takács 1963; Kingman 1962",
        arguments: &[
            LAMBDA,
            MU,
            may("work", Kind::Time, "also the mean sojourn of this much work under sharing"),
            T,
        ],
        example: "--lambda 80/s --mu 100/s --work 20ms --t 100ms",
        solve: |given| {
            let (lambda, mu) = (given.number("lambda"), given.number("mu"));
            stable(lambda, mu, "μ", "--mu")?;
            let answers = given
                .answers()
                .time("sojourn.mean", "mean sojourn, any order", mm1::sojourn_mean(lambda, mu))
                .spread(
                    "ps.sd",
                    "sd of sojourn, shared",
                    discipline::sojourn_variance_ps(lambda, mu),
                )
                .spread("fifo.wait.sd", "sd of wait, FIFO", mm1::wait_variance(lambda, mu))
                .spread(
                    "lifo.wait.sd",
                    "sd of wait, LIFO",
                    discipline::wait_variance_lifo(lambda, mu),
                )
                .spread(
                    "random.wait.sd",
                    "sd of wait, random order",
                    discipline::wait_variance_random(lambda, mu),
                )
                .quantiles("lifo.wait", "wait, LIFO", |p| {
                    discipline::wait_quantile_lifo(lambda, mu, p)
                })
                .tail("lifo.wait.tail", "wait, LIFO", given.maybe("t"), |t| {
                    discipline::wait_tail_lifo(lambda, mu, t)
                });
            Ok(match given.maybe("work") {
                None => answers,
                Some(work) => {
                    let label = format!("mean sojourn of {}, shared", Unit::Seconds.human(work));
                    answers.time("ps.mean", &label, discipline::sojourn_mean_ps(work, lambda / mu))
                }
            })
        },
    },
    Form {
        name: "priority",
        about: "M/M/1 with classes, the first the highest, FIFO within a class",
        formula: &[
            "not interrupted  E[W_k] = W₀/((1 − σ_{k−1})(1 − σ_k)), W₀ = Σ λᵢE[Sᵢ²]/2",
            "interrupted      E[T_k] = E[S_k]/(1 − σ_{k−1}) + Σ_{i≤k} λᵢE[Sᵢ²]/(2(1 − σ_{k−1})(1 − σ_k))",
        ],
        source: "Cobham 1954; White & Christie 1958; Gross 2008, §3.4",
        arguments: &[
            must("lambdas", Kind::Rates, "arrival rate of each class"),
            must("means", Kind::Times, "mean exponential service of each class"),
        ],
        example: "--lambdas 20/s,50/s --means 10ms,10ms",
        solve: by_priority,
    },
    Form {
        name: "breakdown",
        about: "one server that breaks down and is repaired; interrupted work resumes",
        formula: &[
            "at any time  E[N] = λ[(ξ + η)² + μξ]/((ξ + η)(μη − λ(ξ + η)))",
            "only while serving  Pollaczek–Khinchine on E[S](1 + ξE[R])",
        ],
        source: "White & Christie 1958; Gaver 1962",
        arguments: &[
            LAMBDA,
            MU,
            must("up", Kind::Time, "mean time between failures 1/ξ, exponential"),
            must("repair", Kind::Time, "mean repair 1/η, exponential"),
        ],
        example: "--lambda 50/s --mu 100/s --up 10s --repair 1s",
        solve: |given| {
            let (lambda, mu) = (given.number("lambda"), given.number("mu"));
            let (fail, mend) = (1.0 / given.number("up"), 1.0 / given.number("repair"));
            let up = mend / (fail + mend);
            stable(lambda, mu * up, "μ × the share of time up", "--mu")?;
            let in_system = breakdown::in_system_mean_any_time(lambda, mu, fail, mend);
            let (service, repair) =
                (Moments::exponential(1.0 / mu), Moments::exponential(1.0 / mend));
            let (first, _) = breakdown::completion_moments(&service, fail, &repair);
            let serving = breakdown::sojourn_mean_while_serving(lambda, &service, fail, &repair);
            Ok(given
                .answers()
                .share("up", "share of time up", up)
                .count("in_system.mean", "mean in system, fails at any time", in_system)
                .time("sojourn.mean", "mean sojourn, fails at any time", in_system / lambda)
                .time("serving.completion", "mean from start to finish, fails while serving", first)
                .time("serving.sojourn", "mean sojourn, fails while serving", serving))
        },
    },
];

/// No steady state at or beyond saturation.
pub(super) fn stable(
    load: f64,
    capacity: f64,
    what: &str,
    option: &str,
) -> Result<(), Vec<String>> {
    if load < capacity {
        return Ok(());
    }
    let (load, capacity) = (Unit::PerSecond.human(load), Unit::PerSecond.human(capacity));
    Err(vec![format!(
        "no steady state: arrivals of {load} are not under {what} = {capacity}, so the queue grows \
         for as long as it runs; lower the arrivals or change {option}"
    )])
}

/// A tail that is summed step by step is not asked about for ever.
pub(super) fn short(t: Option<f64>, step: f64, most: f64, option: &str) -> Result<(), Vec<String>> {
    match t {
        Some(t) if t > most * step => {
            let (t, longest) = (Unit::Seconds.human(t), Unit::Seconds.human(most * step));
            Err(vec![format!("--t {t}: at most {longest} here, {most} times that of {option}")])
        }
        _ => Ok(()),
    }
}

fn by_priority(given: &Given) -> Result<Answers, Vec<String>> {
    let (lambdas, means) = (given.list("lambdas"), given.list("means"));
    if lambdas.len() != means.len() {
        let (rates, times) = (lambdas.len(), means.len());
        return Err(vec![format!(
            "{rates} rates in --lambdas, {times} times in --means; one each"
        )]);
    }
    let class = |(&lambda, &mean): (&f64, &f64)| priority::Class {
        lambda,
        service: Moments::exponential(mean),
    };
    let classes: Vec<priority::Class> = lambdas.iter().zip(means).map(class).collect();
    let waits = priority::wait_means_nonpreemptive(&classes);
    let sojourns = priority::sojourn_means_preemptive(&classes);
    let load: f64 = lambdas.iter().zip(means).map(|(lambda, mean)| lambda * mean).sum();
    let mut answers = given.answers().share("utilisation", "utilisation ρ of all", load);
    for (k, (wait, sojourn)) in waits.into_iter().zip(sojourns).enumerate() {
        let class = k + 1;
        answers = answers
            .time(
                &format!("class{class}.wait"),
                &format!("mean wait of class {class}, not interrupted"),
                wait,
            )
            .time(
                &format!("class{class}.sojourn"),
                &format!("mean sojourn of class {class}, interrupted by higher ones"),
                sojourn,
            );
    }
    Ok(answers)
}
