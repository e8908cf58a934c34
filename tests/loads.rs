//! Loads by hand: who comes when, and what users do when it goes badly.

use brownout_core::random::Seed;
use brownout_tests::{measuring, measuring_with, parse, rows, value};
use brownout_topologies::ledger::Plan;
use brownout_topologies::run::run;

/// A load on services, for a hundred seconds.
fn system(load: &str, services: &str, rest: &str) -> String {
    format!(
        "Experiment(
            name: \"loads\",
            run: (time: \"100s\", runs: 1),
            load: [{load}],
            services: {{ {services} }},
            {rest}
        )"
    )
}

/// The same on one worker called `q` with so much work.
fn queue(load: &str, work: &str) -> String {
    system(load, &format!("\"q\": (workers: 1, queue: Unbounded, work: \"{work}\")"), "")
}

fn digest(text: &str) -> u64 {
    let graph = &parse(text).variants[0].graph;
    let finished = run(graph, Seed::new(3), &Plan::default());
    finished.unwrap_or_else(|error| panic!("{error}")).digest().word()
}

#[test]
fn requests_at_one_moment_wait_for_each_other() {
    let text = queue("AtOnce(to: \"q\", count: 5, at: \"10s\")", "1s");
    let rows = rows(&measuring(&text, &["mean(q)", "queue.max(q)", "offered(q) during 10s..11s"]));
    assert_eq!((rows["mean(q)"][0], rows["queue.max(q)"][0]), (3.0, 4.0));
    assert_eq!(rows["offered(q) during 10s..11s"], [5.0]);
}

#[test]
fn a_burst_is_a_trigger_and_its_control_arm_has_none() {
    let load = "Steady(to: \"q\", rate: \"1/s\"), AtOnce(to: \"q\", count: 50, at: \"20s\")";
    let graph = parse(&queue(load, "500ms")).variants.remove(0).graph;
    let calm = graph.calm();
    let requests = |graph| {
        let finished = run(graph, Seed::new(1), &Plan::default()).expect("it runs");
        finished.ledger().books().sum(brownout_topologies::ledger::books::Entry::RequestsBegun)
    };
    assert_eq!((requests(&graph), requests(&calm)), (150, 100));
    let triggers = brownout_topologies::ledger::verdict::triggers(&graph);
    assert_eq!((triggers.len(), triggers[0].from.as_secs()), (1, 20.0));
}

#[test]
fn users_who_start_together_are_all_there_from_then_on() {
    let text = queue("AtOnce(to: \"q\", users: 3, at: \"5s\")", "1s");
    let sentences =
        ["in_system(q) during 5s..100s", "goodput(q) during 5.5s..95.5s", "in_system(q) before 5s"];
    let rows = rows(&measuring(&text, &sentences));
    assert_eq!(rows[sentences[0]], [3.0]);
    assert_eq!((rows[sentences[1]][0], rows[sentences[2]][0]), (1.0, 0.0));
}

#[test]
fn a_trace_brings_each_request_at_its_moment() {
    let load = |fields: &str| {
        queue(&format!("Trace(to: \"q\", file: \"t.csv\"{fields}, name: \"l\")"), "2s")
    };
    let mean = |fields: &str, file: &str| {
        let asked = measuring_with(&load(fields), &["mean(q)"], &[("t.csv", file)]);
        rows(&asked)["mean(q)"][0]
    };
    // Served from 1, 3 and 5: 2, 4 and 3 seconds.
    assert_eq!(mean("", "1s\n1s\n4s\n"), 3.0);
    assert_eq!(mean(", unit: \"s\"", "# seconds\n1\n1\n\n4\n200\n"), 3.0);
    assert_eq!(mean(", column: \"at\", unit: \"ms\"", "id,at\n7,1000\n8,1000\n9,4000\n"), 3.0);
}

#[test]
fn rates_of_a_file_hold_for_their_time_and_then_nothing_comes() {
    let rate = "Trace(file: \"r.csv\", unit: \"/s\", each: \"10s\")";
    let text = queue(&format!("Steady(to: \"q\", rate: {rate})"), "1ms");
    let sentences = [
        "offered(q) during 0s..10s",
        "offered(q) during 10s..20s",
        "offered(q) during 20s..30s",
        "offered(q) during 30s..100s",
    ];
    let asked = measuring_with(&text, &sentences, &[("r.csv", "2\n0\n3\n")]);
    let rows = rows(&asked);
    assert_eq!(sentences.map(|sentence| rows[sentence][0]), [2.0, 0.0, 3.0, 0.0]);
}

