//! Hedges: after how long, how many, and what pays for them.

use super::{budget, retry, scope, settings};
use crate::spec::fields::{Names, Variant};
use crate::spec::problem::{Cx, Problem};
use crate::spec::tree::Kind;
use crate::spec::values;
use brownout_policies::hedge::{self, HedgeConfig, When};
use brownout_policies::retry::Kinds;
use brownout_policies::settings::Share;
use brownout_policies::stack::{HedgeUse, LEGS_MAX};
use std::sync::LazyLock;

/// What can be written of a hedge besides its settings.
const BESIDES: &[&str] = &["after", "extra", "on", "budget", "scope"];
static KNOWN: LazyLock<Vec<&str>> = LazyLock::new(|| settings::names(hedge::DIALECTS, BESIDES));

/// A hedge: `Hedge(after: "p95", extra: 1)`, or by its settings.
pub(super) fn hedge(variant: &Variant<'_>, cx: &mut Cx) -> Option<HedgeUse> {
    let names = Names::new("Hedge", &KNOWN);
    let (mut rule, fields) = settings::read(variant, names, hedge::DIALECTS, BESIDES, cx)?;
    let before = cx.count();
    if let Some(node) = fields.get("after") {
        match &node.kind {
            Kind::Text(text) if text.starts_with('p') => match percentile(text) {
                Some(share) => (rule.when, rule.percentile) = (When::AtPercentile, share),
                None => {
                    let message = format!("`{text}` is no percentile");
                    cx.push(Problem::error(node.place, message).label("expected \"p95\""));
                }
            },
            _ => {
                let delay = values::span(node, cx)?;
                (rule.when, rule.delay) = (When::AfterDelay, delay);
            }
        }
    }
    if let Some(node) = fields.get("extra") {
        rule.attempts = values::count32(node, 1..=LEGS_MAX as u32 - 1, cx)? + 1;
    }
    if rule.attempts as usize > LEGS_MAX {
        let message = format!("{} attempts of one call are too many", rule.attempts);
        cx.push(Problem::error(variant.place, message).label(format!("at most {LEGS_MAX}")));
    }
    let on = match fields.get("on") {
        None => Some(Kinds::TRANSIENT),
        Some(node) => retry::kinds(node, cx),
    };
    let (budget, shares) = match fields.get("budget") {
        None => (None, None),
        Some(node) => {
            let used = budget::budget(node, cx)?;
            (Some(used.rule), Some(used.scope))
        }
    };
    let scope = match (fields.get("scope"), shares) {
        (None, Some(shares)) => Some(shares),
        _ => scope(&fields, cx),
    };
    let used = HedgeUse { rule: checked(rule, variant, cx), on: on?, budget, scope: scope? };
    (cx.count() == before).then_some(used)
}

/// Complains about what the short forms have made of it.
fn checked(rule: HedgeConfig, variant: &Variant<'_>, cx: &mut Cx) -> HedgeConfig {
    use brownout_policies::settings::Settings;
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
