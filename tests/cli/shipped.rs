//! The experiments that ship: they hold, their control arms do not tip, and their digests stay.
//!
//! A change of results is a change of `corpus/digests.txt`: `BLESS=1 cargo test -p brownout --test
//! cli` writes it anew.

use super::harness::{Desk, repository};
use std::fs;

#[test]
fn every_shipped_experiment_holds_and_no_control_arm_tips_and_digests_stay() {
    let desk = Desk::new("shipped");
    let mut digests = String::new();
    for name in names_in("experiments") {
        let name = name.as_str();
        let path = repository().join("experiments").join(format!("{name}.ron"));
        let path = path.to_str().expect("a path is text");
        let done = desk.brownout_with(&["run", path, "-o", name], &[]);
        assert_eq!(done.code, 0, "{name}: {}{}", done.stdout, done.stderr);
        let summary = desk.summary(name);
        if name == "retry-storm" {
            check_every_run(&summary);
        }
        for variant in summary["variants"].as_array().expect("a list") {
            let own = variant["name"].as_str().expect("a name");
            for verdict in variant["verdicts"].as_array().expect("a list") {
                let control = &verdict["control_tipped"];
                assert!(control.is_null() || control["runs"] == 0, "{name}, {own}: {control}");
            }
            let digest = variant["digest"].as_str().expect("a digest");
            digests.push_str(&format!("{name:<12} {own:<14} {digest}\n"));
        }
    }
    let golden = repository().join("tests/corpus/digests.txt");
    if std::env::var_os("BLESS").is_some() {
        fs::write(&golden, &digests).expect("the golden file can be written");
    }
    assert_eq!(fs::read_to_string(golden).unwrap_or_default(), digests);
}

/// Every expectation of the retry storm holds in every single run, not only on average.
fn check_every_run(summary: &serde_json::Value) {
    let mut checked = 0;
    for variant in summary["variants"].as_array().expect("a list") {
        for expect in variant["expect"].as_array().expect("a list") {
            let bound = expect["bound"].as_f64().expect("a number");
            let is_upper = expect["text"].as_str().expect("a text").contains(" < ");
            for value in expect["runs"].as_array().expect("a list") {
                let value = value.as_f64().expect("a number");
                assert_eq!(value < bound, is_upper, "{}: {value}", expect["text"]);
                checked += 1;
            }
        }
    }
    assert_eq!(checked, 5 * 30);
}

#[test]
fn every_topology_that_ships_is_under_an_experiment_that_ships() {
    let text = |name| fs::read_to_string(repository().join(format!("experiments/{name}.ron")));
    let shipped = names_in("experiments").into_iter();
    let texts: Vec<String> = shipped.map(|name| text(name).expect("it ships")).collect();
    let topologies = names_in("topologies");
    assert!(!topologies.is_empty());
    for name in topologies {
        let field = format!("topology: \"../topologies/{name}.ron\"");
        assert!(texts.iter().any(|text| text.contains(&field)), "{name}");
    }
}

/// The RON files of a directory of the repository, in order, without their endings.
fn names_in(directory: &str) -> Vec<String> {
    let entries = fs::read_dir(repository().join(directory)).expect("it is there");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("readable").file_name().to_string_lossy().into_owned())
        .filter_map(|name| name.strip_suffix(".ron").map(str::to_owned))
        .collect();
    names.sort();
    names
}
