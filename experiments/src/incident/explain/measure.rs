//! What is measured of a run to explain it: for each service, in cells of time.

use super::tally::{FURTHER_UP, LEFT, TIMED_OUT, Tally};
use crate::incident::by_lineage::ByLineage;
use crate::incident::heard::{AtDoor, Event, Hearing};
use brownout_core::random::Seed;
use brownout_core::{Span, Time};
use brownout_policies::breaker::State;
use brownout_policies::call::{Notice, Why};
use brownout_policies::outcome::Seen;
use brownout_policies::stack::{GateRule, Layer};
use brownout_topologies::effect::Truth;
use brownout_topologies::graph::{Caller, Graph, ServiceId, SiteId};
use brownout_topologies::ledger::query::{Callee, Metric, Query, Window};
use brownout_topologies::ledger::{AtConnection, AtEffect, Maker, Plan};
use brownout_topologies::run::{Finished, RunError, listen};

/// A run measured in cells.
#[derive(Debug, Clone)]
pub struct Measured {
    /// Where cells begin and end, in order; the first is 0, the last the end of the run.
    pub edges: Vec<Time>,
    /// By cell and service.
    pub cells: Vec<Vec<Tally>>,
    /// The same for what users see: by cell and service, calls by users only.
    pub users: Vec<Vec<Tally>>,
}

/// What is under way.
struct Meter<'g> {
    graph: &'g Graph,
    measured: Measured,
    cell: usize,
    /// Up to where levels are counted.
    until: Time,
    levels: Vec<(f64, f64)>,
    /// The site of each attempt that is out.
    attempts: ByLineage<SiteId>,
    /// Attempts that a service may have: tens of thousands where a queue grows without end.
    work: ByLineage<Work>,
    /// Who has a worker.
    seated: ByLineage<ServiceId>,
    /// Calls of users, to which service.
    users: ByLineage<ServiceId>,
}

/// What is known of an attempt that a service may have.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Work {
    /// Since when it waits; [`Time::MAX`] if it does not.
    since: Time,
    /// Where it waits.
    at: ServiceId,
    /// Whether it has come and has not had a worker.
    is_new: bool,
    /// Why nobody waits for it any more.
    vain: Option<u8>,
}

impl Default for Work {
    fn default() -> Work {
        Work { since: Time::MAX, at: ServiceId(0), is_new: false, vain: None }
    }
}

/// Runs `graph` and measures it between these moments, of which the first is 0 and the last the end
/// of the run; and asks it these questions.
///
/// # Errors
/// When the run has no result.
pub fn measure(
    graph: &Graph,
    seed: Seed,
    edges: &[Time],
    queries: Vec<Query>,
) -> Result<(Measured, Finished), RunError> {
    let blank = vec![vec![Tally::default(); graph.services.len()]; edges.len() - 1];
    let mut meter = Meter {
        graph,
        measured: Measured { edges: edges.to_vec(), cells: blank.clone(), users: blank },
        cell: 0,
        until: Time::ZERO,
        levels: vec![(0.0, 0.0); graph.services.len()],
        attempts: ByLineage::new(),
        work: ByLineage::new(),
        seated: ByLineage::new(),
        users: ByLineage::new(),
    };
    // Whether work is for nobody is only looked up if somebody asks.
    let window = Window { from: Time::ZERO, to: Time::ZERO + graph.time };
    let metric = Metric::Wasted(Callee::Service(ServiceId(0)));
    let mut plan = Plan { queries, ..Plan::default() };
    plan.queries.push(Query { metric, window });
    let mut hearing = Hearing(|at, event| meter.hear(at, event));
    let finished = listen(graph, seed, &plan, &mut hearing)?;
    meter.pass(Time::ZERO + graph.time);
    Ok((meter.measured, finished))
}

