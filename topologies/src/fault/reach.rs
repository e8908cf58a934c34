//! What faults can do at all, worked out before a run: where none can strike, nothing is looked up.

use super::{Breakdowns, Callers, Fault, FaultKind, Harm, When};
use crate::graph::{Graph, LinkId, ServiceId};
use std::collections::{BTreeMap, BTreeSet};

/// Who can ever be struck by what.
#[derive(Debug, Default)]
pub(crate) struct Reach {
    /// Services that some fault strikes.
    struck: BTreeSet<ServiceId>,
    /// Services that may take a request and never answer it.
    silent: BTreeSet<ServiceId>,
    /// Services that break down only while they are busy.
    worn: BTreeSet<ServiceId>,
    /// Services whose workers break down one by one.
    breaking: BTreeSet<ServiceId>,
    /// Whether any wall clock ever jumps.
    jumps: bool,
    /// Links that some fault strikes, and whether one of them loses envelopes.
    links: BTreeMap<LinkId, bool>,
}

impl Reach {
    /// What the faults of `graph` can do.
    pub(crate) fn of(graph: &Graph) -> Reach {
        let mut reach = Reach::default();
        for fault in &graph.faults {
            reach.add(fault);
        }
        reach
    }

    fn add(&mut self, fault: &Fault) {
        match &fault.harm {
            Harm::Replicas { kind, .. } => {
                self.struck.extend(fault.services());
                self.jumps |= matches!(kind, FaultKind::ClockJump { .. });
                if matches!(kind, FaultKind::Worker { .. }) {
                    self.breaking.extend(fault.services());
                }
                if may_fall_silent(kind) {
                    self.silent.extend(fault.services());
                }
                if matches!(fault.when, When::Random(Breakdowns { while_busy: true, .. })) {
                    self.worn.extend(fault.services());
                }
            }
            Harm::Links { parts, kind } => {
                for part in parts {
                    *self.links.entry(part.link).or_default() |= kind.loses();
                }
            }
            Harm::Load { .. } => {}
        }
    }

    /// Whether nothing ever happens to this service but requests of those who call it: no fault
    /// strikes it, its replicas stay as they are, and nothing is sent on.
    pub(crate) fn leaves_alone(&self, graph: &Graph, service: ServiceId) -> bool {
        let is_sent_on = graph.services.iter().any(|other| !other.next.is_empty());
        let comes_and_goes = graph.services[service.index()].fleet.comes_and_goes();
        !is_sent_on && !comes_and_goes && !self.struck.contains(&service)
    }

    /// Whether a request to this service may stay without an answer.
    pub(crate) fn may_fall_silent(&self, service: ServiceId) -> bool {
        self.silent.contains(&service)
    }

    /// Whether time with a worker taken wears this service out.
    pub(crate) fn wears_out(&self, service: ServiceId) -> bool {
        self.worn.contains(&service)
    }

    /// Whether workers of this service break down one by one.
    pub(crate) fn breaks_workers(&self, service: ServiceId) -> bool {
        self.breaking.contains(&service)
    }

    /// Whether any wall clock ever jumps.
    pub(crate) fn moves_clocks(&self) -> bool {
        self.jumps
    }

    /// Whether a fault ever strikes this link.
    pub(crate) fn strikes(&self, link: LinkId) -> bool {
        self.links.contains_key(&link)
    }

    /// Whether a fault ever loses what is on this link.
    pub(crate) fn loses(&self, link: LinkId) -> bool {
        self.links.get(&link).copied().unwrap_or(false)
    }
}

const fn may_fall_silent(kind: &FaultKind) -> bool {
    match kind {
        FaultKind::BlackHole => true,
        FaultKind::Crash { callers, .. } => matches!(callers, Callers::Silence),
        FaultKind::Slow { .. }
        | FaultKind::Stall { .. }
        | FaultKind::Errors { .. }
        | FaultKind::Capacity { .. }
        | FaultKind::CacheFlush
        | FaultKind::Demote
        | FaultKind::ClockJump { .. }
        | FaultKind::Worker { .. }
        | FaultKind::Config(_) => false,
    }
}
