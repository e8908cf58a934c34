//! Hedges.

use crate::harness::{Fields, Make, Shown, Step, Subject, Vector};
use crate::shown;
use brownout_policies::hedge::{
    Answer, Asked, Attempts, End, Hedge, HedgeConfig, HedgePlan, OnFailure, Pays, Periods,
    Pushback, Samples, Step as Orders, When, Word,
};
use brownout_policies::settings::Share;
use brownout_policies::{Span, Time};
use serde_json::Value;

pub(crate) fn maker(family: &str, dialect: &str) -> Option<Make> {
    match (family, dialect) {
        ("hedge", "grpc_a6" | "grpc_java" | "failsafe_go" | "polly_v8" | "cristalhq")
        | ("hedge", "tower" | "finagle") => Some(call as Make),
        ("hedge_delay", "exact_percentile") => Some(exact as Make),
        ("hedge_delay", "previous_period" | "rotating_histogram" | "tower") => Some(last as Make),
        _ => None,
    }
}

/// What a vector's hedges are paid from.
#[derive(Default)]
struct Budget {
    /// gRPC's tokens in thousandths, and their most.
    tokens: Option<(u64, u64)>,
    /// What a success brings, in thousandths.
    ratio: u64,
    /// failsafe-go's: hedges out at least this many and above this share of what is out.
    shares: Option<(f64, u64)>,
    hedges_out: u64,
    out: u64,
    /// A plain number of hedges.
    left: Option<u64>,
}

impl Budget {
    fn read(config: Fields<'_>) -> Budget {
        let mut budget = Budget::default();
        let beside = config.has("max_tokens").then_some(config);
        if let Some(throttle) = config.fields("throttle").or(beside) {
            let most = (throttle.f64("max_tokens").unwrap_or(10.0) * 1_000.0) as u64;
            budget.tokens = Some((most, most));
            budget.ratio = (throttle.f64("token_ratio").unwrap_or(0.1) * 1_000.0 + 1e-6) as u64;
        }
        if let Some(shares) = config.fields("budget") {
            let rate = shares.f64("rate").or(shares.f64("max_rate")).unwrap_or(0.2);
            let least = shares.u64("min").or(shares.u64("min_concurrency")).unwrap_or(3);
            budget.shares = Some((rate, least));
        }
        let allowed = ["budget", "budget_allows", "budget_ok"].map(|key| config.bool(key));
        let refused = allowed.contains(&Some(false))
            || config.bool("budget_exhausted") == Some(true)
            || config.str("budget").is_some();
        budget.left = config.u64("budget").or(refused.then_some(0));
        budget
    }

    fn failure(&mut self) {
        if let Some((tokens, _)) = &mut self.tokens {
            *tokens = tokens.saturating_sub(1_000);
        }
    }

    fn success(&mut self) {
        if let Some((tokens, most)) = &mut self.tokens {
            *tokens = tokens.saturating_add(self.ratio).min(*most);
        }
    }
}

impl Pays for Budget {
    fn pays(&mut self, now: Time) -> bool {
        let affords = self.affords(now);
        if affords {
            self.left = self.left.map(|left| left - 1);
        }
        affords
    }

    fn affords(&mut self, _: Time) -> bool {
        let tokens = self.tokens.is_none_or(|(tokens, most)| tokens.saturating_mul(2) > most);
        let shares = self.shares.is_none_or(|(rate, least)| {
            self.hedges_out < least || self.hedges_out as f64 / self.out as f64 <= rate
        });
        tokens && shares && self.left != Some(0)
    }
}

/// Which results end a call.
enum Final {
    Any,
    Good,
    OneOf(Vec<Value>),
}

struct Call {
    hedge: Hedge,
    plan: HedgePlan,
    budget: Budget,
    ends: Final,
    /// The result that came last, if results come.
    last: Option<Value>,
}