impl Meter<'_> {
    /// Time passes: levels are counted, and cells end.
    fn pass(&mut self, at: Time) {
        let last = self.measured.cells.len() - 1;
        loop {
            let end = self.measured.edges[self.cell + 1].min(at);
            let secs = end.since(self.until).as_secs();
            if secs > 0.0 {
                for (tally, (queue, busy)) in
                    self.measured.cells[self.cell].iter_mut().zip(&self.levels)
                {
                    tally.queue += queue * secs;
                    tally.busy += busy * secs;
                    tally.longest = tally.longest.max(*queue);
                }
                self.until = end;
            }
            if at < self.measured.edges[self.cell + 1] || self.cell == last {
                return;
            }
            self.cell += 1;
        }
    }

    fn of(&mut self, service: ServiceId) -> &mut Tally {
        &mut self.measured.cells[self.cell][service.index()]
    }

    fn target(&self, site: SiteId) -> ServiceId {
        self.graph.sites[site.index()].target
    }

    fn hear(&mut self, at: Time, event: Event) {
        self.pass(at);
        match event {
            Event::CallBegan { call, site, by, .. } => {
                let target = self.target(site);
                self.of(target).calls += 1.0;
                if let Maker::User(_) = by {
                    self.measured.users[self.cell][target.index()].calls += 1.0;
                    self.users.insert(call, target);
                }
            }
            Event::CallEnded { call, site, outcome, .. } => {
                let (target, good) = (self.target(site), f64::from(outcome.is_success()));
                let own = self.of(target);
                (own.ended, own.good) = (own.ended + 1.0, own.good + good);
                if self.users.remove(&call).is_some() {
                    let own = &mut self.measured.users[self.cell][target.index()];
                    (own.ended, own.good) = (own.ended + 1.0, own.good + good);
                }
            }
            Event::AttemptSent { call, attempt, site: Some(site), .. } => {
                let (target, again) = (self.target(site), f64::from(call != attempt));
                let own = self.of(target);
                (own.attempts, own.again) = (own.attempts + 1.0, own.again + again);
                self.attempts.insert(attempt, site);
            }
            Event::AttemptEnded { attempt, site, outcome, given_up } => {
                self.attempts.remove(&attempt);
                self.end_attempt(attempt, site, outcome.seen, given_up);
            }
            Event::Decided { site, layer, notice, .. } => self.decide(site, layer, notice),
            Event::TurnedAway { attempt, service, how } => {
                self.work.change(attempt, |work| (work.vain, work.is_new) = (None, false));
                let own = self.of(service);
                match how {
                    AtDoor::Failed => own.errors += 1.0,
                    AtDoor::Lost => own.lost += 1.0,
                    AtDoor::Refused | AtDoor::Limited | AtDoor::Shed => {}
                }
            }
            Event::AnswerLate { attempt, .. } => {
                self.work.change(attempt, |work| work.vain = None);
            }
            Event::Lost { attempt, .. } => {
                self.work.change(attempt, |work| work.vain = None);
                if let Some(&site) = self.attempts.get(&attempt) {
                    let target = self.target(site);
                    self.of(target).lost += 1.0;
                }
            }
            Event::Connection { site, what, .. } => self.hear_of_connection(at, site, what),
            Event::Effect { at: place, what: AtEffect::Done { again, .. }, .. } => {
                let own = self.of(place.service);
                (own.effects, own.duplicates) =
                    (own.effects + 1.0, own.duplicates + f64::from(again));
            }
            Event::Reported { site, truth, .. } => {
                let target = self.target(site);
                if let Caller::Load(_) = self.graph.sites[site.index()].caller {
                    let own = self.of(target);
                    own.told_failed += 1.0;
                    own.told_of_done += f64::from(truth == Truth::Done);
                }
            }
            other => self.hear_of_work(at, other),
        }
    }

    fn hear_of_connection(&mut self, at: Time, site: SiteId, what: AtConnection) {
        let target = self.target(site);
        let own = self.of(target);
        match what {
            AtConnection::Lent { since, is_dead } => {
                (own.lent, own.lent_dead) = (own.lent + 1.0, own.lent_dead + f64::from(is_dead));
                own.pool_waited += at.since(since).as_secs();
            }
            AtConnection::TurnedAway | AtConnection::NotOpened => own.unconnected += 1.0,
            AtConnection::GivenUp => own.sockets_given_up += 1.0,
            AtConnection::Waits { .. } => {}
        }
    }

    fn end_attempt(&mut self, attempt: u64, site: SiteId, seen: Seen, given_up: bool) {
        let target = self.target(site);
        if given_up {
            let cause = if seen == Seen::TimedOut { TIMED_OUT } else { LEFT };
            self.work.change(attempt, |work| work.vain = Some(cause as u8));
        }
        let own = self.of(target);
        match seen {
            Seen::Answered => own.answered += 1.0,
            Seen::TimedOut => own.timed_out += 1.0,
            Seen::Refused | Seen::Reset => own.refused += 1.0,
            Seen::Error(_) => own.errors += 1.0,
            Seen::Abandoned | Seen::Rejected | Seen::PoolTimeout => {}
        }
    }

    fn decide(&mut self, site: SiteId, layer: u16, notice: Notice) {
        let target = self.target(site);
        let stack = &self.graph.stacks[self.graph.sites[site.index()].stack.index()];
        let rule = stack.layers.get(usize::from(layer));
        let is_breaker = matches!(
            rule,
            Some(Layer::Gate(used)) if matches!(used.rule, GateRule::Breaker(_))
        );
        let own = self.of(target);
        match notice {
            Notice::Stops(Why::Budget { .. }) => own.unpaid += 1.0,
            Notice::TurnedAway(_) if is_breaker => own.broken += 1.0,
            Notice::Became(State::Open) => own.opened += 1.0,
            _ => {}
        }
    }

    fn hear_of_work(&mut self, at: Time, event: Event) {
        match event {
            Event::Arrived { attempt, .. } => {
                self.work.change(attempt, |work| work.is_new = true);
            }
            Event::Waits { work, at: place, at_gate: false } => {
                self.begin_waiting(work, place.service, at);
            }
            Event::Seated { work, at: place } => {
                if let Some(since) = self.stop_waiting(work) {
                    self.of(place.service).waited += at.since(since).as_secs();
                }
                let is_new = self.work.change(work, |work| std::mem::take(&mut work.is_new));
                let served = f64::from(is_new);
                let own = self.of(place.service);
                (own.seated, own.served) = (own.seated + 1.0, own.served + served);
                self.seated.insert(work, place.service);
                self.levels[place.service.index()].1 += 1.0;
            }
            Event::HandedOver { from, to, at: place } => {
                self.seated.remove(&from);
                self.stop_waiting(to);
                self.seated.insert(to, place.service);
            }
            Event::Rose { work, .. } => self.rise(work),
            Event::Interrupted { work, at: place } => {
                self.rise(work);
                self.begin_waiting(work, place.service, at);
            }
            Event::WorkEnded { work, service, took, for_nobody, .. } => {
                let cause = self.work.get(&work).and_then(|work| work.vain).map(usize::from);
                self.add_work(service, took, for_nobody || cause.is_some(), cause);
            }
            Event::Left { work, .. } => {
                self.stop_waiting(work);
                self.rise(work);
                self.work.remove(&work);
            }
            _ => {}
        }
    }

    fn add_work(&mut self, service: ServiceId, took: Span, in_vain: bool, cause: Option<usize>) {
        let own = self.of(service);
        (own.work, own.pieces) = (own.work + took.as_secs(), own.pieces + 1.0);
        if in_vain {
            own.vain[cause.unwrap_or(FURTHER_UP)] += took.as_secs();
        }
    }

    fn begin_waiting(&mut self, work: u64, service: ServiceId, now: Time) {
        self.work.change(work, |work| (work.at, work.since) = (service, now));
        self.levels[service.index()].0 += 1.0;
    }

    fn stop_waiting(&mut self, work: u64) -> Option<Time> {
        let (service, since) = self.work.change(work, |work| {
            (
                std::mem::replace(&mut work.at, ServiceId(0)),
                std::mem::replace(&mut work.since, Time::MAX),
            )
        });
        if since == Time::MAX {
            return None;
        }
        self.levels[service.index()].0 -= 1.0;
        Some(since)
    }

    fn rise(&mut self, work: u64) {
        if let Some(service) = self.seated.remove(&work) {
            self.levels[service.index()].1 -= 1.0;
        }
    }
}