/// Evenly spaced amounts of the cumulative rate count its integral, to within one request.
#[test]
fn a_profile_brings_as_many_as_its_integral() {
    let count = |rate: &str, window: &str, secs: f64| {
        let text = queue(&format!("Steady(to: \"q\", rate: {rate})"), "0s");
        value(&text, &format!("offered(q) during {window}")) * secs
    };
    let daily = "Diurnal(mean: \"100/s\", amplitude: \"50%\", period: \"100s\", peak: \"25s\")";
    let swing = 50.0 * 100.0 / std::f64::consts::PI;
    assert!((count(daily, "0s..50s", 50.0) - (5_000.0 + swing)).abs() <= 1.0);
    assert!((count(daily, "50s..100s", 50.0) - (5_000.0 - swing)).abs() <= 1.0);
    // 10/s throughout, and 100/s on top: half of 10 s, all of 20 s, half of 40 s.
    let crowd = "Spike(base: \"10/s\", to: \"110/s\", at: \"10s\", ramp: \"10s\", lasts: \"20s\", \
                 decay: \"40s\")";
    assert!((count(crowd, "0s..100s", 100.0) - 5_500.0).abs() <= 1.0);
    assert!((count(crowd, "10s..20s", 10.0) - 600.0).abs() <= 1.0);
    assert!((count(crowd, "40s..60s", 20.0) - (200.0 + 1_500.0)).abs() <= 1.0);
}

#[test]
fn a_stage_without_a_rate_brings_nothing() {
    let stages = "[(rate: \"50/s\", lasts: \"5s\"), (rate: \"0/s\", lasts: \"15s\")]";
    let text = queue(&format!("Bursty(to: \"q\", stages: {stages})"), "0s");
    let sentences =
        ["offered(q) during 5s..20s", "offered(q) during 20s..25s", "offered(q) during 25s..40s"];
    let rows = rows(&measuring(&text, &sentences));
    assert_eq!((rows[sentences[0]][0], rows[sentences[2]][0]), (0.0, 0.0));
    assert!(rows[sentences[1]][0] > 25.0, "some 250 in 5 s");
}

/// A service that fails everything until 10 s.
fn failing(load: &str) -> String {
    let service = "\"q\": (workers: 9, work: \"1s\")";
    let fault = "faults: [Errors(service: \"q\", ratio: \"100%\", at: \"0s\", lasts: \"10s\")],";
    system(load, service, fault)
}

#[test]
fn who_reloads_makes_a_new_request_each_time() {
    let visitor = |times: &str| {
        let load = "AtOnce(to: \"q\", count: 1, at: \"1s\", name: \"l\", reload: (times: TIMES, after: \"4s\"))";
        let text = failing(&load.replace("TIMES", times));
        let rows = rows(&measuring(&text, &["offered(l)", "reloads(q)", "goodput(l)", "mean(l)"]));
        let per_run = |sentence: &str| (rows[sentence][0] * 100.0).round();
        (per_run("offered(l)"), per_run("reloads(q)"), per_run("goodput(l)"), rows["mean(l)"][0])
    };
    // At 1, 5 and 9 it fails, at 13 it is answered: a request of a second, not of thirteen.
    assert_eq!(visitor("3"), (4.0, 3.0, 1.0, 1.0));
    assert_eq!(visitor("Unlimited"), (4.0, 3.0, 1.0, 1.0));
    let given_up = visitor("2");
    assert_eq!((given_up.0, given_up.1, given_up.2), (3.0, 2.0, 0.0));
    // Of a closed loop, the same; it thinks for 40 s once it has an answer, at 14, 55 and 96.
    let load = "AtOnce(to: \"q\", users: 1, at: \"1s\", think: \"40s\", name: \"l\", \
                reload: (times: 3, after: \"4s\"))";
    let rows_of = rows(&measuring(&failing(load), &["offered(l)", "reloads(q)"]));
    let per_run = |sentence: &str| (rows_of[sentence][0] * 100.0).round();
    assert_eq!((per_run("offered(l)"), per_run("reloads(q)")), (6.0, 3.0));
}

#[test]
fn impatience_is_a_failure_that_is_reloaded() {
    let load = "AtOnce(to: \"q\", count: 1, at: \"0s\", name: \"l\", patience: \"3s\", \
                reload: (times: 1, after: \"2s\"))";
    let text = queue(load, "4s");
    let rows = rows(&measuring(&text, &["offered(l)", "errors(l)", "busy(q)"]));
    let per_run = |sentence: &str| (rows[sentence][0] * 100.0).round();
    // Both give up after 3 s of 4; the work goes on for nobody.
    assert_eq!((per_run("offered(l)"), per_run("errors(l)"), per_run("busy(q)")), (2.0, 2.0, 8.0));
}

