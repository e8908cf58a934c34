//! The ledger: the only place where results are written.
//!
//! Nodes report rows and count nothing themselves. The ledger turns rows into books (is everything
//! accounted for), tallies and tracks (what was asked), a series (what happened when) and a digest.

pub mod answer;
pub mod books;
pub mod query;
mod record;
pub mod row;
pub mod series;
pub mod tally;
pub mod tracks;
pub mod verdict;

pub use row::{Leaving, Row, Sink};

use crate::graph::Graph;
use books::Books;
use brownout_core::digest::Digest;
use brownout_core::random::name_hash;
use brownout_core::{Span, Time};
use query::{Phase, Query, Target};
use series::Series;
use tally::{Tally, one_more};
use tracks::{Followed, Track};

/// What a run is asked, known before it begins.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// The questions.
    pub queries: Vec<Query>,
    /// Whose series over time is kept.
    pub watch: Vec<Target>,
}

/// Everything that is known about one target.
#[derive(Debug, Default)]
struct Account {
    /// What the digest calls it.
    name: u64,
    /// Whether anyone asked about it: nothing is kept of the others.
    kept: bool,
    tally: Tally,
    /// Latencies of calls.
    latencies: Vec<Track>,
    /// Stretches of activations, by [`Phase`].
    inside: [Vec<Track>; 3],
}

/// The ledger of one run.
pub struct Ledger {
    books: Books,
    digest: Digest,
    /// Effective events: arrivals, pieces of work done, policy timers that changed something.
    events: u64,
    services: Vec<Account>,
    loads: Vec<Account>,
    series: Series,
    /// Whether someone asked who the work was for.
    wants_waste: bool,
    sink: Option<Box<dyn Sink>>,
}

impl Ledger {
    /// An empty ledger that will be able to answer `plan`.
    pub fn new(graph: &Graph, plan: &Plan) -> Ledger {
        let named = |name: &str| Account { name: name_hash(name), ..Account::default() };
        let mut ledger = Ledger {
            books: Books::default(),
            digest: Digest::default(),
            events: 0,
            services: graph.services.iter().map(|service| named(&service.name)).collect(),
            loads: graph.loads.iter().map(|load| named(&load.name)).collect(),
            series: Series::new(graph, plan),
            wants_waste: false,
            sink: None,
        };
        for query in &plan.queries {
            ledger.prepare(graph, query);
        }
        for target in ledger.series.targets() {
            ledger.account_mut(target).kept = true;
        }
        ledger
    }

    /// Lets something else listen too.
    pub fn listen(&mut self, sink: Box<dyn Sink>) {
        self.sink = Some(sink);
    }

    /// Whether [`Row::WorkDone`] should say who the work was for.
    #[inline]
    pub fn wants_waste(&self) -> bool {
        self.wants_waste
    }

    /// The books.
    pub fn books(&self) -> &Books {
        &self.books
    }

    /// The books, for the mutation that shows the check bites.
    pub fn books_mut(&mut self) -> &mut Books {
        &mut self.books
    }

    /// The digest so far.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Effective events so far.
    pub fn events(&self) -> u64 {
        self.events
    }
}

impl Account {
    #[inline]
    fn end_call(&mut self, at: Time, intended: Time, good: bool) {
        if good {
            one_more(&mut self.tally.good);
        } else {
            one_more(&mut self.tally.bad);
        }
        for track in &mut self.latencies {
            if good {
                track.time(intended, at - intended);
            } else {
                track.failure(intended);
            }
        }
    }

    #[inline]
    fn inside(&mut self, phase: Phase, arrived: Time, time: Span) {
        for track in &mut self.inside[phase as usize] {
            track.time(arrived, time);
        }
    }

    /// The tracks that follow the same thing.
    fn tracks(&self, followed: Followed) -> &Vec<Track> {
        match followed {
            Followed::Latency => &self.latencies,
            Followed::Inside(phase) => &self.inside[phase as usize],
        }
    }

    fn tracks_mut(&mut self, followed: Followed) -> &mut Vec<Track> {
        match followed {
            Followed::Latency => &mut self.latencies,
            Followed::Inside(phase) => &mut self.inside[phase as usize],
        }
    }
}
