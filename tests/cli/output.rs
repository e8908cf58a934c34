//! What is printed and written: one JSON document, no colours where nobody sees them, whole files.

use super::harness::{Desk, SMALL};
use serde_json::Value;

const FILES: [&str; 7] = [
    "drawing.json",
    "manifest.json",
    "report.html",
    "series.csv",
    "summary.json",
    "timeline.png",
    "timeline.svg",
];

#[test]
fn json_output_is_one_document_the_same_as_the_summary_file() {
    let desk = Desk::with("json_output", SMALL);
    let done = desk.brownout("run own.ron --format json");
    let document: Value = serde_json::from_str(&done.stdout).expect("one JSON document");
    assert_eq!(desk.files("out/small")["summary.json"], done.stdout.as_bytes());
    assert_eq!(document["format"], 1);
    assert_eq!((&document["experiment"], &document["seed"]), (&"small".into(), &5.into()));
    assert_eq!((&document["runs"], &document["interrupted"]), (&6.into(), &Value::Null));
    assert!(document["semantics"]["late_answers"].is_string());
    let variants = document["variants"].as_array().expect("a list");
    let names: Vec<&Value> = variants.iter().map(|variant| &variant["name"]).collect();
    assert_eq!(names, ["plain", "retry"]);
    for variant in variants {
        let measure = &variant["measure"][0];
        assert_eq!(
            (&measure["text"], &measure["unit"]),
            (&"p99(api) after 10s".into(), &"s".into())
        );
        assert_eq!(measure["runs"].as_array().map(Vec::len), Some(6));
        let (low, high) = (measure["ci95"][0].as_f64(), measure["ci95"][1].as_f64());
        assert!(low < measure["mean"].as_f64() && measure["mean"].as_f64() < high);
        assert!(variant["digest"].as_str().is_some_and(|digest| digest.len() == 16));
        assert_eq!(variant["digests"].as_array().map(Vec::len), Some(6));
        assert_eq!(variant["verdicts"][0]["control_tipped"]["runs"], 0);
    }
    let held: Vec<&Value> =
        variants[1]["expect"].as_array().expect("a list").iter().map(|one| &one["held"]).collect();
    assert_eq!(held, [true, true]);
}

#[test]
fn an_infinite_recovery_is_the_string_inf() {
    // The fault has an end, and the run has none after it in which to recover.
    let text = SMALL.replace("lasts: \"3s\"", "lasts: \"14900ms\"").replace("by: 5", "by: 50");
    let desk = Desk::with("an_infinite_recovery", &text);
    desk.brownout("run own.ron -o out --quiet");
    let summary = desk.summary("out");
    let metrics = summary["variants"][0]["metrics"].as_array().expect("a list");
    let recovery = metrics.iter().find(|metric| metric["text"] == "recovery(api)");
    let recovery = recovery.expect("every report has it");
    assert_eq!((&recovery["mean"], &recovery["ci95"]), (&"inf".into(), &Value::Null));
}

#[test]
fn a_run_writes_seven_files_and_nothing_else() {
    let desk = Desk::with("seven_files", SMALL);
    desk.brownout("run own.ron -o here/and/there");
    let files = desk.files("here/and/there");
    assert_eq!(files.keys().collect::<Vec<_>>(), FILES);
    assert!(files["timeline.png"].starts_with(b"\x89PNG"));
    assert!(files["timeline.svg"].starts_with(b"<"));
    // A header, and 20 s in tenths for two services on two variants.
    assert_eq!(files["series.csv"].iter().filter(|byte| **byte == b'\n').count(), 1 + 200 * 4);
}

#[test]
fn no_file_holds_the_directory_it_was_made_in() {
    let desk = Desk::with("no_absolute_paths", SMALL);
    let path = desk.directory.join("own.ron");
    let path = path.to_str().expect("a path is text");
    desk.brownout_with(&["run", path, "-o", "out"], &[]);
    let own = desk.directory.to_str().expect("a path is text").as_bytes();
    for (name, bytes) in desk.files("out") {
        assert!(!bytes.windows(own.len()).any(|window| window == own), "{name}");
    }
}

