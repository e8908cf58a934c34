//! How the queue works inside, and which way things go, changes nothing that comes out.

use crate::{conservation, workloads};
use brownout_core::Time;
use brownout_core::heap::{Binary, Heap, Ladder};
use brownout_core::queue::{QueueOptions, Ties};
use brownout_core::random::Seed;
use brownout_topologies::graph::{Graph, ServiceId};
use brownout_topologies::ledger::Plan;
use brownout_topologies::ledger::query::{Metric, Query, Tallied, Target, Window};
use brownout_topologies::run::{RunOptions, run, run_with};

/// The digest, and every answer as printed.
fn outcome<H: Heap>(graph: &Graph, seed: u64, queue: QueueOptions) -> (u64, Vec<String>) {
    outcome_of::<H>(graph, seed, RunOptions { queue, ..RunOptions::default() })
}

fn outcome_of<H: Heap>(graph: &Graph, seed: u64, options: RunOptions) -> (u64, Vec<String>) {
    let plan = workloads::plan(graph);
    let finished = run_with::<H>(graph, Seed::new(seed), &plan, options, None);
    let finished = finished.unwrap_or_else(|error| panic!("{error}"));
    let answers = plan.queries.iter().map(|query| format!("{:?}", finished.answer(graph, query)));
    (finished.digest().word(), answers.collect())
}

fn cases() -> [Graph; 5] {
    let odd = workloads::w2l_out_of_the_ordinary(40.0);
    let pools = conservation::pools_and_keys(1);
    [workloads::w1(20_000.0), workloads::w2(40.0), workloads::w2l(40.0), odd, pools]
}

#[test]
fn lanes_another_heap_and_renumbering_change_nothing() {
    let plain = QueueOptions::default();
    for graph in cases() {
        for seed in [1, 2] {
            let reference = outcome::<Binary>(&graph, seed, plain);
            assert_eq!(outcome::<Ladder>(&graph, seed, plain), reference);
            let no_lanes = QueueOptions { lanes: false, ..plain };
            assert_eq!(outcome::<Binary>(&graph, seed, no_lanes), reference);
            assert_eq!(outcome::<Ladder>(&graph, seed, no_lanes), reference);
            let renumbered = QueueOptions { seq_limit: 30_000, ..plain };
            assert_eq!(outcome::<Binary>(&graph, seed, renumbered), reference);
        }
    }
}

#[test]
fn what_is_ordinary_goes_straight_on_and_comes_out_the_same() {
    for graph in cases() {
        for seed in [1, 2] {
            let roundabout = RunOptions { roundabout: true, ..RunOptions::default() };
            let general = outcome_of::<Binary>(&graph, seed, roundabout);
            assert_eq!(outcome::<Binary>(&graph, seed, QueueOptions::default()), general);
        }
    }
}

#[test]
fn to_ask_what_was_done_for_calls_that_failed_changes_nothing() {
    for graph in [workloads::w2(40.0), conservation::eventful()] {
        let target = Target::Service(ServiceId(0));
        let metric = Metric::Tallied(target, Tallied::CompletedButReportedFailed);
        let window = Window { from: Time::ZERO, to: Time::ZERO + graph.time };
        let plan = Plan { queries: vec![Query { metric, window }], ..Plan::default() };
        let digest = |plan: &Plan| run(&graph, Seed::new(1), plan).expect("it runs").digest();
        assert_eq!(digest(&plan), digest(&Plan::default()));
    }
}

#[test]
fn where_times_are_continuous_nobody_relies_on_how_ties_are_broken() {
    let odd = workloads::w2l_out_of_the_ordinary(20.0);
    for graph in [workloads::w1(20_000.0), workloads::w2l(20.0), odd] {
        let reference = outcome::<Binary>(&graph, 1, QueueOptions::default());
        for salt in 1..4 {
            let ties = Ties::Shuffled(0x9E37_79B9_u32.wrapping_mul(salt));
            let shuffled = QueueOptions { ties, ..QueueOptions::default() };
            assert_eq!(outcome::<Binary>(&graph, 1, shuffled), reference);
        }
    }
}
