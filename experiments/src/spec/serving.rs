//! How those in service share what there is, as written.

use super::dist;
use super::fields::{Fields, Names, Variant};
use super::problem::{Cx, Problem};
use super::reading::Reading;
use super::service::{ServiceSpec, set};
use super::tree::Node;
use super::values;
use brownout_topologies::graph::{Pauses, ProcessorSharing, Slowdown, WarmUp};

/// The ways in which workers serve.
pub(crate) const SERVINGS: Names = Names::new("a way to serve", &["Workers", "ProcessorSharing"]);

impl ServiceSpec {
    /// How work is served.
    pub(super) fn read_serving(&mut self, fields: &Fields<'_>, reading: &mut Reading<'_>) {
        let cx = &mut *reading.cx;
        set(&mut self.serving.sharing, fields.with("serving", cx, serving));
        self.serving.slowdown = fields.with("slowdown", cx, slowdown);
        self.serving.warm_up = fields.with("warm_up", cx, warm_up);
        self.serving.pauses = fields.get("pauses").and_then(|node| pauses(node, reading));
    }
}

fn serving(node: &Node, cx: &mut Cx) -> Option<Option<ProcessorSharing>> {
    let variant = Variant::read(node, SERVINGS, cx)?;
    if variant.name == "Workers" {
        variant.expect_unit(cx);
        return Some(None);
    }
    let fields = variant.fields(Names::new("ProcessorSharing", &["most"]), &["most"], cx)?;
    let most = |node: &Node, cx: &mut Cx| values::count_or_unlimited(node, 1..=u32::MAX - 1, cx);
    let most = fields.with("most", cx, most).flatten();
    Some(Some(ProcessorSharing { most }))
}

fn slowdown(node: &Node, cx: &mut Cx) -> Option<Slowdown> {
    const NAMES: Names = Names::new("a slowdown", &["Usl"]);
    const USL: Names = Names::new("Usl", &["contention", "coherency"]);
    let variant = Variant::read(node, NAMES, cx)?;
    let fields = variant.fields(USL, &[], cx)?;
    let mut part = |key| match fields.get(key) {
        None => Some(0.0),
        Some(node) => values::share(node, cx),
    };
    let (contention, coherency) = (part("contention"), part("coherency"));
    Some(Slowdown { contention: contention?, coherency: coherency? })
}

fn warm_up(node: &Node, cx: &mut Cx) -> Option<WarmUp> {
    let fields = Fields::read(node, Names::new("a warm-up", &["from", "over"]), cx)?;
    let from = fields.need("from", "\"20%\"", cx);
    let share = from.and_then(|node| values::share(node, cx));
    let over = fields.need("over", "\"30s\"", cx);
    let over = over.and_then(|node| values::span_above_zero(node, cx));
    if share == Some(0.0) {
        let place = from.map_or(fields.place, |node| node.place);
        cx.push(
            Problem::error(place, "a process without any speed never does anything")
                .label("expected more than 0%"),
        );
        return None;
    }
    Some(WarmUp { from: share?, over: over? })
}

fn pauses(node: &Node, reading: &mut Reading<'_>) -> Option<Pauses> {
    let fields = Fields::read(node, Names::new("pauses", &["every", "lasts"]), reading.cx)?;
    let every = fields.need("every", "1000", reading.cx);
    let every = every.and_then(|node| values::count32(node, 1..=u32::MAX - 1, reading.cx));
    let lasts = fields.need("lasts", "\"50ms\"", reading.cx);
    let lasts = lasts.and_then(|node| dist::times(node, reading));
    Some(Pauses { every: every?, lasts: lasts? })
}