#[test]
fn the_command_in_the_manifest_makes_the_same_files_again() {
    let desk = Desk::with("the_command_in_the_manifest", SMALL);
    let line = ["run", "own.ron", "--seed", "9", "--runs", "3", "--variant", "retry", "--set"];
    let line: Vec<&str> = line.into_iter().chain(["services.db.workers=9", "-o", "a"]).collect();
    desk.brownout_with(&line, &[]);
    let manifest: Value =
        serde_json::from_slice(&desk.files("a")["manifest.json"]).expect("it is JSON");
    let command = manifest["command"].as_str().expect("a text");
    let words = command.strip_prefix("brownout ").expect("a command line");
    desk.brownout(&format!("{words} -o b"));
    assert_eq!(desk.files("a"), desk.files("b"));
}

#[test]
fn colours_are_for_terminals_and_never_with_no_color() {
    let desk = Desk::with("colours", SMALL);
    let colored = |variables: &[(&str, &str)]| {
        desk.brownout_with(&["run", "own.ron"], variables).stdout.contains('\x1b')
    };
    assert!(!colored(&[]));
    assert!(colored(&[("CLICOLOR_FORCE", "1")]));
    assert!(!colored(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
}

#[test]
fn a_quiet_run_prints_nothing_and_writes_everything() {
    let desk = Desk::with("a_quiet_run", SMALL);
    let done = desk.brownout("run own.ron --quiet");
    assert_eq!((done.stdout.as_str(), done.stderr.as_str()), ("", ""));
    assert_eq!(desk.files("out/small").len(), FILES.len());
}

#[test]
fn the_report_is_at_most_120_columns_wide() {
    let desk = Desk::with("the_report_is_narrow", SMALL);
    for line in ["run own.ron", "run own.ron --runs 1", "check own.ron"] {
        let done = desk.brownout(line);
        let widest = done.stdout.lines().map(|line| line.chars().count()).max();
        assert!(widest <= Some(120), "{line}\n{}", done.stdout);
    }
}

#[test]
fn one_run_says_that_it_has_no_interval() {
    let desk = Desk::with("one_run", SMALL);
    let done = desk.brownout("run own.ron --runs 1");
    assert!(done.stdout.contains("one run of 20s, seed 5#0, no intervals"), "{}", done.stdout);
    assert!(!done.stdout.contains('±'), "{}", done.stdout);
}

#[test]
fn requests_that_hang_to_the_end_are_told_of_beside_the_table() {
    // Whoever calls a process that dies in silence waits for ever, and so do the users.
    let text = r#"(
        run: (time: "20s", runs: 2),
        load: [Poisson(to: "api", rate: "50/s")],
        services: {
            "api": (workers: 8, work: Const("1ms"), calls: [(to: "db")]),
            "db": (workers: 8, work: Const("1ms")),
        },
        faults: [Crash(service: "db", at: "5s", lasts: "1s", callers: Silence)],
    )"#;
    let desk = Desk::with("requests_that_hang", text);
    let done = desk.brownout("run own.ron");
    assert!(done.stdout.contains("of the requests were still open at the end"), "{}", done.stdout);
}

#[test]
fn a_policy_lists_what_like_makes_of_it() {
    let desk = Desk::new("dialects");
    let done = desk.brownout_with(&["list", "breaker"], &[]);
    assert_eq!(done.code, 0, "{}", done.stderr);
    let of = |name: &str| {
        let head = format!("Breaker(like: {name}):");
        let (_, rest) = done.stdout.split_once(&head).expect("it is listed");
        rest.split("\n\n").next().unwrap_or("").to_owned()
    };
    let has = |name: &str, setting: &str, value: &str| {
        let line = of(name)
            .lines()
            .find(|l| l.trim_start().starts_with(&format!("{setting} ")))
            .map(str::to_owned);
        let line = line.unwrap_or_else(|| panic!("{name} has {setting}"));
        assert!(line.split_whitespace().nth(1) == Some(value), "{name}: {line}");
    };
    has("Resilience4j", "min_calls", "100");
    has("Resilience4j", "boundary", "Exclusive");
    has("Polly", "boundary", "Inclusive");
    has("Hystrix", "probes", "1");
    let done = desk.brownout_with(&["list", "braker"], &[]);
    assert!(done.stderr.contains("breaker"), "{}", done.stderr);
}
