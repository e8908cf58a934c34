//! `brownout hunt`: the edge lies where it must, the least file still fails, nonsense is refused.

use super::harness::{Desk, SMALL, repository};
use serde_json::Value;
use std::fs;

/// Naive retries under a slowdown that sticks; a cache that has nothing to do with it.
const STORM: &str = r#"// A comment that stays.
Experiment(
    name: "storm",
    run: (time: "40s", seed: 3, runs: 4),
    load: [Poisson(to: "api", rate: "200/s", name: "users")],
    services: {
        "api": (workers: Unlimited, work: Const("1ms"), calls: [(to: "cache"), (to: "db", with: "client")]),
        "cache": (workers: 8, work: Const("1ms")), // beside the point
        "db": (workers: 20, queue: Fifo(limit: 400), work: Exp(mean: "50ms")),
    },
    policies: { "client": [Retry(times: 3), Timeout("400ms")] },
    faults: [
        Slow(service: "db", by: 4, at: "10s", lasts: "8s", name: "slow"),
        Crash(service: "cache", at: "2s", lasts: "10ms"),
    ],
    expect: ["goodput(api) > 50% of offered after 25s", "offered(api) > 1/s"],
    measure: ["p99(api)"],
    sweep: Grid({ "load.users.rate": List(["100/s", "200/s"]), "faults.slow.by": List([2, 4]) }),
    plots: [Heatmap(x: "load.users.rate", y: "faults.slow.by", color: "recovery(api)")],
)
"#;

fn found(desk: &Desk, directory: &str) -> Value {
    serde_json::from_slice(&desk.files(directory)["hunt.json"]).expect("it is JSON")
}

/// The number at the front of a value.
fn number(value: &Value) -> f64 {
    let text = value.as_str().expect("a value is a text");
    let end = text.find(|c: char| c != '.' && !c.is_ascii_digit()).unwrap_or(text.len());
    text[..end].parse().expect("a number")
}

#[test]
fn the_edges_of_the_osdi22_shape_lie_where_its_arithmetic_puts_them() {
    let desk = Desk::new("the_edges_of_the_osdi22_shape");
    let path = repository().join("experiments/r7-hunt.ron");
    let path = path.to_str().expect("a path is text");
    let arguments = [
        "hunt",
        path,
        "-o",
        "out",
        "--no-shrink",
        "--runs",
        "16",
        "--within",
        "12%",
        "--format",
        "json",
    ];
    let done = desk.brownout_with(&arguments, &[]);
    assert_eq!(done.code, 0, "{}{}", done.stdout, done.stderr);
    let found: Value = serde_json::from_str(&done.stdout).expect("one JSON document");
    let searches = found["searches"].as_array().expect("a list");
    // Size, duration, load, and all together. The bounds are derived at the head of the file.
    let bounds = [(10.0, 62.0), (4.3, 10.7), (170.0, 310.0)];
    for (search, (low, high)) in searches.iter().zip(bounds) {
        let path = search["over"][0].as_str().expect("a path");
        let end = |which: &str| number(&search[which]["settings"][path]);
        let (safe, bad) = (end("last_safe"), end("first_bad"));
        assert!(low <= safe.min(bad) && safe.max(bad) <= high, "{path}: {safe} and {bad}");
        assert_eq!(search["control_tipped"]["runs"], 0, "{path}");
        let (safe, bad) = (&search["last_safe"], &search["first_bad"]);
        assert!(safe["ci95"][1].as_f64() < Some(0.5), "{safe}");
        assert!(bad["ci95"][0].as_f64() > Some(0.5), "{bad}");
    }
    assert_eq!(searches.len(), 4);
    assert_eq!(searches[3]["outcome"], "edge");
    // A smaller rest, a longer cut, a higher load is worse.
    let is_rising = |search: &Value| {
        let path = search["over"][0].as_str().expect("a path");
        number(&search["first_bad"]["settings"][path])
            > number(&search["last_safe"]["settings"][path])
    };
    assert_eq!(searches[..3].iter().map(is_rising).collect::<Vec<_>>(), [false, true, true]);
}

