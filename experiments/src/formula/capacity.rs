//! Several servers: M/M/c, the Erlang formulas, M/M/c/K, M/G/∞, birth–death chains.

use super::Form;
use super::kind::{Kind, LAMBDA, MU, SERVERS, T, may, must};
use super::queues::stable;
use brownout_core::theory::{birth_death, mginf, mmc, mmck};

pub(super) const FORMS: &[Form] = &[
    Form {
        name: "mmc",
        about: "M/M/c: c servers, one queue, first come first served (Erlang C)",
        formula: &[
            "a = λ/μ        ρ = a/c        C = P(W > 0), Erlang C",
            "E[W] = C/(cμ − λ)        P(W > t) = C e^{−(cμ−λ)t}        E[T] = E[W] + 1/μ",
        ],
        source: "Erlang 1917; Gross, Shortle, Thompson & Harris 2008, §2.3",
        arguments: &[
            LAMBDA,
            MU,
            SERVERS,
            T,
            may("n", Kind::Count(0, 1_000_000), "also P(N = n) for this n"),
        ],
        example: "--lambda 80/s --mu 10/s --servers 10 --t 100ms --n 10",
        solve: |given| {
            let (lambda, mu, c) =
                (given.number("lambda"), given.number("mu"), given.count("servers"));
            stable(lambda, f64::from(c) * mu, "cμ", "--mu or --servers")?;
            let answers = given
                .answers()
                .count("load", "offered load a, erlangs", lambda / mu)
                .share("utilisation", "utilisation ρ", lambda / mu / f64::from(c))
                .share("wait.prob", "P(wait > 0)", mmc::prob_wait(lambda, mu, c))
                .time("wait.mean", "mean wait", mmc::wait_mean(lambda, mu, c))
                .spread("wait.sd", "sd of wait", mmc::wait_variance(lambda, mu, c))
                .quantiles("wait", "wait", |p| mmc::wait_quantile(lambda, mu, c, p))
                .tail("wait.tail", "wait", given.maybe("t"), |t| mmc::wait_tail(lambda, mu, c, t))
                .time("sojourn.mean", "mean sojourn", mmc::sojourn_mean(lambda, mu, c))
                .spread("sojourn.sd", "sd of sojourn", mmc::sojourn_variance(lambda, mu, c))
                .quantiles("sojourn", "sojourn", |p| mmc::sojourn_quantile(lambda, mu, c, p))
                .tail("sojourn.tail", "sojourn", given.maybe("t"), |t| {
                    mmc::sojourn_tail(lambda, mu, c, t)
                })
                .count("in_system.mean", "mean in system", mmc::in_system_mean(lambda, mu, c))
                .count("queue.mean", "mean waiting", mmc::queue_mean(lambda, mu, c));
            Ok(match given.maybe("n") {
                None => answers,
                Some(n) => {
                    let found = mmc::in_system_pmf(lambda, mu, c, n as u32);
                    answers.share("in_system.pmf", &format!("P(in system = {n})"), found)
                }
            })
        },
    },
    Form {
        name: "erlang",
        about: "Erlang B and C: the chance of being refused, or of having to wait",
        formula: &[
            "B = (aᶜ/c!)/Σ_{k≤c} aᵏ/k!, nobody waits        C = B/(1 − ρ(1 − B)), everybody may",
        ],
        source: "Erlang 1917; Sevastyanov 1957 (B for any law of service)",
        arguments: &[must("load", Kind::Number(0.0), "offered load a = λ/μ, erlangs"), SERVERS],
        example: "--load 8 --servers 10",
        solve: |given| {
            let (a, c) = (given.number("load"), given.count("servers"));
            Ok(given.answers().share("block", "P(refused), Erlang B", mmc::erlang_b(a, c)).share(
                "wait.prob",
                "P(wait > 0), Erlang C",
                mmc::erlang_c(a, c),
            ))
        },
    },
    Form {
        name: "mmck",
        about: "M/M/c/K: at most K in the system, the rest refused",
        formula: &["πₙ₊₁ min(n + 1, c)μ = πₙ λ, n < K        P(refused) = π_K"],
        source: "Gross, Shortle, Thompson & Harris 2008, §2.4",
        arguments: &[
            LAMBDA,
            MU,
            SERVERS,
            must("capacity", Kind::Count(1, 10_000), "places K, those in service included"),
            T,
        ],
        example: "--lambda 120/s --mu 10/s --servers 10 --capacity 30 --t 100ms",
        solve: |given| {
            let (lambda, mu, c) =
                (given.number("lambda"), given.number("mu"), given.count("servers"));
            let places = given.count("capacity");
            if places < c {
                return Err(vec![format!(
                    "--capacity {places} is under --servers {c}: it counts those in service"
                )]);
            }
            let found = mmck::solve(lambda, mu, c, places);
            Ok(given
                .answers()
                .share("block", "P(refused)", found.prob_block)
                .rate("throughput", "throughput", found.throughput)
                .share("utilisation", "utilisation ρ", found.utilisation)
                .count("in_system.mean", "mean in system", found.in_system_mean)
                .time("wait.mean", "mean wait of those let in", found.wait_mean)
                .quantiles("wait", "wait", |p| found.wait_quantile(p))
                .tail("wait.tail", "wait", given.maybe("t"), |t| found.wait_tail(t))
                .time("sojourn.mean", "mean sojourn of those let in", found.sojourn_mean))
        },
    },
    Form {
        name: "mginf",
        about: "M/G/∞: a server for everybody; the number in service is Poisson",
        formula: &[
            "P(N = n) = e^{−a}aⁿ/n!, a = λE[S], whatever the law of service (insensitivity)",
        ],
        source: "Takács 1962, ch. 3",
        arguments: &[
            LAMBDA,
            must("service", Kind::Time, "mean service E[S]"),
            may("n", Kind::Count(0, 1_000_000), "also P(N = n) for this n"),
            may("t", Kind::Time, "also the mean at this moment, started empty"),
        ],
        example: "--lambda 40/s --service 250ms --n 10 --t 100ms",
        solve: |given| {
            let (lambda, service) = (given.number("lambda"), given.number("service"));
            let mut answers = given.answers().count(
                "in_system.mean",
                "mean (and variance) in service",
                mginf::in_system_mean(lambda, service),
            );
            if let Some(n) = given.maybe("n") {
                let found = mginf::in_system_pmf(lambda, service, n as u32);
                answers = answers.share("in_system.pmf", &format!("P(in service = {n})"), found);
            }
            if let Some(t) = given.maybe("t") {
                let exponential = mginf::in_system_mean_at_exponential(lambda, service, t);
                let constant = mginf::in_system_mean_at_deterministic(lambda, service, t);
                answers = answers
                    .count("at.exponential", "mean at t from empty, exponential", exponential)
                    .count("at.constant", "mean at t from empty, constant", constant);
            }
            Ok(answers)
        },
    },
    Form {
        name: "birth-death",
        about: "a chain of states, one step up or down: how likely each is",
        formula: &["πₙ₊₁ · down(n + 1) = πₙ · up(n)        Σ πₙ = 1"],
        source: "Gross, Shortle, Thompson & Harris 2008, §2.1",
        arguments: &[
            must("up", Kind::Rates, "rate from each state to the next, from state 0"),
            must("down", Kind::Rates, "rate from each state to the one before, from state 1"),
        ],
        example: "--up 5/s,5/s,5/s --down 2/s,4/s,6/s",
        solve: |given| {
            let (up, down) = (given.list("up"), given.list("down"));
            if up.len() != down.len() {
                let (ups, downs) = (up.len(), down.len());
                return Err(vec![format!(
                    "{ups} rates in --up, {downs} in --down; as many of each"
                )]);
            }
            let top = up.len() as u32;
            let pmf = birth_death::stationary(|n| up[n as usize], |n| down[n as usize - 1], top);
            let mut answers = given
                .answers()
                .count("mean", "mean state", birth_death::mean(&pmf))
                .count("var", "variance of the state", birth_death::variance(&pmf));
            for (n, p) in pmf.iter().enumerate() {
                answers = answers.share(&format!("state{n}"), &format!("P(state {n})"), *p);
            }
            Ok(answers)
        },
    },
];
