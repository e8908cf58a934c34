//! The ledger: the only place where results are written.
//!
//! Nodes report rows and count nothing themselves. The ledger turns rows into books (is everything
//! accounted for), tallies and tracks (what was asked), a series (what happened when) and a digest.

mod account;
pub mod answer;
pub mod books;
mod deaths;
pub mod detail;
pub mod effect;
mod endpoints;
pub mod inlet;
mod journal;
pub mod log;
mod more;
pub mod pictures;
pub mod pool;
pub mod query;
mod record;
pub mod row;
pub mod series;
pub mod store;
pub mod tally;
pub mod tracks;
pub mod verdict;
mod watch;

pub use detail::{AtConnection, Detail, Maker};
pub use effect::AtEffect;
pub use inlet::AtInlet;
pub use log::Log;
pub use pool::AtPool;
pub use record::End;
pub use row::{Leaving, Nobody, Row, Sink, Standing};
pub use store::AtStore;

use crate::death::Death;
use crate::graph::{Graph, LoadId, ServiceId};
use account::Account;
use books::Books;
use brownout_core::Time;
use brownout_core::digest::{Digest, Entity};
use brownout_core::random::name_hash;
use deaths::Deaths;
use endpoints::AtSite;
use journal::Journal;
use pictures::Pictures;
use query::{Phase, Query, Target};
use series::Series;
use watch::Watches;

/// What a run is asked, known before it begins.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// The questions.
    pub queries: Vec<Query>,
    /// Whose series over time is kept.
    pub watch: Vec<Target>,
    /// What is kept for pictures alone.
    pub pictures: Pictures,
}

/// Whom a call is about: who is called, and the load if the caller is a user.
#[derive(Debug, Clone, Copy)]
pub struct Of {
    /// Who is called.
    pub target: ServiceId,
    /// The load, if the caller is a user.
    pub load: Option<LoadId>,
}

/// The ledger of one run.
pub struct Ledger {
    journal: Journal,
    services: Vec<Account>,
    /// Of services that have several.
    endpoints: Vec<Account>,
    /// What is written of each site; empty if no service has several endpoints and nobody asks.
    sites: Vec<AtSite>,
    loads: Vec<Account>,
    series: Series,
    watches: Watches,
    /// Faults that were broken off, and when.
    aborted: Vec<(u32, Time)>,
    /// Whether someone asked who the work was for.
    wants_waste: bool,
    /// Whether someone asked who it was for when it began.
    wants_dead: bool,
    /// Whether someone asked what was done for calls that were reported failed.
    wants_truth: bool,
    /// Where requests died, from the first moment to the last.
    deaths: Deaths,
    /// Whether someone asked where they were when their time was up.
    places_deaths: bool,
}

impl Ledger {
    /// An empty ledger that will be able to answer `plan`.
    pub fn new(graph: &Graph, plan: &Plan) -> Ledger {
        let named = |name: &str| Account::of(Entity::new(name_hash(name)));
        let mut ledger = Ledger {
            journal: Journal::default(),
            services: graph.services.iter().map(|service| named(&service.name)).collect(),
            endpoints: graph.endpoints().map(|_| Account::default()).collect(),
            sites: endpoints::of_sites(graph, plan),
            loads: graph.loads.iter().map(|load| named(&load.name)).collect(),
            series: Series::new(graph, plan),
            watches: Watches::default(),
            aborted: Vec::new(),
            wants_waste: false,
            wants_dead: false,
            wants_truth: false,
            deaths: Deaths::default(),
            places_deaths: false,
        };
        ledger.watch(graph);
        for query in &plan.queries {
            ledger.prepare(graph, query);
        }
        ledger.prepare_pictures(&plan.pictures);
        for target in ledger.series.targets() {
            ledger.account_mut(target).keep();
        }
        let Ledger { services, endpoints, loads, .. } = &mut ledger;
        services.iter_mut().chain(endpoints).chain(loads).for_each(Account::settle);
        ledger
    }

    /// Whether [`Row::WorkDone`] should say who the work was for.
    #[inline]
    pub fn wants_waste(&self) -> bool {
        self.wants_waste
    }

    /// Whether it should be known of work that nobody waited for it when it began.
    #[inline]
    pub fn wants_dead(&self) -> bool {
        self.wants_dead
    }

    /// Whether it should be known of calls that failed what was done for them.
    pub fn wants_truth(&self) -> bool {
        self.wants_truth
    }

    /// Whether anybody asks how long requests wait at a service.
    pub fn follows_waits(&self, service: ServiceId) -> bool {
        !self.services[service.index()].rest.inside[Phase::Wait as usize].is_empty()
    }

    /// Whether anybody asks how long requests stay at a service, or are waiting or served there.
    pub fn follows_inside(&self, service: ServiceId) -> bool {
        self.services[service.index()].rest.inside.iter().any(|tracks| !tracks.is_empty())
    }

    /// Whether a request whose time is up should be looked for.
    pub fn places_deaths(&self) -> bool {
        self.places_deaths
    }

    /// Where requests died and how, from the first moment to the last, with their number; in order
    /// of service.
    pub fn deaths(&self) -> Vec<(Death, u64)> {
        self.deaths.every()
    }

    /// A fault is broken off: for verdicts it ends here.
    pub fn abort(&mut self, fault: u32, at: Time) {
        self.aborted.push((fault, at));
    }

    /// Counts what waits to be counted: the run is over.
    pub fn close(&mut self) {
        let Ledger { services, endpoints, loads, .. } = self;
        services.iter_mut().chain(endpoints).chain(loads).for_each(Account::close);
    }

    /// The books.
    pub fn books(&self) -> &Books {
        &self.journal.books
    }

    /// The books, for the mutation that shows the check bites.
    pub fn books_mut(&mut self) -> &mut Books {
        &mut self.journal.books
    }

    /// The digest so far.
    pub fn digest(&self) -> Digest {
        self.journal.digest
    }

    /// Effective events so far.
    pub fn events(&self) -> u64 {
        self.journal.events
    }
}
