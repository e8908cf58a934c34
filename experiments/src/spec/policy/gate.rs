//! Gates: policies that let calls through or turn them away.

use super::{scope, settings};
use crate::spec::fields::{Names, Variant};
use crate::spec::problem::Cx;
use brownout_policies::bulkhead;
use brownout_policies::settings::{Dialect, Settings};
use brownout_policies::stack::{GateRule, GateUse};
use std::sync::LazyLock;

/// What can be written of a gate.
static BULKHEAD: LazyLock<Vec<&str>> = LazyLock::new(|| settings::names(bulkhead::DIALECTS));

/// A gate by its name.
pub(super) fn gate(variant: &Variant<'_>, cx: &mut Cx) -> Option<GateUse> {
    read(variant, "Bulkhead", &BULKHEAD, bulkhead::DIALECTS, GateRule::Bulkhead, cx)
}

fn read<C: Settings>(
    variant: &Variant<'_>,
    what: &'static str,
    known: &'static [&'static str],
    dialects: &[Dialect<C>],
    rule: fn(C) -> GateRule,
    cx: &mut Cx,
) -> Option<GateUse> {
    let (config, fields) = settings::read(variant, Names::new(what, known), dialects, cx)?;
    Some(GateUse { rule: rule(config), scope: scope(&fields, cx)? })
}
