//! Zones, as written: where replicas and clients are, and how far that is from elsewhere.

use super::dist;
use super::fields::{Fields, Names};
use super::named::Named;
use super::problem::{Cx, Problem};
use super::reading::Reading;
use super::tree::{Kind, Node};
use super::values;
use brownout_core::dist::Dist;

/// The most zones that one thing is in, in turn.
const ZONES_MAX: usize = 1_000;

/// `zones: ["a", "b", "b"]`: each replica in one of these in turn; a single one may stand without
/// brackets.
pub(super) fn zones(node: &Node, cx: &mut Cx) -> Vec<Named> {
    let items = match &node.kind {
        Kind::Text(_) => std::slice::from_ref(node),
        _ => match values::list(node, "zones", cx) {
            Some(items) => items,
            None => return Vec::new(),
        },
    };
    if items.is_empty() {
        cx.push(
            Problem::error(node.place, "no zone")
                .label("expected at least one")
                .help("leave `zones` out of what is nowhere in particular"),
        );
    }
    if items.len() > ZONES_MAX {
        let message = format!("{} zones", items.len());
        cx.push(Problem::error(node.place, message).label(format!("at most {ZONES_MAX}")));
        return Vec::new();
    }
    let named = items.iter().filter_map(|item| values::reference(item, cx));
    let named: Vec<Named> = named.collect();
    named.into_iter().filter(|own| values::check_name(&own.text, own.place, "zone", cx)).collect()
}

/// `zones: (between: "1ms")`, of the whole file.
pub(super) fn between(node: &Node, reading: &mut Reading<'_>) -> Option<Dist> {
    let names = Names { what: "zones", known: &["between"], later: &["names", "loss"] };
    let fields = Fields::read(node, names, reading.cx)?;
    let node = fields.need("between", "\"1ms\"", reading.cx)?;
    dist::times(node, reading)
}
