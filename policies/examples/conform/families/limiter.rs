//! Rate limiters.

use crate::harness::{Fields, Make, Shown, Step, Subject, Vector};
use crate::shown;
use brownout_policies::limiter::{
    Cycle, Gcra, GoBucket, GoReservation, Limiter, Paced, Reservation, Rule, SlidingCounter,
    SlidingLog, Smooth, Windows,
};
use brownout_policies::{Span, Time};

pub(crate) fn maker(dialect: &str) -> Option<Make> {
    match dialect {
        "token_bucket_go" => Some(go as Make),
        "gcra_governor"
        | "gcra_throttled"
        | "failsafe_smooth"
        | "failsafe_bursty"
        | "resilience4j_atomic"
        | "tower_fixed"
        | "fixed_window"
        | "sliding_counter"
        | "sliding_log"
        | "leaky_bucket_uber" => Some(limiter as Make),
        _ => None,
    }
}

/// Everything but Go's bucket.
struct Any {
    limiter: Limiter,
    /// How long a caller waits who does not say.
    longest_wait: Span,
    reservations: Vec<(String, Reservation)>,
}

fn span(config: Fields<'_>, key: &str) -> Option<Span> {
    config.u64(key).map(Span::from_nanos)
}

fn first(config: Fields<'_>, keys: &[&str]) -> Option<u64> {
    keys.iter().find_map(|key| config.u64(key))
}

/// How long a caller of this step would wait: −1 is for ever.
fn patience(args: Fields<'_>) -> Option<Span> {
    let keys = ["max_wait_ns", "max_ns", "max_reserve_ns", "max_future_ns", "timeout_ns"];
    let wait = keys.iter().find_map(|key| args.i64(key))?;
    Some(u64::try_from(wait).map_or(Span::MAX, Span::from_nanos))
}

/// Permits and period under any of their names; one rate in another's words too.
fn rate(config: Fields<'_>) -> Result<(u32, Span), String> {
    let period = ["period_ns", "per_ns", "window_ns", "interval_ns"];
    let permits = ["permits", "num", "limit", "rate", "max_requests"];
    if let Some(interval) = first(config, &["emission_ns", "per_request_ns", "interval_ns"]) {
        return Ok((1, Span::from_nanos(interval)));
    }
    if let Some(per_s) = config.f64("per_s") {
        return if per_s.fract() == 0.0 && per_s >= 1.0 {
            Ok((per_s as u32, Span::from_secs(1.0)))
        } else {
            Ok((1, Span::from_secs(1.0 / per_s)))
        };
    }
    let permits = first(config, &permits).ok_or("no usable limit")? as u32;
    let period = first(config, &period).ok_or("no usable period")?;
    Ok((permits, Span::from_nanos(period)))
}

/// More than any vector has a log keep.
const MOMENTS_MAX: u32 = 10_000_000;

fn limiter(vector: &Vector<'_>) -> Result<Box<dyn Subject>, String> {
    let config = vector.config;
    let (permits, per) = match (rate(config), vector.dialect) {
        (Err(_), "resilience4j_atomic") => (
            config.u64("permits").map_or(50, |permits| permits as u32),
            span(config, "period_ns").unwrap_or(Span::from_nanos(500)),
        ),
        (rate, _) => rate?,
    };
    if permits == 0 || per.is_zero() {
        return Err("no permits, or no period".to_owned());
    }
    if vector.dialect == "sliding_log" && permits > MOMENTS_MAX {
        return Err("too many moments to keep".to_owned());
    }
    let interval = Gcra::interval(permits, per);
    let mut wait = Span::ZERO;
    let rule = match vector.dialect {
        "gcra_governor" | "gcra_throttled" => {
            let more = config.u64("max_burst").map(|more| more + 1);
            let burst = first(config, &["burst", "limit"]).or(more).unwrap_or(u64::from(permits));
            Rule::Gcra(Gcra::new(interval, burst as u32))
        }
        "failsafe_smooth" => {
            wait = Span::MAX;
            Rule::Smooth(Smooth::new(interval))
        }
        "failsafe_bursty" => {
            wait = Span::MAX;
            Rule::Cycle(Cycle::new(permits, per, Windows::OnGridUncapped))
        }
        "resilience4j_atomic" => {
            wait = span(config, "timeout_ns").unwrap_or(Span::from_secs(5.0));
            Rule::Cycle(Cycle::new(permits, per, Windows::OnGrid))
        }
        "tower_fixed" => Rule::Cycle(Cycle::new(permits, per, Windows::AtFirstCall)),
        "fixed_window" => Rule::Cycle(Cycle::new(permits, per, Windows::OnGrid)),
        "sliding_counter" => {
            // However it is written that the call itself must fit: "est+1<=limit", or a flag.
            let counts_itself = config.entries().any(|(_, value)| {
                value.as_bool() == Some(true) || value.as_str().is_some_and(|s| s.contains('1'))
            });
            let previous = config.u64("initial_previous").unwrap_or(0);
            let current = config.u64("initial_current").unwrap_or(0);
            let counter = SlidingCounter::new(permits, per, counts_itself);
            Rule::Counter(counter.with_counts(previous, current))
        }
        "sliding_log" => Rule::Log(SlidingLog::new(permits, per)),
        "leaky_bucket_uber" => {
            wait = Span::MAX;
            Rule::Paced(Paced::new(interval, config.u64("slack").unwrap_or(10) as u32))
        }
        other => return Err(format!("no dialect {other}")),
    };
    let limiter = Limiter::of(rule, wait);
    let wait = span(config, "max_wait_ns").unwrap_or(wait);
    Ok(Box::new(Any { limiter, longest_wait: wait, reservations: Vec::new() }))
}

