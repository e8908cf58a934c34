//! Gates: policies that let calls through or turn them away.

use super::layer::scope;
use super::settings;
use crate::notation::fields::{Names, Variant};
use crate::notation::problem::Cx;
use crate::settings::{Dialect, Settings};
use crate::stack::{GateRule, GateUse};
use crate::{adaptive_rate, breaker, bulkhead, concurrency, limiter, throttle};
use alloc::vec::Vec;
use std::sync::LazyLock;

/// What can be written of a gate besides its settings.
const BESIDES: &[&str] = &["scope"];

/// What can be written of each gate.
type Known = LazyLock<Vec<&'static str>>;
static BREAKER: Known = LazyLock::new(|| settings::names(breaker::DIALECTS, BESIDES));
static LIMITER: Known = LazyLock::new(|| settings::names(limiter::DIALECTS, BESIDES));
static ADAPTIVE_RATE: Known = LazyLock::new(|| settings::names(adaptive_rate::DIALECTS, BESIDES));
static CONCURRENCY: Known = LazyLock::new(|| settings::names(concurrency::DIALECTS, BESIDES));
static BULKHEAD: Known = LazyLock::new(|| settings::names(bulkhead::DIALECTS, BESIDES));
static THROTTLE: Known = LazyLock::new(|| settings::names(throttle::DIALECTS, BESIDES));

/// A gate by its name.
pub(super) fn gate(variant: &Variant<'_>, cx: &mut Cx) -> Option<GateUse> {
    match variant.name {
        "Breaker" => read(variant, "Breaker", &BREAKER, breaker::DIALECTS, GateRule::Breaker, cx),
        "RateLimit" => {
            read(variant, "RateLimit", &LIMITER, limiter::DIALECTS, GateRule::Limiter, cx)
        }
        "AdaptiveRate" => {
            let (known, dialects) = (&ADAPTIVE_RATE, adaptive_rate::DIALECTS);
            read(variant, "AdaptiveRate", known, dialects, GateRule::AdaptiveRate, cx)
        }
        "Concurrency" => {
            let (known, dialects) = (&CONCURRENCY, concurrency::DIALECTS);
            read(variant, "Concurrency", known, dialects, GateRule::Concurrency, cx)
        }
        "Throttle" => {
            read(variant, "Throttle", &THROTTLE, throttle::DIALECTS, GateRule::Throttle, cx)
        }
        _ => read(variant, "Bulkhead", &BULKHEAD, bulkhead::DIALECTS, GateRule::Bulkhead, cx),
    }
}

fn read<C: Settings>(
    variant: &Variant<'_>,
    what: &'static str,
    known: &'static [&'static str],
    dialects: &[Dialect<C>],
    rule: fn(C) -> GateRule,
    cx: &mut Cx,
) -> Option<GateUse> {
    let names = Names::new(what, known);
    let (config, fields) = settings::read(variant, names, dialects, BESIDES, cx)?;
    let scope = scope(&fields, cx);
    Some(GateUse { rule: rule(config?), scope: scope? })
}
