//! Faults with their victims looked up.

use super::loads::unused;
use crate::spec::document::System;
use crate::spec::fault::FaultSpec;
use crate::spec::path::default_name;
use crate::spec::problem::{Cx, Problem};
use crate::spec::values::check_name;
use brownout_core::{Span, Time};
use brownout_topologies::fault::{ConfigChange, Fault, FaultKind};
use brownout_topologies::graph::ServiceId;
use std::collections::BTreeSet;

/// The faults of `system` in the order of the file, which runs for `time`.
pub(crate) fn faults(system: &System, time: Span, cx: &mut Cx) -> Vec<Fault> {
    let mut taken: BTreeSet<String> = BTreeSet::new();
    for name in system.faults.iter().filter_map(|fault| fault.name.as_ref()) {
        if check_name(&name.text, name.place, "fault", cx) && !taken.insert(name.text.clone()) {
            let message = format!("two faults are called `{}`", name.text);
            cx.push(Problem::error(name.place, message).label("give this one another name"));
        }
    }
    let mut faults = Vec::with_capacity(system.faults.len());
    for spec in &system.faults {
        let name = match &spec.name {
            Some(name) => name.text.clone(),
            None => unused(&default_name(spec.kind_name, &spec.service.text), &mut taken),
        };
        faults.extend(fault(spec, name, system, time, cx));
    }
    faults
}

fn fault(
    spec: &FaultSpec,
    name: String,
    system: &System,
    time: Span,
    cx: &mut Cx,
) -> Option<Fault> {
    let names = || system.services.iter().map(|service| service.name.text.as_str());
    if spec.at >= Time::ZERO.saturating_add(time) {
        cx.push(
            Problem::error(
                spec.at_place,
                format!("the fault begins at {}, after the run", spec.at),
            )
            .label(format!("the run ends at {time}"))
            .help("begin it earlier, or lengthen `run.time`"),
        );
    }
    let Some(at) = names().position(|name| name == spec.service.text) else {
        spec.service.unknown("service", names(), cx);
        return None;
    };
    let victim = &system.services[at];
    if let Some((replica, place)) = spec.replica
        && replica >= victim.replicas
    {
        let message = format!("`{}` has no replica {replica}", victim.name.text);
        cx.push(Problem::error(place, message).label(match victim.replicas {
            1 => "it has one, number 0".to_owned(),
            n => format!("they are numbered 0 to {}", n - 1),
        }));
    }
    if let FaultKind::Config(ConfigChange { workers: Some(_), .. }) = spec.kind
        && victim.workers.is_none()
    {
        let message = format!("`{}` has unlimited workers to begin with", victim.name.text);
        cx.push(Problem::error(spec.place, message).label("a number cannot be pushed to it"));
    }
    Some(Fault {
        name,
        kind: spec.kind,
        service: ServiceId(at as u32),
        replica: spec.replica.map(|(replica, _)| replica),
        at: spec.at,
        lasts: spec.lasts,
    })
}
