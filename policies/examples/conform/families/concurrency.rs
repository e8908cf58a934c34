//! Adaptive concurrency limits.

use crate::harness::{Fields, Make, Shown, Step, Subject, Vector};
use crate::shown;
use brownout_policies::concurrency::{
    AimdConfig, Concurrency, ConcurrencyConfig, Decrease, EnvoyConfig, FailsafeGoConfig,
    Gradient2Config, Rule, Sample, Signals, VegasConfig, Window,
};
use brownout_policies::gate::{Permit, Report};
use brownout_policies::outcome::Class;
use brownout_policies::settings::Share;
use brownout_policies::{Span, Time};

struct Limiter {
    gate: Concurrency,
    /// Permits out, with their partition's number and when they were given.
    out: Vec<(u32, Time, Permit)>,
    /// Partitions by number.
    names: Vec<String>,
    /// Whether a sample's time is that of its start.
    at_start: bool,
}

pub(crate) fn maker(dialect: &str) -> Option<Make> {
    match dialect {
        "netflix_aimd" => Some(|vector| make(aimd(vector.config), false)),
        "netflix_vegas" => Some(|vector| make(vegas(vector.config), false)),
        "netflix_gradient2" => Some(|vector| make(gradient2(vector.config), false)),
        "netflix_windowed" => Some(|vector| make(windowed(vector.config)?, true)),
        "netflix_partitioned" | "netflix_fixed" | "netflix_settable" => Some(partitioned),
        "envoy_gradient" => Some(|vector| make(envoy(vector.config), false)),
        "failsafe_go" | "failsafe_go_adaptive" => {
            Some(|vector| make(failsafe_go(vector.config), false))
        }
        _ => None,
    }
}

/// The peers let a limit start outside of its bounds; the first sample brings it back.
fn make(config: ConcurrencyConfig, at_start: bool) -> Result<Box<dyn Subject>, String> {
    let initial = config.initial;
    let config =
        ConcurrencyConfig { initial: initial.max(config.least).min(config.most), ..config };
    let moved = config.initial != initial;
    let mut gate = Concurrency::new(config).map_err(|problems| format!("{problems:?}"))?;
    if moved {
        gate.set_limit(initial);
    }
    Ok(Box::new(Limiter { gate, out: Vec::new(), names: Vec::new(), at_start }))
}

fn count(fields: Fields<'_>, keys: &[&str], otherwise: u32) -> u32 {
    keys.iter().find_map(|key| fields.u64(key)).map_or(otherwise, |count| count as u32)
}

fn number(fields: Fields<'_>, keys: &[&str], otherwise: f64) -> f64 {
    keys.iter().find_map(|key| fields.f64(key)).unwrap_or(otherwise)
}

fn span(fields: Fields<'_>, keys: &[&str], otherwise: Span) -> Span {
    keys.iter().find_map(|key| fields.u64(key)).map_or(otherwise, Span::from_nanos)
}

/// A share given as a number of which 1 is everything, or in percent.
fn share(fields: Fields<'_>, plain: &[&str], percent: &[&str], otherwise: Share) -> Share {
    let plain = plain.iter().find_map(|key| fields.f64(key));
    let percent = percent.iter().find_map(|key| fields.f64(key));
    let share = plain.or(percent.map(|percent| percent / 100.0));
    share.map_or(otherwise, Share::nearest)
}

fn bounded(fields: Fields<'_>, config: ConcurrencyConfig) -> ConcurrencyConfig {
    ConcurrencyConfig {
        initial: count(fields, &["initial", "initial_limit", "limit"], config.initial),
        least: count(fields, &["min", "min_limit", "min_concurrency"], config.least).max(1),
        most: count(fields, &["max", "max_limit", "max_concurrency"], config.most),
        ..config
    }
}

fn aimd(fields: Fields<'_>) -> ConcurrencyConfig {
    let netflix = AimdConfig::netflix();
    let rule = AimdConfig {
        backoff: share(fields, &["backoff_ratio", "backoff"], &[], netflix.backoff),
        timeout: fields.u64("timeout_ns").map(Span::from_nanos).or(netflix.timeout),
    };
    ConcurrencyConfig { rule: Rule::Aimd(rule), ..bounded(fields, ConcurrencyConfig::aimd()) }
}

