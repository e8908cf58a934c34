//! Services, as written.

use super::fields::{Fields, Names, Variant, choice, names_map};
use super::fleet;
use super::lives;
use super::named::Named;
use super::once;
use super::pool::{self, PoolSpec};
use super::problem::{Cx, Place, Problem};
use super::reading::Reading;
use super::replication::replication;
use super::script::{self, CallSpec, EndpointSpec};
use super::store::{StoreSpec, stores};
use super::tree::{Kind, Node};
use super::values;
use super::zone::zones;
use brownout_core::Span;
use brownout_topologies::fleet::Fleet;
use brownout_topologies::graph::{
    CancelInService, CancelQueued, ClockSpec, Deadlines, Entrance, ExpiredInService, FullQueue,
    Idempotency, Replication, Serving, WhileCalling,
};

/// Most replicas of one service.
pub(crate) const REPLICAS_MAX: u32 = 1_000_000;
/// Most services of one graph.
const SERVICES_MAX: usize = 10_000;
/// Waiting places per replica where no queue is written.
pub(super) const QUEUE_LIMIT: u32 = 1_000;

const SERVICE: Names = Names {
    what: "a service",
    known: &[
        "replicas",
        "workers",
        "serving",
        "slowdown",
        "pauses",
        "warm_up",
        "admission",
        "queue",
        "queue_timeout",
        "full_queue",
        "drop_expired",
        "while_calling",
        "on_cancel",
        "on_deadline",
        "statement_timeout",
        "deadlines",
        "balance",
        "weights",
        "outliers",
        "health",
        "restart",
        "autoscale",
        "clock",
        "zones",
        "stores",
        "replication",
        "idempotency",
        "pools",
        "effect",
        "work",
        "calls",
        "endpoints",
        "next",
    ],
    later: &["limiter", "limit", "connections", "bytes", "durable"],
};

/// A job's way onward.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct NextSpec {
    pub(crate) probability: f64,
    pub(crate) to: Named,
}

/// A service as written, defaults filled in except those that the file as a whole decides.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ServiceSpec {
    pub(crate) name: Named,
    pub(crate) replicas: u32,
    pub(crate) workers: Option<u32>,
    pub(crate) queue_limit: Option<u32>,
    pub(crate) queue_timeout: Option<Span>,
    pub(crate) entrance: Entrance,
    /// For which endpoint each gate at the door is, if it is for one only.
    pub(crate) gates_of: Vec<Option<Named>>,
    pub(crate) serving: Serving,
    /// What a full queue does, and where that is written.
    pub(crate) full_queue: Option<(FullQueue, Place)>,
    pub(crate) drop_expired: bool,
    pub(crate) while_calling: WhileCalling,
    pub(crate) cancel_queued: CancelQueued,
    pub(crate) cancel_in_service: CancelInService,
    pub(crate) expired_in_service: ExpiredInService,
    pub(crate) statement_timeout: Option<Span>,
    pub(crate) deadlines: Option<Deadlines>,
    pub(crate) fleet: Fleet,
    pub(crate) clock: ClockSpec,
    pub(crate) clock_offsets: Vec<i64>,
    /// In order of name.
    pub(crate) stores: Vec<StoreSpec>,
    /// Where its replicas are, in turn.
    pub(crate) zones: Vec<Named>,
    /// How its replicas come to keep the same, and where that is written.
    pub(crate) replication: Option<(Replication, Place)>,
    pub(crate) idempotency: Option<Idempotency>,
    /// In order of name.
    pub(crate) pools: Vec<PoolSpec>,
    /// In order of name; at least one.
    pub(crate) endpoints: Vec<EndpointSpec>,
    pub(crate) next: Vec<NextSpec>,
}

/// The map of services, in order of name.
pub(crate) fn services(node: &Node, reading: &mut Reading<'_>) -> Vec<ServiceSpec> {
    let example = "{\"api\": (work: Exp(mean: \"5ms\"))}";
    let entries = names_map(node, "service", example, reading.cx);
    if entries.is_empty() && node.kind != Kind::Broken && !reading.cx.is_mangled {
        reading.cx.push(
            Problem::error(node.place, "no service").help(format!("add one, as in {example}")),
        );
    }
    if entries.len() > SERVICES_MAX {
        let message = format!("{} services", entries.len());
        reading
            .cx
            .push(Problem::error(node.place, message).label(format!("at most {SERVICES_MAX}")));
        return Vec::new();
    }
    let mut specs = Vec::with_capacity(entries.len());
    for entry in entries {
        let name = Named { text: entry.key.text.clone(), place: entry.key.place };
        if values::check_name(&name.text, name.place, "service", reading.cx) {
            specs.push(service(name, &entry.value, reading));
        }
    }
    specs.sort_by(|a: &ServiceSpec, b| a.name.text.cmp(&b.name.text));
    specs
}

