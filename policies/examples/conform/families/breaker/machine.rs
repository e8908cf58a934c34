//! A breaker driven by the steps of a vector.

use super::configs;
use super::waits::{Script, any};
use crate::harness::{Fields, Shown, Step, Subject, Vector};
use crate::shown;
use brownout_policies::breaker::{Breaker, BreakerConfig, Counts, ShareOf, State, Window};
use brownout_policies::gate::{Permit, Report};
use brownout_policies::outcome::Class;
use brownout_policies::settings::Share;
use brownout_policies::{Span, Time};

/// How an outcome is reported.
pub(super) fn report(class: Class, took_ns: u64) -> Report {
    Report { class, took: Span::from_nanos(took_ns) }
}

/// How many times a step's operation is done.
pub(super) fn times(args: Fields<'_>) -> u64 {
    args.u64("n").unwrap_or(1)
}

struct Machine {
    breaker: Breaker,
    dialect: String,
    /// What is added to every time of the vector.
    epoch: u64,
    /// Calls in flight by their names, the latest last.
    permits: Vec<(Option<String>, Permit)>,
    /// What a cancelled call counts as, where the system lets its user say.
    cancelled: Option<Class>,
    /// The counts of the last snapshot, where there are snapshots.
    snapshot: Counts,
}

fn machine(vector: &Vector<'_>, config: BreakerConfig) -> Result<Box<dyn Subject>, String> {
    let epoch = any(vector.config, &["epoch_ns"]).unwrap_or(0);
    let mut breaker = Breaker::new(config).map_err(|problems| format!("{problems:?}"))?;
    breaker.wake(Time::from_nanos(epoch), &mut Script::default());
    let cancelled = match vector.config.str("cancelled") {
        Some("ignored" | "excluded" | "neutral") => Some(Class::Ignored),
        Some("success") => Some(Class::Success),
        Some("failure") => Some(Class::Failure),
        Some(_) | None => None,
    };
    let dialect = vector.dialect.to_owned();
    let (permits, snapshot) = (Vec::new(), Counts::default());
    let mut machine = Machine { breaker, dialect, epoch, permits, cancelled, snapshot };
    let forced = |key: &str| vector.config.bool(key) == Some(true);
    let state = match () {
        () if forced("force_open") => Some(State::ForcedOpen),
        () if forced("force_closed") => Some(State::MetricsOnly),
        () => None,
    };
    if let Some(state) = state {
        machine.breaker.force(Time::from_nanos(epoch), state, &mut Script::default());
    }
    Ok(Box::new(machine))
}

/// A whole breaker.
pub(super) fn breaker(vector: &Vector<'_>) -> Result<Box<dyn Subject>, String> {
    machine(vector, configs::read(vector.dialect, vector.config)?)
}

/// Its window alone: nothing opens it.
pub(super) fn window(vector: &Vector<'_>) -> Result<Box<dyn Subject>, String> {
    let fields = vector.config;
    let mut config = BreakerConfig::failsafe_go();
    (config.failures, config.in_a_row, config.failure_share) = (None, None, Share::NONE);
    match any(fields, &["period_ns", "window_ns", "interval_ns"]) {
        Some(period) => {
            config.window = match vector.dialect {
                "polly_v8" => Window::Started,
                "gobreaker_v2" => Window::Anchored,
                "hystrix" => Window::Finished,
                _ => Window::Grid,
            };
            let seconds = u64::div_ceil(period, 1_000_000_000);
            let usual = if vector.dialect == "resilience4j" { seconds } else { 10 };
            config.span = Some(Span::from_nanos(period));
            config.buckets = fields.u64("buckets").unwrap_or(usual) as u32;
        }
        None => {
            config.calls =
                any(fields, &["size", "capacity", "calls"]).ok_or("no usable size")? as u32;
        }
    }
    machine(vector, config)
}

impl Machine {
    fn acquire(&mut self, now: Time, args: Fields<'_>, chance: &mut Script) -> Shown {
        let call = args.str("call").map(str::to_owned);
        let mut refusal = None;
        for _ in 0..times(args) {
            match self.breaker.admit(now, chance) {
                Ok(permit) => self.permits.push((call.clone(), permit)),
                Err(refused) => refusal = Some(refused),
            }
        }
        let too_many = self.breaker.state() == State::HalfOpen;
        let retry_at = refusal.and_then(|refusal| refusal.retry_at).or_else(|| {
            // Polly moves the end of its break on when it lets the probe through.
            let next = self.breaker.since().saturating_add(self.breaker.config().open);
            (too_many && self.dialect == "polly_v8").then_some(next)
        });
        let why = match (refusal.is_some(), self.breaker.state()) {
            (false, _) => None,
            (true, State::HalfOpen | State::Ramping) => Some("too_many"),
            (true, State::Isolated) => Some("isolated"),
            (true, State::ForcedOpen) => Some("forced_open"),
            (true, _) => Some("open"),
        };
        shown! {
            "admit" => refusal.is_none(), "why" => why,
            "retry_after_ns" => retry_at.filter(|_| refusal.is_some()).map(|at| at.since(now).nanos())
        }
    }

