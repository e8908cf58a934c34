//! Names become ids, variant by variant.

use super::{bound, graph, graph_of};
use crate::expect::{BindContext, parse_expectation, parse_measure};
use brownout_core::{Span, Time};
use brownout_topologies::death::How;
use brownout_topologies::graph::{Graph, LoadId, MonitorId, ServiceId};
use brownout_topologies::ledger::query::{
    Callee, Count, Level, Metric, MonitorStat, Phase, Query, Stat, Target, Window,
};

const CART: Target = Target::Service(ServiceId(0));
const CHECKOUT: Target = Target::Service(ServiceId(1));
const LEDGER: Callee = Callee::Service(ServiceId(2));
const WEB: Target = Target::Load(LoadId(0));

/// From 10 s, where the warm-up ends, to 180 s, where the run does.
fn whole() -> Window {
    between(10, 180)
}

fn between(from: u64, to: u64) -> Window {
    let at = |secs: u64| Time::ZERO + Span::from_millis(1_000 * secs);
    Window { from: at(from), to: at(to) }
}

/// What a measure asks of a run of [`graph`].
fn asked(sentence: &str) -> Query {
    let graph = graph();
    let measure = parse_measure(sentence).expect("the sentence is well formed");
    let bound = measure.bind(&BindContext { variants: &[("base", &graph)], batches: None });
    let bound = bound.unwrap_or_else(|error| panic!("{sentence}: {error}"));
    let [(0, query)] = bound.queries()[..] else { panic!("{sentence}: one query of one variant") };
    query.clone()
}

#[test]
fn every_metric_asks_its_own_question() {
    let ledger = Target::from(LEDGER);
    for (sentence, metric) in [
        ("offered(web)", Metric::Offered(WEB)),
        ("throughput(checkout)", Metric::Throughput(CHECKOUT)),
        ("goodput(checkout)", Metric::Goodput(CHECKOUT)),
        ("errors(checkout)", Metric::Errors(CHECKOUT)),
        ("turned_away(web)", Metric::TurnedAway(WEB)),
        ("turned_away(ledger)", Metric::TurnedAway(ledger)),
        ("attempts(ledger)", Metric::Attempts(ledger)),
        ("availability(checkout)", Metric::Availability(CHECKOUT)),
        ("amplification(ledger)", Metric::Amplification(LEDGER)),
        ("amplification(web)", Metric::CallAmplification(WEB)),
        ("wasted(ledger)", Metric::Wasted(LEDGER)),
        ("utilisation(ledger)", Metric::Utilisation(ServiceId(2))),
        ("mean(web)", Metric::Latency(WEB, Stat::Mean)),
        ("p99.9(checkout)", Metric::Latency(CHECKOUT, Stat::Quantile(0.999))),
        ("p99.999(checkout)", Metric::Latency(CHECKOUT, Stat::Quantile(0.999_99))),
        ("wait(ledger)", Metric::Inside(LEDGER, Phase::Wait, Stat::Mean)),
        ("service.sd(ledger)", Metric::Inside(LEDGER, Phase::Service, Stat::Sd)),
        ("sojourn.var(ledger)", Metric::Inside(LEDGER, Phase::Sojourn, Stat::Var)),
        ("queue(ledger)", Metric::Level(ledger, Level::Queue)),
        ("queue.max(ledger)", Metric::LevelMax(ledger, Level::Queue)),
        ("in_system.var(web)", Metric::LevelVar(WEB, Level::InSystem)),
        ("busy(ledger)", Metric::Level(ledger, Level::Busy)),
        ("refused(ledger)", Metric::Rate(LEDGER, Count::Refused)),
        ("dropped(ledger)", Metric::Rate(LEDGER, Count::Lost)),
        ("timed_out(ledger)", Metric::Rate(LEDGER, Count::TimedOut)),
        ("tipped(checkout)", Metric::Tipped(CHECKOUT)),
        ("stuck(checkout)", Metric::Stuck(CHECKOUT)),
        ("recovery(checkout)", Metric::Recovery(CHECKOUT, None)),
        ("recovery(checkout, fault: deploy)", Metric::Recovery(CHECKOUT, Some(1))),
        ("recovery(checkout, fault: 'slow ledger')", Metric::Recovery(CHECKOUT, Some(0))),
        ("fired(page)", Metric::Monitor(MonitorId(0), MonitorStat::Fired)),
        ("firing(page)", Metric::Monitor(MonitorId(0), MonitorStat::Firing)),
        ("detected(page)", Metric::Monitor(MonitorId(0), MonitorStat::Detected(None))),
        (
            "detected(page, fault: deploy)",
            Metric::Monitor(MonitorId(0), MonitorStat::Detected(Some(1))),
        ),
        ("died(web)", Metric::Died(WEB, None)),
        ("died.queued(ledger)", Metric::Died(ledger, Some(How::Queued))),
        ("events", Metric::Events),
        ("P(wait(ledger) > 20ms)", Metric::InsideAbove(LEDGER, Phase::Wait, Span::from_millis(20))),
        ("P(latency(web) <= 1s)", Metric::LatencyAbove(WEB, Span::from_millis(1_000))),
        ("P(in_system(ledger) = 3)", Metric::LevelIs(ledger, Level::InSystem, 3)),
        ("P(queue(ledger) >= 10)", Metric::LevelAtLeast(ledger, Level::Queue, 10)),
        ("P(queue(ledger) > 10)", Metric::LevelAtLeast(ledger, Level::Queue, 11)),
        ("P(queue(ledger) <= 10)", Metric::LevelAtLeast(ledger, Level::Queue, 11)),
    ] {
        assert_eq!(asked(sentence), Query { metric, window: whole() }, "{sentence}");
    }
}

