//! Answers: from what the ledger kept to the numbers that were asked for.

use super::account::Account;
use super::more::answer_more;
use super::query::{Level, Metric, MonitorStat, Phase, Query, Target, Value, Window};
use super::series::Totals;
use super::tally::{LEVELS, Tally};
use super::tracks::{Followed, Track};
use super::verdict::{Trigger, Verdict, judge};
use super::{Ledger, Of};
use crate::caller::OpenCall;
use crate::graph::{EndpointId, Graph, ServiceId};
use brownout_core::Time;
use std::borrow::Cow;

/// Every level, in the order of its number.
pub(super) const EVERY_LEVEL: [Level; LEVELS] = [Level::Queue, Level::InSystem, Level::Busy];

/// The difference of two totals, and the window between them.
pub(super) struct Change<'a> {
    from: Option<&'a Totals>,
    to: &'a Totals,
    window: Window,
}

impl Change<'_> {
    pub(super) fn of(&self, target: Target, field: impl Fn(&Tally) -> f64) -> f64 {
        let at = |totals: &Totals| totals.of(target).map_or(0.0, &field);
        at(self.to) - self.from.map_or(0.0, at)
    }

    pub(super) fn per_second(&self, target: Target, field: impl Fn(&Tally) -> f64) -> Value {
        Value::Is(self.of(target, field) / self.window.secs())
    }

    fn share(&self, target: Target, part: fn(&Tally) -> f64, all: fn(&Tally) -> f64) -> Value {
        ratio(self.of(target, part), self.of(target, all))
    }

    /// Share of the window's time, from a total of nanoseconds.
    pub(super) fn average(&self, target: Target, field: impl Fn(&Tally) -> f64) -> f64 {
        self.of(target, field) / self.window.to.since(self.window.from).nanos() as f64
    }

    pub(super) fn requests(&self) -> f64 {
        (self.to.requests() - self.from.map_or(0, Totals::requests)) as f64
    }
}

pub(super) fn ratio(part: f64, all: f64) -> Value {
    if all == 0.0 { Value::Nothing } else { Value::Is(part / all) }
}

impl Ledger {
    /// Makes sure that `query` can be answered at the end.
    pub(super) fn prepare(&mut self, graph: &Graph, query: &Query) {
        let Query { metric, window } = *query;
        match metric {
            Metric::Offered(target)
            | Metric::Throughput(target)
            | Metric::Goodput(target)
            | Metric::Errors(target)
            | Metric::TurnedAway(target)
            | Metric::Attempts(target)
            | Metric::CallAmplification(target)
            | Metric::Level(target, _) => self.series.need(target, window),
            Metric::Amplification(callee) | Metric::Rate(callee, _) => {
                self.series.need(callee.into(), window);
            }
            Metric::Wasted(callee) => {
                self.wants_waste = true;
                self.series.need(callee.into(), window);
            }
            Metric::Dead(callee) => {
                self.wants_dead = true;
                self.series.need(callee.into(), window);
            }
            Metric::Replicas(service) => self.series.need(Target::Service(service), window),
            Metric::Utilisation(service) => {
                self.series.need(Target::Service(service), window);
                if graph.services[service.index()].workers.is_none() {
                    self.services[service.index()].rest.tally.levels.keep_detail();
                }
            }
            Metric::Availability(target)
            | Metric::Latency(target, _)
            | Metric::LatencyAbove(target, _) => self.follow(target, Followed::Latency, window),
            Metric::Inside(callee, phase, _) | Metric::InsideAbove(callee, phase, _) => {
                self.follow(callee.into(), Followed::Inside(phase), window);
            }
            Metric::LevelMax(target, level) => {
                self.series.need(target, window);
                self.account_mut(target).rest.tally.levels.keep_max(level, window);
            }
            Metric::LevelVar(target, _)
            | Metric::LevelIs(target, _, _)
            | Metric::LevelAtLeast(target, _, _) => {
                self.series.need(target, window);
                self.account_mut(target).rest.tally.levels.keep_detail();
            }
            Metric::Tipped(target) | Metric::Stuck(target) | Metric::Recovery(target, _) => {
                self.series.watch(target);
            }
            Metric::Died(target, _) => {
                self.places_deaths = true;
                self.series.need(target, window);
                self.account_mut(target).rest.tally.keep_deaths();
            }
            Metric::Tallied(..)
            | Metric::TalliedPerRequest(..)
            | Metric::Lent(_)
            | Metric::PoolWait(..) => self.prepare_more(metric, window),
            Metric::Monitor(monitor, _) => self.prepare_monitor(monitor, window),
            Metric::Events => {
                if let Some(load) = graph.loads.first().and_then(|load| graph.load(&load.name)) {
                    self.series.need(Target::Load(load), window);
                }
            }
        }
    }