    /// How an operation that ends a call counts.
    fn class(&self, op: &str) -> Option<Class> {
        let of_cancelled = || match self.dialect.as_str() {
            "gobreaker_v2" | "failsafe_go" => Class::Failure,
            _ => Class::Ignored,
        };
        Some(match op {
            "success" | "succeed" | "ok" => Class::Success,
            "failure" | "fail" | "error" | "panic" | "timeout" | "rejected" => Class::Failure,
            "ignored" | "ignore" | "excluded" | "exclude" | "neutral" | "release"
            | "bad_request" | "unhandled" | "abandoned" => Class::Ignored,
            "cancelled" | "canceled" | "cancel" => self.cancelled.unwrap_or_else(of_cancelled),
            _ => return None,
        })
    }

    fn settle(&mut self, now: Time, class: Class, args: Fields<'_>, chance: &mut Script) {
        let took = any(args, &["dur_ns", "duration_ns", "took_ns"]).unwrap_or(0);
        for _ in 0..times(args) {
            let call = args.str("call");
            let place = self.permits.iter().rposition(|(name, _)| name.as_deref() == call);
            let permit = match place {
                Some(place) => Some(self.permits.remove(place).1),
                // gobreaker has no outcome without a call: its tests make the call and end it.
                None if self.dialect == "gobreaker_v2" && call.is_none() => {
                    self.breaker.admit(now, chance).ok()
                }
                None => None,
            };
            match permit {
                Some(permit) => self.breaker.settle(now, permit, report(class, took), chance),
                None => self.breaker.stray(now, report(class, took), chance),
            }
        }
    }

    fn record(&mut self, now: Time, args: Fields<'_>, chance: &mut Script) -> Result<(), String> {
        let pattern = args.str("pattern").unwrap_or("success");
        for n in 0..times(args) {
            let good = match pattern {
                "success" => true,
                "failure" => false,
                "alternate" | "alternating" => n % 2 == 0,
                other => {
                    let digits = other.trim_start_matches(|c: char| !c.is_ascii_digit());
                    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
                    let every: u64 =
                        digits[..end].parse().map_err(|_| format!("no pattern {other}"))?;
                    (n % every.max(1) == 0) == other.ends_with("success")
                }
            };
            let class = if good { Class::Success } else { Class::Failure };
            self.breaker.stray(now, report(class, 0), chance);
        }
        Ok(())
    }

    fn force(&mut self, now: Time, args: Fields<'_>, chance: &mut Script) -> Result<Shown, String> {
        let to = match args.need("to", Fields::str)? {
            "closed" | "close" => State::Closed,
            "open" => {
                let wait = any(args, &["for_ns", "wait_ns", "duration_ns"]).map(Span::from_nanos);
                let until = any(args, &["until_ns"]).map(|until| self.epoch + until);
                let wait = wait.or(until.map(|until| Time::from_nanos(until).since(now)));
                if let Some(wait) = wait {
                    let done = self.breaker.force_open_for(now, wait, chance);
                    return Ok(allowed(done));
                }
                State::Open
            }
            "half_open" => State::HalfOpen,
            "disabled" => State::Disabled,
            "metrics_only" | "forced_closed" => State::MetricsOnly,
            "forced_open" => State::ForcedOpen,
            "isolated" | "isolate" => State::Isolated,
            other => return Err(format!("no state {other}")),
        };
        Ok(allowed(self.breaker.force(now, to, chance)))
    }

    /// Whether a step asks for numbers whose reading is an act.
    fn reads(&self, step: &Step<'_>) -> bool {
        let asked = |keys: &[&str]| {
            let expect = step.args.fields("expect");
            expect.is_some_and(|expect| keys.iter().any(|key| expect.has(key)))
        };
        self.dialect != "polly_v8" || asked(&["throughput", "failure_rate", "failure_count"])
    }

