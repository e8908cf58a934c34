//! Monitors by hand: what a metrics system sees of a run, and when it says so.

use brownout_tests::{measuring, rows};
use std::collections::BTreeMap;

/// One request a second; each takes 1 s, or 9 s from 20 to 40 s; as many workers as it takes.
fn slow(monitor: &str, faults: &str) -> String {
    format!(
        "Experiment(
            name: \"slow\",
            run: (time: \"100s\", runs: 1),
            load: [Steady(to: \"q\", rate: \"1/s\", name: \"l\")],
            services: {{ \"q\": (workers: 100, work: Const(\"1s\")) }},
            faults: [{faults}],
            monitors: {{ \"m\": ({monitor}) }},
        )"
    )
}

const NINE: &str = "Slow(service: \"q\", by: 9, at: \"20s\", lasts: \"20s\")";

/// What every sentence says of the first replication.
fn told(text: &str, sentences: &[&str]) -> BTreeMap<String, f64> {
    let rows = rows(&measuring(text, sentences));
    rows.into_iter().map(|(text, runs)| (text, runs[0])).collect()
}

/// Whether it fired, how long after the fault began, and for how many seconds.
fn seen(monitor: &str) -> (f64, f64, f64) {
    let told = told(&slow(monitor, NINE), &["fired(m)", "detected(m)", "firing(m)"]);
    (told["fired(m)"], told["detected(m)"], (told["firing(m)"] * 100.0).round())
}

#[test]
fn a_latency_is_seen_when_what_took_long_has_ended_and_a_scrape_has_come() {
    // Work begun at 19.5 s ends at 24.5, the next at 29.5, and then one a second that took 9 s;
    // those still in service at 40 end within a second. The scrape at 30 s is the first to see it.
    let p50 = "watch: \"p50(q)\", above: \"2s\", every: \"10s\", window: \"10s\"";
    // At 40 it is seen again; of what ended by 50 half took no more than 1.44 s.
    assert_eq!(seen(p50), (1.0, 10.0, 20.0));
    assert_eq!(seen(&format!("{p50}, for: \"10s\"")), (1.0, 20.0, 10.0));
    assert_eq!(seen(&format!("{p50}, for: \"11s\"")), (0.0, f64::INFINITY, 0.0));
}

#[test]
fn a_longer_window_is_slower_to_see_and_slower_to_forget() {
    // Of 30 s of ends, those that took long are the larger half at 50 at the earliest: by 40 it is
    // 15 in 25, since ends are rare while work is slow.
    let p50 = "watch: \"p50(q)\", above: \"2s\", every: \"5s\", window: \"30s\"";
    let (fired, detected, firing) = seen(p50);
    assert_eq!(fired, 1.0);
    assert!((10.0..=20.0).contains(&detected), "{detected}");
    assert!(firing >= 20.0, "{firing}");
}

#[test]
fn levels_are_seen_as_they_stand_and_rates_as_what_happened() {
    // Nine seconds of work keep nine workers busy; the scrapes at 30 and 40 s see nine or so.
    let busy = "watch: \"busy(q)\", above: 5, every: \"10s\", window: \"10s\"";
    assert_eq!(seen(busy), (1.0, 10.0, 20.0));
    // Between 20 and 24.5 s nothing ends.
    let goodput = "watch: \"goodput(q)\", below: \"0.5/s\", every: \"2s\", window: \"2s\"";
    let (fired, detected, _) = seen(goodput);
    assert_eq!((fired, detected), (1.0, 2.0));
}

#[test]
fn no_data_is_no_alarm() {
    let hole = "BlackHole(service: \"q\", at: \"20s\")";
    let fired = |monitor: &str| told(&slow(monitor, hole), &["fired(m)"])["fired(m)"];
    // Nothing ends any more: latency is silent while users wait for ever; goodput is not.
    assert_eq!(fired("watch: \"p99(q)\", above: \"2s\""), 0.0);
    assert_eq!(fired("watch: \"errors(q)\", above: \"1%\""), 0.0);
    assert_eq!(fired("watch: \"goodput(q)\", below: \"0.5/s\""), 1.0);
}

#[test]
fn errors_are_a_share_of_what_ended_or_a_rate_and_their_times_count_on_demand() {
    let errors = "Errors(service: \"q\", ratio: \"100%\", at: \"20s\", lasts: \"20s\")";
    let told = |monitor: &str| {
        let told = told(&slow(monitor, errors), &["detected(m)", "fired(m)"]);
        (told["detected(m)"], told["fired(m)"])
    };
    assert_eq!(told("watch: \"errors(q)\", above: \"50%\", window: \"20s\""), (20.0, 1.0));
    assert_eq!(told("watch: \"errors(q)\", above: \"0.5/s\", window: \"10s\""), (10.0, 1.0));
    // Errors are fast: the mean of all that ended falls under half a second.
    let mean = "watch: \"mean(q)\", below: \"500ms\", window: \"10s\"";
    assert_eq!(told(mean), (f64::INFINITY, 0.0));
    assert_eq!(told(&format!("{mean}, of: All")), (10.0, 1.0));
}

#[test]
fn a_window_asks_about_a_stretch_and_a_fault_can_be_named() {
    let twice = format!(
        "{NINE}, Slow(service: \"q\", by: 9, at: \"60s\", lasts: \"20s\", name: \"second\")"
    );
    let text = slow("watch: \"p50(q)\", above: \"2s\", window: \"10s\"", &twice);
    let told = told(
        &text,
        &[
            "fired(m) during 0s..30s",
            "fired(m) during 0s..31s",
            "firing(m) during 20s..40s",
            "detected(m, fault: 'second')",
        ],
    );
    assert_eq!(told["fired(m) during 0s..30s"], 0.0);
    assert_eq!(told["fired(m) during 0s..31s"], 1.0);
    assert_eq!(told["firing(m) during 20s..40s"], 0.5);
    assert_eq!(told["detected(m, fault: 'second')"], 10.0);
}

#[test]
fn a_guard_breaks_a_fault_off_and_the_verdict_counts_from_there() {
    let errors = |rest: &str| {
        let fault =
            format!("Errors(service: \"q\", ratio: \"100%\", at: \"20s\", lasts: \"60s\"{rest})");
        let text = slow("watch: \"errors(q)\", above: \"1%\"", &fault);
        let told = told(&text, &["errors(q)", "recovery(q)"]);
        (told["errors(q)"], told["recovery(q)"])
    };
    assert_eq!(errors("").0, 0.6);
    // In a window of 10 s, over half of what ended is bad by 26 s.
    let (bad, recovery) = errors(", abort_if: \"errors(q) > 50%\"");
    assert_eq!((bad, recovery), (0.06, 1.0));
    // The monitor reads at 30 s.
    assert_eq!(errors(", abort_if: \"m\"").0, 0.1);
    // It does not come again either.
    let again =
        ", every: \"60s\", abort_if: (watch: \"errors(q)\", above: \"50%\", window: \"5s\")";
    assert_eq!(errors(again).0, 0.04);
}
