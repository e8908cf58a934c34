//! The pages about policies cannot rot: what stands between marks is made anew and compared.
//!
//! What a policy does is told once, where it is written: the pages take it from its source. Tables
//! come from its settings, outputs from the command. `BLESS=1 cargo test -p brownout --test pages`
//! puts in what is true now.

use brownout::dialects::{Family, Listed, families, family, retries};
use brownout_policies::settings::{Dialect, Problem, Settings, Share, Value};
use brownout_policies::time::Span;
use brownout_policies::{balance, deadline, outlier, shed, stack};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const BEGIN: &str = "<!-- begin: ";
const END: &str = "<!-- end -->";

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every page with its text, the index among them.
fn pages() -> Vec<(String, String)> {
    let folder = repository().join("docs/policies");
    let entries = fs::read_dir(folder).expect("there are pages");
    let mut pages: Vec<(String, String)> = entries
        .map(|entry| {
            let path = entry.expect("readable").path();
            let name = path.file_name().expect("a file has a name").to_string_lossy().into_owned();
            (name, fs::read_to_string(&path).expect("a page is text"))
        })
        .collect();
    pages.sort();
    pages
}

#[test]
fn what_the_pages_show_is_what_is_true() {
    let bless = std::env::var_os("BLESS").is_some();
    let mut stale = Vec::new();
    for (name, page) in pages() {
        let now = rebuilt(&name, &page);
        if now != page {
            if bless {
                fs::write(repository().join("docs/policies").join(&name), &now).expect("writable");
            } else {
                stale.push(name);
            }
        }
    }
    assert!(stale.is_empty(), "stale pages: {stale:?}; BLESS=1 puts in what is true now");
}

/// The page with everything between marks made anew.
fn rebuilt(name: &str, page: &str) -> String {
    let mut now = String::new();
    let mut rest = page;
    while let Some((before, after)) = rest.split_once(BEGIN) {
        let (mark, after) = after.split_once(" -->\n").expect("a mark ends on its line");
        let (_, after) =
            after.split_once(END).unwrap_or_else(|| panic!("{name}: {mark} has no end"));
        now.push_str(before);
        let made = made(name, mark, &now);
        let _ = write!(now, "{BEGIN}{mark} -->\n{made}{END}");
        rest = after;
    }
    now + rest
}

/// What belongs after a mark; `before` is the page up to it.
fn made(page: &str, mark: &str, before: &str) -> String {
    let (what, of) = mark.split_once(' ').unwrap_or((mark, ""));
    let family = || {
        let mut all = families().into_iter().chain(engines());
        all.find(|family| family.name == of)
            .unwrap_or_else(|| panic!("{page}: there is no family {of}"))
    };
    match what {
        "about" => about(of),
        "settings" => settings(&family()),
        "systems" => systems(&family()),
        "retries" => written(&retries()),
        "zeros" => zeros(of),
        "refused" => refused(of),
        "run" => run(page, last_file(before)),
        _ => panic!("{page}: nobody knows how to make `{what}`"),
    }
}

/// What a source says of itself at its head, without what only its reference page needs.
fn about(path: &str) -> String {
    let source = fs::read_to_string(repository().join(path)).expect("there is such a source");
    let head = source.lines().map_while(|line| line.strip_prefix("//!"));
    let mut text = String::new();
    let mut fenced = false;
    for line in head {
        let line = line.strip_prefix(' ').unwrap_or(line);
        if line.starts_with("```") {
            fenced = !fenced;
            let _ = writeln!(text, "{}", if line == "```" && fenced { "```rust" } else { line });
        } else if fenced {
            let _ = writeln!(text, "{line}");
        } else {
            let _ = writeln!(text, "{}", without_links(line));
        }
    }
    text
}

/// A line with the texts of its links only: they lead to names in the source.
fn without_links(line: &str) -> String {
    let mut text = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('[') {
        text.push_str(before);
        let inside = after.split_once(']').filter(|(shown, after)| {
            shown.starts_with('`') || (after.starts_with('(') && !after.starts_with("(http"))
        });
        let Some((shown, after)) = inside else {
            text.push('[');
            rest = after;
            continue;
        };
        text.push_str(shown);
        rest = match after.strip_prefix('(').and_then(|link| link.split_once(')')) {
            Some((_, after)) => after,
            None => after,
        };
    }
    text + rest
}

