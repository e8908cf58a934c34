//! Retries: how many attempts they make, what layers and budgets do to them, their waits.

use super::kind::{Kind, LAMBDA, MU, SERVERS, must, or};
use super::queues::stable;
use super::{Argument, Form};
use brownout_core::theory::retry;

const FAIL: Argument = must("fail", Kind::Share, "chance p that an attempt fails, independently");
const RETRIES: Argument =
    must("retries", Kind::Count(0, 1_000), "retries n after the first attempt");

pub(super) const FORMS: &[Form] = &[
    Form {
        name: "retries",
        about: "independent failures and n retries: a geometric series",
        formula: &["attempts = 1 + p + … + pⁿ = (1 − pⁿ⁺¹)/(1 − p)        success = 1 − pⁿ⁺¹"],
        source: "the geometric series; Brooker 2022 for its use",
        arguments: &[FAIL, RETRIES],
        example: "--fail 30% --retries 3",
        solve: |given| {
            let (fail, retries) = (given.number("fail"), given.count("retries"));
            Ok(given
                .answers()
                .ratio("attempts", "attempts per call", retry::attempts_mean(fail, retries))
                .ratio(
                    "attempts.var",
                    "variance of attempts",
                    retry::attempts_variance(fail, retries),
                )
                .share("success", "P(some attempt succeeds)", retry::success_prob(fail, retries)))
        },
    },
    Form {
        name: "layers",
        about: "retries in every layer over a dead leaf: attempts multiply",
        formula: &["attempts at the leaf = Π (retriesᵢ + 1)        budgeted = Π (1 + ratioᵢ)"],
        source: "arithmetic; Beyer et al., Site Reliability Engineering, 2016, ch. 22",
        arguments: &[
            must("retries", Kind::Counts(0), "most retries per call in each layer"),
            or("ratios", Kind::Shares, "0", "budget of each layer's retries, a share of its calls"),
        ],
        example: "--retries 3,3,3 --ratios 10%,10%,10%",
        solve: |given| {
            let attempts: Vec<u32> =
                given.list("retries").iter().map(|n| (*n as u32).saturating_add(1)).collect();
            let most = attempts.iter().map(|&n| f64::from(n)).product::<f64>();
            if most > 1e18 {
                return Err(vec!["--retries: over 10¹⁸ attempts for one request".to_owned()]);
            }
            let found = retry::layers_amplification(&attempts);
            Ok(given
                .answers()
                .ratio("attempts", "attempts at the leaf per request", found as f64)
                .ratio(
                    "budgeted",
                    "at most, with budgets",
                    retry::budgets_amplification(given.list("ratios")),
                ))
        },
    },
    Form {
        name: "budget",
        about: "retries that a budget of a share of calls must pay for, in the long run",
        formula: &[
            "attempts = min(1 + ratio, (1 − pⁿ⁺¹)/(1 − p))        success = attempts × (1 − p)",
        ],
        source: "fluid limit of a large bucket; Brooker 2022",
        arguments: &[
            FAIL,
            RETRIES,
            must("ratio", Kind::Share, "retries per call that are paid for"),
        ],
        example: "--fail 30% --retries 3 --ratio 10%",
        solve: |given| {
            let (fail, retries) = (given.number("fail"), given.count("retries"));
            let attempts = retry::budgeted_attempts_mean(fail, retries, given.number("ratio"));
            Ok(given
                .answers()
                .ratio("attempts", "attempts per call", attempts)
                .share("success", "share of calls that succeed", attempts * (1.0 - fail))
                .share(
                    "unbudgeted",
                    "the same without a budget",
                    retry::success_prob(fail, retries),
                ))
        },
    },
    Form {
        name: "feedback",
        about: "M/M/1 whose failures go back to the tail at once, for ever",
        formula: &["E[latency] = 1/(μ(1 − p) − λ)"],
        source: "Takács 1963",
        arguments: &[LAMBDA, MU, FAIL],
        example: "--lambda 50/s --mu 100/s --fail 20%",
        solve: |given| {
            let (lambda, mu, fail) =
                (given.number("lambda"), given.number("mu"), given.number("fail"));
            stable(lambda, mu * (1.0 - fail), "μ(1 − p)", "--mu or --fail")?;
            let found = retry::feedback_latency_mean(lambda, mu, fail);
            Ok(given.answers().time("latency.mean", "mean latency", found))
        },
    },
    Form {
        name: "retry-station",
        about: "M/M/c with retries after backoffs: station and waits in product form",
        formula: &[
            "station = M/M/c at λ × attempts        in backoff = Poisson of λ × total backoff",
        ],
        source: "Baskett, Chandy, Muntz & Palacios 1975; Kelly 1979",
        arguments: &[
            LAMBDA,
            MU,
            SERVERS,
            FAIL,
            must("backoffs", Kind::Times, "mean wait before each retry, one per retry"),
        ],
        example: "--lambda 50/s --mu 10/s --servers 10 --fail 20% --backoffs 100ms,200ms,400ms",
        solve: |given| {
            let (lambda, mu, c) =
                (given.number("lambda"), given.number("mu"), given.count("servers"));
            let (fail, backoffs) = (given.number("fail"), given.list("backoffs"));
            let attempts = retry::attempts_mean(fail, backoffs.len() as u32);
            stable(lambda * attempts, f64::from(c) * mu, "cμ", "--mu, --servers or --backoffs")?;
            let found = retry::product_form(lambda, mu, c, fail, backoffs);
            Ok(given
                .answers()
                .ratio("attempts", "attempts per call", found.attempts_mean)
                .rate("attempts.rate", "attempts at the station", found.attempt_rate)
                .share("success", "P(some attempt succeeds)", found.prob_success)
                .share("utilisation", "utilisation ρ", found.utilisation)
                .count("in_station.mean", "mean at the station", found.in_station_mean)
                .time("sojourn.mean", "mean sojourn of an attempt", found.sojourn_mean_per_attempt)
                .time(
                    "backoff.mean",
                    "mean of a call's backoffs together",
                    found.backoff_mean_total,
                )
                .count("in_backoff.mean", "mean in backoff", found.in_backoff_mean)
                .time("latency.mean", "mean latency, failures included", found.latency_mean))
        },
    },
    Form {
        name: "retrial",
        about: "one server that refuses when busy; the refused come back for ever",
        formula: &["E[orbit] = ρ/(1 − ρ) · (λ/γ + ρ)        P(busy) = ρ"],
        source: "Falin & Templeton, Retrial Queues, 1997, ch. 1",
        arguments: &[LAMBDA, MU, must("backoff", Kind::Time, "mean time between attempts 1/γ")],
        example: "--lambda 50/s --mu 100/s --backoff 100ms",
        solve: |given| {
            let (lambda, mu) = (given.number("lambda"), given.number("mu"));
            stable(lambda, mu, "μ", "--mu")?;
            let found = retry::retrial(lambda, mu, 1.0 / given.number("backoff"));
            Ok(given
                .answers()
                .share("busy", "P(server busy)", found.prob_busy)
                .count("orbit.mean", "mean between attempts", found.orbit_mean)
                .time(
                    "orbit.time",
                    "mean time between attempts, all requests",
                    found.orbit_time_mean,
                )
                .ratio("attempts", "attempts per request", found.attempts_mean))
        },
    },
    Form {
        name: "jitter",
        about: "the wait before a retry: exponential window, full, equal and decorrelated jitter",
        formula: &[
            "window w = min(cap, base·2ᵏ)        full U(0, w)        equal w/2 + U(0, w/2)",
            "decorrelated sₖ = U(base, 3sₖ₋₁), without a cap",
        ],
        source: "Brooker, Exponential Backoff And Jitter, AWS Architecture Blog 2015",
        arguments: &[
            must("base", Kind::Time, "base"),
            or("cap", Kind::Time, "1h", "cap of the window"),
            must(
                "step",
                Kind::Count(0, 40),
                "step k: 0 or 1 before the first retry, by convention",
            ),
        ],
        example: "--base 100ms --cap 20s --step 3",
        solve: |given| {
            let (base, step) = (given.number("base"), given.count("step"));
            let window = retry::backoff_window(base, given.number("cap"), step);
            let (full, equal) = (retry::full_jitter(window), retry::equal_jitter(window));
            let decorrelated = retry::decorrelated_jitter(base, step);
            Ok(given
                .answers()
                .time("window", "window, the wait without jitter", window)
                .time("full.mean", "mean wait, full jitter", full.mean)
                .spread("full.sd", "sd of wait, full jitter", full.variance)
                .time("equal.mean", "mean wait, equal jitter", equal.mean)
                .spread("equal.sd", "sd of wait, equal jitter", equal.variance)
                .time("decorrelated.mean", "mean wait, decorrelated", decorrelated.mean)
                .spread("decorrelated.sd", "sd of wait, decorrelated", decorrelated.variance))
        },
    },
];
