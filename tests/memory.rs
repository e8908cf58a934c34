//! Memory belongs to the model and the peak of work in progress, not to the length of the run.
//!
//! The only test of its program, because it looks at the whole program's peak.
#![cfg(target_os = "linux")]

use brownout::spec::{LoadOptions, load};
use brownout_core::random::Seed;
use brownout_topologies::ledger::Plan;
use brownout_topologies::ledger::query::{Metric, Query, Stat, Target, Value, Window};
use brownout_topologies::run::run;
use std::fs;
use std::path::Path;

/// The most memory this process has had resident, in MiB.
fn peak_mib() -> f64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux says what a process uses");
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).expect("it says the peak");
    let kib: f64 = line.split_whitespace().nth(1).expect("a number").parse().expect("of KiB");
    kib / 1024.0
}

/// Runs a shipped experiment for so long that ten million requests come; how many came.
fn ten_million_requests(name: &str) -> f64 {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../experiments").join(name);
    let text = fs::read_to_string(path).expect("it ships");
    let read = |path: &str| Err(format!("there is no file {path}"));
    let sets = vec![("run.time".to_owned(), "14300s".to_owned())];
    let options = LoadOptions { file_name: name.to_owned(), sets, read: &read };
    let experiment = load(&text, &options).unwrap_or_else(|all| panic!("{}", all.render(false)));
    let graph = &experiment.variants[0].graph;
    let target = Target::Service(graph.service("A").expect("it has A"));
    let from = brownout_core::Time::ZERO;
    let window = Window { from, to: from + graph.time };
    let offered = Query { metric: Metric::Offered(target), window };
    let p99 = Query { metric: Metric::Latency(target, Stat::Quantile(0.99)), window };
    let plan = Plan { queries: vec![offered.clone(), p99], watch: vec![target], ..Plan::default() };
    let finished = run(graph, Seed::new(1), &plan).unwrap_or_else(|error| panic!("{error}"));
    match finished.answer(graph, &offered) {
        Value::Is(per_s) => per_s * graph.time.as_secs(),
        Value::MoreThan(_) | Value::Nothing => panic!("a rate is a number"),
    }
}

/// At most 24 MB each is the promise; half of it is the aim.
#[test]
fn ten_million_requests_need_no_more_memory_than_a_thousand() {
    for name in ["w2l.ron", "w2b.ron"] {
        let requests = ten_million_requests(name);
        let peak = peak_mib();
        println!("{name}: {requests} requests, peak {peak:.1} MiB");
        assert!(requests > 9_990_000.0);
        assert!(peak < 24.0, "{name} had {peak} MiB resident");
    }
}