    pub(super) fn follow(&mut self, target: Target, followed: Followed, window: Window) {
        self.account_mut(target).keep();
        let account = self.account_mut(target);
        if account.tracks(followed).iter().all(|track| track.window != window) {
            account.follow(followed, Track::new(window));
        }
    }

    pub(super) fn account(&self, target: Target) -> &Account {
        match target {
            Target::Service(service) => &self.services[service.index()],
            Target::Endpoint(endpoint) => &self.endpoints[endpoint.index()],
            Target::Load(load) => &self.loads[load.index()],
        }
    }

    pub(super) fn account_mut(&mut self, target: Target) -> &mut Account {
        match target {
            Target::Service(service) => &mut self.services[service.index()],
            Target::Endpoint(endpoint) => &mut self.endpoints[endpoint.index()],
            Target::Load(load) => &mut self.loads[load.index()],
        }
    }

    /// A call that is still open at the end of the run.
    pub fn open_call(&mut self, call: OpenCall, end: Time) {
        let OpenCall { site, of: Of { target, load }, intended, deadline } = call;
        let (service, load) = (Some(Target::Service(target)), load.map(Target::Load));
        let endpoint = self.endpoint_of(site).map(Target::Endpoint);
        for target in [service, endpoint, load].into_iter().flatten() {
            for track in self.account_mut(target).tracks_mut(Followed::Latency) {
                track.still_open(intended, deadline <= end);
            }
        }
    }

    /// An activation that is still inside at the end of the run.
    pub fn open_activation(
        &mut self,
        service: ServiceId,
        endpoint: Option<EndpointId>,
        arrived: Time,
        waiting: bool,
    ) {
        self.each(service, endpoint, |account| {
            for phase in [Phase::Wait, Phase::Service, Phase::Sojourn] {
                if waiting || phase != Phase::Wait {
                    for track in &mut account.rest.inside[phase as usize] {
                        track.still_open(arrived, false);
                    }
                }
            }
        });
    }

    /// The answer to a question that was in the plan.
    pub fn answer(&self, graph: &Graph, triggers: &[Trigger], query: &Query) -> Value {
        let (window, triggers) = (query.window, &*self.shortened(triggers));
        match query.metric {
            Metric::Availability(target) => self
                .track(target, Followed::Latency, window)
                .map_or(Value::Nothing, Track::availability),
            Metric::Latency(target, stat) => self
                .track(target, Followed::Latency, window)
                .map_or(Value::Nothing, |track| track.stat(stat)),
            Metric::PoolWait(service, stat) => self
                .track(Target::Service(service), Followed::Pool, window)
                .map_or(Value::Nothing, |track| track.stat(stat)),
            Metric::LatencyAbove(target, bound) => self
                .track(target, Followed::Latency, window)
                .map_or(Value::Nothing, |track| track.above(bound)),
            Metric::Inside(callee, phase, stat) => self
                .track(callee.into(), Followed::Inside(phase), window)
                .map_or(Value::Nothing, |track| track.stat(stat)),
            Metric::InsideAbove(callee, phase, bound) => self
                .track(callee.into(), Followed::Inside(phase), window)
                .map_or(Value::Nothing, |track| track.above(bound)),
            Metric::Tipped(target) => {
                self.verdict(graph, triggers, target, |verdict| f64::from(u8::from(verdict.tipped)))
            }
            Metric::Stuck(target) => self
                .verdict(graph, triggers, target, |verdict| f64::from(u8::from(verdict.stuck()))),
            Metric::Recovery(target, fault) => {
                self.verdict(graph, triggers, target, |verdict| recovery(verdict, triggers, fault))
            }
            Metric::Monitor(monitor, stat) => {
                let begins = begins(triggers, stat);
                self.answer_monitor(monitor, stat, query, begins)
            }
            _ => self
                .change(window)
                .map_or(Value::Nothing, |change| self.answer_change(graph, query.metric, &change)),
        }
    }

