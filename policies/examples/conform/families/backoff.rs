//! Backoffs.

use crate::harness::{Fields, Make, Shown, Step, Subject, Vector};
use crate::shown;
use brownout_policies::backoff::{Ask, BackoffConfig, Capped, Course, Growth, Hint, Spread};
use brownout_policies::settings::Share;
use brownout_policies::{Chance, Span};
use serde_json::Value;

/// Chances that a vector dictates.
pub(crate) struct Script {
    /// Uniform numbers still to come.
    pub(crate) shares: Vec<f64>,
    /// Whole random numbers still to come.
    pub(crate) whole: Vec<u64>,
}

impl Script {
    /// What a step says: `u` or `rand`, one or a list; nothing said is `otherwise`.
    pub(crate) fn of(step: &Step<'_>, otherwise: f64) -> Script {
        let all = |names: [&str; 2]| {
            let found = names.iter().find_map(|name| step.args.get(name));
            match found {
                Some(Value::Array(list)) => list.clone(),
                Some(one) => vec![one.clone()],
                None => Vec::new(),
            }
        };
        let mut shares: Vec<f64> = all(["u", "us"]).iter().filter_map(Value::as_f64).collect();
        if shares.is_empty() {
            shares.push(otherwise);
        }
        Script { shares, whole: all(["rand", "r"]).iter().filter_map(Value::as_u64).collect() }
    }
}

impl Chance for Script {
    fn bits(&mut self) -> u64 {
        (self.share() * 18_446_744_073_709_551_616.0) as u64
    }

    fn share(&mut self) -> f64 {
        if self.shares.len() > 1 { self.shares.remove(0) } else { self.shares[0] }
    }

    fn below(&mut self, bound: u64) -> u64 {
        if self.whole.is_empty() {
            return (self.share() * bound as f64) as u64;
        }
        self.whole.remove(0) % bound
    }
}

struct Waits {
    config: BackoffConfig,
    course: Course,
    /// Attempts in all, where a system counts those.
    attempts_max: Option<u64>,
    /// What a scripted chance is when a step says nothing.
    unsaid: f64,
    /// Nothing follows any more.
    over: bool,
}

pub(crate) fn maker(dialect: &str) -> Option<Make> {
    const SYSTEMS: [&str; 12] = [
        "aws",
        "polly",
        "grpc",
        "tower",
        "backon",
        "resilience4j",
        "r4j",
        "finagle",
        "linear",
        "constant",
        "exponential",
        "plain",
    ];
    SYSTEMS.iter().any(|system| dialect.starts_with(system)).then_some(waits as Make)
}

/// A time of the configuration under any of its names.
fn span(fields: Fields<'_>, names: &[&str]) -> Option<Span> {
    names.iter().find_map(|name| fields.u64(name)).map(Span::from_nanos)
}

const FROM: [&str; 8] = [
    "base_ns",
    "initial_ns",
    "min_ns",
    "start_ns",
    "delay_ns",
    "initial_backoff_ns",
    "interval_ns",
    "wait_ns",
];
const CAP: [&str; 6] =
    ["cap_ns", "max_ns", "maximum_ns", "max_delay_ns", "max_backoff_ns", "max_interval_ns"];

