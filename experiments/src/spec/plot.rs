//! Plots: read, checked for form and kept; drawing is somebody else's work.

use super::fields::{Names, Variant, choice};
use super::named::Named;
use super::problem::{Cx, Place};
use super::tree::Node;
use super::values;
use crate::experiment::{By, Plot};

const KINDS: Names = Names {
    what: "a plot",
    known: &["Timeline", "Cdf", "Heatmap", "Cascade"],
    later: &["Histogram", "Waterfall", "Sankey", "Scatter", "Phase", "Topology", "Table"],
};

/// A plot with the names in it that must mean something.
pub(crate) struct PlotSpec {
    pub(crate) plot: Plot,
    /// Sentences of `measure`, or series of a timeline.
    pub(crate) metrics: Vec<Named>,
    /// Paths that must be axes of the sweep.
    pub(crate) axes: Vec<Named>,
}

/// The list of plots.
pub(crate) fn plots(node: &Node, cx: &mut Cx) -> Vec<PlotSpec> {
    let Some(items) = values::list(node, "plots", cx) else { return Vec::new() };
    items.iter().filter_map(|item| plot(item, cx)).collect()
}

fn plot(node: &Node, cx: &mut Cx) -> Option<PlotSpec> {
    let variant = Variant::read(node, KINDS, cx)?;
    match variant.name {
        "Timeline" => timeline(&variant, cx),
        "Cdf" => {
            let fields = variant.fields(Names::new("Cdf", &["of", "by"]), &["of"], cx)?;
            let of = fields.need("of", "\"latency(api)\"", cx);
            let of = of.and_then(|node| values::reference(node, cx));
            let by = by(fields.get("by"), cx);
            let of = of?;
            let plot = Plot::Cdf { of: of.text.clone(), by };
            Some(PlotSpec { plot, metrics: vec![of], axes: Vec::new() })
        }
        "Heatmap" => heatmap(&variant, cx),
        _ => {
            variant.expect_unit(cx);
            Some(PlotSpec { plot: Plot::Cascade, metrics: Vec::new(), axes: Vec::new() })
        }
    }
}

fn timeline(variant: &Variant<'_>, cx: &mut Cx) -> Option<PlotSpec> {
    let fields = variant.fields(Names::new("Timeline", &["show", "by"]), &["show"], cx)?;
    let items = fields.need("show", "[\"offered\", \"goodput\"]", cx);
    let items = items.and_then(|node| values::list(node, "series", cx));
    let by = by(fields.get("by"), cx);
    let items = items?;
    let metrics: Vec<Named> = items.iter().filter_map(|item| values::reference(item, cx)).collect();
    let show = metrics.iter().map(|named| named.text.clone()).collect();
    Some(PlotSpec { plot: Plot::Timeline { show, by }, metrics, axes: Vec::new() })
}

fn heatmap(variant: &Variant<'_>, cx: &mut Cx) -> Option<PlotSpec> {
    let fields = variant.fields(Names::new("Heatmap", &["x", "y", "color"]), &[], cx)?;
    let mut need =
        |key, example| fields.need(key, example, cx).and_then(|node| values::reference(node, cx));
    let x = need("x", "\"load.0.rate\"");
    let y = need("y", "\"services.db.workers\"");
    let color = need("color", "\"recovery(api)\"");
    let (x, y, color) = (x?, y?, color?);
    let plot = Plot::Heatmap { x: x.text.clone(), y: y.text.clone(), color: color.text.clone() };
    Some(PlotSpec { plot, metrics: vec![color], axes: vec![x, y] })
}

fn by(node: Option<&Node>, cx: &mut Cx) -> By {
    const NAMES: Names = Names::new("a way to split", &["Variant", "Run"]);
    let read = node.and_then(|node| choice(node, NAMES, &[By::Variant, By::Run], cx));
    read.unwrap_or(By::Variant)
}

/// A sentence with its place.
#[derive(Debug, Clone)]
pub(crate) struct Sentence {
    pub(crate) text: String,
    pub(crate) place: Place,
}

/// A list of sentences.
pub(crate) fn sentences(node: &Node, cx: &mut Cx) -> Vec<Sentence> {
    let Some(items) = values::list(node, "sentences", cx) else { return Vec::new() };
    let text = |item: &Node, cx: &mut Cx| {
        let text = values::text(item, cx)?.to_owned();
        Some(Sentence { text, place: item.place })
    };
    items.iter().filter_map(|item| text(item, cx)).collect()
}
