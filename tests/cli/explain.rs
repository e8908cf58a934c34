//! Why a run went as it did, on the command line; what is said when is in `tests/explain.rs`.

use super::harness::{Desk, SMALL, repository};
use serde_json::Value;

#[test]
fn the_retry_storm_is_explained_from_its_trigger_to_what_keeps_it_down() {
    let desk = Desk::new("explain_storm");
    let path = repository().join("experiments/retry-storm.ron");
    let path = path.to_str().expect("a path is text");
    let done = desk.brownout_with(&["explain", path, "--variant", "naive"], &[]);
    assert_eq!((done.code, done.stderr.as_str()), (0, ""));
    let headings: Vec<&str> = done
        .stdout
        .lines()
        .filter(|line| !line.starts_with(' ') && !line.is_empty() && !line.starts_with("run "))
        .collect();
    let expected = [
        "What happened",
        "How it came about",
        "After the trigger",
        "Without the trigger",
        "Where the work went",
    ];
    assert_eq!(headings, expected, "{}", done.stdout);
    assert!(done.stdout.contains("does not recover"), "{}", done.stdout);
    assert!(done.stdout.contains("It is the retries that keep it"), "{}", done.stdout);
    assert!(done.stdout.lines().all(|line| line.chars().count() <= 120), "{}", done.stdout);
}

#[test]
fn every_finding_comes_with_its_numbers_for_machines() {
    let desk = Desk::with("explain_json", SMALL);
    let done = desk.brownout("explain own.ron --variant retry --seed 5#2 --format json");
    let told: Value = serde_json::from_str(&done.stdout).expect("one JSON document");
    assert!(told["id"].as_str().is_some_and(|id| id.contains(":retry:5#2:")));
    let findings = told["findings"].as_array().expect("a list");
    let slower = findings.iter().find(|one| one["service"] == "db" && one["kind"] == "trigger");
    let numbers = slower.expect("the trigger slows the database down")["numbers"].as_array();
    let names: Vec<&Value> = numbers.expect("a list").iter().map(|one| &one["name"]).collect();
    assert_eq!(names, ["before", "during"]);
    for finding in findings {
        assert!(finding["text"].as_str().is_some_and(|text| text.ends_with('.')), "{finding}");
        let numbers = finding["numbers"].as_array().expect("a list");
        let is_known = |one: &Value| one["value"].is_number() || one["value"] == "inf";
        assert!(numbers.iter().all(is_known), "{finding}");
    }
}

#[test]
fn nonsense_exits_with_2_and_a_wrong_file_with_3() {
    let desk = Desk::with("explain_nonsense", SMALL);
    for line in ["explain", "explain own.ron --variant nobody", "explain own.ron --format svg"] {
        let done = desk.brownout(line);
        assert_eq!((done.code, done.stdout.as_str()), (2, ""), "{line}");
        assert!(!done.stderr.is_empty(), "{line}");
    }
    assert_eq!(desk.brownout("explain nowhere.ron").code, 3);
}