/// Every setting of any of its systems, with the value where nothing is said.
fn settings(family: &Family) -> String {
    let mut text = String::from("| setting | meaning | what may be written | default |\n");
    text.push_str("|---|---|---|---|\n");
    let mut told: Vec<&str> = Vec::new();
    for (number, dialect) in family.dialects.iter().enumerate() {
        for setting in &dialect.settings {
            if told.contains(&setting.name) {
                continue;
            }
            told.push(setting.name);
            let default = match number {
                0 => format!("`{}`", setting.value),
                _ => format!("of `{}`: `{}`", dialect.name, setting.value),
            };
            let (name, about, may_be) = (setting.name, setting.about, &setting.may_be);
            let _ = writeln!(text, "| `{name}` | {about} | {may_be} | {default} |");
        }
    }
    text
}

/// Every system that it can be like, with the settings that differ from the first's. It may also
/// differ in what has no name in files: which engine it is.
fn systems(family: &Family) -> String {
    let mut text = String::from("| system | what it is | settings that differ |\n|---|---|---|\n");
    let first = &family.dialects[0];
    for dialect in &family.dialects {
        let others = others(first, dialect);
        let _ = writeln!(text, "| `{}` | {} | {others} |", dialect.name, dialect.about);
    }
    text
}

/// Every system that it can be like, with the text that it stands for.
fn written(family: &Family) -> String {
    let mut text = String::from("| system | what it is | what it stands for |\n|---|---|---|\n");
    for dialect in &family.dialects {
        let set = dialect.settings.iter();
        let set: Vec<String> = set.map(|one| format!("{}: {}", one.name, one.value)).collect();
        let (name, about) = (dialect.name, dialect.about);
        let _ = writeln!(text, "| `{name}` | {about} | `{}({})` |", family.written, set.join(", "));
    }
    text
}

fn others(first: &Listed, dialect: &Listed) -> String {
    let differs = dialect.settings.iter().filter(|own| {
        let theirs = first.settings.iter().find(|setting| setting.name == own.name);
        theirs.is_none_or(|theirs| theirs.value != own.value)
    });
    let said: Vec<String> = differs.map(|own| format!("`{}: {}`", own.name, own.value)).collect();
    if said.is_empty() { "none".to_owned() } else { said.join(", ") }
}

/// Policies that no file places yet.
fn engines() -> Vec<Family> {
    vec![
        family("outlier", "Outlier", outlier::DIALECTS),
        family("deadline", "Deadline", deadline::DIALECTS),
    ]
}

/// What is wrong with a configuration of nothing but zeros.
fn zeros(of: &str) -> String {
    let problems = match of {
        "shed" => of_zeros(shed::DIALECTS),
        "outlier" => of_zeros(outlier::DIALECTS),
        "balance" => of_zeros(balance::DIALECTS),
        _ => panic!("what is wrong with {of} is shown by a stack"),
    };
    let mut text = String::from("| setting | why not zero | what to do |\n|---|---|---|\n");
    for problem in problems {
        let _ = writeln!(text, "| `{}` | {} | {} |", problem.field, problem.why, problem.remedy);
    }
    text
}

fn of_zeros<C: Settings>(dialects: &[Dialect<C>]) -> Vec<Problem> {
    let mut config = (dialects[0].config)();
    for setting in config.settings() {
        match setting.value {
            Value::Span(span) => *span = Span::ZERO,
            Value::SpanOrOff(span) => *span = Some(Span::ZERO),
            Value::Count(count) => *count = 0,
            Value::CountOrUnlimited(count) => *count = Some(0),
            Value::Share(share) => *share = Share::NONE,
            Value::Number(number) | Value::PerSecond(number) => *number = 0.0,
            Value::Spans(_) | Value::Flag(_) | Value::Choice(_) => {}
        }
    }
    config.problems()
}

/// What is said of a stack that is wrong.
fn refused(stack: &str) -> String {
    let problems = stack::read(stack).expect_err("something is wrong with it");
    let mut text = format!("```text\n{stack}\n\n");
    for problem in problems {
        let _ = writeln!(text, "{problem}");
    }
    text + "```\n"
}

/// The last RON file shown.
fn last_file(page: &str) -> &str {
    let (_, file) = page.rsplit_once("```ron\n").expect("a file stands before its output");
    file.split_once("```").expect("it ends").0
}

