//! Stacks of policies, outermost first.

use super::fields::{Fields, Named, Names, Variant, choice};
use super::problem::{Cx, Problem};
use super::tree::{Kind, Node};
use super::values;
use brownout_core::Span;
use brownout_policies::backoff::{Backoff, Jitter};
use brownout_policies::budget::{BudgetRule, Micro, RETRY, Scope};
use brownout_policies::stack::{BudgetUse, Layer, Retry, Stack, Timeout};

/// The policies there are.
pub(crate) const KINDS: Names = Names {
    what: "a policy",
    known: &["Timeout", "Retry"],
    later: &[
        "Hedge",
        "Breaker",
        "CircuitBreaker",
        "Bulkhead",
        "Concurrency",
        "Limit",
        "RateLimit",
        "Fallback",
        "Cache",
        "Coalesce",
        "Shed",
        "Throttle",
        "Deadline",
        "Outlier",
        "Eject",
    ],
};

/// Retries are bounded even where they are not `Unlimited`.
const TIMES_MAX: u32 = 1_000_000;
/// How long a deposit of a ratio budget can be spent, if nothing is written (as Finagle's).
const TTL: Span = Span::from_millis(10_000);

/// Who calls with which policies: none, a named stack, or one written on the spot.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum With {
    Nothing,
    Name(Named),
    Stack(Stack),
}

/// The value of a `with:`.
pub(crate) fn with(node: Option<&Node>, cx: &mut Cx) -> With {
    let Some(node) = node else { return With::Nothing };
    let read = match &node.kind {
        Kind::List(_) => stack(node, cx).map(With::Stack),
        _ => values::reference(node, cx).map(With::Name),
    };
    read.unwrap_or(With::Nothing)
}

/// A list of policies.
pub(crate) fn stack(node: &Node, cx: &mut Cx) -> Option<Stack> {
    const DEEPEST: usize = 16;
    let items = values::list(node, "policies", cx)?;
    if items.len() > DEEPEST {
        let message = format!("{} policies in one stack", items.len());
        cx.push(Problem::error(node.place, message).label(format!("at most {DEEPEST}")));
        return None;
    }
    let layers: Vec<Layer> = items.iter().filter_map(|item| layer(item, cx)).collect();
    (layers.len() == items.len()).then_some(Stack { layers })
}

fn layer(node: &Node, cx: &mut Cx) -> Option<Layer> {
    let variant = Variant::read(node, KINDS, cx)?;
    match variant.name {
        "Timeout" => {
            let fields = variant.fields(Names::new("Timeout", &["after"]), &["after"], cx)?;
            let after = fields.need("after", "\"300ms\"", cx)?;
            let after = values::span_above_zero(after, cx)?;
            Some(Layer::Timeout(Timeout { after, patience: false }))
        }
        _ => retry(&variant, cx).map(Layer::Retry),
    }
}

fn retry(variant: &Variant<'_>, cx: &mut Cx) -> Option<Retry> {
    const NAMES: Names = Names {
        what: "Retry",
        known: &["times", "wait", "budget", "deadline_aware"],
        later: &["on", "like", "unless", "when"],
    };
    let fields = variant.fields(NAMES, &["times"], cx)?;
    let times = fields.need("times", "3", cx).and_then(|node| times(node, cx));
    let wait = match fields.get("wait") {
        None => Some(Backoff::IMMEDIATE),
        Some(node) => backoff(node, cx),
    };
    let budget = match fields.get("budget") {
        None => Some(None),
        Some(node) => budget(node, cx).map(Some),
    };
    let deadline_aware = match fields.get("deadline_aware") {
        None => Some(true),
        Some(node) => values::flag(node, cx),
    };
    Some(Retry { times: times?, wait: wait?, budget: budget?, deadline_aware: deadline_aware? })
}

fn times(node: &Node, cx: &mut Cx) -> Option<u32> {
    let times = values::count_or_unlimited(node, 0..=TIMES_MAX, cx)?;
    Some(times.unwrap_or(u32::MAX))
}

fn backoff(node: &Node, cx: &mut Cx) -> Option<Backoff> {
    const NAMES: Names =
        Names::new("a wait", &["Constant", "Exponential", "Decorrelated", "Random"]);
    let constant = |wait| Backoff::Constant { wait };
    if let Kind::Text(_) | Kind::Number(_) = node.kind {
        return values::span(node, cx).map(constant);
    }
    let variant = Variant::read(node, NAMES, cx)?;
    match variant.name {
        "Constant" => {
            let fields = variant.fields(Names::new("Constant", &["wait"]), &["wait"], cx)?;
            let wait = fields.need("wait", "\"1s\"", cx)?;
            values::span(wait, cx).map(constant)
        }
        "Exponential" => exponential(&variant, cx),
        "Decorrelated" => {
            let fields = variant.fields(Names::new("Decorrelated", &["from", "cap"]), &[], cx)?;
            let (from, cap) = from_and_cap(&fields, cx)?;
            Some(Backoff::Decorrelated { from, cap })
        }
        _ => {
            let fields = variant.fields(Names::new("Random", &["mean"]), &["mean"], cx)?;
            let mean = fields.need("mean", "\"1s\"", cx)?;
            values::span_above_zero(mean, cx).map(|mean| Backoff::Random { mean })
        }
    }
}

