//! A run once more: by its file, its directory or its id; the same to the bit, or not.
//!
//! `BLESS=1 cargo test -p brownout --test cli replay` writes the story of the corpus anew.

use super::harness::{Desk, SMALL, repository};
use serde_json::Value;
use std::fs;

/// The id of a run, as the summary in `out` has it.
fn id(desk: &Desk, variant: usize, run: usize) -> String {
    let id = &desk.summary("out")["variants"][variant]["ids"][run];
    id.as_str().expect("an id is text").to_owned()
}

#[test]
fn a_run_is_replayed_by_its_id_alone_and_proven_the_same() {
    let desk = Desk::with("replay_by_id", SMALL);
    let printed = desk.brownout("run own.ron").stdout;
    let summary = desk.summary("out/small");
    let id = summary["variants"][1]["ids"][3].as_str().expect("an id is text").to_owned();
    assert!(id.contains(":retry:5#3:"), "{id}");
    let first = summary["variants"][1]["ids"][0].as_str().expect("an id is text");
    assert!(printed.contains(first), "{printed}");
    let done = desk.brownout(&format!("replay {id}"));
    assert_eq!(done.code, 0, "{}", done.stderr);
    let digest = summary["variants"][1]["digests"][3].as_str().expect("a digest");
    assert!(done.stdout.contains(&format!("run {id}\n")), "{}", done.stdout);
    let proof = format!("digest {digest}: the same as in out/small/manifest.json");
    assert!(done.stdout.contains(&proof), "{}", done.stdout);
}

#[test]
fn a_directory_says_which_file_settings_and_seed() {
    let desk = Desk::with("replay_by_directory", SMALL);
    desk.brownout("run own.ron -o out --seed 9#2 --set services.db.workers=9");
    let done = desk.brownout("replay out --variant retry --format json");
    let told: Value = serde_json::from_str(&done.stdout).expect("one JSON document");
    assert_eq!((done.code, &told["same"], &told["runs"]), (0, &true.into(), &1.into()));
    assert_eq!(told["id"], id(&desk, 1, 0).as_str());
    assert_eq!(told["digest"], desk.summary("out")["variants"][1]["digests"][0]);
    let by_id = desk.brownout(&format!("replay {} out", id(&desk, 1, 0)));
    assert_eq!(by_id.code, 0, "{}", by_id.stderr);
    let by_file = desk.brownout(&format!("replay {} own.ron", id(&desk, 1, 0)));
    assert!(by_file.stdout.contains("2 runs agree"), "{}{}", by_file.stdout, by_file.stderr);
}

#[test]
fn without_a_record_two_runs_are_compared() {
    let desk = Desk::with("replay_without_a_record", SMALL);
    let done = desk.brownout("replay own.ron --variant plain --seed 3#1");
    assert_eq!((done.code, done.stderr.as_str()), (0, ""));
    assert!(done.stdout.contains("nothing is recorded to compare it with; 2 runs agree"));
}

#[test]
fn another_digest_than_the_recorded_one_exits_with_4() {
    let desk = Desk::with("replay_mismatch", SMALL);
    desk.brownout("run own.ron -o out");
    let manifest = String::from_utf8(desk.files("out")["manifest.json"].clone()).expect("text");
    let digest = desk.summary("out")["variants"][0]["digests"][0].as_str().map(str::to_owned);
    let digest = digest.expect("a digest");
    desk.put("out/manifest.json", manifest.replace(&digest, "0123456789abcdef"));
    let done = desk.brownout("replay out --variant plain");
    assert_eq!(done.code, 4, "{}", done.stdout);
    assert!(done.stderr.contains(&digest) && done.stderr.contains("0123456789abcdef"));
}

#[test]
fn a_file_that_has_changed_since_is_refused() {
    let desk = Desk::with("replay_changed_file", SMALL);
    desk.brownout("run own.ron -o out");
    let id = id(&desk, 0, 0);
    desk.put("own.ron", SMALL.replace("100/s", "101/s"));
    for line in ["replay out".to_owned(), format!("replay {id} own.ron"), format!("trace {id} out")]
    {
        let done = desk.brownout(&line);
        assert_eq!((done.code, done.stdout.as_str()), (4, ""), "{line}: {}", done.stderr);
        assert!(done.stderr.contains("another version of own.ron"), "{line}: {}", done.stderr);
    }
}

#[test]
fn what_names_no_run_exits_with_2_and_says_what_to_write() {
    let desk = Desk::with("replay_nonsense", SMALL);
    desk.brownout("run own.ron -o out");
    let id = id(&desk, 0, 0);
    let last = if id.ends_with('0') { '1' } else { '0' };
    let mistyped = format!("{}{last}", &id[..id.len() - 1]);
    fs::create_dir(desk.directory.join("empty")).expect("a directory can be made");
    for (line, why) in [
        (format!("replay {mistyped}"), "mistyped"),
        (format!("replay {id}"), "no results under out/"),
        (format!("replay {id} --seed 3"), "drop the options"),
        ("replay own.ron own.ron".to_owned(), "is no id"),
        ("replay empty".to_owned(), "manifest.json"),
        ("replay out --set a=b".to_owned(), "drop --set"),
        ("replay own.ron --variant nobody".to_owned(), "there is plain, retry"),
        ("replay own.ron --request 0".to_owned(), "first-failed"),
        ("replay own.ron --request 999999".to_owned(), "there is no request 999999"),
        ("replay own.ron --at 5".to_owned(), "unit"),
        ("replay own.ron --at 21s".to_owned(), "after the end"),
        ("replay own.ron --record empty".to_owned(), "is a directory"),
        ("replay".to_owned(), "FILE|DIR|ID"),
    ] {
        let done = desk.brownout(&line);
        assert_eq!(done.code, 2, "{line}: {}{}", done.stdout, done.stderr);
        assert!(done.stderr.contains(why), "{line}: {}", done.stderr);
    }
    assert_eq!(desk.names(), ["empty", "out", "own.ron"]);
    assert_eq!(desk.brownout("replay nowhere.ron").code, 3);
}

