//! What is kept for pictures, by hand and by a second count; keeping it changes nothing that
//! happens.

use brownout_core::random::Seed;
use brownout_core::{Span, Time};
use brownout_tests::{arriving_at, parse};
use brownout_topologies::graph::{Graph, ServiceId};
use brownout_topologies::ledger::Plan;
use brownout_topologies::ledger::pictures::{COLUMNS_MAX, Curve, Pictures, Seen, columns};
use brownout_topologies::ledger::query::{Target, Window};
use brownout_topologies::ledger::tracks::Followed;
use brownout_topologies::run::{Finished, run};

const WEB: Target = Target::Service(ServiceId(1));
const DB: Target = Target::Service(ServiceId(0));

/// Two services, retries, a fault: db is the first by name, and comes as 0.
const STORM: &str = r#"(
    run: (time: "20s", runs: 1),
    load: [Poisson(to: "web", rate: "200/s", name: "users")],
    services: {
        "db": (workers: 8, queue: Fifo(limit: 50), work: Exp(mean: "20ms")),
        "web": (workers: 64, work: Const("1ms"), calls: [(to: "db", with: "c"), (to: "db")]),
    },
    policies: { "c": [Retry(times: 2), Timeout("100ms")] },
    faults: [Slow(service: "db", by: 3, at: "5s", lasts: "2s")],
)"#;

fn graph(text: &str) -> Graph {
    parse(text).variants.remove(0).graph
}

fn everything(graph: &Graph) -> Pictures {
    let window = Window { from: Time::ZERO, to: Time::ZERO + graph.time };
    let curve = Curve { target: WEB, followed: Followed::Latency, window };
    Pictures { curves: vec![curve], heat: vec![WEB], edges: true, looks: true }
}

fn finished(graph: &Graph, pictures: Pictures) -> Finished {
    let plan = Plan { watch: vec![DB, WEB], pictures, ..Plan::default() };
    run(graph, Seed::new(1), &plan).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn keeping_everything_for_pictures_moves_no_digest() {
    let graph = graph(STORM);
    let kept = finished(&graph, everything(&graph));
    let plain = finished(&graph, Pictures::default());
    assert_eq!(kept.digest(), plain.digest());
    assert_eq!(plain.ledger().edges().count(), 0);
    assert!(plain.ledger().heat(WEB).is_empty());
}

#[test]
fn attempts_counted_where_they_come_from_are_those_counted_where_they_go() {
    let graph = graph(STORM);
    let finished = finished(&graph, everything(&graph));
    let ledger = finished.ledger();
    let sum = |target| {
        let bins = ledger.series().bins(target).expect("it is watched");
        bins.iter().fold((0, 0), |(calls, all), bin| (calls + bin.offered, all + bin.attempts))
    };
    let edges: Vec<_> = ledger.edges().collect();
    let into = |id: u32| {
        let own = graph.sites.iter().zip(&edges).filter(|(site, _)| site.target == ServiceId(id));
        own.fold((0, 0), |(calls, all), (_, edge)| (calls + edge.calls, all + edge.attempts))
    };
    assert_eq!((into(0), into(1)), (sum(DB), sum(WEB)));
    let (calls, attempts) = into(0);
    assert!(attempts > calls, "some calls are tried again: {calls} {attempts}");
}

#[test]
fn every_success_is_in_the_column_of_its_arrival() {
    let graph = graph(STORM);
    let finished = finished(&graph, everything(&graph));
    let heat = finished.ledger().heat(WEB);
    let times = finished.ledger().times(&everything(&graph).curves[0]);
    let all: u64 = heat.iter().map(|column| column.count()).sum();
    assert_eq!((all, heat.len()), (times.times.count(), columns(graph.time).1));
    assert!(times.failed > 0 && all > 0);
    // Four requests at known times, each of which takes ten milliseconds.
    let arrivals = arriving_at(&[0.05, 0.25, 0.26, 9.99]);
    let quiet = self::graph(&format!(
        r#"(
            run: (time: "10s", runs: 1),
            load: [Renewal(to: "web", every: {arrivals}, name: "users")],
            services: {{ "db": (work: Const("1ms")), "web": (workers: 9, work: Const("10ms")) }},
        )"#
    ));
    let kept = self::finished(&quiet, Pictures { heat: vec![WEB], ..Pictures::default() });
    let (width, number) = columns(quiet.time);
    assert_eq!((width, number), (Span::from_millis(100), 100));
    let counts = kept.ledger().heat(WEB).iter().map(|column| column.count());
    let filled: Vec<(usize, u64)> = counts.enumerate().filter(|(_, count)| *count > 0).collect();
    // What came at 9.99 s is still under way at the end.
    assert_eq!(filled, [(0, 1), (2, 2)]);
}

#[test]
fn a_long_run_has_no_more_columns_than_a_picture() {
    for secs in [0.001, 1.0, 59.0, 60.0, 3_600.0, 1e6] {
        let time = Span::from_secs(secs);
        let (width, number) = columns(time);
        assert!(number as u64 <= COLUMNS_MAX, "{secs} s: {number}");
        assert!(width.saturating_mul(number as u64) >= time, "{secs} s");
    }
}

#[test]
fn a_call_that_failed_once_tries_again_until_it_is_over_and_its_breaker_is_seen() {
    // One request, at 1 s; db fails it at once, the retry comes 4 s later and goes well.
    let arrivals = arriving_at(&[1.05]);
    let graph = graph(&format!(
        r#"(
            run: (time: "10s", runs: 1),
            load: [Renewal(to: "web", every: {arrivals}, name: "users")],
            services: {{
                "db": (work: Const("1ms")),
                "web": (work: Const("1ms"), calls: [(to: "db", with: "c")]),
            }},
            policies: {{ "c": [Retry(times: 1, wait: "4s"), Breaker(in_a_row: 1, open: "2s")] }},
            faults: [Errors(service: "db", ratio: "100%", at: "0s", lasts: "2s")],
        )"#
    ));
    let finished = finished(&graph, everything(&graph));
    let bins = finished.ledger().series().bins(DB).expect("it is watched");
    let seen = |from: f64| bins[(from * 10.0).round() as usize].seen;
    let shut = Seen { retrying: 0, open: 0, half_open: 0, breakers: 1 };
    assert_eq!(seen(0.9), shut);
    // The breaker does not know that its time is over before somebody asks.
    let waits = Seen { retrying: 1, open: 1, ..shut };
    assert_eq!((seen(1.0), seen(4.9)), (waits, waits));
    assert_eq!((seen(5.0).retrying, seen(5.0).open), (0, 0));
    let of_web = finished.ledger().series().bins(WEB).expect("it is watched");
    assert!(of_web.iter().all(|bin| bin.seen == Seen::default()), "no breaker stands before it");
    let blind = self::finished(&graph, Pictures { looks: false, ..everything(&graph) });
    let bins = blind.ledger().series().bins(DB).expect("it is watched");
    assert!(bins.iter().all(|bin| bin.seen == Seen::default()));
}
