//! Workload W2 in other people's simulators, with Brownout's draws: a check of its counts from
//! outside, and a measure of its speed.
//!
//! client → A → B → C, with a timeout and retries at the client and an outage at C. What a request
//! and a worker do is written once, in [`users`] and [`station`], from the words of the workload
//! and without Brownout's engine, policies or services; [`in_nexosim`], [`in_descartes`] and
//! [`in_simcore`] put it under these simulators' clocks and ports. From Brownout come only the
//! draws, [`Span`]'s rounding and the names of lineages: equal luck is the point.
//!
//! [`Span`]: brownout_core::Span

pub mod in_brownout;
pub mod in_descartes;
pub mod in_nexosim;
pub mod in_simcore;
pub mod station;
pub mod users;

use brownout_core::random::Seed;
use std::ops::Range;

/// How deep the chain of services is.
pub const DEPTH: usize = 3;
/// Requests per second.
pub const RATE_PER_S: f64 = 700.0;
/// Mean work at each service, ns.
pub const WORK_NS: f64 = 1e7;
/// Workers of each service.
pub const WORKERS: u32 = 10;
/// The client's timeout, per attempt.
pub const TIMEOUT_NS: u64 = 500_000_000;
/// Retries at most.
pub const RETRIES: u32 = 3;
/// The first wait before jitter, and the longest.
pub const WAIT_NS: Range<u64> = 100_000_000..10_000_000_000;
/// While C refuses.
pub const OUTAGE_NS: Range<u64> = 20_000_000_000..30_000_000_000;
/// The last nanosecond that is simulated: the run ends at 60 s, and what is due then is not done.
pub const LAST_NS: u64 = 60_000_000_000 - 1;

/// What a run is a function of.
#[derive(Debug, Clone)]
pub struct Draw {
    /// The seed of the run.
    pub seed: Seed,
    /// Under what names it draws.
    pub names: Names,
}

/// The names that streams of draws are called by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    /// The load's.
    pub load: String,
    /// That of the place from which the load calls.
    pub site: String,
    /// The services', in the order of the chain.
    pub services: [String; DEPTH],
}

/// What a run counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Client arrivals, pieces of work done, timeouts and retries that fired.
    pub events: u64,
    /// Requests begun.
    pub requests: u64,
    /// Attempts sent by the client.
    pub attempts: u64,
    /// Requests answered in time.
    pub successes: u64,
    /// Timeouts that fired.
    pub timeouts: u64,
    /// Sum of the latencies of answered requests, ns.
    pub latency_ns: u128,
}
