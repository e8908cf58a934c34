//! What was really done for requests, by hand: one or two of them, and the sentences that say so.

use brownout_tests::{arriving_at, measuring, rows, ten_seconds_of_work};

/// What the sentences say of a run of 1000 s with one request: effects per request, the rest as
/// numbers, times in seconds.
fn said<const N: usize>(text: &str, sentences: [&str; N]) -> [f64; N] {
    let rows = rows(&measuring(text, &sentences));
    sentences.map(|sentence| {
        let is_rate =
            !["effects", "duplicates", "mean"].iter().any(|own| sentence.starts_with(own));
        rows[sentence][0] * if is_rate { 1_000.0 } else { 1.0 }
    })
}

/// One request at 1 s, through these policies, to ten seconds of work and then the effect.
fn one(with: &str, service: &str, rest: &str) -> String {
    ten_seconds_of_work(&[1.0], &format!("effect: AtEnd, {service}"), rest)
        .replace("name: \"l\"", &format!("name: \"l\", with: [{with}]"))
}

const DONE: &str = "completed_but_reported_failed(l)";

#[test]
fn a_commit_that_ends_after_its_callers_time_is_done_and_reported_failed() {
    let asked = ["effects(q)", "duplicates(q)", DONE, "reported_failed.unknown(l)"];
    assert_eq!(said(&one("Timeout(\"6s\")", "", ""), asked), [1.0, 0.0, 1.0, 1.0]);
    assert_eq!(said(&one("Timeout(\"60s\")", "", ""), asked), [1.0, 0.0, 0.0, 0.0]);
    let stops = one("Timeout(\"6s\")", "on_cancel: (queued: Remove, in_service: Stop)", "");
    assert_eq!(said(&stops, asked), [0.0, 0.0, 0.0, 1.0]);
    // It is a matter of work, too: this service has no effect of its own.
    let plain = one("Timeout(\"6s\")", "", "").replace("effect: AtEnd, ", "");
    assert_eq!(said(&plain, [DONE, "effects(q)"]), [1.0, 0.0]);
}

#[test]
fn what_had_happened_is_told_apart() {
    let asked =
        ["nothing", "partly", "done", "unknown"].map(|own| format!("reported_failed.{own}(l)"));
    let asked = asked.each_ref().map(String::as_str);
    let errors = "faults: [Errors(service: \"q\", ratio: \"100%\", when: WHEN, at: \"0s\")],";
    let at_once = one("", "", &errors.replace("WHEN", "AtOnce"));
    assert_eq!(said(&at_once, asked), [1.0, 0.0, 0.0, 0.0]);
    // An error after the commit: the effect stands.
    let after = one("", "", &errors.replace("WHEN", "AfterWork"));
    assert_eq!(said(&after, asked), [0.0, 0.0, 1.0, 0.0]);
    assert_eq!(said(&after, ["effects(q)", DONE]), [1.0, 1.0]);
    let crash = one("", "", "faults: [Crash(service: \"q\", at: \"5s\", lasts: \"1s\")],");
    assert_eq!(said(&crash, asked), [0.0, 1.0, 0.0, 0.0]);
    assert_eq!(said(&crash, ["effects(q)", DONE]), [0.0, 0.0]);
}

/// The answers of the first 12 s are lost, and who has waited for 12 s tries again.
fn lost_answers(service: &str, key: &str) -> String {
    let lost = "faults: [Loss(link: \"l -> q\", ratio: \"100%\", direction: Back, at: \"0s\", lasts: \"12s\")],";
    one("Retry(times: 1), Timeout(\"12s\")", service, lost)
        .replace("name: \"l\"", &format!("name: \"l\", key: {key}"))
}

#[test]
fn a_retry_after_a_lost_answer_does_it_again_unless_it_brings_the_same_key() {
    let asked = ["effects(q)", "duplicates(q)", "replayed(q)", "mean(l)", DONE];
    // At 13 s it is sent once more, and done at 23 s.
    let memory = "idempotency: (replay: \"1s\")";
    assert_eq!(said(&lost_answers("", "PerCall"), asked), [2.0, 1.0, 0.0, 22.0, 0.0]);
    assert_eq!(said(&lost_answers(memory, "PerCall"), asked), [1.0, 0.0, 1.0, 13.0, 0.0]);
    assert_eq!(said(&lost_answers(memory, "PerRequest"), asked), [1.0, 0.0, 1.0, 13.0, 0.0]);
    assert_eq!(said(&lost_answers(memory, "PerAttempt"), asked), [2.0, 1.0, 0.0, 22.0, 0.0]);
    assert_eq!(said(&lost_answers(memory, "NoKey"), asked), [2.0, 1.0, 0.0, 22.0, 0.0]);
    // It was known from 11 s on, for so long.
    let short = "idempotency: (replay: \"1s\", window: \"1s\")";
    assert_eq!(said(&lost_answers(short, "PerCall"), asked), [2.0, 1.0, 0.0, 22.0, 0.0]);
}

