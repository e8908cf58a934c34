//! What a review would say twice, said once here.

use std::fs;
use std::path::{Path, PathBuf};

/// The workspace.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests has a parent").to_owned()
}

/// Every file below `folder` with this ending, outside build folders, in order.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder can be read").flatten() {
            let (path, name) = (entry.path(), entry.file_name());
            let name = name.to_string_lossy();
            if path.is_dir() {
                if !["target", "out"].contains(&&*name) && !name.starts_with('.') {
                    folders.push(path);
                }
            } else if name.ends_with(ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Places in sources where a line makes `is_bad` true.
fn offences(folders: &[&str], is_bad: impl Fn(&str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for folder in folders {
        for file in files(&root().join(folder), ".rs") {
            let text = fs::read_to_string(&file).expect("sources are text");
            for (number, line) in text.lines().enumerate() {
                if is_bad(line) {
                    let file = file.strip_prefix(root()).expect("below the root").display();
                    found.push(format!("{file}:{}: {}", number + 1, line.trim()));
                }
            }
        }
    }
    found
}

const ALL: &[&str] = &["policies", "sim-core", "topologies", "plots", "experiments", "tests"];

#[test]
fn no_file_has_more_than_four_hundred_lines() {
    let long: Vec<String> = files(&root(), ".rs")
        .into_iter()
        .map(|file| (fs::read_to_string(&file).expect("sources are text").lines().count(), file))
        .filter(|(lines, _)| *lines > 400)
        .map(|(lines, file)| format!("{} has {lines}", file.display()))
        .collect();
    assert!(long.is_empty(), "files over 400 lines: {long:#?}");
}

#[test]
fn no_line_of_code_is_longer_than_a_hundred_columns() {
    // The formatter does not break text, and neither do we where a reader would search for it.
    let long = offences(ALL, |line| line.chars().count() > 100 && !line.contains('"'));
    assert!(long.is_empty(), "lines over 100 columns: {long:#?}");
}

#[test]
fn no_function_has_more_than_seventy_lines() {
    let mut long = Vec::new();
    for file in files(&root(), ".rs") {
        let text = fs::read_to_string(&file).expect("sources are text");
        let mut open: Option<(usize, usize, String)> = None;
        for (number, line) in text.lines().enumerate() {
            let indent = line.len() - line.trim_start().len();
            let head = line.trim_start();
            let begins = ["fn ", "pub fn ", "pub(crate) fn ", "pub(super) fn ", "const fn "]
                .iter()
                .any(|word| head.starts_with(word));
            if begins && open.is_none() {
                open = Some((number, indent, head.to_owned()));
            }
            if let Some((began, at, name)) = &open
                && (head == "}" || (number == *began && line.ends_with([';', '}'])))
                && indent == *at
            {
                let lines = number - began + 1;
                if lines > 70 {
                    long.push(format!("{}:{}: {lines} lines: {name}", file.display(), began + 1));
                }
                open = None;
            }
        }
    }
    assert!(long.is_empty(), "functions over 70 lines: {long:#?}");
}

#[test]
fn nothing_is_ignored_left_to_do_or_dead() {
    let marks = [
        concat!("#[ig", "nore"),
        concat!("to", "do!("),
        concat!("unimp", "lemented!("),
        concat!("allow(dead", "_code)"),
        concat!("FIX", "ME"),
        concat!("TO", "DO"),
    ];
    let found = offences(ALL, |line| marks.iter().any(|mark| line.contains(mark)));
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn the_engine_does_not_know_what_it_simulates() {
    let words = ["service", "request", "retry", "fault"];
    let is_bad = |line: &str| {
        let lower = line.to_lowercase();
        words
            .iter()
            .any(|word| lower.split(|c: char| !c.is_alphanumeric()).any(|part| part == *word))
    };
    let found: Vec<String> = offences(&["sim-core/src"], is_bad)
        .into_iter()
        .filter(|place| !place.contains("/theory/") && !place.contains("/dist/"))
        .collect();
    assert!(found.is_empty(), "sim-core outside theory and its examples is generic: {found:#?}");
}

#[test]
fn a_run_has_no_clock_and_no_threads() {
    let words = [
        concat!("Instant::", "now"),
        concat!("SystemTime::", "now"),
        concat!("std::", "thread"),
        concat!("std::", "env"),
        concat!("std::", "fs"),
        concat!("Hash", "Map"),
        concat!("Hash", "Set"),
    ];
    let is_bad = |line: &str| words.iter().any(|word| line.contains(word));
    // Layers for production need a clock; that it is tokio's is said in this one file.
    let is_clock = |place: &str| place.starts_with("policies/src/tower/clock.rs:");
    let found: Vec<String> =
        offences(&["policies/src", "sim-core/src", "topologies/src", "plots/src"], is_bad)
            .into_iter()
            .filter(|place| !place.contains("tests") && !is_clock(place))
            .collect();
    assert!(found.is_empty(), "{found:#?}");
}
