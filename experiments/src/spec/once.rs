//! Effects, and keys that keep them from being done twice, as written.

use super::dist;
use super::fields::{Fields, Names, choice};
use super::problem::{Cx, Problem};
use super::reading::Reading;
use super::script::StepSpec;
use super::tree::Node;
use super::values;
use brownout_core::Span;
use brownout_core::dist::Dist;
use brownout_topologies::graph::{Idempotency, InFlight, KeyUse};

/// Most known keys of one service.
const CAPACITY_MAX: u32 = 10_000_000;

/// `idempotency: (window: "24h", capacity: 100000, in_flight: Wait, replay: "1ms")`.
pub(super) fn idempotency(node: &Node, reading: &mut Reading<'_>) -> Option<Idempotency> {
    const NAMES: Names = Names::new("idempotency", &["window", "capacity", "in_flight", "replay"]);
    const IN_FLIGHT: Names =
        Names::new("what becomes of a key that is being worked on", &["Wait", "Conflict", "Race"]);
    let fields = Fields::read(node, NAMES, reading.cx)?;
    let replay = match fields.get("replay") {
        None => Some(Dist::constant(1e6)),
        Some(node) => dist::times(node, reading),
    };
    let cx = &mut *reading.cx;
    let capacity = |node: &Node, cx: &mut Cx| values::count32(node, 1..=CAPACITY_MAX, cx);
    let all = [InFlight::Wait, InFlight::Conflict, InFlight::Race];
    let in_flight = |node: &Node, cx: &mut Cx| choice(node, IN_FLIGHT, &all, cx);
    Some(Idempotency {
        window: fields
            .with("window", cx, values::span_above_zero)
            .unwrap_or(Span::from_secs(86_400.0)),
        capacity: fields.with("capacity", cx, capacity).unwrap_or(1_000_000),
        in_flight: fields.with("in_flight", cx, in_flight).unwrap_or(InFlight::Wait),
        replay: replay?,
    })
}

/// `key: PerRequest`, of a call or a load.
pub(super) fn key(node: &Node, cx: &mut Cx) -> Option<KeyUse> {
    const NAMES: Names = Names::new("an idempotency key", &KeyUse::NAMES);
    choice(node, NAMES, &KeyUse::ALL, cx)
}

/// `effect: AfterWork`, in the short form: the step `Effect` where that says.
pub(super) fn effect(fields: &Fields<'_>, steps: &mut Vec<StepSpec>, cx: &mut Cx) {
    const NAMES: Names = Names::new("when the effect is done", &["AtStart", "AfterWork", "AtEnd"]);
    let work = usize::from(fields.get("work").is_some());
    let places = [0, work.min(steps.len()), steps.len()];
    let place = fields.with("effect", cx, |node, cx| choice(node, NAMES, &places, cx));
    if let Some(place) = place {
        steps.insert(place, StepSpec::Effect);
    }
}

/// Complains of `effect` where scripts are written out.
pub(super) fn no_effect(fields: &Fields<'_>, cx: &mut Cx) {
    if let Some(place) = fields.key_place("effect") {
        cx.push(
            Problem::error(place, "`effect` beside `endpoints`")
                .label("it is short for a step of the only endpoint")
                .help("write the step Effect where it is done, as in [Work(\"5ms\"), Effect]"),
        );
    }
}