fn vegas(fields: Fields<'_>) -> ConcurrencyConfig {
    let netflix = VegasConfig::netflix();
    let fixed = fields.u64("alpha").is_some() || fields.u64("beta").is_some();
    let multiplier = number(fields, &["probe_multiplier"], netflix.probe_multiplier);
    // What U(0.5, 1) came to; without it the middle.
    let jitter = number(fields, &["probe_jitter"], 0.75);
    let half = fields.str("decrease") == Some("half");
    let rule = VegasConfig {
        alpha: count(fields, &["alpha"], netflix.alpha),
        beta: count(fields, &["beta"], netflix.beta),
        by_magnitude: !fixed,
        decrease: if half { Decrease::Half } else { Decrease::Step },
        smoothing: number(fields, &["smoothing"], netflix.smoothing),
        probe_multiplier: jitter * multiplier,
        probe_jitter: Share::NONE,
    };
    ConcurrencyConfig { rule: Rule::Vegas(rule), ..bounded(fields, ConcurrencyConfig::vegas()) }
}

fn gradient2(fields: Fields<'_>) -> ConcurrencyConfig {
    let netflix = Gradient2Config::netflix();
    let rule = Gradient2Config {
        smoothing: number(fields, &["smoothing"], netflix.smoothing),
        queue: count(fields, &["queue", "queue_size"], netflix.queue),
        long_window: count(fields, &["long_window"], netflix.long_window),
        warmup: count(fields, &["warmup"], netflix.warmup),
        tolerance: number(fields, &["tolerance", "rtt_tolerance"], netflix.tolerance),
    };
    ConcurrencyConfig {
        rule: Rule::Gradient2(rule),
        ..bounded(fields, ConcurrencyConfig::gradient2())
    }
}

fn windowed(fields: Fields<'_>) -> Result<ConcurrencyConfig, String> {
    let delegate = fields.fields("delegate").unwrap_or(fields);
    let has = |keys: &[&str]| keys.iter().any(|key| delegate.has(key));
    let kind = ["kind", "type", "algorithm", "dialect", "limit_kind"];
    let named = kind.iter().find_map(|key| delegate.str(key)).unwrap_or("");
    let config = if named.contains("gradient2") || has(&["long_window", "tolerance"]) {
        gradient2(delegate)
    } else if named.contains("vegas") || has(&["probe_multiplier", "alpha", "beta"]) {
        vegas(delegate)
    } else {
        aimd(delegate)
    };
    let netflix = Window::netflix();
    let least = span(fields, &["min_window_ns", "window_ns"], netflix.longest);
    let longest = span(fields, &["max_window_ns", "window_ns"], netflix.longest);
    let window = Window {
        length: Some(least.min(longest)),
        longest,
        samples: count(fields, &["window_size", "min_samples"], netflix.samples),
        fastest: span(fields, &["min_rtt_ns", "min_rtt_threshold_ns"], netflix.fastest),
        ..netflix
    };
    Ok(ConcurrencyConfig { window, ..config })
}

fn envoy(fields: Fields<'_>) -> ConcurrencyConfig {
    let envoy = EnvoyConfig::envoy();
    let rule = EnvoyConfig {
        buffer: share(fields, &["buffer"], &["buffer_pct"], envoy.buffer),
        quantile: share(fields, &["quantile"], &["percentile", "percentile_pct"], envoy.quantile),
        interval: span(
            fields,
            &["update_interval_ns", "interval_ns", "sample_interval_ns"],
            envoy.interval,
        ),
        min_interval: span(
            fields,
            &["min_rtt_interval_ns", "minrtt_interval_ns"],
            envoy.min_interval,
        ),
        min_jitter: share(fields, &["jitter"], &["jitter_pct"], Share::NONE),
        min_samples: count(
            fields,
            &["request_count", "min_rtt_samples", "minrtt_samples"],
            envoy.min_samples,
        ),
        stuck_after: count(fields, &["consecutive_min", "stuck_after"], envoy.stuck_after),
    };
    let config = bounded(fields, ConcurrencyConfig::envoy());
    let initial = count(fields, &["initial", "limit"], config.least);
    ConcurrencyConfig { initial, rule: Rule::EnvoyGradient(rule), ..config }
}

