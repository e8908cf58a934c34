//! The semantics of effects, keys and pools, in words, where a graph has any.

use brownout_topologies::graph::{Graph, Service, ServiceId};

/// Key and value of each line.
pub(super) fn lines(graph: &Graph) -> Vec<(String, String)> {
    let any = |is: fn(&Service) -> bool| graph.services.iter().any(is);
    let mut lines = Vec::new();
    let mut line = |key: &str, words: &str| lines.push((key.to_owned(), words.to_owned()));
    if any(Service::has_effects) {
        line(
            "effects",
            "an effect stands from its step on, however the request ends; it is a duplicate if it \
             was done before at the same place of the same request of a user, and a user who asks \
             again makes a new one",
        );
    }
    if any(|one| one.idempotency.is_some()) {
        line(
            "idempotency_keys",
            "a key is looked up when its request has its first worker, in a memory that the replicas \
             share and that outlives them; it is known from the effect on, without one from the \
             script's end, and free again if the request ends in any other way",
        );
    }
    if any(|one| !one.pools.is_empty()) {
        line(
            "pools",
            "an attempt is sent when it has a connection, the idle one that was used last; before \
             that it is no attempt, and a retry does not try again what found none, unless told \
             to; connections lead to replicas in turn, and are looked at only when they are lent",
        );
    }
    if any_leads(graph) {
        line(
            "pools_to_a_primary",
            "if anything that is sent over a pool has to go to who leads, all its connections lead              to whom its owner takes for that when they are opened, and stay there",
        );
    }
    lines
}

/// Whether any pool leads to a primary.
fn any_leads(graph: &Graph) -> bool {
    let all = (0..).map(ServiceId).zip(&graph.services);
    all.into_iter()
        .any(|(id, own)| own.pools.iter().any(|pool| graph.leads_for(id, pool).is_some()))
}