/// A service; what is wrong in it is complained about and replaced, so that calls to it resolve.
fn service(name: Named, node: &Node, reading: &mut Reading<'_>) -> ServiceSpec {
    let mut spec = ServiceSpec {
        name,
        replicas: 1,
        workers: Some(1),
        queue_limit: Some(QUEUE_LIMIT),
        queue_timeout: None,
        entrance: Entrance::default(),
        gates_of: Vec::new(),
        serving: Serving::default(),
        full_queue: None,
        drop_expired: false,
        while_calling: WhileCalling::Held,
        cancel_queued: CancelQueued::Keep,
        cancel_in_service: CancelInService::Keep,
        expired_in_service: ExpiredInService::Keep,
        statement_timeout: None,
        deadlines: None,
        fleet: Fleet::default(),
        clock: ClockSpec::default(),
        clock_offsets: Vec::new(),
        stores: Vec::new(),
        zones: Vec::new(),
        replication: None,
        idempotency: None,
        pools: Vec::new(),
        endpoints: vec![EndpointSpec::default()],
        next: Vec::new(),
    };
    let Some(fields) = Fields::read(node, SERVICE, reading.cx) else { return spec };
    spec.read_place(&fields, reading.cx);
    spec.read_entrance(&fields, reading);
    spec.read_serving(&fields, reading);
    spec.zones = fields.get("zones").map_or_else(Vec::new, |node| zones(node, reading.cx));
    spec.stores = fields.get("stores").map_or_else(Vec::new, |node| stores(node, reading.cx));
    spec.replication = fields.get("replication").and_then(|node| replication(node, reading));
    let idempotency = fields.get("idempotency");
    spec.idempotency = idempotency.and_then(|node| once::idempotency(node, reading));
    spec.pools = fields.get("pools").map_or_else(Vec::new, |node| pool::pools(node, reading));
    spec.endpoints = script::endpoints(&spec.name, &fields, reading);
    if let Some(node) = fields.get("next") {
        spec.next = next(node, reading.cx);
    }
    spec
}

impl ServiceSpec {
    /// How it takes work in.
    fn read_place(&mut self, fields: &Fields<'_>, cx: &mut Cx) {
        let replicas = |node: &Node, cx: &mut Cx| values::count32(node, 1..=REPLICAS_MAX, cx);
        set(&mut self.replicas, fields.with("replicas", cx, replicas));
        set(&mut self.workers, fields.with("workers", cx, workers));
        self.full_queue = fields
            .with("full_queue", cx, |node, cx| full_queue(node, cx).map(|full| (full, node.place)));
        set(&mut self.drop_expired, fields.with("drop_expired", cx, values::flag));
        let held = [WhileCalling::Held, WhileCalling::Released];
        let names = Names::new("what becomes of a worker while it calls", &["Held", "Released"]);
        let read = |node: &Node, cx: &mut Cx| choice(node, names, &held, cx);
        set(&mut self.while_calling, fields.with("while_calling", cx, read));
        if let Some((queued, in_service)) = fields.with("on_cancel", cx, on_cancel) {
            (self.cancel_queued, self.cancel_in_service) = (queued, in_service);
        }
        if let Some(node) = fields.get("on_deadline") {
            self.read_on_deadline(node, fields, cx);
        }
        self.statement_timeout = fields.with("statement_timeout", cx, values::span_above_zero);
        self.deadlines = fields.with("deadlines", cx, deadlines);
        let scaled = |node: &Node, cx: &mut Cx| lives::autoscale(node, self.replicas, cx);
        let scaled = fields.with("autoscale", cx, scaled);
        self.replicas = scaled.map_or(self.replicas, |(_, most)| most);
        self.fleet = fleet::fleet(fields, self.replicas, cx);
        self.fleet.autoscale = scaled.map(|(rule, _)| rule);
        if let Some((clock, offsets)) = fields.with("clock", cx, clock) {
            (self.clock, self.clock_offsets) = (clock, offsets);
        }
    }

    /// `on_deadline: (queued: Drop, in_service: Stop)`.
    fn read_on_deadline(&mut self, node: &Node, outer: &Fields<'_>, cx: &mut Cx) {
        const NAMES: Names = Names::new("on_deadline", &["queued", "in_service"]);
        let Some(fields) = Fields::read(node, NAMES, cx) else { return };
        let queued = |node: &Node, cx: &mut Cx| {
            let names = Names::new("what a deadline does to waiting work", &["Keep", "Drop"]);
            choice(node, names, &[false, true], cx)
        };
        if let (Some(node), Some(_)) = (fields.get("queued"), outer.get("drop_expired")) {
            cx.push(
                Problem::error(node.place, "`queued` beside `drop_expired`")
                    .label("`drop_expired: true` is short for `queued: Drop`")
                    .help("remove one of the two"),
            );
        }
        set(&mut self.drop_expired, fields.with("queued", cx, queued));
        let in_service = |node: &Node, cx: &mut Cx| {
            let names = Names::new("what a deadline does to work in service", &["Keep", "Stop"]);
            choice(node, names, &[ExpiredInService::Keep, ExpiredInService::Stop], cx)
        };
        set(&mut self.expired_in_service, fields.with("in_service", cx, in_service));
    }
}

pub(super) fn set<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}

