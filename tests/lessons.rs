//! Lessons hold: simulation and theory agree at every point, the pages are those that are kept,
//! and the commands that they suggest work.
//!
//! `BLESS=1 cargo test -p brownout --test lessons` puts in what is true now.

use brownout::lesson::run::{Outcome, Verdict, run};
use brownout::lesson::{LESSONS, Lesson, Piece, lesson, page, text};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn pages() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/lessons")
}

fn read(name: &str) -> Lesson {
    let text = text(name).unwrap_or_else(|| panic!("there is a lesson {name}"));
    lesson(name, &format!("lessons/{name}.md"), text)
        .unwrap_or_else(|problems| panic!("{}", problems.render(false)))
}

/// Runs a lesson: every interval covers its theory, and the page is the one that is kept.
fn holds(name: &str) {
    let lesson = read(name);
    let outcomes: Vec<Outcome> =
        lesson.parts().map(|part| run(&lesson, part, 1).expect("it runs")).collect();
    for (part, outcome) in lesson.parts().zip(&outcomes) {
        for (curve, row) in part.curves.iter().zip(&outcome.rows) {
            for point in &row.points {
                let what = format!("{name}, {}, {} at {}", part.name, curve.name, point.x);
                assert!(point.verdict != Verdict::Outside, "{what}: {point:?}");
                assert!(!point.mean.is_nan(), "{what}: nothing was measured");
            }
        }
    }
    for (file, bytes) in page::files(&lesson, &outcomes).expect("pictures can be drawn") {
        kept(&file, &bytes);
    }
}

/// The file in `docs/lessons` is this one.
fn kept(file: &str, bytes: &[u8]) {
    let path = pages().join(file);
    if std::env::var_os("BLESS").is_some() {
        fs::create_dir_all(pages()).expect("a folder can be made");
        fs::write(&path, bytes).expect("a page can be written");
    }
    let now = fs::read(&path).unwrap_or_default();
    assert!(now == bytes, "docs/lessons/{file} is stale; BLESS=1 puts in what is true now");
}

/// A test for each lesson, and one that none is without.
macro_rules! lessons {
    ($($test:ident: $name:literal,)+) => {
        $(#[test] fn $test() { holds($name) })+

        #[test]
        fn every_lesson_has_a_test() {
            let tested = [$($name),+];
            let all: Vec<&str> = LESSONS.iter().map(|(name, _)| *name).collect();
            assert_eq!(tested.as_slice(), all);
        }
    };
}

lessons! {
    latency_follows_the_spare_capacity: "utilisation",
    retries_are_a_geometric_series_and_layers_multiply: "retries",
    a_budget_bounds_attempts_and_costs_successes: "budget",
    jitter_spreads_a_crowd_and_ends_no_storm: "jitter",
    a_closed_loop_hides_what_an_open_one_sees: "loops",
    a_hedge_squares_the_tail_for_the_share_that_outlasts_it: "hedging",
    fan_out_makes_rare_slowness_common: "fan-out",
    one_load_has_two_stable_states: "metastable",
    a_breaker_leaves_one_probe_in_a_cycle: "breakers",
    limiters_let_through_what_they_promise: "limiters",
    only_deadlines_that_are_heard_save_the_server: "deadlines",
}

#[test]
fn the_index_leads_to_every_page() {
    kept("README.md", page::index().as_bytes());
}

/// What is kept and made by no lesson any more is in the way.
#[test]
fn every_kept_file_is_of_some_lesson() {
    let mut known = vec!["README.md".to_owned()];
    for (name, _) in LESSONS {
        known.push(format!("{name}.md"));
        for part in read(name).parts() {
            known.extend(["svg", "ron"].map(|kind| format!("{name}-{}.{kind}", part.name)));
        }
    }
    for entry in fs::read_dir(pages()).expect("there are pages") {
        let name = entry.expect("readable").file_name().to_string_lossy().into_owned();
        assert!(known.contains(&name), "docs/lessons/{name} belongs to no lesson");
    }
}

/// The commands under "What to try next", as a reader would type them beside the page's files.
#[test]
fn what_to_try_next_works() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("lessons");
    fs::create_dir_all(&folder).expect("a folder can be made");
    let mut tried = 0;
    for (name, _) in LESSONS {
        let lesson = read(name);
        for part in lesson.parts() {
            let file = folder.join(format!("{name}-{}.ron", part.name));
            fs::write(file, &part.experiment).expect("writable");
        }
        let prose = lesson.pieces.iter().filter_map(|piece| match piece {
            Piece::Prose(text) => Some(text.lines()),
            Piece::Question(_) | Piece::Part(_) => None,
        });
        for line in prose.flatten().filter_map(|line| line.strip_prefix("$ brownout ")) {
            tried += 1;
            if let Some(other) = line.strip_prefix("lesson ") {
                let other = other.split(' ').next().expect("a name");
                assert!(text(other).is_some(), "{name}: {line}");
                continue;
            }
            let command = format!("\"$BROWNOUT\" {line}");
            let done = Command::new("sh")
                .args(["-c", &command])
                .env("BROWNOUT", env!("CARGO_BIN_EXE_brownout"))
                .current_dir(&folder)
                .output()
                .expect("a shell starts");
            let said = String::from_utf8_lossy(&done.stderr);
            assert!(done.status.success(), "{name}: {line}\n{said}");
        }
    }
    assert!(tried >= 2 * LESSONS.len(), "only {tried} commands");
}
