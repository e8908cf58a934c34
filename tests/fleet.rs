//! How callers see replicas, by hand: known moments, and answers worked out on paper.

mod zones;

use brownout_core::Time;
use brownout_core::random::Seed;
use brownout_tests::{arriving_at, measuring, parse, rows, value};
use brownout_topologies::ledger::Plan;
use brownout_topologies::ledger::row::{Row, Sink, Standing};
use brownout_topologies::run::{RunOptions, run_with};
use std::cell::RefCell;
use std::rc::Rc;

/// Requests at these seconds to a service `q` of two replicas with a worker each.
fn at_moments(arrivals: &[f64], load: &str, service: &str, rest: &str) -> String {
    let every = arriving_at(arrivals);
    format!(
        "Experiment(
            name: \"by hand\",
            run: (time: \"1000s\", runs: 1),
            load: [Renewal(to: \"q\", every: {every}, name: \"l\", {load})],
            services: {{ \"q\": (replicas: 2, workers: 1, {service}) }},
            {rest}
        )"
    )
}

/// When replicas were set aside (`-`) or taken back (`+`), in seconds.
fn set_aside(text: &str) -> Vec<(f64, u32, bool)> {
    struct Listener(Rc<RefCell<Vec<(f64, u32, bool)>>>);
    impl Sink for Listener {
        fn row(&mut self, at: Time, row: &Row<'_>) {
            if let Row::Replica { replica, is, .. } = row {
                self.0.borrow_mut().push((at.as_secs(), *replica, *is == Standing::TakenBack));
            }
        }
    }
    let (experiment, seen) = (parse(text), Rc::new(RefCell::new(Vec::new())));
    let (graph, seed) = (&experiment.variants[0].graph, Seed::new(experiment.seed));
    let sink: Box<dyn Sink> = Box::new(Listener(seen.clone()));
    let (plan, options) = (Plan::default(), RunOptions::default());
    run_with::<brownout_core::heap::Binary>(graph, seed, &plan, options, Some(sink))
        .unwrap_or_else(|error| panic!("{error}"));
    seen.take()
}

/// The first has 30 s of work, all others 10 s: the third finds the second's replica idle.
#[test]
fn who_counts_calls_sends_the_next_where_there_are_fewest() {
    let long = "work: Sequence([\"30s\", \"10s\", \"10s\"])";
    let third = |balance: &str| {
        let text = at_moments(&[1.0, 2.0, 13.0], "", &format!("{long}, balance: {balance}"), "");
        value(&text, "mean(q) during 12.5s..14s")
    };
    // In turn it comes behind the first, which is done at 31: 18 + 10.
    assert_eq!(third("RoundRobin"), 28.0);
    for balance in ["JoinShortest", "JoinIdle", "TwoChoices", "LeastRequest(full_scan: true)"] {
        assert_eq!(third(balance), 10.0, "{balance}");
    }
    // What a caller writes holds for it, whatever the service says.
    let text = at_moments(&[1.0, 2.0, 13.0], "balance: JoinIdle", long, "");
    assert_eq!(value(&text, "mean(q) during 12.5s..14s"), 10.0);
}

/// Replica 0 takes ten times as long. The first two requests are out together, so that one of them
/// measures it; from then on it costs 10 s and the other one 1 s.
#[test]
fn who_measures_latency_prefers_the_quicker() {
    let work = "work: Const(\"1s\"), balance: PeakEwma(decay: \"1000s\")";
    let slow = "faults: [Slow(service: \"q\", replica: 0, by: 10, at: \"0s\")],";
    let text = at_moments(&[1.0, 1.5, 20.0, 30.0, 40.0], "", work, slow);
    let rows = rows(&measuring(&text, &["mean(q) during 0s..2s", "mean(q) during 19s..50s"]));
    assert_eq!(rows["mean(q) during 0s..2s"], [5.5]);
    assert_eq!(rows["mean(q) during 19s..50s"], [1.0]);
}

/// Two replicas of a caller, a request each at the same moment: counted together they go to
/// different replicas; counted apart they may meet.
#[test]
fn one_proxy_counts_for_all_callers() {
    let worst = |at: &str| {
        let text = format!(
            "Experiment(
                name: \"proxy\",
                run: (time: \"4000s\", runs: 1),
                load: [Renewal(to: \"api\", every: Sequence([\"20s\", \"0s\"]))],
                services: {{
                    \"api\": (replicas: 2, workers: 9, calls: [(to: \"q\")]),
                    \"q\": (replicas: 2, workers: 1, work: Const(\"4s\"), balance: JoinIdle(at: {at})),
                }},
            )"
        );
        value(&text, "p99(q)")
    };
    assert!(worst("Proxy") < 4.1);
    // Two of four ways to choose are a meeting.
    assert!(worst("Caller") > 7.9);
}

/// Two users; replica 0 takes 30 s, replica 1 takes 10 s.
#[test]
fn a_pinned_user_keeps_the_replica() {
    let users = |at: &str, rest: &str| {
        format!(
            "Experiment(
                name: \"pinned\",
                run: (time: \"3000s\", runs: 1),
                load: [Closed(to: \"q\", users: 2, think: Const(\"0s\"))],
                services: {{ \"q\": (replicas: 2, workers: 1, work: Const(\"10s\"),
                                     balance: RoundRobin(at: {at})) }},
                faults: [Slow(service: \"q\", replica: 0, by: 3, at: \"0s\"){rest}],
            )"
        )
    };
    let throughput = |text: &str| (value(text, "throughput(q)") * 3_000.0).round();
    // A hundred by the one and three hundred by the other, less those that end with the run.
    assert_eq!(throughput(&users("Pinned", "")), 99.0 + 299.0);
    // In turn each asks the slow one every other time.
    assert!(throughput(&users("Caller", "")) < 250.0);
    // The slow one dies under its user. It is the next in turn, too, and refuses; so the connection
    // after that is to the other one, for good.
    let crash = ", Crash(service: \"q\", replica: 0, at: \"1500s\", lasts: \"1s\")";
    let text = users("Pinned", crash);
    assert_eq!((value(&text, "errors(q)") * 3_000.0).round(), 2.0);
    assert_eq!((value(&text, "throughput(q) during 2000s..3000s") * 1_000.0).round(), 100.0);
}

#[test]
fn errors_in_a_row_set_a_replica_aside_for_longer_each_time() {
    let text = "Experiment(
        name: \"outliers\",
        run: (time: \"200s\", runs: 1),
        load: [Steady(to: \"q\", rate: \"1/s\")],
        services: { \"q\": (replicas: 2, workers: 1, work: Const(\"1ms\"),
                            outliers: (in_a_row: 2, base: \"30s\", interval: \"10s\")) },
        faults: [Errors(service: \"q\", replica: 0, ratio: 1, at: \"0s\")],
    )";
    // Asked at 0.5 s and 2.5 s; back at the first sweep 30 s later or more, and out again after the
    // next two; the second time for 60 s.
    let seen = set_aside(text);
    let (backs, outs): (Vec<_>, Vec<_>) = seen.iter().copied().partition(|(_, _, back)| *back);
    assert_eq!((outs.len(), backs.len()), (3, 2), "{seen:?}");
    assert!(seen.iter().all(|(_, replica, _)| *replica == 0));
    assert_eq!((outs[0].0, backs[0].0, backs[1].0), (2.5, 40.0, 110.0), "{seen:?}");
    let errors = value(text, "errors(q)") * 200.0;
    assert_eq!((errors.round(), value(text, "set_aside(q)")), (6.0, 3.0 / 200.0));
}

#[test]
fn probes_find_a_replica_that_stands_still_and_that_it_moves_again() {
    let text = "Experiment(
        name: \"health\",
        run: (time: \"200s\", runs: 1),
        load: [Steady(to: \"q\", rate: \"1/s\", with: [Timeout(\"100ms\")])],
        services: { \"q\": (replicas: 2, workers: 1, work: Const(\"1ms\"),
                            health: (every: \"10s\", timeout: \"1s\", fall: 2, rise: 3)) },
        network: (latency: Const(\"10ms\")),
        faults: [Stall(service: \"q\", replica: 1, at: \"45s\", lasts: \"60s\")],
    )";
    let seen = set_aside(text);
    let [(out, 1, false), (back, 1, true)] = seen[..] else { panic!("{seen:?}") };
    // The second unanswered probe goes within 20 s, and is waited for a second.
    assert!(out > 45.0 + 10.0 + 1.0 && out <= 45.0 + 20.0 + 1.0, "{out}");
    // The third good answer comes after two more rounds and a round trip.
    assert!(back > 105.0 + 20.0 && back <= 105.0 + 30.0 + 0.02, "{back}");
    let rounds = (back - 0.02 - (out - 1.0)) / 10.0;
    assert!((rounds - rounds.round()).abs() < 1e-9, "{rounds}");
    // Every other request fails until it is out, and none from then on.
    assert_eq!(value(text, "errors(q) during 67s..200s"), 0.0);
    assert!(value(text, "errors(q) during 46s..55s") > 0.3);
}

/// All are ill. Usually they are used all the same; without panic the balancer says no at once.
#[test]
fn without_panic_nobody_in_use_is_nobody_to_send_to() {
    let text = |panic: &str| {
        let service = format!(
            "work: Const(\"1s\"), balance: RoundRobin(panic: \"{panic}\", at: Proxy),
             health: (every: \"10s\", fall: 1)"
        );
        let faults = "faults: [Errors(service: \"q\", ratio: 1, at: \"0s\", lasts: \"45s\")],";
        at_moments(&[30.0, 46.0], "", &service, faults)
    };
    let (arrived, errors) = ("arrived(q)", "errors(q)");
    let of = |panic: &str| {
        let rows = rows(&measuring(&text(panic), &[arrived, errors]));
        (rows[arrived][0] * 1_000.0, rows[errors][0] * 1_000.0)
    };
    // The fault is over at 45 s, but until the next probe nobody knows.
    assert_eq!(of("50%"), (2.0, 1.0));
    let (came, failed) = of("0%");
    assert!(came <= 1.0 && failed >= 1.0 && came + failed == 2.0, "{came} {failed}");
}

/// A key leads to the same replica time and again, unless the hedge goes elsewhere.
#[test]
fn a_hedge_goes_to_a_replica_that_its_call_has_not_tried() {
    let moments: Vec<f64> = (0..20).map(|number| 1.0 + 20.0 * f64::from(number)).collect();
    let text = |elsewhere: bool| {
        let hedge = format!("with: [Hedge(after: \"5s\", elsewhere: {elsewhere})]");
        let service = "work: Const(\"1s\"), balance: RingHash,
                       on_cancel: (queued: Remove, in_service: Stop)";
        let slow = "faults: [Slow(service: \"q\", replica: 0, by: 1000, at: \"0s\")],";
        at_moments(&moments, &hedge, service, slow)
    };
    let rows = |elsewhere: bool| {
        let rows =
            rows(&measuring(&text(elsewhere), &["in_system(l) during 990s..1000s", "p99(q)"]));
        (rows["in_system(l) during 990s..1000s"][0], rows["p99(q)"][0])
    };
    let (open, slowest) = rows(true);
    assert_eq!((open, slowest.round()), (0.0, 6.0));
    let (open, _) = rows(false);
    assert!(open >= 5.0, "half of the keys lead to the slow one: {open}");
}

#[test]
fn a_retry_elsewhere_leaves_the_broken_replica() {
    let moments: Vec<f64> = (0..40).map(f64::from).collect();
    let text = |retry: &str, balance: &str| {
        let load = format!("with: [Retry(times: 1, {retry})]");
        let errors = "faults: [Errors(service: \"q\", replica: 1, ratio: 1, at: \"0s\")],";
        let service = format!("work: Const(\"1ms\"), balance: {balance}");
        at_moments(&moments, &load, &service, errors)
    };
    for balance in ["Random", "TwoChoices", "RingHash", "Maglev(at: Proxy)"] {
        let availability = |retry| value(&text(retry, balance), "availability(l)");
        assert_eq!(availability("elsewhere: true"), 1.0, "{balance}");
        assert!(availability("elsewhere: false") < 0.9, "{balance}");
    }
}

/// Four jobs at once to two replicas with 10 s of work: in turn they are done after 10 and 20 s.
#[test]
fn a_route_chooses_as_its_target_says() {
    let text = |balance: &str| {
        format!(
            "Experiment(
                name: \"route\",
                run: (time: \"1000s\", runs: 1),
                load: [Renewal(to: \"a\", every: Sequence([\"1s\", \"0s\", \"0s\", \"0s\", \"9999s\"]))],
                services: {{
                    \"a\": (workers: Unlimited, work: Const(\"0s\"), next: [(1, \"q\")]),
                    \"q\": (replicas: 2, workers: 1, work: Const(\"10s\"), {balance}),
                }},
            )"
        )
    };
    for balance in ["", "balance: RoundRobin", "balance: Weighted"] {
        assert_eq!(value(&text(balance), "mean(a)"), 15.0, "{balance}");
    }
    // Two of three for the first: three jobs to the one, the last of them after 30 s.
    assert_eq!(value(&text("weights: [2, 1], balance: Weighted"), "queue.max(q)"), 2.0);
    let weighted = value(&text("weights: [9, 1], balance: Weighted"), "mean(a)");
    assert_eq!(weighted, (10.0 + 20.0 + 30.0 + 40.0) / 4.0);
}
