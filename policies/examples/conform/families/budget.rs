//! Retry budgets, and the window that two of them count in.

mod aws;

use crate::harness::{Fields, Make, Shown, Step, Subject, Vector};
use crate::shown;
use brownout_policies::budget::active::{ActiveConfig, Bound};
use brownout_policies::budget::config::{BudgetConfig, Costs, LeakyConfig, ThrottleConfig};
use brownout_policies::budget::tokens::Tokens;
use brownout_policies::budget::window::{LeakyBucket, WindowConfig, WindowCounter};
use brownout_policies::budget::{Budget, Fault};
use brownout_policies::outcome::Class;
use brownout_policies::settings::Share;
use brownout_policies::{Span, Time};

pub(crate) fn maker(family: &str, dialect: &str) -> Option<Make> {
    Some(match (family, dialect) {
        ("window_counter", _) => window as Make,
        ("retry_budget", "finagle") => finagle,
        ("retry_budget", "tower_tps" | "tower" | "linkerd" | "linkerd2") => tower,
        ("retry_budget", "grpc_throttle" | "grpc") => throttle,
        ("retry_budget", "aws_standard" | "aws_new" | "aws_2_1" | "aws21") => aws::aws,
        ("retry_budget", "envoy") => envoy,
        ("retry_budget", "failsafe_go") => failsafe_go,
        _ => return None,
    })
}

/// The time between `range_ns`, `ttl_ns` and what they mean if nothing is said.
fn time(given: Fields<'_>, name: &str, otherwise: Span) -> Span {
    given.u64(name).map_or(otherwise, Span::from_nanos)
}

/// Deposits that lapse: Finagle's and tower's.
struct Leaky {
    budget: Budget,
    config: LeakyConfig,
}

fn leaky(vector: &Vector<'_>, mut config: LeakyConfig) -> Box<dyn Subject> {
    let given = vector.config;
    config.ttl = time(given, "ttl_ns", config.ttl);
    let least = given.u64("min_retries_per_sec").or(given.u64("min_per_sec"));
    config.min_per_s = least.map_or(config.min_per_s, |least| least as u32);
    let share = given.f64("percent_can_retry").or(given.f64("retry_percent"));
    config.share = share.map_or(config.share, Share::nearest);
    Box::new(Leaky { budget: Budget::of(&BudgetConfig::Leaky(config)), config })
}

fn finagle(vector: &Vector<'_>) -> Result<Box<dyn Subject>, String> {
    let given = vector.config;
    let ttl = time(given, "ttl_ns", Span::from_millis(10_000));
    let reserve = given.i64("reserve").unwrap_or(0);
    let window = WindowConfig::finagle(ttl, 10);
    Ok(match given.str("kind") {
        Some("leaky" | "leaky_bucket") => {
            Box::new(Bucket::Leaky(LeakyBucket::new(window, reserve)))
        }
        Some("bounded" | "bounded_bucket") => {
            Box::new(Bucket::Bounded(Tokens::new(given.need("limit", Fields::i64)?, 0)))
        }
        // Always a hundred, and nothing costs anything.
        Some("infinite") => Box::new(Bucket::Endless(LeakyBucket::new(window, 100))),
        Some("empty") => {
            let none = LeakyConfig {
                share: Share::NONE,
                min_per_s: 0,
                ttl,
                costs: Costs::Thousandths,
                window,
            };
            leaky(vector, none)
        }
        Some(_) | None => match BudgetConfig::finagle() {
            BudgetConfig::Leaky(config) => leaky(vector, config),
            other => return Err(format!("{other:?}")),
        },
    })
}

fn tower(vector: &Vector<'_>) -> Result<Box<dyn Subject>, String> {
    match BudgetConfig::tower() {
        BudgetConfig::Leaky(config) => Ok(leaky(vector, config)),
        other => Err(format!("{other:?}")),
    }
}