fn workers(node: &Node, cx: &mut Cx) -> Option<Option<u32>> {
    values::count_or_unlimited(node, 1..=u32::MAX - 1, cx)
}

/// What a full queue does.
pub(crate) fn full_queue(node: &Node, cx: &mut Cx) -> Option<FullQueue> {
    const ALL: [FullQueue; 4] =
        [FullQueue::Refuse, FullQueue::Lose, FullQueue::DropOldest, FullQueue::DropLowest];
    const NAMES: Names =
        Names::new("what a full queue does", &["Refuse", "Lose", "DropOldest", "DropLowest"]);
    choice(node, NAMES, &ALL, cx)
}

fn on_cancel(node: &Node, cx: &mut Cx) -> Option<(CancelQueued, CancelInService)> {
    const NAMES: Names = Names::new("on_cancel", &["queued", "in_service"]);
    if let Kind::Variant(..) | Kind::Text(_) = node.kind {
        let names = Names::new("what a cancel does", &["KeepWorking"]);
        return choice(node, names, &[(CancelQueued::Keep, CancelInService::Keep)], cx);
    }
    let fields = Fields::read(node, NAMES, cx)?;
    let queued = |node: &Node, cx: &mut Cx| {
        let names = Names::new("what a cancel does to waiting work", &["Keep", "Remove"]);
        choice(node, names, &[CancelQueued::Keep, CancelQueued::Remove], cx)
    };
    let in_service = |node: &Node, cx: &mut Cx| {
        let names = Names::new("what a cancel does to work in service", &["Keep", "Stop"]);
        choice(node, names, &[CancelInService::Keep, CancelInService::Stop], cx)
    };
    Some((
        fields.with("queued", cx, queued).unwrap_or(CancelQueued::Keep),
        fields.with("in_service", cx, in_service).unwrap_or(CancelInService::Keep),
    ))
}

/// What callees are told of deadlines: `Propagate(reserve: "5ms")`, `Absolute`, `Ignore`.
pub(crate) fn deadlines(node: &Node, cx: &mut Cx) -> Option<Deadlines> {
    const WAYS: Names =
        Names::new("what callees are told of deadlines", &["Ignore", "Propagate", "Absolute"]);
    let variant = Variant::read(node, WAYS, cx)?;
    if variant.name == "Ignore" {
        variant.expect_unit(cx);
        return Some(Deadlines::Ignore);
    }
    let fields = variant.fields(Names::new("a deadline", &["reserve"]), &["reserve"], cx)?;
    let reserve = match fields.get("reserve") {
        None => Span::ZERO,
        Some(node) => values::span(node, cx)?,
    };
    Some(match variant.name {
        "Propagate" => Deadlines::Propagate { reserve },
        _ => Deadlines::Absolute { reserve },
    })
}

/// `(drift: 0.001, offset: "2s")`; several offsets are those of the replicas in turn.
fn clock(node: &Node, cx: &mut Cx) -> Option<(ClockSpec, Vec<i64>)> {
    let fields = Fields::read(node, Names::new("a clock", &["drift", "offset"]), cx)?;
    let drift = |node: &Node, cx: &mut Cx| {
        values::number(node, "between -0.5 and 0.5", |value| (-0.5..=0.5).contains(&value), cx)
    };
    let drift = fields.with("drift", cx, drift).unwrap_or(0.0);
    let offsets = match fields.get("offset") {
        None => Vec::new(),
        Some(Node { kind: Kind::List(items), .. }) => {
            items.iter().filter_map(|item| values::signed_nanos(item, cx)).collect()
        }
        Some(node) => values::signed_nanos(node, cx).into_iter().collect(),
    };
    Some((ClockSpec { drift }, offsets))
}

fn next(node: &Node, cx: &mut Cx) -> Vec<NextSpec> {
    let Some(items) = values::list(node, "routes", cx) else { return Vec::new() };
    let mut routes: Vec<NextSpec> = Vec::with_capacity(items.len());
    for item in items {
        let Some((share, to)) = values::pair(item, "probability, \"service\"", cx) else {
            continue;
        };
        let share = values::share(share, cx);
        let to = values::reference(to, cx);
        routes.extend(share.zip(to).map(|(probability, to)| NextSpec { probability, to }));
    }
    let sum: f64 = routes.iter().map(|route| route.probability).sum();
    // Written probabilities such as 0.1 have no exact sum; this much is rounding.
    const SLACK: f64 = 1e-9;
    if sum > 1.0 + SLACK {
        cx.push(
            Problem::error(node.place, format!("the probabilities of `next` add up to {sum:.6}"))
                .label("expected at most 1; the rest is answered here"),
        );
    }
    routes
}

impl ServiceSpec {
    /// Every call that it makes, in the order of the file.
    pub(crate) fn calls(&self) -> impl Iterator<Item = &CallSpec> {
        self.endpoints.iter().flat_map(EndpointSpec::calls)
    }
}

/// Where the services are, for complaints about all of them.
pub(crate) fn first_place(services: &[ServiceSpec]) -> Place {
    services.first().map_or_else(Place::default, |service| service.name.place)
}
