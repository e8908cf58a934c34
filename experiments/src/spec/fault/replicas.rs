//! What can go wrong with replicas, as written.

use super::HarmSpec;
use super::whom::whom;
use crate::spec::fields::{Fields, Names, Variant, choice};
use crate::spec::problem::{Cx, Problem};
use crate::spec::tree::Node;
use crate::spec::values;
use brownout_topologies::fault::{
    Callers, CapacityOf, ConfigChange, ErrorsWhen, FaultKind, QueueFate,
};

/// The fault called `kind`, of replicas.
pub(super) fn harm(kind: &str, fields: &Fields<'_>, cx: &mut Cx) -> Option<HarmSpec> {
    let whom = whom(fields, cx);
    let kind = match kind {
        "Slow" => slow(fields, cx),
        "Stall" => stall(fields, cx),
        "Crash" => crash(fields, cx),
        "Errors" => errors(fields, cx),
        "BlackHole" => Some(FaultKind::BlackHole),
        "CacheFlush" => Some(FaultKind::CacheFlush),
        "Demote" => Some(FaultKind::Demote),
        "ClockJump" => clock_jump(fields, cx),
        "Capacity" => capacity(fields, cx),
        "Breakdowns" => mode(fields, cx),
        _ => config(fields, cx),
    };
    Some(HarmSpec::Replicas { whom: whom?, kind: kind? })
}

fn slow(fields: &Fields<'_>, cx: &mut Cx) -> Option<FaultKind> {
    let by = fields.need("by", "4", cx).and_then(|node| values::positive(node, cx))?;
    Some(FaultKind::Slow { by })
}

/// `by: "2s"`, or behind: `by: "-2s"`.
fn clock_jump(fields: &Fields<'_>, cx: &mut Cx) -> Option<FaultKind> {
    let node = fields.need("by", "\"2s\"", cx)?;
    let by = values::signed_nanos(node, cx)?;
    if by == 0 {
        cx.push(Problem::error(node.place, "a jump of nothing").label("expected a time but 0"));
        return None;
    }
    Some(FaultKind::ClockJump { by })
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

/// How breakdowns show: as a stall, after which work goes on where it stopped, as a crash, or one
/// worker at a time.
fn mode(fields: &Fields<'_>, cx: &mut Cx) -> Option<FaultKind> {
    const MODES: Names = Names::new("how a breakdown shows", &["Stall", "Crash", "Worker"]);
    const STALL: Names = Names::new("Stall", &["in_service"]);
    const CRASH: Names = Names::new("Crash", &["callers", "queue"]);
    const WORKER: Names = Names::new("Worker", &["in_service"]);
    let Some(node) = fields.get("mode") else {
        return Some(FaultKind::Stall { freezes_service: true });
    };
    let variant = Variant::read(node, MODES, cx)?;
    match variant.name {
        "Stall" => stall(&variant.fields(STALL, &[], cx)?, cx),
        "Crash" => crash(&variant.fields(CRASH, &[], cx)?, cx),
        _ => worker(&variant.fields(WORKER, &[], cx)?, cx),
    }
}

/// What a worker that breaks down worked on waits at the head of the queue to go on, or is lost.
fn worker(fields: &Fields<'_>, cx: &mut Cx) -> Option<FaultKind> {
    let work = match fields.get("in_service") {
        None => Some(QueueFate::Kept),
        Some(node) => {
            let names = Names::new("what becomes of work in service", &["Kept", "Lost"]);
            choice(node, names, &[QueueFate::Kept, QueueFate::Lost], cx)
        }
    };
    Some(FaultKind::Worker { work: work? })
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

fn capacity(fields: &Fields<'_>, cx: &mut Cx) -> Option<FaultKind> {
    let to = fields.need("to", "\"20%\"", cx).and_then(|node| values::share(node, cx));
    let of = match fields.get("of") {
        None => Some(CapacityOf::Workers),
        Some(node) => {
            let names = Names::new("what is cut", &["Workers", "Speed"]);
            choice(node, names, &[CapacityOf::Workers, CapacityOf::Speed], cx)
        }
    };
    Some(FaultKind::Capacity { to: to?, of: of? })
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