    /// Answers that are differences of totals.
    fn answer_change(&self, graph: &Graph, metric: Metric, change: &Change<'_>) -> Value {
        let offered = |tally: &Tally| tally.often.offered as f64;
        let attempts = |tally: &Tally| tally.often.attempts as f64;
        let worked = |tally: &Tally| tally.often.worked_ns as f64;
        match metric {
            Metric::Offered(target) => change.per_second(target, offered),
            Metric::Throughput(target) => {
                change.per_second(target, |tally| (tally.good + tally.bad) as f64)
            }
            Metric::Goodput(target) => change.per_second(target, |tally| tally.good as f64),
            Metric::Errors(target) => change.per_second(target, |tally| tally.bad as f64),
            Metric::TurnedAway(target) => {
                change.per_second(target, |tally| tally.turned_away as f64)
            }
            Metric::Died(target, how) => {
                change.per_second(target, |tally| tally.deaths(how) as f64)
            }
            Metric::Tallied(..) | Metric::TalliedPerRequest(..) | Metric::Lent(_) => {
                answer_more(metric, change)
            }
            Metric::Attempts(target) => change.per_second(target, attempts),
            Metric::CallAmplification(target) => change.share(target, attempts, offered),
            Metric::Amplification(callee) => {
                ratio(change.of(callee.into(), attempts), change.requests())
            }
            Metric::Wasted(callee) => {
                change.share(callee.into(), |tally| tally.wasted_ns as f64, worked)
            }
            Metric::Dead(callee) => {
                change.share(callee.into(), |tally| tally.dead_ns as f64, worked)
            }
            Metric::Rate(callee, count) => {
                change.per_second(callee.into(), |tally| tally.counted(count) as f64)
            }
            Metric::Level(target, level) => {
                Value::Is(change.average(target, |tally| tally.levels.area(level) as f64))
            }
            Metric::LevelVar(target, level) => {
                let mean = change.average(target, |tally| tally.levels.area(level) as f64);
                let square = change.average(target, |tally| tally.levels.square(level) as f64);
                Value::Is(square - mean * mean)
            }
            Metric::LevelIs(target, level, k) => {
                Value::Is(change.average(target, |tally| tally.levels.at_exactly(level, k) as f64))
            }
            Metric::LevelAtLeast(target, level, k) => {
                let below = change.average(target, |tally| tally.levels.below(level, k) as f64);
                Value::Is(1.0 - below)
            }
            Metric::LevelMax(target, level) => self.level_max(target, level, change.window),
            Metric::Utilisation(service) => utilisation(graph, service, change),
            Metric::Replicas(service) => Value::Is(replicas(graph, service, change)),
            Metric::Events => Value::Is(events_per_second(change)),
            Metric::Availability(_)
            | Metric::Latency(..)
            | Metric::LatencyAbove(..)
            | Metric::Inside(..)
            | Metric::InsideAbove(..)
            | Metric::PoolWait(..)
            | Metric::Tipped(_)
            | Metric::Stuck(_)
            | Metric::Recovery(..)
            | Metric::Monitor(..) => unreachable!("answered from tracks and bins"),
        }
    }

