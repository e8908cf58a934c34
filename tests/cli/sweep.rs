//! `brownout sweep`: every point, whatever the threads and the interruptions; a bad one fails
//! alone.

use super::harness::{Desk, SMALL};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;

const UNFINISHED: &str = "points.unfinished.ndjson";

/// A small experiment over two axes; its expectations hold everywhere.
fn swept() -> String {
    with_sweep(
        &short(),
        r#"sweep: Grid({
            "load.0.rate": Linear(from: "60/s", to: "100/s", steps: 3),
            "services.db.workers": List([8, 10]),
        }),
        plots: [Heatmap(x: "load.0.rate", y: "services.db.workers", color: "recovery(api)")],"#,
    )
}

/// The small experiment with fewer runs, and an expectation that so few can decide.
fn short() -> String {
    SMALL
        .replace("runs: 6", "runs: 2")
        .replace("offered(api) > 50/s", "offered(api) < 5000/s")
        .replace("amplification(db) > 1.01", "amplification(db) < 3")
}

fn with_sweep(text: &str, sweep: &str) -> String {
    let end = text.rfind(')').expect("it ends");
    format!("{}    {sweep}\n)\n", &text[..end])
}

/// The points in a directory of results.
fn points(files: &BTreeMap<String, Vec<u8>>) -> Vec<Value> {
    let text = String::from_utf8_lossy(&files["points.ndjson"]).into_owned();
    text.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect()
}

#[test]
fn a_sweep_writes_every_point_as_lines_as_a_table_and_as_pictures() {
    let desk = Desk::with("a_sweep_writes", &swept());
    let done = desk.brownout("sweep own.ron");
    assert_eq!((done.code, done.stderr.as_str()), (0, ""), "{}", done.stdout);
    assert!(done.stdout.contains("6 points, a grid; 2 runs of each variant"), "{}", done.stdout);
    let files = desk.files("out/small-sweep");
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    let expected = [
        "heatmap.png",
        "heatmap.svg",
        "manifest.json",
        "phase.png",
        "phase.svg",
        "points.csv",
        "points.ndjson",
        "report.html",
    ];
    assert_eq!(names, expected);
    let points = points(&files);
    assert_eq!(points.len(), 6);
    assert_eq!(
        points[3]["settings"],
        serde_json::json!({ "load.0.rate": "80/s", "services.db.workers": "10" })
    );
    let measured = points[3]["variants"][1]["measure"].as_array().expect("a list");
    let texts: Vec<&str> = measured.iter().filter_map(|row| row["text"].as_str()).collect();
    assert_eq!(
        texts,
        ["p99(api) after 10s", "recovery(api)"],
        "what the heatmap shows is measured"
    );
    let csv = String::from_utf8_lossy(&files["points.csv"]).into_owned();
    assert_eq!(csv.lines().count(), 1 + 6 * 2);
    let width = csv.lines().next().map(|line| line.split(',').count());
    assert!(csv.lines().all(|line| Some(line.split(',').count()) == width), "{csv}");
    let svg = String::from_utf8_lossy(&files["heatmap.svg"]).into_owned();
    assert!(svg.contains("load.0.rate (/s)") && svg.contains("services.db.workers"));
}

#[test]
fn a_point_is_what_run_says_of_the_same_settings() {
    let desk = Desk::with("a_point_is_what_run_says", &swept());
    desk.brownout("sweep own.ron -o swept");
    let set = "--set load.0.rate=100/s --set services.db.workers=8";
    desk.brownout(&format!("run own.ron -o run {set}"));
    let (points, run) = (points(&desk.files("swept")), desk.summary("run"));
    for variant in 0..2 {
        let (point, run) = (&points[4]["variants"][variant], &run["variants"][variant]);
        assert_eq!(point["digest"], run["digest"]);
        assert_eq!(point["expect"], run["expect"]);
        assert_eq!(point["verdicts"], run["verdicts"]);
        assert_eq!(point["measure"][0], run["measure"][0]);
    }
    assert_eq!(points[4]["file_hash"], run["file_hash"]);
}

