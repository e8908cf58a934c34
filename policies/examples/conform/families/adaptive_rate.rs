//! Adaptive rates.

use crate::harness::{Fields, Make, Shown, Step, Subject, Vector};
use crate::shown;
use brownout_policies::Time;
use brownout_policies::adaptive_rate::{
    AdaptiveRate, AdaptiveRateConfig, Attempt, Memory, Waiting,
};
use brownout_policies::outcome::Class;
use brownout_policies::settings::Share;

struct Adaptive {
    config: AdaptiveRateConfig,
    rate: AdaptiveRate,
    /// The last rate that `cubic` gave: being throttled takes it down.
    computed: f64,
}

pub(crate) fn maker(dialect: &str) -> Option<Make> {
    dialect.starts_with("aws").then_some(adaptive as Make)
}

/// The first of several names that is there.
fn number(fields: Fields<'_>, names: &[&str]) -> Option<f64> {
    names.iter().find_map(|name| fields.f64(name))
}

fn adaptive(vector: &Vector<'_>) -> Result<Box<dyn Subject>, String> {
    let given = vector.config;
    let mut config = AdaptiveRateConfig::aws();
    if let Some(beta) = given.f64("beta") {
        config.beta = Share::nearest(beta);
    }
    if let Some(smooth) = given.f64("smooth") {
        config.smooth = Share::nearest(smooth);
    }
    config.scale = number(given, &["scale", "scale_constant"]).unwrap_or(config.scale);
    config.rate_min = number(given, &["min_fill_rate", "min_rate"]).unwrap_or(config.rate_min);
    config.capacity_min = given.f64("min_capacity").unwrap_or(config.capacity_min);
    if given.bool("reserve") == Some(true) {
        config.waiting = Waiting::Booked;
    }
    let cost = |name, otherwise| given.u64(name).map_or(otherwise, |cost| cost as u32);
    config.cost = cost("cost", config.cost);
    config.cost_retry = cost("cost_retry", config.cost_retry);
    config.cost_transient = cost("cost_timeout", config.cost_transient);
    let rate = AdaptiveRate::with_memory(config, memory(given));
    let rate = rate.map_err(|problems| format!("{problems:?}"))?;
    Ok(Box::new(Adaptive { config, rate, computed: 0.0 }))
}

fn memory(given: Fields<'_>) -> Memory {
    let start = Memory::EMPTY;
    let enabled = given.bool("enabled").or(given.bool("enable_throttling"));
    let read = |names: &[&str], otherwise| number(given, names).unwrap_or(otherwise);
    Memory {
        enabled: enabled.unwrap_or(start.enabled),
        rate: read(&["fill_rate", "token_refill_rate", "rate"], start.rate),
        capacity: read(&["max_capacity", "maximum_bucket_capacity"], start.capacity),
        tokens: read(
            &["capacity", "current_capacity", "current_bucket_capacity", "tokens"],
            start.tokens,
        ),
        filled_s: number(given, &["time_of_last_refill_s", "last_timestamp_s", "last_refill_s"]),
        measured: read(&["measured_tx_rate", "tokens_retrieved_per_second"], start.measured),
        measuring_since_s: read(
            &["last_tx_rate_bucket_s", "last_tx_rate_bucket", "previous_time_bucket_s"],
            start.measuring_since_s,
        ),
        measuring: given.u64("request_count").unwrap_or(start.measuring),
        last_max: read(&["last_max_rate"], start.last_max),
        throttled_s: read(&["time_of_last_throttle_s"], start.throttled_s),
    }
}

fn attempt(step: &Step<'_>) -> Result<Attempt, String> {
    let kind = ["kind", "reason", "attempt"].iter().find_map(|name| step.args.str(name));
    Ok(match kind.unwrap_or("initial") {
        "initial" | "initial_request" | "first" | "request" => Attempt::First,
        "retry" => Attempt::Retry,
        "retry_timeout" | "timeout" | "transient" | "throttling" => Attempt::RetryTransient,
        other => return Err(format!("no attempt {other}")),
    })
}

impl Adaptive {
    fn acquire(&mut self, step: &Step<'_>) -> Result<Shown, String> {
        let now = Time::from_nanos(step.t);
        let cost = number(step.args, &["cost", "amount", "n"]);
        let slot = match cost {
            Some(cost) => self.rate.admit_for(now, cost),
            None => self.rate.admit(now, attempt(step)?),
        };
        let wait = slot.at.since(now);
        self.rate.settle(now, slot.permit, Class::Ignored, false);
        let ok = wait.is_zero();
        Ok(shown! {
            "ok" => ok, "admit" => ok, "allowed" => ok,
            "wait_ns" => wait.nanos(), "delay_ns" => wait.nanos(), "sleep_ns" => wait.nanos(),
            "wait_s" => wait.as_secs(), "delay_s" => wait.as_secs(),
        })
    }

    /// The rate that the cubic gives, or what throttling leaves of the last one given.
    fn cubic(&mut self, step: &Step<'_>, throttled: bool) -> Result<Shown, String> {
        let now = Time::from_nanos(step.t);
        self.computed = if throttled {
            let rate = number(step.args, &["rate", "rate_to_use"]).unwrap_or(self.computed);
            let slowed = self.rate.slowed(rate);
            let throttled_s = now.as_secs();
            let memory = Memory { last_max: slowed, throttled_s, ..*self.rate.memory() };
            self.rate = AdaptiveRate::with_memory(self.config, memory)
                .map_err(|problems| format!("{problems:?}"))?;
            slowed
        } else {
            self.rate.cubic(now)
        };
        Ok(shown! { "rate" => self.computed, "calculated_rate" => self.computed })
    }
}

impl Subject for Adaptive {
    fn step(&mut self, step: &Step<'_>) -> Result<Shown, String> {
        let now = Time::from_nanos(step.t);
        let throttled = step.args.bool("throttled").unwrap_or(false);
        let mut shown = match step.op {
            "outcome" | "update" | "result" => {
                self.rate.learn(now, throttled);
                shown! {}
            }
            "success" => {
                self.rate.learn(now, false);
                shown! {}
            }
            "throttled" | "failure" => {
                self.rate.learn(now, step.op == "throttled" || throttled);
                shown! {}
            }
            "acquire" | "admit" | "send" | "request" => self.acquire(step)?,
            "cubic" | "cubic_success" => self.cubic(step, throttled)?,
            "cubic_throttle" | "throttle" => self.cubic(step, true)?,
            "state" | "read" => shown! {},
            other => return Err(format!("no operation {other}")),
        };
        let memory = self.rate.memory();
        shown.append(&mut shown! {
            "enabled" => memory.enabled,
            "fill_rate" => memory.rate,
            "max_capacity" => memory.capacity,
            "capacity" => memory.tokens,
            "current_capacity" => memory.tokens,
            "tokens" => memory.tokens,
            "measured_tx_rate" => memory.measured,
            "last_tx_rate_bucket_s" => memory.measuring_since_s,
            "request_count" => memory.measuring,
            "last_max_rate" => memory.last_max,
            "time_of_last_throttle_s" => memory.throttled_s,
        });
        Ok(shown)
    }
}
