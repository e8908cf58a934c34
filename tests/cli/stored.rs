//! What a run leaves behind is enough to draw everything again, to the byte, without running it.

use super::harness::{Desk, SMALL};
use std::fs;

/// [`SMALL`] with every chart that there is, and a variant with breakers.
pub(crate) fn every_chart() -> String {
    let plots = "plots: [
        Timeline(show: [\"offered\", \"goodput\", \"db.queue\", \"db.retrying\", \"db.open\"]),
        Cdf(of: \"latency(api)\"), Cdf(of: \"wait(db)\"), Ccdf, LatencyHeatmap(of: \"latency(api)\"),
        Cascade, Amplification, Capacity(of: \"db\"), Plane,
    ],";
    let text = SMALL.trim_end().strip_suffix(')').expect("it ends so");
    let guarded = "\"breaker\": { \"client\": [Breaker(failures: 5), Timeout(\"300ms\")] }";
    let text = text.replace("\"plain\": {},", &format!("\"plain\": {{}}, {guarded},"));
    format!("{text}    {plots}\n)")
}

#[test]
fn pictures_and_page_drawn_again_are_the_same_to_the_byte() {
    let desk = Desk::with("drawn_again", &every_chart());
    let done = desk.brownout("run own.ron -o out");
    assert_eq!(done.code, 0, "{}", done.stderr);
    let first = desk.files("out");
    for picture in [
        "timeline",
        "cdf",
        "cdf-2",
        "ccdf",
        "latency-heatmap",
        "cascade",
        "amplification",
        "capacity",
        "plane",
    ] {
        assert!(first[&format!("{picture}.png")].starts_with(b"\x89PNG"), "{picture}");
        let svg = String::from_utf8_lossy(&first[&format!("{picture}.svg")]);
        assert!(!svg.contains("no data"), "{picture}");
    }
    for name in first.keys().filter(|name| name.ends_with("svg") || name.ends_with("png")) {
        fs::remove_file(desk.directory.join("out").join(name)).expect("it is there");
    }
    fs::remove_file(desk.directory.join("out/report.html")).expect("it is there");
    fs::remove_file(desk.directory.join("own.ron")).expect("it is there");
    let plot = desk.brownout("plot out");
    assert_eq!((plot.code, plot.stderr.as_str()), (0, ""));
    let report = desk.brownout("report out");
    assert_eq!((report.code, report.stderr.as_str()), (0, ""));
    assert!(desk.files("out") == first, "some file is another");
    desk.brownout("plot out -o elsewhere -q");
    desk.brownout("report out -o elsewhere -q");
    for (name, bytes) in desk.files("elsewhere") {
        assert!(first[&name] == bytes, "{name} is another");
    }
}

#[test]
fn plot_shows_the_timeline_in_the_terminal() {
    let desk = Desk::with("sparklines", SMALL);
    desk.brownout("run own.ron -o out -q");
    let done = desk.brownout("plot out");
    let head = done.stdout.lines().position(|line| line.starts_with("db queue, full is "));
    let rows: Vec<&str> =
        done.stdout.lines().skip(head.expect("its heading") + 1).take(2).collect();
    for (row, name) in rows.iter().zip(["plain", "retry"]) {
        let line = row.strip_prefix(&format!("  {name}  ")).expect("a line per variant");
        assert_eq!(line.chars().count(), 60, "{row}");
        assert!(line.chars().any(|letter| letter == '█') || name == "plain", "{row}");
    }
    assert!(done.stdout.contains("Written to out\n  timeline.svg timeline.png"), "{}", done.stdout);
}

#[test]
fn every_file_that_is_broken_is_told_of_at_once() {
    let desk = Desk::with("broken_results", SMALL);
    desk.brownout("run own.ron -o out -q");
    let put = |name: &str, text: &str| desk.put(&format!("out/{name}"), text);
    let drawing = String::from_utf8(desk.files("out")["drawing.json"].clone()).expect("text");
    put("summary.json", "{\"format\": 7}");
    put("manifest.json", "{\"format\": 1,\n");
    put("series.csv", "variant,target\n");
    put("drawing.json", &drawing.replacen("\"runs\": 6", "\"runs\": \"six\"", 1));
    for command in ["plot", "report"] {
        let done = desk.brownout(&format!("{command} out"));
        assert_eq!(done.code, 3, "{}", done.stderr);
        for said in [
            "out/summary.json: its format is 7, and this version reads 1; run again",
            "out/manifest.json: line 2: it is no JSON: expected a key in quotes",
            "out/series.csv: line 1: its heading is not that of a table of series",
            "out/drawing.json: `runs` should be a whole number",
            "nothing was drawn; `brownout run FILE -o DIR` writes these files anew",
        ] {
            assert!(done.stderr.contains(said), "{said}: {}", done.stderr);
        }
    }
}

#[test]
fn where_no_run_has_written_nothing_is_drawn() {
    let desk = Desk::new("no_results");
    fs::create_dir(desk.directory.join("empty")).expect("it can be made");
    let done = desk.brownout("plot empty");
    assert_eq!(done.code, 3);
    assert!(done.stderr.contains("empty/drawing.json: it is not there"), "{}", done.stderr);
    let done = desk.brownout("report nowhere");
    assert_eq!(done.code, 2);
    let said = "nowhere is no directory; name one that `brownout run` has written";
    assert!(done.stderr.contains(said), "{}", done.stderr);
    assert_eq!(desk.brownout("plot").code, 2);
}

#[test]
fn a_sabotaged_summary_makes_no_page_and_no_panic() {
    let desk = Desk::with("sabotaged_summary", SMALL);
    desk.brownout("run own.ron -o out -q");
    let summary = String::from_utf8(desk.files("out")["summary.json"].clone()).expect("text");
    for (from, to) in [
        ("\"unit\": \"s\"", "\"unit\": \"furlong\""),
        ("\"variants\": [", "\"elsewhere\": ["),
        ("\"mean\": ", "\"mean\": [], \"other\": "),
    ] {
        desk.put("out/summary.json", summary.replacen(from, to, 1));
        let done = desk.brownout("report out");
        assert_eq!(done.code, 3, "{from}: {}", done.stderr);
        assert!(done.stderr.contains("should be"), "{}", done.stderr);
    }
}
