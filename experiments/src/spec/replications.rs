//! How often an experiment runs, and when that is enough.

use super::fields::{Names, Variant};
use super::problem::{Cx, Place, Problem};
use super::tree::Node;
use super::values;
use crate::experiment::Until;

/// Replications where none are written; of `Until` the first ones.
const RUNS: u32 = 10;
/// Most replications of one experiment.
const RUNS_MAX: u32 = 100_000;
/// Most replications of `Until` where nothing is written.
const UNTIL_MAX: u32 = 1_000;

/// `runs: …`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Replications {
    /// The first ones, or all of them.
    pub(crate) runs: u32,
    /// When to stop, and where that is written.
    pub(crate) until: Option<(Until, Place)>,
    /// Into how many stretches a single run is cut.
    pub(crate) batches: Option<u32>,
}

impl Default for Replications {
    fn default() -> Replications {
        Replications { runs: RUNS, until: None, batches: None }
    }
}

/// `30`, `Until(half_width: "2%", max: 500)` or `Batches(20)`.
pub(crate) fn replications(node: &Node, cx: &mut Cx) -> Option<Replications> {
    const NAMES: Names = Names::new("how often to run", &["Until", "Batches"]);
    if !is_word(node) {
        let runs = values::count32(node, 1..=RUNS_MAX, cx)?;
        return Some(Replications { runs, ..Replications::default() });
    }
    let variant = Variant::read(node, NAMES, cx)?;
    if variant.name == "Batches" {
        let fields = variant.fields(Names::new("Batches", &["number"]), &["number"], cx)?;
        let number = fields.need("number", "20", cx)?;
        let batches = values::count32(number, 5..=200, cx)?;
        return Some(Replications { runs: 1, until: None, batches: Some(batches) });
    }
    let names = Names::new("Until", &["half_width", "min", "max"]);
    let fields = variant.fields(names, &["half_width"], cx)?;
    let half_width = fields.need("half_width", "\"2%\"", cx);
    let half_width = half_width.and_then(|node| width(node, cx));
    let min = match fields.get("min") {
        None => Some(RUNS),
        Some(node) => values::count32(node, 2..=RUNS_MAX, cx),
    };
    let max = match fields.get("max") {
        None => Some(UNTIL_MAX),
        Some(node) => values::count32(node, 2..=RUNS_MAX, cx),
    };
    let (half_width, min, max) = (half_width?, min?, max?);
    if max < min {
        let message = format!("at most {max} runs are fewer than the {min} at least");
        cx.push(Problem::error(node.place, message).help("raise `max`, or lower `min`"));
        return None;
    }
    let until = Until { half_width, max };
    Some(Replications { runs: min, until: Some((until, node.place)), batches: None })
}

/// A half-width as a share of the mean.
fn width(node: &Node, cx: &mut Cx) -> Option<f64> {
    let share = values::share(node, cx)?;
    if share > 0.0 && share <= 0.5 {
        return Some(share);
    }
    cx.push(
        Problem::error(node.place, "a half-width is a share of the mean, above 0 and at most 50%")
            .help("2% is usual; it takes four times the runs to halve it"),
    );
    None
}

/// Whether a word stands where a number or a time could: those begin with a digit.
pub(super) fn is_word(node: &Node) -> bool {
    let is_capital = |name: &str| name.starts_with(|c: char| c.is_ascii_uppercase());
    Variant::peek(node).is_some_and(|variant| is_capital(variant.name))
}