fn failsafe_go(fields: Fields<'_>) -> ConcurrencyConfig {
    let own = FailsafeGoConfig::failsafe_go();
    let recent = span(fields, &["recent_window_min_ns", "recent_min_ns", "window_ns"], own.recent);
    let most = ["recent_window_max_ns", "recent_max_ns", "window_ns"];
    let samples = ["recent_window_min_samples", "recent_min_samples", "min_samples"];
    let rule = FailsafeGoConfig {
        factor: number(fields, &["max_limit_factor", "factor"], own.factor),
        recent,
        recent_most: span(fields, &most, own.recent_most),
        recent_samples: count(fields, &samples, own.recent_samples),
        quantile: share(fields, &["recent_quantile", "quantile"], &[], own.quantile),
        baseline: count(
            fields,
            &["baseline_window", "baseline_age", "baseline_window_age"],
            own.baseline,
        ),
        correlation: count(
            fields,
            &["correlation_window", "correlation_window_size"],
            own.correlation,
        ),
    };
    ConcurrencyConfig {
        rule: Rule::FailsafeGo(rule),
        ..bounded(fields, ConcurrencyConfig::failsafe_go())
    }
}

fn partitioned(vector: &Vector<'_>) -> Result<Box<dyn Subject>, String> {
    let config = bounded(vector.config, ConcurrencyConfig::fixed());
    let mut names = Vec::new();
    let mut shares = Vec::new();
    if let Some(partitions) = vector.config.fields("partitions") {
        for (name, share) in partitions.entries() {
            names.push(name.clone());
            shares.push(Share::nearest(share.as_f64().unwrap_or(0.0)));
        }
    }
    let gate = Concurrency::partitioned(config, &shares);
    let gate = gate.map_err(|problems| format!("{problems:?}"))?;
    Ok(Box::new(Limiter { gate, out: Vec::new(), names, at_start: false }))
}

impl Limiter {
    fn partition(&self, step: &Step<'_>) -> u32 {
        let name = step.args.str("partition");
        let known = name.and_then(|name| self.names.iter().position(|known| known == name));
        known.map_or(u32::MAX, |number| number as u32)
    }

    fn sample(&mut self, step: &Step<'_>, now: Time) -> Result<Shown, String> {
        let rtt = Span::from_nanos(step.args.need("rtt_ns", Fields::u64)?);
        let inflight = step.args.u64("inflight").unwrap_or(1) as u32;
        let dropped =
            ["drop", "dropped", "did_drop"].iter().any(|key| step.args.bool(key) == Some(true));
        let full = ["overloaded", "full"].iter().find_map(|key| step.args.bool(key));
        let full = full.unwrap_or(inflight >= self.gate.limit());
        let now = if self.at_start { now.saturating_add(rtt) } else { now };
        let fed = self.gate.observe(now, Sample { rtt, inflight, dropped, full });
        Ok(shown! { "fed" => fed, "updated" => fed })
    }

    fn release(&mut self, step: &Step<'_>, now: Time, class: Class) -> Result<Shown, String> {
        let partition = self.partition(step);
        let place = self.out.iter().rposition(|permit| permit.0 == partition);
        let (_, since, permit) = self.out.remove(place.ok_or("nothing to release")?);
        let took = step.args.u64("rtt_ns").map_or(now.since(since), Span::from_nanos);
        self.gate.settle(now, permit, Report { class, took });
        Ok(shown! {})
    }
}

fn class(outcome: &str) -> Class {
    match outcome {
        "success" | "ok" | "record" => Class::Success,
        "drop" | "dropped" | "failure" | "error" | "timeout" => Class::Failure,
        _ => Class::Ignored,
    }
}

