//! Group e of the oracle: breakers before a service that fails with a constant probability.

use crate::harness::{Score, exact, is, is_rest, sum};
use brownout_core::{Draws, Span, Time};
use brownout_policies::breaker::{Breaker, State};
use brownout_policies::gate::Report;
use brownout_policies::outcome::Class;
use brownout_policies::stack::{self, GateRule, GateUse, Layer};
use brownout_tests::{measuring, rows};

/// Calls to a service without work, a share of which fails, through a breaker that trips on
/// failures in a row.
fn behind(load: &str, breaker: &str, ratio: f64, time: u32, runs: u32) -> String {
    format!(
        "Experiment(
            name: \"breaker\",
            run: (time: \"{time}s\", seed: 31, runs: {runs}),
            load: [{load}],
            services: {{ \"q\": (workers: 1, work: Const(\"0s\")) }},
            policies: {{ \"b\": [Breaker(failure_share: \"0%\", open_factor: 1, {breaker})] }},
            faults: [Errors(service: \"q\", ratio: {ratio}, at: \"0s\")],
        )"
    )
}

/// Attempts until the breaker of one sequential caller trips, in every run.
fn until_it_trips(in_a_row: u32, ratio: f64, calls: u32, runs: u32) -> Vec<f64> {
    let load = "Closed(to: \"q\", users: 1, think: Const(\"1s\"), name: \"l\", with: \"b\")";
    let breaker = format!("in_a_row: {in_a_row}, open: \"1000d\", open_max: Off");
    let text = behind(load, &breaker, ratio, calls, runs);
    let rows = rows(&measuring(&text, &["attempts(q)"]));
    rows["attempts(q)"].iter().map(|per_s| (per_s * f64::from(calls)).round()).collect()
}

#[test]
fn a_run_of_failures_takes_its_time_to_come() {
    let mut score = Score::default();
    for (in_a_row, ratio, calls, case) in
        [(5, 0.5, 2_000, "p0.5_N5"), (3, 0.3, 2_000, "p0.3_N3"), (10, 0.9, 1_000, "p0.9_N10")]
    {
        let trips = until_it_trips(in_a_row, ratio, calls, 4_000);
        assert!(trips.iter().all(|calls_made| *calls_made < f64::from(calls)), "{case}");
        let mean = exact("E01", &format!("mean_requests_to_trip_{case}"));
        score.check(&format!("E01 mean {case}"), &trips, mean);
        let squares: Vec<f64> = trips.iter().map(|trip| (trip - mean) * (trip - mean)).collect();
        let variance = exact("E01", &format!("var_requests_to_trip_{case}"));
        score.check(&format!("E01 var {case}"), &squares, variance);
    }
    for (in_a_row, ratio, within, name) in
        [(5, 0.5, 100, "within_100_p0.5_N5"), (3, 0.1, 1_000, "within_1000_p0.1_N3")]
    {
        let exact = exact("E01", &format!("prob_trip_{name}"));
        let trips = until_it_trips(in_a_row, ratio, 2 * within, 4_000);
        let is_within = |trip: &f64| f64::from(u8::from(*trip <= f64::from(within)));
        let share: Vec<f64> = trips.iter().map(is_within).collect();
        score.check(&format!("E01 {name}"), &share, exact);
    }
    score.finish();
}

#[test]
fn a_breaker_goes_round_between_trips_and_probes() {
    let mut score = Score::default();
    let checks = || {
        [
            is("fraction_sent", "amplification(l)"),
            is_rest("fraction_rejected", "amplification(l)"),
            is("success_fraction", "availability(l)"),
            sum(
                "backend_failure_fraction_of_all",
                0.0,
                &[(1.0, "amplification(l)"), (-1.0, "availability(l)")],
            ),
        ]
    };
    let load =
        |rate: u32| format!("Poisson(to: \"q\", rate: \"{rate}/s\", name: \"l\", with: \"b\")");
    let probes =
        |count: u32| format!("in_a_row: 3, closing: Counts, probes: {count}, close_after: {count}");
    let breaker = format!("{}, open: \"5s\"", probes(1));
    score.case("E03", &behind(&load(10), &breaker, 0.3, 20_000, 30), &checks());
    let breaker = format!("{}, open: \"10s\"", probes(2));
    score.case("E05", &behind(&load(100), &breaker, 0.05, 20_000, 30), &checks());
    score.finish();
}

/// The breaker of a file with these settings, by itself.
fn breaker(settings: &str) -> Breaker {
    let text = format!("[Breaker(failure_share: \"0%\", open_factor: 1, {settings})]");
    match stack::read(&text).expect("the settings are right").layers[..] {
        [Layer::Gate(GateUse { rule: GateRule::Breaker(config), .. })] => {
            Breaker::new(config).expect("it was checked when it was read")
        }
        ref other => unreachable!("it is a breaker, not {other:?}"),
    }
}

/// A call to a service that answers at once, and fails by chance. Whether it was let through.
fn call(breaker: &mut Breaker, now: Time, ratio: f64, draws: &mut Draws) -> bool {
    let Ok(permit) = breaker.admit(now, draws) else { return false };
    let class = if draws.unit() < ratio { Class::Failure } else { Class::Success };
    breaker.settle(now, permit, Report { class, took: Span::ZERO }, draws);
    true
}

/// The same by the engine alone: no run of a simulation is long enough.
#[test]
fn a_long_run_of_failures_takes_its_time_to_come() {
    let mut score = Score::default();
    for (in_a_row, ratio, trips, case) in [(5, 0.1, 2_000, "p0.1_N5"), (10, 0.2, 64, "p0.2_N10")] {
        let until_it_trips = |nth: u64| {
            let settings = format!("in_a_row: {in_a_row}, open: \"1000d\", open_max: Off");
            let (mut breaker, mut draws) = (breaker(&settings), Draws::open(33, nth));
            let mut calls = 0_u32;
            while breaker.state() == State::Closed {
                calls += u32::from(call(&mut breaker, Time::ZERO, ratio, &mut draws));
            }
            f64::from(calls)
        };
        let trips: Vec<f64> = (0..trips).map(until_it_trips).collect();
        let mean = exact("E01", &format!("mean_requests_to_trip_{case}"));
        score.check(&format!("E01 mean {case}"), &trips, mean);
        let squares: Vec<f64> = trips.iter().map(|trip| (trip - mean) * (trip - mean)).collect();
        let variance = exact("E01", &format!("var_requests_to_trip_{case}"));
        score.check(&format!("E01 var {case}"), &squares, variance);
    }
    score.finish();
}

/// What there is to count when a breaker goes round and round.
#[derive(Default)]
struct Rounds {
    /// Shares of requests that are probes, in batches.
    probes: Vec<f64>,
    /// Requests from the moment that it closes until it trips.
    closed: Vec<f64>,
    /// How often it opens until it closes.
    openings: Vec<f64>,
    /// Requests from closing to closing.
    cycles: Vec<f64>,
}

impl Rounds {
    fn of(settings: &str, ratio: f64, rate: f64, batch: u32) -> Rounds {
        let (mut breaker, mut draws, mut gaps) =
            (breaker(settings), Draws::open(34, 0), Draws::open(35, 0));
        let (mut rounds, mut now) = (Rounds::default(), Time::ZERO);
        let (mut closed, mut openings, mut cycle) = (0.0, 0.0, 0.0);
        for _ in 0..100 {
            let mut probes = 0;
            for _ in 0..batch {
                now += Span::from_secs(-brownout_core::math::ln_1p(-gaps.unit()) / rate);
                let before = breaker.state();
                let sent = call(&mut breaker, now, ratio, &mut draws);
                let after = breaker.state();
                probes += u32::from(sent && before != State::Closed);
                closed += f64::from(u8::from(before == State::Closed));
                cycle += 1.0;
                // A probe that fails opens it again.
                let opens = after == State::Open && (before != State::Open || sent);
                openings += f64::from(u8::from(opens));
                if opens && before == State::Closed {
                    rounds.closed.push(std::mem::take(&mut closed));
                } else if after == State::Closed && before != State::Closed {
                    rounds.openings.push(std::mem::take(&mut openings));
                    rounds.cycles.push(std::mem::take(&mut cycle));
                }
            }
            rounds.probes.push(f64::from(probes) / f64::from(batch));
        }
        rounds
    }
}

#[test]
fn a_breaker_goes_round_as_often_as_renewals_say() {
    let mut score = Score::default();
    let settings = |probes: u32, open: &str| {
        format!(
            "in_a_row: 3, closing: Counts, probes: {probes}, close_after: {probes}, open: \"{open}\""
        )
    };
    for (id, rounds) in [
        ("E03", Rounds::of(&settings(1, "5s"), 0.3, 10.0, 20_000)),
        ("E05", Rounds::of(&settings(2, "10s"), 0.05, 100.0, 200_000)),
    ] {
        for (name, counted) in [
            ("fraction_probes", &rounds.probes),
            ("mean_requests_closed_period", &rounds.closed),
            ("mean_open_rounds_per_trip", &rounds.openings),
            ("mean_cycle_requests", &rounds.cycles),
        ] {
            score.check(&format!("{id} {name}"), counted, exact(id, name));
        }
    }
    score.finish();
}
