//! Brownout beside loops written by hand for one model each, on the machine at hand.
//!
//! Absolute times do not carry from one machine or hour to the next; their ratios, taken in turns
//! in one sitting, do. Each number is the least of all rounds. `cargo bench -p brownout --bench
//! workloads`, with the number of rounds and the names of workloads after `--` if 15 rounds of all
//! of them are not right.

mod tight;

use brownout::runner::question::Questions;
use brownout::spec::{LoadOptions, load};
use brownout_core::random::Seed;
use brownout_topologies::graph::Graph;
use brownout_topologies::ledger::Plan;
use brownout_topologies::run::run;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};
use tight::{Counts, Names};

/// A workload: its file, its loop, and what its ratio must and should be at most.
struct Workload {
    name: &'static str,
    by_hand: fn(Seed, &Names, &Graph) -> Counts,
    must: f64,
    goal: f64,
}

const WORKLOADS: [Workload; 3] = [
    Workload {
        name: "w1",
        by_hand: |seed, names, graph| tight::w1::run(seed, names, graph.time.nanos()),
        must: 2.0,
        goal: 1.5,
    },
    Workload { name: "w2", by_hand: w2_by_hand, must: 1.5, goal: 1.05 },
    Workload { name: "w2l", by_hand: w2_by_hand, must: 1.5, goal: 1.05 },
];

fn w2_by_hand(seed: Seed, names: &Names, graph: &Graph) -> Counts {
    let outage =
        graph.faults.first().map_or(0..0, |fault| fault.begins().nanos()..fault.ends().nanos());
    tight::w2::run(seed, names, graph.time.nanos(), outage)
}

/// The system in a shipped file, and everything that `brownout run` would ask of it.
fn shipped(name: &str) -> (Graph, Plan) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("{name}.ron"));
    let text = std::fs::read_to_string(&path).expect("it ships");
    let read = |path: &str| Err(format!("there is no file {path}"));
    let options = LoadOptions { file_name: format!("{name}.ron"), sets: Vec::new(), read: &read };
    let experiment = load(&text, &options).unwrap_or_else(|all| panic!("{}", all.render(false)));
    let plan = Questions::of(&experiment).plan(0);
    (experiment.variants[0].graph.clone(), plan)
}

#[expect(clippy::disallowed_methods, reason = "a bench has a clock; what it measures has none")]
fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let begun = Instant::now();
    let result = black_box(work());
    (begun.elapsed(), result)
}

fn main() {
    let rounds = std::env::args().find_map(|word| word.parse().ok()).unwrap_or(15).max(1);
    println!(
        "least of {rounds} rounds in turns; ns per effective event; ratio to the loop by hand"
    );
    let asked: Vec<String> = std::env::args().skip(1).collect();
    let named = |workload: &&Workload| asked.iter().any(|word| word == workload.name);
    let all = !WORKLOADS.iter().any(|workload| named(&workload));
    for workload in WORKLOADS.iter().filter(|workload| all || named(workload)) {
        let (graph, plan) = shipped(workload.name);
        let (names, seed) = (Names::of(&graph), Seed::new(1));
        let (mut by_hand, mut ours) = (Duration::MAX, Duration::MAX);
        let mut events = (0, 0);
        for _ in 0..rounds {
            let (took, counts) = timed(|| (workload.by_hand)(seed, &names, &graph));
            by_hand = by_hand.min(took);
            let (took, finished) = timed(|| run(&graph, seed, &plan));
            ours = ours.min(took);
            let finished = finished.unwrap_or_else(|error| panic!("{error}"));
            events = (counts.events, finished.events());
        }
        assert_eq!(events.0, events.1, "{}: the same draws make the same events", workload.name);
        let per_event = |time: Duration| time.as_secs_f64() * 1e9 / events.1 as f64;
        let ratio = ours.as_secs_f64() / by_hand.as_secs_f64();
        println!(
            "{:<4} by hand {:6.1}   brownout {:6.1}   ratio {ratio:5.2}   must ≤ {}, goal ≤ {}",
            workload.name,
            per_event(by_hand),
            per_event(ours),
            workload.must,
            workload.goal,
        );
    }
}
