//! Whether every closed form is there, and every example works.

use super::*;
use std::fs;
use std::path::{Path, PathBuf};

/// Modules that forms are computed with; they are no results themselves.
const TOOLS: [&str; 3] = ["laplace", "root", "transform"];
/// Functions that only others are made of: what a form's argument is turned into.
const PARTS: [&str; 1] = ["mm1::busy_period_transform"];

fn sources(folder: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let entries = fs::read_dir(folder).expect("a folder of sources");
    let paths = entries.map(|entry| entry.expect("readable").path());
    let mut paths: Vec<PathBuf> = paths.filter(|path| path.is_file()).collect();
    paths.sort();
    let stem = |path: &Path| path.file_stem().expect("a name").to_string_lossy().into_owned();
    let read = |path: &PathBuf| fs::read_to_string(path).expect("sources are text");
    paths.iter().map(|path| (stem(path), read(path))).collect()
}

#[test]
fn every_public_function_of_theory_is_behind_some_form() {
    let ours: String = sources("src/formula")
        .into_iter()
        .filter(|(name, _)| name != "tests")
        .map(|(_, text)| text)
        .collect();
    let mut missing = Vec::new();
    let mut seen = 0;
    for (module, text) in sources("../sim-core/src/theory") {
        if module == "mod" || TOOLS.contains(&&*module) {
            continue;
        }
        for line in text.lines() {
            let Some((indent, rest)) = line.split_once("pub fn ") else { continue };
            let name: String =
                rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            let called = match indent {
                "" => format!("{module}::{name}"),
                _ => format!(".{name}("),
            };
            seen += 1;
            if !ours.contains(&called) && !PARTS.contains(&&*called) {
                missing.push(called);
            }
        }
    }
    assert!(seen > 100, "only {seen} functions were found");
    assert!(missing.is_empty(), "no form says: {missing:#?}");
}

#[test]
fn every_example_has_results_and_no_two_of_one_name() {
    for form in forms() {
        let answers = form.answer(&words(form.example));
        let answers = answers.unwrap_or_else(|wrong| panic!("{}: {wrong:?}", form.name));
        assert!(!answers.list.is_empty(), "{}", form.name);
        for (place, answer) in answers.list.iter().enumerate() {
            let again = answers.list[..place].iter().any(|other| other.key == answer.key);
            assert!(!again, "{}: {} twice", form.name, answer.key);
            let name = format!("{} {}", form.name, answer.key);
            assert!(!answer.value.is_nan() && answer.value >= 0.0, "{name}: {}", answer.value);
        }
        let again = forms().filter(|other| other.name == form.name).count();
        assert_eq!(again, 1, "{}", form.name);
    }
}

fn value(name: &str, line: &str, key: &str) -> f64 {
    let form = form(name).expect("there is such a form");
    let answers = form.answer(&words(line)).expect("the arguments are right");
    answers.of(key).unwrap_or_else(|| panic!("{name} says {key}")).value
}

#[track_caller]
fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() <= 1e-9 * expected.abs(), "{found}, expected {expected}");
}

#[test]
fn units_and_laws_go_in_as_they_are_written() {
    near(value("mm1", "--lambda 0.08/ms --mu 6000/min", "sojourn.mean"), 0.05);
    near(value("mg1", "--lambda 80/s --service 10ms", "wait.mean"), 0.02);
    near(value("mg1", "--lambda 80/s --service 'Exp(mean: \"10ms\")'", "wait.p99"), {
        value("mm1", "--lambda 80/s --mu 100/s", "wait.p99")
    });
    near(value("retries", "--fail 30% --retries 3", "attempts"), 1.417);
    near(value("layers", "--retries 3,3,3 --ratios 10%,10%,10%", "budgeted"), 1.331);
}