fn call(vector: &Vector<'_>) -> Result<Box<dyn Subject>, String> {
    let config = vector.config;
    let ends = match config.get("final") {
        Some(Value::String(word)) if word == "any" => Final::Any,
        Some(Value::Array(results)) => Final::OneOf(results.clone()),
        None if matches!(vector.dialect, "failsafe_go" | "tower") => Final::Any,
        Some(_) | None => Final::Good,
    };
    let mut rules = match vector.dialect {
        "grpc_a6" => HedgeConfig::grpc(),
        "grpc_java" => HedgeConfig::grpc_java(),
        "failsafe_go" => HedgeConfig::failsafe_go(),
        "polly_v8" => HedgeConfig::polly(),
        "cristalhq" => HedgeConfig::cristalhq(),
        "tower" => HedgeConfig::tower(),
        _ => HedgeConfig::finagle(),
    };
    if vector.dialect == "failsafe_go" {
        rules.on_failure = OnFailure::Wait;
    }
    match config.str("on_failure") {
        Some("next") => rules.on_failure = OnFailure::Next,
        Some("wait") => rules.on_failure = OnFailure::Wait,
        Some("end") => rules.on_failure = OnFailure::End,
        Some("await") => rules.on_failure = OnFailure::Await,
        Some(_) | None => {}
    }
    if config.str("variant") == Some("java") {
        (rules.on_failure, rules.pushback) = (OnFailure::Wait, Pushback::AtOnce);
        rules.asked = Asked::WhenPlanned;
    }
    if config.bool("no_cap5") == Some(true) {
        rules.attempts_cap = None;
    }
    let most = config.u64("max_attempts").or(config.u64("upto"));
    let extra = ["max_extra", "max_hedges", "max_hedged_attempts"];
    let extra =
        extra.into_iter().find_map(|key| config.u64(key)).map(|extra| extra.saturating_add(1));
    if let Some(most) = most.or(extra) {
        rules.attempts = u32::try_from(most).unwrap_or(u32::MAX);
    }
    if let Some(delay) = config.i64("delay_ns") {
        rules.when = if delay < 0 { When::OnFailure } else { When::AfterDelay };
        let least = u64::from(vector.dialect == "cristalhq");
        rules.delay = Span::from_nanos(u64::try_from(delay).unwrap_or(0).max(least));
    }
    if let Some(percentile) = config.f64("percentile").or(config.f64("quantile")) {
        rules.when = When::AtPercentile;
        (rules.percentile, rules.delay) = (Share::nearest(percentile), Span::ZERO);
        rules.least_samples = config.u64("min_samples").unwrap_or(1) as u32;
    }
    let hedge = Hedge::new(rules).map_err(|problems| format!("{problems:?}"))?;
    let (plan, budget) = (HedgePlan::default(), Budget::read(config));
    Ok(Box::new(Call { hedge, plan, budget, ends, last: None }))
}

/// Attempts are counted from 1 here.
fn numbers(attempts: Attempts) -> Vec<u8> {
    attempts.map(|nth| nth + 1).collect()
}

impl Call {
    fn answer(&self, step: &Step<'_>) -> Answer {
        match step.args.str("cls").or(step.args.str("class")) {
            Some("ok") => return Answer::Good,
            Some("fatal") => return Answer::Fatal,
            Some(_) => {
                let key = ["pushback_ms", "pushback"].iter().find_map(|key| step.args.get(key));
                return Answer::NonFatal(key.filter(|word| !word.is_null()).map(|word| {
                    let text = word.as_str().and_then(|text| text.parse().ok());
                    let later = word.as_i64().or(text).and_then(|ms: i64| u64::try_from(ms).ok());
                    let long = |ms: u64| Span::from_nanos(ms.saturating_mul(1_000_000));
                    later.map_or(Word::Never, |ms| Word::After(long(ms)))
                }));
            }
            None => {}
        }
        let result = step.args.get("result").unwrap_or(&Value::Null);
        let ends = match &self.ends {
            Final::Any => true,
            Final::Good => result.as_str() != Some("error"),
            Final::OneOf(results) => results.contains(result),
        };
        if ends { Answer::Good } else { Answer::NonFatal(None) }
    }

    fn response(&mut self, now: Time, step: &Step<'_>) -> Result<Orders, String> {
        let nth = step.args.need("attempt", Fields::u64)?.checked_sub(1).ok_or("from 1 on")? as u8;
        let answer = self.answer(step);
        if self.plan.open().contains(nth) {
            let negative = step.args.i64("pushback_ms").is_some_and(|ms| ms < 0);
            match answer {
                Answer::Good => self.budget.success(),
                Answer::NonFatal(_) => self.budget.failure(),
                Answer::Fatal if negative => self.budget.failure(),
                Answer::Fatal => {}
            }
            self.settled(u64::from(nth > 0), 1);
        }
        let orders = self.hedge.answered(now, &mut self.plan, nth, answer, &mut self.budget);
        self.last = step.args.get("result").cloned();
        Ok(orders)
    }