/// What the command prints of a file, up to the semantics.
fn run(page: &str, file: &str) -> String {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pages");
    fs::create_dir_all(&folder).expect("a folder can be made");
    let path = folder.join(Path::new(page).with_extension("ron"));
    fs::write(&path, file).expect("writable");
    let output = Command::new(env!("CARGO_BIN_EXE_brownout"))
        .arg("run")
        .arg(&path)
        .arg("-o")
        .arg(folder.join("out"))
        .output()
        .expect("the command can be started");
    let report = String::from_utf8(output.stdout).expect("a report is text");
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{page}: {report}{complaints}");
    let (shown, _) = report.split_once("Semantics in force").expect("the semantics are printed");
    format!("```text\n{}\n```\n", shown.trim_end())
}

#[test]
fn every_file_on_a_page_is_run_and_every_stack_is_read() {
    for (name, page) in pages() {
        let blocks = page.split("```ron\n").skip(1);
        for block in blocks {
            let (block, after) = block.split_once("```").expect("a block ends");
            if block.starts_with('[') {
                stack::read(block).unwrap_or_else(|problems| panic!("{name}: {problems:#?}"));
            } else {
                let next = after.trim_start();
                assert!(next.starts_with("<!-- begin: run -->"), "{name}: {block} is not run");
            }
        }
    }
}

/// A table of fields that is written by hand: its names and defaults are those of the reader.
#[test]
fn fields_in_tables_by_hand_are_those_that_are_read_with_the_defaults_that_hold() {
    const MARK: &str = "<!-- fields of ";
    let mut checked = 0;
    for (name, page) in pages() {
        for part in page.split(MARK).skip(1) {
            let (base, table) = part.split_once(" -->\n").expect("a mark ends on its line");
            checked += 1;
            check_fields(&name, base, table);
        }
    }
    assert!(checked >= 8, "{checked} tables of fields");
}

/// `base` is a stack with `…` where a field may be added.
fn check_fields(page: &str, base: &str, table: &str) {
    let with = |field: &str| {
        let comma = if base.contains("(…") || field.is_empty() { "" } else { ", " };
        stack::read(&base.replace('…', &format!("{comma}{field}")))
    };
    let plain = with("").unwrap_or_else(|problems| panic!("{page}: {base}: {problems:#?}"));
    let unknown = with("nothing_of_this_name: 0").expect_err("there is no such field");
    let known = unknown[0].allowed.strip_prefix("allowed: ").expect("it lists what is allowed");
    let rows: Vec<Vec<&str>> = table
        .lines()
        .skip(2)
        .map_while(|line| line.strip_prefix('|'))
        .map(|line| line.split('|').map(|cell| cell.trim().trim_matches('`')).collect())
        .collect();
    let names: Vec<&str> = rows.iter().map(|row| row[0]).collect();
    assert_eq!(names.join(", "), known, "{page}: {base}");
    for row in &rows {
        let (field, default) = (row[0], row[row.len() - 2]);
        let is_written = base.contains(&format!("{field}: ")) || default == "needed";
        if !is_written && !default.starts_with("as ") {
            let read = with(&format!("{field}: {default}"));
            assert_eq!(read.as_ref(), Ok(&plain), "{page}: {field} is {default} in {base}");
        }
    }
}

#[test]
fn every_page_tells_all_that_is_to_be_told_and_runs_an_example() {
    const TOLD: [&str; 8] = [
        "**State",
        "**Formula",
        "**Units.**",
        "**Defaults",
        "**Helps**",
        "**Hurts**",
        "**Source",
        "<!-- begin: run -->",
    ];
    let mut untold = Vec::new();
    for (name, page) in pages().iter().filter(|(name, _)| name != "README.md") {
        let missing = TOLD.iter().filter(|what| !page.contains(**what));
        untold.extend(missing.map(|what| format!("{name} has no {what}")));
    }
    assert!(untold.is_empty(), "{}", untold.join("\n"));
}

#[test]
fn the_index_leads_to_every_page_and_names_every_kind_of_policy() {
    let pages = pages();
    let (_, index) = pages.iter().find(|(name, _)| name == "README.md").expect("an index");
    for (name, _) in pages.iter().filter(|(name, _)| name != "README.md") {
        assert!(index.contains(&format!("({name})")), "the index does not lead to {name}");
    }
    for kind in stack::read::KINDS.known {
        assert!(index.contains(&format!("`{kind}`")), "the index does not name {kind}");
    }
}
