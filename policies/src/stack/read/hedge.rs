//! Hedges: after how long, how many, and what pays for them.

use super::layer::scope;
use super::{budget, retry, settings};
use crate::hedge::{self, HedgeConfig, When};
use crate::notation::fields::{Names, Variant};
use crate::notation::problem::{Cx, Problem};
use crate::notation::tree::{Kind, Node};
use crate::notation::values;
use crate::retry::Kinds;
use crate::settings::{Settings, Share};
use crate::stack::{HedgeUse, LEGS_MAX};
use crate::time::Span;
use alloc::format;
use alloc::vec::Vec;
use std::sync::LazyLock;

/// What can be written of a hedge besides its settings.
const BESIDES: &[&str] = &["after", "extra", "on", "budget", "scope"];
static KNOWN: LazyLock<Vec<&str>> = LazyLock::new(|| settings::names(hedge::DIALECTS, BESIDES));

/// A hedge: `Hedge(after: "p95", extra: 1)`, or by its settings.
pub(super) fn hedge(variant: &Variant<'_>, cx: &mut Cx) -> Option<HedgeUse> {
    let names = Names::new("Hedge", &KNOWN);
    let (rule, fields) = settings::read(variant, names, hedge::DIALECTS, BESIDES, cx)?;
    let before = cx.count();
    let delay = fields.with("after", cx, after);
    let most = LEGS_MAX as u32 - 1;
    let extra = fields.with("extra", cx, |node, cx| values::count32(node, 1..=most, cx));
    let on = match fields.get("on") {
        None => Some(Kinds::TRANSIENT),
        Some(node) => retry::kinds(node, cx),
    };
    let budget = fields.with("budget", cx, budget::budget);
    let scope = match (fields.get("scope"), budget) {
        (None, Some(used)) => Some(used.scope),
        _ => scope(&fields, cx),
    };
    let mut rule = rule?;
    match delay {
        None => {}
        Some(After::Percentile(share)) => {
            (rule.when, rule.percentile) = (When::AtPercentile, share);
        }
        Some(After::Delay(delay)) => (rule.when, rule.delay) = (When::AfterDelay, delay),
    }
    if let Some(extra) = extra {
        rule.attempts = extra + 1;
    }
    if rule.attempts as usize > LEGS_MAX {
        let message = format!("{} attempts of one call are too many", rule.attempts);
        cx.push(Problem::error(variant.place, message).label(format!("at most {LEGS_MAX}")));
    }
    let rule = checked(rule, variant, cx);
    let used = HedgeUse { rule, on: on?, budget: budget.map(|used| used.rule), scope: scope? };
    (cx.count() == before).then_some(used)
}

/// When the next leg starts, in the short form.
enum After {
    Delay(Span),
    Percentile(Share),
}

/// `"p95"` or a length of time.
fn after(node: &Node, cx: &mut Cx) -> Option<After> {
    let Kind::Text(text) = &node.kind else { return values::span(node, cx).map(After::Delay) };
    if !text.starts_with('p') {
        return values::span(node, cx).map(After::Delay);
    }
    let share = percentile(text).map(After::Percentile);
    if share.is_none() {
        let message = format!("`{text}` is no percentile");
        cx.push(Problem::error(node.place, message).label("expected \"p95\""));
    }
    share
}

/// Complains about what the short forms have made of it.
fn checked(rule: HedgeConfig, variant: &Variant<'_>, cx: &mut Cx) -> HedgeConfig {
    for problem in rule.problems() {
        let message = format!("{} is {}: {}", problem.field, problem.found, problem.why);
        cx.push(Problem::error(variant.place, message).help(problem.remedy));
    }
    rule
}

/// `p95` or `p99.9`.
fn percentile(text: &str) -> Option<Share> {
    let percent: f64 = text.strip_prefix('p')?.parse().ok()?;
    (percent > 0.0 && percent < 100.0).then(|| Share::nearest(percent / 100.0))
}
