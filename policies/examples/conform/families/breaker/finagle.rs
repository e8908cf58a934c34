//! Finagle's failure accrual policies alone: what counts, and for how long an endpoint is dead.

use super::machine::{report, times};
use super::waits::{Script, any, any_f64, list, span};
use crate::harness::{Fields, Shown, Step, Subject, Vector};
use crate::shown;
use brownout_policies::breaker::{Breaker, BreakerConfig, HalfOpens, Stale, State, Window};
use brownout_policies::outcome::Class;
use brownout_policies::settings::Share;
use brownout_policies::{Span, Time};

/// Reads an accrual policy as the configuration of a breaker.
pub(super) fn config(fields: Fields<'_>) -> Result<BreakerConfig, String> {
    let mut config = BreakerConfig::finagle();
    config.tail = Some(span(fields, &["tail_ns"]).unwrap_or(Span::from_millis(300_000)));
    let dead = "mark_dead_for_ns";
    if let Some(waits) = fields.list(dead) {
        config.waits = list(waits);
    } else if let Some(wait) = span(fields, &[dead]) {
        (config.open, config.open_factor, config.open_max) = (wait, 1.0, None);
    }
    if !config.waits.is_empty() || fields.u64(dead).is_some() {
        config.open_jitter = Share::NONE;
    }
    let required = any_f64(fields, &["required", "required_success_rate", "success_rate"]);
    let failure_share = Share::nearest(1.0 - required.unwrap_or(0.8));
    let failures = any(fields, &["failures", "num_failures", "consecutive"]).map(|n| n as u32);
    let least = any(fields, &["min_requests", "min_request_threshold", "min_calls"]);
    config.min_calls = least.map_or(5, |n| n as u32);
    config.failure_share = failure_share;
    config.in_a_row = None;
    match fields.str("kind").unwrap_or("hybrid") {
        "consecutive" | "consecutive_failures" => {
            (config.window, config.span, config.buckets) = (Window::Anchored, None, 1);
            config.failure_share = Share::NONE;
            config.in_a_row = Some(failures.unwrap_or(5));
        }
        "success_rate_requests" | "success_rate" => {
            config.window = Window::AverageOfCalls;
            config.calls = any(fields, &["window"]).unwrap_or(100) as u32;
            config.min_calls = 0;
        }
        "success_rate_time"
        | "success_rate_duration"
        | "success_rate_within_duration"
        | "success_rate_window" => {
            config.span = span(fields, &["window_ns", "duration_ns"]).or(config.span);
        }
        "hybrid" | "or_else" | "default" => {
            config.span = span(fields, &["window_ns", "duration_ns"]).or(config.span);
            config.in_a_row = Some(failures.unwrap_or(5));
        }
        other => return Err(format!("no policy of kind {other}")),
    }
    Ok(config)
}

struct Accrual {
    breaker: Breaker,
}

/// The policy without the factory around it: it goes on counting while the endpoint is dead, and
/// only `revived` starts it again.
pub(super) fn accrual(vector: &Vector<'_>) -> Result<Box<dyn Subject>, String> {
    let (stale, half_opens) = (Stale::Counted, HalfOpens::OnCall);
    let config = BreakerConfig { stale, half_opens, ..config(vector.config)? };
    let mut breaker = Breaker::new(config).map_err(|problems| format!("{problems:?}"))?;
    breaker.wake(Time::ZERO, &mut Script::default());
    Ok(Box::new(Accrual { breaker }))
}

impl Accrual {
    /// A failure; for how long the endpoint is dead, if that made it so.
    fn failure(&mut self, now: Time, chance: &mut Script) -> Option<Span> {
        if self.breaker.state() == State::Closed {
            self.breaker.stray(now, report(Class::Failure, 0), chance);
            return (self.breaker.state() == State::Open).then(|| self.breaker.open_for());
        }
        let mut probed = self.breaker.clone();
        probed.force(now, State::HalfOpen, chance);
        probed.stray(now, report(Class::Failure, 0), chance);
        if probed.state() == State::Open {
            self.breaker = probed;
            return Some(self.breaker.open_for());
        }
        self.breaker.stray(now, report(Class::Failure, 0), chance);
        None
    }
}

impl Subject for Accrual {
    fn step(&mut self, step: &Step<'_>) -> Result<Shown, String> {
        let now = Time::from_nanos(step.t);
        let mut chance = Script::of(step.args);
        let mut dead = None;
        for _ in 0..times(step.args) {
            match step.op {
                "failure" => dead = self.failure(now, &mut chance),
                "success" => self.breaker.stray(now, report(Class::Success, 0), &mut chance),
                "revived" => {
                    self.breaker.force(now, State::Closed, &mut chance);
                }
                "state" | "read" => {}
                other => return Err(format!("no operation {other}")),
            }
        }
        let held = self.breaker.held();
        Ok(shown! {
            "mark_dead_ns" => dead.map(Span::nanos), "ema" => self.breaker.average(),
            "consecutive_failures" => held.bad_run, "dead" => dead.is_some()
        })
    }
}