    fn level_max(&self, target: Target, level: Level, window: Window) -> Value {
        let max = self.account(target).rest.tally.levels.max(level, window);
        max.map_or(Value::Nothing, |max| Value::Is(f64::from(max)))
    }

    /// The triggers, without what was broken off of them.
    fn shortened<'t>(&self, triggers: &'t [Trigger]) -> Cow<'t, [Trigger]> {
        let mut triggers = Cow::Borrowed(triggers);
        for &(fault, at) in &self.aborted {
            for trigger in triggers.to_mut().iter_mut().filter(|own| own.fault == Some(fault)) {
                (trigger.from, trigger.to) = (trigger.from.min(at), trigger.to.min(at));
            }
        }
        triggers
    }

    pub(super) fn track(
        &self,
        target: Target,
        followed: Followed,
        window: Window,
    ) -> Option<&Track> {
        let mut tracks = self.account(target).tracks(followed).iter();
        tracks.find(|track| track.window == window)
    }

    fn change(&self, window: Window) -> Option<Change<'_>> {
        let from = self.series.totals(window.from);
        let to = self.series.totals(window.to)?;
        (window.from == Time::ZERO || from.is_some()).then_some(Change { from, to, window })
    }

    fn verdict(
        &self,
        graph: &Graph,
        triggers: &[Trigger],
        target: Target,
        number: impl Fn(&Verdict) -> f64,
    ) -> Value {
        let Some(bins) = self.series.bins(target) else { return Value::Nothing };
        Value::Is(number(&judge(&graph.verdict, triggers, bins, self.series.width())))
    }
}

/// When what a monitor is to detect began.
fn begins(triggers: &[Trigger], stat: MonitorStat) -> impl Iterator<Item = Time> {
    let wanted = move |trigger: &&Trigger| match stat {
        MonitorStat::Detected(Some(fault)) => trigger.fault == Some(fault),
        MonitorStat::Detected(None) => true,
        MonitorStat::Fired | MonitorStat::Firing => false,
    };
    triggers.iter().filter(wanted).map(|trigger| trigger.from)
}

/// Seconds to recovery from one fault, or from the worst trigger; infinite when never.
fn recovery(verdict: &Verdict, triggers: &[Trigger], fault: Option<u32>) -> f64 {
    let ending = triggers.iter().filter(|trigger| trigger.to < Time::MAX);
    ending
        .zip(&verdict.recovery)
        .filter(|(trigger, _)| fault.is_none() || trigger.fault == fault)
        .map(|(_, recovery)| recovery.map_or(f64::INFINITY, |span| span.as_secs()))
        .fold(0.0, f64::max)
}

/// Replicas that take requests, on average.
fn replicas(graph: &Graph, service: ServiceId, change: &Change<'_>) -> f64 {
    let target = Target::Service(service);
    let absent = change.average(target, |tally| tally.levels.absent_area() as f64);
    f64::from(graph.services[service.index()].replicas) - absent
}

/// Effective events per second.
fn events_per_second(change: &Change<'_>) -> f64 {
    let before = change.from.map_or(0, |totals| totals.events);
    (change.to.events - before) as f64 / change.window.secs()
}

fn utilisation(graph: &Graph, service: ServiceId, change: &Change<'_>) -> Value {
    let (target, spec) = (Target::Service(service), &graph.services[service.index()]);
    match spec.workers {
        Some(workers) => {
            let busy = change.average(target, |tally| tally.levels.area(Level::Busy) as f64);
            ratio(busy, f64::from(workers) * replicas(graph, service, change))
        }
        None => {
            let idle = change.average(target, |tally| tally.levels.below(Level::Busy, 1) as f64);
            Value::Is(1.0 - idle)
        }
    }
}
