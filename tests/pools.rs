//! Pools of connections, by hand.

use brownout_tests::{arriving_at, measuring, rows};

/// Requests at these seconds to `front`, which calls ten seconds of work over this pool.
fn calls(arrivals: &[f64], pool: &str, with: &str, faults: &str) -> String {
    let every = arriving_at(arrivals);
    format!(
        "Experiment(name: \"pool\", run: (time: \"1000s\", runs: 1),
            load: [Renewal(to: \"front\", every: {every}, name: \"l\")],
            services: {{
                \"front\": (workers: Unlimited, calls: [(to: \"q\", with: [{with}])],
                            pools: {{\"q\": (connect: \"1s\", {pool})}}),
                \"q\": (workers: Unlimited, work: Const(\"10s\")),
            }},
            faults: [{faults}],
        )"
    )
}

/// What the sentences say: numbers, and times in seconds.
fn said<const N: usize>(text: &str, sentences: [&str; N]) -> [f64; N] {
    let rows = rows(&measuring(text, &sentences));
    sentences.map(|sentence| {
        let is_time = ["mean", "pool_wait"].iter().any(|own| sentence.starts_with(own));
        let value = rows[sentence][0] * if is_time { 1.0 } else { 1_000.0 };
        (value * 1e6).round() / 1e6
    })
}

const ATTEMPTS: &str = "attempts(q)";

#[test]
fn an_attempt_waits_for_its_connection_and_gives_it_back() {
    let asked = ["mean(l)", "pool_wait(q)", "pool_in_use(q)", "connects(q)", ATTEMPTS];
    // The first is sent at 2 s; the second gets the same connection at 12 s.
    let one = calls(&[1.0, 2.0], "size: 1", "", "");
    assert_eq!(said(&one, asked), [15.5, 5.5, 20.0, 1.0, 2.0]);
    let two = calls(&[1.0, 2.0], "size: 2", "", "");
    assert_eq!(said(&two, asked), [11.0, 1.0, 20.0, 2.0, 2.0]);
}

#[test]
fn who_waits_in_vain_or_finds_no_place_is_turned_away_by_its_own_pool_and_never_sent() {
    let asked = ["pool_timeouts(q)", "died.pool_timeout(l)", "died.pool_timeout(q)", ATTEMPTS];
    let impatient = calls(&[1.0, 2.0], "size: 1, timeout: \"5s\"", "", "");
    assert_eq!(said(&impatient, asked), [1.0, 1.0, 1.0, 1.0]);
    assert_eq!(said(&impatient, ["errors(l) during 6s..8s"]), [500.0], "at 7 s");
    // Of three one is sent and one waits.
    let full = calls(&[1.0, 2.0, 3.0], "size: 1, queue: 1", "", "");
    assert_eq!(said(&full, asked), [1.0, 1.0, 1.0, 2.0]);
    assert_eq!(said(&full, ["errors(l) during 2.9s..3.1s"]), [5_000.0], "at 3 s");
    // For the first a connection is made ready: it is not one of those who wait.
    let none = calls(&[1.0, 2.0], "size: 1, queue: 0", "", "");
    assert_eq!(said(&none, asked), [1.0, 1.0, 1.0, 1.0]);
}

#[test]
fn a_retry_tries_again_what_found_no_connection_only_if_it_is_told_to() {
    let asked = ["pool_timeouts(q)", "goodput(l)"];
    let retried = |on: &str| {
        let with = format!("Retry(times: 1, {on} wait: Constant(\"6s\"))");
        calls(&[1.0, 2.0], "size: 1, timeout: \"5s\"", &with, "")
    };
    assert_eq!(said(&retried(""), asked), [1.0, 1.0]);
    assert_eq!(said(&retried("on: [PoolTimeout],"), asked), [1.0, 2.0], "at 13 s it is free");
}

#[test]
fn connections_that_are_too_old_or_were_idle_for_too_long_are_opened_anew() {
    let opened = |more: &str| {
        let text = calls(&[1.0, 30.0], &format!("size: 1, {more}"), "", "");
        said(&text, ["connects(q)", "mean(l)"])
    };
    // Opened at 2 s, used until 12 s, wanted at 30 s.
    assert_eq!(opened(""), [1.0, 10.5]);
    assert_eq!(opened("max_idle: \"18s\""), [1.0, 10.5]);
    assert_eq!(opened("max_idle: \"17s\""), [2.0, 11.0]);
    assert_eq!(opened("max_lifetime: \"28s\""), [1.0, 10.5]);
    assert_eq!(opened("max_lifetime: \"27s\""), [2.0, 11.0]);
}

/// The other end dies between two requests, or during a third.
fn failover(arrivals: &[f64], pool: &str, with: &str, callers: &str) -> String {
    let crash = format!("Crash(service: \"q\", callers: {callers}, at: \"15s\", lasts: \"1s\")");
    calls(arrivals, &format!("size: 1, socket_timeout: \"60s\", {pool}"), with, &crash)
}

#[test]
fn a_dead_connection_takes_a_request_with_it_unless_it_is_tried_first() {
    let asked = ["died.reset(l)", "connects(q)", "goodput(l)"];
    let blind = failover(&[1.0, 20.0], "", "", "Silence");
    assert_eq!(said(&blind, asked), [1.0, 1.0, 1.0]);
    assert_eq!(said(&blind, ["errors(l) during 79s..81s"]), [500.0], "60 s after it was sent");
    let tried = "validate: (takes: \"0.5s\", timeout: \"2s\")";
    let text = failover(&[1.0, 20.0, 40.0], tried, "", "Silence");
    assert_eq!(said(&text, asked), [0.0, 2.0, 3.0]);
    // 1 s to connect; 2 s to find it dead and 1 s to connect; 0.5 s to find it alive.
    assert_eq!(
        said(&text, ["mean(l)"]),
        [(11.0 + 13.0 + 10.5) / 3.0].map(|x: f64| (x * 1e6).round() / 1e6)
    );
    // Somebody is there to say that the connection is unknown.
    let reset = failover(&[1.0, 20.0, 21.0], "", "", "Reset");
    assert_eq!(said(&reset, asked), [1.0, 2.0, 2.0]);
    assert_eq!(said(&reset, ["errors(l) during 19.9s..20.1s"]), [5_000.0], "at once");
}

#[test]
fn nothing_comes_over_a_connection_that_was_lent_when_the_other_end_died() {
    let asked = ["died.reset(l)", "connects(q)", "goodput(l)", "errors(l) during 70s..72s"];
    // Sent at 11 s.
    let text = failover(&[10.0, 71.5], "validate: ()", "", "Silence");
    assert_eq!(said(&text, asked), [1.0, 2.0, 1.0, 500.0]);
    // Who gives up closes it.
    let text = failover(&[10.0, 50.0], "", "Timeout(\"30s\")", "Silence");
    assert_eq!(said(&text, ["connects(q)", "goodput(l)"]), [2.0, 1.0]);
}

#[test]
fn who_gives_up_closes_its_connection_or_leaves_it_to_the_answer() {
    let given_up = |how: &str| {
        let pool = format!("size: 1, given_up: {how}");
        let text = calls(&[1.0, 6.5, 20.0], &pool, "Timeout(\"5s\")", "");
        said(&text, ["connects(q)", ATTEMPTS, "pool_in_use(q)"])
    };
    // Sent at 2 s and given up at 6 s; anew at 7.5 s and 11.5 s, at 21 s and 25 s.
    assert_eq!(given_up("Close"), [3.0, 3.0, 12.0]);
    // The first answer comes at 12 s, too late for the second; the third's comes at 30 s.
    assert_eq!(given_up("Keep"), [1.0, 2.0, 20.0]);
}

#[test]
fn nobody_is_there_to_connect_to() {
    let down = |callers: &str| {
        let crash =
            format!("Crash(service: \"q\", callers: {callers}, at: \"0s\", lasts: \"10s\")");
        calls(&[1.0, 11.0], "size: 1, connect_timeout: \"3s\"", "", &crash)
    };
    let asked = ["goodput(l)", "died.refused(l)", "died.lost(l)", ATTEMPTS];
    assert_eq!(said(&down("Reset"), asked), [1.0, 1.0, 0.0, 1.0]);
    assert_eq!(said(&down("Silence"), asked), [1.0, 0.0, 1.0, 1.0]);
    assert_eq!(said(&down("Silence"), ["errors(l) during 3.9s..4.1s"]), [5_000.0], "after 3 s");
}

#[test]
fn a_process_that_dies_takes_its_pool_with_it() {
    let crash = "Crash(service: \"front\", at: \"5s\", lasts: \"1s\")";
    let text = calls(&[1.0, 2.0, 20.0], "size: 1", "", crash);
    // Neither is the second sent when the first leaves its connection.
    assert_eq!(said(&text, ["connects(q)", ATTEMPTS, "goodput(l)"]), [2.0, 2.0, 1.0]);
}

/// Writes at these seconds over one connection to a database that fails over in 5 s, of which
/// callers learn 3 s later.
fn written(writes: &[f64], pool: &str, fault: &str) -> String {
    let every = arriving_at(writes);
    format!(
        "Experiment(name: \"pool\", run: (time: \"1000s\", runs: 1),
            load: [Renewal(to: \"front\", every: {every}, name: \"l\")],
            services: {{
                \"front\": (workers: Unlimited, endpoints: {{ \"go\": [Call(to: \"q.write\")] }},
                            pools: {{\"q\": (size: 1, connect: \"1s\", {pool})}}),
                \"q\": (replicas: 3, workers: 9, stores: {{\"row\": Rows}},
                      replication: (failover: \"5s\", learned: \"3s\"),
                      endpoints: {{ \"write\": [Write(\"row\")], \"read\": [Read(\"row\")] }}),
            }},
            faults: [{fault}],
        )"
    )
}

#[test]
fn connections_for_writes_lead_to_the_primary_that_is_known_when_they_are_opened() {
    let asked = ["goodput(l)", "connects(q)", "died.reset(l)", "died.refused(l)"];
    assert_eq!(said(&written(&[10.0, 12.0, 14.0], "", ""), asked), [3.0, 1.0, 0.0, 0.0]);
    // At 22 the connection is found broken; at 26 nobody knows yet that number 1 leads.
    let dies = "Crash(service: \"q\", replica: 0, at: \"20s\", lasts: \"900s\")";
    let text = written(&[10.0, 22.0, 26.0, 29.0], "", dies);
    assert_eq!(said(&text, asked), [2.0, 2.0, 1.0, 1.0]);
    // Who leads no more keeps its connections, and refuses to write.
    let demoted = "Demote(service: \"q\", at: \"20s\", lasts: \"900s\")";
    let writes = [10.0, 22.0, 29.0, 40.0];
    assert_eq!(said(&written(&writes, "", demoted), asked), [1.0, 1.0, 0.0, 0.0]);
    // Opened at 11, too old at 29.
    let young = written(&writes, "max_lifetime: \"15s\"", demoted);
    assert_eq!(said(&young, asked), [3.0, 2.0, 0.0, 0.0]);
}
