//! What can go wrong between nodes, as written.

use super::HarmSpec;
use crate::spec::dist;
use crate::spec::fields::{Fields, Names, choice};
use crate::spec::named::Named;
use crate::spec::network::ends;
use crate::spec::problem::{Cx, Problem};
use crate::spec::reading::Reading;
use crate::spec::tree::Node;
use crate::spec::values;
use brownout_topologies::fault::LinkFault;

/// Which way a fault of a link works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    Both,
    /// From the first end to the second.
    Forth,
    /// From the second end to the first.
    Back,
}

/// `Latency(link: "api -> db", add: "50ms")` or `Loss(link: "api -> db", ratio: "10%")`.
pub(super) fn harm(kind: &str, fields: &Fields<'_>, reading: &mut Reading<'_>) -> Option<HarmSpec> {
    let zone = around(fields, &["link"], reading.cx);
    let direction = direction(fields, reading.cx);
    let link = match zone {
        Some(_) => None,
        None => {
            let link = fields.need("link", "\"api -> db\"", reading.cx);
            let link = link.and_then(|node| values::reference(node, reading.cx));
            link.and_then(|key| ends(&key, reading))
        }
    };
    let kind = match kind {
        "Latency" => {
            let add = fields.need("add", "\"50ms\"", reading.cx);
            let add = add.and_then(|node| dist::times(node, reading));
            add.map(|add| LinkFault::Latency { add })
        }
        _ => {
            let cx = &mut *reading.cx;
            let ratio = fields.need("ratio", "\"10%\"", cx);
            let ratio = ratio.and_then(|node| values::share(node, cx));
            ratio.map(|ratio| LinkFault::Loss { ratio })
        }
    };
    if let Some(zone) = zone {
        let zone = values::reference(zone, reading.cx)?;
        return Some(HarmSpec::Around { zone, direction: direction?, kind: kind? });
    }
    let (from, to) = link?;
    Some(HarmSpec::Link { from, to, direction: direction?, kind: kind? })
}

/// `Partition(between: ["api"], and: ["db", "cache"])`.
pub(super) fn partition(fields: &Fields<'_>, cx: &mut Cx) -> Option<HarmSpec> {
    if let Some(zone) = around(fields, &["between", "and"], cx) {
        let (zone, direction) = (values::reference(zone, cx), direction(fields, cx));
        let kind = LinkFault::Cut;
        return Some(HarmSpec::Around { zone: zone?, direction: direction?, kind });
    }
    let between = fields.need("between", "[\"api\"]", cx).and_then(|node| group(node, cx));
    let and = fields.need("and", "[\"db\"]", cx).and_then(|node| group(node, cx));
    let direction = direction(fields, cx);
    let (between, and) = (between?, and?);
    if let Some(both) = and.iter().find(|one| between.iter().any(|other| other.text == one.text)) {
        let message = format!("`{}` is on both sides of the partition", both.text);
        cx.push(Problem::error(both.place, message).label("name it on one side"));
    }
    Some(HarmSpec::Partition { between, and, direction: direction? })
}

/// `zone: "a"`: everything between this zone and elsewhere, if that is written; then `others` may
/// not be.
fn around<'n>(fields: &Fields<'n>, others: &[&str], cx: &mut Cx) -> Option<&'n Node> {
    let zone = fields.get("zone")?;
    for node in others.iter().filter_map(|key| fields.get(key)) {
        cx.push(
            Problem::error(node.place, "a zone and links at once")
                .label("a zone has everything between it and elsewhere; drop one of the two"),
        );
    }
    Some(zone)
}

/// Services and loads on one side; a single one may stand without brackets.
fn group(node: &Node, cx: &mut Cx) -> Option<Vec<Named>> {
    use crate::spec::tree::Kind;
    let items = match &node.kind {
        Kind::Text(_) => std::slice::from_ref(node),
        _ => values::list(node, "services", cx)?,
    };
    if items.is_empty() {
        cx.push(
            Problem::error(node.place, "nobody on this side").label("name a service or a load"),
        );
        return None;
    }
    let names: Vec<Named> = items.iter().filter_map(|item| values::reference(item, cx)).collect();
    (names.len() == items.len()).then_some(names)
}

fn direction(fields: &Fields<'_>, cx: &mut Cx) -> Option<Direction> {
    let Some(node) = fields.get("direction") else { return Some(Direction::Both) };
    let names = Names::new("a direction", &["Both", "Forth", "Back"]);
    choice(node, names, &[Direction::Both, Direction::Forth, Direction::Back], cx)
}
