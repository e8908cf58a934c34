//! Whom a fault strikes: replicas of a service, or a domain of several that share their fate.

use super::Whom;
use crate::spec::fields::{Fields, Names, names_map};
use crate::spec::named::Named;
use crate::spec::problem::{Cx, Place, Problem};
use crate::spec::service::REPLICAS_MAX;
use crate::spec::tree::{Kind, Node};
use crate::spec::values;
use brownout_topologies::fault::Replicas;
use std::collections::BTreeMap;

/// Replicas of a service, by name.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PartSpec {
    pub(crate) service: Named,
    pub(crate) replicas: Replicas,
    /// Where the replicas are written.
    pub(crate) place: Place,
}

/// `service: "db", replicas: "30%"`, or `domain: "rack 1"`.
pub(super) fn whom(fields: &Fields<'_>, cx: &mut Cx) -> Option<Whom> {
    if let Some(zone) = fields.get("zone") {
        return of_zone(zone, fields, cx);
    }
    match (fields.get("service"), fields.get("domain")) {
        (None, Some(domain)) => {
            for key in ["replica", "replicas"] {
                if let Some(node) = fields.get(key) {
                    cx.push(
                        Problem::error(node.place, format!("a domain takes no `{key}`"))
                            .label("say in `domains` which replicas belong to it"),
                    );
                }
            }
            Some(Whom::Domain(values::reference(domain, cx)?))
        }
        (Some(_), Some(domain)) => {
            cx.push(
                Problem::error(domain.place, "a service and a domain at once")
                    .label("drop one of the two"),
            );
            None
        }
        (_, None) => part(fields, cx).map(Whom::Part),
    }
}

/// `zone: "a"`, or `zone: "a", service: "db"`.
fn of_zone(zone: &Node, fields: &Fields<'_>, cx: &mut Cx) -> Option<Whom> {
    for key in ["domain", "replica", "replicas"] {
        if let Some(node) = fields.get(key) {
            cx.push(
                Problem::error(node.place, format!("a zone takes no `{key}`"))
                    .label("all that are in the zone are struck, of one service or of all"),
            );
        }
    }
    let service = match fields.get("service") {
        None => None,
        Some(node) => Some(values::reference(node, cx)?),
    };
    Some(Whom::Zone { zone: values::reference(zone, cx)?, service })
}

/// `service: "db"` with `replica: 0`, `replicas: 2` or `replicas: "30%"`.
fn part(fields: &Fields<'_>, cx: &mut Cx) -> Option<PartSpec> {
    let service = fields.need("service", "\"db\"", cx).and_then(|node| values::reference(node, cx));
    let (replicas, place) = match (fields.get("replica"), fields.get("replicas")) {
        (None, None) => (Some(Replicas::All), Place::default()),
        (Some(node), None) => {
            let one = values::count32(node, 0..=REPLICAS_MAX - 1, cx);
            (one.map(Replicas::One), node.place)
        }
        (None, Some(node)) => (several(node, cx), node.place),
        (Some(_), Some(node)) => {
            cx.push(
                Problem::error(node.place, "one replica and several at once")
                    .label("drop `replica` or `replicas`"),
            );
            (None, node.place)
        }
    };
    Some(PartSpec { service: service?, replicas: replicas?, place })
}

/// So many, or a share of them; which ones is drawn.
fn several(node: &Node, cx: &mut Cx) -> Option<Replicas> {
    if let Kind::Text(_) = node.kind {
        let share = values::share(node, cx)?;
        if share == 0.0 {
            cx.push(Problem::error(node.place, "none of the replicas").label("expected above 0%"));
            return None;
        }
        return Some(Replicas::Share(share));
    }
    values::count32(node, 1..=REPLICAS_MAX, cx).map(Replicas::Count)
}

/// `{"rack 1": ["cache", (service: "db", replica: 0)]}`.
pub(crate) fn domains(node: &Node, cx: &mut Cx) -> BTreeMap<String, (Place, Vec<PartSpec>)> {
    let example = "{\"rack 1\": [\"cache\", (service: \"db\", replica: 0)]}";
    let mut named = BTreeMap::new();
    for entry in names_map(node, "domain", example, cx) {
        let place = entry.key.place;
        if !values::check_name(&entry.key.text, place, "domain", cx) {
            continue;
        }
        let items = values::list(&entry.value, "services", cx).unwrap_or_default();
        if items.is_empty() && matches!(entry.value.kind, Kind::List(_) | Kind::Tuple(_)) {
            cx.push(
                Problem::error(entry.value.place, "a domain of nothing").label("name a service"),
            );
        }
        let parts: Vec<PartSpec> = items.iter().filter_map(|item| member(item, cx)).collect();
        complain_of_twins(&parts, cx);
        named.insert(entry.key.text.clone(), (place, parts));
    }
    named
}

/// Complains of members that may be the same replica, which would be struck twice.
fn complain_of_twins(parts: &[PartSpec], cx: &mut Cx) {
    for (number, part) in parts.iter().enumerate() {
        let apart = |other: &PartSpec| match (part.replicas, other.replicas) {
            (Replicas::One(one), Replicas::One(other)) => one != other,
            _ => false,
        };
        let twin = |other: &&PartSpec| other.service.text == part.service.text && !apart(other);
        if parts[..number].iter().any(|other| twin(&other)) {
            let message = format!("`{}` is in the domain already", part.service.text);
            cx.push(
                Problem::error(part.service.place, message)
                    .label("name each of its replicas once, or the service as a whole"),
            );
        }
    }
}

fn member(node: &Node, cx: &mut Cx) -> Option<PartSpec> {
    const NAMES: Names = Names::new("a member of a domain", &["service", "replica", "replicas"]);
    if let Kind::Text(_) = node.kind {
        let service = values::reference(node, cx)?;
        return Some(PartSpec { service, replicas: Replicas::All, place: node.place });
    }
    let fields = Fields::read(node, NAMES, cx)?;
    part(&fields, cx)
}
