//! Exit codes, and that a command that fails leaves nothing behind.

use super::harness::{Desk, SMALL};

#[test]
fn a_run_whose_expectations_hold_exits_with_0() {
    let desk = Desk::with("a_run_whose_expectations_hold", SMALL);
    let done = desk.brownout("run own.ron");
    assert_eq!((done.code, done.stderr.as_str()), (0, ""), "{}", done.stdout);
}

#[test]
fn a_failed_expectation_exits_with_1_and_an_undecided_one_with_6() {
    let desk = Desk::new("a_failed_expectation");
    let asking = |sentence: &str| SMALL.replace("offered(api) > 50/s", sentence);
    desk.put("failed.ron", asking("offered(api) > 200/s"));
    // The true rate is 100/s, so an interval of six runs nearly always holds it.
    desk.put("undecided.ron", asking("offered(api) > 100/s"));
    desk.put("both.ron", asking("offered(api) > 100/s\", \"offered(api) > 200/s"));
    assert_eq!(desk.brownout("run failed.ron").code, 1);
    assert_eq!(desk.brownout("run undecided.ron").code, 6);
    assert_eq!(desk.brownout("run both.ron").code, 1);
}

#[test]
fn nonsense_arguments_exit_with_2_say_why_and_write_nothing() {
    let desk = Desk::with("nonsense_arguments", SMALL);
    let lines = [
        "",
        "frobnicate",
        "run",
        "run own.ron other.ron",
        "run own.ron --runs 0",
        "run own.ron --runs -3",
        "run own.ron --runs 3.5",
        "run own.ron --jobs 0",
        "run own.ron --jobs many",
        "run own.ron --seed",
        "run own.ron --seed x",
        "run own.ron --seed 1#",
        "run own.ron --seed -1",
        "run own.ron --seed 1#2 --runs 3",
        "run own.ron --seed 99999999999999999999",
        "run own.ron --variant nobody",
        "run own.ron --set services.db.workers",
        "run own.ron --set =3",
        "run own.ron --format xml",
        "run own.ron --frobnicate",
        "run own.ron -o own.ron",
        "check",
        "list nonsense",
        "completions tcsh97",
    ];
    for line in lines {
        let done = desk.brownout(line);
        assert_eq!(done.code, 2, "{line}: {}", done.stderr);
        assert!(!done.stderr.is_empty() && done.stdout.is_empty(), "{line}");
    }
    assert_eq!(desk.names(), ["own.ron"]);
}

#[test]
fn what_is_no_experiment_exits_with_3_says_why_and_writes_nothing() {
    let desk = Desk::with("what_is_no_experiment", SMALL);
    desk.put("empty.ron", "");
    desk.put("garbage.ron", [0xff, 0xfe, 0x00, 0x9f]);
    desk.put("broken.ron", SMALL.replace("workers: 8", "wrokers: 8"));
    let before = desk.names();
    for line in [
        "run nowhere.ron",
        "run .",
        "run empty.ron",
        "run garbage.ron",
        "run broken.ron",
        "run broken.ron --format json",
        "run own.ron --set services.nobody.workers=3",
        "run own.ron --set services.db.workers=0",
        "check broken.ron",
    ] {
        let done = desk.brownout(line);
        assert_eq!((done.code, done.stdout.as_str()), (3, ""), "{line}");
        assert!(done.stderr.contains("error"), "{line}: {}", done.stderr);
    }
    assert_eq!(desk.names(), before);
}

#[test]
fn an_experiment_in_which_time_stands_still_exits_with_3_and_writes_nothing() {
    let text = r#"(
        run: (time: "10s", runs: 1),
        load: [Poisson(to: "api", rate: "10/s", with: [Retry(times: Unlimited)])],
        services: { "api": (work: Const("1s"), queue: Fifo(limit: 0)) },
    )"#;
    let desk = Desk::with("time_stands_still", text);
    let done = desk.brownout("run own.ron");
    assert_eq!((done.code, done.stdout.as_str()), (3, ""));
    assert!(done.stderr.contains("seed 1#0"), "{}", done.stderr);
    assert_eq!(desk.names(), ["own.ron"]);
}

#[test]
fn help_and_version_are_no_errors() {
    let desk = Desk::new("help_and_version");
    for line in ["--help", "--version", "run --help", "list", "schema", "completions bash"] {
        let done = desk.brownout(line);
        assert_eq!((done.code, done.stderr.as_str()), (0, ""), "{line}");
        assert!(!done.stdout.is_empty(), "{line}");
    }
}
