//! Sweeps: which settings are varied, over which values, and which of their combinations are run.

use super::fields::{Names, Variant};
use super::problem::{Cx, Place, Problem};
use super::range::{Steps, Values, values};
use super::tree::{Entry, Kind, Node};
use super::values as read;
use crate::experiment::{Axis, Design, Sweep};
use brownout_core::random::{Seed, Stream};
use std::collections::BTreeSet;

/// What chooses the points.
pub(crate) const KINDS: Names = Names {
    what: "a sweep",
    known: &["Grid", "Random", "LatinHypercube"],
    later: &["Zip", "Sobol"],
};
/// Most points of a sweep.
const POINTS_MAX: usize = 1_000_000;
/// Decimal digits of a drawn value: what a person can read and write again.
const DRAWN_DIGITS: usize = 6;
/// Decimal digits of a value on an even step: without the dust of fractions in binary.
const STEP_DIGITS: usize = 12;

/// An axis with the place of its path.
pub(crate) struct AxisSpec {
    pub(crate) place: Place,
    pub(crate) axis: Axis,
    /// The places of the values, or of what makes them.
    pub(crate) value_place: Place,
}

/// A sweep as written.
#[derive(Default)]
pub(crate) struct SweepSpec {
    pub(crate) design: Design,
    pub(crate) axes: Vec<AxisSpec>,
}

impl SweepSpec {
    /// The sweep alone.
    pub(crate) fn plain(&self) -> Option<Sweep> {
        let axes: Vec<Axis> = self.axes.iter().map(|spec| spec.axis.clone()).collect();
        (!axes.is_empty()).then_some(Sweep { design: self.design, axes })
    }
}

/// `Grid({"load.0.rate": Linear(from: "100/s", to: "500/s", steps: 9)})`, or so many points drawn:
/// `LatinHypercube(over: {…}, points: 50, seed: 1)`.
pub(crate) fn sweep(node: &Node, cx: &mut Cx) -> SweepSpec {
    let Some(variant) = Variant::read(node, KINDS, cx) else { return SweepSpec::default() };
    let spec = match variant.name {
        "Grid" => grid(&variant, cx),
        "Random" => drawn(&variant, Design::Random, cx),
        _ => drawn(&variant, Design::LatinHypercube, cx),
    };
    let points = spec.plain().map_or(0, |sweep| sweep.points());
    if points > POINTS_MAX {
        cx.push(
            Problem::error(node.place, format!("the sweep has {points} points"))
                .label(format!("expected at most {POINTS_MAX}")),
        );
    }
    spec
}

fn grid(variant: &Variant<'_>, cx: &mut Cx) -> SweepSpec {
    let Some(entries) = variant.entries().filter(|entries| !entries.is_empty()) else {
        cx.push(
            Problem::error(variant.whole, "Grid takes a map from paths to values")
                .label("write Grid({\"load.0.rate\": List([\"100/s\", \"200/s\"])})"),
        );
        return SweepSpec::default();
    };
    let axes = axes(entries, cx, |entry, cx| {
        let (found, variant) = values(&entry.value, Steps::Said, cx)?;
        let values = match found {
            Values::List(values) => values,
            Values::Range(range, steps) => {
                let share = |step: u64| step as f64 / (steps - 1) as f64;
                let value = |step| range.at(share(step), STEP_DIGITS);
                let mut values: Vec<String> = (0..steps).map(value).collect();
                // Whole numbers that are closer than the steps come up more than once.
                values.dedup();
                values
            }
        };
        Some((values, variant.whole))
    });
    SweepSpec { design: Design::Grid, axes }
}

