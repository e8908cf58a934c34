//! The README cannot rot: its output and its picture are made anew and compared, its file runs.
//!
//! `BLESS=1 cargo test -p brownout --test readme` puts in what is true now.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Runs the command in the repository; its standard output and exit code.
fn brownout(arguments: &[&str]) -> (String, i32) {
    let output = Command::new(env!("CARGO_BIN_EXE_brownout"))
        .args(arguments)
        .current_dir(repository())
        .output()
        .expect("the command can be started");
    let code = output.status.code().expect("it ends by itself");
    (String::from_utf8(output.stdout).expect("a report is text"), code)
}

#[test]
fn the_output_and_the_picture_in_the_readme_are_those_of_the_command() {
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("readme");
    let place = out.to_str().expect("a path is text");
    let (report, code) = brownout(&["run", "experiments/retry-storm.ron", "-o", place]);
    assert_eq!(code, 0, "{report}");
    let report = report.replace(place, "out/retry-storm");
    let picture = fs::read(out.join("timeline.png")).expect("a picture is written");
    let (readme_path, picture_path) =
        (repository().join("README.md"), repository().join("docs/retry-storm.png"));
    let readme = fs::read_to_string(&readme_path).expect("there is a README");
    let begin = "<!-- begin: brownout run experiments/retry-storm.ron -->\n";
    let (head, rest) = readme.split_once(begin).expect("the block begins");
    let (_, tail) = rest.split_once("<!-- end -->").expect("the block ends");
    let block = format!("```text\n{}\n```\n", report.trim_end());
    let now = format!("{head}{begin}{block}<!-- end -->{tail}");
    if std::env::var_os("BLESS").is_some() {
        fs::write(&readme_path, &now).expect("the README can be written");
        fs::write(&picture_path, &picture).expect("the picture can be written");
    }
    let readme = fs::read_to_string(&readme_path).expect("there is a README");
    assert!(readme == now, "the README's output is not what the command prints now:\n{report}");
    let shown = fs::read(&picture_path).unwrap_or_default();
    assert!(shown == picture, "docs/retry-storm.png is not what the command draws now");
}

/// What else the README shows of the command's output.
#[test]
fn every_other_block_is_what_its_command_prints_now() {
    let path = repository().join("README.md");
    let readme = fs::read_to_string(&path).expect("there is a README");
    let (mut now, mut rest) = (String::new(), readme.as_str());
    let mut blocks = 0;
    while let Some((head, tail)) = rest.split_once("<!-- begin: brownout explain ") {
        let (line, tail) = tail.split_once(" -->\n").expect("a block names its command");
        let (_, tail) = tail.split_once("<!-- end -->").expect("a block ends");
        let words: Vec<&str> = std::iter::once("explain").chain(line.split(' ')).collect();
        let (printed, code) = brownout(&words);
        assert_eq!(code, 0, "{line}");
        let printed = printed.trim_end();
        now += &format!("{head}<!-- begin: brownout explain {line} -->\n");
        now += &format!("```text\n{printed}\n```\n<!-- end -->");
        (rest, blocks) = (tail, blocks + 1);
    }
    now += rest;
    assert!(blocks > 0, "the README explains an incident");
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, &now).expect("the README can be written");
    }
    let readme = fs::read_to_string(&path).expect("there is a README");
    assert!(readme == now, "the README's output is not what the command prints now:\n{now}");
}

#[test]
fn the_file_in_the_readme_is_the_one_that_ships_and_it_runs() {
    let readme = fs::read_to_string(repository().join("README.md")).expect("there is a README");
    let (_, rest) = readme.split_once("```ron\n").expect("the README shows a file");
    let (shown, _) = rest.split_once("```").expect("it ends");
    let shipped = fs::read_to_string(repository().join("experiments/hello.ron")).expect("it ships");
    assert_eq!(shown.trim(), shipped.trim());
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hello");
    let place = out.to_str().expect("a path is text");
    let (report, code) = brownout(&["run", "experiments/hello.ron", "-o", place]);
    assert_eq!(code, 0, "{report}");
}