/// Which way failsafe-go goes, with its own word for the reason.
fn change(step: &Step<'_>) -> Shown {
    use brownout_policies::concurrency::Change;
    let whole = |keys: [&str; 2]| keys.iter().find_map(|key| step.args.i64(key)).unwrap_or(0);
    let share = |keys: [&str; 2]| keys.iter().find_map(|key| step.args.f64(key)).unwrap_or(0.0);
    let signals = Signals {
        queue: whole(["queue_size", "queue"]),
        alpha: whole(["alpha", "alpha"]),
        beta: whole(["beta", "beta"]),
        full: ["overloaded", "full"].iter().any(|key| step.args.bool(key) == Some(true)),
        throughput: share(["throughput_corr", "throughput_correlation"]),
        throughput_variation: share(["throughput_cv", "throughput_variation"]),
        latency: share(["rtt_corr", "rtt_correlation"]),
    };
    let (way, reason) = match signals.change() {
        Change::DownQueue => ("decrease", "queue"),
        Change::DownThroughput => ("decrease", "thrptCorr"),
        Change::DownLatency => ("decrease", "thrptCorrRtt"),
        Change::DownFlat => ("decrease", "thrptCV"),
        Change::Up => ("increase", "queue"),
        Change::Stay => ("hold", "queue"),
    };
    shown! { "change" => way, "direction" => way, "reason" => reason }
}

impl Subject for Limiter {
    fn step(&mut self, step: &Step<'_>) -> Result<Shown, String> {
        let now = Time::from_nanos(step.t);
        self.gate.wake(now);
        let mut shown = match step.op {
            "sample" | "record" | "observe" => self.sample(step, now)?,
            "update" => {
                let rtt = step.args.need("sample_rtt_ns", Fields::u64)?;
                let least = step.args.need("min_rtt_ns", Fields::u64)?;
                self.gate.measured(now, Span::from_nanos(rtt), Span::from_nanos(least));
                shown! {}
            }
            "acquire" | "admit" | "try_acquire" | "forward" => {
                let partition = self.partition(step);
                let admitted = self.gate.admit_in(now, partition);
                let admit = admitted.is_ok();
                if let Ok(permit) = admitted {
                    self.out.push((partition, now, permit));
                }
                shown! { "admit" => admit, "ok" => admit, "granted" => admit }
            }
            "release" | "finish" | "complete" => {
                let class = class(step.args.str("outcome").unwrap_or("ignore"));
                self.release(step, now, class)?
            }
            "success" | "drop" | "ignore" | "cancel" | "failure" => {
                self.release(step, now, class(step.op))?
            }
            "set_limit" => {
                self.gate.set_limit(step.args.need("limit", Fields::u64)? as u32);
                shown! {}
            }
            "change" | "compute_change" => change(step),
            "limit" | "limits" | "wakeup" | "tick" | "noop" | "state" => shown! {},
            other => return Err(format!("no operation {other}")),
        };
        let reading = self.gate.reading();
        let mut limits = Shown::new();
        for (number, name) in self.names.iter().enumerate() {
            let partition = self.gate.partition(number as u32);
            limits.insert(name.clone(), partition.map_or(0, |partition| partition.0).into());
        }
        let partition = self.gate.partition(self.partition(step)).unwrap_or((0, 0));
        shown.append(&mut shown! {
            "limit" => self.gate.limit(), "inflight" => self.gate.inflight(),
            "estimated" => reading.estimate, "estimated_limit" => reading.estimate,
            "rtt_noload_ns" => reading.baseline, "baseline_ns" => reading.baseline,
            "baseline_rtt_ns" => reading.baseline, "long_rtt_ns" => reading.baseline,
            "min_rtt_ns" => reading.baseline,
            "queue" => reading.queue, "queue_size" => reading.queue,
            "gradient" => reading.gradient, "measuring" => reading.measuring,
            "in_min_rtt_window" => reading.measuring, "remeasure" => reading.measuring,
            "min_rtt_active" => reading.measuring, "consecutive_min" => reading.stuck,
            "limits" => limits, "partition_limit" => partition.0,
            "partition_inflight" => partition.1,
            "next_wakeup" => self.gate.next_wakeup().map(Time::nanos),
        });
        Ok(shown)
    }
}
