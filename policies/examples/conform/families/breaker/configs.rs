//! Each system's configuration, with its own names for things and its own defaults.

use super::waits::{self, any, any_f64, span};
use crate::harness::Fields;
use brownout_policies::Span;
use brownout_policies::breaker::{BreakerConfig, Closing, EndsIn, HalfOpens, OpenJitter, Window};
use brownout_policies::settings::Share;

/// Reads the configuration of a dialect.
pub(super) fn read(dialect: &str, fields: Fields<'_>) -> Result<BreakerConfig, String> {
    let mut config = match dialect {
        "resilience4j" => resilience4j(fields)?,
        "polly_v8" => polly(fields)?,
        "gobreaker_v2" => gobreaker(fields)?,
        "failsafe_go" => failsafe_go(fields),
        "hystrix" => hystrix(fields),
        "linkerd2" => linkerd(fields),
        "sentinel" | "sentinel_go" => sentinel(fields)?,
        "finagle" => super::finagle::config(fields)?,
        other => return Err(format!("no dialect {other}")),
    };
    if let Some(lease) = span(fields, &["lease_ns", "probe_lease_ns"]) {
        config.lease = Some(lease);
    }
    Ok(config)
}

/// A threshold in percent, a whole number or not.
fn percent(fields: Fields<'_>, keys: &[&str], default: f64) -> Share {
    Share::nearest(any_f64(fields, keys).unwrap_or(default) / 100.0)
}

/// A threshold that some write as a fraction and some in percent.
fn share(fields: Fields<'_>, keys: &[&str]) -> Option<Share> {
    any_f64(fields, keys).map(|x| Share::nearest(if x > 1.0 { x / 100.0 } else { x }))
}

fn resilience4j(fields: Fields<'_>) -> Result<BreakerConfig, String> {
    let mut config = BreakerConfig::resilience4j();
    config.failure_share = percent(fields, &["failure_rate_pct"], 50.0);
    config.slow_share = percent(fields, &["slow_rate_pct"], 100.0);
    config.slow_after = span(fields, &["slow_call_ns"]).or(config.slow_after);
    config.min_calls = fields.u64("min_calls").unwrap_or(100) as u32;
    config.probes = fields.u64("half_open_permits").unwrap_or(10) as u32;
    let window = fields.fields("window");
    let size = window.and_then(|window| window.u64("size")).unwrap_or(100) as u32;
    if matches!(window.and_then(|window| window.str("type")), Some("time" | "time_based")) {
        config.window = Window::Grid;
        config.span = Some(Span::from_millis(1_000).saturating_mul(size.into()));
        config.buckets = size;
    } else {
        config.calls = size;
        config.min_calls = config.min_calls.min(size);
    }
    if let Some(wait) = fields.fields("open_wait") {
        waits::read(&mut config, wait)?;
    } else if let Some(wait) = span(fields, &["open_wait_ns", "wait_ns"]) {
        config.open = wait;
    }
    let most = span(fields, &["max_wait_half_open_ns"]);
    config.half_open_max = most.filter(|most| *most >= Span::from_millis(1));
    let after = ["max_wait_state", "state_after_max_wait", "max_wait_half_open_state", "then"];
    if after.iter().any(|key| fields.str(key).is_some_and(|to| to.eq_ignore_ascii_case("closed"))) {
        config.half_open_ends = EndsIn::Closed;
    }
    let automatic = ["automatic", "automatic_transition", "auto_transition", "auto_half_open"];
    if automatic.iter().any(|key| fields.bool(key) == Some(true)) {
        (config.half_opens, config.boundary) =
            (HalfOpens::OnTime, brownout_policies::breaker::Boundary::Inclusive);
    }
    Ok(config)
}

fn polly(fields: Fields<'_>) -> Result<BreakerConfig, String> {
    let mut config = BreakerConfig::polly();
    config.failure_share = Share::nearest(any_f64(fields, &["failure_ratio"]).unwrap_or(0.1));
    config.min_calls = any(fields, &["min_throughput"]).unwrap_or(100) as u32;
    config.span = span(fields, &["sampling_ns"]).or(config.span);
    config.open = span(fields, &["break_ns"]).unwrap_or(config.open);
    // A generator of break times has no name of its own in Polly's options: it is the one object.
    let values = || fields.entries().map(|(_, value)| value);
    if let Some(wait) = values().find_map(serde_json::Value::as_object) {
        waits::read(&mut config, Fields(wait))?;
    } else if let Some(listed) = values().find_map(serde_json::Value::as_array) {
        config.waits = waits::list(listed);
    }
    Ok(config)
}

fn gobreaker(fields: Fields<'_>) -> Result<BreakerConfig, String> {
    let mut config = BreakerConfig::gobreaker();
    config.probes = any(fields, &["max_requests"]).unwrap_or(1).max(1) as u32;
    config.close_after = config.probes;
    let positive = |keys: &[&str]| any(fields, keys).filter(|ns| *ns > 0);
    config.open = positive(&["timeout_ns"]).map_or(config.open, Span::from_nanos);
    if let Some(interval) = positive(&["interval_ns"]) {
        let bucket = positive(&["bucket_ns", "bucket_period_ns"]).unwrap_or(interval);
        config.buckets = interval.div_ceil(bucket) as u32;
        config.span = Some(Span::from_nanos(bucket).saturating_mul(config.buckets.into()));
    }
    let Some(trip) = fields.fields("trip") else { return Ok(config) };
    let over = trip.u64("over").map(|over| (over as u32).saturating_add(1));
    let count = over.or(any(trip, &["at_least", "threshold", "n", "count"]).map(|n| n as u32));
    config.in_a_row = None;
    config.min_calls = any(trip, &["min_requests", "min"]).unwrap_or(0) as u32;
    match trip.str("kind").unwrap_or("consecutive") {
        "consecutive" | "consecutive_failures" => config.in_a_row = count.or(Some(6)),
        "ratio" | "rate" | "failure_ratio" => {
            config.failure_share =
                Share::nearest(any_f64(trip, &["ratio", "threshold"]).ok_or("no ratio")?);
        }
        "failures" | "total" | "total_failures" | "count" => config.failures = count.or(Some(1)),
        "always" | "any" => config.in_a_row = Some(1),
        "never" => {}
        other => return Err(format!("no predicate {other}")),
    }
    Ok(config)
}

