//! What bounds a time: timeouts, deadlines, a user's patience.

use crate::notation::fields::{Names, Variant};
use crate::notation::problem::{Cx, Problem};
use crate::notation::tree::{Kind, Node};
use crate::notation::values;
use crate::stack::Timeout;
use crate::time::Span;
use alloc::format;

/// `Timeout("300ms")`, or drawn: `Timeout(Exp(mean: "300ms"))`.
pub(super) fn timeout(variant: &Variant<'_>, cx: &mut Cx) -> Option<Timeout> {
    let fields = variant.fields(Names::new("Timeout", &["after"]), &["after"], cx)?;
    let after = fields.need("after", "\"300ms\"", cx)?;
    time_limit(after, cx)
}

/// A time above zero, or the distribution that it is drawn from: `"300ms"`, `Exp(mean: "300ms")`.
pub fn time_limit(node: &Node, cx: &mut Cx) -> Option<Timeout> {
    const NAMES: Names = Names {
        what: "a time limit",
        known: &["Const", "Exp"],
        later: &["Uniform", "Erlang", "LogNormal", "Normal", "Gamma", "Weibull"],
    };
    if let Kind::Text(_) | Kind::Number(_) = node.kind {
        return values::span_above_zero(node, cx).map(Timeout::after);
    }
    let variant = Variant::read(node, NAMES, cx)?;
    let (name, key, of): (_, _, fn(Span) -> Timeout) = match variant.name {
        "Const" => ("Const", "value", Timeout::after),
        _ => ("Exp", "mean", Timeout::exponential),
    };
    let keys: &'static [&'static str] = if key == "mean" { &["mean"] } else { &["value"] };
    let fields = variant.fields(Names::new(name, keys), keys, cx)?;
    let time = fields.need(key, "\"300ms\"", cx)?;
    values::span_above_zero(time, cx).map(of)
}

/// A bound on the whole of what is inside, part of which is kept for the caller itself.
pub(super) fn deadline(variant: &Variant<'_>, cx: &mut Cx) -> Option<Timeout> {
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