fn waits(vector: &Vector<'_>) -> Result<Box<dyn Subject>, String> {
    let (given, dialect) = (vector.config, vector.dialect);
    let kind = given.str("kind").unwrap_or(dialect);
    let system = |name: &str| dialect.starts_with(name) || kind.starts_with(name);
    let sdk = ["sdk", "standard", "new", "2_0", "2_1"].iter().any(|word| dialect.contains(word));
    let mut config = if system("polly") {
        polly(given)?
    } else if system("grpc") {
        BackoffConfig { factor: given.f64("multiplier").unwrap_or(2.0), ..BackoffConfig::grpc() }
    } else if system("tower") {
        let width = Share::nearest(given.f64("jitter").unwrap_or(0.99));
        BackoffConfig { width, ..BackoffConfig::tower() }
    } else if system("backon") {
        backon(given)
    } else if system("r4j") || system("resilience4j") {
        resilience4j(given, kind)
    } else if system("finagle") {
        finagle(given, kind)?
    } else if sdk || kind.contains("sdk") || given.str("spec").is_some() {
        sdk_config(given)
    } else {
        plain(given, kind, dialect)?
    };
    let throttled = config.from_throttled;
    if let Some(from) = span(given, &FROM) {
        config.from = from;
    }
    if given.str("spec") == Some("2.1") {
        config.from_throttled = span(given, &["initial_backoff_ns", "base_ns"]).or(throttled);
        config.from = span(given, &["non_throttling_backoff_ns"]).unwrap_or(Span::from_millis(50));
    }
    if let Some(cap) = span(given, &CAP) {
        config.cap = Some(cap);
    }
    if config.growth == Growth::Linear {
        let step = ["step_ns", "offset_ns", "increment_ns"];
        config.step = span(given, &step).unwrap_or(config.from);
    }
    if let Some(first) = given.u64("first") {
        config.first = first as u32;
    }
    let attempts_max = given.u64("max_attempts").map(|most| {
        // gRPC's client takes no more than five.
        if system("grpc") { most.min(5) } else { most }
    });
    let unsaid = if sdk || given.str("spec").is_some() { 1.0 } else { 0.5 };
    Ok(Box::new(Waits { config, course: Course::default(), attempts_max, unsaid, over: false }))
}

fn polly(given: Fields<'_>) -> Result<BackoffConfig, String> {
    let jitter = given.bool("jitter").unwrap_or(false);
    let growth = match (given.str("type").unwrap_or("exponential"), jitter) {
        ("constant", _) => Growth::Constant,
        ("linear", _) => Growth::Linear,
        ("exponential", false) => Growth::Exponential,
        ("exponential", true) => Growth::Smooth,
        (other, _) => return Err(format!("no type {other}")),
    };
    let around = jitter && growth != Growth::Smooth;
    let spread = if around { Spread::Around } else { Spread::None };
    let width = Share::percent(25);
    Ok(BackoffConfig { growth, spread, width, ..BackoffConfig::polly() })
}

fn backon(given: Fields<'_>) -> BackoffConfig {
    let jitter = given.bool("jitter").unwrap_or(false);
    let constant = given.str("type") == Some("constant");
    BackoffConfig {
        growth: if constant { Growth::Constant } else { Growth::Exponential },
        factor: given.f64("factor").unwrap_or(2.0),
        spread: if jitter { Spread::Above } else { Spread::None },
        times: match given.get("max_times") {
            None => Some(3),
            Some(times) => times.as_u64().map(|times| times as u32),
        },
        cap: if given.has("max_ns") { None } else { BackoffConfig::backon().cap },
        ..BackoffConfig::backon()
    }
}

fn resilience4j(given: Fields<'_>, kind: &str) -> BackoffConfig {
    let random = kind.contains("random") || given.has("randomization");
    let exponential = kind.contains("exponential") || given.has("multiplier");
    let width = given.f64("randomization").or(given.f64("randomization_factor")).unwrap_or(0.5);
    BackoffConfig {
        growth: if exponential { Growth::Exponential } else { Growth::Constant },
        factor: given.f64("multiplier").unwrap_or(1.5),
        spread: if random { Spread::Around } else { Spread::None },
        width: Share::nearest(width),
        ..BackoffConfig::resilience4j()
    }
}

fn finagle(given: Fields<'_>, kind: &str) -> Result<BackoffConfig, String> {
    let kind = given.str("type").unwrap_or(kind).to_lowercase().replace('_', "");
    let growth = match kind.trim_start_matches("finagle") {
        "equaljittered" | "equal" | "equaljitter" | "" => Growth::Rising,
        "exponentialjittered" | "exponentialjitter" | "fulljitter" => Growth::Compounding,
        "decorrelatedjittered" | "decorrelated" => Growth::Climbing,
        "exponential" => Growth::Exponential,
        "linear" => Growth::Linear,
        "constant" | "const" => Growth::Constant,
        other => return Err(format!("no kind {other}")),
    };
    let times = given.u64("take").map(|times| times as u32);
    let factor = given.f64("multiplier").unwrap_or(2.0);
    Ok(BackoffConfig { growth, times, factor, cap: None, ..BackoffConfig::finagle() })
}

