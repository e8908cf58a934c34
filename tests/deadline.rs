//! Deadlines by hand: what travels, what is not sent, what stops.

use brownout_tests::{measuring, rows};
use std::collections::BTreeMap;

/// One request at 1 s, by a user who waits for 6 s, to `front`, which works for a second and calls
/// `back`, which works for ten.
fn chain(front: &str, back: &str) -> String {
    format!(
        "Experiment(
            name: \"chain\",
            run: (time: \"1000s\", runs: 1),
            load: [Renewal(to: \"front\", every: Sequence([\"1s\", \"1000s\"]), name: \"l\",
                           patience: \"6s\")],
            services: {{
                \"front\": (workers: 1, work: Const(\"1s\"), {front} calls: [(to: \"back\")]),
                \"back\": (workers: 1, work: Const(\"10s\"), {back}),
            }},
        )"
    )
}

const ASKED: [&str; 9] = [
    "in_system(l)",
    "busy(front)",
    "busy(back)",
    "timed_out(back)",
    "offered(back)",
    "attempts(back)",
    "expired(back)",
    "wasted(back)",
    "dead(back)",
];

/// What is asked, for a thousand seconds: seconds of a level, numbers of a rate.
fn run(text: &str) -> BTreeMap<String, f64> {
    let measured = rows(&measuring(text, &ASKED)).into_iter().map(|(asked, runs)| {
        let is_share = asked.starts_with("wasted") || asked.starts_with("dead");
        let value = if is_share { runs[0] } else { runs[0] * 1000.0 };
        (asked, (value * 1e6).round() / 1e6)
    });
    measured.collect()
}

#[test]
fn without_propagation_a_call_outlives_its_user() {
    let found = run(&chain("", ""));
    assert_eq!((found["in_system(l)"], found["busy(front)"]), (6.0, 11.0));
    assert_eq!((found["busy(back)"], found["timed_out(back)"]), (10.0, 0.0));
    // It began while the user waited, and ended in vain.
    assert_eq!((found["wasted(back)"], found["dead(back)"]), (1.0, 0.0));
}

#[test]
fn what_is_left_bounds_a_call_that_has_no_policies_of_its_own() {
    let found = run(&chain("deadlines: Propagate,", ""));
    // Both give up at 7; back works on for nobody.
    assert_eq!((found["in_system(l)"], found["busy(front)"]), (6.0, 6.0));
    assert_eq!((found["timed_out(back)"], found["busy(back)"]), (1.0, 10.0));
    // A reserve of a second: the call ends at 6, and the user gets an answer, if a bad one.
    let found = run(&chain("deadlines: Propagate(reserve: \"1s\"),", ""));
    assert_eq!((found["in_system(l)"], found["timed_out(back)"]), (5.0, 1.0));
}

#[test]
fn a_service_stops_what_it_serves_at_the_deadline_that_it_was_told() {
    let stops = "on_deadline: (in_service: Stop)";
    let found = run(&chain("deadlines: Propagate(reserve: \"1s\"),", stops));
    assert_eq!((found["busy(back)"], found["expired(back)"]), (4.0, 1.0));
    assert_eq!((found["wasted(back)"], found["dead(back)"]), (1.0, 0.0));
    // Nobody told it: it cannot.
    assert_eq!(run(&chain("", stops))["busy(back)"], 10.0);
}

#[test]
fn a_call_without_time_left_is_not_sent() {
    let late =
        chain("deadlines: Propagate,", "").replace("work: Const(\"1s\")", "work: Const(\"7s\")");
    let found = run(&late);
    assert_eq!((found["offered(back)"], found["attempts(back)"]), (1.0, 0.0));
    assert_eq!((found["busy(front)"], found["busy(back)"]), (7.0, 0.0));
    // The reserve is all that is left.
    let spent = run(&chain("deadlines: Propagate(reserve: \"5s\"),", ""));
    assert_eq!((spent["attempts(back)"], spent["in_system(l)"]), (0.0, 1.0));
    // A fallback answers all the same.
    let text = chain("deadlines: Propagate(reserve: \"5s\"),", "")
        .replace("(to: \"back\")", "(to: \"back\", with: [Fallback])");
    let rows = rows(&measuring(&text, &["availability(l)", "attempts(back)"]));
    assert_eq!((rows["availability(l)"][0], rows["attempts(back)"][0]), (1.0, 0.0));
}

#[test]
fn the_shorter_of_a_policys_time_and_the_time_that_is_left_counts() {
    let with = |stack: &str| {
        let text =
            chain("deadlines: Propagate(reserve: \"1s\"),", "on_deadline: (in_service: Stop)");
        run(&text.replace("(to: \"back\")", &format!("(to: \"back\", with: [{stack}])")))
    };
    assert_eq!(with("Timeout(\"2s\")")["busy(back)"], 2.0);
    assert_eq!(with("Timeout(\"30s\")")["busy(back)"], 4.0);
    // Retries get what is left: 3 s and 1 s.
    let retried = with("Retry(times: 5), Timeout(\"3s\")");
    assert_eq!((retried["busy(back)"], retried["attempts(back)"]), (4.0, 2.0));
}

#[test]
fn whatever_a_service_is_doing_stops_at_the_deadline() {
    let stops = "on_deadline: (in_service: Stop),";
    // While its call is out, which it gives up.
    let found = run(&chain(stops, ""));
    assert_eq!((found["busy(front)"], found["busy(back)"]), (6.0, 10.0));
    let script = |steps: &str| {
        let text = chain("", "").replace(
            "work: Const(\"1s\"),  calls: [(to: \"back\")]",
            &format!("{stops} endpoints: {{ \"go\": [{steps}] }}"),
        );
        assert!(text.contains(steps), "{text}");
        rows(&measuring(&text, &["busy(front)", "expired(front)", "busy(back)"]))
    };
    for steps in [
        "Sleep(\"30s\")",
        "Work(\"30s\")",
        "Parallel([Sleep(\"30s\"), Sleep(\"20s\")])",
        "Parallel([Work(\"30s\")])",
        "Repeat(times: 9, steps: [Work(\"2s\")])",
    ] {
        let rows = script(steps);
        assert!((rows["busy(front)"][0] - 0.006).abs() < 1e-9, "{steps}: {rows:?}");
        assert_eq!(rows["expired(front)"][0], 0.001, "{steps}");
    }
    // What is done at that very moment is done.
    assert_eq!(script("Work(\"6s\")")["expired(front)"][0], 0.0);
    // A slowdown moves the end of work beyond its deadline.
    let text = chain("deadlines: Propagate,", "on_deadline: (in_service: Stop)")
        .replace("work: Const(\"10s\")", "work: Const(\"4s\")");
    let slow = "faults: [Slow(service: \"back\", by: 3, at: \"4s\", lasts: \"50s\")],\n)";
    let text = format!("{}{slow}", text.trim_end().strip_suffix(')').expect("it ends so"));
    assert_eq!(run(&text)["busy(back)"], 5.0);
}

#[test]
fn a_moment_is_read_off_the_callees_own_clock() {
    let absolute = |offset: &str, queued: &str| {
        let back = format!(
            "on_deadline: (queued: {queued}, in_service: Stop), clock: (offset: \"{offset}\")"
        );
        run(&chain("deadlines: Absolute,", &back))
    };
    // The call is made at 2, for an answer by 7.
    assert_eq!(absolute("0s", "Keep")["busy(back)"], 5.0);
    assert_eq!(absolute("2s", "Keep")["busy(back)"], 3.0);
    // A clock that is behind serves the dead: the caller has given up at 7.
    let slow = absolute("-2s", "Keep");
    assert_eq!((slow["busy(back)"], slow["timed_out(back)"]), (7.0, 1.0));
    // One that is far ahead lets nothing in.
    assert_eq!(absolute("1min", "Drop")["busy(back)"], 0.0);
    // What remains needs no clock.
    let back = "on_deadline: (in_service: Stop), clock: (offset: \"1min\")";
    assert_eq!(run(&chain("deadlines: Propagate,", back))["busy(back)"], 5.0);
}

/// A sick replica reads a moment at its door as a healthy one does, with an inlet or without.
#[test]
fn a_moment_is_read_at_the_door_of_a_sick_replica_too() {
    let refused = |faults: &str, more: &str| {
        let text = format!(
            "Experiment(
                name: \"sick\",
                run: (time: \"100s\", runs: 1),
                load: [Steady(to: \"front\", rate: \"1/s\", name: \"l\", patience: \"500ms\")],
                services: {{
                    \"front\": (workers: Unlimited, deadlines: Absolute, calls: [(to: \"back\")]),
                    \"back\": (work: Const(\"100ms\"), on_deadline: (queued: Drop), {more}
                              clock: (offset: \"1s\")),
                }},
                faults: [{faults}],
            )"
        );
        let rows = rows(&measuring(&text, &["refused(back)", "busy(back)"]));
        [rows["refused(back)"][0], rows["busy(back)"][0]]
    };
    let sick = "Errors(service: \"back\", ratio: \"0.0000001%\", at: \"0s\", lasts: \"100s\")";
    let inlet = "admission: [Bulkhead(places: 5)],";
    for (faults, more) in [("", ""), (sick, ""), ("", inlet), (sick, inlet)] {
        assert_eq!(refused(faults, more), [1.0, 0.0], "{faults} {more}");
    }
}

#[test]
fn replicas_have_their_offsets_in_turn() {
    let text = "Experiment(
        name: \"skew\",
        run: (time: \"100s\", runs: 1),
        load: [Steady(to: \"front\", rate: \"1/s\", name: \"l\", patience: \"500ms\")],
        services: {
            \"front\": (workers: Unlimited, deadlines: Absolute, calls: [(to: \"back\")]),
            \"back\": (replicas: 2, work: Const(\"100ms\"), on_deadline: (queued: Drop),
                      clock: (offset: [\"-1s\", \"1s\"])),
        },
    )";
    let rows = rows(&measuring(text, &["availability(l)", "refused(back)"]));
    assert_eq!((rows["availability(l)"][0], rows["refused(back)"][0]), (0.5, 0.5));
}

#[test]
fn work_is_dead_if_nobody_waited_for_it_when_it_began() {
    let text = "Experiment(
        name: \"dead\",
        run: (time: \"1000s\", runs: 1),
        load: [Renewal(to: \"q\", every: Sequence([\"1s\", \"1s\", \"1000s\"]), name: \"l\",
                       patience: \"5s\")],
        services: { \"q\": (workers: 1, work: Const(\"10s\")) },
    )";
    let found = rows(&measuring(text, &["wasted(q)", "dead(q)"]));
    assert_eq!((found["wasted(q)"][0], found["dead(q)"][0]), (1.0, 0.5));
    // Dropped when its turn comes: the dead are not served.
    let drops = text.replace("Const(\"10s\")", "Const(\"10s\"), drop_expired: true");
    let found = rows(&measuring(&drops, &["wasted(q)", "dead(q)", "busy(q)"]));
    assert_eq!((found["wasted(q)"][0], found["dead(q)"][0]), (1.0, 0.0));
    assert!((found["busy(q)"][0] - 0.01).abs() < 1e-9);
}