#[test]
fn a_service_wins_over_a_load_of_the_same_name_unless_the_load_is_forced() {
    assert_eq!(asked("goodput(cart)").metric, Metric::Goodput(CART));
    assert_eq!(asked("goodput(load.cart)").metric, Metric::Goodput(Target::Load(LoadId(1))));
    assert_eq!(asked("goodput(web)").metric, Metric::Goodput(WEB));
    assert_eq!(
        asked("goodput('night shift')").metric,
        Metric::Goodput(Target::Service(ServiceId(3)))
    );
}

#[test]
fn a_window_without_one_end_reaches_to_the_end_of_what_is_measured() {
    assert_eq!(asked("sd(web)").window, whole());
    assert_eq!(asked("sd(web) during 60s..1.5min").window, between(60, 90));
    assert_eq!(asked("sd(web) after 90s").window, between(90, 180));
    assert_eq!(asked("sd(web) before 90s").window, between(10, 90));
    assert_eq!(asked("sd(web) during 10s..180s").window, whole());
}

#[test]
fn a_sentence_without_a_variant_is_about_every_variant() {
    let bound = bound("p99(web) < 1s");
    let variants: Vec<usize> = bound.queries().iter().map(|(variant, _)| *variant).collect();
    assert_eq!(variants, [0, 1, 2]);
}

#[test]
fn ids_are_those_of_each_variant() {
    let (small, large) = (graph_of(&["a", "checkout"]), graph());
    let expectation = parse_expectation("goodput(checkout) > 1/s").expect("it is well formed");
    let cx = BindContext { variants: &[("small", &small), ("large", &large)], batches: None };
    let bound = expectation.bind(&cx).expect("both have a checkout");
    let query = |id| Query { metric: Metric::Goodput(id), window: whole() };
    assert_eq!(bound.queries(), [(0, &query(CHECKOUT)), (1, &query(CHECKOUT))]);

    let shifted = graph_of(&["checkout", "late"]);
    let cx = BindContext { variants: &[("small", &small), ("shifted", &shifted)], batches: None };
    let bound = expectation.bind(&cx).expect("both have a checkout");
    assert_eq!(bound.queries(), [(0, &query(CHECKOUT)), (1, &query(CART))]);
}

#[test]
fn a_name_that_only_some_variants_know_is_an_error_that_says_which_does_not() {
    let (small, large) = (graph_of(&["a", "checkout"]), graph());
    let cx = BindContext { variants: &[("large", &large), ("small", &small)], batches: None };
    let error = |text| {
        let read = parse_expectation(text).expect("it is well formed");
        read.bind(&cx).expect_err("one variant has no ledger").message
    };
    assert_eq!(
        error("wait(ledger) < 1s"),
        "unknown service or load \"ledger\", in variant \"small\""
    );
    assert_eq!(error("wait(ledgr) < 1s"), "unknown service or load \"ledgr\"");
    let read = parse_expectation("wait(ledger) < 1s on large").expect("it is well formed");
    assert_eq!(read.bind(&cx).expect("this one has").queries().len(), 1);
}

#[test]
fn a_window_is_checked_against_the_run_of_each_variant() {
    let (short, long) = (Graph { time: Span::from_millis(60_000), ..graph() }, graph());
    let cx = BindContext { variants: &[("long", &long), ("short", &short)], batches: None };
    let read = parse_expectation("p99(web) < 1s after 90s").expect("it is well formed");
    let error = read.bind(&cx).expect_err("the short run is over at 60 s");
    assert_eq!(
        error.message,
        "the window starts at 90s, when the run is over, in variant \"short\""
    );
}

#[test]
fn a_share_of_offered_asks_for_both_in_the_same_window() {
    let bound = bound("goodput(web) > 95% of offered after 90s on budget");
    let window = between(90, 180);
    let goodput = Query { metric: Metric::Goodput(WEB), window };
    let offered = Query { metric: Metric::Offered(WEB), window };
    assert_eq!(bound.queries(), [(1, &goodput), (1, &offered)]);
}

#[test]
fn of_two_metrics_the_one_that_does_not_say_when_or_where_takes_it_from_the_other() {
    let query = |window| Query { metric: Metric::Errors(WEB), window };
    let (late, all) = (query(between(90, 180)), query(whole()));
    for sentence in [
        "errors(web) after 90s on naive < 10% of errors(web) on budget",
        "errors(web) on naive < 10% of errors(web) after 90s on budget",
    ] {
        assert_eq!(bound(sentence).queries(), [(0, &late), (1, &late)], "{sentence}");
    }
    let each =
        bound("errors(web) after 90s on naive < 10% of errors(web) during 10s..180s on budget");
    assert_eq!(each.queries(), [(0, &late), (1, &all)]);
    for sentence in
        ["errors(web) < 2x errors(web) on budget", "errors(web) on budget < errors(web)"]
    {
        assert_eq!(bound(sentence).queries(), [(1, &all), (1, &all)], "{sentence}");
    }
    assert_eq!(bound("errors(web) < 2x errors(web)").queries().len(), 6);
}