/// One call every ten seconds is let through; the second user is told to come back in nine.
#[test]
fn who_is_told_when_to_come_back_obeys_or_does_not() {
    let asked = |obey: &str| {
        let load = format!(
            "AtOnce(to: \"q\", users: 2, at: \"1s\", think: \"1000s\", name: \"l\",
                    with: [RateLimit(like: FixedWindow, permits: 1, per: \"10s\")],
                    reload: (times: Unlimited, after: \"1s\"), obey: {obey})"
        );
        let text = queue(&load, "100ms");
        let sentences =
            ["reloads(q)", "goodput(l) during 10s..10.2s", "goodput(l) during 10s..15s"];
        let rows = rows(&measuring(&text, &sentences));
        let of = |place: usize, secs: f64| (rows[sentences[place]][0] * secs).round();
        (of(0, 100.0), of(1, 0.2), of(2, 5.0))
    };
    // Every second from 2 s on, and at 10 s it may.
    assert_eq!(asked("Ignore"), (9.0, 1.0, 1.0));
    assert_eq!(asked("RetryAfter"), (1.0, 1.0, 1.0));
    let (reloads, at_once, later) = asked("RetryAfterJitter");
    assert_eq!((reloads, at_once, later), (1.0, 0.0, 1.0));
}

#[test]
fn each_client_has_policies_of_its_own() {
    let retries = |scope: &str| {
        let load = format!(
            "Steady(to: \"q\", rate: \"10/s\", clients: 20, with: [Retry(times: 9,
                    budget: Bucket(cap: 7, initial: 7, per_call: 0, scope: {scope}))])"
        );
        let fault = "faults: [Errors(service: \"q\", ratio: \"100%\", at: \"0s\")],";
        let text = system(&load, "\"q\": (workers: 9, work: \"1ms\")", fault);
        let rows = rows(&measuring(&text, &["attempts(q)", "offered(q)"]));
        ((rows["attempts(q)"][0] - rows["offered(q)"][0]) * 100.0).round()
    };
    assert_eq!(retries("Replica"), 140.0);
    assert_eq!(retries("Caller"), 7.0);
    // Users of a closed loop belong to clients in turn.
    let load = "AtOnce(to: \"q\", users: 6, at: \"0s\", think: \"1s\", clients: 3, with: [
        RateLimit(like: FixedWindow, permits: 1, per: \"1000s\")])";
    assert_eq!((value(&queue(load, "1ms"), "goodput(q)") * 100.0).round(), 3.0);
}

#[test]
fn a_mix_sends_each_request_to_one_place_and_a_reload_to_the_same() {
    let load = "Poisson(mix: [(3, \"a\"), (1, \"b\")], rate: \"100/s\", name: \"l\",
                        reload: (times: 2, after: \"100ms\"))";
    let services = "\"a\": (workers: 99, work: \"1ms\"), \"b\": (workers: 99, work: \"1ms\")";
    let fault = "faults: [Errors(service: \"b\", ratio: \"100%\", at: \"0s\", lasts: \"90s\")],";
    let text = system(load, services, fault);
    let sentences = ["offered(a)", "offered(b) before 90s", "reloads(b) before 90s", "reloads(a)"];
    let rows = rows(&measuring(&text, &sentences));
    let [a, b, again, none] = sentences.map(|sentence| rows[sentence][0]);
    assert!((a - 75.0).abs() < 5.0 * 0.87, "{a} of 75 ± 0.87");
    assert_eq!(none, 0.0);
    // Two reloads for each first request, but for those under way at 90 s.
    assert!((again / b - 2.0 / 3.0).abs() < 0.01, "{again} of {b}");
}

#[test]
fn a_mix_can_name_endpoints_and_each_counts_its_own_reloads() {
    let load = "Steady(mix: [(1, \"q.read\"), (1, \"q.write\")], rate: \"100/s\", name: \"l\",
                       reload: (times: 1, after: \"100ms\"), patience: \"50ms\")";
    let services = "\"q\": (workers: Unlimited, endpoints: {
        \"read\": [Work(\"1ms\")], \"write\": [Work(\"80ms\")],
    })";
    let text = system(load, services, "");
    let sentences = ["offered(q.write)", "reloads(q.write)", "reloads(q.read)", "reloads(q)"];
    let rows = rows(&measuring(&text, &sentences));
    let [writes, again, none, all] = sentences.map(|sentence| rows[sentence][0]);
    // Every write is given up, and asked for once more.
    assert!((again / writes - 0.5).abs() < 0.01, "{again} of {writes}");
    assert_eq!((none, all), (0.0, again));
}

#[test]
fn a_behaviour_that_never_shows_changes_nothing() {
    let load = |more: &str| {
        let text = format!("Poisson(to: \"q\", rate: \"20/s\", name: \"l\"{more})");
        system(&text, "\"q\": (workers: 2, queue: Unbounded, work: Exp(mean: \"60ms\"))", "")
    };
    let plain = digest(&load(""));
    assert_eq!(digest(&load(", clients: 50")), plain);
    assert_eq!(digest(&load(", reload: (times: 3, after: \"1s\")")), plain);
    assert_eq!(digest(&load(", mix: [(1, \"q\")]").replace("to: \"q\", ", "")), plain);
    assert_ne!(digest(&load(", patience: \"10ms\", reload: (times: 3, after: \"1s\")")), plain);
    let closed = |more: &str| {
        let text = format!("Closed(to: \"q\", users: 9, think: Exp(mean: \"300ms\"){more})");
        system(&text, "\"q\": (workers: 2, queue: Unbounded, work: Exp(mean: \"60ms\"))", "")
    };
    let plain = digest(&closed(""));
    assert_eq!(digest(&closed(", clients: 3")), plain);
    assert_eq!(digest(&closed(", obey: RetryAfterJitter")), plain);
    assert_eq!(digest(&closed(", reload: (times: 3, after: \"1s\")")), plain);
}
