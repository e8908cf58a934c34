//! Retries: how often, after which wait, and what pays for it.

use super::retry_like::like;
use super::settings;
use crate::backoff::{Backoff, DIALECTS, Jitter};
use crate::notation::fields::{Fields, Names, Variant, choice};
use crate::notation::problem::{Cx, Problem};
use crate::notation::tree::{Kind, Node};
use crate::notation::values;
use crate::retry::{Hint, Kinds, Retry, Wait};
use crate::time::Span;
use alloc::format;
use alloc::vec::Vec;
use std::sync::LazyLock;

static KNOWN: LazyLock<Vec<&str>> = LazyLock::new(|| settings::names(DIALECTS, &[]));
/// Retries are bounded even where they are not `Unlimited`.
const TIMES_MAX: u32 = 1_000_000;

/// A retry: `Retry(times: 3, wait: "1s")`.
pub(super) fn retry(variant: &Variant<'_>, cx: &mut Cx) -> Option<Retry> {
    const NAMES: Names = Names {
        what: "Retry",
        known: &[
            "like",
            "times",
            "attempts",
            "wait",
            "budget",
            "deadline_aware",
            "on",
            "idempotent",
            "hint",
            "elsewhere",
        ],
        later: &["unless", "when"],
    };
    const HINTS: Names = Names::new("what a hint does", &["Ignore", "Least", "Exact"]);
    let fields = variant.fields(NAMES, &["times"], cx)?;
    let like = match fields.get("like") {
        None => None,
        Some(node) => Some(like(node, cx)?),
    };
    let get = |key: &str| {
        let theirs = || like?.iter().find(|(name, _)| *name == key).map(|(_, node)| node);
        fields.get(key).or_else(theirs)
    };
    let times = how_often(&fields, get("times"), cx);
    let wait = match get("wait") {
        None => Some(Wait::Ours(Backoff::IMMEDIATE)),
        Some(node) => wait(node, cx),
    };
    let budget = match get("budget") {
        None => Some(None),
        Some(node) => super::budget::budget(node, cx).map(Some),
    };
    let deadline_aware = match get("deadline_aware") {
        None => Some(true),
        Some(node) => values::flag(node, cx),
    };
    let on = match get("on") {
        None => Some(Kinds::TRANSIENT),
        Some(node) => kinds(node, cx),
    };
    let idempotent = match get("idempotent") {
        None => Some(true),
        Some(node) => values::flag(node, cx),
    };
    let hint = match get("hint") {
        None => Some(Hint::default()),
        Some(node) => choice(node, HINTS, &[Hint::Ignore, Hint::Least, Hint::Exact], cx),
    };
    let elsewhere = match get("elsewhere") {
        None => Some(false),
        Some(node) => values::flag(node, cx),
    };
    let (times, wait, budget) = (times?, wait?, budget?);
    let (deadline_aware, on, idempotent, hint) = (deadline_aware?, on?, idempotent?, hint?);
    let elsewhere = elsewhere?;
    Some(Retry { times, wait, budget, deadline_aware, on, idempotent, hint, elsewhere })
}

/// A list of kinds of failure.
pub(super) fn kinds(node: &Node, cx: &mut Cx) -> Option<Kinds> {
    const KINDS: Names = Names::new(
        "a kind of failure",
        &[
            "Failed",
            "Dependency",
            "Shed",
            "Throttled",
            "Fatal",
            "TimedOut",
            "Refused",
            "Reset",
            "Rejected",
            "PoolTimeout",
        ],
    );
    let values: Vec<Kinds> = Kinds::NAMES.iter().map(|(_, kind)| *kind).collect();
    let items = values::list(node, "kinds of failure", cx)?;
    let read = items.iter().map(|item| choice(item, KINDS, &values, cx));
    read.collect::<Vec<_>>().into_iter().try_fold(Kinds::NONE, |all, kind| Some(all.and(kind?)))
}

/// Retries after the first attempt, from `times` or from `attempts`, which counts the first too.
fn how_often(fields: &Fields<'_>, times: Option<&Node>, cx: &mut Cx) -> Option<u32> {
    let Some(attempts) = fields.get("attempts") else {
        return match times {
            Some(node) => self::times(node, cx),
            None => fields.need("times", "3", cx).and_then(|node| self::times(node, cx)),
        };
    };
    if fields.get("times").is_some() {
        let message = "`times` and `attempts` say the same in two ways";
        let help = "write one: three attempts are two retries";
        cx.push(Problem::error(attempts.place, message).help(help));
        return None;
    }
    values::count32(attempts, 1..=TIMES_MAX, cx).map(|attempts| attempts - 1)
}

fn times(node: &Node, cx: &mut Cx) -> Option<u32> {
    let times = values::count_or_unlimited(node, 0..=TIMES_MAX, cx)?;
    Some(times.unwrap_or(u32::MAX))
}

/// A wait of ours, or `Backoff(like: Polly)`.
fn wait(node: &Node, cx: &mut Cx) -> Option<Wait> {
    let Some(variant) = Variant::peek(node).filter(|variant| variant.name == "Backoff") else {
        return backoff(node, cx).map(Wait::Ours);
    };
    let names = Names::new("Backoff", &KNOWN);
    let (config, _) = settings::read(&variant, names, DIALECTS, &[], cx)?;
    config.map(Wait::Like)
}

fn backoff(node: &Node, cx: &mut Cx) -> Option<Backoff> {
    const NAMES: Names =
        Names::new("a wait", &["Constant", "Exponential", "Decorrelated", "Random", "Backoff"]);
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