fn drawn(variant: &Variant<'_>, design: Design, cx: &mut Cx) -> SweepSpec {
    let names = match design {
        Design::LatinHypercube => Names::new("LatinHypercube", &["over", "points", "seed"]),
        Design::Random | Design::Grid => Names::new("Random", &["over", "points", "seed"]),
    };
    let Some(fields) = variant.fields(names, &[], cx) else { return SweepSpec::default() };
    let over = fields.need("over", "{\"load.0.rate\": Linear(from: \"1/s\", to: \"9/s\")}", cx);
    let points = fields.need("points", "50", cx);
    let points = points.and_then(|node| read::count(node, 1..=POINTS_MAX as u64, cx));
    let seed = fields.with("seed", cx, |node, cx| read::count(node, 0..=u64::MAX, cx));
    let (Some(over), Some(points)) = (over, points) else { return SweepSpec::default() };
    let Some(entries) = map(over, cx) else { return SweepSpec::default() };
    let seed = Seed::new(seed.unwrap_or(1));
    let axes = axes(entries, cx, |entry, cx| {
        let (found, variant) = values(&entry.value, Steps::Open, cx)?;
        // Each path has draws of its own, so that another axis moves none of them.
        let stream = seed.stream(&format!("sweep/{}", entry.key.text));
        let shares = match design {
            Design::LatinHypercube => latin(stream, points),
            Design::Random | Design::Grid => {
                (0..points).map(|point| stream.draws(point).unit()).collect()
            }
        };
        let value = |share: f64| match &found {
            Values::List(values) => values[(share * values.len() as f64) as usize].clone(),
            Values::Range(range, _) => range.at(share, DRAWN_DIGITS),
        };
        Some((shares.into_iter().map(value).collect(), variant.whole))
    });
    SweepSpec { design, axes }
}

/// The entries of a map from paths, at least one.
pub(super) fn map<'n>(node: &'n Node, cx: &mut Cx) -> Option<&'n [Entry]> {
    match &node.kind {
        Kind::Map(entries) | Kind::Fields(entries) if !entries.is_empty() => Some(entries),
        _ => read::wrong(node, "a map from paths to ranges of values", cx),
    }
}

/// One share in each of `points` equal parts of [0, 1), in an order of their own (McKay, Beckman
/// and Conover 1979).
fn latin(stream: Stream, points: u64) -> Vec<f64> {
    let mut order: Vec<u64> = (0..points).collect();
    for last in (1..points).rev() {
        let other = (stream.member(0).draws(last).unit() * (last + 1) as f64) as u64;
        order.swap(last as usize, other.min(last) as usize);
    }
    let inside = |(point, part): (usize, u64)| {
        (part as f64 + stream.member(1).draws(point as u64).unit()) / points as f64
    };
    // The last part reaches up to one, which rounding could give.
    order.into_iter().enumerate().map(|at| inside(at).min(1.0 - f64::EPSILON)).collect()
}

/// The axes of entries from paths; one path twice is a slip.
fn axes<'n>(
    entries: &'n [Entry],
    cx: &mut Cx,
    values: impl Fn(&'n Entry, &mut Cx) -> Option<(Vec<String>, Place)>,
) -> Vec<AxisSpec> {
    let mut seen = BTreeSet::new();
    let mut axes = Vec::with_capacity(entries.len());
    for entry in entries {
        if !seen.insert(entry.key.text.as_str()) {
            let message = format!("`{}` is an axis already", entry.key.text);
            cx.push(Problem::error(entry.key.place, message).label("write each path once"));
            continue;
        }
        if !may_vary(&entry.key.text, entry.key.place, cx) {
            continue;
        }
        if let Some((values, value_place)) = values(entry, cx) {
            let axis = Axis { path: entry.key.text.clone(), values };
            axes.push(AxisSpec { place: entry.key.place, axis, value_place });
        }
    }
    axes
}

/// Whether points of a sweep can differ in what a path leads to; complains if not.
pub(super) fn may_vary(path: &str, place: Place, cx: &mut Cx) -> bool {
    let first = path.split('.').next().unwrap_or_default();
    let is_shared = ["run.seed", "run.runs", "variants"].contains(&path)
        || ["name", "about", "version", "sweep", "hunt", "expect", "measure", "plots"]
            .contains(&first);
    if is_shared {
        let path = super::problem::short(path);
        cx.push(Problem::error(place, format!("`{path}` is the same at all points")).help(
            "a point can differ in services, load, policies, links, network, domains, faults, \
             monitors, semantics, run.time and the settings of a variant",
        ));
    }
    !is_shared
}