/// The one request of the shipped example that waits longest reads exactly so.
#[test]
fn the_slowest_request_of_hello_reads_as_in_the_corpus() {
    let desk = Desk::new("replay_story");
    let hello = repository().join("experiments/hello.ron");
    let hello = hello.to_str().expect("a path is text");
    let done = desk.brownout_with(&["replay", hello, "--request", "slowest"], &[]);
    assert_eq!(done.code, 0, "{}", done.stderr);
    let golden = repository().join("tests/corpus/hello-slowest.txt");
    if std::env::var_os("BLESS").is_some() {
        fs::write(&golden, &done.stdout).expect("the golden file can be written");
    }
    assert_eq!(fs::read_to_string(golden).unwrap_or_default(), done.stdout);
}

#[test]
fn a_moment_tells_who_is_slow_who_waits_and_what_is_open() {
    let desk = Desk::with("replay_moment", SMALL);
    let quiet = desk.brownout("replay own.ron --variant retry --at 4s").stdout;
    assert!(quiet.contains("Faults at work\n  none\n"), "{quiet}");
    let slow = desk.brownout("replay own.ron --variant retry --at 7.5s").stdout;
    assert!(slow.contains("slow-db, until 8.000000s"), "{slow}");
    assert!(slow.contains("up, work takes × 5"), "{slow}");
    assert!(slow.contains("8 of 8") && slow.contains("with a worker"), "{slow}");
    assert!(slow.contains("api → db: "), "{slow}");
}

#[test]
fn a_recording_has_a_line_for_every_event_and_each_is_json() {
    let desk = Desk::with("replay_recording", SMALL);
    let done = desk.brownout("replay own.ron --variant retry --record run.ndjson");
    assert_eq!(done.code, 0, "{}", done.stderr);
    let text = fs::read_to_string(desk.directory.join("run.ndjson")).expect("it was written");
    let (mut last, mut attempts, mut ended) = (0.0, 0, 0);
    for line in text.lines() {
        let event: Value = serde_json::from_str(line).expect("a line is JSON");
        let at = event["at"].as_f64().expect("a moment");
        assert!(at >= last, "{line}");
        last = at;
        attempts += u32::from(event["event"] == "attempt");
        let over = event["event"] == "attempt over" || event["event"] == "attempt given up";
        ended += u32::from(over);
    }
    // Those that are out at the end.
    assert!(attempts > 2_000 && ended <= attempts && attempts - ended < 50, "{attempts} {ended}");
}

/// Answers get lost, and connections are few.
const DEEDS: &str = r#"(
    name: "deeds",
    run: (time: "20s", seed: 5, runs: 2),
    load: [Poisson(to: "api", rate: "50/s", name: "buyers", patience: "1s")],
    services: {
        "api": (workers: Unlimited, calls: [(to: "pay", with: "client")],
                pools: { "pay": (size: 2, timeout: "500ms", connect: "5ms", socket_timeout: "9s") }),
        "pay": (workers: 9, work: Exp(mean: "30ms"), effect: AtEnd),
    },
    policies: { "client": [Retry(times: 1), Timeout("200ms")] },
    faults: [Loss(link: "api -> pay", ratio: "10%", direction: Back, at: "1s", name: "acks")],
)"#;

#[test]
fn a_moment_tells_of_pools_and_of_what_was_done_and_the_table_of_what_was_done_twice() {
    let desk = Desk::with("replay_deeds", DEEDS);
    let done = desk.brownout("run own.ron -o out");
    assert_eq!(done.code, 0, "{}", done.stderr);
    for head in ["failed, done", "done twice", "at pay"] {
        assert!(done.stdout.contains(head), "{head} is no column in\n{}", done.stdout);
    }
    let metrics = desk.summary("out")["variants"][0]["metrics"].clone();
    let metrics = metrics.as_array().expect("a list");
    let mean = |text: &str| {
        let found = metrics.iter().find(|metric| metric["text"] == text);
        found.and_then(|metric| metric["mean"].as_f64()).unwrap_or_else(|| panic!("{text}"))
    };
    assert!(mean("duplicates(pay)") > 0.02);
    assert!(mean("completed_but_reported_failed(pay) of offered") > 0.0);
    let done = desk.brownout("replay out --at 20s --request first-failed");
    assert_eq!(done.code, 0, "{}", done.stderr);
    let (_, pools) = done.stdout.split_once("Pools of connections\n").expect("there is one");
    let pool = pools.lines().nth(1).expect("a line for it");
    assert!(pool.starts_with("  api → pay  ") && pool.contains(" of 2  "), "{pool}");
    let (_, deeds) = pools.split_once("Done until then\n").expect("it is told");
    let lines: Vec<&str> = deeds.lines().collect();
    assert!(lines.iter().any(|line| line.starts_with("  pay: ") && line.contains("duplicates")));
    assert!(lines.iter().any(|line| line.starts_with("  buyers: ") && line.contains("failed")));
    // Of a model that has none of it nothing is said.
    desk.put("small.ron", SMALL);
    let plain = desk.brownout("replay small.ron --variant plain --at 6s").stdout;
    assert!(!plain.contains("connections") && !plain.contains("Done until"), "{plain}");
}
