//! A fault in words.

use super::describe_load::dist;
use crate::expect::Unit;
use crate::report::number::four_digits;
use brownout_core::{Span, Time};
use brownout_topologies::fault::{
    CapacityOf, Fault, FaultKind, Harm, LinkFault, LinkPart, Part, QueueFate, Ramp, Replicas,
    Schedule, When,
};
use brownout_topologies::graph::{Caller, Graph, LinkId, ServiceId};

/// A fault in a line: its name, when, and what it does to whom.
pub(super) fn words(graph: &Graph, fault: &Fault) -> String {
    let what = match &fault.harm {
        Harm::Replicas { parts, kind } => replicas(graph, parts, kind),
        Harm::Links { parts, kind } => links(graph, parts, kind),
        Harm::Load { load, by } => {
            let name = &graph.loads[load.index()].name;
            format!("{name} comes {} times as often", four_digits(*by))
        }
    };
    let abort = match fault.abort {
        None => String::new(),
        Some(monitor) => {
            format!(", until `{}` fires", graph.monitors[monitor.index()].name)
        }
    };
    format!("  {}: {}, {what}{abort}", fault.name, when(fault))
}

fn when(fault: &Fault) -> String {
    let span = |from: Time, lasts: Span| match from.saturating_add(lasts) {
        Time::MAX => format!("from {from} to the end"),
        until => format!("from {from} to {until}"),
    };
    match &fault.when {
        When::Planned(schedule) => {
            let Schedule { at, lasts, every, times, ramp, probability } = schedule;
            let mut text = span(*at, *lasts);
            match (every, times) {
                (Some(every), Some(times)) => text += &format!(", every {every}, {times} times"),
                (Some(every), None) => text += &format!(", every {every}"),
                (None, _) => {}
            }
            let Ramp { up, down, .. } = ramp;
            match (up.is_zero(), down.is_zero()) {
                (true, true) => {}
                (false, true) => text += &format!(", growing for {up}"),
                (true, false) => text += &format!(", fading for {down}"),
                (false, false) => text += &format!(", growing for {up} and fading for {down}"),
            }
            if *probability < 1.0 {
                text += &format!(", with a probability of {}", Unit::Share.human(*probability));
            }
            text
        }
        When::Random(breakdowns) => {
            let lasts = breakdowns.until.since(breakdowns.from);
            let lasts = if breakdowns.until == Time::MAX { Span::MAX } else { lasts };
            let counting = if breakdowns.while_busy { " with a worker taken" } else { "" };
            let apart = if breakdowns.together { "all together" } else { "each on its own" };
            format!(
                "{}, {apart}, after {}{counting} and for {}",
                span(breakdowns.from, lasts),
                dist(&breakdowns.up),
                dist(&breakdowns.down)
            )
        }
    }
}

fn replicas(graph: &Graph, parts: &[Part], kind: &FaultKind) -> String {
    let mut whom: Vec<String> = parts.iter().map(|part| whose(graph, part)).collect();
    whom.dedup();
    let whom = whom.join(" and ");
    match kind {
        FaultKind::Slow { by } => format!("all work at {whom} takes {by} times as long"),
        FaultKind::Stall { freezes_service: true } => format!("{whom} stands still"),
        FaultKind::Stall { freezes_service: false } => format!("{whom} starts nothing new"),
        FaultKind::Crash { .. } => format!("{whom} is down"),
        FaultKind::Errors { ratio, .. } => {
            format!("{} of the attempts at {whom} fail", Unit::Share.human(*ratio))
        }
        FaultKind::CacheFlush => format!("the caches of {whom} are flushed"),
        FaultKind::Demote => format!("who leads {whom} may not any more"),
        FaultKind::ClockJump { by } => {
            let far = Span::from_nanos(by.unsigned_abs());
            let way = if *by < 0 { "behind" } else { "ahead" };
            format!("the wall clock of {whom} is {far} {way}")
        }
        FaultKind::BlackHole => format!("{whom} takes requests and never answers"),
        FaultKind::Capacity { to, of } => {
            let of = match of {
                CapacityOf::Workers => "workers",
                CapacityOf::Speed => "speed",
            };
            format!("{} of the {of} of {whom} is left", Unit::Share.human(*to))
        }
        FaultKind::Worker { work: QueueFate::Kept } => format!("a worker of {whom} is broken"),
        FaultKind::Worker { work: QueueFate::Lost } => {
            format!("a worker of {whom} is broken, and its work lost")
        }
        FaultKind::Config(_) => format!("another configuration is pushed to {whom}"),
    }
}

fn whose(graph: &Graph, part: &Part) -> String {
    let service = &graph.services[part.service.index()].name;
    match part.replicas {
        Replicas::All => service.clone(),
        Replicas::One(one) => format!("replica {one} of {service}"),
        Replicas::InTurn { first, .. } => {
            let zone = graph.services[part.service.index()].zone(first);
            let zone = zone.map_or("none", |zone| graph.zones[zone.index()].as_str());
            format!("{service} in zone {zone}")
        }
        Replicas::Count(1) => format!("one replica of {service}"),
        Replicas::Count(count) => format!("{count} replicas of {service}"),
        Replicas::Share(share) => {
            format!("{} of the replicas of {service}", Unit::Share.human(share))
        }
    }
}

fn links(graph: &Graph, parts: &[LinkPart], kind: &LinkFault) -> String {
    let ways: Vec<String> = parts.iter().map(|part| way(graph, part)).collect();
    let ways = ways.join(" and ");
    match kind {
        LinkFault::Latency { add } => format!("{ways} takes {} longer", dist(add)),
        LinkFault::Loss { ratio } => format!("{ways} loses {}", Unit::Share.human(*ratio)),
        LinkFault::Cut => format!("nothing gets through {ways}"),
    }
}

fn way(graph: &Graph, part: &LinkPart) -> String {
    let name = between(graph, part.link);
    if let Some(zone) = part.zone {
        let zone = &graph.zones[zone.index()];
        let way = match (part.forth, part.back) {
            (true, false) => "from",
            (false, true) => "into",
            _ => "from and into",
        };
        return format!("{name} ({way} zone {zone})");
    }
    match (part.forth, part.back) {
        (true, false) => format!("{name} (requests only)"),
        (false, true) => format!("{name} (answers only)"),
        _ => name,
    }
}

/// The two ends of a link that no other two share: of a call, or of a route.
fn between(graph: &Graph, link: LinkId) -> String {
    let name = |service: ServiceId| &graph.services[service.index()].name;
    if let Some(site) = graph.sites.iter().find(|site| site.link == link) {
        let from = match site.caller {
            Caller::Load(load) => &graph.loads[load.index()].name,
            Caller::Service(service) => name(service),
        };
        return format!("{from} → {}", name(site.target));
    }
    let routes = graph.services.iter().flat_map(|from| from.next.iter().map(move |to| (from, to)));
    let mut own = routes.filter(|(_, route)| route.link == link);
    let found = own.next().expect("a link belongs to a call or a route");
    format!("{} → {}", found.0.name, name(found.1.to))
}
