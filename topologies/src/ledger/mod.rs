//! The ledger: the only place where results are written.
//!
//! Nodes report rows and count nothing themselves. The ledger turns rows into books (is everything
//! accounted for), tallies and tracks (what was asked), a series (what happened when) and a digest.

pub mod answer;
pub mod books;
pub mod query;
pub mod row;
pub mod series;
pub mod tally;
pub mod tracks;
pub mod verdict;

pub use row::{Leaving, Row, Sink};

use crate::graph::{Graph, LoadId, ServiceId, SiteId};
use books::{Books, Entry};
use brownout_core::digest::Digest;
use brownout_core::random::name_hash;
use brownout_core::{Span, Time};
use brownout_policies::outcome::{Outcome, Seen};
use query::{Count, Level, Phase, Query, Target};
use series::Series;
use tally::Tally;
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
    /// The target of each site.
    targets: Vec<ServiceId>,
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
            targets: graph.sites.iter().map(|site| site.target).collect(),
            series: Series::new(graph, plan),
            wants_waste: false,
            sink: None,
        };
        for query in &plan.queries {
            ledger.prepare(graph, query);
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

    /// Writes a row.
    #[inline(always)]
    pub fn record(&mut self, at: Time, row: Row<'_>) {
        if let Some(sink) = &mut self.sink {
            sink.row(at, &row);
        }
        match row {
            Row::CallBegun { site, load, lineage } => self.call_begun(at, site, load, lineage),
            Row::AttemptSent { site, load, lineage, ordinal } => {
                self.attempt_sent(at, (site, load), lineage, ordinal);
            }
            Row::AttemptSettled { site, lineage, outcome } => {
                self.attempt_settled(at, site, lineage, outcome);
            }
            Row::AttemptGivenUp { site, outcome } => self.attempt_given_up(site, outcome),
            Row::LateAnswer { lineage, accepted } => {
                self.digest.row(at.nanos(), kind::LATE, lineage, u64::from(accepted));
            }
            Row::PolicyFired { .. } => self.events += 1,
            Row::CallEnded { site, load, lineage, intended, outcome } => {
                self.call_ended(at, (site, load), lineage, intended, outcome);
            }
            Row::CallAbandoned => self.books.count(Entry::CallsAbandoned),
            Row::Arrived { service } => {
                self.books.count(Entry::RequestsDelivered);
                self.services[service.index()].tally.count(Count::Arrived);
            }
            Row::DoorRefused { service, lineage } => {
                self.door(at, service, lineage, Entry::DoorRefused, Count::Refused);
            }
            Row::DoorFailed { service, lineage } => {
                self.door(at, service, lineage, Entry::DoorFailed, Count::Failed);
            }
            Row::DoorLost { service, lineage } => {
                self.door(at, service, lineage, Entry::DoorLost, Count::Lost);
            }
            Row::Entered { service, waits } => self.entered(at, service, waits),
            Row::Requeued { service } => {
                self.services[service.index()].tally.levels.up(Level::Queue, at);
            }
            Row::TookWorker { service, waited, first } => {
                self.took_worker(at, service, waited, first);
            }
            Row::FreedWorker { service } => {
                self.services[service.index()].tally.levels.down(Level::Busy, at);
            }
            Row::WorkDone { service, lineage, took, for_nobody } => {
                self.work_done(at, service, lineage, took, for_nobody);
            }
            Row::WorkStopped { service, took } => {
                let tally = &mut self.services[service.index()].tally;
                tally.worked_ns += took.nanos();
                tally.wasted_ns += took.nanos();
            }
            Row::Left { service, lineage, how, arrived, served, from_queue } => {
                self.left(at, service, lineage, how, (arrived, served, from_queue));
            }
            Row::EnvelopeSent => self.books.count(Entry::EnvelopesSent),
            Row::EnvelopeLost { envelope } => {
                self.books.count(Entry::EnvelopesLost);
                if let Some(service) = envelope.to.service() {
                    self.services[service.index()].tally.count(Count::Lost);
                }
                self.digest.row(at.nanos(), kind::LOST, envelope.lineage, 0);
            }
            Row::EnvelopeDelivered => self.books.count(Entry::EnvelopesDelivered),
        }
    }

    #[inline]
    fn call_begun(&mut self, at: Time, site: SiteId, load: Option<LoadId>, lineage: u64) {
        self.books.count(Entry::CallsBegun);
        self.services[self.targets[site.index()].index()].tally.offered += 1;
        if let Some(load) = load {
            self.books.count(Entry::RequestsBegun);
            self.events += 1;
            let account = &mut self.loads[load.index()];
            account.tally.offered += 1;
            account.tally.levels.up(Level::InSystem, at);
            self.digest.row(at.nanos(), kind::BEGUN ^ account.name, lineage, 0);
        }
    }

    #[inline]
    fn attempt_sent(
        &mut self,
        at: Time,
        (site, load): (SiteId, Option<LoadId>),
        lineage: u64,
        ordinal: u32,
    ) {
        self.books.count(Entry::AttemptsSent);
        if let Some(load) = load {
            self.loads[load.index()].tally.attempts += 1;
        }
        let account = &mut self.services[self.targets[site.index()].index()];
        account.tally.attempts += 1;
        if ordinal > 0 {
            let entity = kind::SENT ^ account.name;
            self.digest.row(at.nanos(), entity, lineage, u64::from(ordinal));
        }
    }

    #[inline]
    fn attempt_settled(&mut self, at: Time, site: SiteId, lineage: u64, outcome: Outcome) {
        self.books.count(settled_as(outcome));
        if !outcome.is_success() {
            let entity = kind::SETTLED ^ self.services[self.targets[site.index()].index()].name;
            self.digest.row(at.nanos(), entity, lineage, outcome_code(outcome));
        }
    }

    #[inline]
    fn attempt_given_up(&mut self, site: SiteId, outcome: Outcome) {
        self.books.count(settled_as(outcome));
        self.services[self.targets[site.index()].index()].tally.count(Count::TimedOut);
    }

    #[inline]
    fn call_ended(
        &mut self,
        at: Time,
        (site, load): (SiteId, Option<LoadId>),
        lineage: u64,
        intended: Time,
        outcome: Outcome,
    ) {
        self.books.count(Entry::CallsEnded);
        let good = outcome.is_success();
        let account = &mut self.services[self.targets[site.index()].index()];
        account.end_call(at, intended, good);
        let entity = kind::ENDED ^ account.name;
        self.digest.row(at.nanos(), entity, lineage, outcome_code(outcome));
        if let Some(load) = load {
            let entry = if good { Entry::RequestsAnswered } else { Entry::RequestsFailed };
            self.books.count(entry);
            let account = &mut self.loads[load.index()];
            account.tally.levels.down(Level::InSystem, at);
            account.end_call(at, intended, good);
        }
    }

    #[cold]
    fn door(&mut self, at: Time, service: ServiceId, lineage: u64, entry: Entry, count: Count) {
        self.books.count(entry);
        let account = &mut self.services[service.index()];
        account.tally.count(count);
        let entity = kind::DOOR ^ account.name;
        self.digest.row(at.nanos(), entity, lineage, count as u64);
    }

    #[inline]
    fn entered(&mut self, at: Time, service: ServiceId, waits: bool) {
        self.books.count(Entry::ActivationsStarted);
        let levels = &mut self.services[service.index()].tally.levels;
        levels.up(Level::InSystem, at);
        if waits {
            levels.up(Level::Queue, at);
        }
    }

    #[inline]
    fn took_worker(&mut self, at: Time, service: ServiceId, waited: bool, first: Option<Time>) {
        let account = &mut self.services[service.index()];
        if waited {
            account.tally.levels.down(Level::Queue, at);
        }
        account.tally.levels.up(Level::Busy, at);
        if let Some(arrived) = first {
            account.inside(Phase::Wait, arrived, at - arrived);
        }
    }

    #[inline]
    fn work_done(
        &mut self,
        at: Time,
        service: ServiceId,
        lineage: u64,
        took: Span,
        for_nobody: bool,
    ) {
        self.events += 1;
        let account = &mut self.services[service.index()];
        account.tally.worked_ns += took.nanos();
        if for_nobody {
            account.tally.wasted_ns += took.nanos();
        }
        self.digest.row(at.nanos(), kind::WORKED ^ account.name, lineage, 0);
    }

    #[inline]
    fn left(
        &mut self,
        at: Time,
        service: ServiceId,
        lineage: u64,
        how: Leaving,
        (arrived, served, from_queue): (Time, Span, bool),
    ) {
        let account = &mut self.services[service.index()];
        account.tally.levels.down(Level::InSystem, at);
        if from_queue {
            account.tally.levels.down(Level::Queue, at);
        }
        let (entry, count) = match how {
            Leaving::Finished => (Entry::ActivationsFinished, Count::Finished),
            Leaving::Failed => (Entry::ActivationsFinished, Count::Failed),
            Leaving::DependencyFailed => (Entry::ActivationsAborted, Count::Failed),
            Leaving::Shed => (Entry::ActivationsAborted, Count::Shed),
            Leaving::Cancelled => (Entry::ActivationsAborted, Count::Cancelled),
            Leaving::Crashed => (Entry::ActivationsLost, Count::Lost),
        };
        self.books.count(entry);
        account.tally.count(count);
        if how == Leaving::Finished {
            account.inside(Phase::Service, arrived, served);
            account.inside(Phase::Sojourn, arrived, at - arrived);
        } else {
            let entity = kind::LEFT ^ account.name;
            self.digest.row(at.nanos(), entity, lineage, how as u64);
        }
    }
}

