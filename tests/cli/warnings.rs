//! Each warning of `check`: a file that triggers it, and a near miss that does not.

use super::harness::{Desk, repository};
use std::fs;

/// What the warning of each file says; the near miss is the file of that name and `-near`.
const WARNINGS: [(&str, &str); 13] = [
    (
        "amplification",
        "one request can become 16 attempts at `db`: poisson-web → web ×4, web → db ×4",
    ),
    (
        "impatience",
        "web → db: a timeout of 50 ms is shorter than the 55 ms that `db` usually takes",
    ),
    (
        "impatience-drawn",
        "web → db: a timeout with a median of 48.5 ms is shorter than the 55 ms that `db` usually",
    ),
    (
        "order-breaker",
        "calls that hang are invisible to the breaker: there is no timeout inside it",
    ),
    ("order-fallback", "the retry never sees a failure: the fallback inside it answers every one"),
    ("order-hammer", "the retry tries again what the breaker inside it has turned away"),
    ("latency-alone", "latency is expected but no success"),
    (
        "outlived",
        "web → db: a timeout of 300ms outlives the caller's own: poisson-web → web gives up",
    ),
    ("outlived-stack", "the timeout of 500ms can never strike, one of 300ms is outside of it"),
    ("overload", "`api` is overloaded before any fault: 100/s of 20 ms each keep 2 workers busy"),
    ("overload-held", "100/s of 32 ms each, its calls included at the least they take"),
    ("overload-routes", "`mill` is overloaded before any fault: 200/s of 20 ms each"),
    ("unreachable", "no load reaches `cache`"),
];

#[test]
fn every_warning_is_given_where_it_is_due_and_not_at_a_near_miss() {
    let desk = Desk::new("warnings");
    let corpus = repository().join("tests/corpus/warnings");
    for (name, says) in WARNINGS {
        let check = |name: &str| {
            let path = corpus.join(format!("{name}.ron"));
            let done = desk.brownout_with(&["check", path.to_str().expect("a path is text")], &[]);
            assert_eq!(done.code, 0, "{name}: {}", done.stderr);
            done.stdout
        };
        let (due, near) = (check(name), check(&format!("{name}-near")));
        assert!(due.contains(says) && due.ends_with("1 warning\n"), "{name}: {due}");
        assert!(near.ends_with("no warnings\n"), "{name}-near: {near}");
    }
    let files = fs::read_dir(corpus).expect("the corpus is there").count();
    assert_eq!(files, 2 * WARNINGS.len(), "every file of the corpus is in the list");
}

#[test]
fn a_warning_that_only_some_variants_deserve_names_them() {
    let text = r#"(
        run: (time: "10s", runs: 2),
        load: [Poisson(to: "api", rate: "100/s")],
        services: { "api": (workers: 3, work: Exp(mean: "20ms")) },
        variants: { "three": {}, "two": { set: { "services.api.workers": 2 } } },
    )"#;
    let desk = Desk::with("some_variants", text);
    let done = desk.brownout("check own.ron");
    assert!(done.stdout.contains("warning: on two: `api` is overloaded"), "{}", done.stdout);
    let done = desk.brownout("run own.ron");
    assert!(done.stderr.contains("1 warning: see `brownout check own.ron`"), "{}", done.stderr);
}
