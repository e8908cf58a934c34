//! What is kept, done and lent: commits whose answers are lost, followers that lag, caches, pools
//! of connections.

use super::kind::{Kind, LAMBDA, MU, SERVERS, may, must, or};
use super::{Argument, Form};
use brownout_core::theory::{cache, once, pool, replica};
use brownout_policies::math;

/// The order of an LRU cache takes nᶜ steps: more than this is not waited for.
const STEPS_MAX: f64 = 1e6;

const KEYS: Argument = must("keys", Kind::Count(1, 100_000), "keys n");
const EXPONENT: Argument =
    or("exponent", Kind::Number(0.0), "1", "Zipf's s: the k-th key is asked for as k^−s");

pub(super) const FORMS: &[Form] = &[
    Form {
        name: "commits",
        about: "work done once, twice, or done and reported as failed, when messages are lost",
        formula: &[
            "f = q + (1 − q)p        done = (1 − q)(1 − fⁿ⁺¹)/(1 − f), at all with 1 − qⁿ⁺¹",
            "done, and reported as failed = fⁿ⁺¹ − qⁿ⁺¹",
        ],
        source: "elementary; Gray 1978 for the two generals",
        arguments: &[
            or("forth", Kind::Share, "0%", "chance q that a request is lost"),
            must("back", Kind::Share, "chance p that the answer to what was done is lost"),
            or("retries", Kind::Count(0, 1_000), "0", "retries n after the first attempt"),
            or("late", Kind::Share, "0%", "chance that the work outlasts the caller's patience"),
        ],
        example: "--forth 2% --back 5% --retries 2 --late 1%",
        solve: |given| {
            let (forth, back) = (given.number("forth"), given.number("back"));
            let n = given.count("retries");
            let (fails, late) = (once::attempt_fails(forth, back), given.number("late"));
            let (mean, at_all) = (once::done_mean(forth, back, n), once::done_prob(forth, n));
            let twice = once::duplicates_mean(forth, back, n);
            let ambiguous = once::ambiguous_prob(forth, back, n);
            let alone = once::late_or_lost_prob(late, back);
            Ok(given
                .answers()
                .share("fails", "P(an attempt fails)", fails)
                .ratio("done", "times it is done per call, without a key", mean)
                .share("done.any", "P(it is done at all)", at_all)
                .ratio("duplicates", "times too often per call, without a key", twice)
                .share("ambiguous", "P(done, and reported as failed)", ambiguous)
                .share("ambiguous.one", "the same of one attempt that may be late", alone))
        },
    },
    Form {
        name: "followers",
        about: "what a follower lacks of a primary's writes, and loses if it is elected",
        formula: &["P(behind) = 1 − e^−λE[lag]        lacks λ·lag if the lag is always the same"],
        source: "M/G/∞; elementary",
        arguments: &[LAMBDA, must("lag", Kind::Time, "mean time that a write is on its way")],
        example: "--lambda 100/s --lag 50ms",
        solve: |given| {
            let (lambda, lag) = (given.number("lambda"), given.number("lag"));
            let constant = replica::lacks_constant(lambda, lag);
            let exponential = replica::lacks_exponential(lambda, lag);
            let age = replica::age_constant(lambda, lag);
            let age_exponential = replica::age_exponential(lambda, lag);
            Ok(given
                .answers()
                .share("behind", "P(it lacks anything)", replica::prob_behind(lambda, lag))
                .count("lacks", "writes that it lacks, lag always the same", constant)
                .count("lacks.exponential", "the same, lag exponential", exponential)
                .time("age", "age of the oldest it lacks, lag always the same", age)
                .time("age.exponential", "the same, lag exponential", age_exponential))
        },
    },
    Form {
        name: "cache",
        about: "hit ratio of a cache whose keys are asked for by Zipf's law",
        formula: &["ttl: Σλᵢ(λᵢ·ttl/(1 + λᵢ·ttl))/λ        LRU: King's sum over what is there"],
        source: "Jung, Berger & Balakrishnan 2003; King 1971",
        arguments: &[
            KEYS,
            EXPONENT,
            LAMBDA,
            must("ttl", Kind::Time, "how long an entry lives"),
            may("capacity", Kind::Count(1, 100), "also of an LRU cache with room for so many"),
        ],
        example: "--keys 20 --lambda 100/s --ttl 1s --capacity 3",
        solve: |given| {
            let (keys, lambda) = (given.count("keys"), given.number("lambda"));
            let popularity = cache::zipf(keys, given.number("exponent"));
            let rates: Vec<f64> = popularity.iter().map(|share| share * lambda).collect();
            let by_age = cache::ttl_hit_ratio(&rates, given.number("ttl"));
            let mut answers =
                given.answers().share("hits.ttl", "hit ratio by age, with room for all", by_age);
            if let Some(capacity) = given.maybe("capacity") {
                if math::powi(f64::from(keys), capacity as u32) > STEPS_MAX {
                    let wrong = "--capacity: the sum over what is there has over 10⁶ terms";
                    return Err(vec![wrong.to_owned()]);
                }
                let hits = cache::lru_hit_ratio(&popularity, capacity as usize);
                answers = answers.share("hits.lru", "hit ratio of the LRU cache", hits);
            }
            Ok(answers)
        },
    },
    Form {
        name: "pool",
        about: "M/M/c+D: a pool of connections whose users wait for one for so long at most",
        formula: &["P(timeout) = v(τ)/(cμ), v the density of the virtual wait; any λ"],
        source: "Baccelli & Hébuterne 1981",
        arguments: &[
            LAMBDA,
            MU,
            SERVERS,
            must("patience", Kind::TimeOrNone, "longest wait τ for a connection"),
        ],
        example: "--lambda 90/s --mu 10/s --servers 10 --patience 100ms",
        solve: |given| {
            let (lambda, mu, c) =
                (given.number("lambda"), given.number("mu"), given.count("servers"));
            let found = pool::solve(lambda, mu, c, given.number("patience"));
            Ok(given
                .answers()
                .share("wait", "P(no connection is free)", found.prob_wait)
                .share("timeout", "P(none becomes free in time)", found.prob_timeout)
                .count("in_use", "mean connections in use", found.in_use))
        },
    },
];