#[test]
fn the_least_file_is_what_matters_and_still_fails() {
    let desk = Desk::with("the_least_file", STORM);
    let done = desk
        .brownout("hunt own.ron --over faults.slow.lasts=0.5s..8s --runs 16 --within 10% -o out");
    assert_eq!(done.code, 0, "{}{}", done.stdout, done.stderr);
    assert!(done.stdout.contains("first bad"), "{}", done.stdout);
    let least = String::from_utf8_lossy(&desk.files("out")["storm-shrunk.ron"]).into_owned();
    assert!(least.contains("// A comment that stays."), "{least}");
    for gone in ["Crash", "cache", "measure", "sweep", "plots", "beside the point"] {
        assert!(!least.contains(gone), "{gone} is still in\n{least}");
    }
    for kept in ["Slow(service: \"db\"", "Retry(times: 3)", "stuck('api') == 0"] {
        assert!(least.contains(kept), "{kept} is not in\n{least}");
    }
    assert_eq!(desk.brownout("run out/storm-shrunk.ron -o again").code, 1, "{least}");
    let stuck = &desk.summary("again")["variants"][0]["verdicts"][0]["stuck"];
    assert!(stuck["runs"].as_u64() > Some(0), "{stuck}");
    let document = found(&desk, "out");
    let safe = number(&document["searches"][0]["last_safe"]["settings"]["faults.slow.lasts"]);
    let bad = number(&document["searches"][0]["first_bad"]["settings"]["faults.slow.lasts"]);
    // A step is an eighth of the range, and twice that where the setting between cannot be decided:
    // near the edge about half of the runs are bad.
    assert!(0.0 < bad - safe && bad - safe <= 2.0 * 7.5 / 16.0, "{safe} and {bad}");
}

#[test]
fn threads_do_not_change_what_is_found() {
    let desk = Desk::with("hunt_threads", STORM);
    let line = "hunt own.ron --set run.time=30s --over load.users.rate=20/s..300/s --runs 8 \
                --within 20% -o out --format json";
    let one = desk.brownout(&format!("{line} --jobs 1"));
    let first = desk.files("out");
    let two = desk.brownout(&format!("{line} --jobs 2"));
    assert_eq!((one.code, &one.stdout), (two.code, &two.stdout));
    assert_eq!(desk.files("out"), first);
}

#[test]
fn the_first_seed_that_breaks_an_expectation_is_found_and_breaks_the_least_file_too() {
    // About one run in some has so many requests in its first second.
    let text = r#"Experiment(
        name: "burst",
        run: (time: "4s", seed: 9, runs: 3),
        load: [Poisson(to: "api", rate: "50/s")],
        services: { "api": (workers: 64, work: Const("1ms")), "spare": (work: "1ms") },
        sweep: Grid({ "load.0.rate": List(["40/s", "50/s"]) }),
        expect: ["offered(api) < 62/s during 0s..1s", "availability(api) > 1%",
                 "offered(api) rises over load.0.rate"],
    )"#;
    let desk = Desk::with("the_first_seed", text);
    let done = desk.brownout("hunt own.ron --seeds 500 -o out");
    assert_eq!(done.code, 1, "{}{}", done.stdout, done.stderr);
    let seed = found(&desk, "out")["incidents"][0]["seed"].as_str().expect("a seed").to_owned();
    assert_eq!(desk.brownout(&format!("run own.ron -o run --seed {seed}")).code, 1);
    // It has an id, by which it is run again and proven the same.
    let id = found(&desk, "out")["incidents"][0]["id"].as_str().expect("an id").to_owned();
    assert!(done.stdout.contains(&id), "{}", done.stdout);
    let replayed = desk.brownout(&format!("replay {id} out"));
    let proof = "the same as in out/hunt.json";
    assert!(replayed.stdout.contains(proof), "{}{}", replayed.stdout, replayed.stderr);
    // All before it are good.
    let (_, number) = seed.split_once('#').expect("a replication");
    let before: u32 = number.parse().expect("a number");
    assert!(before > 0, "another seed than the first serves this test better");
    for number in 0..before {
        assert_eq!(
            desk.brownout(&format!("run own.ron -o run --seed 9#{number}")).code,
            0,
            "{number}"
        );
    }
    let least = fs::read_to_string(desk.directory.join("out/burst-shrunk.ron")).expect("written");
    for gone in ["spare", "availability", "sweep", "rises"] {
        assert!(!least.contains(gone), "{gone} is still in\n{least}");
    }
    let again = desk.brownout(&format!("run out/burst-shrunk.ron -o run --seed {seed}"));
    assert_eq!(again.code, 1, "{least}");
    let none = desk.brownout("hunt own.ron --seeds 500 -o none --set load.0.rate=1/s");
    assert_eq!(none.code, 0, "{}", none.stdout);
    assert!(none.stdout.contains("no bad run among 500"), "{}", none.stdout);
}

