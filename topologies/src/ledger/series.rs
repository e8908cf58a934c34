//! What happened when: bins of equal width for those who are watched, and totals at window edges.
//!
//! Both are read off the running totals at known moments, so they cost nothing per event, and
//! there are at most [`BINS_MAX`] bins however long the run.

use super::pictures::Seen;
use super::query::{Target, Window};
use super::tally::{LEVELS, Tally};
use super::{Ledger, Plan};
use crate::graph::{EndpointId, Graph, LoadId, ServiceId};
use brownout_core::{Span, Time};
use std::collections::{BTreeMap, BTreeSet};

/// The most bins a run is cut into; their width doubles until this is enough.
pub const BINS_MAX: u64 = 4_096;

/// One bin of one target.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Bin {
    /// Calls begun.
    pub offered: u64,
    /// Calls ended well.
    pub good: u64,
    /// Calls ended badly.
    pub bad: u64,
    /// Attempts sent.
    pub attempts: u64,
    /// Time averages by [`super::query::Level`].
    pub levels: [f64; LEVELS],
    /// Replicas that take requests, on average; of an endpoint or a load none.
    pub replicas: f64,
    /// How it stood at the end of the bin, if somebody looked.
    pub seen: Seen,
}

/// The series and the totals at window edges.
#[derive(Debug)]
pub struct Series {
    end: Time,
    width: Span,
    /// Of each service, as the graph says.
    replicas: Vec<u32>,
    watched: Vec<Watched>,
    /// Window edges still to come, and those that were passed with their totals.
    edges: BTreeSet<Time>,
    passed: BTreeMap<Time, Totals>,
    /// Services and endpoints whose totals are kept at edges.
    needed: BTreeSet<ServiceId>,
    needed_endpoints: BTreeSet<EndpointId>,
    /// Loads that were asked about. Totals of all of them are kept: requests are counted there.
    needed_loads: BTreeSet<LoadId>,
    next_bin: Time,
    /// Whether somebody is to look at the end of each bin, and whether that is now.
    looks: bool,
    is_bin_new: bool,
}

#[derive(Debug)]
struct Watched {
    target: Target,
    /// Of a service, as the graph says.
    replicas: u32,
    bins: Vec<Bin>,
    /// Totals at the end of the last bin.
    last: Tally,
}

/// Totals at one moment.
#[derive(Debug, Default)]
pub(super) struct Totals {
    pub(super) events: u64,
    loads: Vec<Tally>,
    services: BTreeMap<ServiceId, Tally>,
    endpoints: BTreeMap<EndpointId, Tally>,
}

impl Totals {
    pub(super) fn of(&self, target: Target) -> Option<&Tally> {
        match target {
            Target::Service(service) => self.services.get(&service),
            Target::Endpoint(endpoint) => self.endpoints.get(&endpoint),
            Target::Load(load) => self.loads.get(load.index()),
        }
    }

    pub(super) fn requests(&self) -> u64 {
        self.loads.iter().map(|load| load.often.offered).sum()
    }
}

/// The width of the bins of a run of this length: a second where that makes sense.
pub fn bin_width(time: Span) -> Span {
    const SECOND: u64 = 1_000_000_000;
    let mut width = match time.nanos() {
        n if n >= 60 * SECOND => SECOND,
        n if n >= 6 * SECOND => SECOND / 10,
        n if n >= SECOND * 6 / 10 => SECOND / 100,
        n => (n / 60).max(1),
    };
    while time.nanos().div_ceil(width) > BINS_MAX {
        width *= 2;
    }
    Span::from_nanos(width)
}

impl Series {
    pub(super) fn new(graph: &Graph, plan: &Plan) -> Series {
        let width = bin_width(graph.time);
        let mut series = Series {
            end: Time::ZERO + graph.time,
            width,
            watched: Vec::new(),
            edges: BTreeSet::new(),
            passed: BTreeMap::new(),
            needed: BTreeSet::new(),
            needed_endpoints: BTreeSet::new(),
            needed_loads: BTreeSet::new(),
            next_bin: Time::ZERO + width,
            looks: plan.pictures.looks,
            is_bin_new: false,
            replicas: graph.services.iter().map(|service| service.replicas).collect(),
        };
        for &target in &plan.watch {
            series.watch(target);
        }
        series
    }

    pub(super) fn watch(&mut self, target: Target) {
        if self.watched.iter().all(|watched| watched.target != target) {
            let number = self.end.nanos().div_ceil(self.width.nanos());
            let bins = Vec::with_capacity(number as usize);
            let replicas = match target {
                Target::Service(service) => self.replicas[service.index()],
                Target::Endpoint(_) | Target::Load(_) => 0,
            };
            self.watched.push(Watched { target, replicas, bins, last: Tally::default() });
        }
    }