#[test]
fn one_thread_and_three_write_the_same_bytes() {
    let desk = Desk::with("sweep_one_thread_and_three", &swept());
    let one = desk.brownout("sweep own.ron --jobs 1 -o out --format json");
    let first = desk.files("out");
    let three = desk.brownout("sweep own.ron --jobs 3 -o out --format json");
    assert_eq!(three.stdout, one.stdout);
    assert_eq!(desk.files("out"), first);
    let document: Value = serde_json::from_str(&one.stdout).expect("one JSON document");
    assert_eq!(document["points"], Value::Array(points(&first)));
}

#[test]
fn a_sweep_that_was_killed_goes_on_and_writes_the_same_bytes() {
    let desk = Desk::with("a_sweep_that_was_killed", &swept());
    let whole = desk.brownout("sweep own.ron -o whole");
    let expected = desk.files("whole");
    // A sweep into a directory that cannot take its pictures leaves what it has finished.
    fs::create_dir_all(desk.directory.join("cut/heatmap.svg")).expect("a directory can be made");
    let stuck = desk.brownout("sweep own.ron -o cut");
    assert_eq!(stuck.code, 2, "{}", stuck.stderr);
    fs::remove_dir(desk.directory.join("cut/heatmap.svg")).expect("it is empty");
    let path = desk.directory.join("cut").join(UNFINISHED);
    let text = fs::read_to_string(&path).expect("what was finished is there");
    assert_eq!(text.lines().count(), 1 + 6);
    // Killed in the middle of the fourth point's line.
    let ends: Vec<usize> = text.match_indices('\n').map(|(at, _)| at).collect();
    fs::write(&path, &text[..ends[3] + 200]).expect("it can be written");
    let done = desk.brownout("sweep own.ron -o cut");
    assert_eq!((done.code, done.stderr.as_str()), (0, "3 of 6 points are taken over\n"));
    assert_eq!(done.stdout.replace("cut", "whole"), whole.stdout);
    assert_eq!(desk.files("cut"), expected);
}

#[test]
fn points_of_another_file_seed_or_setting_are_not_taken_over() {
    let desk = Desk::with("points_of_another_file", &swept());
    let keep = |line: &str| {
        let _ = fs::create_dir_all(desk.directory.join("out/heatmap.svg"));
        desk.brownout(line)
    };
    assert_eq!(keep("sweep own.ron -o out").code, 2);
    desk.put("other.ron", swept().replace("p50: \"20ms\"", "p50: \"21ms\""));
    for line in [
        "sweep other.ron -o out",
        "sweep own.ron -o out --seed 6",
        "sweep own.ron -o out --runs 1",
        "sweep own.ron -o out --set services.api.workers=16",
        "sweep own.ron -o out --variant plain",
    ] {
        let done = keep(line);
        assert!(
            done.stderr.contains("unfinished points of another sweep"),
            "{line}: {}",
            done.stderr
        );
        assert!(!done.stderr.contains("taken over"), "{line}: {}", done.stderr);
    }
    let again = keep("sweep own.ron -o out --variant plain");
    assert!(again.stderr.contains("6 of 6 points are taken over"), "{}", again.stderr);
    let fresh = keep("sweep own.ron -o out --variant plain --fresh");
    assert!(!fresh.stderr.contains("taken over"), "{}", fresh.stderr);
}

#[test]
fn a_bad_point_fails_alone_and_is_named() {
    let sweep = r#"sweep: Grid({ "services.db.workers": List([8, 0, 12]) }),"#;
    let text = with_sweep(&short(), sweep);
    let desk = Desk::with("a_bad_point", &text);
    let done = desk.brownout("sweep own.ron -o out");
    assert_eq!(done.code, 3, "{}", done.stderr);
    let named = "point 1, services.db.workers=0: 0 is out of range";
    assert!(done.stdout.contains(named), "{}", done.stdout);
    let points = points(&desk.files("out"));
    assert!(points[1]["error"].as_str().is_some_and(|text| text.contains("out of range")));
    for good in [0, 2] {
        assert_eq!(points[good]["variants"].as_array().map(Vec::len), Some(2));
    }
}