impl Subject for Leaky {
    fn step(&mut self, step: &Step<'_>) -> Result<Shown, String> {
        let now = Time::from_nanos(step.t);
        let (deposit, withdraw, reserve) = self.config.amounts();
        let mut shown = match step.op {
            "deposit" | "request" => {
                for _ in 0..step.args.u64("n").unwrap_or(1) {
                    self.budget.on_call(now);
                }
                shown! {}
            }
            "withdraw" | "try_withdraw" | "retry" => {
                let wanted = step.args.u64("n").unwrap_or(1);
                let granted = (0..wanted).filter(|_| self.budget.try_retry(now)).count() as u64;
                shown! { "ok" => granted == wanted, "granted" => granted }
            }
            "costs" => shown! {},
            "balance" | "read" | "sum" | "count" => shown! {},
            other => return Err(format!("no operation {other}")),
        };
        let sum = self.budget.tokens(now);
        let balance = sum / withdraw.max(1);
        shown.append(&mut shown! {
            "sum" => sum, "count" => sum, "balance" => balance,
            "deposit" => deposit, "withdraw" => withdraw, "reserve" => reserve,
        });
        Ok(shown)
    }
}

/// twitter/util's token buckets.
enum Bucket {
    Leaky(LeakyBucket),
    Bounded(Tokens),
    Endless(LeakyBucket),
}

impl Subject for Bucket {
    fn step(&mut self, step: &Step<'_>) -> Result<Shown, String> {
        let now = Time::from_nanos(step.t);
        let wanted = step.args.i64("n").unwrap_or(1);
        let ok = match (step.op, &mut *self) {
            ("put", Bucket::Leaky(bucket)) => {
                bucket.put(now, wanted);
                None
            }
            ("put", Bucket::Bounded(tokens)) => {
                tokens.put(wanted);
                None
            }
            ("put" | "deposit", Bucket::Endless(_)) => None,
            ("try_get" | "get", Bucket::Leaky(bucket)) => Some(bucket.try_get(now, wanted)),
            ("try_get" | "get", Bucket::Bounded(tokens)) => Some(tokens.take(wanted)),
            ("try_get" | "withdraw", Bucket::Endless(bucket)) => Some(bucket.try_get(now, 0)),
            ("count" | "balance" | "read", _) => None,
            (other, _) => return Err(format!("no operation {other}")),
        };
        let count = match self {
            Bucket::Leaky(bucket) | Bucket::Endless(bucket) => bucket.count(now),
            Bucket::Bounded(tokens) => tokens.held(),
        };
        let mut shown = shown! { "count" => count, "balance" => count, "sum" => count };
        if let Some(ok) = ok {
            shown.append(&mut shown! { "ok" => ok });
        }
        Ok(shown)
    }
}

fn window(vector: &Vector<'_>) -> Result<Box<dyn Subject>, String> {
    let given = vector.config;
    let range = Span::from_nanos(given.need("range_ns", Fields::u64)?);
    let slices = given.need("slices", Fields::u64)?.min(1_000_000) as u32;
    let config = match vector.dialect {
        "finagle_windowed_adder" | "finagle" => WindowConfig::finagle(range, slices),
        "tower" | "tower_tps" => WindowConfig::tower(range, slices),
        other => return Err(format!("no window {other}")),
    };
    Ok(Box::new(Adder(WindowCounter::new(config))))
}

struct Adder(WindowCounter);

impl Subject for Adder {
    fn step(&mut self, step: &Step<'_>) -> Result<Shown, String> {
        let now = Time::from_nanos(step.t);
        match step.op {
            "add" => self.0.add(now, step.args.i64("n").unwrap_or(1)),
            "incr" => self.0.add(now, 1),
            "reset" => self.0.reset(now),
            "read" | "sum" => {}
            other => return Err(format!("no operation {other}")),
        }
        Ok(shown! { "sum" => self.0.sum(now) })
    }
}

/// gRPC's throttling.
struct Throttled {
    budget: Budget,
    half: i64,
}

fn throttle(vector: &Vector<'_>) -> Result<Box<dyn Subject>, String> {
    let tokens = vector.config.f64("max_tokens").unwrap_or(10.0) as u32;
    let per_success = Share::nearest(vector.config.f64("token_ratio").unwrap_or(0.1));
    let config = BudgetConfig::Throttle(ThrottleConfig { tokens, per_success });
    Ok(Box::new(Throttled { budget: Budget::of(&config), half: i64::from(tokens) * 500 }))
}

