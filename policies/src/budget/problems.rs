//! What can be wrong with a budget.

use crate::budget::config::{BucketConfig, BudgetConfig, LeakyConfig, RatioConfig};
use crate::budget::quota::QuotaConfig;
use crate::settings::{Problem, Share};
use crate::time::Span;
use alloc::vec::Vec;
use core::fmt::Display;

/// The longest ttl that Finagle and tower take.
const TTL_MOST: Span = Span::from_millis(60_000);
/// The shortest.
const TTL_LEAST: Span = Span::from_millis(1_000);
/// A thousand retries per call, the most that Finagle and tower take.
const SHARE_MOST: Share = Share::ppm(1_000_000_000);

const NEVER: &str = "no retry would ever be paid for";

pub(super) fn problems(config: &BudgetConfig) -> Vec<Problem> {
    let mut found = Vec::new();
    match config {
        BudgetConfig::Ratio(config) => ratio(config, &mut found),
        BudgetConfig::Bucket(config) => bucket(config, &mut found),
        BudgetConfig::Leaky(config) => leaky(config, &mut found),
        BudgetConfig::Throttle(config) => {
            if config.tokens == 0 {
                found.push(Problem::new("tokens", 0, NEVER, "write 1 or more"));
            }
            if config.tokens > 1_000 {
                let why = "gRPC takes at most 1000";
                found.push(Problem::new("tokens", config.tokens, why, "write 1000 or less"));
            }
            if config.per_success.millionths() < 1_000 {
                let why = "only three decimals count, so nothing would be put back";
                let remedy = "write 0.1% or more";
                found.push(Problem::new("per_success", config.per_success, why, remedy));
            }
        }
        BudgetConfig::Quota(config) => quota(config, &mut found),
        BudgetConfig::Record(config) => {
            if config.share == Share::NONE {
                found.push(Problem::new("share", config.share, NEVER, "write a share"));
            }
        }
        BudgetConfig::Active(config) => {
            if config.share == Share::NONE && config.least == 0 {
                let remedy = "write a share, or 1 or more";
                found.push(Problem::new("least", 0, NEVER, remedy));
            }
            if config.share > Share::ALL {
                let why = "retries are part of what is in flight";
                found.push(Problem::new("share", config.share, why, "write 100% or less"));
            }
            if let Some(interval) = config.interval.filter(|interval| interval.nanos() < 10) {
                let why = "it is counted in ten slices";
                found.push(Problem::new("interval", interval, why, "write 10ns or more"));
            }
        }
    }
    found
}

/// Says so when `value` is not a number from 0 to `most`.
fn number(field: &'static str, value: f64, most: f64, found: &mut Vec<Problem>) {
    if !(0.0..=most).contains(&value) {
        let remedy = alloc::format!("write a number from 0 to {most}");
        found.push(Problem::new(field, value, "it cannot be counted in", remedy));
    }
}

fn no_time(ttl: impl Display) -> Problem {
    let why = "deposits would lapse as they are made";
    Problem::new("ttl", ttl, why, "write a time above 0s, such as 10s")
}

fn ratio(config: &RatioConfig, found: &mut Vec<Problem>) {
    number("min", config.min_per_s, 1e9, found);
    if config.ttl.is_zero() {
        found.push(no_time(config.ttl));
    }
    if config.share == Share::NONE && config.min_per_s == 0.0 {
        found.push(Problem::new("share", config.share, NEVER, "write a share, or a min"));
    }
}

fn bucket(config: &BucketConfig, found: &mut Vec<Problem>) {
    for (field, value) in [
        ("cap", config.cap),
        ("initial", config.initial),
        ("per_call", config.per_call),
        ("per_success", config.per_success),
    ] {
        number(field, value, 1e9, found);
    }
    if config.initial > config.cap {
        let why = "the bucket starts with more than it holds";
        found.push(Problem::new("initial", config.initial, why, "write the cap or less"));
    }
    if config.cap < 1.0 || (config.strict && config.cap <= 1.0) {
        found.push(Problem::new("cap", config.cap, NEVER, "write more than 1"));
    }
}

fn leaky(config: &LeakyConfig, found: &mut Vec<Problem>) {
    if !(TTL_LEAST..=TTL_MOST).contains(&config.ttl) {
        let why = "Finagle and tower refuse it";
        found.push(Problem::new("ttl", config.ttl, why, "write a time from 1s to 60s"));
    }
    if config.share > SHARE_MOST {
        let why = "Finagle and tower refuse it";
        found.push(Problem::new("share", config.share, why, "write 100000% or less"));
    }
    if config.share == Share::NONE && config.min_per_s == 0 {
        found.push(Problem::new("share", config.share, NEVER, "write a share, or a min"));
    }
    if !(2..=1_000).contains(&config.window.slices) {
        let why = "one slice is written while the others are kept";
        found.push(Problem::new("slices", config.window.slices, why, "write 2 to 1000"));
    }
    if config.window.tick.is_zero() {
        found.push(Problem::new("tick", "0s", "a clock has to go on", "write 1ns or 1ms"));
    }
}

fn quota(config: &QuotaConfig, found: &mut Vec<Problem>) {
    number("reward", config.reward, 1e9, found);
    number("refill", config.refill_per_s, 1e9, found);
    let cheapest = config.cost.min(config.cost_transient).min(config.cost_throttled);
    if config.capacity < cheapest || config.capacity == 0 {
        let remedy = alloc::format!("write {} or more", cheapest.max(1));
        found.push(Problem::new("capacity", config.capacity, NEVER, remedy));
    }
}