#[test]
fn a_point_in_which_time_stands_still_fails_alone() {
    let text = r#"(
        run: (time: "10s", runs: 1),
        load: [Poisson(to: "api", rate: "10/s", with: [Retry(times: Unlimited)])],
        services: { "api": (work: Const("1ms"), workers: 1, queue: Fifo(limit: 1)) },
        sweep: Grid({ "services.api.work": List(["1ms", "3s", "2ms"]) }),
    )"#;
    let desk = Desk::with("a_point_in_which_time_stands_still", text);
    let (one, two) = (desk.brownout("sweep own.ron --jobs 1"), desk.brownout("sweep own.ron"));
    assert_eq!((one.code, two.code), (3, 3), "{}", one.stderr);
    assert_eq!(one.stdout, two.stdout);
    assert!(one.stdout.contains("services.api.work=3s: variant"), "{}", one.stdout);
}

#[test]
fn what_is_wrong_with_a_sweep_is_said_before_anything_is_run_all_of_it() {
    let sweep = r#"sweep: Grid({
        "services.bd.workers": List([1, 2]),
        "load.0.rat": List(["1/s"]),
        "services.db.workers": Linear(from: 0, to: 8, steps: 3),
    }),"#;
    let desk = Desk::with("what_is_wrong_with_a_sweep", &with_sweep(SMALL, sweep));
    let done = desk.brownout("sweep own.ron");
    assert_eq!((done.code, done.stdout.as_str()), (3, ""));
    for said in ["`services.bd.workers` leads nowhere", "load.0.rat", "0 is out of range"] {
        assert!(done.stderr.contains(said), "{said}: {}", done.stderr);
    }
    assert_eq!(desk.names(), ["own.ron"]);
    desk.put("own.ron", SMALL);
    let none = desk.brownout("sweep own.ron");
    assert_eq!(none.code, 3);
    assert!(none.stderr.contains("has no sweep"), "{}", none.stderr);
    desk.put("own.ron", swept());
    for line in [
        "sweep own.ron --variant nobody",
        "sweep own.ron --jobs 0",
        "sweep own.ron --runs x",
        "sweep",
        "sweep own.ron --seed 1#2 --runs 3",
        "sweep own.ron -o own.ron",
    ] {
        assert_eq!(desk.brownout(line).code, 2, "{line}");
    }
    assert_eq!(desk.names(), ["own.ron"]);
}

#[test]
fn words_and_drawn_points_are_swept_too() {
    let words =
        r#"sweep: Grid({ "services.db.queue": List([Fifo(limit: 20), Lifo(limit: 20)]) }),"#;
    let text = with_sweep(&short(), words);
    let desk = Desk::with("words_and_drawn_points", &text);
    let done = desk.brownout("sweep own.ron -o words");
    assert_eq!(done.code, 0, "{}", done.stderr);
    let files = desk.files("words");
    assert!(files.contains_key("stuck.svg"), "{:?}", files.keys());
    let swept = points(&files);
    assert_eq!(swept[1]["settings"]["services.db.queue"], "Lifo(limit: 20)");
    assert_ne!(swept[0]["variants"][0]["digest"], swept[1]["variants"][0]["digest"]);
    let drawn = r#"sweep: LatinHypercube(over: {
        "load.0.rate": Linear(from: "60/s", to: "120/s"),
        "services.db.workers": Linear(from: 6, to: 16, whole: true),
    }, points: 5),"#;
    desk.put("own.ron", with_sweep(&short(), drawn));
    let done = desk.brownout("sweep own.ron -o drawn");
    assert_eq!(done.code, 0, "{}{}", done.stderr, done.stdout);
    let files = desk.files("drawn");
    assert!(files.contains_key("points.svg"));
    assert_eq!(points(&files).len(), 5);
}