/// Nanoseconds from now, or −1 for never.
fn wait_ns(now: Time, at: Option<Time>) -> i64 {
    at.map_or(-1, |at| i64::try_from(at.since(now).nanos()).unwrap_or(i64::MAX))
}

impl Any {
    /// Takes, or says when it could.
    fn take(&mut self, now: Time, step: &Step<'_>, longest_wait: Span) -> Shown {
        let n = first(step.args, &["n", "permits", "quantity"]).unwrap_or(1) as u32;
        let estimate = match self.limiter.rule_mut() {
            Rule::Counter(counter) => Some(counter.estimate(now)),
            _ => None,
        };
        let never = n > self.limiter.capacity();
        let mut shown = match self.limiter.reserve(now, n, longest_wait) {
            Ok(reservation) => {
                let at = reservation.at;
                self.reservations.push((step.args.str("id").unwrap_or("").to_owned(), reservation));
                shown! {
                    "admit" => true, "ok" => true,
                    "retry_after_ns" => -1, "retry_at" => None::<u64>,
                    "wait_ns" => wait_ns(now, Some(at)), "act_at" => at.nanos(),
                    "go_at" => at.nanos()
                }
            }
            Err(refusal) => {
                let wait = wait_ns(now, refusal.retry_at);
                // Those who take debts say −1; those who do not say how long it would be.
                let waited = if matches!(self.limiter.rule(), Rule::Gcra(_)) { wait } else { -1 };
                shown! {
                    "admit" => false, "ok" => false, "retry_after_ns" => wait,
                    "retry_at" => refusal.retry_at.map(Time::nanos), "wait_ns" => waited,
                    "insufficient_capacity" => never, "never" => never
                }
            }
        };
        if let Some(estimate) = estimate {
            shown.insert("estimate".to_owned(), estimate.into());
        }
        shown
    }

    /// What there is to see after any step.
    fn state(&mut self, now: Time) -> Shown {
        let mut shown = shown! {
            "remaining" => self.limiter.remaining(now), "limit" => self.limiter.capacity(),
            "capacity" => self.limiter.capacity(),
            "reset_after_ns" => self.limiter.reset_after(now).map(Span::nanos)
        };
        match self.limiter.rule() {
            Rule::Smooth(smooth) => {
                shown.append(&mut shown! { "next_free" => smooth.next_free().nanos() });
            }
            Rule::Cycle(cycle) => shown.append(&mut shown! {
                "available" => cycle.available(), "period" => cycle.number(),
                "cycle" => cycle.number(), "rem" => cycle.available(),
                "count" => i64::from(self.limiter.capacity()) - cycle.available()
            }),
            _ => {}
        }
        shown
    }

    /// resilience4j's and tower's own operations on cycles.
    fn on_cycle(&mut self, now: Time, step: &Step<'_>) -> Result<Shown, String> {
        let Rule::Cycle(cycle) = self.limiter.rule_mut() else {
            return Err(format!("no operation {}", step.op));
        };
        match step.op {
            "poll_ready" => {
                let ready = cycle.ready(now);
                Ok(shown! { "ready" => ready.is_ok(), "wake_at" => ready.err().map(Time::nanos) })
            }
            "drain" => {
                let all = u32::try_from(cycle.available()).unwrap_or(0);
                let _ = self.limiter.reserve(now, all, Span::ZERO);
                Ok(shown! {})
            }
            _ => {
                let permits = step.args.u64("permits").or(step.args.u64("limit"));
                cycle.set_permits(permits.ok_or("no usable permits")? as u32);
                Ok(shown! {})
            }
        }
    }
}

