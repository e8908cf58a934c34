//! Policies that go round and round against one another: the command comes to an end by itself.

use super::harness::Desk;

/// A run of a few seconds with one stack, and what has to be true of it.
fn run(test: &str, stack: &str, load: &str, expected: &str) {
    let text = format!(
        r#"(
        run: (time: "2s", seed: 7, runs: 1),
        load: [{load}],
        services: {{ "api": (workers: 8, work: "5ms") }},
        policies: {{ "client": {stack} }},
        expect: ["{expected}"],
    )"#
    );
    let desk = Desk::with(test, &text);
    let done = desk.brownout("run own.ron");
    assert_eq!(done.code, 0, "{stack}: {}{}", done.stderr, done.stdout);
}

#[test]
fn a_million_retries_of_what_ones_own_rate_limit_refuses_do_not_use_up_the_stack() {
    let stack = r#"[
        Timeout("300ms"),
        Retry(times: 1000000, on: [Rejected], hint: Ignore),
        RateLimit(permits: 1, burst: 1),
    ]"#;
    let load = r#"AtOnce(to: "api", count: 3, at: "1s", with: "client")"#;
    run("a_million_retries", stack, load, "turned_away(api) == 1/s ± 0.1/s");
}

#[test]
fn a_queue_before_a_gate_that_refuses_does_not_use_up_the_stack() {
    let stack = r#"[
        Bulkhead(places: 1, longest_wait: "10s"),
        RateLimit(permits: 1, per: "1h", burst: 1),
    ]"#;
    let load = r#"AtOnce(to: "api", count: 200000, at: "1s", with: "client")"#;
    run("a_queue_before_a_gate", stack, load, "turned_away(api) == 99999.5/s ± 0.1/s");
}

#[test]
fn hedges_in_hedges_before_a_gate_that_refuses_do_not_use_up_the_stack() {
    let hedge = r#"Hedge(like: Grpc, attempts_cap: 16, attempts: 16, on: [Failed])"#;
    let gate = r#"RateLimit(permits: 1, per: "1h", burst: 1)"#;
    let stack = format!("[{hedge}, {hedge}, {hedge}, {hedge}, {gate}]");
    let load = r#"AtOnce(to: "api", count: 2, at: "1s", with: "client")"#;
    run("hedges_in_hedges", &stack, load, "turned_away(api) == 0.5/s ± 0.1/s");
}
