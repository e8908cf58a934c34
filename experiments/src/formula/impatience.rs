//! Those who do not wait for ever: timeouts, deadlines, patience.

use super::Form;
use super::kind::{Kind, LAMBDA, MU, SERVERS, may, must};
use super::queues::stable;
use brownout_core::theory::{erlang_a, poisson, timeout};

const TAU: super::Argument = must("timeout", Kind::Time, "timeout τ");

pub(super) const FORMS: &[Form] = &[
    Form {
        name: "timeout-queue",
        about: "M/M/1+D: a request leaves the queue after τ; what is in service is finished",
        formula: &["P(timeout) = p₀ρe^{−(μ−λ)τ}, p₀ = [1 + λ∫₀^τ e^{−(μ−λ)x}dx + ρe^{−(μ−λ)τ}]⁻¹"],
        source: "Barrer 1957; Baccelli, Boyer & Hébuterne 1984",
        arguments: &[
            LAMBDA,
            MU,
            TAU,
            may("t", Kind::TimeOrNone, "also P(wait > t) of those served"),
        ],
        example: "--lambda 9/s --mu 10/s --timeout 300ms --t 100ms",
        solve: |given| {
            let found = timeout::queue_timeout(
                given.number("lambda"),
                given.number("mu"),
                given.number("timeout"),
            );
            Ok(given
                .answers()
                .share("miss", "P(timeout)", found.prob_timeout)
                .rate("goodput", "goodput", found.goodput)
                .share("empty", "P(server idle)", found.prob_empty)
                .time("wait.mean", "mean wait of those served", found.wait_mean_served)
                .time("sojourn.mean", "mean sojourn of those served", found.sojourn_mean_served)
                .tail("wait.tail", "wait of those served", given.maybe("t"), |t| {
                    found.wait_tail_served(t)
                }))
        },
    },
    Form {
        name: "timeout-abort",
        about: "M/M/1 whose requests vanish at τ wherever they are: deadlines passed on in full",
        formula: &["P(miss) = p₀e^{−(μ−λ)τ}, p₀ = [1 + λ∫₀^τ e^{−(μ−λ)x}dx]⁻¹"],
        source: "Baccelli, Boyer & Hébuterne 1984; Cohen 1982",
        arguments: &[LAMBDA, MU, TAU],
        example: "--lambda 12/s --mu 10/s --timeout 300ms",
        solve: |given| {
            let found = timeout::deadline_abort(
                given.number("lambda"),
                given.number("mu"),
                given.number("timeout"),
            );
            Ok(given
                .answers()
                .share("miss", "P(deadline missed)", found.prob_miss)
                .rate("goodput", "goodput", found.goodput)
                .share("empty", "P(server idle)", found.prob_empty))
        },
    },
    Form {
        name: "timeout-unheard",
        about: "M/M/1 whose callers leave after τ while the server does all the work",
        formula: &["P(timeout) = e^{−(μ−λ)τ}        wasted = E[S; W + S > τ]/E[S]"],
        source: "from the sojourn of M/M/1 and its two independent parts",
        arguments: &[LAMBDA, MU, TAU],
        example: "--lambda 9/s --mu 10/s --timeout 1s",
        solve: |given| {
            let (lambda, mu) = (given.number("lambda"), given.number("mu"));
            stable(lambda, mu, "μ", "--mu")?;
            let found = timeout::no_cancel(lambda, mu, given.number("timeout"));
            Ok(given
                .answers()
                .share("miss", "P(timeout)", found.prob_timeout)
                .rate("goodput", "goodput", found.goodput)
                .share("wasted", "work done for nobody", found.wasted_work_fraction))
        },
    },
    Form {
        name: "erlang-a",
        about: "M/M/c+M (Erlang A): those who wait leave after an exponential patience",
        formula: &["πₙ₊₁(min(n + 1, c)μ + (n + 1 − c)⁺θ) = πₙλ        P(leave) = θE[Nq]/λ"],
        source: "Palm 1946; Garnett, Mandelbaum & Reiman 2002",
        arguments: &[LAMBDA, MU, SERVERS, must("patience", Kind::Time, "mean patience 1/θ")],
        example: "--lambda 110/s --mu 10/s --servers 10 --patience 1s",
        solve: |given| {
            let (lambda, mu, c) =
                (given.number("lambda"), given.number("mu"), given.count("servers"));
            let patience = given.number("patience");
            if lambda * patience > 1e7 {
                return Err(vec![
                    "--patience: over ten million arrivals in it; the chain would be too long; \
                     `mmc` has no patience at all"
                        .to_owned(),
                ]);
            }
            let found = erlang_a::solve(lambda, mu, c, 1.0 / patience);
            Ok(given
                .answers()
                .share("wait.prob", "P(wait > 0)", found.prob_wait)
                .share("abandon", "P(leave)", found.prob_abandon)
                .share("utilisation", "utilisation ρ", found.utilisation)
                .count("queue.mean", "mean waiting", found.queue_mean)
                .time("wait.mean", "mean wait of all", found.wait_mean)
                .time("wait.served", "mean wait of those served", found.wait_mean_served))
        },
    },
    Form {
        name: "hops",
        about: "n exponential hops in a row, no queues: what a deadline over all of them buys",
        formula: &[
            "P(X > t) = P(Poisson(t/m) < n)        quantiles of a sum are not sums of quantiles",
        ],
        source: "the Erlang law; Gross, Shortle, Thompson & Harris 2008, §1.9",
        arguments: &[
            must("hops", Kind::Count(1, 10_000), "hops n"),
            must("mean", Kind::Time, "mean of each hop m"),
            may("t", Kind::TimeOrNone, "also P(all hops > t), a deadline over all"),
            may("n", Kind::Count(0, 100_000), "also P(n events in t), a Poisson number"),
        ],
        example: "--hops 10 --mean 680us --t 10ms --n 12",
        solve: |given| {
            let (hops, mean) = (given.count("hops"), given.number("mean"));
            let t = given.maybe("t");
            let mut answers = given
                .answers()
                .time("mean", "mean of all hops", f64::from(hops) * mean)
                .quantiles("all", "all hops", |p| poisson::erlang_quantile(hops, mean, p));
            if let Some(t) = t {
                let late = poisson::erlang_tail(hops, mean, t);
                answers = answers.share("late", "P(all hops take longer than t)", late).share(
                    "within",
                    "P(all hops within t)",
                    1.0 - late,
                );
            }
            Ok(match (given.maybe("n"), t) {
                (Some(n), Some(t)) => {
                    let (at, below) =
                        (poisson::pmf(t / mean, n as u32), poisson::cdf(t / mean, n as u32));
                    answers.share("poisson.pmf", &format!("P({n} hops end in t)"), at).share(
                        "poisson.cdf",
                        &format!("P(at most {n} hops end in t)"),
                        below,
                    )
                }
                _ => answers,
            })
        },
    },
];