impl Subject for Any {
    fn step(&mut self, step: &Step<'_>) -> Result<Shown, String> {
        let now = Time::from_nanos(step.t);
        let asked = patience(step.args);
        let patient = asked.unwrap_or(self.longest_wait);
        let mut shown = match step.op {
            "check" | "call" | "allow" | "try_acquire" | "check_n" => {
                self.take(now, step, asked.unwrap_or(Span::ZERO))
            }
            "acquire" | "reserve" => self.take(now, step, patient),
            "take" | "consume" | "consume_n" => self.take(now, step, Span::MAX),
            "check_only" | "check_n_only" | "peek" => {
                let n = step.args.u64("n").unwrap_or(1) as u32;
                let at = self.limiter.retry_at(now, n);
                let admit = at == Some(now);
                shown! { "admit" => admit, "wait_ns" => wait_ns(now, at),
                "retry_at" => at.map(Time::nanos) }
            }
            "metrics" | "remaining" | "state" => {
                shown! { "wait_for_one_ns" => wait_ns(now, self.limiter.retry_at(now, 1)) }
            }
            "cancel" => {
                let id = step.args.str("id").unwrap_or("");
                let held = self.reservations.iter().rposition(|held| held.0 == id);
                let held = held.ok_or("nothing to cancel")?;
                self.limiter.cancel(now, self.reservations.remove(held).1);
                shown! {}
            }
            "change_timeout" | "set_timeout" => {
                self.longest_wait = span(step.args, "timeout_ns").ok_or("no usable timeout_ns")?;
                shown! {}
            }
            "poll_ready" | "drain" | "change_limit" | "set_limit" | "change_permits" => {
                self.on_cycle(now, step)?
            }
            other => return Err(format!("no operation {other}")),
        };
        if step.op != "poll_ready" {
            let mut state = self.state(now);
            state.append(&mut shown);
            return Ok(state);
        }
        Ok(shown)
    }
}

/// Go's bucket by itself, whose clock may jump back.
struct Go {
    bucket: GoBucket,
    reservations: Vec<(String, Option<GoReservation>)>,
}

fn go(vector: &Vector<'_>) -> Result<Box<dyn Subject>, String> {
    let config = vector.config;
    let per_s = config.f64("per_s").or(match config.u64("every_ns") {
        Some(every) => Some(1.0 / Span::from_nanos(every).as_secs()),
        None => config.str("per_s").map(|_| f64::INFINITY),
    });
    let burst = config.u64("burst").unwrap_or(1) as u32;
    let bucket = GoBucket::new(per_s.ok_or("no usable per_s")?, burst);
    Ok(Box::new(Go { bucket, reservations: Vec::new() }))
}

impl Subject for Go {
    fn step(&mut self, step: &Step<'_>) -> Result<Shown, String> {
        let (now, n) = (Time::from_nanos(step.t), step.args.u64("n").unwrap_or(1) as u32);
        let before = self.bucket.tokens(now);
        let asked = patience(step.args);
        let mut shown = match step.op {
            "allow" => {
                let admit = self.bucket.reserve(now, n, Span::ZERO).is_some();
                shown! { "admit" => admit, "ok" => admit }
            }
            "reserve" | "wait" => {
                let reservation = self.bucket.reserve(now, n, asked.unwrap_or(Span::MAX));
                let at = reservation.as_ref().map(|reservation| reservation.at);
                let id = step.args.str("id").unwrap_or("").to_owned();
                self.reservations.push((id, reservation));
                shown! {
                    "ok" => at.is_some(), "admit" => at.is_some(), "act_at" => at.map(Time::nanos),
                    "wait_ns" => wait_ns(now, at), "delay_ns" => wait_ns(now, at)
                }
            }
            "cancel" => {
                let id = step.args.str("id").unwrap_or("");
                let held = self.reservations.iter().rposition(|held| held.0 == id);
                let held = self.reservations.remove(held.ok_or("nothing to cancel")?).1;
                if let Some(reservation) = held {
                    self.bucket.cancel(now, reservation);
                }
                shown! {}
            }
            "set_limit" | "set_rate" => {
                let per_s = step.args.f64("per_s").or(step.args.f64("limit"));
                self.bucket.set_rate(now, per_s.ok_or("no usable per_s")?);
                shown! {}
            }
            "set_burst" => {
                self.bucket.set_burst(now, step.args.need("burst", Fields::u64)? as u32);
                shown! {}
            }
            "tokens" => shown! {},
            other => return Err(format!("no operation {other}")),
        };
        shown
            .append(&mut shown! { "tokens_before" => before, "tokens" => self.bucket.tokens(now) });
        Ok(shown)
    }
}
