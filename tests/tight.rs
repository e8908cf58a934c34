//! The simulator beside loops written by hand: given the same draws, the same counts exactly.

#[path = "../experiments/benches/tight/mod.rs"]
mod tight;

use brownout::spec::{LoadOptions, load};
use brownout_core::Time;
use brownout_core::heap::Binary;
use brownout_core::random::Seed;
use brownout_policies::outcome::Seen;
use brownout_topologies::graph::Graph;
use brownout_topologies::ledger::Plan;
use brownout_topologies::ledger::row::{Row, Sink};
use brownout_topologies::run::{RunOptions, run_with};
use std::cell::RefCell;
use std::path::Path;
use std::rc::Rc;
use tight::{Counts, Names};

fn shipped(name: &str, sets: &[(&str, &str)]) -> Graph {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../experiments/{name}.ron"));
    let text = std::fs::read_to_string(path).expect("it ships");
    let read = |path: &str| Err(format!("there is no file {path}"));
    let sets = sets.iter().map(|&(path, value)| (path.to_owned(), value.to_owned())).collect();
    let options = LoadOptions { file_name: format!("{name}.ron"), sets, read: &read };
    let experiment = load(&text, &options).unwrap_or_else(|all| panic!("{}", all.render(false)));
    experiment.variants[0].graph.clone()
}

/// Counts what users see.
#[derive(Clone, Default)]
struct Counting(Rc<RefCell<Counts>>);

impl Sink for Counting {
    fn row(&mut self, at: Time, row: &Row<'_>) {
        let mut counts = self.0.borrow_mut();
        if let Row::CallBegun { load: Some(_), .. } = row {
            counts.requests += 1;
        }
        if let Row::AttemptSent { load: Some(_), .. } = row {
            counts.attempts += 1;
        }
        if let Row::AttemptGivenUp { outcome, .. } = row {
            counts.timeouts += u64::from(outcome.seen == Seen::TimedOut);
        }
        if let Row::CallEnded { load: Some(_), intended, outcome, .. } = row
            && outcome.is_success()
        {
            counts.successes += 1;
            counts.latency_ns += u128::from((at - *intended).nanos());
        }
    }
}

fn simulated(graph: &Graph, seed: Seed) -> Counts {
    let counting = Counting::default();
    let sink = Box::new(counting.clone());
    let options = RunOptions::default();
    let finished = run_with::<Binary>(graph, seed, &Plan::default(), options, Some(sink));
    let finished = finished.unwrap_or_else(|error| panic!("{error}"));
    let counts = *counting.0.borrow();
    Counts { events: finished.events(), ..counts }
}

#[test]
fn w2_with_and_without_its_outage_is_the_loop_by_hand_to_the_nanosecond() {
    for name in ["w2", "w2l"] {
        let graph = shipped(name, &[("run.time", "60s")]);
        let outage = graph.faults.first();
        let outage = outage.map_or(0..0, |fault| fault.begins().nanos()..fault.ends().nanos());
        for seed in (1..=5).map(Seed::new) {
            let by_hand =
                tight::w2::run(seed, &Names::of(&graph), graph.time.nanos(), outage.clone());
            assert_eq!(simulated(&graph, seed), by_hand, "{name}, seed {seed}");
        }
    }
}

#[test]
fn w1_is_the_loop_by_hand_to_the_nanosecond() {
    let graph = shipped("w1", &[("run.time", "100000s")]);
    for seed in (1..=5).map(Seed::new) {
        let by_hand = tight::w1::run(seed, &Names::of(&graph), graph.time.nanos());
        assert_eq!(simulated(&graph, seed), by_hand, "seed {seed}");
    }
}
