//! Zones by their names, and whom and what they are about.

use super::faults::{Victims, ways};
use crate::spec::document::System;
use crate::spec::fault::Direction;
use crate::spec::named::Named;
use crate::spec::problem::{Cx, Place, Problem};
use brownout_topologies::fault::{LinkPart, Part, Replicas};
use brownout_topologies::fleet::Zones;
use brownout_topologies::graph::{Graph, ServiceId, ZoneId};
use std::collections::BTreeSet;

/// The most zones of one graph.
const ZONES_MAX: usize = 10_000;

/// Every zone that anything is in, in order of name.
pub(super) fn names(system: &System, cx: &mut Cx) -> Vec<String> {
    let services = system.services.iter().flat_map(|service| &service.zones);
    let all = services.chain(system.loads.iter().flat_map(|load| &load.zones));
    let names: BTreeSet<&str> = all.map(|zone| zone.text.as_str()).collect();
    if names.len() > ZONES_MAX {
        let place = system.services.first().map_or_else(Place::default, |own| own.name.place);
        let message = format!("{} zones", names.len());
        cx.push(Problem::error(place, message).label(format!("at most {ZONES_MAX} in all")));
        return Vec::new();
    }
    names.into_iter().map(str::to_owned).collect()
}

/// The zones of one thing, by number.
pub(super) fn of(named: &[Named], names: &[String]) -> Vec<ZoneId> {
    let number = |zone: &Named| names.iter().position(|name| *name == zone.text);
    named.iter().filter_map(number).map(|number| ZoneId(number as u16)).collect()
}

/// Complains of balancers that prefer a zone where there is none. `places` is where each site is
/// written.
pub(super) fn check(graph: &Graph, places: &[Place], cx: &mut Cx) {
    for (site, place) in graph.sites.iter().zip(places) {
        let target = &graph.services[site.target.index()];
        if site.balance.zones == Zones::PreferOwn && target.zones.is_empty() {
            cx.complain(|_| {
                let message = format!("the replicas of `{}` are in no zone", target.name);
                Problem::error(*place, message)
                    .label("there is none to prefer here")
                    .help("say where they are: zones: [\"a\", \"b\", \"c\"], of the service")
            });
        }
    }
}

impl Victims<'_> {
    fn zone(&self, named: &Named, cx: &mut Cx) -> Option<ZoneId> {
        let all = self.zones.iter().map(String::as_str);
        let found = all.clone().position(|name| name == named.text);
        if found.is_none() {
            named.unknown("zone", all, cx);
        }
        found.map(|number| ZoneId(number as u16))
    }

    /// The replicas in a zone, of one service or of all.
    pub(super) fn in_zone(
        &self,
        zone: &Named,
        only: Option<&Named>,
        cx: &mut Cx,
    ) -> Option<Vec<Part>> {
        self.zone(zone, cx)?;
        let services = &self.system.services;
        if let Some(only) = only
            && !services.iter().any(|own| own.name.text == only.text)
        {
            only.unknown("service", services.iter().map(|own| own.name.text.as_str()), cx);
            return None;
        }
        let mut parts = Vec::new();
        for (id, service) in (0..).map(ServiceId).zip(services) {
            if only.is_some_and(|only| only.text != service.name.text) {
                continue;
            }
            let every = service.zones.len() as u32;
            for (first, own) in (0..).zip(&service.zones) {
                if own.text == zone.text && first < service.replicas {
                    parts.push(Part { service: id, replicas: Replicas::InTurn { first, every } });
                }
            }
        }
        if parts.is_empty() {
            let message = format!("no replica is in `{}`", zone.text);
            cx.push(Problem::error(zone.place, message).label("nothing would change"));
        }
        Some(parts)
    }

    /// Every link between a zone and elsewhere.
    pub(super) fn around(
        &self,
        zone: &Named,
        direction: Direction,
        cx: &mut Cx,
    ) -> Option<Vec<LinkPart>> {
        let zone_id = self.zone(zone, cx)?;
        let (forth, back) = ways(direction);
        let mut links: Vec<_> = self
            .sites
            .between(|(from, to)| self.sites.is_somewhere(from) || self.sites.is_somewhere(to))
            .map(|(_, link)| link)
            .collect();
        links.sort_unstable();
        links.dedup();
        if links.is_empty() && !cx.has_errors() {
            let message = format!("no call leaves `{}` or comes into it", zone.text);
            cx.push(Problem::error(zone.place, message).label("nothing would change"));
        }
        let part = |link| LinkPart { link, forth, back, zone: Some(zone_id) };
        Some(links.into_iter().map(part).collect())
    }
}
