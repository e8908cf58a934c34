//! The AWS SDKs' standard retry mode: attempts, waits and the quota together.

use crate::harness::{Fields, Shown, Step, Subject, Vector};
use crate::shown;
use brownout_policies::backoff::{Ask, BackoffConfig, Course};
use brownout_policies::budget::config::BudgetConfig;
use brownout_policies::budget::quota::QuotaConfig;
use brownout_policies::budget::{Budget, Fault, Receipt};
use brownout_policies::outcome::Class;
use brownout_policies::{Chance, Span, Time};
use std::collections::BTreeMap;

struct Standard {
    budget: Budget,
    backoff: BackoffConfig,
    attempts_max: u64,
    long_polling: bool,
    calls: BTreeMap<String, Call>,
}

#[derive(Default)]
struct Call {
    attempts: u64,
    receipt: Option<Receipt>,
}

/// One scripted chance.
struct Fixed(f64);

impl Chance for Fixed {
    fn bits(&mut self) -> u64 {
        (self.0 * 18_446_744_073_709_551_616.0) as u64
    }

    fn share(&mut self) -> f64 {
        self.0
    }
}

pub(super) fn aws(vector: &Vector<'_>) -> Result<Box<dyn Subject>, String> {
    let given = vector.config;
    let newer = given.str("spec").map_or(vector.dialect != "aws_standard", |spec| spec == "2.1");
    let (quota, waits) = if newer {
        (QuotaConfig::newer(), BackoffConfig::aws_newer())
    } else {
        (QuotaConfig::standard(), BackoffConfig::aws_standard())
    };
    let count = |name, otherwise| given.u64(name).map_or(otherwise, |count| count as u32);
    let reward = given.f64("success_reward").or(given.f64("reward"));
    let refill = given.f64("refill_per_s").or(given.f64("refill_rate"));
    let quota = QuotaConfig {
        capacity: count("capacity", quota.capacity),
        cost: count("cost", quota.cost),
        cost_transient: count("cost_timeout", quota.cost_transient),
        cost_throttled: count("cost_throttling", quota.cost_throttled),
        per_success: count("no_retry_increment", quota.per_success),
        reward: reward.unwrap_or(quota.reward),
        refill_per_s: refill.unwrap_or(quota.refill_per_s),
        beyond_capacity: given.bool("uncapped").unwrap_or(quota.beyond_capacity),
    };
    let time = |name, otherwise| given.u64(name).map_or(otherwise, Span::from_nanos);
    let throttled = time("initial_backoff_ns", Span::from_millis(1_000));
    let from = if newer { waits.from } else { throttled };
    let backoff = BackoffConfig {
        from: time("non_throttling_backoff_ns", from),
        from_throttled: Some(throttled),
        cap: Some(time("max_backoff_ns", Span::from_millis(20_000))),
        ..waits
    };
    Ok(Box::new(Standard {
        budget: Budget::of(&BudgetConfig::Quota(quota)),
        backoff,
        attempts_max: given.u64("max_attempts").unwrap_or(3),
        long_polling: given.bool("long_polling").unwrap_or(false),
        calls: BTreeMap::new(),
    }))
}

fn fault(args: Fields<'_>) -> Fault {
    match args.str("kind").or(args.str("error")).unwrap_or("server") {
        "timeout" | "transient" | "transient_error" => Fault::Transient,
        "throttling" | "throttled" | "throttling_error" => Fault::Throttled,
        "fatal" | "non_retryable" | "not_retryable" | "forbidden" | "none" => Fault::Fatal,
        _ => Fault::Server,
    }
}

impl Standard {
    fn failure(&mut self, step: &Step<'_>) -> Shown {
        let (now, args) = (Time::from_nanos(step.t), step.args);
        let call = self.calls.entry(args.str("call").unwrap_or("").to_owned()).or_default();
        call.attempts = args.u64("attempt").unwrap_or(call.attempts + 1);
        let fault = if args.bool("retryable") == Some(false) { Fault::Fatal } else { fault(args) };
        self.budget.on_result(now, Class::Failure, fault, call.receipt);
        if fault == Fault::Fatal {
            return shown! { "retry" => false, "why" => "not_retryable" };
        }
        if call.attempts >= self.attempts_max {
            return shown! { "retry" => false, "why" => "attempts" };
        }
        let nth = (call.attempts.max(1) - 1) as u32;
        let mut course = Course { nth, ..Course::default() };
        let hint = args.u64("retry_after_ns").map(Span::from_nanos);
        let ask = Ask { throttled: fault == Fault::Throttled, hint };
        let mut chance = Fixed(args.f64("u").unwrap_or(1.0));
        let wait = self.backoff.next(&mut course, ask, &mut chance).map(Span::nanos);
        match self.budget.pay(now, fault) {
            Some(receipt) => {
                call.receipt = Some(receipt);
                shown! { "retry" => true, "delay_ns" => wait, "paid" => receipt.paid }
            }
            None => {
                // Long polling waits even when it may not try again, lest its caller's loop spins.
                let wait = wait.filter(|_| self.long_polling);
                shown! { "retry" => false, "why" => "quota", "delay_ns" => wait }
            }
        }
    }

    fn end(&mut self, step: &Step<'_>, class: Class) {
        let now = Time::from_nanos(step.t);
        let call = self.calls.entry(step.args.str("call").unwrap_or("").to_owned()).or_default();
        let receipt = call.receipt.take();
        call.attempts = 0;
        self.budget.on_result(now, class, Fault::Server, receipt);
    }
}

impl Subject for Standard {
    fn step(&mut self, step: &Step<'_>) -> Result<Shown, String> {
        let now = Time::from_nanos(step.t);
        let mut shown = match step.op {
            "failure" => self.failure(step),
            "success" => {
                self.end(step, Class::Success);
                shown! { "retry" => false }
            }
            // A call that is dropped takes its permit with it, back into the bucket.
            "cancel" | "drop" | "abandon" => {
                self.end(step, Class::Ignored);
                shown! {}
            }
            "refill" | "tick" => {
                self.budget.balance(now);
                shown! {}
            }
            "tokens" | "read" => shown! {},
            other => return Err(format!("no operation {other}")),
        };
        shown.append(&mut shown! { "tokens" => self.budget.tokens(now) });
        Ok(shown)
    }
}
