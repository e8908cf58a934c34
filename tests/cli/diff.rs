//! Two sides compared: paired by seed, with a verdict, where they part, and an exit code.

use super::harness::{Desk, SMALL};
use serde_json::Value;

fn json(desk: &Desk, line: &str) -> Value {
    let done = desk.brownout(&format!("{line} --format json"));
    assert!(done.code == 0 || done.code == 5, "{line}: {}", done.stderr);
    serde_json::from_str(&done.stdout).expect("one JSON document")
}

fn difference<'v>(diff: &'v Value, text: &str) -> &'v Value {
    let all = diff["differences"].as_array().expect("a list");
    all.iter().find(|one| one["text"] == text).unwrap_or_else(|| panic!("{text} is compared"))
}

#[test]
fn two_variants_of_a_file_are_paired_and_part_at_the_first_retry() {
    let desk = Desk::with("diff_variants", SMALL);
    let done = desk.brownout("diff own.ron --variants plain,retry");
    assert_eq!(done.code, 0, "{}", done.stderr);
    assert!(done.stdout.contains("plain → retry: 6 pairs of runs, 5#0 to 5#5"), "{}", done.stdout);
    let diff = json(&desk, "diff own.ron --variants plain,retry");
    let amplification = difference(&diff, "amplification(db)");
    assert_eq!(amplification["verdict"], "worse");
    assert!(amplification["ci95"][0].as_f64() > Some(0.0));
    // Both meet the same arrivals, so their number does not scatter at all between them.
    let offered = difference(&diff, "offered(api)");
    assert_eq!(offered["difference"], 0.0);
    // Goodput scatters with the arrivals, which pairing takes out.
    assert!(difference(&diff, "goodput(api)")["variance_reduction"].as_f64() > Some(1.0));
    assert!(difference(&diff, "wasted(db)")["means"][0].as_f64() > Some(0.0));
    let (first, second) = (&diff["parting"]["first"], &diff["parting"]["second"]);
    assert_eq!(first["at"], second["at"]);
    let what = second["what"].as_str().expect("a text");
    assert!(what.contains("retry: tries again at once (1 of 2)"), "{what}");
}

#[test]
fn the_same_file_twice_is_the_same_to_the_bit() {
    let desk = Desk::with("diff_same", SMALL);
    desk.put("copy.ron", SMALL);
    let done = desk.brownout("diff own.ron --variants retry,retry");
    assert_eq!(done.code, 2, "one variant twice is a mistake: {}", done.stdout);
    let done =
        desk.brownout("diff own.ron copy.ron --variants retry,retry --fail-on regression --runs 3");
    assert_eq!(done.code, 0, "{}", done.stderr);
    assert!(done.stdout.contains("exactly the same things happen"), "{}", done.stdout);
    assert!(done.stdout.contains("never parts"), "{}", done.stdout);
}

#[test]
fn a_regression_exits_with_5_and_a_tolerance_puts_up_with_it() {
    let desk = Desk::with("diff_regression", SMALL);
    desk.put("worse.ron", SMALL.replace("workers: 8", "workers: 4"));
    let line = "diff own.ron worse.ron --fail-on regression";
    let done = desk.brownout(line);
    assert_eq!(done.code, 5, "{}{}", done.stdout, done.stderr);
    assert!(done.stdout.contains("worse in goodput(api)"), "{}", done.stdout);
    // The other way round it is an improvement, but for a few points of work for nobody: more come
    // to a worker before their callers leave.
    let back = "diff worse.ron own.ron --fail-on regression";
    assert_eq!(desk.brownout(back).code, 5);
    assert_eq!(desk.brownout(&format!("{back} --tolerance 10%")).code, 0);
    assert_eq!(desk.brownout("diff own.ron worse.ron").code, 0);
    let done = desk.brownout(&format!("{line} --tolerance 100000%"));
    assert_eq!(done.code, 0, "{}", done.stdout);
}

#[test]
fn results_are_compared_without_running_again() {
    let desk = Desk::with("diff_results", SMALL);
    desk.brownout("run own.ron -o a --variant plain");
    desk.brownout("run own.ron -o b --variant plain --set services.db.workers=4");
    desk.brownout("run own.ron -o c --variant plain --seed 6");
    std::fs::remove_file(desk.directory.join("own.ron")).expect("it is there");
    let done = desk.brownout("diff a b --fail-on regression");
    assert_eq!(done.code, 5, "{}{}", done.stdout, done.stderr);
    assert!(done.stdout.contains("b is worse than a"), "{}", done.stdout);
    let done = desk.brownout("diff a c");
    assert_eq!(done.code, 2, "{}", done.stdout);
    assert!(done.stderr.contains("no seed in common"), "{}", done.stderr);
}

#[test]
fn one_pair_of_runs_decides_nothing() {
    let desk = Desk::with("diff_one_run", SMALL);
    let done = desk.brownout("diff own.ron --variants plain,retry --runs 1 --fail-on regression");
    assert_eq!(done.code, 6, "{}", done.stdout);
    assert!(done.stdout.contains("whether by chance is not known"), "{}", done.stdout);
    assert!(!done.stdout.contains("worse"), "{}", done.stdout);
}

#[test]
fn nonsense_exits_with_2_and_says_what_to_write() {
    let desk = Desk::with("diff_nonsense", SMALL);
    desk.brownout("run own.ron -o out --runs 2");
    for (line, why) in [
        ("diff own.ron", "--variants"),
        ("diff own.ron --variants plain", "two names"),
        ("diff own.ron --variants plain,nobody", "there is plain, retry"),
        ("diff out --variants plain,nobody", "there is plain, retry"),
        ("diff out own.ron --seed 3", "drop --seed"),
        ("diff . own.ron", "summary.json"),
        ("diff own.ron own.ron --tolerance=-3%", "not negative"),
        ("diff own.ron own.ron --fail-on nothing", "regression"),
    ] {
        let done = desk.brownout(line);
        assert_eq!(done.code, 2, "{line}: {}{}", done.stdout, done.stderr);
        assert!(done.stderr.contains(why), "{line}: {}", done.stderr);
    }
}
