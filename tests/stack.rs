//! A stack of policies read by itself is the one that an experiment reads, and what is wrong with
//! one is said in the same words.

use brownout::spec::{LoadOptions, load};
use brownout_policies::stack::{self, Stack};

/// Stacks that are right; every kind is among them.
const RIGHT: &[&str] = &[
    r#"[Timeout("1s")]"#,
    r#"[Timeout(Exp(mean: "1s")), Timeout(after: Const("1s")), Timeout(Exp("1s"))]"#,
    r#"[Deadline(total: "2s", reserve: "20ms"), Retry(times: 2), Timeout(after: "300ms")]"#,
    r#"[Retry(times: Unlimited, wait: "5ms", hint: Exact, idempotent: false)]"#,
    r#"[Retry(times: 3, wait: Backoff(like: Polly), budget: Budget(like: Envoy, scope: Fleet))]"#,
    r#"[Retry(times: 3, wait: Random("1s"), budget: Bucket(cap: 10, per_success: 0.1))]"#,
    r#"[Hedge(after: "p95", extra: 2, budget: Ratio(share: "5%", scope: Caller))]"#,
    r#"[Fallback(on: [TimedOut, Refused]), Breaker(like: Resilience4j, min_calls: 10)]"#,
    r#"[RateLimit(like: Governor, scope: Caller), Concurrency(like: Vegas), Bulkhead, Throttle]"#,
    r#"[AdaptiveRate, AdaptiveRate(like: Botocore, rate_min: "2/s", scope: Fleet)]"#,
];

/// Stacks with something wrong in them.
const WRONG: &[&str] = &[
    r#"[Timeout(1)]"#,
    r#"[Timeout(Exp("0s")), Timeout(Uniform("1s", "2s")), Timeout(Exp(median: "1s"))]"#,
    r#"[Timeout("0s"), Timeout("1m", "2m"), Timeout("-1s"), Timeout("1 sec")]"#,
    r#"[Retry(tims: 3, wait: Exponential(from: "2s", cap: "1s"), budget: Ratio(share: "110%"))]"#,
    r#"[Retry(times: -1, wait: Lineer("1s"), on: [Fatl], hint: Perhaps, idempotent: 1)]"#,
    r#"[Breaker(like: Poly, scope: Nobody), Breaker(min_cals: 3), Breaker(probes: 0, buckets: 0)]"#,
    r#"[Hedge(after: "p100", extra: 99, budget: Bucket(cap: 1, initial: 2)), Bulkhead(3)]"#,
    r#"[Cache, Timout("1s"), 3, "Retry", Fallback(on: 1), RateLimit(like: 3)]"#,
    r#"[AdaptiveRate(cost: 0, reserve: true), AdaptiveRate(beta: 1, cost_retry: 2)]"#,
    r#"[Deadline(total: "1s", reserve: "1s"), Timeout(after: "1s", after: "2s")]"#,
    r#"Timeout("1s")"#,
];

/// What an experiment with this stack reads, or the words of its complaints.
fn in_experiment(text: &str) -> Result<Stack, Vec<String>> {
    // On the first line, as the stack alone: complaints name lines.
    let file = format!(
        r#"Experiment(policies: {{ "client": {text} }},
            run: (time: "60s"),
            load: [Poisson(to: "api", rate: "100/s", with: "client")],
            services: {{ "api": (workers: 8, work: "5ms") }},
        )"#
    );
    let read = |path: &str| Err(format!("there is no file {path}"));
    let options = LoadOptions { file_name: "t.ron".to_owned(), sets: Vec::new(), read: &read };
    match load(&file, &options) {
        Ok(experiment) => {
            let graph = &experiment.variants[0].graph;
            let site = &graph.sites[graph.loads[0].site.index()];
            Ok(graph.stacks[site.stack.index()].clone())
        }
        Err(problems) => {
            let words = problems.list.into_iter();
            Err(words.map(|one| words_of(&one.message, &one.label, one.help.as_deref())).collect())
        }
    }
}

fn alone(text: &str) -> Result<Stack, Vec<String>> {
    stack::read(text).map_err(|problems| {
        let words = problems.into_iter();
        words.map(|one| words_of(&one.message, &one.allowed, one.remedy.as_deref())).collect()
    })
}

fn words_of(message: &str, allowed: &str, remedy: Option<&str>) -> String {
    format!("{message} | {allowed} | {}", remedy.unwrap_or_default())
}

#[test]
fn a_stack_read_alone_is_the_one_in_an_experiment() {
    for text in RIGHT {
        let read = alone(text);
        assert!(read.is_ok(), "{text}: {read:#?}");
        assert_eq!(read, in_experiment(text), "{text}");
    }
}

#[test]
fn what_is_wrong_with_a_stack_is_said_in_the_same_words_alone_and_in_an_experiment() {
    for text in WRONG {
        let read = alone(text);
        assert!(read.is_err(), "{text}: {read:#?}");
        assert_eq!(read, in_experiment(text), "{text}");
    }
}

#[test]
fn every_kind_of_policy_is_among_the_stacks_that_are_right() {
    for kind in stack::read::KINDS.known {
        assert!(RIGHT.iter().any(|text| text.contains(kind)), "{kind} is read in no test");
    }
}
