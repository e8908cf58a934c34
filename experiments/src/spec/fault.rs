//! Faults on the timeline, as written.

use super::fields::{Fields, Names, Variant, choice};
use super::named::Named;
use super::problem::{Cx, Place, Problem};
use super::tree::Node;
use super::values;
use brownout_core::{Span, Time};
use brownout_topologies::fault::{Callers, ConfigChange, ErrorsWhen, FaultKind, QueueFate};

/// The faults there are.
pub(crate) const KINDS: Names = Names {
    what: "a fault",
    known: &["Slow", "Stall", "Crash", "Errors", "Config"],
    later: &[
        "Latency",
        "Loss",
        "Partition",
        "Skew",
        "Gray",
        "Gc",
        "Leak",
        "Disk",
        "Dns",
        "Restart",
        "ClockJump",
        "Kill",
    ],
};

/// A fault as written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FaultSpec {
    pub(crate) place: Place,
    pub(crate) kind_name: &'static str,
    pub(crate) name: Option<Named>,
    pub(crate) kind: FaultKind,
    pub(crate) service: Named,
    pub(crate) replica: Option<(u32, Place)>,
    pub(crate) at: Time,
    pub(crate) at_place: Place,
    pub(crate) lasts: Span,
}

/// The list of faults, in order.
pub(crate) fn faults(node: &Node, cx: &mut Cx) -> Vec<FaultSpec> {
    const MOST: usize = 10_000;
    let Some(items) = values::list(node, "faults", cx) else { return Vec::new() };
    if items.len() > MOST {
        let message = format!("{} faults", items.len());
        cx.push(Problem::error(node.place, message).label(format!("at most {MOST}")));
        return Vec::new();
    }
    items.iter().filter_map(|item| fault(item, cx)).collect()
}

fn fault(node: &Node, cx: &mut Cx) -> Option<FaultSpec> {
    const SLOW: Names = Names::new("Slow", &["service", "by", "at", "lasts", "replica", "name"]);
    const STALL: Names =
        Names::new("Stall", &["service", "in_service", "at", "lasts", "replica", "name"]);
    const CRASH: Names =
        Names::new("Crash", &["service", "callers", "queue", "at", "lasts", "replica", "name"]);
    const ERRORS: Names =
        Names::new("Errors", &["service", "ratio", "when", "at", "lasts", "replica", "name"]);
    const CONFIG: Names = Names::new(
        "Config",
        &["service", "workers", "queue_limit", "queue_timeout", "at", "lasts", "replica", "name"],
    );
    let variant = Variant::read(node, KINDS, cx)?;
    let kind_name = KINDS.known.iter().find(|known| **known == variant.name)?;
    let names = match *kind_name {
        "Slow" => SLOW,
        "Stall" => STALL,
        "Crash" => CRASH,
        "Errors" => ERRORS,
        _ => CONFIG,
    };
    let fields = variant.fields(names, &[], cx)?;
    let kind = match *kind_name {
        "Slow" => slow(&fields, cx),
        "Stall" => stall(&fields, cx),
        "Crash" => crash(&fields, cx),
        "Errors" => errors(&fields, cx),
        _ => config(&fields, cx),
    };
    let service = fields.need("service", "\"db\"", cx).and_then(|node| values::reference(node, cx));
    let at = fields.need("at", "\"60s\"", cx);
    let at = at.and_then(|node| Some((values::time(node, cx)?, node.place)));
    let lasts = match fields.get("lasts") {
        None => Some(Span::MAX),
        Some(node) => values::span_above_zero(node, cx),
    };
    let replica = fields.get("replica").and_then(|node| {
        Some((values::count32(node, 0..=super::service::REPLICAS_MAX - 1, cx)?, node.place))
    });
    let name = fields.with("name", cx, values::reference);
    let (at, at_place) = at?;
    Some(FaultSpec {
        place: variant.whole,
        kind_name,
        name,
        kind: kind?,
        service: service?,
        replica,
        at,
        at_place,
        lasts: lasts?,
    })
}

fn slow(fields: &Fields<'_>, cx: &mut Cx) -> Option<FaultKind> {
    let by = fields.need("by", "4", cx).and_then(|node| values::positive(node, cx))?;
    Some(FaultKind::Slow { by })
}

fn stall(fields: &Fields<'_>, cx: &mut Cx) -> Option<FaultKind> {
    let freezes_service = match fields.get("in_service") {
        None => true,
        Some(node) => {
            let names = Names::new("what becomes of work in service", &["Stop", "Keep"]);
            choice(node, names, &[true, false], cx)?
        }
    };
    Some(FaultKind::Stall { freezes_service })
}

fn crash(fields: &Fields<'_>, cx: &mut Cx) -> Option<FaultKind> {
    let callers = match fields.get("callers") {
        None => Some(Callers::Reset),
        Some(node) => {
            let names = Names::new("what callers see", &["Reset", "Silence"]);
            choice(node, names, &[Callers::Reset, Callers::Silence], cx)
        }
    };
    let queue = match fields.get("queue") {
        None => Some(QueueFate::Lost),
        Some(node) => {
            let names = Names::new("what becomes of the queue", &["Lost", "Kept"]);
            choice(node, names, &[QueueFate::Lost, QueueFate::Kept], cx)
        }
    };
    Some(FaultKind::Crash { callers: callers?, queue: queue? })
}

fn errors(fields: &Fields<'_>, cx: &mut Cx) -> Option<FaultKind> {
    let ratio = fields.need("ratio", "\"10%\"", cx).and_then(|node| values::share(node, cx));
    let when = match fields.get("when") {
        None => Some(ErrorsWhen::AtOnce),
        Some(node) => {
            let names = Names::new("when an error strikes", &["AtOnce", "AfterWork"]);
            choice(node, names, &[ErrorsWhen::AtOnce, ErrorsWhen::AfterWork], cx)
        }
    };
    Some(FaultKind::Errors { ratio: ratio?, when: when? })
}

fn config(fields: &Fields<'_>, cx: &mut Cx) -> Option<FaultKind> {
    const SETTINGS: [&str; 3] = ["workers", "queue_limit", "queue_timeout"];
    let workers = |node: &Node, cx: &mut Cx| values::count32(node, 1..=u32::MAX - 1, cx);
    let limit = |node: &Node, cx: &mut Cx| values::count32(node, 0..=u32::MAX - 1, cx);
    if !SETTINGS.iter().any(|key| fields.get(key).is_some()) {
        cx.push(
            Problem::error(fields.place, "Config changes nothing")
                .label("expected workers, queue_limit or queue_timeout"),
        );
    }
    Some(FaultKind::Config(ConfigChange {
        workers: fields.with("workers", cx, workers),
        queue_limit: fields.with("queue_limit", cx, limit),
        queue_timeout: fields.with("queue_timeout", cx, values::span_above_zero),
    }))
}