    pub(super) fn need(&mut self, target: Target, window: Window) {
        self.edges.insert(window.from);
        self.edges.insert(window.to);
        match target {
            Target::Service(service) => self.needed.insert(service),
            Target::Endpoint(endpoint) => self.needed_endpoints.insert(endpoint),
            Target::Load(load) => self.needed_loads.insert(load),
        };
    }

    /// Whose series or totals are kept.
    pub(super) fn targets(&self) -> Vec<Target> {
        let watched = self.watched.iter().map(|watched| watched.target);
        let needed = self.needed.iter().map(|&service| Target::Service(service));
        let endpoints = self.needed_endpoints.iter().map(|&id| Target::Endpoint(id));
        let loads = self.needed_loads.iter().map(|&load| Target::Load(load));
        watched.chain(needed).chain(endpoints).chain(loads).collect()
    }

    /// When the run ends.
    pub fn end(&self) -> Time {
        self.end
    }

    /// The width of a bin.
    pub fn width(&self) -> Span {
        self.width
    }

    /// The bins of a watched target, from time zero; the last may be cut short by the end.
    pub fn bins(&self, target: Target) -> Option<&[Bin]> {
        let watched = self.watched.iter().find(|watched| watched.target == target)?;
        Some(&watched.bins)
    }

    pub(super) fn totals(&self, at: Time) -> Option<&Totals> {
        self.passed.get(&at)
    }

    /// When totals have to be read next, after `now`; never past the end.
    fn next(&self, now: Time) -> Option<Time> {
        let edge = self.edges.iter().copied().find(|&edge| edge > now && edge <= self.end);
        let bin =
            (!self.watched.is_empty() && now < self.end).then_some(self.next_bin.min(self.end));
        edge.into_iter().chain(bin).min()
    }
}

impl Ledger {
    /// Reads the totals where `now` is an edge, and says when to do so next.
    pub fn sample(&mut self, now: Time) -> Option<Time> {
        if self.series.edges.contains(&now) {
            self.read_totals(now);
        }
        if now == self.series.next_bin.min(self.series.end) {
            self.close_bins(now);
            self.series.next_bin = now + self.series.width;
        }
        let scrape = self.scrape(now).filter(|at| *at <= self.series.end);
        self.series.next(now).into_iter().chain(scrape).min()
    }

    fn read_totals(&mut self, now: Time) {
        let mut totals = Totals { events: self.journal.events, ..Totals::default() };
        for account in &mut self.loads {
            let tally = account.tally();
            tally.levels.advance(now);
            tally.levels.begin_maxima(now);
            totals.loads.push(tally.clone());
        }
        for &service in &self.series.needed {
            let tally = self.services[service.index()].tally();
            tally.levels.advance(now);
            tally.levels.begin_maxima(now);
            totals.services.insert(service, tally.clone());
        }
        for &endpoint in &self.series.needed_endpoints {
            let tally = self.endpoints[endpoint.index()].tally();
            tally.levels.advance(now);
            tally.levels.begin_maxima(now);
            totals.endpoints.insert(endpoint, tally.clone());
        }
        self.series.passed.insert(now, totals);
    }

    fn close_bins(&mut self, now: Time) {
        let begun = Time::from_nanos(
            (now.nanos() - 1) / self.series.width.nanos() * self.series.width.nanos(),
        );
        let lasted = (now - begun).nanos() as f64;
        for watched in &mut self.series.watched {
            let tally = match watched.target {
                Target::Service(service) => self.services[service.index()].tally(),
                Target::Endpoint(endpoint) => self.endpoints[endpoint.index()].tally(),
                Target::Load(load) => self.loads[load.index()].tally(),
            };
            tally.levels.advance(now);
            let last = &watched.last;
            let average =
                |level| (tally.levels.area(level) - last.levels.area(level)) as f64 / lasted;
            let absent = tally.levels.absent_area() - last.levels.absent_area();
            watched.bins.push(Bin {
                offered: tally.often.offered - last.often.offered,
                good: tally.good - last.good,
                bad: tally.bad - last.bad,
                attempts: tally.often.attempts - last.often.attempts,
                levels: super::answer::EVERY_LEVEL.map(average),
                replicas: f64::from(watched.replicas) - absent as f64 / lasted,
                seen: Seen::default(),
            });
            watched.last = tally.clone();
        }
        self.series.is_bin_new = true;
    }

    /// Whether somebody looks at how the services stand.
    pub fn looks(&self) -> bool {
        self.series.looks
    }

    /// Whether somebody is to look now at how the services stand; says so once.
    pub fn is_to_look(&mut self) -> bool {
        self.series.looks && std::mem::take(&mut self.series.is_bin_new)
    }

    /// How each service stands at the end of the bins that have just been closed.
    pub fn look(&mut self, seen: &[Seen]) {
        for watched in &mut self.series.watched {
            if let (Target::Service(service), Some(bin)) = (watched.target, watched.bins.last_mut())
            {
                bin.seen = seen[service.index()];
            }
        }
    }

    /// The series.
    pub fn series(&self) -> &Series {
        &self.series
    }
}
