//! Zones by hand: how far they are apart, what befalls one of them, and who prefers its own.

use brownout_tests::{measuring, rows};
use std::collections::BTreeMap;

/// A request a second for a hundred seconds, from zone `b`, to a service of two replicas: number 0
/// is in zone `a`, number 1 in zone `b`.
fn two_zones(service: &str, rest: &str, asked: &[&str]) -> BTreeMap<String, f64> {
    let text = format!(
        "Experiment(
            name: \"zones\",
            run: (time: \"100s\", runs: 1),
            load: [Steady(to: \"q\", rate: \"1/s\", name: \"l\", zones: \"b\", patience: \"10s\")],
            services: {{
                \"q\": (replicas: 2, zones: [\"a\", \"b\"], workers: Unlimited, work: Const(\"0s\"),
                      {service}),
            }},
            {rest}
        )"
    );
    let rows = rows(&measuring(&text, asked));
    rows.into_iter().map(|(sentence, runs)| (sentence, runs[0])).collect()
}

/// Of eighty requests, forty to each replica where they go in turn.
const MEAN: &str = "mean(l) during 10s..90s";
const WELL: &str = "availability(l) during 10s..90s";

#[test]
fn it_takes_longer_from_one_zone_to_another() {
    let far = "zones: (between: \"1s\"),";
    let mean = |service: &str| two_zones(service, far, &[MEAN])[MEAN];
    // Every second request goes there and back.
    assert_eq!(mean(""), 1.0);
    assert_eq!(mean("balance: RoundRobin(zones: PreferOwn)"), 0.0);
    assert_eq!(mean("balance: TwoChoices(zones: PreferOwn)"), 0.0);
}

#[test]
fn a_fault_strikes_what_is_in_a_zone_of_one_service_or_of_all() {
    let availability = |fault: &str| {
        let rest = format!("faults: [Crash({fault}, at: \"0s\", lasts: \"100s\")],");
        two_zones("", &rest, &[WELL])[WELL]
    };
    assert_eq!(availability("zone: \"a\""), 0.5);
    assert_eq!(availability("zone: \"b\", service: \"q\""), 0.5);
    assert_eq!(availability("service: \"q\", replica: 1"), 0.5);
}

#[test]
fn a_zone_is_cut_off_both_ways_or_one() {
    let cut = |direction: &str| {
        let rest = format!(
            "faults: [Partition(zone: \"a\", direction: {direction}, at: \"0s\", lasts: \"100s\")],"
        );
        let asked = [WELL, "arrived(q) during 10s..90s"];
        let rows = two_zones("", &rest, &asked);
        (rows[asked[0]], rows[asked[1]])
    };
    // Into the zone: nothing arrives there. Out of it: it does, and no answer comes back.
    assert_eq!(cut("Back"), (0.5, 0.5));
    assert_eq!(cut("Forth"), (0.5, 1.0));
    assert_eq!(cut("Both"), (0.5, 0.5));
}

#[test]
fn a_link_fault_of_a_zone_leaves_alone_what_stays_inside() {
    let slow = |zone: &str| {
        let rest = format!(
            "faults: [Latency(zone: \"{zone}\", add: \"2s\", at: \"0s\", lasts: \"100s\",
                              direction: Forth)],"
        );
        two_zones("", &rest, &[MEAN])[MEAN]
    };
    // Half of the requests go to `a`: their answers come out of it, and they out of `b`.
    assert_eq!((slow("a"), slow("b")), (1.0, 1.0));
}

#[test]
fn what_the_own_zone_cannot_take_spills_over_and_only_that() {
    let dead = "faults: [Crash(zone: \"b\", at: \"30s\", lasts: \"70s\")],";
    let run = |health: &str| {
        let service = format!("balance: RoundRobin(zones: PreferOwn), {health}");
        let asked = "availability(l) during 40s..90s";
        two_zones(&service, dead, &[asked])[asked]
    };
    // Nobody notices, and the own zone is gone.
    assert_eq!(run(""), 0.0);
    assert_eq!(run("health: (every: \"1s\", timeout: \"500ms\", fall: 2)"), 1.0);
}
