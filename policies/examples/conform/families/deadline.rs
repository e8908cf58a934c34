//! Deadlines.

use crate::harness::{Fields, Make, Shown, Step, Subject, Vector};
use crate::shown;
use brownout_policies::deadline::{Carried, Deadline, DeadlineConfig, decode, encode};
use brownout_policies::{Span, Time};

struct Call {
    config: DeadlineConfig,
    ends: Time,
}

pub(crate) fn maker(dialect: &str) -> Option<Make> {
    (dialect == "grpc").then_some(grpc as Make)
}

fn span(fields: Fields<'_>, key: &str) -> Option<Span> {
    let nanos = fields.i64(key)?;
    Some(u64::try_from(nanos).map_or(Span::ZERO, Span::from_nanos))
}

fn grpc(vector: &Vector<'_>) -> Result<Box<dyn Subject>, String> {
    let config = with(DeadlineConfig::ours(), vector.config);
    Ok(Box::new(Call { config, ends: Time::MAX }))
}

/// The configuration with what a step or a vector says instead.
fn with(config: DeadlineConfig, fields: Fields<'_>) -> DeadlineConfig {
    let total = span(fields, "timeout_ns").or(span(fields, "total_ns"));
    DeadlineConfig {
        total: total.or(config.total),
        per_try: span(fields, "per_try_ns").or(config.per_try),
        reserve: span(fields, "reserve_ns").unwrap_or(config.reserve),
        carried: match fields.str("carried") {
            Some("absolute" | "moment") => Carried::Moment,
            _ => config.carried,
        },
    }
}

/// A rule for one step: a time of nothing is asked about here, though no file may say it.
fn rule(config: DeadlineConfig) -> Result<Deadline, String> {
    let (total, per_try) = (None, config.per_try.filter(|span| !span.is_zero()));
    Deadline::new(DeadlineConfig { total, per_try, ..config }).map_err(|bad| format!("{bad:?}"))
}

impl Subject for Call {
    fn step(&mut self, step: &Step<'_>) -> Result<Shown, String> {
        let now = Time::from_nanos(step.t);
        match step.op {
            "encode" => {
                let remaining = match span(step.args, "duration_ns") {
                    Some(remaining) => remaining,
                    None => Span::from_nanos(step.args.need("duration_ns", Fields::u64)?),
                };
                return Ok(shown! { "text" => encode(remaining).as_str() });
            }
            "decode" => {
                return Ok(match decode(step.args.need("text", Fields::str)?) {
                    Ok(span) => shown! { "ok" => true, "duration_ns" => span.nanos() },
                    Err(bad) => shown! { "ok" => false, "error" => bad.to_string() },
                });
            }
            "start" => {
                self.config = with(self.config, step.args);
                self.ends = self.config.total.map_or(Time::MAX, |total| now.saturating_add(total));
            }
            "attempt" | "wait" | "backoff" | "sleep" | "retry" | "may_wait" => {}
            "remaining" | "hop" | "send" => {}
            other => return Err(format!("no operation {other}")),
        }
        let config = with(self.config, step.args);
        let rule = rule(config)?;
        let attempt = rule.attempt(now, self.ends);
        let keys = ["wait_ns", "backoff_ns", "delay_ns"];
        let wait = keys.into_iter().find_map(|key| span(step.args, key)).unwrap_or(Span::ZERO);
        let may_wait = rule.may_wait(now, self.ends, wait);
        let arrives = now.saturating_add(span(step.args, "flight_ns").unwrap_or(Span::ZERO));
        let skew = step.args.i64("skew_ns").unwrap_or(0);
        let remaining = self.ends.since(now);
        Ok(shown! {
            "deadline" => self.ends.nanos(), "timeout_ns" => attempt.unwrap_or(Span::ZERO).nanos(),
            "expired" => attempt.is_none(), "remaining_ns" => remaining.nanos(),
            "text" => encode(remaining).as_str(), "header" => encode(remaining).as_str(),
            "ok" => may_wait, "allowed" => may_wait, "admit" => may_wait, "wait" => may_wait,
            "start" => may_wait, "retry" => may_wait, "proceed" => may_wait, "begin" => may_wait,
            "may_wait" => may_wait, "give_up" => !may_wait,
            "callee_deadline" => rule.at_callee(now, arrives, self.ends, skew).nanos()
        })
    }
}
