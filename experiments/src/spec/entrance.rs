//! Who is let in and who is served next, as written.

use super::dist;
use super::fields::{Fields, Names, Variant};
use super::named::Named;
use super::problem::{Cx, Problem};
use super::reading::Reading;
use super::service::{QUEUE_LIMIT, ServiceSpec};
use super::tree::{Kind, Node};
use super::values;
use brownout_core::Span;
use brownout_core::dist::Dist;
use brownout_policies::shed::ShedConfig;
use brownout_policies::stack::GateRule;
use brownout_policies::stack::read::{AT_THE_DOOR, gate_at_the_door, shedder, shedding_queue};
use brownout_topologies::graph::Discipline;

/// The orders in which a queue can be served.
pub(crate) const QUEUES: Names = Names::new(
    "a queue",
    &[
        "Fifo",
        "Unbounded",
        "Lifo",
        "AdaptiveLifo",
        "CoDel",
        "Priority",
        "EarliestDeadline",
        "Fair",
        "Random",
    ],
);

/// What can be written of most queues.
const LIMIT: &[&str] = &["limit"];

/// A queue as written.
struct QueueSpec {
    discipline: Discipline,
    limit: Option<u32>,
    shed: Option<ShedConfig>,
}

impl ServiceSpec {
    /// How attempts come in.
    pub(super) fn read_entrance(&mut self, fields: &Fields<'_>, reading: &mut Reading<'_>) {
        if let Some(queue) = fields.with("queue", reading.cx, queue) {
            self.queue_limit = queue.limit;
            self.entrance.discipline = queue.discipline;
            self.entrance.shed = queue.shed;
        }
        if let Some(node) = fields.get("queue_timeout") {
            self.read_queue_timeout(node, reading);
        }
        if let Some(node) = fields.get("admission") {
            self.read_admission(node, reading.cx);
        }
    }

    /// A time, or a distribution of times: everybody has a patience of its own.
    fn read_queue_timeout(&mut self, node: &Node, reading: &mut Reading<'_>) {
        if let Kind::Text(_) | Kind::Number(_) = node.kind {
            self.queue_timeout = values::span_above_zero(node, reading.cx);
            return;
        }
        match dist::times(node, reading) {
            Some(Dist::Const(constant)) => self.queue_timeout = Some(Span::round(constant.value)),
            patience => self.entrance.patience = patience,
        }
    }

    /// Gates in order, and at most one that sheds.
    fn read_admission(&mut self, node: &Node, cx: &mut Cx) {
        const MOST: usize = 16;
        let Some(items) = values::list(node, "admission policies", cx) else { return };
        if items.len() > MOST {
            let message = format!("{} admission policies", items.len());
            cx.push(Problem::error(node.place, message).label(format!("at most {MOST}")));
            return;
        }
        for item in items {
            let Some(variant) = Variant::read(item, AT_THE_DOOR, cx) else { continue };
            if variant.name == "Endpoint" {
                self.read_gates_of_one(&variant, cx);
                continue;
            }
            if variant.name != "Shed" {
                self.add_gate(gate_at_the_door(&variant, cx), None);
                continue;
            }
            let Some(config) = shedder(&variant, cx) else { continue };
            if self.entrance.shed.replace(config).is_some() {
                cx.push(
                    Problem::error(variant.whole, "something sheds here already")
                        .label("a replica has one shedder: in its queue, or at its door"),
                );
            }
        }
    }
}

impl ServiceSpec {
    /// `Endpoint(name: "slow", gates: [Bulkhead(places: 30)])`.
    fn read_gates_of_one(&mut self, variant: &Variant<'_>, cx: &mut Cx) {
        let names = Names::new("Endpoint", &["name", "gates"]);
        let Some(fields) = variant.fields(names, &[], cx) else { return };
        let name = fields.need("name", "\"slow\"", cx);
        let name = name.and_then(|node| values::reference(node, cx));
        let gates = fields.need("gates", "[Bulkhead(places: 30)]", cx);
        let gates = gates.and_then(|node| values::list(node, "gates", cx));
        let (Some(name), Some(gates)) = (name, gates) else { return };
        for gate in gates {
            let Some(variant) = Variant::read(gate, OF_ONE, cx) else { continue };
            self.add_gate(gate_at_the_door(&variant, cx), Some(name.clone()));
        }
    }

    fn add_gate(&mut self, gate: Option<GateRule>, only_for: Option<Named>) {
        if let Some(gate) = gate {
            self.entrance.admission.push(gate);
            self.gates_of.push(only_for);
        }
    }
}

/// The gates that can be for one endpoint.
const OF_ONE: Names = Names::new("a gate", &["RateLimit", "Concurrency", "Bulkhead", "Throttle"]);

fn queue(node: &Node, cx: &mut Cx) -> Option<QueueSpec> {
    let variant = Variant::read(node, QUEUES, cx)?;
    let plain = |discipline, limit| QueueSpec { discipline, limit, shed: None };
    match variant.name {
        "Unbounded" => {
            variant.expect_unit(cx);
            Some(plain(Discipline::Fifo, None))
        }
        "CoDel" | "AdaptiveLifo" => {
            let (shed, fields) = shedding_queue(&variant, cx)?;
            let limit = limit(&fields, cx);
            Some(QueueSpec { discipline: Discipline::Adaptive, limit: limit?, shed: Some(shed?) })
        }
        "Priority" => {
            let names = Names::new("Priority", &["limit", "preemptive"]);
            let fields = variant.fields(names, LIMIT, cx)?;
            let preemptive = fields.with("preemptive", cx, values::flag).unwrap_or(false);
            Some(plain(Discipline::Priority { preemptive }, limit(&fields, cx)?))
        }
        other => {
            let (what, discipline) = match other {
                "Lifo" => ("Lifo", Discipline::Lifo),
                "EarliestDeadline" => ("EarliestDeadline", Discipline::EarliestDeadline),
                "Fair" => ("Fair", Discipline::Fair),
                "Random" => ("Random", Discipline::Random),
                _ => ("Fifo", Discipline::Fifo),
            };
            let fields = variant.fields(Names::new(what, LIMIT), LIMIT, cx)?;
            Some(plain(discipline, limit(&fields, cx)?))
        }
    }
}

/// Waiting places per replica, or `Unbounded`.
fn limit(fields: &Fields<'_>, cx: &mut Cx) -> Option<Option<u32>> {
    let Some(node) = fields.get("limit") else { return Some(Some(QUEUE_LIMIT)) };
    if Variant::peek(node).is_some_and(|word| word.name == "Unbounded" && word.is_unit()) {
        return Some(None);
    }
    values::count32(node, 0..=u32::MAX - 1, cx).map(Some)
}
