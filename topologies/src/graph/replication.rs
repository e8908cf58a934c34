//! Replicas of a service that keep the same: one of them writes, the others follow.

use super::{Act, Graph, Service, ServiceId, Site, Step};
use brownout_core::Span;
use brownout_core::dist::Dist;

/// How the replicas of a service come to keep the same.
///
/// One replica, the primary, takes whatever changes what is kept; at the beginning this is number
/// 0. The others follow: each has every change some time after the primary, in the same order. What
/// only reads may go to any of them and may find what is old.
///
/// A follower that a fault around a zone cuts off from the primary, either way, or that stands
/// still, has nothing new until it is reached again: then it is sent what it lacks, each change one
/// lag later. Who must wait for it waits. A cut alone does not take the lead from anybody: whoever
/// decides about that is a fault too.
#[derive(Debug, Clone, PartialEq)]
pub struct Replication {
    /// From a change at the primary until a follower has it, in nanoseconds, drawn for each change
    /// and follower; no change overtakes another.
    pub lag: Dist,
    /// How many followers must have a change before its request goes on: 0 is none, at most all.
    /// With fewer of them in step nothing is changed, and the request fails; so does one that
    /// waits already, though its change may stand.
    pub synchronous: u32,
    /// How long after the primary is gone another takes its place; `None` is never. It is the one
    /// that has most of those who live, also if it has been away before; if nobody lives, it is the
    /// first one that comes back, so long after that. Only whoever has a change that was lost in an
    /// earlier failover is not eligible before it has followed again.
    pub failover: Option<Span>,
    /// From then until one who calls learns of it, in nanoseconds, drawn for each replica of a
    /// caller.
    pub learned: Dist,
    /// Who is read from.
    pub reads: Reads,
}

/// Who is read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reads {
    /// Any replica, by the balancer.
    Any,
    /// The primary only.
    Primary,
}

impl Service {
    /// Whether a request for one of its endpoints goes to the primary.
    fn wants_primary(&self, endpoint: u16) -> bool {
        let Some(replication) = &self.replication else { return false };
        let Some(endpoint) = self.endpoints.get(usize::from(endpoint)) else { return false };
        replication.reads == Reads::Primary || changes(&endpoint.steps)
    }

    /// Which of its endpoints change what it keeps.
    pub fn changes_at(&self, endpoint: u16) -> bool {
        self.endpoints.get(usize::from(endpoint)).is_some_and(|own| changes(&own.steps))
    }
}

impl Graph {
    /// Whether whatever is sent from a site goes to the primary.
    pub fn goes_to_primary(&self, site: &Site) -> bool {
        self.services[site.target.index()].wants_primary(site.endpoint)
    }

    /// The services whose replicas keep the same.
    pub fn replicated(&self) -> Vec<ServiceId> {
        let all = (0..).map(ServiceId).zip(&self.services);
        all.filter(|(_, service)| service.replication.is_some()).map(|(id, _)| id).collect()
    }
}

/// Whether a script does anything at a store for which it has to be at the primary.
fn changes(steps: &[Step]) -> bool {
    steps.iter().any(|step| match step {
        Step::At { act, .. } => act.changes() || matches!(act, Act::Lock | Act::Unlock),
        _ => step.inside().into_iter().any(changes),
    })
}