fn failsafe_go(fields: Fields<'_>) -> BreakerConfig {
    let mut config = BreakerConfig::failsafe_go();
    config.open = span(fields, &["delay_ns"]).unwrap_or(config.open);
    let count = |keys: &[&str]| any(fields, keys).filter(|n| *n > 0).map(|n| n as u32);
    let failures = count(&["failure_threshold"]).unwrap_or(1);
    let capacity =
        count(&["failure_capacity", "failure_thresholding_capacity"]).unwrap_or(failures);
    let period = span(
        fields,
        &[
            "period_ns",
            "failure_period_ns",
            "failure_thresholding_period_ns",
            "thresholding_period_ns",
        ],
    );
    let rate = share(fields, &["failure_rate", "failure_rate_threshold", "failure_rate_pct"]);
    let least = count(&[
        "execution_threshold",
        "failure_execution_threshold",
        "min_executions",
        "executions",
    ]);
    let least = least.or(period.map(|_| failures));
    config.failures = Some(failures);
    config.calls = least.unwrap_or(capacity).max(1);
    config.min_calls = least.unwrap_or(0);
    if let Some(rate) = rate {
        (config.failures, config.failure_share) = (None, rate);
    }
    if let Some(period) = period.filter(|period| !period.is_zero()) {
        config.window = Window::Grid;
        config.span = Some(period);
        config.buckets = count(&["buckets"]).unwrap_or(10);
    }
    let needed = count(&["success_threshold"]);
    let of = count(&["success_capacity", "success_thresholding_capacity"]).or(needed);
    config.probes = of.or(least).unwrap_or(capacity).max(1);
    if let (Some(needed), Some(of)) = (needed, of) {
        (config.close_after, config.reopen_after) =
            (needed, (of - needed.min(of)).saturating_add(1));
    } else if rate.is_some() {
        config.closing = Closing::Share;
    } else {
        config.close_after = (capacity - failures.min(capacity)).saturating_add(1);
        config.reopen_after = failures;
    }
    config
}

fn hystrix(fields: Fields<'_>) -> BreakerConfig {
    let mut config = BreakerConfig::hystrix();
    config.min_calls = any(fields, &["volume"]).unwrap_or(20) as u32;
    config.failure_share = percent(fields, &["error_pct"], 50.0);
    config.open = span(fields, &["sleep_ns"]).unwrap_or(config.open);
    let window = any(fields, &["window_ns"]).unwrap_or(10_000_000_000);
    let bucket = any(fields, &["bucket_ns"]).unwrap_or(1_000_000_000).max(1);
    config.span = Some(Span::from_nanos(window));
    config.buckets = (window / bucket).max(1) as u32;
    // A step of the vector says when a snapshot comes.
    config.judge_every = None;
    config
}

fn linkerd(fields: Fields<'_>) -> BreakerConfig {
    let mut config = BreakerConfig::linkerd();
    config.in_a_row = Some(any(fields, &["max_failures"]).unwrap_or(7) as u32);
    config.open = span(fields, &["min_ns"]).unwrap_or(config.open);
    config.open_max = span(fields, &["max_ns"]).or(config.open_max);
    (config.jitter, config.open_jitter) =
        (OpenJitter::Added, Share::nearest(any_f64(fields, &["jitter"]).unwrap_or(0.0)));
    config
}

fn sentinel(fields: Fields<'_>) -> Result<BreakerConfig, String> {
    let mut config = BreakerConfig::sentinel();
    let count = |keys: &[&str]| any(fields, keys).filter(|n| *n > 0).map(|n| n as u32);
    config.min_calls = count(&["min_requests", "min_request_amount"]).unwrap_or(5);
    config.span = span(fields, &["window_ns", "stat_interval_ns"]).or(config.span);
    config.buckets = count(&["buckets", "bucket_count"]).unwrap_or(1);
    config.open = span(fields, &["retry_ns", "retry_timeout_ns", "open_ns"]).unwrap_or(config.open);
    config.probes = count(&["probes", "probe_num"]).unwrap_or(1);
    config.close_after = config.probes;
    let threshold = any_f64(fields, &["threshold"]).unwrap_or(0.5);
    match fields.str("strategy").unwrap_or("error_ratio") {
        "error_ratio" => config.failure_share = Share::nearest(threshold),
        "slow_ratio" | "slow_request_ratio" => {
            config.failure_share = Share::NONE;
            config.slow_share = Share::nearest(threshold);
            config.slow_after = span(fields, &["max_rt_ns", "max_allowed_rt_ns"]);
        }
        "error_count" => {
            config.failure_share = Share::NONE;
            config.failures = Some(threshold as u32);
        }
        other => return Err(format!("no strategy {other}")),
    }
    Ok(config)
}