fn exponential(variant: &Variant<'_>, cx: &mut Cx) -> Option<Backoff> {
    const NAMES: Names = Names::new("Exponential", &["from", "cap", "factor", "jitter", "first"]);
    const JITTERS: Names = Names::new("a jitter", &["None", "Full", "Equal"]);
    let fields = variant.fields(NAMES, &[], cx)?;
    let limits = from_and_cap(&fields, cx);
    let factor = match fields.get("factor") {
        None => Some(2.0),
        Some(node) => values::number(node, "of 1 or more", |value| value >= 1.0, cx),
    };
    // `jitter: None` reads as nothing at all, which is what it says.
    let jitter = match fields.get("jitter") {
        None => Some(Jitter::None),
        Some(node) => choice(node, JITTERS, &[Jitter::None, Jitter::Full, Jitter::Equal], cx),
    };
    let first = match fields.get("first") {
        None => Some(0),
        Some(node) => values::count32(node, 0..=1, cx),
    };
    let (from, cap) = limits?;
    Some(Backoff::Exponential { from, factor: factor?, cap, jitter: jitter?, first: first? })
}

fn from_and_cap(fields: &Fields<'_>, cx: &mut Cx) -> Option<(Span, Span)> {
    let from = fields.need("from", "\"50ms\"", cx).and_then(|node| values::span(node, cx));
    let node = fields.need("cap", "\"2s\"", cx);
    let cap = node.and_then(|node| values::span(node, cx));
    let (from, cap) = (from?, cap?);
    if cap < from {
        let place = node.map_or(fields.place, |node| node.place);
        cx.push(
            Problem::error(place, format!("the cap {cap} is less than the first wait {from}"))
                .label(format!("expected {from} or more")),
        );
        return None;
    }
    Some((from, cap))
}

fn budget(node: &Node, cx: &mut Cx) -> Option<BudgetUse> {
    const NAMES: Names =
        Names { what: "a budget", known: &["Ratio", "Bucket"], later: &["Adaptive", "Window"] };
    const SCOPES: Names = Names::new("a scope", &["Replica", "Caller", "Fleet"]);
    const RATIO: Names = Names::new("Ratio", &["share", "ttl", "min", "scope"]);
    const BUCKET: Names =
        Names::new("Bucket", &["cap", "initial", "per_call", "per_success", "strict", "scope"]);
    let variant = Variant::read(node, NAMES, cx)?;
    let is_ratio = variant.name == "Ratio";
    let (names, order): (_, &[_]) = if is_ratio { (RATIO, &["share"]) } else { (BUCKET, &["cap"]) };
    let fields = variant.fields(names, order, cx)?;
    let scope = match fields.get("scope") {
        None => Some(Scope::Replica),
        Some(node) => choice(node, SCOPES, &[Scope::Replica, Scope::Caller, Scope::Fleet], cx),
    };
    let rule = if is_ratio { ratio(&fields, cx) } else { bucket(&fields, cx) };
    Some(BudgetUse { rule: rule?, scope: scope? })
}

fn ratio(fields: &Fields<'_>, cx: &mut Cx) -> Option<BudgetRule> {
    let share = fields.need("share", "\"10%\"", cx).and_then(|node| values::share(node, cx));
    let ttl = match fields.get("ttl") {
        None => Some(TTL),
        Some(node) => values::span_above_zero(node, cx),
    };
    let min_per_s = match fields.get("min") {
        None => Some(0.0),
        Some(node) => values::rate(node, cx),
    };
    Some(BudgetRule::Ratio { share: micro(share?), ttl: ttl?, min_per_s: micro(min_per_s?) })
}

fn bucket(fields: &Fields<'_>, cx: &mut Cx) -> Option<BudgetRule> {
    let cap = fields.need("cap", "10", cx).and_then(|node| tokens(node, cx));
    let initial = match fields.get("initial") {
        None => cap,
        Some(node) => tokens(node, cx),
    };
    let mut refill = |key| match fields.get(key) {
        None => Some(0),
        Some(node) => tokens(node, cx),
    };
    let (per_call, per_success) = (refill("per_call"), refill("per_success"));
    let strict = match fields.get("strict") {
        None => Some(false),
        Some(node) => values::flag(node, cx),
    };
    let (cap, initial) = (cap?, initial?);
    if initial > cap {
        let place = fields.get("initial").map_or(fields.place, |node| node.place);
        cx.push(Problem::error(place, "the bucket starts with more than it holds"));
        return None;
    }
    Some(BudgetRule::Bucket {
        cap,
        initial,
        per_call: per_call?,
        per_success: per_success?,
        strict: strict?,
    })
}

fn tokens(node: &Node, cx: &mut Cx) -> Option<Micro> {
    const MOST: f64 = 1e9;
    values::number(node, "of tokens, from 0 to 10⁹", |value| (0.0..=MOST).contains(&value), cx)
        .map(micro)
}

/// Whole millionths, to the nearest.
fn micro(value: f64) -> Micro {
    (value * RETRY as f64).round() as Micro
}
