//! What a run shows: its numbers before, during and after the trigger, and those of its control.

use super::measure::{Measured, measure};
use super::tally::Tally;
use super::{Finding, after, deeds, links, trigger};
use crate::runner::question::entries;
use brownout_core::random::Seed;
use brownout_core::{Span, Time};
use brownout_policies::stack::Layer;
use brownout_topologies::graph::{Graph, ServiceId};
use brownout_topologies::ledger::query::{Metric, Query, Target, Value, Window};
use brownout_topologies::ledger::verdict::{Trigger, triggers};
use brownout_topologies::run::{Finished, RunError};

/// A stretch of time, and what happened in it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Phase {
    /// Its length, in seconds; 0 if there is none.
    pub secs: f64,
    /// By service.
    pub services: Vec<Tally>,
    /// By service: calls by users only.
    pub users: Vec<Tally>,
}

/// How a run ended, as users saw it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ending {
    /// Whether goodput fell under the verdict's threshold.
    pub tipped: bool,
    /// Seconds from the trigger's end to lasting recovery, infinite when never; none if nothing
    /// had to recover.
    pub recovery: Option<f64>,
}

/// What a run shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence<'g> {
    /// The system.
    pub graph: &'g Graph,
    /// What is taken to have begun it; none if there is nothing out of the ordinary in the run.
    pub trigger: Option<Trigger>,
    /// The warm-up left out, until the trigger; if there is nothing before it, the control arm.
    pub before: Phase,
    /// Whether that is the control arm.
    pub is_before_the_control: bool,
    /// While it is at work.
    pub during: Phase,
    /// From some time after its end to the next one or the end of the run.
    pub after: Phase,
    /// When that begins.
    pub after_from: Time,
    /// From the trigger's begin to the end of the run.
    pub since: Phase,
    /// The control arm in that same time.
    pub control: Phase,
    /// How it ended.
    pub ending: Ending,
    /// How the control arm did.
    pub control_tipped: bool,
}

impl<'g> Evidence<'g> {
    /// Runs `graph` and its control arm.
    ///
    /// # Errors
    /// When a run has no result.
    pub fn of(graph: &'g Graph, seed: Seed) -> Result<Evidence<'g>, RunError> {
        let all = triggers(graph);
        let end = Time::ZERO + graph.time;
        let trigger = first_to_hurt(graph, seed, &all)?;
        let (from, to) = trigger.as_ref().map_or((end, end), |one| (one.from, one.to.min(end)));
        let next = all.iter().map(|one| one.from).filter(|from| *from >= to && to < end);
        let next = next.min().unwrap_or(end);
        // What is under way at the trigger's end is still of its time.
        let half = Span::from_secs(next.since(to).as_secs() / 2.0);
        let after_from = to.saturating_add(graph.verdict.after.min(half));
        let start = Time::ZERO + graph.warmup.min(from.since(Time::ZERO));
        let mut edges = vec![Time::ZERO, start, from, to, after_from, next, end];
        edges.sort_unstable();
        edges.dedup();
        let fault = trigger.as_ref().and_then(|one| one.fault);
        let (own, finished) = measure(graph, seed, &edges, questions(graph, fault))?;
        let calm = graph.calm();
        let (control, calm_run) = measure(&calm, seed, &edges, questions(&calm, None))?;
        let phase = |measured: &Measured, from, to| Phase::between(measured, from, to);
        let is_before_the_control = trigger.is_some() && start >= from;
        Ok(Evidence {
            before: match is_before_the_control {
                true => phase(&control, from, end),
                false => phase(&own, start, from),
            },
            is_before_the_control,
            during: phase(&own, from, to),
            after: phase(&own, after_from, next),
            since: phase(&own, from.min(end), end),
            control: phase(&control, from, end),
            ending: ending(graph, fault, &all, &finished),
            control_tipped: ending(graph, None, &all, &calm_run).tipped,
            graph,
            trigger,
            after_from,
        })
    }

    /// Everything that is to be found, in the order in which it is told.
    pub fn findings(&self) -> Vec<Finding> {
        let mut findings = vec![after::verdict(self)];
        findings.extend(trigger::trigger(self));
        for service in self.in_order() {
            findings.extend(links::chain(self, service));
        }
        for service in self.in_order() {
            findings.extend(after::kept_down(self, service));
        }
        findings.extend(after::control(self));
        findings.extend(self.in_order().into_iter().filter_map(|one| after::work(self, one)));
        findings.extend(self.in_order().into_iter().filter_map(|one| deeds::done(self, one)));
        findings.extend(self.in_order().into_iter().filter_map(|one| deeds::told(self, one)));
        findings
    }

    /// Services in the order of a cascade: those struck, then those who call them, and so on; then
    /// the rest.
    pub fn in_order(&self) -> Vec<usize> {
        let mut order = self.struck();
        let mut next = 0;
        while let Some(&service) = order.get(next) {
            next += 1;
            for site in &self.graph.sites {
                if let brownout_topologies::graph::Caller::Service(caller) = site.caller
                    && site.target.index() == service
                    && !order.contains(&caller.index())
                {
                    order.push(caller.index());
                }
            }
        }
        let rest = 0..self.graph.services.len();
        order.extend(rest.filter(|one| !order.contains(one)).collect::<Vec<usize>>());
        order
    }

    /// The services that the trigger is about: of a load, those that users call.
    pub fn struck(&self) -> Vec<usize> {
        let Some(trigger) = &self.trigger else { return Vec::new() };
        let mut struck: Vec<usize> = match trigger.fault {
            Some(fault) => {
                self.graph.faults[fault as usize].services().map(ServiceId::index).collect()
            }
            None => {
                let deployed = (0..self.graph.services.len())
                    .filter(|one| trigger.name == format!("deploy of {}", self.name(*one)));
                deployed.collect()
            }
        };
        if struck.is_empty() {
            struck = self.entrances();
        }
        struck.sort_unstable();
        struck.dedup();
        struck
    }

    /// The services that users call.
    pub fn entrances(&self) -> Vec<usize> {
        let loads = self.graph.loads.iter().flat_map(|load| load.sites());
        let mut all: Vec<usize> =
            loads.map(|(site, _)| self.graph.sites[site.index()].target.index()).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The name of a service.
    pub fn name(&self, service: usize) -> &'g str {
        &self.graph.services[service].name
    }

    /// Workers of all replicas of a service; none if they are unlimited.
    pub fn workers(&self, service: usize) -> Option<f64> {
        let service = &self.graph.services[service];
        Some(f64::from(service.workers?) * f64::from(service.replicas))
    }

    /// Pieces of work that an attempt takes, of those that got a worker before the trigger.
    fn pieces(&self, service: usize) -> f64 {
        ratio(self.before.services[service].pieces, self.before.services[service].served)
    }

    /// What so many attempts of a phase ask for, as a share of the service's workers.
    pub fn asked(&self, phase: &Phase, service: usize, attempts: f64) -> Option<f64> {
        let own = &phase.services[service];
        let piece = ratio(own.work, own.pieces);
        let asked = attempts / phase.secs * self.pieces(service) * piece / self.workers(service)?;
        (phase.secs > 0.0 && asked.is_finite()).then_some(asked)
    }

    /// The shortest timeout that a caller of a service puts on an attempt, in seconds, of those
    /// that are the same every time.
    pub fn shortest_timeout(&self, service: usize) -> Option<f64> {
        let sites = self.graph.sites.iter().filter(|site| site.target.index() == service);
        let layers = sites.flat_map(|site| &self.graph.stacks[site.stack.index()].layers);
        let timeouts = layers.filter_map(|layer| match layer {
            Layer::Timeout(timeout) => timeout.longest().map(Span::as_secs),
            _ => None,
        });
        timeouts.min_by(f64::total_cmp)
    }
}

impl Phase {
    fn between(measured: &Measured, from: Time, to: Time) -> Phase {
        let services = measured.cells.first().map_or(0, Vec::len);
        let blank = vec![Tally::default(); services];
        let (mut all, mut users) = (blank.clone(), blank);
        for (place, edges) in measured.edges.windows(2).enumerate() {
            if edges[0] < from || edges[1] > to {
                continue;
            }
            for (sum, own) in all.iter_mut().zip(&measured.cells[place]) {
                *sum = sum.and(own);
            }
            for (sum, own) in users.iter_mut().zip(&measured.users[place]) {
                *sum = sum.and(own);
            }
        }
        Phase { secs: to.since(from).as_secs(), services: all, users }
    }

