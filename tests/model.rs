//! The model by hand: one or two requests at known moments, and answers worked out on paper.

use brownout_core::Time;
use brownout_core::random::Seed;
use brownout_tests::{measuring, parse, rows, ten_seconds_of_work, value};
use brownout_topologies::ledger::row::{Row, Sink};
use brownout_topologies::ledger::{Leaving, Plan};
use brownout_topologies::run::{RunOptions, run_with};
use std::cell::RefCell;
use std::rc::Rc;

#[test]
fn work_in_service_slows_down_and_speeds_up_with_its_replica() {
    // 4 s done by 5 s; 4 s at half speed make 2 s more; the last 4 s take 4 s: 13 − 1 = 12.
    let slow = "faults: [Slow(service: \"q\", by: 2, at: \"5s\", lasts: \"4s\")],";
    assert_eq!(value(&ten_seconds_of_work(&[1.0], "", slow), "mean(q)"), 12.0);
    // Two at once multiply: 2 s at quarter speed and 2 s at half speed make 1.5 s: 4 + 1.5 + 4.5.
    let both = "faults: [
        Slow(service: \"q\", by: 2, at: \"5s\", lasts: \"4s\"),
        Slow(service: \"q\", by: 2, at: \"5s\", lasts: \"2s\"),
    ],";
    assert_eq!(value(&ten_seconds_of_work(&[1.0], "", both), "mean(q)"), 12.5);
}

#[test]
fn a_call_that_its_callers_policy_turns_away_is_neither_an_attempt_nor_a_refusal() {
    // The place is taken from 1 s to 11 s: the calls at 2 s and 3 s find none.
    let rest = "policies: { \"p\": [Bulkhead(places: 1)] },";
    let text = ten_seconds_of_work(&[1.0, 2.0, 3.0, 20.0], "", rest);
    let text = text.replace("name: \"l\"", "name: \"l\", with: \"p\"");
    let counted = |metric: &str| value(&text, metric) * 1_000.0;
    assert_eq!(counted("turned_away(load.l)"), 2.0);
    assert_eq!(counted("turned_away(q)"), 2.0);
    assert_eq!(counted("errors(q)"), 2.0);
    assert_eq!(
        (counted("offered(q)"), counted("attempts(q)"), counted("refused(q)")),
        (4.0, 2.0, 0.0)
    );
}

#[test]
fn a_stall_freezes_work_in_service_or_lets_it_run_on() {
    let stall = |in_service: &str| {
        let fault = format!(
            "faults: [Stall(service: \"q\", in_service: {in_service}, at: \"5s\", lasts: \"8s\")],"
        );
        let text = ten_seconds_of_work(&[1.0, 2.0], "", &fault);
        let rows = rows(&measuring(&text, &["mean(q) during 0s..1.5s", "mean(q) during 1.5s..3s"]));
        (rows["mean(q) during 0s..1.5s"][0], rows["mean(q) during 1.5s..3s"][0])
    };
    // Frozen: 4 s done, 8 s still, 6 s left: 19 − 1; the next one from 19 to 29.
    assert_eq!(stall("Stop"), (18.0, 27.0));
    // Running on: done at 11; nothing is taken up before 13; the next one until 23.
    assert_eq!(stall("Keep"), (10.0, 21.0));
}

#[test]
fn a_crash_resets_what_is_in_service_and_keeps_or_loses_what_waits() {
    let crash = |queue: &str| {
        let fault =
            format!("faults: [Crash(service: \"q\", queue: {queue}, at: \"5s\", lasts: \"20s\")],");
        ten_seconds_of_work(&[1.0, 2.0, 10.0], "", &fault)
    };
    // Kept: the first is reset, the third is refused, the second is served from 25 to 35.
    let kept = rows(&measuring(&crash("Kept"), &["mean(q)", "errors(q)", "refused(q)", "lost(q)"]));
    assert_eq!(kept["mean(q)"], [33.0]);
    assert_eq!(kept["errors(q)"], [2.0 / 1000.0]);
    assert_eq!(kept["refused(q)"], [1.0 / 1000.0]);
    assert_eq!(kept["lost(q)"], [1.0 / 1000.0]);
    let lost = rows(&measuring(&crash("Lost"), &["errors(q)", "lost(q)"]));
    assert_eq!((lost["errors(q)"][0], lost["lost(q)"][0]), (3.0 / 1000.0, 2.0 / 1000.0));
}

/// Who times out while the process is down has left the queue that it finds when it comes back.
#[test]
fn a_kept_queue_forgets_those_who_left_while_the_process_was_down() {
    let fault = "faults: [Crash(service: \"q\", queue: Kept, at: \"5s\", lasts: \"20s\")],";
    let text = ten_seconds_of_work(&[1.0, 2.0, 30.0], "queue_timeout: \"10s\"", fault);
    let rows = rows(&measuring(&text, &["shed(q)", "mean(q)", "queue(q) during 13s..1000s"]));
    assert_eq!((rows["shed(q)"][0], rows["mean(q)"][0]), (0.001, 10.0));
    assert_eq!(rows["queue(q) during 13s..1000s"], [0.0]);
}

#[test]
fn a_silent_crash_leaves_its_callers_waiting() {
    let fault = "faults: [Crash(service: \"q\", callers: Silence, at: \"5s\", lasts: \"20s\")],";
    let text = ten_seconds_of_work(&[1.0, 10.0], "", fault);
    let rows = rows(&measuring(&text, &["errors(q)", "in_system(l) during 30s..40s"]));
    assert_eq!((rows["errors(q)"][0], rows["in_system(l) during 30s..40s"][0]), (0.0, 2.0));
}

#[test]
fn a_pushed_configuration_reaches_replicas_and_goes_back() {
    // A second worker from 5 s on: the waiting one starts at 5 and ends at 15 instead of 21.
    let fault = "faults: [Config(service: \"q\", workers: 2, at: \"5s\", lasts: \"1s\")],";
    let text = ten_seconds_of_work(&[1.0, 2.0, 3.0], "", fault);
    let rows =
        rows(&measuring(&text, &["sojourn.p1(q)", "queue.max(q)", "mean(q) during 2.5s..4s"]));
    assert_eq!(rows["queue.max(q)"], [2.0]);
    // Back to one worker at 6 s: the third starts when the last of the two is done, at 15.
    assert_eq!(rows["mean(q) during 2.5s..4s"], [22.0]);
}

#[test]
fn a_queue_timeout_is_measured_by_the_replicas_own_clock() {
    let timed = |clock: &str| {
        let service = format!("queue_timeout: \"5s\", {clock}");
        let text = ten_seconds_of_work(&[1.0, 2.0], &service, "");
        value(&text, "in_system(q) during 0s..10s")
    };
    // The second waits 5 s of the replica's time: from 2 to 7, or to 6 on a clock 25 % fast.
    assert!((timed("") - (9.0 + 5.0) / 10.0).abs() < 1e-9);
    assert!((timed("clock: (drift: 0.25)") - (9.0 + 4.0) / 10.0).abs() < 1e-9);
}

#[test]
fn a_full_queue_refuses_at_once_or_loses_silently() {
    let full = |what: &str| {
        let service = format!("queue: Fifo(limit: 0), full_queue: {what}");
        let text = ten_seconds_of_work(&[1.0, 2.0], &service, "");
        let rows = rows(&measuring(&text, &["refused(q)", "lost(q)", "errors(q)"]));
        (rows["refused(q)"][0], rows["lost(q)"][0], rows["errors(q)"][0])
    };
    assert_eq!(full("Refuse"), (0.001, 0.0, 0.001));
    assert_eq!(full("Lose"), (0.0, 0.001, 0.0));
}

/// One call whose first attempt takes 10 s and times out after 6 s; its retry waits behind it.
fn late(semantics: &str) -> String {
    let rest = format!("semantics: (late_answers: {semantics}),");
    ten_seconds_of_work(&[1.0], "", &rest)
        .replace("name: \"l\"", "name: \"l\", with: [Retry(times: 1), Timeout(\"6s\")]")
}

#[test]
fn a_late_answer_is_thrown_away_or_settles_its_call() {
    // Discarded: the second attempt starts at 7, waits until 11, times out at 13.
    assert_eq!(value(&late("Discard"), "availability(l)"), 0.0);
    // Accepted: the first attempt's answer comes at 11, while the second is out.
    let text = late("Accept");
    assert_eq!((value(&text, "availability(l)"), value(&text, "mean(l)")), (1.0, 10.0));
}

#[test]
fn abandoned_work_runs_on_or_is_removed_and_stopped() {
    let busy = |on_cancel: &str| {
        let text = late("Discard").replace("work: Const(\"10s\"),", on_cancel);
        let rows = rows(&measuring(&text, &["busy(q) during 0s..100s", "wasted(q)"]));
        (rows["busy(q) during 0s..100s"][0], rows["wasted(q)"][0])
    };
    assert_eq!(busy("work: Const(\"10s\"), on_cancel: KeepWorking,"), (0.2, 1.0));
    // Stopped: 6 s of the first attempt and 6 s of the second, all of it for nobody.
    let stop = "work: Const(\"10s\"), on_cancel: (queued: Remove, in_service: Stop),";
    assert_eq!(busy(stop), (0.12, 1.0));
    // With 13 s of work the second attempt still waits when it is given up, at 13 of 14.
    let keep = "work: Const(\"13s\"), on_cancel: KeepWorking,";
    assert_eq!(busy(keep), (0.26, 1.0));
    let remove = "work: Const(\"13s\"), on_cancel: (queued: Remove, in_service: Keep),";
    assert_eq!(busy(remove), (0.13, 1.0));
}

#[test]
fn work_whose_deadline_has_passed_can_be_thrown_away_when_its_turn_comes() {
    let text = late("Discard")
        .replace("work: Const(\"10s\"),", "work: Const(\"10s\"), drop_expired: true,");
    // The second attempt's turn comes at 11, its deadline is 13: it is served. With work of 13 s
    // the turn comes at 14, and it is not.
    assert_eq!(value(&text, "busy(q) during 0s..100s"), 0.2);
    let longer = text.replace("Const(\"10s\")", "Const(\"13s\")");
    assert_eq!(value(&longer, "busy(q) during 0s..100s"), 0.13);
    assert_eq!(value(&longer, "shed(q)"), 0.001);
}

#[test]
fn a_worker_is_held_while_its_call_is_out_or_released() {
    let chain = |while_calling: &str| {
        let text = format!(
            "Experiment(
                name: \"chain\",
                run: (time: \"100s\", runs: 1),
                load: [Renewal(to: \"front\", every: Sequence([\"1s\", \"1s\", \"1000s\"]), name: \"l\")],
                services: {{
                    \"front\": (workers: 1, work: Const(\"1s\"), while_calling: {while_calling},
                                calls: [(to: \"back\")]),
                    \"back\": (workers: 2, work: Const(\"10s\")),
                }},
            )"
        );
        value(&text, "mean(l)")
    };
    // Held: 1 → 2 → 12; the second starts at 12: 12 → 13 → 23. Mean of 11 and 21.
    assert_eq!(chain("Held"), 16.0);
    // Released: the second starts at 2, both take 11 s.
    assert_eq!(chain("Released"), 11.0);
}

#[test]
fn a_link_delays_both_ways_and_loses_what_it_says() {
    let link = |network: &str| ten_seconds_of_work(&[1.0], "", &format!("network: ({network}),"));
    assert_eq!(value(&link("latency: \"3s\""), "mean(l)"), 16.0);
    assert_eq!(value(&link("loss: \"100%\""), "lost(q)"), 0.001);
}

#[test]
fn a_budget_is_as_large_as_its_scope() {
    let attempts = |scope: &str| {
        let text = format!(
            "Experiment(
                name: \"scopes\",
                run: (time: \"100s\", runs: 1),
                load: [Steady(to: \"a\", rate: \"10/s\"), Steady(to: \"b\", rate: \"10/s\")],
                services: {{
                    \"a\": (replicas: 5, workers: 10, work: Const(\"1ms\"), calls: [(to: \"db\", with: \"p\")]),
                    \"b\": (replicas: 5, workers: 10, work: Const(\"1ms\"), calls: [(to: \"db\", with: \"p\")]),
                    \"db\": (workers: 10, work: Const(\"1ms\")),
                }},
                policies: {{ \"p\": [Retry(times: 9, budget: Bucket(cap: 7, initial: 7, per_call: 0, scope: {scope}))] }},
                faults: [Errors(service: \"db\", ratio: \"100%\", at: \"0s\")],
            )"
        );
        let rows = rows(&measuring(&text, &["attempts(db)", "offered(db)"]));
        ((rows["attempts(db)"][0] - rows["offered(db)"][0]) * 100.0).round()
    };
    assert_eq!(attempts("Replica"), 70.0);
    assert_eq!(attempts("Caller"), 14.0);
    assert_eq!(attempts("Fleet"), 7.0);
}

/// What a listener hears, as words.
struct Words(Rc<RefCell<Vec<String>>>);

impl Sink for Words {
    fn row(&mut self, at: Time, row: &Row<'_>) {
        let said = match row {
            Row::AttemptGivenUp { outcome, .. } => format!("given up {:?}", outcome.done),
            Row::Left { how: Leaving::Finished, .. } => "finished".to_owned(),
            Row::CallEnded { outcome, .. } => format!("ended {:?}", outcome.seen),
            _ => return,
        };
        self.0.borrow_mut().push(format!("{at} {said}"));
    }
}

/// The ambiguous outcome: the caller gave up not knowing, and the work was done all the same.
#[test]
fn what_the_caller_saw_and_what_happened_are_two_things() {
    let text = ten_seconds_of_work(&[1.0], "", "")
        .replace("name: \"l\"", "name: \"l\", with: [Timeout(\"6s\")]");
    let experiment = parse(&text);
    let heard = Rc::new(RefCell::new(Vec::new()));
    let sink = Box::new(Words(Rc::clone(&heard)));
    let graph = &experiment.variants[0].graph;
    run_with::<brownout_core::heap::Binary>(
        graph,
        Seed::new(1),
        &Plan::default(),
        RunOptions::default(),
        Some(sink),
    )
    .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(*heard.borrow(), ["7s given up Unknown", "7s ended TimedOut", "11s finished"]);
}
