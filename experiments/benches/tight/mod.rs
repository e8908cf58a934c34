//! Hand-written loops for the two workloads: what the general engine is measured against.
//!
//! Plain good code for one model each: the standard binary heap of packed 128-bit keys, a FIFO
//! lane for the one constant timeout, and the simulator's own draws, so that the counts are equal.

pub(crate) mod w1;
pub(crate) mod w2;

use brownout_topologies::graph::Graph;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// The names that key the simulator's draws.
#[derive(Debug, Clone)]
pub(crate) struct Names {
    /// Of the load.
    pub(crate) load: String,
    /// Of the place from which it calls.
    pub(crate) site: String,
    /// Of the services, in the order in which they call one another.
    pub(crate) services: Vec<String>,
}

impl Names {
    /// The names in a graph of one load and a chain of services in order of name.
    pub(crate) fn of(graph: &Graph) -> Names {
        Names {
            load: graph.loads[0].name.clone(),
            site: graph.sites[graph.loads[0].site.index()].name.clone(),
            services: graph.services.iter().map(|service| service.name.clone()).collect(),
        }
    }
}

/// What a loop counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Counts {
    /// Arrivals, pieces of work done, timeouts and retries that fired.
    pub(crate) events: u64,
    /// Requests begun.
    pub(crate) requests: u64,
    /// Attempts sent.
    pub(crate) attempts: u64,
    /// Requests answered.
    pub(crate) successes: u64,
    /// Timeouts that fired.
    pub(crate) timeouts: u64,
    /// Sum of the latencies of answered requests.
    pub(crate) latency_ns: u128,
}

/// Pending events: due 64 bits, seq 32, payload 32, compared at once.
#[derive(Default)]
struct Pending {
    heap: BinaryHeap<Reverse<u128>>,
    seq: u32,
}

impl Pending {
    /// A key that comes after all others of its moment.
    fn key(&mut self, at_ns: u64, payload: u32) -> u128 {
        self.seq += 1;
        u128::from(at_ns) << 64 | u128::from(self.seq) << 32 | u128::from(payload)
    }

    fn push(&mut self, at_ns: u64, payload: u32) {
        let key = self.key(at_ns, payload);
        self.heap.push(Reverse(key));
    }
}

const fn due(key: u128) -> u64 {
    (key >> 64) as u64
}

const fn payload(key: u128) -> u32 {
    key as u32
}