#[test]
fn a_key_that_is_being_worked_on_makes_others_wait_fail_or_race() {
    let asked =
        ["effects(q)", "duplicates(q)", "replayed(q)", "coalesced(q)", "conflicts(q)", DONE];
    let twice = |in_flight: &str| {
        let memory = format!("idempotency: (replay: \"1s\", in_flight: {in_flight})");
        // The first attempt is done at 11 s; the second, sent at 7 s, by itself at 10 s.
        one("Retry(times: 1), Timeout(\"6s\")", &memory, "").replace(
            "workers: 1, work: Const(\"10s\")",
            "workers: 2, work: Sequence([\"10s\", \"3s\"])",
        )
    };
    assert_eq!(said(&twice("Wait"), asked), [1.0, 0.0, 1.0, 1.0, 0.0, 0.0]);
    assert_eq!(said(&twice("Wait"), ["mean(l)"]), [11.0], "at 11 s it is known, at 12 s answered");
    assert_eq!(said(&twice("Conflict"), asked), [1.0, 0.0, 0.0, 0.0, 1.0, 1.0]);
    assert_eq!(said(&twice("Race"), asked), [1.0, 0.0, 1.0, 0.0, 0.0, 0.0]);
    assert_eq!(said(&twice("Race"), ["mean(l)"]), [9.0], "the second is first");
    // With a worker for the second only when the first is done, it has nothing to wait for.
    let one_worker = twice("Wait").replace("workers: 2", "workers: 1");
    assert_eq!(said(&one_worker, asked), [1.0, 0.0, 1.0, 0.0, 0.0, 0.0]);
}

#[test]
fn a_key_is_free_again_if_its_process_dies_before_the_effect_and_known_after_it() {
    let crash = "faults: [Crash(service: \"q\", at: \"5s\", lasts: \"1s\")],";
    let with = "Retry(times: 1, wait: Constant(\"2s\"))";
    let asked = ["effects(q)", "replayed(q)", "mean(l)"];
    let memory = "idempotency: (replay: \"1s\")";
    assert_eq!(said(&one(with, memory, crash), asked), [1.0, 0.0, 16.0]);
    let at_start = one(with, memory, crash).replace("AtEnd", "AtStart");
    assert_eq!(said(&at_start, asked), [1.0, 1.0, 7.0]);
    let no_memory = one(with, "", crash).replace("AtEnd", "AtStart");
    assert_eq!(said(&no_memory, asked), [2.0, 0.0, 16.0]);
}

#[test]
fn a_key_for_the_whole_request_holds_where_somebody_further_up_tries_again() {
    let text = |key: &str| {
        let every = arriving_at(&[1.0]);
        format!(
            "Experiment(name: \"up\", run: (time: \"1000s\", runs: 1),
                load: [Renewal(to: \"front\", every: {every}, name: \"l\",
                               with: [Retry(times: 1), Timeout(\"12s\")])],
                services: {{
                    \"front\": (workers: 2, calls: [(to: \"q\", key: {key})]),
                    \"q\": (workers: 1, work: Const(\"10s\"), effect: AtEnd,
                            idempotency: (replay: \"1s\")),
                }},
                faults: [Loss(link: \"l -> front\", ratio: \"100%\", direction: Back, at: \"0s\", lasts: \"12s\")],
            )"
        )
    };
    let asked = ["effects(q)", "duplicates(q)", "replayed(q)"];
    assert_eq!(said(&text("PerCall"), asked), [2.0, 1.0, 0.0]);
    assert_eq!(said(&text("PerRequest"), asked), [1.0, 0.0, 1.0]);
}

#[test]
fn branches_and_repeats_have_effects_of_their_own() {
    let scripted = |script: &str| {
        one("", "", "").replace(
            "work: Const(\"10s\"), effect: AtEnd, ",
            &format!("endpoints: {{\"default\": [{script}]}}"),
        )
    };
    let asked = ["effects(q)", "duplicates(q)"];
    let repeat = "Repeat(times: 3, steps: [Work(\"1s\"), Effect])";
    assert_eq!(said(&scripted(repeat), asked), [3.0, 0.0]);
    let parallel = "Parallel(branches: [[Work(\"1s\"), Effect]], times: 4)";
    assert_eq!(said(&scripted(parallel), asked), [4.0, 0.0]);
    assert_eq!(said(&scripted("Work(\"1s\"), Effect, Fail"), [asked[0], DONE]), [1.0, 1.0]);
}