    /// How a call's end is written.
    fn done(&self, orders: Orders) -> Option<Value> {
        orders.end.map(|end| match (&self.last, end) {
            (_, End::Cancelled) => "cancelled".into(),
            (Some(result), End::Answered(_) | End::Failed(_)) => result.clone(),
            (None, End::Answered(_)) => "ok".into(),
            (None, End::Failed(_)) => "error".into(),
        })
    }

    /// Attempts that are no longer out.
    fn settled(&mut self, hedges: u64, all: u64) {
        self.budget.hedges_out = self.budget.hedges_out.saturating_sub(hedges);
        self.budget.out = self.budget.out.saturating_sub(all);
    }
}

impl Subject for Call {
    fn step(&mut self, step: &Step<'_>) -> Result<Shown, String> {
        let now = Time::from_nanos(step.t);
        if let Some(affords) = step.args.bool("budget") {
            self.budget.left = (!affords).then_some(0);
        }
        let orders = match step.op {
            "start" => {
                self.budget.out += 1;
                self.hedge.start(now, &mut self.plan, &mut self.budget)
            }
            "wakeup" | "wake" | "tick" => self.hedge.wake(now, &mut self.plan, &mut self.budget),
            "response" => self.response(now, step)?,
            "cancel" => self.hedge.cancel(&mut self.plan),
            "sample" => {
                let latency = step.args.need("latency_ns", Fields::u64)?;
                self.hedge.record(now, Span::from_nanos(latency));
                Orders::default()
            }
            "other_failure" => {
                self.budget.failure();
                Orders::default()
            }
            "other_success" => {
                self.budget.success();
                Orders::default()
            }
            other => return Err(format!("no operation {other}")),
        };
        let sent = u64::from(orders.send.hedges().len());
        self.budget.hedges_out += sent;
        self.budget.out += sent;
        self.settled(u64::from(orders.cancel.hedges().len()), u64::from(orders.cancel.len()));
        Ok(shown! {
            "send" => numbers(orders.send), "cancel" => numbers(orders.cancel),
            "done" => self.done(orders),
            "next_wakeup" => self.plan.next_wakeup().map(Time::nanos),
            "open" => numbers(self.plan.open()), "outstanding" => self.plan.open().len(),
            "milli_tokens" => self.budget.tokens.map(|(tokens, _)| tokens),
            "delay_ns" => self.hedge.delay(now).map(Span::nanos)
        })
    }
}

/// The delay by itself.
enum DelayOf {
    Samples(Samples),
    Periods(Periods),
}

fn head(config: Fields<'_>) -> Result<(Share, u32), String> {
    let percentile = config.f64("percentile").or(config.f64("quantile"));
    let least = config.u64("min_samples").or(config.u64("min_data_points")).unwrap_or(1);
    Ok((Share::nearest(percentile.ok_or("no usable percentile")?), least as u32))
}

fn exact(vector: &Vector<'_>) -> Result<Box<dyn Subject>, String> {
    let (percentile, least) = head(vector.config)?;
    let keys = ["window", "samples", "max_samples", "capacity"];
    let window = keys.into_iter().find_map(|key| vector.config.u64(key)).unwrap_or(10_000);
    Ok(Box::new(DelayOf::Samples(Samples::new(percentile, window as u32, least))))
}

fn last(vector: &Vector<'_>) -> Result<Box<dyn Subject>, String> {
    let (percentile, least) = head(vector.config)?;
    let period = Span::from_nanos(vector.config.need("period_ns", Fields::u64)?);
    Ok(Box::new(DelayOf::Periods(Periods::new(percentile, period, least))))
}

impl Subject for DelayOf {
    fn step(&mut self, step: &Step<'_>) -> Result<Shown, String> {
        let now = Time::from_nanos(step.t);
        let latency = step.args.u64("latency_ns").map(Span::from_nanos);
        match step.op {
            "sample" | "record" => self.record(now, latency.ok_or("no latency_ns")?),
            "delay" | "query" | "percentile" => {}
            other => return Err(format!("no operation {other}")),
        }
        let delay = match self {
            DelayOf::Samples(samples) => samples.percentile(),
            DelayOf::Periods(periods) => periods.percentile(now),
        };
        Ok(shown! { "delay_ns" => delay.map(Span::nanos) })
    }
}

impl DelayOf {
    fn record(&mut self, now: Time, latency: Span) {
        match self {
            DelayOf::Samples(samples) => samples.record(latency),
            DelayOf::Periods(periods) => periods.record(now, latency),
        }
    }
}
