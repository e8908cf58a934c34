//! What callers have under way at one moment, for whoever wants to look.

use super::Callers;
pub use super::pool::PoolLook;
use crate::graph::{Caller, Graph, SiteId};
use brownout_core::Time;
use brownout_policies::call::{InstanceId, Shared, WaitsFor};

/// What is under way from one site. Calls without policies are counted by the world.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SiteLook {
    /// Calls with policies without an end.
    pub calls: u32,
    /// Of these, those that wait before a retry.
    pub before_retry: u32,
    /// Of these, those that a gate of their own holds back.
    pub at_gate: u32,
    /// What calls from here share: the first caller replica that uses it, if each has its own;
    /// which policy of the stack; and how it is.
    pub shared: Vec<(Option<u32>, usize, Shared)>,
}

impl Callers {
    /// What is under way from every site. The callers are not to go on after this.
    pub fn look(&mut self, graph: &Graph, now: Time) -> Vec<SiteLook> {
        let mut looks = vec![SiteLook::default(); graph.sites.len()];
        for (_, open) in self.desk.open.iter() {
            looks[open.site.index()].calls += 1;
        }
        for (owner, waits_for) in self.calls.waiting() {
            let Some(open) = self.desk.open.get(owner) else { continue };
            let look = &mut looks[open.site.index()];
            match waits_for {
                WaitsFor::Retry => look.before_retry += 1,
                WaitsFor::Gate => look.at_gate += 1,
                WaitsFor::Timeout | WaitsFor::Hedge => {}
            }
        }
        let mut seen = Vec::new();
        for (number, look) in looks.iter_mut().enumerate() {
            look.shared = self.shared_of(graph, SiteId(number as u32), now, &mut seen);
        }
        looks
    }

    /// How the pools of connections are.
    pub fn look_at_pools(&self) -> Vec<PoolLook> {
        self.desk.pools.as_ref().map_or_else(Vec::new, |pools| pools.look())
    }

    /// What calls from a site share, without what has been seen from another.
    fn shared_of(
        &mut self,
        graph: &Graph,
        site: SiteId,
        now: Time,
        seen: &mut Vec<brownout_policies::call::CommonId>,
    ) -> Vec<(Option<u32>, usize, Shared)> {
        let place = &self.desk.places[site.index()];
        let (first, per_replica) = (place.instance, place.per_replica);
        let replicas = match (per_replica, place.caller) {
            (false, _) => 1,
            (true, Caller::Load(load)) => graph.loads[load.index()].clients,
            (true, Caller::Service(service)) => graph.services[service.index()].replicas,
        };
        let layers = graph.stacks[graph.sites[site.index()].stack.index()].layers.len();
        let mut found = Vec::new();
        for layer in 0..layers {
            for replica in 0..replicas {
                let asked = self.calls.shared(now, InstanceId(first + replica), layer);
                let Some((name, shared)) = asked else { break };
                if !seen.contains(&name) {
                    seen.push(name);
                    found.push((per_replica.then_some(replica), layer, shared));
                }
            }
        }
        found
    }
}
