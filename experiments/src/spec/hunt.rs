//! Hunts: over which settings the smallest trigger is looked for, and what counts as bad.

use super::fields::{Fields, Names, choice};
use super::named::Named;
use super::problem::{Cx, Place, Problem};
use super::range::{Steps, Values, values};
use super::sweep::{map, may_vary};
use super::tree::{Entry, Node};
use super::values as read;
use crate::experiment::{Bad, Hunt, Over};

/// Most runs of one probe where nothing is said.
pub(crate) const RUNS: u32 = 200;
/// Share of bad runs above which a setting is bad, where nothing is said.
pub(crate) const SHARE: f64 = 0.5;
/// How close the two ends come, as a share of the range, where nothing is said.
pub(crate) const WITHIN: f64 = 0.01;

/// A hunt as written.
pub(crate) struct HuntSpec {
    pub(crate) hunt: Hunt,
    /// The places of its paths and of their ranges.
    pub(crate) places: Vec<(Place, Place)>,
    /// The variant it is about.
    pub(crate) on: Option<Named>,
}

/// `hunt: (over: {"faults.cut.lasts": Linear(from: "1s", to: "20s")}, until: Stuck)`.
pub(crate) fn hunt(node: &Node, cx: &mut Cx) -> Option<HuntSpec> {
    const NAMES: Names = Names {
        what: "hunt",
        known: &["over", "until", "share", "on", "runs", "within"],
        later: &["seeds", "shrink", "jointly"],
    };
    let fields = Fields::read(node, NAMES, cx)?;
    let over = fields.need("over", "{\"faults.0.by\": Linear(from: 1, to: 10)}", cx);
    let mut found = Vec::new();
    for entry in over.and_then(|node| map(node, cx)).unwrap_or_default() {
        found.extend(one(entry, cx));
    }
    let until = fields.with("until", cx, |node, cx| {
        let names = Names::new("what to hunt for", &["Stuck", "Tipped", "Failed"]);
        choice(node, names, &[Bad::Stuck, Bad::Tipped, Bad::Failed], cx)
    });
    let share = fields.with("share", cx, between);
    let within = fields.with("within", cx, between);
    let runs = fields.with("runs", cx, |node, cx| read::count32(node, 8..=100_000, cx));
    let on = fields.with("on", cx, read::reference);
    let (over, places) = found.into_iter().unzip();
    let hunt = Hunt {
        over,
        bad: until.unwrap_or(Bad::Stuck),
        share: share.unwrap_or(SHARE),
        on: on.as_ref().map(|named| named.text.clone()),
        runs: runs.unwrap_or(RUNS),
        within: within.unwrap_or(WITHIN),
    };
    Some(HuntSpec { hunt, places, on })
}

/// A share above 0 and below 1.
fn between(node: &Node, cx: &mut Cx) -> Option<f64> {
    let share = read::share(node, cx)?;
    match 0.0 < share && share < 1.0 {
        true => Some(share),
        false => read::wrong(node, "a share above 0 and below 100%", cx),
    }
}

fn one(entry: &Entry, cx: &mut Cx) -> Option<(Over, (Place, Place))> {
    if !may_vary(&entry.key.text, entry.key.place, cx) {
        return None;
    }
    let (found, variant) = values(&entry.value, Steps::Open, cx)?;
    match found {
        Values::Range(range, _) => {
            let over = Over { path: entry.key.text.clone(), range };
            Some((over, (entry.key.place, variant.whole)))
        }
        Values::List(_) => {
            cx.push(
                Problem::error(variant.whole, "a hunt goes over numbers")
                    .label("write Linear(from: …, to: …) or Log(from: …, to: …)"),
            );
            None
        }
    }
}
