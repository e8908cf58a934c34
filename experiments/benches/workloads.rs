//! Brownout beside loops written by hand for one model each, on the machine at hand.
//!
//! Absolute times do not carry from one machine or hour to the next; their ratios, taken in turns
//! in one sitting, do. Each number is the least of all rounds. `cargo bench -p brownout --bench
//! workloads`, with the number of rounds and the names of workloads after `--` if 15 rounds of all
//! of them are not right.

mod measure;
mod tight;

use brownout_core::random::Seed;
use brownout_topologies::graph::Graph;
use measure::{Least, System, timed};
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

fn main() {
    let rounds = measure::rounds(15);
    println!(
        "least of {rounds} rounds in turns; ns per effective event; ratio to the loop by hand"
    );
    let asked: Vec<String> = std::env::args().skip(1).collect();
    let named = |workload: &&Workload| asked.iter().any(|word| word == workload.name);
    let all = !WORKLOADS.iter().any(|workload| named(&workload));
    for workload in WORKLOADS.iter().filter(|workload| all || named(workload)) {
        let (system, seed) = (System::shipped(workload.name), Seed::new(1));
        let names = Names::of(&system.graph);
        let (mut by_hand, mut ours) = (Least::NONE, Least::NONE);
        for _ in 0..rounds {
            let (took, counts) = timed(|| (workload.by_hand)(seed, &names, &system.graph));
            by_hand.add((took, counts.events));
            ours.add(system.timed(seed));
        }
        let name = workload.name;
        assert_eq!(by_hand.events(), ours.events(), "{name}: the same draws make the same events");
        println!(
            "{name:<4} by hand {:6.1}   brownout {:6.1}   ratio {:5.2}   must ≤ {}, goal ≤ {}",
            by_hand.per_event(),
            ours.per_event(),
            ours.per_event() / by_hand.per_event(),
            workload.must,
            workload.goal,
        );
    }
}