impl Account {
    #[inline]
    fn end_call(&mut self, at: Time, intended: Time, good: bool) {
        if good {
            self.tally.good += 1;
        } else {
            self.tally.bad += 1;
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

/// Where the caller's book puts an attempt's outcome.
const fn settled_as(outcome: Outcome) -> Entry {
    match outcome.seen {
        Seen::Answered => Entry::AttemptsAnswered,
        Seen::Error(_) => Entry::AttemptsFailed,
        Seen::TimedOut => Entry::AttemptsTimedOut,
        Seen::Refused => Entry::AttemptsRefused,
        Seen::Reset => Entry::AttemptsReset,
        Seen::Abandoned => Entry::AttemptsAbandoned,
    }
}

/// An outcome as a small number for the digest.
const fn outcome_code(outcome: Outcome) -> u64 {
    let seen = match outcome.seen {
        Seen::Answered => 0,
        Seen::Error(kind) => 16 + kind as u64,
        Seen::TimedOut => 1,
        Seen::Refused => 2,
        Seen::Reset => 3,
        Seen::Abandoned => 4,
    };
    seen << 8 | outcome.done as u64
}

/// What the digest mixes into an entity's name to say what happened to it.
mod kind {
    pub(super) const BEGUN: u64 = 0x1B56_C4E9_0000_0001;
    pub(super) const SENT: u64 = 0x2B56_C4E9_0000_0002;
    pub(super) const SETTLED: u64 = 0x3B56_C4E9_0000_0003;
    pub(super) const LATE: u64 = 0x4B56_C4E9_0000_0004;
    pub(super) const ENDED: u64 = 0x5B56_C4E9_0000_0005;
    pub(super) const DOOR: u64 = 0x6B56_C4E9_0000_0006;
    pub(super) const WORKED: u64 = 0x7B56_C4E9_0000_0007;
    pub(super) const LEFT: u64 = 0x8B56_C4E9_0000_0008;
    pub(super) const LOST: u64 = 0x9B56_C4E9_0000_0009;
}
