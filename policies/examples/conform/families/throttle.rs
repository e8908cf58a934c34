//! Client-side throttles.

use crate::harness::{Make, Shown, Step, Subject, Vector};
use crate::shown;
use brownout_policies::draw::Chance;
use brownout_policies::outcome::Class;
use brownout_policies::settings::Share;
use brownout_policies::throttle::{Counts, Throttle, ThrottleConfig};
use brownout_policies::{Span, Time};

struct Throttled {
    config: ThrottleConfig,
    throttle: Throttle,
}

/// A step's own draw: a uniform number `u`, or a whole one `rand`.
struct Script {
    u: f64,
    rand: Option<u64>,
}

impl Chance for Script {
    fn bits(&mut self) -> u64 {
        self.rand.unwrap_or((self.u * 1e4) as u64)
    }

    fn share(&mut self) -> f64 {
        self.u
    }
}

pub(crate) fn maker(dialect: &str) -> Option<Make> {
    match dialect {
        "sre_adaptive" => Some(|vector| make(vector, ThrottleConfig::sre())),
        "failsafe_go" => Some(|vector| make(vector, ThrottleConfig::failsafe_go())),
        "envoy_admission" => Some(|vector| make(vector, ThrottleConfig::envoy())),
        _ => None,
    }
}

fn make(vector: &Vector<'_>, peer: ThrottleConfig) -> Result<Box<dyn Subject>, String> {
    let fields = vector.config;
    let first = |keys: &[&str]| keys.iter().find_map(|key| fields.f64(key));
    let share = |keys: &[&str], peer: Share| first(keys).map_or(peer, Share::nearest);
    let failure_rate = first(&["failure_rate_threshold"]).map(|rate| Share::nearest(1.0 - rate));
    let percent = first(&["sr_threshold_pct", "max_rejection_pct"]).is_some();
    let success = ["success_rate_threshold", "sr_threshold", "success_rate"];
    let spans = ["window_ns", "period_ns", "thresholding_period_ns", "sampling_window_ns"];
    let requests = ["min_executions", "execution_threshold", "min_requests"];
    let whole = |keys: &[&str]| keys.iter().find_map(|key| fields.u64(key));
    let mut config = ThrottleConfig {
        multiple: first(&["k", "K", "multiple"]).unwrap_or(peer.multiple),
        success_rate: failure_rate.unwrap_or(share(&success, peer.success_rate)),
        aggression: first(&["aggression"]).unwrap_or(peer.aggression).max(1.0),
        most: share(
            &["max_rejection", "max_rejection_rate", "max_rejection_probability"],
            peer.most,
        ),
        window: whole(&spans).map_or(peer.window, Span::from_nanos),
        buckets: whole(&["buckets"]).map_or(peer.buckets, |buckets| buckets as u32),
        least_requests: whole(&requests).map_or(peer.least_requests, |count| count as u32),
        least_rate: first(&["rps_threshold", "min_rps"]).unwrap_or(peer.least_rate),
        ..peer
    };
    if percent {
        let of = |key: &str, otherwise| {
            fields.f64(key).map_or(otherwise, |percent| Share::nearest(percent / 100.0))
        };
        config.success_rate = of("sr_threshold_pct", config.success_rate);
        config.most = of("max_rejection_pct", config.most);
    }
    let second = Span::from_millis(1_000);
    if fields.u64("buckets").is_none() && vector.dialect == "envoy_admission" {
        // Envoy's buckets are a second long, whatever the window.
        config.buckets = (config.window.nanos() / second.nanos()).max(1) as u32;
    }
    let throttle = Throttle::new(config).map_err(|problems| format!("{problems:?}"))?;
    Ok(Box::new(Throttled { config, throttle }))
}

fn whole(step: &Step<'_>, keys: &[&str]) -> Option<u64> {
    keys.iter().find_map(|key| step.args.u64(key))
}

const REQUESTS: [&str; 4] = ["requests", "executions", "n", "total"];
const ACCEPTS: [&str; 3] = ["accepts", "successes", "accepted"];

impl Throttled {
    /// The probability after given counts, nothing kept.
    fn compute(&self, step: &Step<'_>) -> Result<Shown, String> {
        let requests = whole(step, &REQUESTS).ok_or("no number of requests")?;
        let accepts = whole(step, &ACCEPTS).unwrap_or(0);
        let rare = step.args.f64("rps").is_some_and(|rps| rps < self.config.least_rate);
        let p = if rare { 0.0 } else { self.config.probability(requests, accepts) };
        let u = step.args.f64("u").unwrap_or(1.0);
        Ok(shown! { "p_reject" => p, "p" => p, "rejection_rate" => p, "reject" => u < p })
    }

    fn outcome(step: &Step<'_>) -> Class {
        let named = step.args.str("outcome").or(step.args.str("result"));
        let good = step.args.bool("success").or(step.args.bool("ok"));
        match (step.op, named, good) {
            ("success" | "accept" | "accepted", _, _) => Class::Success,
            ("failure" | "reject" | "error", _, _) => Class::Failure,
            (_, Some("success" | "ok" | "accept"), _) | (_, None, Some(true)) => Class::Success,
            (_, Some("ignored" | "cancelled" | "ignore" | "cancel"), _) => Class::Ignored,
            ("cancel" | "ignore", _, _) => Class::Ignored,
            _ => Class::Failure,
        }
    }
}

impl Subject for Throttled {
    fn step(&mut self, step: &Step<'_>) -> Result<Shown, String> {
        let now = Time::from_nanos(step.t);
        let mut admit = None;
        match step.op {
            "compute" => return self.compute(step),
            "load" | "record_many" | "add" => {
                let requests = whole(step, &REQUESTS).unwrap_or(0);
                let accepts = whole(step, &ACCEPTS).unwrap_or(0);
                self.throttle.record(now, Counts { requests, accepts });
            }
            "acquire" | "admit" | "request" | "try_acquire" => {
                let u = step.args.f64("u").unwrap_or(1.0 - f64::EPSILON);
                let rand = step.args.u64("rand").or(step.args.u64("random"));
                // The probability that decided, not the one after the request is counted.
                self.throttle.wake(now);
                let p = self.throttle.probability();
                let ok = self.throttle.admit(now, &mut Script { u, rand }).is_ok();
                admit = Some((ok, p));
            }
            "success" | "failure" | "accept" | "accepted" | "reject" | "error" | "record"
            | "outcome" | "cancel" | "ignore" | "settle" => {
                self.throttle.settle(now, Throttled::outcome(step));
            }
            "state" | "p" | "probability" | "noop" | "wakeup" => self.throttle.wake(now),
            other => return Err(format!("no operation {other}")),
        }
        let p = admit.map_or_else(|| self.throttle.probability(), |admit| admit.1);
        let ok = admit.map(|admit| admit.0);
        let Counts { requests, accepts } = self.throttle.counts();
        Ok(shown! {
            "p_reject" => p, "p" => p, "rejection_rate" => p,
            "admit" => ok, "ok" => ok, "granted" => ok, "reject" => ok.map(|ok| !ok),
            "requests" => requests, "executions" => requests, "n" => requests,
            "accepts" => accepts, "successes" => accepts,
            "next_wakeup" => self.throttle.next_wakeup().map(Time::nanos),
        })
    }
}
