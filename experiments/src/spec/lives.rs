//! How replicas come and go, as written: supervisors, deploys, scaling.

use super::fields::{Fields, Names, Variant};
use super::named::Named;
use super::problem::{Cx, Place, Problem};
use super::service::REPLICAS_MAX;
use super::tree::Node;
use super::values;
use brownout_core::Span;
use brownout_topologies::fleet::{Autoscale, Goal, Restart, Rolling};

/// A deploy as written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DeploySpec {
    pub(crate) service: Named,
    pub(crate) rolling: Rolling,
    pub(crate) at_place: Place,
}

/// The deploys there are.
pub(crate) const KINDS: Names =
    Names { what: "a deploy", known: &["Rolling"], later: &["BlueGreen", "Canary", "Recreate"] };

/// `(wait: "10s", cap: "300s")`: Kubernetes', and what is different.
pub(crate) fn restart(node: &Node, cx: &mut Cx) -> Option<Restart> {
    const NAMES: Names =
        Names::new("restart", &["first", "wait", "factor", "cap", "forget", "boot"]);
    let fields = Fields::read(node, NAMES, cx)?;
    let before = cx.count();
    let mut rule = Restart::kubernetes();
    for (key, span) in [
        ("first", &mut rule.first),
        ("cap", &mut rule.cap),
        ("forget", &mut rule.forget),
        ("boot", &mut rule.boot),
    ] {
        *span = fields.with(key, cx, values::span).unwrap_or(*span);
    }
    rule.wait = fields.with("wait", cx, values::span_above_zero).unwrap_or(rule.wait);
    let factor = |node: &Node, cx: &mut Cx| {
        values::number(node, "of 1 or more", |value| (1.0..=1e6).contains(&value), cx)
    };
    rule.factor = fields.with("factor", cx, factor).unwrap_or(rule.factor);
    if rule.cap < rule.wait {
        let place = fields.get("cap").or(fields.get("wait")).map_or(node.place, |n| n.place);
        let message = format!("the cap {} is less than the wait {}", rule.cap, rule.wait);
        cx.push(Problem::error(place, message).label(format!("expected {} or more", rule.wait)));
    }
    (cx.count() == before).then_some(rule)
}

/// `(utilisation: "60%", max: 10)` or `(queue: 5, max: 10)`, and how many replicas there are at
/// most. `replicas` is how many there are at first.
pub(crate) fn autoscale(node: &Node, replicas: u32, cx: &mut Cx) -> Option<(Autoscale, u32)> {
    const NAMES: Names = Names {
        what: "autoscale",
        known: &[
            "utilisation",
            "queue",
            "min",
            "max",
            "every",
            "boot",
            "drain",
            "down_after",
            "tolerance",
        ],
        later: &["latency", "rate", "schedule"],
    };
    let fields = Fields::read(node, NAMES, cx)?;
    let before = cx.count();
    let goal = goal(&fields, cx);
    let count = |node: &Node, cx: &mut Cx| values::count32(node, 1..=REPLICAS_MAX, cx);
    let most = fields.need("max", "10", cx).and_then(|node| count(node, cx));
    let least = fields.with("min", cx, count).unwrap_or(1);
    let span = |key, default, cx: &mut Cx| {
        fields.with(key, cx, values::span).unwrap_or(Span::from_millis(default))
    };
    let every = fields.with("every", cx, values::span_above_zero);
    let every = every.unwrap_or(Span::from_millis(15_000));
    let (boot, drain) = (span("boot", 30_000, cx), span("drain", 30_000, cx));
    let down_after = span("down_after", 300_000, cx);
    let tolerance = fields.with("tolerance", cx, values::share).unwrap_or(0.1);
    let (goal, most) = (goal?, most?);
    if !(least <= replicas && replicas <= most) {
        let message = format!("{replicas} replicas at first are not between {least} and {most}");
        cx.push(Problem::error(node.place, message).help("write `min` ≤ `replicas` ≤ `max`"));
    }
    let rule =
        Autoscale { goal, least, initial: replicas, every, boot, drain, down_after, tolerance };
    const REMEMBERED: u64 = 100_000;
    if rule.remembers() > REMEMBERED {
        let message = format!("{down_after} of decisions {every} apart are too many to remember");
        cx.push(Problem::error(node.place, message).label(format!("at most {REMEMBERED}")));
    }
    (cx.count() == before).then_some((rule, most))
}

fn goal(fields: &Fields<'_>, cx: &mut Cx) -> Option<Goal> {
    match (fields.get("utilisation"), fields.get("queue")) {
        (Some(node), None) => {
            let share = values::share(node, cx)?;
            if share == 0.0 {
                cx.push(
                    Problem::error(node.place, "no number of replicas is idle under load")
                        .label("expected more than 0%"),
                );
                return None;
            }
            Some(Goal::Utilisation(share))
        }
        (None, Some(node)) => values::positive(node, cx).map(Goal::Queue),
        _ => {
            cx.push(
                Problem::error(fields.place, "autoscale needs one goal")
                    .label("expected either `utilisation` or `queue`"),
            );
            None
        }
    }
}

/// The list of deploys.
pub(crate) fn deploys(node: &Node, cx: &mut Cx) -> Vec<DeploySpec> {
    const MOST: usize = 1_000;
    let Some(items) = values::list(node, "deploys", cx) else { return Vec::new() };
    if items.len() > MOST {
        let message = format!("{} deploys", items.len());
        cx.push(Problem::error(node.place, message).label(format!("at most {MOST}")));
        return Vec::new();
    }
    items.iter().filter_map(|item| deploy(item, cx)).collect()
}

/// `Rolling(service: "api", at: "60s", every: "30s", drain: "10s", boot: "10s")`.
fn deploy(node: &Node, cx: &mut Cx) -> Option<DeploySpec> {
    const NAMES: Names = Names {
        what: "Rolling",
        known: &["service", "at", "every", "drain", "boot"],
        later: &["at_once", "surge", "errors", "slow"],
    };
    let variant = Variant::read(node, KINDS, cx)?;
    let fields = variant.fields(NAMES, &[], cx)?;
    let service = fields.need("service", "\"api\"", cx);
    let service = service.and_then(|node| values::reference(node, cx));
    let at = fields.need("at", "\"60s\"", cx);
    let at = at.and_then(|node| Some((values::time(node, cx)?, node.place)));
    let span = |key, default, cx: &mut Cx| match fields.get(key) {
        None => Some(Span::from_millis(default)),
        Some(node) => values::span(node, cx),
    };
    let every = match fields.get("every") {
        None => Some(Span::from_millis(30_000)),
        Some(node) => values::span_above_zero(node, cx),
    };
    let (drain, boot) = (span("drain", 10_000, cx), span("boot", 10_000, cx));
    let (at, at_place) = at?;
    let rolling = Rolling { at, every: every?, drain: drain?, boot: boot? };
    Some(DeploySpec { service: service?, rolling, at_place })
}
