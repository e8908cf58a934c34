//! Sweeps: which settings are varied, and over which values.

use super::fields::{Names, Variant};
use super::problem::{Cx, Place, Problem};
use super::scan;
use super::tree::{Entry, Kind, Node};
use super::values;
use crate::experiment::{Axis, Sweep};
use brownout_policies::units::leading_number;

/// Most values of one axis.
const STEPS_MAX: u64 = 10_000;
/// Most points of a grid.
const POINTS_MAX: usize = 1_000_000;

/// An axis with the place of its path.
pub(crate) struct AxisSpec {
    pub(crate) place: Place,
    pub(crate) axis: Axis,
    /// The places of the values, or of what makes them.
    pub(crate) value_place: Place,
}

/// `Grid({"load.0.rate": Linear(from: "100/s", to: "500/s", steps: 9)})`.
pub(crate) fn sweep(node: &Node, cx: &mut Cx) -> Vec<AxisSpec> {
    const NAMES: Names =
        Names { what: "a sweep", known: &["Grid"], later: &["Bisect", "Search", "Random", "Zip"] };
    let Some(variant) = Variant::read(node, NAMES, cx) else { return Vec::new() };
    let Some(entries) = variant.entries() else {
        cx.push(
            Problem::error(variant.whole, "Grid takes a map from paths to values")
                .label("write Grid({\"load.0.rate\": List([\"100/s\", \"200/s\"])})"),
        );
        return Vec::new();
    };
    let axes: Vec<AxisSpec> = entries.iter().filter_map(|entry| axis(entry, cx)).collect();
    let points = axes.iter().fold(1usize, |all, one| all.saturating_mul(one.axis.values.len()));
    if points > POINTS_MAX {
        cx.push(
            Problem::error(node.place, format!("the grid has {points} points"))
                .label(format!("expected at most {POINTS_MAX}")),
        );
    }
    axes
}

/// The axes alone.
pub(crate) fn plain(axes: &[AxisSpec]) -> Option<Sweep> {
    let axes: Vec<Axis> = axes.iter().map(|spec| spec.axis.clone()).collect();
    (!axes.is_empty()).then_some(Sweep { axes })
}

fn axis(entry: &Entry, cx: &mut Cx) -> Option<AxisSpec> {
    const NAMES: Names = Names {
        what: "a range of values",
        known: &["Linear", "List"],
        later: &["Log", "Geometric"],
    };
    let variant = Variant::read(&entry.value, NAMES, cx)?;
    let values = match variant.name {
        "List" => list(&variant, cx)?,
        _ => linear(&variant, cx)?,
    };
    let axis = Axis { path: entry.key.text.clone(), values };
    Some(AxisSpec { place: entry.key.place, axis, value_place: variant.whole })
}

fn list(variant: &Variant<'_>, cx: &mut Cx) -> Option<Vec<String>> {
    let Some(items) = variant.items().filter(|items| !items.is_empty()) else {
        cx.push(
            Problem::error(variant.whole, "List takes values").label("write List([12, 16, 24])"),
        );
        return None;
    };
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

fn linear(variant: &Variant<'_>, cx: &mut Cx) -> Option<Vec<String>> {
    let names = Names::new("Linear", &["from", "to", "steps"]);
    let fields = variant.fields(names, &[], cx)?;
    let from = fields.need("from", "\"100/s\"", cx);
    let to = fields.need("to", "\"500/s\"", cx);
    let steps =
        fields.need("steps", "9", cx).and_then(|node| values::count(node, 2..=STEPS_MAX, cx));
    let (from, from_unit) = end(from?, cx)?;
    let to_node = to?;
    let (to, to_unit) = end(to_node, cx)?;
    if from_unit != to_unit {
        cx.push(
            Problem::error(to_node.place, "the two ends have different units")
                .label(format!("expected a number of {from_unit}, as in `from`")),
        );
        return None;
    }
    let steps = steps?;
    let value = |step: u64| from + (to - from) * step as f64 / (steps - 1) as f64;
    Some((0..steps).map(|step| format!("{}{from_unit}", tidy(value(step)))).collect())
}

/// Twelve digits, without the dust of decimal fractions in binary.
fn tidy(value: f64) -> f64 {
    format!("{value:.11e}").parse().unwrap_or(value)
}

/// A number and its unit, which is empty for a bare one.
fn end(node: &Node, cx: &mut Cx) -> Option<(f64, String)> {
    let parsed = match &node.kind {
        Kind::Number(number) if number.value.is_finite() => Some((number.value, String::new())),
        Kind::Text(text) => leading_number(text.trim())
            .map(|(number, end)| (number, text.trim()[end..].trim().to_owned())),
        _ => None,
    };
    match parsed {
        Some(parsed) => Some(parsed),
        None => values::wrong(node, "a number, or a quantity such as \"100/s\"", cx),
    }
}
