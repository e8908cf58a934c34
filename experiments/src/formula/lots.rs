//! The slowest of many, the first of two, and balls in bins.

use super::answer::Answers;
use super::kind::{Kind, may, must, or};
use super::{Form, Given};
use brownout_core::theory::{bins, fan_out, hedge};

pub(super) const FORMS: &[Form] = &[
    Form {
        name: "hedge",
        about: "a second attempt after a delay d, the first answer wins: L = min(X, d + Y)",
        formula: &["P(L > t) = P(X > t)P(Y > t − d)        second attempts per call = P(X > d)"],
        source: "Dean & Barroso, The tail at scale, 2013",
        arguments: &[
            must("service", Kind::Law, "law of X and of Y"),
            must("delay", Kind::TimeOrNone, "delay d before the second attempt"),
            may("t", Kind::TimeOrNone, "also P(latency > t)"),
        ],
        example: "--service 'LogNormal(p50: \"40ms\", p99: \"400ms\")' --delay 100ms --t 300ms",
        solve: hedged,
    },
    Form {
        name: "fan-out",
        about: "a request that needs all of n independent calls is as slow as the slowest",
        formula: &[
            "P(any slow) = 1 − (1 − p)ⁿ        E[max] = m(1 + 1/2 + … + 1/n) for exponentials",
        ],
        source: "Dean & Barroso, The tail at scale, 2013; Rényi 1953",
        arguments: &[
            must("calls", Kind::Count(1, 1_000_000), "calls n"),
            or("slow", Kind::Share, "1%", "chance p that one call is slow, or fails"),
            may("mean", Kind::Time, "also the mean of the slowest, each exponential of mean m"),
        ],
        example: "--calls 100 --slow 1% --mean 10ms",
        solve: |given| {
            let (calls, slow) = (given.count("calls"), given.number("slow"));
            let mut answers = given
                .answers()
                .share("any", "P(any call is slow)", fan_out::prob_any(slow, calls))
                .share("all", "P(no call is)", fan_out::prob_all(1.0 - slow, calls))
                .share(
                    "leaf.p50",
                    "quantile of one call that is the median of all",
                    fan_out::leaf_level(0.5, calls),
                )
                .share(
                    "leaf.p99",
                    "quantile of one call that is the p99 of all",
                    fan_out::leaf_level(0.99, calls),
                );
            if let Some(mean) = given.maybe("mean") {
                let slowest = fan_out::max_mean_exponential(mean, calls);
                answers = answers.time("max.mean", "mean of the slowest", slowest);
            }
            Ok(answers)
        },
    },
    Form {
        name: "bins",
        about: "balls in bins: n clients that choose a moment, or a server, by lot",
        formula: &["K binomial (n, p), p = 1/bins or the share of the window that one takes"],
        source: "the binomial law; the greatest of all bins by exact enumeration",
        arguments: &[
            must("balls", Kind::Count(1, 10_000), "balls n"),
            may("bins", Kind::Count(1, 1_000), "bins, p = 1/bins; or give --window and --slot"),
            may("window", Kind::Time, "window that the moments are spread over"),
            may("slot", Kind::Time, "how much of it each takes"),
            or("limit", Kind::Count(0, 10_000), "1", "also P(more than so many)"),
        ],
        example: "--balls 20 --bins 10 --limit 3",
        solve: thrown,
    },
];

fn hedged(given: &Given) -> Result<Answers, Vec<String>> {
    let (law, delay) = (given.law("service"), given.number("delay"));
    if law.cdf(0.0).is_none() {
        let name = law.name();
        return Err(vec![format!("--service: {name} has an order instead of chances")]);
    }
    let tail = |t: f64| 1.0 - law.cdf(t * 1e9).expect("it was asked before");
    let mean = law.mean() / 1e9;
    let scale = if mean.is_finite() && mean > 0.0 { mean } else { 1.0 };
    let extra = hedge::extra(tail, delay);
    let answers = given
        .answers()
        .share("extra", "second attempts per call", extra)
        .ratio("attempts", "attempts per call", 1.0 + extra)
        .share(
            "limit",
            "utilisation that leaves room for them, if losers run on",
            hedge::utilisation_limit(extra),
        )
        .quantiles("latency", "latency", |p| hedge::latency_quantile(tail, delay, p, scale))
        .quantiles("plain", "latency without hedging", |p| {
            hedge::latency_quantile(tail, f64::INFINITY, p, scale)
        })
        .tail("latency.tail", "latency", given.maybe("t"), |t| hedge::latency_tail(tail, delay, t))
        .tail("plain.tail", "latency without hedging", given.maybe("t"), tail);
    Ok(match law {
        brownout_core::dist::Dist::Exp(_) => answers.time(
            "latency.mean",
            "mean latency",
            hedge::latency_mean_exponential(mean, delay),
        ),
        _ => answers,
    })
}

fn thrown(given: &Given) -> Result<Answers, Vec<String>> {
    let balls = given.count("balls");
    let limit = given.count("limit");
    let spread = (given.maybe("window"), given.maybe("slot"));
    let p = match (given.maybe("bins"), spread) {
        (Some(bins), (None, None)) => 1.0 / bins,
        (None, (Some(window), Some(slot))) if slot <= window => slot / window,
        (None, (Some(_), Some(_))) => {
            return Err(vec!["--slot must not be longer than --window".to_owned()]);
        }
        _ => {
            return Err(vec!["give either --bins, or --window and --slot".to_owned()]);
        }
    };
    let answers = given
        .answers()
        .count("mean", "mean in one bin, or at one moment", f64::from(balls) * p)
        .share("pmf", &format!("P(just {limit} there)"), bins::pmf(balls, p, limit))
        .share("tail", &format!("P(more than {limit} there)"), bins::tail(balls, p, limit));
    Ok(match given.maybe("bins") {
        // The exact greatest of many balls in many bins takes long.
        Some(bins) if f64::from(balls) * f64::from(balls) * bins <= 4e6 => {
            let most = bins::max_mean(balls, bins as u32);
            answers.count("max.mean", "mean of the fullest bin", most)
        }
        _ => answers,
    })
}
