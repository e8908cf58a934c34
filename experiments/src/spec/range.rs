//! Ranges of values that a sweep or a hunt goes over: `List`, `Linear`, `Log`.

use super::fields::{Names, Variant};
use super::problem::{Cx, Problem};
use super::scan;
use super::tree::{Kind, Node};
use super::values;
use crate::experiment::Range;
use brownout_policies::units::leading_number;

/// What a range can be.
pub(crate) const KINDS: Names =
    Names { what: "a range of values", known: &["Linear", "Log", "List"], later: &["Geometric"] };
/// Most values of one axis.
const STEPS_MAX: u64 = 10_000;

/// How many steps a range is written with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Steps {
    /// It must say how many.
    Said,
    /// Something else decides.
    Open,
}

/// What may be written for a range.
pub(crate) enum Values {
    /// Exactly these, in order.
    List(Vec<String>),
    /// Numbers from one end to the other, in so many steps; 0 where that was left open.
    Range(Range, u64),
}

/// `List([12, 16])`, `Linear(from: "100/s", to: "500/s", steps: 9)`, `Log(from: 1, to: 64, …)`.
pub(crate) fn values<'n>(
    node: &'n Node,
    steps: Steps,
    cx: &mut Cx,
) -> Option<(Values, Variant<'n>)> {
    let variant = Variant::read(node, KINDS, cx)?;
    let values = match variant.name {
        "List" => Values::List(list(&variant, cx)?),
        name => {
            let (range, steps) = range(&variant, name == "Log", steps, cx)?;
            Values::Range(range, steps)
        }
    };
    Some((values, variant))
}

fn list(variant: &Variant<'_>, cx: &mut Cx) -> Option<Vec<String>> {
    let Some(items) = variant.items().filter(|items| !items.is_empty()) else {
        cx.push(
            Problem::error(variant.whole, "List takes values").label("write List([12, 16, 24])"),
        );
        return None;
    };
    if items.len() as u64 > STEPS_MAX {
        let message = format!("the list has {} values", items.len());
        cx.push(Problem::error(variant.whole, message).label(format!("at most {STEPS_MAX}")));
        return None;
    }
    Some(items.iter().map(|item| as_set(item, cx)).collect())
}

/// A value as `--set` takes it: as written, a text without its quotes.
fn as_set(node: &Node, cx: &Cx) -> String {
    match &node.kind {
        Kind::Text(text) => text.clone(),
        _ => {
            let text = &cx.sources[node.place.source as usize].text;
            text[scan::boundary(text, node.place.start as usize)..]
                .get(..(node.place.end - node.place.start) as usize)
                .unwrap_or_default()
                .to_owned()
        }
    }
}

fn range(variant: &Variant<'_>, is_log: bool, wanted: Steps, cx: &mut Cx) -> Option<(Range, u64)> {
    let named = |known: &'static [&'static str]| match is_log {
        true => Names::new("Log", known),
        false => Names::new("Linear", known),
    };
    let names = match wanted {
        Steps::Said => named(&["from", "to", "steps", "whole"]),
        Steps::Open => named(&["from", "to", "whole"]),
    };
    let fields = variant.fields(names, &[], cx)?;
    let from = fields.need("from", "\"100/s\"", cx);
    let to = fields.need("to", "\"500/s\"", cx);
    let is_whole = fields.with("whole", cx, values::flag).unwrap_or(false);
    let steps = match wanted {
        Steps::Open => Some(0),
        Steps::Said => {
            let steps = fields.need("steps", "9", cx);
            steps.and_then(|node| values::count(node, 2..=STEPS_MAX, cx))
        }
    };
    let (from_node, to_node) = (from?, to?);
    let (from, unit) = end(from_node, cx)?;
    let (to, to_unit) = end(to_node, cx)?;
    if unit != to_unit {
        cx.push(
            Problem::error(to_node.place, "the two ends have different units")
                .label(format!("expected a number of {unit}, as in `from`")),
        );
        return None;
    }
    let range = Range { from, to, unit, is_log, is_whole };
    if let Err(reason) = range.check() {
        let node = if is_log && to > 0.0 { from_node } else { to_node };
        cx.push(Problem::error(node.place, reason));
        return None;
    }
    Some((range, steps?))
}

/// A number and its unit, which is empty for a bare one.
fn end(node: &Node, cx: &mut Cx) -> Option<(f64, String)> {
    let parsed = match &node.kind {
        Kind::Number(number) if number.value.is_finite() => Some((number.value, String::new())),
        Kind::Text(text) => quantity(text),
        _ => None,
    };
    match parsed {
        Some(parsed) => Some(parsed),
        None => values::wrong(node, "a number, or a quantity such as \"100/s\"", cx),
    }
}

/// `100/s` as its number and its unit.
fn quantity(text: &str) -> Option<(f64, String)> {
    let text = text.trim();
    let (number, end) = leading_number(text)?;
    number.is_finite().then(|| (number, text[end..].trim().to_owned()))
}

impl Range {
    /// `1s..20s`, as `--over` takes it: a range from one end to the other.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn parse(text: &str) -> Result<Range, String> {
        let parts = text.split_once("..").filter(|(from, to)| !from.is_empty() && !to.is_empty());
        let Some((from, to)) = parts else {
            return Err(format!("\"{text}\" is no range; write 1s..20s, or 1..10"));
        };
        let read = |text: &str| quantity(text).ok_or_else(|| format!("\"{text}\" is no number"));
        let ((from, from_unit), (to, unit)) = (read(from)?, read(to)?);
        // `1..20s` is a way to write it.
        if !from_unit.is_empty() && from_unit != unit {
            return Err(format!("the two ends have different units: {from_unit} and {unit}"));
        }
        let range = Range { from, to, unit, is_log: false, is_whole: false };
        range.check().map(|()| range)
    }

    /// Whether there is anything between its ends.
    fn check(&self) -> Result<(), String> {
        if self.from == self.to {
            return Err("both ends of the range are the same".to_owned());
        }
        if self.is_log && !(self.from > 0.0 && self.to > 0.0) {
            return Err("a logarithmic range begins and ends above 0".to_owned());
        }
        Ok(())
    }
}