    fn shown(&mut self, now: Time, reads: bool) -> Shown {
        let counts = if reads { self.breaker.counts(now) } else { self.breaker.held() };
        let state = self.breaker.state();
        let (name, gate) = match state {
            State::Closed => ("closed", "open_gate"),
            State::Open => ("open", "shut"),
            State::HalfOpen | State::Ramping => ("half_open", "probation"),
            State::Disabled => ("disabled", "open_gate"),
            State::MetricsOnly => ("metrics_only", "open_gate"),
            State::ForcedOpen => ("forced_open", "shut"),
            State::Isolated => ("isolated", "shut"),
        };
        let remaining = self.breaker.retry_at().map_or(0, |at| at.since(now).nanos());
        let mut shown = shown! {
            "state" => name, "gate" => gate, "permits_left" => self.breaker.probes_left(),
            "not_permitted" => self.breaker.refused(), "attempts" => self.breaker.openings(),
            "remaining_delay_ns" => remaining, "open_for_ns" => self.breaker.open_for().nanos(),
            "break_ns" => self.breaker.open_for().nanos(), "ema" => self.breaker.average(),
        };
        shown.append(&mut self.rates(&counts));
        shown.append(&mut numbers(&counts));
        let Counts { failures, .. } = self.snapshot;
        let total = self.snapshot.calls();
        shown.append(&mut shown! {
            "total" => total, "errors" => failures,
            "error_pct" => (failures as f64 / total.max(1) as f64 * 100.0) as u64,
        });
        shown
    }

    /// Shares of what was counted, as the system would state them.
    fn rates(&self, counts: &Counts) -> Shown {
        let calls = match self.breaker.config().share_of {
            ShareOf::Outcomes => counts.calls(),
            ShareOf::Requests => counts.requests - counts.excluded,
        };
        let judged = calls > 0 && calls >= u64::from(self.breaker.min_calls());
        let pct = |part: u64| if judged { part as f64 * 100.0 / calls as f64 } else { -1.0 };
        let share = |part: u64| part as f64 / calls.max(1) as f64;
        // failsafe-go rounds its rates to two decimals, halves away from zero.
        let rounds = self.dialect == "failsafe_go";
        let rate = |part: u64| {
            let share = share(part);
            if rounds { (share * 100.0).round() / 100.0 } else { share }
        };
        shown! {
            "failure_rate_pct" => pct(counts.failures), "slow_rate_pct" => pct(counts.slow),
            "failure_rate" => rate(counts.failures), "success_rate" => rate(counts.successes),
        }
    }
}

fn allowed(done: bool) -> Shown {
    shown! {
        "ok" => done, "allowed" => done, "error" => !done, "illegal" => !done, "refused" => !done
    }
}

/// What was counted, under everybody's names.
fn numbers(counts: &Counts) -> Shown {
    shown! {
        "buffered" => counts.calls(), "failed" => counts.failures, "slow" => counts.slow,
        "successful" => counts.successes, "slow_failed" => counts.slow_failures,
        "slow_successful" => counts.slow - counts.slow_failures,
        "throughput" => counts.calls(), "failure_count" => counts.failures,
        "requests" => counts.requests, "successes" => counts.successes,
        "failures" => counts.failures, "exclusions" => counts.excluded,
        "consecutive_successes" => counts.good_run, "consecutive_failures" => counts.bad_run,
        "executions" => counts.calls(),
    }
}

impl Subject for Machine {
    fn step(&mut self, step: &Step<'_>) -> Result<Shown, String> {
        let now = Time::from_nanos(step.t.saturating_add(self.epoch));
        let mut chance = Script::of(step.args);
        self.breaker.wake(now, &mut chance);
        let mut done = Shown::new();
        let was = self.breaker.state();
        match step.op {
            "acquire" => done = self.acquire(now, step.args, &mut chance),
            "force" => done = self.force(now, step.args, &mut chance)?,
            "isolate" => done = allowed(self.breaker.force(now, State::Isolated, &mut chance)),
            "close" => done = allowed(self.breaker.force(now, State::Closed, &mut chance)),
            "reset" => {
                self.breaker.force(now, State::Disabled, &mut chance);
                self.breaker.force(now, State::Closed, &mut chance);
            }
            "snapshot" => {
                self.snapshot = self.breaker.counts(now);
                self.breaker.judge(now, &mut chance);
            }
            "record" => self.record(now, step.args, &mut chance)?,
            "tick" | "state" | "health" | "read" | "metrics" | "counts" => {}
            "outcome" | "result" => {
                let class =
                    ["class", "outcome", "result"].iter().find_map(|key| step.args.str(key));
                let class = class.and_then(|class| self.class(class)).ok_or("no usable class")?;
                self.settle(now, class, step.args, &mut chance);
            }
            other => {
                let class = self.class(other).ok_or_else(|| format!("no operation {other}"))?;
                self.settle(now, class, step.args, &mut chance);
            }
        }
        if was == State::HalfOpen && self.breaker.state() == State::Closed {
            self.snapshot = Counts::default();
        }
        let reads = self.reads(step);
        let mut shown = self.shown(now, reads);
        shown.append(&mut done);
        Ok(shown)
    }
}