fn sdk_config(given: Fields<'_>) -> BackoffConfig {
    match given.str("spec") {
        Some("2.1") => BackoffConfig::aws_newer(),
        Some(_) | None => BackoffConfig::aws_standard(),
    }
}

/// The kinds of AWS' simulator, which counts from 1, and those of nobody in particular.
fn plain(given: Fields<'_>, kind: &str, dialect: &str) -> Result<BackoffConfig, String> {
    let (growth, spread) = match kind.trim_start_matches("aws_") {
        "full_jitter" | "full" => (Growth::Exponential, Spread::Full),
        "equal_jitter" | "equal" => (Growth::Exponential, Spread::Equal),
        "exponential" | "expo" => (Growth::Exponential, Spread::None),
        "decorrelated" | "decorrelated_jitter" => (Growth::Decorrelated, Spread::None),
        "linear" => (Growth::Linear, Spread::None),
        "constant" | "none" => (Growth::Constant, Spread::None),
        other => return Err(format!("no kind {other}")),
    };
    let counts_from_one = dialect.starts_with("aws") && growth == Growth::Exponential;
    let factor = given.f64("multiplier").or(given.f64("factor")).unwrap_or(2.0);
    let first = u32::from(counts_from_one);
    let (hint, capped) = (Hint::Obeyed, Capped::Before);
    let cap = None;
    Ok(BackoffConfig { growth, spread, factor, first, hint, capped, cap, ..BackoffConfig::ours() })
}

/// The server's wish: a time, `None` if nothing is said, an error if it wants no retry.
fn pushback(step: &Step<'_>) -> Result<Option<Span>, ()> {
    for (name, unit) in [
        ("pushback_ns", 1),
        ("retry_after_ns", 1),
        ("pushback_ms", 1_000_000),
        ("pushback", 1_000_000),
        ("retry_after_ms", 1_000_000),
        ("ns", 1),
        ("ms", 1_000_000),
    ] {
        let number = match step.args.get(name) {
            None | Some(Value::Null) => continue,
            Some(Value::String(text)) => text.parse::<i64>().ok(),
            Some(other) => other.as_i64(),
        };
        let wait = number.and_then(|number| u64::try_from(number).ok()).ok_or(())?;
        return Ok(Some(Span::from_nanos(wait.saturating_mul(unit))));
    }
    Ok(None)
}

impl Waits {
    fn next(&mut self, step: &Step<'_>) -> Option<Span> {
        if let Some(retry) = ["retry", "attempt", "n"].iter().find_map(|name| step.args.u64(name)) {
            self.course.nth = (retry.max(1) - 1) as u32;
            self.course.waits = self.course.nth;
        }
        if let Some(previous) = step.args.u64("prev_ns") {
            self.course.previous = Some(Span::from_nanos(previous));
        }
        let sent = u64::from(self.course.waits) + 1;
        if self.over || self.attempts_max.is_some_and(|most| sent >= most) {
            return None;
        }
        let Ok(hint) = pushback(step) else {
            self.over = true;
            return None;
        };
        let throttled = ["kind", "error"]
            .iter()
            .any(|name| step.args.str(name).is_some_and(|kind| kind.starts_with("throttl")));
        let mut chance = Script::of(step, self.unsaid);
        self.config.next(&mut self.course, Ask { throttled, hint }, &mut chance)
    }
}

/// A `TimeSpan` holds more than our times do.
fn nanos(wait: Span) -> Value {
    if wait == Span::MAX { Value::from(i64::MAX as f64 * 100.0) } else { Value::from(wait.nanos()) }
}

impl Subject for Waits {
    fn step(&mut self, step: &Step<'_>) -> Result<Shown, String> {
        match step.op {
            "next" | "delay" | "failure" | "pushback" => {
                let wait = self.next(step);
                let retry = wait.is_some();
                let shown = wait.map_or(Value::Null, nanos);
                Ok(shown! { "delay_ns" => shown, "retry" => retry, "ok" => retry })
            }
            "reset" | "session" | "new_session" | "success" => {
                self.course = Course::default();
                self.over = false;
                Ok(shown! {})
            }
            other => Err(format!("no operation {other}")),
        }
    }
}
