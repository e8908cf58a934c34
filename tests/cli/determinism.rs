//! The same bytes whatever the number of threads, the order of keys, or the company.

use super::harness::{Desk, SMALL, repository};
use std::fs;

#[test]
fn one_thread_and_four_write_the_same_bytes() {
    let desk = Desk::with("one_thread_and_four", SMALL);
    let one = desk.brownout("run own.ron --jobs 1 -o out --format json");
    let first = desk.files("out");
    for jobs in [2, 4] {
        let other = desk.brownout(&format!("run own.ron --jobs {jobs} -o out --format json"));
        assert_eq!(other.stdout, one.stdout, "--jobs {jobs}");
        assert_eq!(desk.files("out"), first, "--jobs {jobs}");
    }
}

#[test]
fn permuted_keys_change_nothing_but_the_hash_of_the_file() {
    let permuted = r#"
Experiment(
    measure: ["p99(api) after 10s"],
    faults: [Slow(lasts: "3s", at: "5s", by: 5, service: "db")],
    expect: ["offered(api) > 50/s", "amplification(db) > 1.01 on retry"],
    variants: { "plain": {}, "retry": { "client": [Retry(times: 2), Timeout("300ms")] } },
    services: {
        "db": (work: LogNormal(p99: "150ms", p50: "20ms"), queue: Fifo(limit: 100), workers: 8),
        "api": (calls: [(with: "client", to: "db")], work: Const("2ms"), workers: 32),
    },
    policies: { "client": [Timeout("300ms")] },
    load: [Poisson(rate: "100/s", to: "api")],
    run: (runs: 6, seed: 5, time: "20s"),
    about: "Two ways to call a database.",
    name: "small",
)
"#;
    let (plain, other) = (Desk::with("keys", SMALL), Desk::with("keys_permuted", permuted));
    let report = plain.brownout("run own.ron -o out").stdout;
    // The ids of runs begin with the hash, so they are others too.
    let without_ids = |text: &str| -> Vec<String> {
        let words = |line: &str| {
            let words = line.split(' ').filter(|word| !word.contains(":5#"));
            words.collect::<Vec<&str>>().join(" ")
        };
        text.lines().map(words).collect()
    };
    let other_report = other.brownout("run own.ron -o out").stdout;
    assert_eq!(without_ids(&other_report), without_ids(&report));
    let without_hash = |bytes: &[u8], hash: &str| -> Vec<String> {
        without_ids(&String::from_utf8_lossy(bytes).replace(hash, "HASH"))
    };
    let hash = |desk: &Desk| {
        let hash = desk.summary("out")["file_hash"].as_str().map(str::to_owned);
        hash.expect("a run has the hash of its file")
    };
    let hashes = (hash(&plain), hash(&other));
    let (own, theirs) = (plain.files("out"), other.files("out"));
    assert_eq!(own.keys().collect::<Vec<_>>(), theirs.keys().collect::<Vec<_>>());
    for (name, bytes) in own {
        let (own, theirs) = (&bytes, &theirs[&name]);
        assert_eq!(without_hash(own, &hashes.0), without_hash(theirs, &hashes.1), "{name}");
    }
}

