//! Stacks of policies, outermost first.

mod budget;
mod gate;
mod hedge;
mod retry;
mod settings;

use super::fields::{Fields, Named, Names, Variant, choice};
use super::problem::{Cx, Problem};
use super::tree::{Kind, Node};
use super::values;
use brownout_core::Span;
use brownout_policies::budget::Scope;
use brownout_policies::fallback::Fallback;
use brownout_policies::retry::Kinds;
use brownout_policies::stack::{Layer, Stack, Timeout};

/// The policies there are.
pub(crate) const KINDS: Names = Names {
    what: "a policy",
    known: &[
        "Timeout",
        "Deadline",
        "Retry",
        "Hedge",
        "Breaker",
        "RateLimit",
        "Concurrency",
        "Bulkhead",
        "Throttle",
        "Fallback",
    ],
    later: &["Cache", "Coalesce", "Shed", "Outlier", "Eject"],
};

/// Who calls with which policies: none, a named stack, or one written on the spot.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum With {
    Nothing,
    Name(Named),
    Stack(Stack),
}

/// The value of a `with:`.
pub(crate) fn with(node: Option<&Node>, cx: &mut Cx) -> With {
    let Some(node) = node else { return With::Nothing };
    let read = match &node.kind {
        Kind::List(_) => stack(node, cx).map(With::Stack),
        _ => values::reference(node, cx).map(With::Name),
    };
    read.unwrap_or(With::Nothing)
}

/// A list of policies.
pub(crate) fn stack(node: &Node, cx: &mut Cx) -> Option<Stack> {
    const DEEPEST: usize = 16;
    let items = values::list(node, "policies", cx)?;
    if items.len() > DEEPEST {
        let message = format!("{} policies in one stack", items.len());
        cx.push(Problem::error(node.place, message).label(format!("at most {DEEPEST}")));
        return None;
    }
    let layers: Vec<Layer> = items.iter().filter_map(|item| layer(item, cx)).collect();
    (layers.len() == items.len()).then_some(Stack { layers })
}

fn layer(node: &Node, cx: &mut Cx) -> Option<Layer> {
    let variant = Variant::read(node, KINDS, cx)?;
    match variant.name {
        "Timeout" => {
            let fields = variant.fields(Names::new("Timeout", &["after"]), &["after"], cx)?;
            let after = fields.need("after", "\"300ms\"", cx)?;
            let after = values::span_above_zero(after, cx)?;
            Some(Layer::Timeout(Timeout::after(after)))
        }
        "Deadline" => deadline(&variant, cx).map(Layer::Timeout),
        "Retry" => retry::retry(&variant, cx).map(Layer::Retry),
        "Hedge" => hedge::hedge(&variant, cx).map(Layer::Hedge),
        "Fallback" => {
            let fields = variant.fields(Names::new("Fallback", &["on"]), &["on"], cx)?;
            let on = match fields.get("on") {
                None => Some(Kinds::ALL),
                Some(node) => retry::kinds(node, cx),
            };
            Some(Layer::Fallback(Fallback { on: on? }))
        }
        _ => gate::gate(&variant, cx).map(Layer::Gate),
    }
}

/// A bound on the whole of what is inside, part of which is kept for the caller itself.
fn deadline(variant: &Variant<'_>, cx: &mut Cx) -> Option<Timeout> {
    let names = Names::new("Deadline", &["total", "reserve"]);
    let fields = variant.fields(names, &["total"], cx)?;
    let node = fields.need("total", "\"2s\"", cx);
    let after = node.and_then(|node| values::span_above_zero(node, cx));
    let reserve = match fields.get("reserve") {
        None => Some(Span::ZERO),
        Some(node) => values::span(node, cx),
    };
    let (after, reserve) = (after?, reserve?);
    if reserve >= after {
        let place = fields.get("reserve").map_or(fields.place, |node| node.place);
        let message = format!("the reserve {reserve} leaves nothing of {after}");
        cx.push(Problem::error(place, message).label(format!("expected less than {after}")));
        return None;
    }
    Some(Timeout { reserve, ..Timeout::after(after) })
}

/// Who shares a policy's state; each caller replica has its own where nothing is said.
fn scope(fields: &Fields<'_>, cx: &mut Cx) -> Option<Scope> {
    const SCOPES: Names = Names::new("a scope", &["Replica", "Caller", "Fleet"]);
    match fields.get("scope") {
        None => Some(Scope::Replica),
        Some(node) => choice(node, SCOPES, &[Scope::Replica, Scope::Caller, Scope::Fleet], cx),
    }
}
