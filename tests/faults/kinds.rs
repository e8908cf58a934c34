//! Every kind of fault takes every word about when, whom and until when, and overlaps compose.

use super::digest;
use brownout::spec::{LoadOptions, load};

/// A cache before a database with a follower, in two zones, and a monitor that fires at 2 s.
fn system(faults: &str) -> String {
    format!(
        "Experiment(
            name: \"kinds\",
            run: (time: \"6s\", runs: 1),
            load: [Poisson(to: \"api\", rate: \"60/s\", name: \"l\", patience: \"700ms\"),
                   AtOnce(to: \"bell\", at: \"1900ms\", count: 5)],
            services: {{
                \"api\": (replicas: 2, zones: [\"a\", \"b\"], workers: 8, queue: Fifo(limit: 30),
                        stores: {{\"own\": Cache(keys: 4, ttl: \"900ms\")}},
                        endpoints: {{\"go\": [Get(store: \"own\", hit: [Call(to: \"db.read\")],
                                                miss: [Call(to: \"db.write\"), Put(\"own\")])]}}),
                \"db\": (replicas: 2, zones: [\"a\", \"b\"], workers: 4, queue: Fifo(limit: 30),
                       stores: {{\"row\": Rows}}, replication: (lag: \"30ms\", failover: \"200ms\"),
                       on_deadline: (queued: Drop, in_service: Stop),
                       endpoints: {{\"write\": [Work(Exp(mean: \"9ms\")), Write(\"row\")],
                                   \"read\": [Work(Exp(mean: \"20ms\")), Read(\"row\")]}}),
                \"bell\": (work: Const(\"1ms\")),
            }},
            semantics: (deadlines: Absolute),
            monitors: {{\"m\": (watch: \"offered(bell)\", above: \"1/s\", every: \"1s\", window: \"1s\")}},
            domains: {{\"d\": [(service: \"db\", replica: 1)]}},
            faults: [{faults}],
        )"
    )
}

/// One kind, without its end: what it is of, and whether it has a strength.
struct Kind(&'static str, bool);

const KINDS: [Kind; 13] = [
    Kind("Slow(service: \"db\", by: 5", true),
    Kind("Stall(service: \"db\"", false),
    Kind("Crash(service: \"api\", replica: 0", false),
    Kind("Errors(service: \"db\", ratio: 0.4", true),
    Kind("BlackHole(service: \"db\"", false),
    Kind("Capacity(service: \"db\", to: \"25%\"", true),
    Kind("Config(service: \"db\", workers: 1", false),
    Kind("Latency(link: \"api -> db\", add: \"40ms\"", true),
    Kind("Loss(zone: \"b\", ratio: \"40%\"", true),
    Kind("Partition(between: \"api\", and: \"db\"", false),
    Kind("LoadSpike(load: \"l\", by: 3", true),
    Kind("Demote(service: \"db\"", false),
    Kind("ClockJump(service: \"db\", by: \"1s\"", true),
];

/// What is wrong with a file; nothing if it is right.
fn complaint(text: &str) -> String {
    let read = |path: &str| Err(format!("there is no file {path}"));
    let options = LoadOptions { file_name: "t.ron".to_owned(), sets: Vec::new(), read: &read };
    load(text, &options).map_or_else(|problems| problems.render(false), |_| String::new())
}

#[test]
fn every_kind_begins_ends_comes_again_and_is_spared_by_chance() {
    let healthy = digest(&system(""));
    for Kind(kind, ..) in KINDS {
        let run = |when: &str| digest(&system(&format!("{kind}, {when})")));
        let once = run("at: \"1s\", lasts: \"500ms\"");
        assert_ne!(once, healthy, "{kind} does something");
        assert_eq!(run("at: \"1s\", lasts: \"500ms\", probability: \"100%\""), once, "{kind}");
        assert_eq!(run("at: \"1s\", lasts: \"500ms\", probability: \"0%\""), healthy, "{kind}");
        let again = run("at: \"1s\", lasts: \"500ms\", every: \"1500ms\", times: 2, name: \"x\"");
        let second = format!("{kind}, at: \"2500ms\", lasts: \"500ms\")");
        let both = digest(&system(&format!("{kind}, at: \"1s\", lasts: \"500ms\"), {second}")));
        // What is lost is drawn by the name of the fault.
        assert_eq!(again == both, !kind.starts_with("Loss"), "{kind}: two of them, apart");
    }
}

#[test]
fn whatever_has_a_strength_has_slopes_and_nothing_else_has() {
    for Kind(kind, has_strength) in KINDS {
        let slopes = system(&format!("{kind}, at: \"1s\", lasts: \"2s\", ramp: \"700ms\")"));
        let complaint = complaint(&slopes);
        assert_eq!(complaint.is_empty(), has_strength, "{kind}: {complaint}");
        if has_strength {
            let steep = system(&format!("{kind}, at: \"1s\", lasts: \"2s\")"));
            assert_ne!(digest(&slopes), digest(&steep), "{kind}");
        }
    }
}

#[test]
fn what_is_broken_off_is_over_at_that_moment_and_for_good() {
    for Kind(kind, _) in KINDS {
        let rest = "abort_if: \"m\", every: \"2s\")";
        let aborted = system(&format!("{kind}, at: \"1s\", lasts: \"1500ms\", {rest}"));
        let short = system(&format!("{kind}, at: \"1s\", lasts: \"1s\")"));
        assert_eq!(digest(&aborted), digest(&short), "{kind}");
    }
    // A flush has no length, but it may come again.
    let flush = "CacheFlush(service: \"api\", at: \"1s\"";
    let often = digest(&system(&format!("{flush}, every: \"700ms\")")));
    let aborted = digest(&system(&format!("{flush}, every: \"700ms\", abort_if: \"m\")")));
    let twice = digest(&system(&format!("{flush}, every: \"700ms\", times: 2)")));
    assert_eq!((aborted == twice, often == twice), (true, false));
}

#[test]
fn whoever_is_struck_can_be_one_a_share_a_zone_or_a_domain() {
    let healthy = digest(&system(""));
    for kind in [
        "Slow(by: 9, ",
        "Stall(",
        "Crash(",
        "Errors(ratio: 0.9, ",
        "BlackHole(",
        "Capacity(to: \"25%\", ",
        "Config(workers: 1, ",
        "ClockJump(by: \"1s\", ",
    ] {
        let run =
            |whom: &str| digest(&system(&format!("{kind}{whom}, at: \"1s\", lasts: \"3s\")")));
        let all = run("service: \"db\"");
        for whom in [
            "service: \"db\", replica: 1",
            "service: \"db\", replicas: \"50%\"",
            "service: \"db\", replicas: 1",
            "zone: \"b\", service: \"db\"",
        ] {
            let some = run(whom);
            assert!(some != healthy && some != all, "{kind}{whom}");
        }
        assert_eq!(run("domain: \"d\""), run("service: \"db\", replica: 1"), "{kind}");
    }
}

/// Two that overlap from 2 s to 3 s, and what they come to one after the other.
#[test]
fn overlaps_compose_and_the_end_of_one_is_not_that_of_the_other() {
    let at =
        |kind: &str, at: u32, lasts: u32| format!("{kind}, at: \"{at}s\", lasts: \"{lasts}s\"), ");
    let run = |faults: &[(&str, u32, u32)]| {
        let faults = faults.iter().map(|(kind, from, lasts)| at(kind, *from, *lasts));
        digest(&system(&faults.collect::<String>()))
    };
    for Kind(kind, has_strength) in KINDS {
        if !has_strength {
            assert_eq!(run(&[(kind, 1, 2), (kind, 2, 2)]), run(&[(kind, 1, 3)]), "{kind}");
        }
    }
    for (kind, [one, other, both]) in [
        ("Slow(service: \"db\", by: ", ["2", "4", "8"]),
        ("Errors(service: \"db\", ratio: ", ["0.5", "0.5", "0.75"]),
        ("Capacity(service: \"db\", of: Speed, to: ", ["0.5", "0.25", "0.125"]),
        ("Latency(link: \"api -> db\", add: ", ["\"10ms\"", "\"30ms\"", "\"40ms\""]),
        ("ClockJump(service: \"db\", by: ", ["\"-200ms\"", "\"1s\"", "\"800ms\""]),
        ("Config(service: \"db\", workers: ", ["1", "2", "2"]),
        ("LoadSpike(load: \"l\", by: ", ["2", "3", "6"]),
    ] {
        let [one, other, both] = [one, other, both].map(|own| format!("{kind}{own}"));
        let overlapping = run(&[(&one, 1, 2), (&other, 2, 2)]);
        let in_turn = run(&[(&one, 1, 1), (&both, 2, 1), (&other, 3, 1)]);
        assert_eq!(overlapping, in_turn, "{kind}");
    }
    // Of different kinds, too: each goes on when the other ends.
    let slow = "Slow(service: \"db\", by: 4";
    let stall = "Stall(service: \"db\"";
    let mixed = run(&[(slow, 1, 3), (stall, 2, 1)]);
    assert_eq!(mixed, run(&[(slow, 1, 1), (stall, 2, 1), (slow, 3, 1)]));
}