#[test]
fn an_unused_service_changes_no_digest_and_no_result() {
    let hello = fs::read_to_string(repository().join("experiments/hello.ron")).expect("it ships");
    for (name, text) in [("unused_in_small", SMALL), ("unused_in_hello", &hello)] {
        let aside = "services: { \"aside\": (replicas: 2, work: Exp(mean: \"1s\")),";
        let company = text.replace("services: {", aside);
        assert_ne!(company, text, "{name}");
        let run = |text: &str, whose: &str| -> serde_json::Value {
            let desk = Desk::with(&format!("{name}_{whose}"), text);
            let done = desk.brownout("run own.ron --format json -o out");
            assert_eq!(done.code, 0, "{name}: {}", done.stderr);
            serde_json::from_str(&done.stdout).expect("it prints JSON")
        };
        let (alone, mut other) = (run(text, "alone"), run(&company, "with_company"));
        let variants = alone["variants"].as_array().expect("a list");
        let others = other["variants"].as_array_mut().expect("a list");
        assert_eq!(variants.len(), others.len(), "{name}");
        for (own, theirs) in variants.iter().zip(others) {
            assert!(own["digest"].is_string() && own["expect"][0]["value"].is_number(), "{name}");
            // What is told of the unused service itself is new, and nothing else.
            let metrics = theirs["metrics"].as_array_mut().expect("a list");
            metrics.retain(|metric| metric["text"] != "amplification(aside)");
            // An id begins with the hash of the file.
            theirs["ids"] = own["ids"].clone();
            assert_eq!(own, theirs, "{name}");
        }
    }
}

#[test]
fn a_setting_on_the_command_line_is_the_setting_in_the_file() {
    let edited = SMALL.replace("workers: 8", "workers: 24").replace("100/s", "90/s");
    let (set, file) = (Desk::with("set", SMALL), Desk::with("edited", &edited));
    set.brownout("run own.ron -o out --set services.db.workers=24 --set load.0.rate=90/s");
    file.brownout("run own.ron -o out");
    assert_eq!(set.files("out")["series.csv"], file.files("out")["series.csv"]);
    let digest = |desk: &Desk| desk.summary("out")["variants"][1]["digest"].clone();
    assert_eq!(digest(&set), digest(&file));
    set.brownout("run own.ron -o plain");
    assert_ne!(set.files("out")["series.csv"], set.files("plain")["series.csv"]);
}

#[test]
fn one_replication_by_its_id_is_that_replication_of_the_full_run() {
    let desk = Desk::with("one_replication", SMALL);
    desk.brownout("run own.ron -o all");
    desk.brownout("run own.ron -o one --seed 5#3");
    let (all, one) = (desk.summary("all"), desk.summary("one"));
    assert_eq!(one["replications"], serde_json::json!(["5#3"]));
    for variant in 0..2 {
        let (all, one) = (&all["variants"][variant], &one["variants"][variant]);
        assert_eq!(one["digests"][0], all["digests"][3]);
        assert_eq!(one["measure"][0]["runs"][0], all["measure"][0]["runs"][3]);
    }
}

#[test]
fn fewer_runs_are_the_first_of_more() {
    let desk = Desk::with("fewer_runs", SMALL);
    desk.brownout("run own.ron -o six");
    desk.brownout("run own.ron -o two --runs 2");
    let (six, two) = (desk.summary("six"), desk.summary("two"));
    let first: Vec<_> = six["variants"][0]["digests"].as_array().expect("a list")[..2].to_vec();
    assert_eq!(two["variants"][0]["digests"], serde_json::Value::Array(first));
}

#[test]
fn a_variant_alone_runs_as_it_does_among_others() {
    let desk = Desk::with("a_variant_alone", SMALL);
    desk.brownout("run own.ron -o both");
    let done = desk.brownout("run own.ron -o alone --variant retry");
    let (both, alone) = (desk.summary("both"), desk.summary("alone"));
    assert_eq!(alone["variants"].as_array().map(Vec::len), Some(1));
    assert_eq!(alone["variants"][0]["digest"], both["variants"][1]["digest"]);
    assert_eq!(alone["variants"][0]["expect"], both["variants"][1]["expect"]);
    assert_eq!(done.code, 0);
}

#[test]
fn an_expectation_about_a_variant_that_did_not_run_is_not_judged() {
    let desk = Desk::with("not_judged", SMALL);
    let done = desk.brownout("run own.ron -o out --variant plain");
    assert_eq!(done.code, 0);
    let summary = desk.summary("out");
    assert_eq!(summary["unjudged"], serde_json::json!(["amplification(db) > 1.01 on retry"]));
}