#[test]
fn a_shrunk_file_brings_the_files_that_it_reads() {
    let desk = Desk::with("a_shrunk_file_brings", "");
    fs::create_dir_all(desk.directory.join("graphs")).expect("a directory can be made");
    desk.put(
        "graphs/two.ron",
        r#"Topology(services: {
        "api": (workers: Unlimited, work: Const("1ms"), calls: [(to: "db", with: "client")]),
        "db": (workers: 20, queue: Fifo(limit: 400), work: Exp(mean: "50ms")),
    })"#,
    );
    let text = r#"Experiment(
        name: "shared",
        topology: "../graphs/two.ron",
        run: (time: "40s", seed: 3, runs: 4),
        load: [Poisson(to: "api", rate: "200/s")],
        policies: { "client": [Retry(times: 3), Timeout("400ms")] },
        faults: [Slow(service: "db", by: 4, at: "10s", lasts: "8s", name: "slow")],
    )"#;
    fs::create_dir_all(desk.directory.join("files")).expect("a directory can be made");
    desk.put("files/own.ron", text);
    let done = desk
        .brownout("hunt files/own.ron --over faults.slow.by=1..4 --runs 8 --within 20% -o far/out");
    assert_eq!(done.code, 0, "{}{}", done.stdout, done.stderr);
    assert_eq!(desk.brownout("run far/out/shared-shrunk.ron -o run").code, 1);
}

#[test]
fn a_range_without_an_edge_is_an_answer_and_nonsense_is_refused() {
    let desk = Desk::with("a_range_without_an_edge", STORM);
    let safe = desk.brownout("hunt own.ron --over faults.slow.by=1..1.1 --runs 8 -o out");
    assert_eq!(safe.code, 0, "{}", safe.stderr);
    assert!(safe.stdout.contains("no edge: safe at both ends"), "{}", safe.stdout);
    let bad = desk.brownout("hunt own.ron --over faults.slow.by=4..5 --runs 8 --no-shrink -o out");
    assert!(bad.stdout.contains("no edge: bad at both ends"), "{}", bad.stdout);
    let before = desk.names();
    desk.put("small.ron", SMALL);
    for (line, code) in [
        ("hunt own.ron", 2),
        ("hunt own.ron --over", 2),
        ("hunt own.ron --over faults.slow.by", 2),
        ("hunt own.ron --over faults.slow.by=1..1", 2),
        ("hunt own.ron --over faults.slow.by=1s..2ms", 2),
        ("hunt own.ron --over faults.slow.by=1..4 --share 100%", 2),
        ("hunt own.ron --over faults.slow.by=1..4 --seeds 3", 2),
        ("hunt own.ron --over faults.slow.by=1..4 --until never", 2),
        ("hunt own.ron --over faults.slow.by=1..4 --runs 3", 2),
        ("hunt own.ron --seeds 0", 2),
        ("hunt small.ron --seeds 3 --variant nobody", 2),
        ("hunt own.ron --over faults.slow.bye=1..4 --over services.bd.workers=1..4", 3),
        ("hunt nowhere.ron --seeds 3", 3),
    ] {
        let done = desk.brownout(line);
        assert_eq!((done.code, done.stdout.as_str()), (code, ""), "{line}: {}", done.stderr);
        assert!(done.stderr.contains("error"), "{line}: {}", done.stderr);
    }
    let both =
        desk.brownout("hunt own.ron --over faults.x.by=1..4 --over services.bd.workers=1..4");
    assert!(both.stderr.contains("faults") && both.stderr.contains("bd"), "{}", both.stderr);
    let mut names = desk.names();
    names.retain(|name| name != "small.ron");
    assert_eq!(names, before);
}
