//! Stored results that somebody has tampered with are refused or drawn; nothing panics.

use brownout::report::Summary;
use brownout::report::files::files;
use brownout::report::page::page;
use brownout::report::stored::{FILES, Stored};
use brownout::runner::question::Questions;
use brownout::runner::{Progress, Request, run};
use brownout_core::random::Seed;
use brownout_tests::parse;

const EXPERIMENT: &str = r#"(
    run: (time: "3s", runs: 2),
    load: [Poisson(to: "web", rate: "60/s", name: "users")],
    services: {
        "db": (workers: 2, queue: Fifo(limit: 9), work: Exp(mean: "20ms")),
        "web": (work: Const("1ms"), calls: [(to: "db", with: "c")]),
    },
    policies: { "c": [Retry(times: 1), Breaker(failures: 5), Timeout("100ms")] },
    faults: [Slow(service: "db", by: 9, at: "1s", lasts: "1s")],
    expect: ["p99(web) < 1s"],
    plots: [Cdf, Ccdf, LatencyHeatmap, Cascade, Amplification, Capacity, Plane, Lanes],
)"#;

fn stored() -> Stored {
    let experiment = parse(EXPERIMENT);
    let questions = Questions::of(&experiment);
    let seeds = (0..2).map(|replication| Seed { seed: 1, replication }).collect();
    let request = Request { seeds, variants: vec![0], jobs: 1 };
    let results = run(&experiment, &questions, &request, &Progress::default());
    let results = results.unwrap_or_else(|failure| panic!("{failure}"));
    let summary = Summary::of(&experiment, &questions, &results, 1);
    let command = ("test.ron", "brownout run test.ron");
    Stored::of(&summary, &questions, command, vec!["Because <it> was slow.".to_owned()])
}

fn texts(stored: &Stored) -> Vec<(String, String)> {
    let text = |(name, bytes): (String, Vec<u8>)| (name, String::from_utf8(bytes).expect("text"));
    stored.files().into_iter().map(text).collect()
}

fn read(texts: &[(String, String)]) -> Option<Stored> {
    let of = |name: &str| {
        let found = texts.iter().find(|(own, _)| own == name);
        found.map(|(_, text)| text.clone()).ok_or_else(|| "it is not there".to_owned())
    };
    Stored::read(of).ok()
}

#[test]
fn what_is_read_back_is_what_was_stored() {
    let stored = stored();
    let texts = texts(&stored);
    let names: Vec<&str> = texts.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, FILES);
    assert_eq!(read(&texts), Some(stored.clone()));
    let page = page(&stored).unwrap_or_else(|error| panic!("{error}"));
    assert!(page.contains(">Why</h2>\n<p>Because &lt;it&gt; was slow.</p>"));
    assert!(files(&stored).is_ok());
}

/// Where numbers and texts begin and end.
fn tokens(text: &str) -> Vec<std::ops::Range<usize>> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "+-.\"_".contains(c);
    let mut found = Vec::new();
    let mut begun = None;
    for (at, c) in text.char_indices() {
        match (is_part(c), begun) {
            (true, None) => begun = Some(at),
            (false, Some(from)) => {
                found.push(from..at);
                begun = None;
            }
            _ => {}
        }
    }
    found
}

#[test]
fn tampered_results_are_refused_or_drawn_and_nothing_panics() {
    const PUT: [&str; 10] =
        ["", "-1", "0", "1e308", "18446744073709551615", "null", "\"x\"", "[]", "\"inf\"", "NaN"];
    let texts = texts(&stored());
    let (mut drawn, mut refused) = (0, 0);
    for (file, (_, text)) in texts.iter().enumerate() {
        let tokens = tokens(text);
        // Some four dozen places of each file, and every thing to put there in turn.
        for (turn, token) in tokens.iter().step_by(tokens.len() / 48 + 1).enumerate() {
            for put in [PUT[turn % PUT.len()], PUT[(turn * 7 + 3) % PUT.len()]] {
                let mut texts = texts.clone();
                texts[file].1.replace_range(token.clone(), put);
                match read(&texts).map(|stored| page(&stored).is_ok()) {
                    Some(true) => drawn += 1,
                    Some(false) | None => refused += 1,
                }
            }
        }
    }
    assert!(drawn > 50 && refused > 50, "{drawn} drawn, {refused} refused");
}
