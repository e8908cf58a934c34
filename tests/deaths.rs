//! Where requests die, by hand: one or two of them, and the sentence that says how each ended.

use brownout_tests::{measuring, rows, ten_seconds_of_work};
use brownout_topologies::death::How;

/// Every way in which requests died at a service or of a load, with how many of them did.
fn died(text: &str, target: &str) -> Vec<(&'static str, u32)> {
    let sentences: Vec<String> = How::EVERY
        .into_iter()
        .map(|how| format!("died.{}({target})", how.name()))
        .chain([format!("died({target})"), "errors(l)".to_owned()])
        .collect();
    let quoted: Vec<&str> = sentences.iter().map(String::as_str).collect();
    let rows = rows(&measuring(text, &quoted));
    let number = |sentence: &str| (rows[sentence][0] * 1_000.0).round() as u32;
    let each: Vec<(&str, u32)> = How::EVERY
        .into_iter()
        .zip(&sentences)
        .map(|(how, sentence)| (how.name(), number(sentence)))
        .filter(|(_, number)| *number > 0)
        .collect();
    let all: u32 = each.iter().filter(|(name, _)| *name != "timed_out").map(|(_, n)| n).sum();
    assert_eq!(number(&format!("died({target})")), all, "{target}");
    if target == "l" {
        assert_eq!(number("errors(l)"), all, "every failed request has died somewhere");
    }
    each
}

/// Requests at these seconds to ten seconds of work, through these policies.
fn users(arrivals: &[f64], with: &str, service: &str, rest: &str) -> String {
    ten_seconds_of_work(arrivals, service, rest)
        .replace("name: \"l\"", &format!("name: \"l\", with: [{with}]"))
}

#[test]
fn a_request_whose_time_is_up_dies_where_it_is() {
    let six = "Timeout(\"6s\")";
    // At 7 s the first is being worked on; at 8 s the second still waits.
    let text = users(&[1.0, 2.0], six, "", "");
    assert_eq!(died(&text, "q"), [("timed_out", 2), ("queued", 1), ("in_service", 1)]);
    assert_eq!(died(&text, "l"), died(&text, "q"));
    let late = users(&[1.0], six, "", "network: (latency: \"8s\"),");
    assert_eq!(died(&late, "q"), [("timed_out", 1), ("on_link", 1)]);
    let lossy = users(&[1.0], six, "", "network: (loss: \"100%\"),");
    assert_eq!(died(&lossy, "q"), [("timed_out", 1), ("lost", 1)]);
    let full =
        users(&[1.0, 2.0], "Timeout(\"20s\")", "queue: Fifo(limit: 0), full_queue: Lose", "");
    assert_eq!(died(&full, "q"), [("timed_out", 1), ("lost", 1)]);
    // Impatience is no different.
    let patience =
        ten_seconds_of_work(&[1.0], "", "").replace("name: \"l\"", "name: \"l\", patience: \"6s\"");
    assert_eq!(died(&patience, "l"), [("timed_out", 1), ("in_service", 1)]);
}

#[test]
fn a_policy_of_its_own_turns_a_request_away() {
    let one = users(&[1.0, 2.0], "Bulkhead(places: 1)", "", "");
    assert_eq!(died(&one, "q"), [("rejected", 1)]);
    // The second is let through at 11 s, and its time is up two seconds later.
    let patient = "Timeout(\"11s\"), Bulkhead(places: 1, queue: 5, longest_wait: \"60s\")";
    let waiting = users(&[1.0, 2.0], patient, "", "");
    assert_eq!(died(&waiting, "q"), [("timed_out", 1), ("in_service", 1)]);
}

#[test]
fn a_service_kills_in_four_ways() {
    let plain =
        |service: &str, rest: &str| died(&ten_seconds_of_work(&[1.0, 2.0], service, rest), "q");
    assert_eq!(plain("queue: Fifo(limit: 0)", ""), [("refused", 1)]);
    assert_eq!(plain("queue_timeout: \"5s\"", ""), [("shed", 1)]);
    let crash = "faults: [Crash(service: \"q\", at: \"1.5s\", lasts: \"1s\")],";
    assert_eq!(plain("", crash), [("refused", 1), ("reset", 1)]);
    let errors = "faults: [Errors(service: \"q\", ratio: \"100%\", at: \"1.5s\")],";
    assert_eq!(plain("", errors), [("failed", 1)]);
}

/// Users of `a` wait for `b`, through `with`; `b` does ten seconds of work, one at a time.
fn chain(with: &str, users: &str, b: &str, rest: &str) -> String {
    format!(
        "Experiment(
            name: \"chain\",
            run: (time: \"1000s\", runs: 1),
            load: [Renewal(to: \"a\", every: Sequence([\"1s\", \"1s\", \"1000000s\"]), name: \"l\", with: [{users}])],
            services: {{
                \"a\": (workers: 10, work: Const(\"1ms\"), calls: [(to: \"b\", with: [{with}])]),
                \"b\": (workers: 1, work: Const(\"10s\"), {b}),
            }},
            {rest}
        )"
    )
}

#[test]
fn a_request_dies_as_deep_as_it_has_come() {
    // Plain calls and calls with policies, refused, in the queue and in service.
    for with in ["", "Timeout(\"100s\")"] {
        let refused = chain(with, "", "queue: Fifo(limit: 0)", "");
        assert_eq!((died(&refused, "a"), died(&refused, "b")), (vec![], vec![("refused", 1)]));
        let late = chain(with, "Timeout(\"6s\")", "", "");
        let expected = vec![("timed_out", 2), ("queued", 1), ("in_service", 1)];
        assert_eq!((died(&late, "a"), died(&late, "b")), (vec![], expected));
    }
    // Its caller's time is up, its user's is not.
    let inside = chain("Timeout(\"6s\")", "", "", "");
    let expected = [("timed_out", 2), ("queued", 1), ("in_service", 1)];
    assert_eq!(died(&inside, "b"), expected);
    assert_eq!(died(&inside, "l"), expected);
    // Nothing has been sent for the second: the first has the only place until 11 s.
    let bulkhead = "Bulkhead(places: 1, queue: 5, longest_wait: \"60s\")";
    let held = chain(bulkhead, "Timeout(\"6s\")", "", "");
    assert_eq!(died(&held, "b"), [("timed_out", 2), ("in_service", 1), ("held", 1)]);
    let breaker = "Breaker(in_a_row: 1, min_calls: 0), Timeout(\"500ms\")";
    let stopped = chain(breaker, "", "", "");
    let expected = [("rejected", 1), ("timed_out", 1), ("in_service", 1)];
    assert_eq!(died(&stopped, "b"), expected);
}

#[test]
fn the_last_attempt_decides() {
    // The second request is shed at 7 s, and its second attempt refused while the process is down.
    let text = ten_seconds_of_work(
        &[1.0, 2.0],
        "queue_timeout: \"5s\"",
        "faults: [Crash(service: \"q\", queue: Lost, at: \"7.5s\", lasts: \"1s\")],",
    );
    let text = text.replace("name: \"l\"", "name: \"l\", with: [Retry(times: 1, wait: \"1s\")]");
    // The first request is reset at 7.5 s and served from 8.5 s on.
    assert_eq!(died(&text, "q"), [("refused", 1)]);
    // Between two attempts it has died of the last one.
    let late = "Timeout(\"5.5s\"), Retry(times: 1, wait: \"1s\", deadline_aware: false)";
    let waiting = text.replace("Retry(times: 1, wait: \"1s\")", late);
    assert_eq!(died(&waiting, "q"), [("shed", 1), ("timed_out", 1), ("in_service", 1)]);
}
