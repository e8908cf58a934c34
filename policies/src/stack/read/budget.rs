//! Budgets: what pays for retries and hedges.

use super::layer::scope;
use super::settings;
use crate::budget::{BucketConfig, BudgetConfig, DIALECTS, RatioConfig};
use crate::notation::fields::{Fields, Names, Variant};
use crate::notation::problem::{Cx, Problem};
use crate::notation::tree::Node;
use crate::notation::values;
use crate::settings::Share;
use crate::stack::BudgetUse;
use crate::time::Span;
use alloc::vec::Vec;
use std::sync::LazyLock;

/// How long a deposit of a ratio budget can be spent, if nothing is written (as Finagle's).
const TTL: Span = Span::from_millis(10_000);
/// What can be written of a named system's budget besides its settings.
const BESIDES: &[&str] = &["scope"];
static KNOWN: LazyLock<Vec<&str>> = LazyLock::new(|| settings::names(DIALECTS, BESIDES));

/// A budget: `Ratio(share: "10%")`, `Bucket(cap: 10)`, or `Budget(like: Envoy)`.
pub(super) fn budget(node: &Node, cx: &mut Cx) -> Option<BudgetUse> {
    const NAMES: Names = Names {
        what: "a budget",
        known: &["Ratio", "Bucket", "Budget"],
        later: &["Adaptive", "Window"],
    };
    const RATIO: Names = Names::new("Ratio", &["share", "ttl", "min", "scope"]);
    const BUCKET: Names =
        Names::new("Bucket", &["cap", "initial", "per_call", "per_success", "strict", "scope"]);
    let variant = Variant::read(node, NAMES, cx)?;
    let (rule, fields) = match variant.name {
        "Ratio" => {
            let fields = variant.fields(RATIO, &["share"], cx)?;
            (ratio(&fields, cx), fields)
        }
        "Bucket" => {
            let fields = variant.fields(BUCKET, &["cap"], cx)?;
            (bucket(&fields, cx), fields)
        }
        _ => {
            let names = Names::new("Budget", &KNOWN);
            let (rule, fields) = settings::read(&variant, names, DIALECTS, BESIDES, cx)?;
            (rule, fields)
        }
    };
    let scope = scope(&fields, cx);
    Some(BudgetUse { rule: rule?, scope: scope? })
}

fn ratio(fields: &Fields<'_>, cx: &mut Cx) -> Option<BudgetConfig> {
    let share = fields.need("share", "\"10%\"", cx).and_then(|node| values::share(node, cx));
    let ttl = match fields.get("ttl") {
        None => Some(TTL),
        Some(node) => values::span_above_zero(node, cx),
    };
    let min_per_s = match fields.get("min") {
        None => Some(0.0),
        Some(node) => values::rate(node, cx),
    };
    let (share, ttl, min_per_s) = (Share::nearest(share?), ttl?, min_per_s?);
    Some(BudgetConfig::Ratio(RatioConfig { share, ttl, min_per_s }))
}

fn bucket(fields: &Fields<'_>, cx: &mut Cx) -> Option<BudgetConfig> {
    let cap = fields.need("cap", "10", cx).and_then(|node| tokens(node, cx));
    let initial = match fields.get("initial") {
        None => cap,
        Some(node) => tokens(node, cx),
    };
    let mut refill = |key| match fields.get(key) {
        None => Some(0.0),
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
    let (per_call, per_success, strict) = (per_call?, per_success?, strict?);
    Some(BudgetConfig::Bucket(BucketConfig { cap, initial, per_call, per_success, strict }))
}

fn tokens(node: &Node, cx: &mut Cx) -> Option<f64> {
    const MOST: f64 = 1e9;
    values::number(node, "of tokens, from 0 to 10⁹", |value| (0.0..=MOST).contains(&value), cx)
}
