//! What happened when, over all replications: mean, least and most of every bin.

use brownout_core::{Span, Time};
use brownout_topologies::graph::Graph;
use brownout_topologies::ledger::Ledger;
use brownout_topologies::ledger::query::{Level, Target};
use brownout_topologies::ledger::series::{Bin, bin_width};

/// The bins of one target in one run.
pub type Bins = Vec<Bin>;

/// A quantity that has a value in every bin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    /// Calls begun, per second.
    Offered,
    /// Calls ended well, per second.
    Goodput,
    /// Calls ended badly, per second.
    Errors,
    /// Attempts sent, per second.
    Attempts,
    /// Attempts that wait, on average over the bin.
    Queue,
    /// Attempts inside, on average over the bin.
    InSystem,
    /// Workers taken, on average over the bin.
    Busy,
    /// Replicas that take requests, on average over the bin.
    Replicas,
    /// Calls that try again, at the end of the bin: one or more of their attempts have failed, and
    /// they are not over.
    Retrying,
    /// Share of the breakers before it that let nothing through, at the end of the bin.
    Open,
    /// Share of those that let a few calls through to see, at the end of the bin.
    HalfOpen,
}

/// Mean, least and most over replications.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Spread {
    /// Mean over replications.
    pub mean: f64,
    /// In the replication with the least.
    pub least: f64,
    /// In the replication with the most.
    pub most: f64,
}

/// The bins of every watched target, over the replications added so far.
#[derive(Debug, Default)]
pub struct History {
    width: Span,
    end: Span,
    runs: u64,
    targets: Vec<(Target, Vec<Cell>)>,
}

/// One bin of one target.
#[derive(Debug, Clone, Copy, Default)]
struct Cell([Range; QUANTITIES]);

#[derive(Debug, Clone, Copy, Default)]
struct Range {
    sum: f64,
    least: f64,
    most: f64,
}

const QUANTITIES: usize = 11;

impl Quantity {
    /// Every quantity, in the order of the columns of `series.csv`.
    pub const EVERY: [Quantity; QUANTITIES] = [
        Quantity::Offered,
        Quantity::Goodput,
        Quantity::Errors,
        Quantity::Attempts,
        Quantity::Queue,
        Quantity::InSystem,
        Quantity::Busy,
        Quantity::Replicas,
        Quantity::Retrying,
        Quantity::Open,
        Quantity::HalfOpen,
    ];

    /// Its name in files and in `Timeline(show: […])`.
    pub const fn name(self) -> &'static str {
        match self {
            Quantity::Offered => "offered",
            Quantity::Goodput => "goodput",
            Quantity::Errors => "errors",
            Quantity::Attempts => "attempts",
            Quantity::Queue => "queue",
            Quantity::InSystem => "in_system",
            Quantity::Busy => "busy",
            Quantity::Replicas => "replicas",
            Quantity::Retrying => "retrying",
            Quantity::Open => "open",
            Quantity::HalfOpen => "half_open",
        }
    }

    /// Whether it is counted per second; else it is a number of things.
    pub const fn is_rate(self) -> bool {
        match self {
            Quantity::Offered | Quantity::Goodput | Quantity::Errors | Quantity::Attempts => true,
            Quantity::Queue | Quantity::InSystem | Quantity::Busy | Quantity::Replicas => false,
            Quantity::Retrying | Quantity::Open | Quantity::HalfOpen => false,
        }
    }

    /// Its value in a bin that lasted `secs`.
    fn of(self, bin: &Bin, secs: f64) -> f64 {
        match self {
            Quantity::Offered => bin.offered as f64 / secs,
            Quantity::Goodput => bin.good as f64 / secs,
            Quantity::Errors => bin.bad as f64 / secs,
            Quantity::Attempts => bin.attempts as f64 / secs,
            Quantity::Queue => bin.levels[Level::Queue as usize],
            Quantity::InSystem => bin.levels[Level::InSystem as usize],
            Quantity::Busy => bin.levels[Level::Busy as usize],
            Quantity::Replicas => bin.replicas,
            Quantity::Retrying => f64::from(bin.seen.retrying),
            Quantity::Open => share(bin.seen.open, bin.seen.breakers),
            Quantity::HalfOpen => share(bin.seen.half_open, bin.seen.breakers),
        }
    }
}

fn share(part: u32, all: u32) -> f64 {
    if all == 0 { 0.0 } else { f64::from(part) / f64::from(all) }
}

/// The bins of `watched`, in that order.
pub fn bins(ledger: &Ledger, watched: &[Target]) -> Vec<Bins> {
    let of = |target: &Target| ledger.series().bins(*target).unwrap_or_default().to_vec();
    watched.iter().map(of).collect()
}

impl History {
    /// An empty history of runs of `graph`.
    pub fn new(graph: &Graph, watched: &[Target]) -> History {
        let targets = watched.iter().map(|target| (*target, Vec::new())).collect();
        History { width: bin_width(graph.time), end: graph.time, runs: 0, targets }
    }

    /// Adds one replication: the bins of every watched target.
    pub fn add(&mut self, run: &[Bins]) {
        self.runs += 1;
        let is_first = self.runs == 1;
        for (number, bins) in run.iter().enumerate() {
            for (place, bin) in bins.iter().enumerate() {
                let secs = self.secs(place);
                let cells = &mut self.targets[number].1;
                if cells.len() == place {
                    cells.push(Cell::default());
                }
                for (range, quantity) in cells[place].0.iter_mut().zip(Quantity::EVERY) {
                    range.add(quantity.of(bin, secs), is_first);
                }
            }
        }
    }

    /// Adds the replications of another history of the same system.
    pub(super) fn append(&mut self, more: &History) {
        let is_first = self.runs == 0;
        self.runs += more.runs;
        for ((_, own), (_, more)) in self.targets.iter_mut().zip(&more.targets) {
            own.resize(own.len().max(more.len()), Cell::default());
            for (own, more) in own.iter_mut().zip(more) {
                for (own, more) in own.0.iter_mut().zip(more.0) {
                    own.sum += more.sum;
                    own.least = if is_first { more.least } else { own.least.min(more.least) };
                    own.most = if is_first { more.most } else { own.most.max(more.most) };
                }
            }
        }
    }

    /// Every target there is, in the order of the watch list.
    pub fn targets(&self) -> impl Iterator<Item = Target> {
        self.targets.iter().map(|(target, _)| *target)
    }

    /// The quantity over time, as (start of the bin, spread). Empty for what is not watched.
    pub fn of(&self, target: Target, quantity: Quantity) -> Vec<(Time, Spread)> {
        let found = self.targets.iter().find(|(watched, _)| *watched == target);
        let cells = found.map_or(&[][..], |(_, cells)| cells);
        let spread = |(place, cell): (usize, &Cell)| {
            let Range { sum, least, most } = cell.0[quantity as usize];
            (self.start(place), Spread { mean: sum / self.runs as f64, least, most })
        };
        cells.iter().enumerate().map(spread).collect()
    }

    fn start(&self, place: usize) -> Time {
        Time::ZERO + self.width.saturating_mul(place as u64)
    }

    /// How long a bin lasts; the last one may be cut short.
    fn secs(&self, place: usize) -> f64 {
        let left = (Time::ZERO + self.end).since(self.start(place));
        self.width.min(left).as_secs()
    }
}

impl Range {
    fn add(&mut self, value: f64, is_first: bool) {
        self.sum += value;
        self.least = if is_first { value } else { self.least.min(value) };
        self.most = if is_first { value } else { self.most.max(value) };
    }
}
