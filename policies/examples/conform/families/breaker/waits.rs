//! Open times as vectors write them.

use crate::harness::Fields;
use brownout_policies::breaker::{BreakerConfig, OpenJitter};
use brownout_policies::settings::Share;
use brownout_policies::{Chance, Span};
use serde_json::Value;

/// The first of several keys that is there.
pub(super) fn any(fields: Fields<'_>, keys: &[&str]) -> Option<u64> {
    keys.iter().find_map(|key| fields.u64(key))
}

/// As [`any`], for a number that need not be whole.
pub(super) fn any_f64(fields: Fields<'_>, keys: &[&str]) -> Option<f64> {
    keys.iter().find_map(|key| fields.f64(key))
}

/// As [`any`], for a length of time.
pub(super) fn span(fields: Fields<'_>, keys: &[&str]) -> Option<Span> {
    any(fields, keys).map(Span::from_nanos)
}

/// Whole numbers of a list.
pub(super) fn list(values: &[Value]) -> &'static [Span] {
    let spans: Vec<Span> = values.iter().filter_map(Value::as_u64).map(Span::from_nanos).collect();
    // A configuration's list lives for ever, and so may the few lists of the vectors.
    Box::leak(spans.into_boxed_slice())
}

/// Reads `{kind, ..}`: how long a breaker stays open, the first and every further time.
pub(super) fn read(config: &mut BreakerConfig, wait: Fields<'_>) -> Result<(), String> {
    let first = span(wait, &["initial_ns", "base_ns", "first_ns", "min_ns", "ns"]);
    config.open = first.unwrap_or(config.open);
    let factor = any_f64(wait, &["multiplier", "factor", "mult"]);
    config.open_max = span(wait, &["max_ns", "cap_ns", "max_interval_ns"]);
    if let Some(values) =
        ["values_ns", "list_ns", "values", "list", "ns"].iter().find_map(|key| wait.list(key))
    {
        config.waits = list(values);
    }
    if let Some(share) = any_f64(wait, &["randomization_factor", "randomization", "jitter"]) {
        (config.jitter, config.open_jitter) = (OpenJitter::Around, Share::nearest(share));
    }
    match wait.str("kind").unwrap_or("fixed") {
        "fixed" | "constant" | "list" | "sequence" => config.open_factor = factor.unwrap_or(1.0),
        "random" | "randomized" => {
            config.jitter = OpenJitter::Around;
            config.open_jitter = Share::nearest(
                any_f64(wait, &["randomization_factor", "randomization", "factor"]).unwrap_or(0.5),
            );
        }
        "exponential_random" | "exponential_randomized" | "exponential_jitter" => {
            config.open_factor = factor.unwrap_or(1.5);
            if config.open_jitter == Share::NONE {
                (config.jitter, config.open_jitter) = (OpenJitter::Around, Share::percent(50));
            }
        }
        "exponential" => config.open_factor = factor.unwrap_or(1.5),
        "linear" => {
            let keys = ["step_ns", "increment_ns", "per_attempt_ns", "add_ns"];
            let step = any(wait, &keys).unwrap_or(config.open.nanos());
            let most = config.open_max.unwrap_or(Span::MAX);
            let nth = |k: u64| config.open.saturating_add(Span::from_nanos(step).saturating_mul(k));
            let waits: Vec<Span> = (0..256).map(|k| nth(k).min(most)).collect();
            config.waits = Box::leak(waits.into_boxed_slice());
        }
        other => return Err(format!("no open time of kind {other}")),
    }
    Ok(())
}

/// Chance as a step scripts it: a uniform `u`, or a whole number `rand`.
#[derive(Debug, Default)]
pub(crate) struct Script {
    uniform: f64,
    whole: Option<u64>,
}

impl Script {
    /// What this step says about chance.
    pub(crate) fn of(args: Fields<'_>) -> Script {
        let uniform = any_f64(args, &["u", "jitter_u"]).unwrap_or(0.0);
        Script { uniform, whole: args.u64("rand") }
    }
}

impl Chance for Script {
    fn bits(&mut self) -> u64 {
        (self.uniform * 18_446_744_073_709_551_616.0) as u64
    }

    fn share(&mut self) -> f64 {
        self.uniform
    }

    fn below(&mut self, bound: u64) -> u64 {
        match self.whole {
            Some(whole) => whole % bound,
            None => (self.uniform * bound as f64) as u64,
        }
    }
}
