//! Zones: places that share their fate, each with some of the replicas of several services.

use super::{Caller, Graph, LinkId, Load, Service, Site};

/// A place in [`Graph::zones`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ZoneId(pub u16);

impl ZoneId {
    /// The place in the graph's list of these.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// The zone of one of several that have these in turn; nowhere if there are none.
fn in_turn(zones: &[ZoneId], number: u32) -> Option<ZoneId> {
    zones.get(number as usize % zones.len().max(1)).copied()
}

impl Service {
    /// Where a replica is; nowhere in particular where there are no zones.
    pub fn zone(&self, replica: u32) -> Option<ZoneId> {
        in_turn(&self.zones, replica)
    }
}

impl Load {
    /// Where a client is; nowhere in particular where there are no zones.
    pub fn zone(&self, client: u32) -> Option<ZoneId> {
        in_turn(&self.zones, client)
    }
}

impl Graph {
    /// Where one who calls from a site is.
    pub fn zone_of_caller(&self, site: &Site, replica: u32) -> Option<ZoneId> {
        match site.caller {
            Caller::Load(load) => self.loads[load.index()].zone(replica),
            Caller::Service(service) => self.services[service.index()].zone(replica),
        }
    }

    /// Whether it makes a difference where a caller and its callee are: something takes longer
    /// between zones, or a fault may strike between them.
    pub fn minds_zones(&self) -> bool {
        !self.zones.is_empty()
    }

    /// The links of calls that may go from one zone to another.
    pub fn links_between_zones(&self) -> Vec<LinkId> {
        let is_somewhere = |site: &&Site| {
            let from = match site.caller {
                Caller::Load(load) => &self.loads[load.index()].zones,
                Caller::Service(service) => &self.services[service.index()].zones,
            };
            !from.is_empty() || !self.services[site.target.index()].zones.is_empty()
        };
        let mut links: Vec<LinkId> =
            self.sites.iter().filter(is_somewhere).map(|site| site.link).collect();
        links.sort_unstable();
        links.dedup();
        links
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replicas_have_their_zones_in_turn() {
        let zones = [ZoneId(0), ZoneId(1), ZoneId(1)];
        let all: Vec<u16> =
            (0..5).filter_map(|one| in_turn(&zones, one)).map(|one| one.0).collect();
        assert_eq!(all, [0, 1, 1, 0, 1]);
        assert_eq!(in_turn(&[], 3), None);
    }
}
