//! What resilience policies do to load: storms, breakers, limiters, stalls.

use super::kind::{Kind, LAMBDA, MU, may, must, or};
use super::{Argument, Form};
use brownout_core::theory::{breaker, limiter, omission, storm};

const TAU: Argument = must("timeout", Kind::Time, "timeout τ of each attempt");
const RETRIES: Argument = must("retries", Kind::Count(0, 1_000), "retries r, at once");

pub(super) const FORMS: &[Form] = &[
    Form {
        name: "storm",
        about: "a retry storm in fluid arithmetic: two stable points, and what crosses between",
        formula: &[
            "dies out for certain while λ(r + 1) < μ        grows by λ(r + 1) − μ above",
            "backlog B + λΣₖ(t − kτ)⁺ − μt        critical B ≈ μτ + τΣₖ(μ − kλ)⁺",
            "fixed points of Λ = λ(1 + f + … + fʳ), f = P(T > τ) of M/M/1 at Λ (approximate)",
        ],
        source: "Bronson, Aghayev, Charapko & Zhu, HotOS 2021; the arithmetic is ours",
        arguments: &[
            LAMBDA,
            MU,
            TAU,
            RETRIES,
            or("backlog", Kind::Number(0.0), "0", "dead jobs at the start B"),
            may("t", Kind::TimeOrNone, "also the backlog at this moment, in the storm"),
        ],
        example: "--lambda 5/s --mu 10/s --timeout 5s --retries 2 --backlog 400 --t 60s",
        solve: |given| {
            let (lambda, mu) = (given.number("lambda"), given.number("mu"));
            let (tau, retries) = (given.number("timeout"), given.count("retries"));
            let points = storm::fixed_points(lambda, mu, tau, retries);
            let point = |point: Option<f64>| point.unwrap_or(f64::NAN);
            let answers = given
                .answers()
                .rate("safe", "load under which any storm dies out", storm::load_safe(mu, retries))
                .rate(
                    "drift",
                    "growth of the backlog in the storm",
                    storm::drift(lambda, mu, retries),
                )
                .count(
                    "critical",
                    "dead backlog that starts a storm (approximate)",
                    storm::backlog_critical(lambda, mu, tau, retries),
                )
                .ratio("low", "attempts per request, healthy (approximate)", point(points.low))
                .ratio(
                    "middle",
                    "attempts per request, unstable (approximate)",
                    point(points.middle),
                )
                .ratio("high", "attempts per request, in the storm", point(points.high))
                .ratio(
                    "after",
                    "attempts per request after a large trigger",
                    point(points.high.or(points.low)),
                );
            let critical = storm::backlog_critical(lambda, mu, tau, retries);
            let returns = if given.number("backlog") < critical { 1.0 } else { 0.0 };
            let answers =
                answers.share("returns", "comes back from --backlog (approximate)", returns);
            Ok(match given.maybe("t") {
                None => answers,
                Some(t) => {
                    let start = given.number("backlog");
                    let found = storm::backlog(lambda, mu, tau, retries, start, t);
                    answers.count("backlog", "mean backlog at t, in the storm", found)
                }
            })
        },
    },
    Form {
        name: "little",
        about: "Little's law under a timeout: how many calls a slow dependency holds",
        formula: &["L = λW        E[min(S, τ)] = m(1 − e^{−τ/m}) for exponential S of mean m"],
        source: "Little 1961",
        arguments: &[
            LAMBDA,
            must("mean", Kind::Time, "mean exponential service m"),
            or("timeout", Kind::Time, "100d", "timeout τ; none where it is left out"),
        ],
        example: "--lambda 400/s --mean 5s --timeout 1s",
        solve: |given| {
            let held =
                breaker::held_mean_exponential(given.number("mean"), given.number("timeout"));
            Ok(given.answers().time("held", "mean time a call is held", held).count(
                "in_flight",
                "calls in flight",
                breaker::in_flight(given.number("lambda"), held),
            ))
        },
    },
    Form {
        name: "breaker",
        about: "a breaker before a dependency that never answers: one probe in each open time",
        formula: &[
            "period = open + 1/λ + τ        in flight = τ/period        without a breaker λτ",
            "calls until n in a row fail = (f⁻ⁿ − 1)/(1 − f)",
        ],
        source: "renewal argument; Feller, An Introduction to Probability Theory I, XIII.7",
        arguments: &[
            LAMBDA,
            must("timeout", Kind::Time, "timeout τ of a call"),
            must("open", Kind::TimeOrNone, "time it stays open"),
            or("row", Kind::Count(1, 1_000), "5", "failures in a row that trip it"),
            or("fail", Kind::Share, "100%", "chance f that a call fails while closed"),
        ],
        example: "--lambda 40/s --timeout 1s --open 5s --fail 20%",
        solve: |given| {
            let (rate, tau) = (given.number("lambda"), given.number("timeout"));
            let found = breaker::open_cycle(rate, tau, given.number("open"));
            let fail = given.number("fail");
            let trips = match fail > 0.0 {
                true => breaker::calls_to_trip(fail, given.count("row")),
                false => f64::INFINITY,
            };
            Ok(given
                .answers()
                .count(
                    "without",
                    "calls in flight without a breaker",
                    breaker::in_flight(rate, tau),
                )
                .count("in_flight", "calls in flight with it", found.in_flight_mean)
                .rate("attempts", "calls that reach the dependency", found.attempt_rate)
                .time("period", "mean time from probe to probe", found.period_mean)
                .count("trip", "mean calls until it trips", trips))
        },
    },
    Form {
        name: "limit",
        about: "rate limits: the most that passes in a window, and when to come back",
        formula: &[
            "bucket: at most b + rW in any window W        fixed window: 2L around an edge",
            "retry after = (n − tokens)/r",
        ],
        source: "Cruz 1991 (arrival curves)",
        arguments: &[
            must("rate", Kind::Rate, "refill rate r"),
            must("burst", Kind::Number(0.0), "size of the bucket b"),
            must("window", Kind::Time, "window W"),
            or("tokens", Kind::Number(0.0), "0", "tokens in the bucket now"),
            or("load", Kind::Rate, "1000000/s", "offered load"),
        ],
        example: "--rate 100/s --burst 100 --window 1s --load 200/s",
        solve: |given| {
            let (rate, burst) = (given.number("rate"), given.number("burst"));
            let window = given.number("window");
            Ok(given
                .answers()
                .count(
                    "bucket",
                    "most that a bucket lets through in W",
                    limiter::bucket_admitted_max(burst, rate, window),
                )
                .time(
                    "fill",
                    "idle time that fills the bucket",
                    limiter::bucket_fill_time(burst, rate),
                )
                .count(
                    "fixed",
                    "most that a fixed window of rW lets through around an edge",
                    limiter::fixed_window_admitted_max(rate * window),
                )
                .time(
                    "retry_after",
                    "when to come back for one",
                    limiter::retry_after(1.0, given.number("tokens"), rate),
                )
                .share(
                    "admitted",
                    "share of the load that passes in the long run",
                    limiter::admitted_share(given.number("load"), rate),
                ))
        },
    },
    Form {
        name: "omission",
        about: "one stall as an open and as a closed load generator measure it",
        formula: &[
            "open: mean s + D²/(2T), p-quantile s + (D − (1 − p)T)⁺",
            "closed, one user without think time: T/((T − D)/s + ½)",
        ],
        source: "Tene, How not to measure latency, 2013; the arithmetic is ours",
        arguments: &[
            must("service", Kind::Time, "constant service s"),
            must("stall", Kind::TimeOrNone, "stall D"),
            must("time", Kind::Time, "length of the run T"),
        ],
        example: "--service 10ms --stall 5s --time 100s",
        solve: |given| {
            let (service, stall) = (given.number("service"), given.number("stall"));
            let time = given.number("time");
            if stall >= time {
                return Err(vec!["--stall must be shorter than --time, the whole run".to_owned()]);
            }
            let count = omission::closed_requests(service, stall, time);
            Ok(given
                .answers()
                .time("open.mean", "mean latency, open", omission::open_mean(service, stall, time))
                .quantiles("open", "latency, open", |p| {
                    omission::open_quantile(service, stall, time, p)
                })
                .count("closed.requests", "requests that the closed loop makes", count)
                .time(
                    "closed.mean",
                    "mean latency, closed",
                    omission::closed_mean(service, stall, time),
                ))
        },
    },
];
