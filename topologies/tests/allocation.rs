//! In steady state a run allocates nothing: memory follows the peak of work in progress.

use crate::workloads;
use allocation_counter::{AllocationInfo, measure};
use brownout_core::dist::Dist;
use brownout_core::random::Seed;
use brownout_core::{Span, Time};
use brownout_topologies::fault::{ErrorsWhen, Fault, FaultKind};
use brownout_topologies::graph::{Arrivals, Graph, Profile, Reload, ServiceId, Size, StackId};
use brownout_topologies::run::run;

fn allocations(graph: &Graph) -> AllocationInfo {
    let plan = workloads::plan(graph);
    measure(|| {
        run(graph, Seed::new(1), &plan).unwrap_or_else(|error| panic!("{error}"));
    })
}

/// W2L with a bad second for each service at the start, so that every mark is set early.
fn w2l_with_its_peaks_at_the_start(secs: f64) -> Graph {
    Graph { faults: slow_for_a_second(2.0), ..workloads::w2l(secs) }
}

/// A bad second for each service, one after the other.
fn slow_for_a_second(by: f64) -> Vec<Fault> {
    let slow = |service: u32| {
        let name = format!("service {service} is slow");
        let at = Time::from_secs(f64::from(service) * 5.0 + 2.0);
        let kind = FaultKind::Slow { by };
        Fault::once(&name, ServiceId(service), kind, at, Span::from_secs(1.0))
    };
    (0..3).map(slow).collect()
}

#[test]
fn after_a_hundred_thousand_events_a_run_of_w2l_allocates_nothing_more() {
    // 36 s are 10⁵ events.
    let short = allocations(&w2l_with_its_peaks_at_the_start(40.0));
    let long = allocations(&w2l_with_its_peaks_at_the_start(160.0));
    assert_eq!(long.count_total, short.count_total);
}

/// The same under batches from fifty clients, of which a twentieth fails and is asked for again.
fn reloads_with_their_peaks_at_the_start(secs: f64) -> Graph {
    let mut graph = w2l_with_its_peaks_at_the_start(secs);
    let load = &mut graph.loads[0];
    load.arrivals = Arrivals::Batch { rate: Profile::level(350.0), size: Size::Uniform(1, 3) };
    load.clients = 50;
    load.conduct.reload = Some(Reload { times: 5, after: Dist::exp(1e8) });
    graph.sites[0].stack = StackId(0);
    let kind = FaultKind::Errors { ratio: 0.05, when: ErrorsWhen::AtOnce };
    graph.faults.push(Fault::once("errors", ServiceId(0), kind, Time::ZERO, Span::MAX));
    graph
}

#[test]
fn users_who_ask_again_allocate_nothing_more_either() {
    let short = allocations(&reloads_with_their_peaks_at_the_start(40.0));
    let long = allocations(&reloads_with_their_peaks_at_the_start(160.0));
    assert_eq!(long.count_total, short.count_total);
}

/// The same for doors, queues and workers that are out of the ordinary.
#[test]
fn a_run_whose_doors_and_queues_are_out_of_the_ordinary_allocates_nothing_more() {
    let odd = |secs| {
        let faults = slow_for_a_second(8.0);
        Graph { faults, ..workloads::w2l_out_of_the_ordinary(secs) }
    };
    assert_eq!(allocations(&odd(160.0)).count_total, allocations(&odd(40.0)).count_total);
}

#[test]
fn memory_does_not_grow_with_the_length_of_a_run() {
    let short = allocations(&workloads::w2l(60.0));
    let long = allocations(&workloads::w2l(600.0));
    assert!(short.bytes_max < 1_000_000, "a run of a minute took {} bytes", short.bytes_max);
    // Ten times the bins (88 bytes each) and somewhat higher marks.
    assert!(long.bytes_max < short.bytes_max + 400_000, "found {} bytes", long.bytes_max);
}
