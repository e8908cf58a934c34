//! What can be wrong with a backoff.

use crate::backoff::config::{Arithmetic, BackoffConfig, Capped, Growth, Spread};
use crate::settings::{Problem, Setting, Settings, Share};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

pub(super) fn problems(config: &BackoffConfig) -> Vec<Problem> {
    let mut found = Vec::new();
    if !(config.factor.is_finite() && config.factor >= 1.0) {
        let why = "waits would not grow";
        found.push(Problem::new("factor", config.factor, why, "write 1 or more"));
    }
    if let Some(cap) = config.cap.filter(|cap| *cap < config.from) {
        let remedy = format!("write {} or more", config.from);
        found.push(Problem::new("cap", cap, "it is less than the first wait", remedy));
    }
    if config.spread == Spread::Around && config.width > Share::ALL {
        let why = "a wait would be less than nothing";
        found.push(Problem::new("width", config.width, why, "write 100% or less"));
    }
    if config.width.millionths() > 100 * Share::ALL.millionths() {
        let why = "no system spreads that far";
        found.push(Problem::new("width", config.width, why, "write 10000% or less"));
    }
    if config.growth == Growth::Linear && config.step.is_zero() {
        let why = "waits would not grow";
        found.push(Problem::new("step", "0s", why, "write a time, or growth: Constant"));
    }
    let is_plain = matches!(config.growth, Growth::Constant | Growth::Linear | Growth::Exponential);
    if !is_plain && config.spread != Spread::None {
        let why = format!("chance is already part of {}", written(config, "growth"));
        found.push(Problem::new("jitter", written(config, "jitter"), why, "write None"));
    }
    if is_plain && !fits(config) {
        let why = "the system that computes so knows no such jitter or cap";
        let remedy = "write arithmetic: Nanoseconds";
        found.push(Problem::new("arithmetic", written(config, "arithmetic"), why, remedy));
    }
    found
}

/// Whether the system with this arithmetic has this jitter, and puts the cap on then.
fn fits(config: &BackoffConfig) -> bool {
    match config.arithmetic {
        Arithmetic::Nanoseconds => true,
        Arithmetic::Ticks => {
            matches!(config.spread, Spread::None | Spread::Around) && config.capped == Capped::After
        }
        Arithmetic::Single => {
            matches!(config.spread, Spread::None | Spread::Above) && config.capped != Capped::After
        }
        Arithmetic::Split => matches!(config.spread, Spread::None | Spread::Above),
    }
}

/// A setting as a file would write it.
fn written(config: &BackoffConfig, name: &str) -> String {
    let mut copy = *config;
    let settings = copy.settings();
    let found = settings.iter().find(|setting: &&Setting<'_>| setting.name == name);
    found.map_or(String::new(), |setting| setting.value.to_string())
}
