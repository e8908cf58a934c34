//! Workers that break down one by one, and what becomes of what they worked on.

use super::{latency, told};
use brownout_tests::{arriving_at, ten_seconds_of_work, value};

const DOWN: &str = "Breakdowns(service: \"q\", mtbf: Const(\"5s\"), mttr: Const(\"2s\")";

#[test]
fn the_work_of_the_only_worker_goes_on_when_that_is_repaired() {
    // Broken from 5 to 7, 12 to 14 …: 4 s by 5, 9 by 12, the last one until 15.
    assert_eq!(latency(&format!("{DOWN}, mode: Worker)")), 14.0);
}

#[test]
fn what_is_interrupted_goes_on_before_those_who_wait() {
    // The first until 15 as above; broken again from 19 to 21 and from 26 to 28: the second from
    // 15 until 29. Were it the second's turn at 7, they would end at 29 and 26.
    let faults = format!("faults: [{DOWN}, mode: Worker)],");
    let text = ten_seconds_of_work(&[1.0, 2.0], "", &faults);
    assert_eq!(value(&text, "mean(q)"), f64::midpoint(14.0, 27.0));
}

#[test]
fn or_it_is_lost_and_its_caller_hears_of_it_at_once() {
    let faults = format!("faults: [{DOWN}, mode: Worker(in_service: Lost))],");
    // The second waits for the repair at 7; in five seconds nothing here is done.
    let text = ten_seconds_of_work(&[1.0, 6.0], "", &faults);
    let told = told(&text, &["lost(q)", "refused(q)", "goodput(q)", "died.reset(l)", "queue(q)"]);
    assert_eq!(told["lost(q)"], 0.002);
    assert_eq!((told["refused(q)"], told["goodput(q)"]), (0.0, 0.0));
    assert_eq!(told["queue(q)"], 0.001, "one waited for one second of a thousand");
}

/// Requests one after the other for ten seconds each, and many workers that break down.
fn one_at_a_time(mode: &str) -> f64 {
    let text = format!(
        "Experiment(
            name: \"spare\",
            run: (time: \"10000s\", runs: 1),
            load: [Steady(to: \"q\", rate: \"0.05/s\")],
            services: {{ \"q\": (workers: 20, work: Const(\"10s\")) }},
            faults: [Breakdowns(service: \"q\", mode: {mode}, mtbf: \"10s\", mttr: \"2s\")],
        )"
    );
    value(&text, "mean(q)")
}

#[test]
fn another_worker_that_is_free_takes_over_at_once() {
    assert_eq!(one_at_a_time("Worker"), 10.0);
    // Were all of them to stop together, work would take 12 s.
    assert!((one_at_a_time("Stall") - 12.0).abs() < 0.4);
}

#[test]
fn the_work_of_broken_workers_that_are_shared_goes_on_with_those_that_are_left() {
    let serving = "serving: ProcessorSharing, ";
    let shared = |mode: &str| {
        let faults = format!("faults: [{DOWN}, mode: {mode})],");
        value(&ten_seconds_of_work(&[1.0], serving, &faults), "mean(q)")
    };
    // Nothing is left of one: it stands still, with what it works on in its hands.
    assert_eq!(shared("Worker"), 14.0);
    assert_eq!(shared("Worker(in_service: Lost)"), 14.0);
}

#[test]
fn who_waits_for_a_call_with_its_worker_held_is_spared() {
    let text = format!(
        "Experiment(
            name: \"held\",
            run: (time: \"1000s\", runs: 1),
            load: [Renewal(to: \"q\", every: {every})],
            services: {{
                \"q\": (workers: 1, while_calling: Held, endpoints: {{
                    \"go\": [Work(\"1s\"), Call(to: \"slow\"), Work(\"2500ms\")],
                }}),
                \"slow\": (workers: Unlimited, work: Const(\"6s\")),
            }},
            faults: [{DOWN}, mode: Worker)],
        )",
        every = arriving_at(&[1.0, 2.0]),
    );
    // The only worker is broken from 5 to 7, 12 to 14 and 19 to 21. The first works from 1 to 2,
    // calls until 8, and works until 10.5; the second from there to 11.5, calls until 17.5, works
    // for 1.5 s, is interrupted, and goes on from 21 to 22.
    assert_eq!(value(&text, "mean(q)"), f64::midpoint(9.5, 20.0));
}
