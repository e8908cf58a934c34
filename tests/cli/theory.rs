//! `brownout theory`: a list, a description, results, JSON, and everything wrong at once.

use super::harness::Desk;
use serde_json::Value;

#[test]
fn every_form_is_listed_and_describes_itself() {
    let desk = Desk::new("theory_list");
    let done = desk.brownout("theory");
    assert_eq!((done.code, done.stderr.as_str()), (0, ""));
    for form in brownout::formula::forms() {
        assert!(done.stdout.contains(&format!("  {} ", form.name)), "{}", form.name);
        let own = desk.brownout(&format!("theory {}", form.name));
        assert_eq!((own.code, own.stderr.as_str()), (0, ""), "{}", form.name);
        for argument in form.arguments {
            assert!(own.stdout.contains(&format!("--{} ", argument.name)), "{}", own.stdout);
        }
        assert!(own.stdout.contains(form.example), "{}", own.stdout);
    }
    assert_eq!(desk.brownout("theory mmc --help").stdout, desk.brownout("theory mmc").stdout);
}

#[test]
fn a_form_prints_its_results_with_units_its_formula_and_its_source() {
    let desk = Desk::new("theory_mmc");
    let done = desk.brownout("theory mmc --lambda 80/s --mu=10/s --servers 10");
    assert_eq!((done.code, done.stderr.as_str()), (0, ""));
    for said in ["utilisation ρ            80 %", "mean wait                20.5 ms"] {
        assert!(done.stdout.contains(said), "{}", done.stdout);
    }
    for said in ["E[W] = C/(cμ − λ)", "source: Erlang 1917"] {
        assert!(done.stdout.contains(said), "{}", done.stdout);
    }
}

#[test]
fn json_has_every_digit() {
    let desk = Desk::new("theory_json");
    let done = desk.brownout("theory retries --fail 30% --retries 3 --format json");
    let first = desk.brownout("theory --format json retries --fail 30% --retries 3");
    assert_eq!(done.stdout, first.stdout);
    let document: Value = serde_json::from_str(&done.stdout).expect("one JSON document");
    assert_eq!(document["theory"], "retries");
    assert_eq!(document["results"][0]["key"], "attempts");
    assert_eq!(document["results"][0]["value"], 1.417);
}

#[test]
fn everything_that_is_wrong_is_said_and_the_exit_code_says_which_kind() {
    let desk = Desk::new("theory_wrong");
    let done = desk.brownout("theory mmc --lamda 80/s --mu 10 --servers");
    assert_eq!((done.code, done.stdout.as_str()), (2, ""));
    for said in [
        "--servers has no value",
        "there is no --lamda; did you mean `lambda`?",
        "--lambda is missing",
        "--mu \"10\": missing unit",
        "for example: brownout theory mmc --lambda 80/s",
    ] {
        assert!(done.stderr.contains(said), "{}", done.stderr);
    }
    let done = desk.brownout("theory mm1 --lambda 80/s --mu 10/s");
    assert_eq!((done.code, done.stdout.as_str()), (3, ""));
    assert!(done.stderr.contains("80/s are not under μ = 10/s"), "{}", done.stderr);
    let done = desk.brownout("theory mcc");
    assert_eq!(done.code, 2);
    assert!(done.stderr.contains("no closed form \"mcc\"; did you mean `mmc`?"), "{}", done.stderr);
    let done = desk.brownout("theory mm1 foo --format xml");
    assert_eq!(done.code, 2);
    assert!(done.stderr.contains("\"foo\" follows no argument"), "{}", done.stderr);
    assert!(done.stderr.contains("--format xml: there is human, and json"), "{}", done.stderr);
}
