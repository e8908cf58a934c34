//! Who keeps account of whose replicas: groups, made once before the run.

use super::place::Groups;
use crate::fleet::{At, Balance};
use crate::graph::{Caller, Graph, ServiceId};
use crate::group::Group;
use crate::link::Way;
use brownout_core::random::Seed;

/// Groups as they are made.
#[derive(Debug, Default)]
pub(super) struct Gathering {
    pub(super) all: Vec<Group>,
    /// The first group of each who keeps account, and by what rule.
    known: Vec<(Keeper, ServiceId, Balance, u32)>,
}

/// Who keeps account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keeper {
    Proxy,
    Caller(Caller),
}

impl Gathering {
    /// The groups behind a site, if anybody has to keep account of the replicas that it calls; a
    /// caller's sites share those that choose by the same rule.
    pub(super) fn groups(
        &mut self,
        graph: &Graph,
        number: usize,
        caller_replicas: u32,
        way: Way,
        seed: Seed,
    ) -> Option<Groups> {
        let site = &graph.sites[number];
        if !graph.keeps_account(site) {
            return None;
        }
        let target = &graph.services[site.target.index()];
        let keeper = match site.balance.at {
            At::Proxy => Keeper::Proxy,
            At::Caller | At::Pinned => Keeper::Caller(site.caller),
        };
        let (per_replica, key) = (keeper != Keeper::Proxy, site.balance.key);
        let known = self
            .known
            .iter()
            .find(|(own, to, by, _)| (*own, *to, *by) == (keeper, site.target, site.balance));
        if let Some(&(_, _, _, first)) = known {
            return Some(Groups { first, per_replica, key });
        }
        let first = self.all.len() as u32;
        self.known.push((keeper, site.target, site.balance, first));
        let stream = match keeper {
            Keeper::Proxy => seed.stream(&format!("proxy {}", target.name)),
            Keeper::Caller(_) => seed.stream(&format!("balance {}", site.name)),
        };
        for replica in 0..if per_replica { caller_replicas } else { 1 } {
            let units = (connections(graph, site.caller), replica % target.replicas);
            let stream = stream.member(u64::from(replica));
            let zone = per_replica.then(|| graph.zone_of_caller(site, replica)).flatten();
            let group = Group::new((site.target, target), &site.balance, way, stream, units, zone);
            self.all.push(group);
        }
        Some(Groups { first, per_replica, key })
    }
}

/// How many have connections of their own at one replica of a caller.
pub(super) fn connections(graph: &Graph, caller: Caller) -> u32 {
    match caller {
        Caller::Service(_) => 1,
        Caller::Load(load) => graph.loads[load.index()].connections(),
    }
}
