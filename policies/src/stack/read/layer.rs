//! Which policy, and what it is told.

use super::{gate, hedge, retry, timeout};
use crate::budget::Scope;
use crate::fallback::Fallback;
use crate::notation::fields::{Fields, Names, Variant, choice};
use crate::notation::problem::{Cx, Problem};
use crate::notation::tree::Node;
use crate::notation::values;
use crate::retry::Kinds;
use crate::stack::{LAYERS_MAX, Layer, Stack};
use alloc::format;
use alloc::vec::Vec;

/// The policies there are.
pub const KINDS: Names = Names {
    what: "a policy",
    known: &[
        "Timeout",
        "Deadline",
        "Retry",
        "Hedge",
        "Breaker",
        "RateLimit",
        "AdaptiveRate",
        "Concurrency",
        "Bulkhead",
        "Throttle",
        "Fallback",
    ],
    later: &["Cache", "Coalesce", "Outlier", "Eject"],
};

/// A list of policies.
pub fn stack(node: &Node, cx: &mut Cx) -> Option<Stack> {
    let items = values::list(node, "policies", cx)?;
    if items.len() > LAYERS_MAX {
        let message = format!("{} policies in one stack", items.len());
        cx.push(Problem::error(node.place, message).label(format!("at most {LAYERS_MAX}")));
        return None;
    }
    let layers: Vec<Layer> = items.iter().filter_map(|item| layer(item, cx)).collect();
    (layers.len() == items.len()).then_some(Stack { layers })
}

fn layer(node: &Node, cx: &mut Cx) -> Option<Layer> {
    let variant = Variant::read(node, KINDS, cx)?;
    match variant.name {
        "Timeout" => timeout::timeout(&variant, cx).map(Layer::Timeout),
        "Deadline" => timeout::deadline(&variant, cx).map(Layer::Timeout),
        "Retry" => retry::retry(&variant, cx).map(Layer::Retry),
        "Hedge" => hedge::hedge(&variant, cx).map(Layer::Hedge),
        "Fallback" => {
            let fields = variant.fields(Names::new("Fallback", &["on"]), &["on"], cx)?;
            let on = match fields.get("on") {
                None => Some(Kinds::ALL),
                Some(node) => retry::kinds(node, cx),
            };
            let on = on?;
            if on == Kinds::NONE {
                let place = fields.get("on").map_or(fields.place, |node| node.place);
                let message = "a fallback that catches nothing answers nothing";
                let allowed = "name a kind of failure, or leave `on` out for all of them";
                cx.push(Problem::error(place, message).label(allowed));
                return None;
            }
            Some(Layer::Fallback(Fallback { on }))
        }
        _ => gate::gate(&variant, cx).map(Layer::Gate),
    }
}

/// Who shares a policy's state; each caller replica has its own where nothing is said.
pub(super) fn scope(fields: &Fields<'_>, cx: &mut Cx) -> Option<Scope> {
    const SCOPES: Names = Names::new("a scope", &["Replica", "Caller", "Fleet"]);
    match fields.get("scope") {
        None => Some(Scope::Replica),
        Some(node) => choice(node, SCOPES, &[Scope::Replica, Scope::Caller, Scope::Fleet], cx),
    }
}
