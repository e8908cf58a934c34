//! Plots: read, checked for form and kept; drawing is somebody else's work.

use super::fields::{Names, Variant, choice};
use super::named::Named;
use super::problem::{Cx, Place};
use super::tree::Node;
use super::values;
use crate::experiment::{By, Plot};
use crate::report::chart::{CHARTS, Chart, Needs, chart};

/// Plots that are not in [`CHARTS`]: what they are of is written in a way of its own.
const OTHERS: [&str; 1] = ["Heatmap"];

/// Every plot.
const KNOWN: [&str; CHARTS.len() + OTHERS.len()] = {
    let mut known = [OTHERS[0]; CHARTS.len() + OTHERS.len()];
    let mut place = 0;
    while place < CHARTS.len() {
        known[place] = CHARTS[place].name;
        place += 1;
    }
    known
};

pub(crate) const KINDS: Names = Names {
    what: "a plot",
    known: &KNOWN,
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
        "Heatmap" => heatmap(&variant, cx),
        _ => charted(&variant, chart(variant.name), cx),
    }
}

/// One of [`CHARTS`], and of what it is.
fn charted(variant: &Variant<'_>, chart: &Chart, cx: &mut Cx) -> Option<PlotSpec> {
    let spec = |of: Option<Named>, by| {
        let name = of.as_ref().map(|own| own.text.clone());
        let plot = Plot::Chart { name: chart.name, of: name, by };
        PlotSpec { plot, metrics: of.into_iter().collect(), axes: Vec::new() }
    };
    let fields: &'static [&'static str] = match chart.needs {
        Needs::Curve => &["of", "by"],
        Needs::Heat | Needs::Service => &["of"],
        Needs::Edges | Needs::Series | Needs::Request => {
            variant.expect_unit(cx);
            return Some(spec(None, By::Variant));
        }
    };
    let fields = variant.fields(Names::new(chart.name, fields), &["of"], cx)?;
    let by = by(fields.get("by"), cx);
    match fields.get("of") {
        None => Some(spec(None, by)),
        Some(node) => Some(spec(Some(values::reference(node, cx)?), by)),
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
