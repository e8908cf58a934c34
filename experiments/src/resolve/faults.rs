//! Faults with their victims looked up.

use super::loads::unused;
use super::sites::Sites;
use crate::spec::document::System;
use crate::spec::fault::{Direction, FaultSpec, HarmSpec, PartSpec, Times, WhenSpec, Whom};
use crate::spec::named::Named;
use crate::spec::path::default_name;
use crate::spec::problem::{Cx, Place, Problem, did_you_mean};
use crate::spec::values::check_name;
use brownout_core::{Span, Time};
use brownout_topologies::fault::{
    CapacityOf, ConfigChange, Fault, FaultKind, Harm, LinkFault, LinkPart, Part, Replicas, When,
};
use brownout_topologies::graph::{Arrivals, Curve, Load, LoadId, ServiceId};
use std::collections::BTreeSet;

/// What the names in faults can mean.
pub(crate) struct Victims<'v> {
    pub(crate) system: &'v System,
    /// Resolved, in the order of the file.
    pub(crate) loads: &'v [Load],
    pub(crate) sites: &'v Sites<'v>,
    /// Every zone that anything is in, in order of name.
    pub(crate) zones: &'v [String],
    /// How long the run is.
    pub(crate) time: Span,
}

impl Victims<'_> {
    /// The faults in the order of the file.
    pub(crate) fn faults(&self, cx: &mut Cx) -> Vec<Fault> {
        let faults = &self.system.faults;
        let mut taken: BTreeSet<String> = BTreeSet::new();
        for name in faults.iter().filter_map(|fault| fault.name.as_ref()) {
            if check_name(&name.text, name.place, "fault", cx) && !taken.insert(name.text.clone()) {
                let message = format!("two faults are called `{}`", name.text);
                cx.push(Problem::error(name.place, message).label("give this one another name"));
            }
        }
        let mut resolved = Vec::with_capacity(faults.len());
        for spec in faults {
            let name = match &spec.name {
                Some(name) => name.text.clone(),
                None => unused(&default_name(spec.kind_name, &spec.harm.victim()), &mut taken),
            };
            self.check_time(&spec.when, cx);
            let when = match &spec.when.times {
                Times::Planned(schedule) => When::Planned(schedule.clone()),
                Times::Random(breakdowns) => When::Random(breakdowns.clone()),
            };
            let harm = self.harm(spec, cx);
            if let Some(harm) = &harm {
                self.check_lead(spec, harm, cx);
            }
            resolved.extend(harm.map(|harm| Fault { name, harm, when, abort: None }));
        }
        resolved
    }

    fn check_time(&self, when: &WhenSpec, cx: &mut Cx) {
        let begins = match &when.times {
            Times::Planned(schedule) => schedule.at,
            Times::Random(breakdowns) => breakdowns.from,
        };
        if begins >= Time::ZERO.saturating_add(self.time) {
            cx.push(
                Problem::error(
                    when.at_place,
                    format!("the fault begins at {begins}, after the run"),
                )
                .label(format!("the run ends at {}", self.time))
                .help("begin it earlier, or lengthen `run.time`"),
            );
        }
    }

    fn harm(&self, spec: &FaultSpec, cx: &mut Cx) -> Option<Harm> {
        match &spec.harm {
            HarmSpec::Replicas { whom, kind } => {
                let parts = self.parts(whom, cx)?;
                for part in &parts {
                    self.check_workers(*part, kind, spec.place, cx);
                }
                Some(Harm::Replicas { parts, kind: *kind })
            }
            HarmSpec::Link { from, to, direction, kind } => {
                let parts = self.link(from, to, *direction, cx)?;
                Some(Harm::Links { parts, kind: kind.clone() })
            }
            HarmSpec::Around { zone, direction, kind } => {
                let parts = self.around(zone, *direction, cx)?;
                Some(Harm::Links { parts, kind: kind.clone() })
            }
            HarmSpec::Partition { between, and, direction } => {
                let parts = self.partition(spec.place, between, and, *direction, cx)?;
                Some(Harm::Links { parts, kind: LinkFault::Cut })
            }
            HarmSpec::Load { load, by } => {
                self.load(load, cx).map(|load| Harm::Load { load, by: *by })
            }
        }
    }

    fn parts(&self, whom: &Whom, cx: &mut Cx) -> Option<Vec<Part>> {
        let specs = match whom {
            Whom::Zone { zone, service } => return self.in_zone(zone, service.as_ref(), cx),
            Whom::Part(part) => std::slice::from_ref(part),
            Whom::Domain(named) => match self.system.domains.get(&named.text) {
                Some((_, parts)) => parts.as_slice(),
                None => {
                    named.unknown("domain", self.system.domains.keys().map(String::as_str), cx);
                    return None;
                }
            },
        };
        let parts: Vec<Part> = specs.iter().filter_map(|spec| self.part(spec, cx)).collect();
        (parts.len() == specs.len()).then_some(parts)
    }

    fn part(&self, spec: &PartSpec, cx: &mut Cx) -> Option<Part> {
        let names = || self.system.services.iter().map(|service| service.name.text.as_str());
        let Some(at) = names().position(|name| name == spec.service.text) else {
            spec.service.unknown("service", names(), cx);
            return None;
        };
        let victim = &self.system.services[at];
        let has = match victim.replicas {
            1 => "it has one, number 0".to_owned(),
            n => format!("they are numbered 0 to {}", n - 1),
        };
        match spec.replicas {
            Replicas::One(one) if one >= victim.replicas => {
                let message = format!("`{}` has no replica {one}", victim.name.text);
                cx.complain(|_| Problem::error(spec.place, message).label(has));
            }
            Replicas::Count(count) if count > victim.replicas => {
                let message = format!("`{}` has no {count} replicas", victim.name.text);
                let label = format!("it has {}", victim.replicas);
                cx.complain(|_| Problem::error(spec.place, message).label(label));
            }
            Replicas::One(_)
            | Replicas::InTurn { .. }
            | Replicas::Count(_)
            | Replicas::Share(_)
            | Replicas::All => {}
        }
        Some(Part { service: ServiceId(at as u32), replicas: spec.replicas })
    }

    /// Complains of a number of workers that is to be changed where there is none.
    fn check_workers(&self, part: Part, kind: &FaultKind, place: Place, cx: &mut Cx) {
        const MOST: u64 = 100_000;
        let victim = &self.system.services[part.service.index()];
        if let Some(workers) = victim.workers {
            let all = u64::from(workers) * u64::from(victim.replicas);
            if matches!(kind, FaultKind::Worker { .. }) && all > MOST {
                let message =
                    format!("`{}` has {all} workers, each with its luck", victim.name.text);
                cx.complain(|_| Problem::error(place, message).label(format!("at most {MOST}")));
            }
            return;
        }
        let message = format!("`{}` has unlimited workers to begin with", victim.name.text);
        match kind {
            FaultKind::Config(ConfigChange { workers: Some(_), .. }) => {
                let label = "a number cannot be pushed to it";
                cx.complain(|_| Problem::error(place, message).label(label));
            }
            FaultKind::Capacity { of: CapacityOf::Workers, .. } => {
                let label = "no share of them is a number; write of: Speed";
                cx.complain(|_| Problem::error(place, message).label(label));
            }
            FaultKind::Worker { .. } => {
                let label = "there is no one of them to break down; write how many there are";
                cx.complain(|_| Problem::error(place, message).label(label));
            }
            _ => {}
        }
    }

    fn link(
        &self,
        from: &Named,
        to: &Named,
        direction: Direction,
        cx: &mut Cx,
    ) -> Option<Vec<LinkPart>> {
        if !self.are_known([from, to], cx) {
            return None;
        }
        let (forth, back) = ways(direction);
        let found = self.sites.between(|ends| ends == (&*from.text, &*to.text)).next();
        if found.is_none() && !cx.has_errors() {
            let message = format!("no call goes from `{}` to `{}`", from.text, to.text);
            let key = format!("{} -> {}", from.text, to.text);
            let pairs = self.sites.pairs();
            let near = did_you_mean(&key, pairs.iter().map(String::as_str));
            let place = Place { end: to.place.end, ..from.place };
            cx.push(Problem::error(place, message).maybe_help(near));
        }
        Some(vec![LinkPart { link: found?.1, forth, back, zone: None }])
    }

    /// The links across a partition. A call from the second side goes the other way round.
    fn partition(
        &self,
        place: Place,
        between: &[Named],
        and: &[Named],
        direction: Direction,
        cx: &mut Cx,
    ) -> Option<Vec<LinkPart>> {
        if !self.are_known(between.iter().chain(and), cx) {
            return None;
        }
        let side = |names: &[Named]| names.iter().map(|named| named.text.clone()).collect();
        let (first, second): (BTreeSet<String>, BTreeSet<String>) = (side(between), side(and));
        let (forth, back) = ways(direction);
        let mut parts = Vec::new();
        for ((from, to), link) in self.sites.between(|_| true) {
            if first.contains(from) && second.contains(to) {
                parts.push(LinkPart { link, forth, back, zone: None });
            } else if second.contains(from) && first.contains(to) {
                parts.push(LinkPart { link, forth: back, back: forth, zone: None });
            }
        }
        if parts.is_empty() && !cx.has_errors() {
            cx.push(
                Problem::error(place, "no call crosses this partition")
                    .label("nothing would change"),
            );
        }
        Some(parts)
    }

    /// Whether all of these are services or loads; complains of those that are not.
    fn are_known<'n>(&self, names: impl IntoIterator<Item = &'n Named>, cx: &mut Cx) -> bool {
        let services = self.system.services.iter().map(|service| service.name.text.as_str());
        let loads = self.loads.iter().map(|load| load.name.as_str());
        let known: Vec<&str> = services.chain(loads).collect();
        let unknown = names.into_iter().filter(|named| !known.contains(&named.text.as_str()));
        let unknown: Vec<&Named> = unknown.collect();
        for named in &unknown {
            named.unknown("service or load", known.iter().copied(), cx);
        }
        unknown.is_empty()
    }

    fn load(&self, named: &Named, cx: &mut Cx) -> Option<LoadId> {
        let names = || self.loads.iter().map(|load| load.name.as_str());
        let Some(at) = names().position(|name| name == named.text) else {
            named.unknown("load", names(), cx);
            return None;
        };
        match &self.loads[at].arrivals {
            Arrivals::Poisson(rate) | Arrivals::Steady(rate) | Arrivals::Batch { rate, .. } => {
                if let Curve::Wave(_) = rate.curve {
                    cx.push(
                        Problem::error(named.place, format!("`{}` goes up and down", named.text))
                            .label("a spike multiplies rates that are straight: not Diurnal")
                            .help("write the day as Steps or a Ramp, or add a load that spikes"),
                    );
                }
            }
            _ => cx.push(
                Problem::error(named.place, format!("`{}` has no rate", named.text))
                    .label("only Poisson, Steady and Batch have one to multiply"),
            ),
        }
        Some(LoadId(at as u32))
    }
}

/// Whether a direction goes forth, and back.
pub(super) const fn ways(direction: Direction) -> (bool, bool) {
    match direction {
        Direction::Both => (true, true),
        Direction::Forth => (true, false),
        Direction::Back => (false, true),
    }
}
