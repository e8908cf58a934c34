//! Verdicts for machines that run tests.

use super::harness::{Desk, SMALL};

/// One sentence that holds on both variants, one that fails on both, one that is undecided.
fn desk(test: &str) -> Desk {
    let three = "offered(api) > 50/s\", \"p99(api) < 1ms\", \"offered(api) > 100/s on plain";
    Desk::with(
        test,
        &SMALL.replace("offered(api) > 50/s", three).replace(
            "amplification(db) > 1.01 on retry",
            "amplification(db) > 1.01 on retry\", \"goodput(api) ranks plain < retry",
        ),
    )
}

#[test]
fn junit_has_a_case_per_verdict_and_counts_them() {
    let desk = desk("junit_has_a_case");
    let done = desk.brownout("run own.ron --quiet --junit reports/reports.xml");
    assert_eq!(done.code, 1, "{}", done.stderr);
    let xml = String::from_utf8(desk.files("reports")["reports.xml"].clone()).expect("it is text");
    let begins = |text: &str| xml.matches(text).count();
    assert_eq!((begins("<testcase "), begins("<failure "), begins("<error ")), (7, 2, 1), "{xml}");
    assert!(xml.contains("tests=\"7\" failures=\"2\" errors=\"1\" skipped=\"0\""), "{xml}");
    let case = "<testcase name=\"p99(api) &lt; 1ms\" classname=\"small.plain\" file=\"own.ron\" line=\"14\">";
    assert!(xml.contains(case), "{xml}");
    // A variant that does not run is skipped, and the rest is as before.
    let done = desk.brownout("run own.ron --quiet --junit reports/plain.xml --variant plain");
    assert_eq!(done.code, 1, "{}", done.stderr);
    let xml = String::from_utf8(desk.files("reports")["plain.xml"].clone()).expect("it is text");
    assert_eq!(xml.matches("<skipped ").count(), 2, "{xml}");
}

#[test]
fn a_report_that_cannot_be_written_is_an_error() {
    let desk = desk("a_report_that_cannot_be_written");
    desk.put("file", "");
    let done = desk.brownout("run own.ron --quiet --junit file/reports.xml");
    assert_eq!(done.code, 2, "{}", done.stderr);
    assert!(done.stderr.contains("cannot write"), "{}", done.stderr);
}

#[test]
fn a_workflow_is_shown_the_line_of_every_verdict_that_did_not_hold() {
    let desk = desk("a_workflow_is_shown");
    let done = desk.brownout("run own.ron --format github");
    let notes: Vec<&str> = done.stdout.lines().filter(|line| line.starts_with("::")).collect();
    assert_eq!(notes.len(), 3, "{}", done.stdout);
    let failed =
        "::error file=own.ron,line=14,title=expectation failed::p99(api) < 1ms — measured ";
    assert!(notes[0].starts_with(failed), "{}", notes[0]);
    let open = "::warning file=own.ron,line=14,title=expectation undecided::offered(api) > 100/s";
    assert!(notes.iter().any(|note| note.starts_with(open)), "{}", done.stdout);
    assert!(done.stdout.contains("goodput"), "the report comes too: {}", done.stdout);
}
