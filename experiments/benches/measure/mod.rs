//! What benches have in common: a system read from a file's text, and a clock beside it.
#![allow(dead_code, reason = "each bench takes what it needs")]

use brownout::runner::question::Questions;
use brownout::spec::{LoadOptions, load};
use brownout_core::random::Seed;
use brownout_topologies::graph::Graph;
use brownout_topologies::ledger::Plan;
use brownout_topologies::run::run;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

/// A system, and everything that `brownout run` would ask of it.
#[derive(Debug)]
pub(crate) struct System {
    pub(crate) graph: Graph,
    plan: Plan,
}

impl System {
    /// The one that a text describes.
    pub(crate) fn read(name: &str, text: &str) -> System {
        let read = |path: &str| Err(format!("there is no file {path}"));
        let options =
            LoadOptions { file_name: format!("{name}.ron"), sets: Vec::new(), read: &read };
        let experiment = load(text, &options).unwrap_or_else(|all| panic!("{}", all.render(false)));
        let plan = Questions::of(&experiment).plan(0);
        System { graph: experiment.variants[0].graph.clone(), plan }
    }

    /// A shipped one.
    pub(crate) fn shipped(name: &str) -> System {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("{name}.ron"));
        System::read(name, &std::fs::read_to_string(&path).expect("it ships"))
    }

    /// How long a run of it takes, and its effective events.
    pub(crate) fn timed(&self, seed: Seed) -> (Duration, u64) {
        let (took, finished) = timed(|| run(&self.graph, seed, &self.plan));
        (took, finished.unwrap_or_else(|error| panic!("{error}")).events())
    }
}

/// How long some work takes, and what comes of it.
#[expect(clippy::disallowed_methods, reason = "a bench has a clock; what it measures has none")]
pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let begun = Instant::now();
    let result = black_box(work());
    (begun.elapsed(), result)
}

/// The number of rounds on the command line, or so many.
pub(crate) fn rounds(usual: u32) -> u32 {
    std::env::args().find_map(|word| word.parse().ok()).unwrap_or(usual).max(1)
}

/// The least time of all rounds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Least {
    time: Duration,
    events: u64,
}

impl Least {
    /// Nothing yet.
    pub(crate) const NONE: Least = Least { time: Duration::MAX, events: 0 };

    /// One more round.
    pub(crate) fn add(&mut self, (time, events): (Duration, u64)) {
        *self = Least { time: time.min(self.time), events };
    }

    /// Effective events of each round.
    pub(crate) fn events(&self) -> u64 {
        self.events
    }

    /// Nanoseconds an event.
    pub(crate) fn per_event(&self) -> f64 {
        self.time.as_secs_f64() * 1e9 / self.events as f64
    }

    /// Nanoseconds for each event that a longer run has more than this one.
    pub(crate) fn marginal(&self, longer: &Least) -> f64 {
        let took = longer.time.as_secs_f64() - self.time.as_secs_f64();
        took * 1e9 / (longer.events - self.events) as f64
    }
}

/// The most memory that this process has had resident, in MiB, where the system says.
pub(crate) fn peak_mib() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kib: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib / 1024.0)
}
