//! Pools of connections, as written.

use super::dist;
use super::fields::{Fields, Names, choice, names_map};
use super::named::Named;
use super::problem::{Cx, Problem};
use super::reading::Reading;
use super::service::QUEUE_LIMIT;
use super::tree::{Kind, Node};
use super::values;
use brownout_core::Span;
use brownout_core::dist::Dist;
use brownout_topologies::graph::{GivenUp, Pool, ServiceId, Validate};

/// A pool as written; to whom it leads is looked up later.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PoolSpec {
    pub(crate) to: Named,
    pub(crate) pool: Pool,
}

const POOL: Names = Names {
    what: "a pool",
    known: &[
        "size",
        "queue",
        "timeout",
        "connect",
        "connect_timeout",
        "validate",
        "max_idle",
        "max_lifetime",
        "socket_timeout",
        "given_up",
    ],
    later: &["min_idle", "streams"],
};

/// `pools: {"db": (size: 10, timeout: "1s")}`, of a service, in order of name.
pub(super) fn pools(node: &Node, reading: &mut Reading<'_>) -> Vec<PoolSpec> {
    const EXAMPLE: &str = "{\"db\": (size: 10, timeout: \"1s\")}";
    const MOST: usize = 100;
    let entries = names_map(node, "pool", EXAMPLE, reading.cx);
    if entries.len() > MOST {
        let message = format!("{} pools", entries.len());
        reading.cx.push(Problem::error(node.place, message).label(format!("at most {MOST}")));
        return Vec::new();
    }
    let mut pools = Vec::with_capacity(entries.len());
    for entry in entries {
        let to = Named { text: entry.key.text.clone(), place: entry.key.place };
        pools.extend(pool(&entry.value, reading).map(|pool| PoolSpec { to, pool }));
    }
    pools.sort_by(|a: &PoolSpec, b| a.to.text.cmp(&b.to.text));
    pools
}

fn pool(node: &Node, reading: &mut Reading<'_>) -> Option<Pool> {
    let fields = Fields::read(node, POOL, reading.cx)?;
    let connect = match fields.get("connect") {
        None => Some(Dist::constant(1e6)),
        Some(node) => dist::times(node, reading),
    };
    let cx = &mut *reading.cx;
    let size = |node: &Node, cx: &mut Cx| values::count32(node, 1..=Pool::SIZE_MAX, cx);
    let size = fields.need("size", "10", cx).and_then(|node| size(node, cx));
    let queue_limit = fields.with("queue", cx, queue).unwrap_or(Some(QUEUE_LIMIT));
    let mut span = |key, default: f64| {
        let written = fields.with(key, cx, values::span_above_zero);
        written.unwrap_or(Span::from_secs(default))
    };
    let timeout = span("timeout", 30.0);
    let connect_timeout = span("connect_timeout", 1.0);
    let socket_timeout = span("socket_timeout", 900.0);
    Some(Pool {
        to: ServiceId::default(),
        size: size?,
        queue_limit,
        timeout,
        connect: connect?,
        connect_timeout,
        validate: fields.with("validate", cx, validate).flatten(),
        max_idle: fields.with("max_idle", cx, values::span_above_zero),
        max_lifetime: fields.with("max_lifetime", cx, values::span_above_zero),
        socket_timeout,
        given_up: fields.with("given_up", cx, given_up).unwrap_or(GivenUp::Close),
    })
}

/// `100`, or `Unbounded`.
fn queue(node: &Node, cx: &mut Cx) -> Option<Option<u32>> {
    match node.kind {
        Kind::Number(_) => values::count32(node, 0..=u32::MAX - 1, cx).map(Some),
        _ => choice(node, Names::new("how many may wait", &["Unbounded"]), &[None], cx),
    }
}

/// `(takes: "1ms", timeout: "250ms")`, or `Never`.
fn validate(node: &Node, cx: &mut Cx) -> Option<Option<Validate>> {
    if let Kind::Variant(..) = node.kind {
        return choice(node, Names::new("a validation", &["Never"]), &[None], cx);
    }
    let fields = Fields::read(node, Names::new("a validation", &["takes", "timeout"]), cx)?;
    let takes = match fields.get("takes") {
        None => Some(Span::from_millis(1)),
        Some(node) => values::span(node, cx),
    };
    let timeout = fields.with("timeout", cx, values::span_above_zero);
    Some(Some(Validate { takes: takes?, timeout: timeout.unwrap_or(Span::from_millis(1_000)) }))
}

fn given_up(node: &Node, cx: &mut Cx) -> Option<GivenUp> {
    const NAMES: Names =
        Names::new("what becomes of a connection whose attempt is given up", &["Close", "Keep"]);
    choice(node, NAMES, &[GivenUp::Close, GivenUp::Keep], cx)
}
