//! What faults around zones do to the replicas of one service, which keep the same.

use super::Sick;
use crate::graph::{Graph, ServiceId};
use crate::link::Links;
use brownout_core::Span;

/// Tells the draws of what a primary sends from those of envelopes.
const CHANGES: u64 = 6;

impl Links {
    /// Whether nothing gets from one replica of a service to another, or nothing back: what goes
    /// between them has to be acknowledged.
    pub(crate) fn are_apart(
        &self,
        graph: &Graph,
        service: ServiceId,
        (from, to): (u32, u32),
    ) -> bool {
        let cuts = |sick: &Sick| self.harm(sick).cuts(sick.strength);
        let ways = [(from, to), (to, from)];
        ways.iter().any(|way| self.strikes_between(graph, service, *way).any(cuts))
    }

    /// By how much longer something takes from one replica of a service to another. What is lost
    /// is sent again.
    pub(crate) fn later_between(
        &self,
        (graph, service): (&Graph, ServiceId),
        way: (u32, u32),
        lineage: u64,
    ) -> Span {
        let struck = self.strikes_between(graph, service, way);
        struck.fold(Span::ZERO, |sum, sick| {
            sum.saturating_add(self.harm(sick).delays(lineage, CHANGES, sick.strength))
        })
    }

    fn strikes_between(
        &self,
        graph: &Graph,
        service: ServiceId,
        (from, to): (u32, u32),
    ) -> impl Iterator<Item = &Sick> {
        let own = &graph.services[service.index()];
        let (from, to) = (own.zone(from), own.zone(to));
        self.around.iter().filter(move |sick| sick.strikes(false, from, to))
    }
}