impl Subject for Throttled {
    fn step(&mut self, step: &Step<'_>) -> Result<Shown, String> {
        let now = Time::from_nanos(step.t);
        let pushback = ["pushback_ms", "pushback_ns", "pushback"];
        let pushback = pushback.iter().find_map(|name| step.args.i64(name));
        let no_retry = step.args.bool("no_retry").unwrap_or(false)
            || matches!(step.op, "pushback_no_retry" | "no_retry")
            || pushback.is_some_and(|wait| wait < 0);
        let retryable = !matches!(step.args.str("kind"), Some("fatal" | "non_retryable"))
            && !step.args.bool("fatal").unwrap_or(false)
            && step.args.bool("retryable").unwrap_or(true);
        let fault = match (no_retry, retryable) {
            (true, _) => Fault::Forbidden,
            (false, false) => Fault::Fatal,
            (false, true) => Fault::Server,
        };
        let allowed = match step.op {
            "failure" | "pushback" | "pushback_no_retry" | "no_retry" => {
                self.budget.on_result(now, Class::Failure, fault, None);
                self.budget.pay(now, fault).is_some()
            }
            "success" => {
                self.budget.on_result(now, Class::Success, fault, None);
                self.budget.try_retry(now)
            }
            "fatal" => {
                self.budget.on_result(now, Class::Failure, Fault::Fatal, None);
                false
            }
            "cancelled" | "ignored" => {
                self.budget.on_result(now, Class::Ignored, fault, None);
                self.budget.try_retry(now)
            }
            "check" | "retry" | "hedge" | "read" => self.budget.try_retry(now),
            other => return Err(format!("no operation {other}")),
        };
        let milli = self.budget.tokens(now);
        Ok(shown! {
            "above" => milli > self.half, "allow_retry" => allowed, "ok" => allowed,
            "milli_tokens" => milli, "tokens" => milli as f64 / 1e3, "threshold" => self.half,
        })
    }
}

/// A share of what is in flight: Envoy's and failsafe-go's.
struct Active(Budget);

fn envoy(vector: &Vector<'_>) -> Result<Box<dyn Subject>, String> {
    let given = vector.config;
    let names = ["budget_pct", "budget_percent", "min_retry_concurrency", "budget_interval_ns"];
    let has_budget = names.iter().any(|name| given.has(name));
    let percent = given.f64("budget_pct").or(given.f64("budget_percent")).unwrap_or(20.0);
    let (share, least) = if has_budget {
        (Share::nearest(percent / 100.0), given.u64("min_retry_concurrency").unwrap_or(3))
    } else {
        (Share::NONE, given.u64("max_retries").unwrap_or(3))
    };
    let interval = given.u64("budget_interval_ns").filter(|interval| *interval > 0);
    let interval = interval.map(Span::from_nanos);
    let config = ActiveConfig { share, least: least as u32, bound: Bound::Below, interval };
    Ok(Box::new(Active(Budget::of(&BudgetConfig::Active(config)))))
}

fn failsafe_go(vector: &Vector<'_>) -> Result<Box<dyn Subject>, String> {
    let given = vector.config;
    let share = Share::nearest(given.f64("max_rate").unwrap_or(0.2));
    let least = given.u64("min_concurrency").unwrap_or(3) as u32;
    let config = ActiveConfig { share, least, bound: Bound::Beyond, interval: None };
    let mut budget = Budget::of(&BudgetConfig::Active(config));
    budget.set_active(given.u64("initial_executions").unwrap_or(0));
    budget.set_retries(given.u64("initial_inflight").unwrap_or(0));
    Ok(Box::new(Active(budget)))
}

impl Subject for Active {
    fn step(&mut self, step: &Step<'_>) -> Result<Shown, String> {
        let now = Time::from_nanos(step.t);
        let budget = &mut self.0;
        if let Some(active) = step.args.u64("active") {
            budget.set_active(active.saturating_add(step.args.u64("pending").unwrap_or(0)));
        }
        let most = budget.most_active(now);
        let mut ok = None;
        match step.op {
            "start" | "retry_start" | "hedge_start" | "retry" => {
                ok = Some(budget.try_retry(now));
            }
            "end" | "retry_end" | "hedge_end" => budget.on_retry_end(),
            "exec_start" | "request" | "request_start" => budget.on_call(now),
            "exec_end" | "request_end" => budget.on_call_end(),
            "check" | "read" => {}
            other => return Err(format!("no operation {other}")),
        }
        let (retries, active) = (budget.tokens(now), budget.active());
        let rate = if active == 0 { 0.0 } else { retries as f64 / active as f64 };
        let mut shown = shown! {
            "max_retries" => most, "active_retries" => retries, "inflight" => retries,
            "retries" => retries, "executions" => active, "active" => active, "rate" => rate,
        };
        if let Some(ok) = ok {
            shown.append(&mut shown! { "ok" => ok });
        }
        Ok(shown)
    }
}