/// Two ways of saying one thing.
#[test]
fn forms_that_overlap_agree() {
    let of = |name: &str, line: &str, key: &str| value(name, line, key);
    near(
        of("mmc", "--lambda 80/s --mu 100/s --servers 1", "wait.p99"),
        of("mm1", "--lambda 80/s --mu 100/s", "wait.p99"),
    );
    near(
        of("gim1", "--every 'Exp(mean: \"12.5ms\")' --mu 100/s", "sojourn.mean"),
        of("mm1", "--lambda 80/s --mu 100/s", "sojourn.mean"),
    );
    near(
        of("closed", "--users 7 --servers 1 --think 1s --service 100ms", "response.mean"),
        of("mva", "--users 7 --think 1s --demands 100ms", "response.mean"),
    );
    near(
        of("tandem", "--lambda 80/s --mus 100/s", "sojourn.p99"),
        of("mm1", "--lambda 80/s --mu 100/s", "sojourn.p99"),
    );
    near(
        of("jackson", "--external 80/s --routing 0 --mus 10/s --servers 10", "sojourn.mean"),
        of("mmc", "--lambda 80/s --mu 10/s --servers 10", "sojourn.mean"),
    );
    near(
        of("erlang", "--load 8 --servers 10", "wait.prob"),
        of("mmc", "--lambda 80/s --mu 10/s --servers 10", "wait.prob"),
    );
    near(of("hops", "--hops 1 --mean 10ms --t 20ms", "late"), brownout_policies::math::exp(-2.0));
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let mmc = form("mmc").expect("there is such a form");
    let wrong = mmc.answer(&words("--lambda 80 --servrs 10 --mu 10/s --mu 12/s"));
    let said: Vec<String> =
        wrong.expect_err("it is wrong").iter().map(|one| one.message().to_owned()).collect();
    assert_eq!(
        said,
        [
            "there is no --servrs; did you mean `servers`?",
            "--lambda \"80\": missing unit; write one of /ms, /s, /min, /h",
            "--mu is given twice",
            "--servers is missing: servers c, a whole number from 1 to 100000",
        ]
    );
}

#[test]
fn a_station_without_a_steady_state_is_refused_with_both_rates() {
    let mmc = form("mmc").expect("there is such a form");
    let wrong = mmc.answer(&words("--lambda 100/s --mu 10/s --servers 10")).expect_err("unstable");
    assert!(
        matches!(&wrong[..], [Complaint::Value(said)] if said.contains("cμ = 100/s")),
        "{wrong:?}"
    );
    for (name, line) in [
        ("mm1", "--lambda 10/s --mu 10/s"),
        ("md1", "--lambda 100/s --service 10ms"),
        ("mg1", "--lambda 100/s --service 'LogNormal(mean: \"10ms\", cv: 2)'"),
        ("gim1", "--every 10ms --mu 100/s"),
        ("batch", "--lambda 20/s --mu 100/s --size 5"),
        ("tandem", "--lambda 100/s --mus 120/s,100/s"),
        ("jackson", "--external 10/s --routing 0.5 --mus 20/s --servers 1"),
        ("feedback", "--lambda 90/s --mu 100/s --fail 20%"),
    ] {
        let form = form(name).expect("there is such a form");
        let wrong = form.answer(&words(line)).expect_err(name);
        assert!(wrong[0].message().starts_with("no steady state"), "{name}: {wrong:?}");
    }
}

/// Nonsense gets a complaint or a result, never a panic.
#[test]
fn no_argument_makes_a_form_panic() {
    let odd = [
        "",
        "0",
        "-1",
        "1e308",
        "nan",
        "inf",
        "0/s",
        "1e300/s",
        "0ms",
        "100d",
        "100%",
        "0%",
        "1",
        "4294967295",
        "1,2",
        "0.5;0.5",
        "Exp(mean: \"1ms\")",
        "Const(\"0s\")",
        "Exp(",
        "'",
        "1/s",
        "10ms",
        "Pareto(shape: 0.5, from: \"1ms\")",
        "Sequence([\"1ms\", \"2ms\"])",
    ];
    for form in forms() {
        let plain = words(form.example);
        for argument in form.arguments {
            for value in odd {
                // Long tables of states are for those who want them, not for a test.
                if value == "4294967295" && matches!(argument.kind, Kind::Number(_)) {
                    continue;
                }
                let mut written = plain.clone();
                written.retain(|(name, _)| name != argument.name);
                written.push((argument.name.to_owned(), value.to_owned()));
                if let Err(wrong) = form.answer(&written) {
                    assert!(!wrong.is_empty(), "{} {written:?}", form.name);
                }
            }
        }
    }
}
