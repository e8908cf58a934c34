//! Who is let in, who is served next and how work is shared, by hand: a few requests at known
//! moments, and answers worked out on paper.

use brownout_tests::{measuring, rows};
use std::collections::BTreeMap;

/// One request: its name, the second at which it comes, and what else its load says.
type Request<'a> = (&'a str, f64, &'a str);

/// These requests to a service `q` with ten seconds of work and one worker.
fn requests(requests: &[Request<'_>], service: &str, rest: &str) -> String {
    let load = |&(name, at, more): &Request<'_>| {
        let every = format!("Sequence([\"{at}s\", \"1000000s\"])");
        format!("Renewal(to: \"q\", every: {every}, name: \"{name}\", {more})")
    };
    let loads: Vec<String> = requests.iter().map(load).collect();
    let own = |key: &str, default: &str| match service.contains(key) {
        true => String::new(),
        false => format!("{key} {default}, "),
    };
    let (workers, work) = (own("workers:", "1"), own("work:", "Const(\"10s\")"));
    format!(
        "Experiment(
            name: \"by hand\",
            run: (time: \"1000s\", runs: 1),
            load: [{}],
            services: {{ \"q\": ({workers}{work}{service}) }},
            {rest}
        )",
        loads.join(", ")
    )
}

/// How long each request took.
fn latencies(text: &str, names: &[&str]) -> Vec<f64> {
    let sentences: Vec<String> = names.iter().map(|name| format!("mean({name})")).collect();
    let all = all(text, &sentences.iter().map(String::as_str).collect::<Vec<_>>());
    sentences.iter().map(|sentence| all[sentence]).collect()
}

fn all(text: &str, sentences: &[&str]) -> BTreeMap<String, f64> {
    let rows = rows(&measuring(text, sentences)).into_iter();
    rows.map(|(text, runs)| (text, runs[0])).collect()
}

/// How many in the thousand seconds of a run.
fn counts<const N: usize>(text: &str, names: [&str; N]) -> [f64; N] {
    let sentences = names.map(|name| format!("{name}(q)"));
    let all = all(text, &sentences.each_ref().map(String::as_str));
    sentences.map(|sentence| (all[&sentence] * 1000.0).round())
}

#[test]
fn the_last_to_come_is_the_first_to_be_served() {
    let four = [("a", 1.0, ""), ("b", 2.0, ""), ("c", 3.0, ""), ("d", 4.0, "")];
    let text = requests(&four, "queue: Lifo", "");
    // a from 1 to 11, d to 21, c to 31, b to 41.
    assert_eq!(latencies(&text, &["a", "b", "c", "d"]), [10.0, 39.0, 28.0, 17.0]);
}

#[test]
fn the_more_important_goes_first_and_may_interrupt() {
    let three = [("a", 1.0, "priority: 1"), ("b", 2.0, "priority: 1"), ("c", 4.0, "priority: 0")];
    let waits = requests(&three, "queue: Priority(limit: 10)", "");
    // a from 1 to 11, c to 21, b to 31.
    assert_eq!(latencies(&waits, &["a", "b", "c"]), [10.0, 29.0, 17.0]);
    let interrupts = requests(&three, "queue: Priority(limit: 10, preemptive: true)", "");
    // c from 4 to 14; 7 s are left of a, which goes on to 21; b to 31.
    assert_eq!(latencies(&interrupts, &["a", "b", "c"]), [20.0, 29.0, 10.0]);
    let sentences = ["busy(q) during 0s..100s", "queue(q) during 0s..100s", "service.mean(q)"];
    let all = all(&interrupts, &sentences);
    assert_eq!(sentences.map(|sentence| all[sentence]), [0.3, 0.29, 10.0]);
}

/// Two workers: the last of the least important is interrupted, and an equal never is.
#[test]
fn of_several_in_service_the_last_of_the_least_important_is_interrupted() {
    let five = [
        ("a", 1.0, "priority: 2"),
        ("b", 2.0, "priority: 2"),
        ("c", 3.0, "priority: 1"),
        ("d", 4.0, "priority: 2"),
        ("e", 5.0, "priority: 1"),
    ];
    let text = requests(&five, "workers: 2, queue: Priority(limit: 9, preemptive: true)", "");
    // c takes b's worker at 3 (9 s left) and e takes a's at 5 (6 s left); c and e end at 13 and 15;
    // a came before b, so it goes on from 13 to 19, b from 15 to 24, d from 19 to 29.
    assert_eq!(latencies(&text, &["a", "b", "c", "d", "e"]), [18.0, 22.0, 10.0, 25.0, 10.0]);
}

#[test]
fn whose_time_is_up_first_goes_first() {
    let three = [
        ("a", 1.0, ""),
        ("b", 2.0, "with: [Timeout(\"100s\")]"),
        ("c", 3.0, "with: [Timeout(\"50s\")]"),
        ("d", 4.0, ""),
    ];
    let text = requests(&three, "queue: EarliestDeadline", "");
    assert_eq!(latencies(&text, &["a", "b", "c", "d"]), [10.0, 29.0, 18.0, 37.0]);
}

/// At 21 b's caller is gone. What was begun already is finished all the same.
#[test]
fn whose_time_is_up_is_dropped_when_its_turn_comes_in_any_order() {
    let three = [("a", 1.0, ""), ("b", 2.0, "with: [Timeout(\"5s\")]"), ("c", 3.0, "")];
    let keeps = requests(&three, "queue: Lifo", "");
    assert_eq!(counts(&keeps, ["shed", "finished"]), [0.0, 3.0]);
    let drops = requests(&three, "queue: Lifo, drop_expired: true", "");
    assert_eq!(counts(&drops, ["shed", "finished"]), [1.0, 2.0]);
    let two = [("a", 1.0, "priority: 1, with: [Timeout(\"5s\")]"), ("b", 2.0, "priority: 0")];
    let service = "queue: Priority(limit: 9, preemptive: true), drop_expired: true";
    let interrupts = requests(&two, service, "");
    assert_eq!(counts(&interrupts, ["shed", "finished"]), [0.0, 2.0]);
}

#[test]
fn every_class_has_its_turn() {
    let five = [
        ("a", 1.0, "class: \"gold\""),
        ("b", 2.0, "class: \"gold\""),
        ("c", 3.0, "class: \"gold\""),
        ("d", 4.0, "class: \"silver\""),
        ("e", 5.0, ""),
    ];
    let text = requests(&five, "queue: Fair(limit: 10)", "");
    // a is served at once; then no class, gold, silver, gold: e, b, d, c.
    assert_eq!(latencies(&text, &["a", "b", "c", "d", "e"]), [10.0, 29.0, 48.0, 37.0, 16.0]);
}

/// CoDel with a target of 500 ms and an interval of 4 s: at 7 s the least wait of the interval was
/// 1 s, so there is overload; the first that leaves is served, the others have waited too long.
#[test]
fn codel_drops_who_waited_too_long_once_even_the_least_wait_is_too_long() {
    let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i"];
    let nine = names.map(|name| (name, 1.0, ""));
    let service = "work: Const(\"1s\"), queue: CoDel(target: \"500ms\", interval: \"4s\")";
    let text = requests(&nine, service, "");
    assert_eq!(latencies(&text, &names[..7]), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]);
    assert_eq!(counts(&text, ["shed", "finished"]), [2.0, 7.0]);
}

/// The queue was last empty at 1.5 s. Whoever comes after 5.5 s may wait for 2 s only, and the
/// last to come is served first from then on.
#[test]
fn an_adaptive_lifo_turns_round_when_it_has_not_been_empty_for_long() {
    let requests_at = [
        ("a", 1.0, ""),
        ("b", 1.5, ""),
        ("c", 1.6, ""),
        ("d", 2.5, ""),
        ("e", 3.5, ""),
        ("f", 4.5, ""),
        ("g", 5.6, ""),
        ("h", 5.7, ""),
        ("i", 5.8, ""),
    ];
    let service = "work: Const(\"1s\"), queue: AdaptiveLifo(target: \"2s\", interval: \"4s\")";
    let text = requests(&requests_at, service, "");
    // One after the other until 6 s; then i, h; g has left at 7.6 s; f, who may wait for 4 s, goes
    // on at 8.
    let names = ["a", "b", "c", "d", "e", "f", "h", "i"];
    let found = latencies(&text, &names);
    for (found, right) in found.iter().zip([1.0, 1.5, 2.4, 2.5, 2.5, 4.5, 2.3, 1.2]) {
        assert!((found - right).abs() < 1e-9, "{found} is not {right}");
    }
    assert_eq!(counts(&text, ["shed"]), [1.0]);
}

#[test]
fn a_full_queue_can_throw_out_its_oldest() {
    for queue in ["Fifo(limit: 1)", "Lifo(limit: 1)", "Fair(limit: 1)"] {
        let service = format!("queue: {queue}, full_queue: DropOldest");
        let text = requests(&[("a", 1.0, ""), ("b", 2.0, ""), ("c", 3.0, "")], &service, "");
        assert_eq!(latencies(&text, &["a", "c"]), [10.0, 18.0], "{queue}");
        assert_eq!(counts(&text, ["shed", "refused", "errors"]), [1.0, 0.0, 1.0], "{queue}");
    }
}

#[test]
fn a_full_queue_can_throw_out_its_least_important() {
    let four = [
        ("a", 1.0, "priority: 9"),
        ("b", 2.0, "priority: 5"),
        ("c", 3.0, "priority: 5"),
        ("d", 4.0, "priority: 4"),
    ];
    let text = requests(&four, "queue: Priority(limit: 1), full_queue: DropLowest", "");
    // c is an equal of b and finds no place; d does.
    assert_eq!(latencies(&text, &["a", "d"]), [10.0, 17.0]);
    assert_eq!(counts(&text, ["shed", "refused"]), [1.0, 1.0]);
}

#[test]
fn everybody_can_have_a_patience_of_its_own() {
    let four = [("a", 1.0, ""), ("b", 2.0, ""), ("c", 3.0, ""), ("d", 4.0, "")];
    let text = requests(&four, "queue_timeout: Sequence([\"30s\", \"5s\", \"40s\"])", "");
    // c leaves at 8.
    assert_eq!(latencies(&text, &["a", "b", "d"]), [10.0, 19.0, 27.0]);
    assert_eq!(counts(&text, ["shed"]), [1.0]);
    assert_eq!(all(&text, &["queue(q) during 0s..10s"])["queue(q) during 0s..10s"], 1.9);
}

/// One in ten seconds. Who is told when to come back comes back then.
#[test]
fn a_rate_limit_at_the_door_says_when_to_come_back() {
    let limit = "work: Const(\"1s\"), admission: [RateLimit(permits: 1, per: \"10s\", burst: 1)]";
    let three = [("a", 1.0, ""), ("b", 2.0, "with: [Retry(times: 1)]"), ("c", 3.0, "")];
    let text = requests(&three, limit, "");
    assert_eq!(latencies(&text, &["a", "b"]), [1.0, 10.0]);
    assert_eq!(counts(&text, ["rejected", "refused", "errors", "arrived"]), [2.0, 0.0, 1.0, 4.0]);
}

#[test]
fn a_rate_limit_at_the_door_can_have_them_wait() {
    let limit = "work: Const(\"1s\"), admission: [RateLimit(permits: 1, per: \"10s\", burst: 1,
                 longest_wait: \"15s\")]";
    let three = [("a", 1.0, ""), ("b", 2.0, ""), ("c", 3.0, ""), ("d", 4.0, "")];
    let text = requests(&three, limit, "");
    // b at 11; c would be let in at 21, after 18 s; d too; both are turned away.
    assert_eq!(latencies(&text, &["a", "b"]), [1.0, 10.0]);
    assert_eq!(counts(&text, ["rejected"]), [2.0]);
    let all = all(&text, &["queue(q) during 0s..100s", "wait.mean(q)"]);
    assert_eq!((all["queue(q) during 0s..100s"], all["wait.mean(q)"]), (0.09, 4.5));
}

const BULKHEAD: &str =
    "workers: 4, admission: [Bulkhead(places: 1, queue: 1, longest_wait: \"30s\")]";

#[test]
fn a_bulkhead_at_the_door_calls_in_who_waits() {
    let four = [("a", 1.0, ""), ("b", 2.0, ""), ("c", 3.0, ""), ("d", 12.0, "")];
    let text = requests(&four, BULKHEAD, "");
    // b from 11 to 21; c finds the gate's queue full; d from 21 to 31.
    assert_eq!(latencies(&text, &["a", "b", "d"]), [10.0, 19.0, 19.0]);
    assert_eq!(counts(&text, ["rejected"]), [1.0]);
    let short = requests(&four, &BULKHEAD.replace("30s", "5s"), "");
    // b has waited for too long at 7; d from 12, when a has left.
    assert_eq!(latencies(&short, &["a", "d"]), [10.0, 10.0]);
    assert_eq!(counts(&short, ["rejected"]), [2.0]);
}

/// However an activation ends, its place at the gate is free: a cancel in service, a cancel at the
/// gate, a crash, an error, a full queue behind the gate.
#[test]
fn a_place_at_the_gate_comes_back_however_an_activation_ends() {
    let stops = format!("{BULKHEAD}, on_cancel: (queued: Remove, in_service: Stop)");
    let gives_up = "with: [Timeout(\"4s\")]";
    let two = requests(&[("a", 1.0, gives_up), ("b", 2.0, "")], &stops, "");
    assert_eq!(latencies(&two, &["b"]), [13.0], "from 5 to 15");
    let three = [("a", 1.0, ""), ("b", 2.0, gives_up), ("c", 7.0, "")];
    assert_eq!(latencies(&requests(&three, &stops, ""), &["a", "c"]), [10.0, 14.0]);
    let crash = "faults: [Crash(service: \"q\", at: \"5s\", lasts: \"1s\")],";
    let three = [("a", 1.0, ""), ("b", 2.0, ""), ("c", 7.0, "")];
    let text = requests(&three, BULKHEAD, crash);
    assert_eq!(latencies(&text, &["c"]), [10.0]);
    assert_eq!(counts(&text, ["errors", "lost"]), [2.0, 2.0]);
    let errors =
        "faults: [Errors(service: \"q\", ratio: 1, when: AfterWork, at: \"0s\", lasts: \"12s\")],";
    let text = requests(&[("a", 1.0, ""), ("b", 2.0, "")], BULKHEAD, errors);
    assert_eq!(latencies(&text, &["b"]), [19.0]);
    let full = "workers: 1, queue: Fifo(limit: 0), admission: [Bulkhead(places: 2)]";
    let many = [("a", 1.0, ""), ("b", 2.0, ""), ("c", 3.0, ""), ("d", 4.0, ""), ("e", 12.0, "")];
    let text = requests(&many, full, "");
    assert_eq!(latencies(&text, &["a", "e"]), [10.0, 10.0]);
    assert_eq!(counts(&text, ["refused", "rejected"]), [3.0, 0.0]);
}

/// A kept queue was let in by gates that died: it is served all the same, and holds no place.
#[test]
fn a_queue_that_is_kept_holds_nothing_of_the_new_door() {
    let crash = "faults: [Crash(service: \"q\", queue: Kept, at: \"5s\", lasts: \"1s\")],";
    let three = [("a", 1.0, ""), ("b", 2.0, ""), ("c", 7.0, ""), ("d", 8.0, "")];
    let text = requests(&three, "admission: [Bulkhead(places: 2)]", crash);
    // b from 6 to 16, c to 26, d to 36.
    assert_eq!(latencies(&text, &["b", "c", "d"]), [14.0, 19.0, 28.0]);
}

#[test]
fn processors_are_shared_by_all_in_service() {
    let two = [("a", 1.0, ""), ("b", 6.0, "")];
    let shared = requests(&two, "serving: ProcessorSharing", "");
    // 5 s of a are left at 6: until 16; 5 s of b are left then: until 21.
    assert_eq!(latencies(&shared, &["a", "b"]), [15.0, 15.0]);
    let sentences = ["busy(q) during 0s..100s", "utilisation(q) during 0s..100s", "wait.mean(q)"];
    let found = all(&shared, &sentences);
    assert_eq!(sentences.map(|sentence| found[sentence]), [0.2, 0.2, 0.0]);
    let enough = requests(&two, "workers: 2, serving: ProcessorSharing", "");
    assert_eq!(latencies(&enough, &["a", "b"]), [10.0, 10.0]);
    let one = requests(&two, "serving: ProcessorSharing(most: 1)", "");
    assert_eq!(latencies(&one, &["a", "b"]), [10.0, 15.0]);
}

#[test]
fn faults_act_on_shared_processors() {
    let serve = |faults: &str| {
        let text = requests(&[("a", 1.0, "")], "serving: ProcessorSharing", faults);
        latencies(&text, &["a"])[0]
    };
    // 5 s are left at 6, 3 s at 10.
    assert_eq!(serve("faults: [Slow(service: \"q\", by: 2, at: \"6s\", lasts: \"4s\")],"), 12.0);
    assert_eq!(serve("faults: [Stall(service: \"q\", at: \"5s\", lasts: \"8s\")],"), 18.0);
    let both = "faults: [Stall(service: \"q\", in_service: Keep, at: \"5s\", lasts: \"8s\")],";
    assert_eq!(serve(both), 10.0);
    // A second processor from 6 s to 8 s: 3 s of a are left then, 8 s of b; they end at 14 and 19.
    let config = "faults: [Config(service: \"q\", workers: 2, at: \"6s\", lasts: \"2s\")],";
    let text = requests(&[("a", 1.0, ""), ("b", 6.0, "")], "serving: ProcessorSharing", config);
    assert_eq!(latencies(&text, &["a", "b"]), [13.0, 13.0]);
}

#[test]
fn who_walks_away_from_a_shared_processor_leaves_it_to_the_others() {
    let two = [("a", 1.0, "with: [Timeout(\"5s\")]"), ("b", 2.0, "")];
    let stops = "serving: ProcessorSharing, on_cancel: (queued: Remove, in_service: Stop)";
    let text = requests(&two, stops, "");
    // Both from 2 to 6, b alone from then on with 8 s left: until 14.
    assert_eq!(latencies(&text, &["b"]), [12.0]);
    // a had 1 + 2 s of the processor, all for nobody, and b 10 s.
    assert!((all(&text, &["wasted(q)"])["wasted(q)"] - 3.0 / 13.0).abs() < 1e-12);
    let zombie = requests(&two, "serving: ProcessorSharing", "");
    // Left alone a goes on to 20: 9 s of it in 18 s, and b is done at 21.
    assert_eq!(latencies(&zombie, &["b"]), [19.0]);
    assert_eq!(all(&zombie, &["wasted(q)"])["wasted(q)"], 0.5);
}

#[test]
fn being_many_costs_time() {
    let two = [("a", 1.0, ""), ("b", 6.0, "")];
    let service = "workers: 4, slowdown: Usl(contention: \"50%\", coherency: \"25%\")";
    // Two take twice as long: as with one shared processor.
    assert_eq!(latencies(&requests(&two, service, ""), &["a", "b"]), [15.0, 15.0]);
    let sentence = "busy(q) during 0s..100s";
    assert_eq!(all(&requests(&two, service, ""), &[sentence])[sentence], 0.3);
}

#[test]
fn a_pause_stops_all_work() {
    let two = [("a", 1.0, ""), ("b", 2.0, "")];
    let service = "workers: 2, pauses: (every: 1, lasts: \"5s\")";
    // a ends at 11; b, with 1 s left, stands still until 16.
    assert_eq!(latencies(&requests(&two, service, ""), &["a", "b"]), [10.0, 15.0]);
}

/// Half speed at first, full speed after 8 s: in them 6 s of work are done.
#[test]
fn a_process_that_has_just_started_is_slow() {
    let warm_up = "workers: 2, warm_up: (from: \"50%\", over: \"8s\")";
    let before = [("a", 1.0, "")];
    assert_eq!(latencies(&requests(&before, warm_up, ""), &["a"]), [10.0]);
    let crash = "faults: [Crash(service: \"q\", at: \"1s\", lasts: \"4s\")],";
    let text = requests(&[("a", 5.0, ""), ("b", 100.0, "")], warm_up, crash);
    assert_eq!(latencies(&text, &["a", "b"]), [12.0, 10.0]);
}

/// The calls that are made for a request are of its class.
#[test]
fn calls_inherit_the_class_of_their_request() {
    let text = "Experiment(
        name: \"chain\",
        run: (time: \"1000s\", runs: 1),
        load: [
            Renewal(to: \"front\", every: Sequence([\"1s\", \"1000s\"]), name: \"a\", priority: 2),
            Renewal(to: \"front\", every: Sequence([\"2s\", \"1000s\"]), name: \"b\", priority: 2,
                    with: [Timeout(\"500s\")]),
            Renewal(to: \"front\", every: Sequence([\"3s\", \"1000s\"]), name: \"c\", priority: 1),
            Renewal(to: \"front\", every: Sequence([\"4s\", \"1000s\"]), name: \"d\", priority: 0,
                    with: [Timeout(\"500s\")]),
        ],
        services: {
            \"front\": (workers: 9, calls: [(to: \"back\")]),
            \"back\": (work: Const(\"10s\"), queue: Priority),
        },
    )";
    // a from 1 to 11, d to 21, c to 31, b to 41.
    assert_eq!(latencies(text, &["a", "b", "c", "d"]), [10.0, 39.0, 28.0, 17.0]);
}

/// DAGOR: with twice the capacity in traffic, half of it more important, that half gets through.
#[test]
fn priorities_decide_who_is_shed_at_the_door() {
    let text = "Experiment(
        name: \"dagor\",
        run: (time: \"120s\", warmup: \"60s\", seed: 3, runs: 1),
        load: [
            Poisson(to: \"q\", rate: \"90/s\", name: \"vital\", priority: 0),
            Poisson(to: \"q\", rate: \"110/s\", name: \"rest\", priority: 1),
        ],
        services: { \"q\": (work: Const(\"10ms\"), queue: Unbounded,
                            admission: [Shed(like: Dagor, levels: 2)]) },
    )";
    let all = all(text, &["availability(vital)", "availability(rest)", "shed(q)", "mean(vital)"]);
    assert_eq!(all["availability(vital)"], 1.0);
    assert!(all["shed(q)"] > 80.0 && all["availability(rest)"] < 0.3, "{all:?}");
}