    /// All services' users together.
    pub fn all_users(&self) -> Tally {
        self.users.iter().fold(Tally::default(), |sum, own| sum.and(own))
    }
}

/// `part` of `whole`; nothing of nothing.
pub fn ratio(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

/// What users' services are asked: whether it tipped, and whether it recovered from a fault.
fn questions(graph: &Graph, fault: Option<u32>) -> Vec<Query> {
    let window = Window { from: Time::ZERO, to: Time::ZERO + graph.time };
    let metrics = entries(graph)
        .into_iter()
        .flat_map(|target: Target| [Metric::Tipped(target), Metric::Recovery(target, fault)]);
    metrics.map(|metric| Query { metric, window }).collect()
}

/// The worst of all that users call.
fn ending(graph: &Graph, fault: Option<u32>, triggers: &[Trigger], finished: &Finished) -> Ending {
    let mut ending = Ending { tipped: false, recovery: None };
    for query in questions(graph, fault) {
        let value = match finished.answer_beside(graph, triggers, &query) {
            Value::Is(value) | Value::MoreThan(value) => value,
            Value::Nothing => continue,
        };
        match query.metric {
            Metric::Tipped(_) => ending.tipped |= value == 1.0,
            _ => ending.recovery = Some(ending.recovery.unwrap_or(0.0).max(value)),
        }
    }
    ending
}

/// The first trigger with which users fare under the verdict's threshold; if with none of them, the
/// first.
fn first_to_hurt(
    graph: &Graph,
    seed: Seed,
    triggers: &[Trigger],
) -> Result<Option<Trigger>, RunError> {
    let end = Time::ZERO + graph.time;
    let mut inside: Vec<&Trigger> = triggers.iter().filter(|one| one.from < end).collect();
    inside.sort_by_key(|one| one.from);
    if inside.len() < 2 {
        return Ok(inside.first().map(|one| (*one).clone()));
    }
    let mut edges = vec![Time::ZERO, end];
    let ends = |one: &Trigger| one.to.saturating_add(graph.verdict.after).min(end);
    for trigger in &inside {
        edges.extend([trigger.from, ends(trigger)]);
    }
    edges.sort_unstable();
    edges.dedup();
    let (measured, _) = measure(graph, seed, &edges, Vec::new())?;
    let hurts = |trigger: &&&Trigger| {
        let users = Phase::between(&measured, trigger.from, ends(trigger)).all_users();
        users.calls > 0.0 && users.good < graph.verdict.tipped_below * users.calls
    };
    let first = inside.iter().find(hurts).or(inside.first());
    Ok(first.map(|one| (**one).clone()))
}
