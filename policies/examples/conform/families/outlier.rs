//! Outlier detection: Envoy's and gRPC's.

use super::breaker::Script;
use crate::harness::{Fields, Make, Shown, Step, Subject, Vector};
use crate::shown;
use brownout_policies::outlier::{Answer, Origin, Outlier, OutlierConfig};
use brownout_policies::settings::Share;
use brownout_policies::{Span, Time};

struct Detector {
    outlier: Outlier,
    split: bool,
    /// What stands for no mean.
    none: f64,
    /// Hosts that there ever were.
    hosts: u32,
}

pub(crate) fn maker(dialect: &str) -> Option<Make> {
    matches!(dialect, "envoy" | "grpc_a50").then_some(detector as Make)
}

fn span(fields: Fields<'_>, keys: &[&str]) -> Option<Span> {
    keys.iter().find_map(|key| fields.u64(key)).map(Span::from_nanos)
}

fn count(fields: Fields<'_>, keys: &[&str]) -> Option<u32> {
    keys.iter().find_map(|key| fields.u64(key)).map(|n| n.min(u32::MAX.into()) as u32)
}

/// How many in a row; a run is never as long as none.
fn run(fields: Fields<'_>, keys: &[&str]) -> Option<Option<u32>> {
    count(fields, keys).map(|count| (count > 0).then_some(count))
}

/// Percent as a number, or all or nothing as a flag.
fn percent(fields: Fields<'_>, keys: &[&str]) -> Option<Share> {
    let of = |key: &&str| match fields.bool(key) {
        Some(true) => Some(Share::ALL),
        Some(false) => Some(Share::NONE),
        None => fields.f64(key).map(|percent| Share::nearest(percent / 100.0)),
    };
    keys.iter().find_map(of)
}

/// Sets what is there.
fn set<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}

const JITTER: [&str; 5] = [
    "max_jitter_ns",
    "jitter_ns",
    "jitter_max_ns",
    "max_ejection_jitter_ns",
    "max_ejection_time_jitter_ns",
];

/// More than any vector has.
const HOSTS_MAX: u32 = 100_000;

fn detector(vector: &Vector<'_>) -> Result<Box<dyn Subject>, String> {
    let (fields, grpc) = (vector.config, vector.dialect == "grpc_a50");
    let mut config = if grpc { OutlierConfig::grpc() } else { OutlierConfig::envoy() };
    set(&mut config.interval, span(fields, &["interval_ns"]));
    set(&mut config.base, span(fields, &["base_ns"]));
    set(&mut config.longest, span(fields, &["max_ns"]));
    config.longest = config.longest.max(config.base);
    set(&mut config.jitter, span(fields, &JITTER));
    set(&mut config.max_ejected, percent(fields, &["max_ejection_pct"]).map(|s| s.min(Share::ALL)));
    set(&mut config.always_one, fields.bool("always_eject_one_host"));
    let splits =
        ["split", "split_local", "split_external_local", "split_external_local_origin_errors"];
    set(&mut config.split_local, splits.iter().find_map(|key| fields.bool(key)));
    if !grpc {
        set(&mut config.in_a_row, run(fields, &["consecutive_5xx"]));
        let keys = ["consecutive_gateway", "consecutive_gateway_failure"];
        set(&mut config.gateway_in_a_row, run(fields, &keys));
        let keys =
            ["consecutive_local", "consecutive_local_origin", "consecutive_local_origin_failure"];
        set(&mut config.local_in_a_row, run(fields, &keys));
    }
    set(&mut config.panic, percent(fields, &["panic_pct", "panic_threshold_pct"]));
    judgements(fields, grpc, &mut config);
    if let Some(enforce) = fields.fields("enforce") {
        enforcement(enforce, &mut config);
    }
    let hosts = fields.need("hosts", Fields::u64)?;
    let hosts = u32::try_from(hosts).ok().filter(|hosts| *hosts <= HOSTS_MAX);
    let hosts = hosts.ok_or("too many hosts")?;
    let mut outlier = Outlier::new(config, hosts).map_err(|problems| format!("{problems:?}"))?;
    outlier.wake(Time::ZERO, &mut Script::default());
    let none = if grpc { 0.0 } else { -1.0 };
    Ok(Box::new(Detector { outlier, split: config.split_local, none, hosts }))
}

fn judgements(fields: Fields<'_>, grpc: bool, config: &mut OutlierConfig) {
    let enforced =
        ["enforcement", "enforcement_pct", "enforcement_percentage", "enforce", "enforcing"];
    match fields.fields("sr") {
        Some(rate) => {
            set(&mut config.rate_hosts, count(rate, &["min_hosts"]));
            set(&mut config.rate_volume, count(rate, &["volume"]));
            set(&mut config.deviations, rate.f64("stdev_factor").map(|factor| factor / 1000.0));
            set(&mut config.enforce_rate, percent(rate, &enforced));
        }
        None if grpc => config.deviations = 0.0,
        None => {}
    }
    match fields.fields("fp") {
        Some(share) => {
            set(&mut config.share_hosts, count(share, &["min_hosts"]));
            set(&mut config.share_volume, count(share, &["volume"]));
            set(&mut config.failure_share, percent(share, &["threshold"]));
            set(&mut config.enforce_share, percent(share, &enforced));
        }
        None if grpc => config.failure_share = Share::NONE,
        None => {}
    }
}

fn enforcement(enforce: Fields<'_>, config: &mut OutlierConfig) {
    set(&mut config.enforce_in_a_row, percent(enforce, &["5xx", "consecutive_5xx"]));
    set(&mut config.enforce_gateway, percent(enforce, &["gateway", "consecutive_gateway"]));
    let keys = ["local", "consecutive_local", "local_origin"];
    set(&mut config.enforce_local, percent(enforce, &keys));
    set(&mut config.enforce_rate, percent(enforce, &["sr", "success_rate"]));
    set(&mut config.enforce_local_rate, percent(enforce, &["sr_local", "local_sr"]));
    set(&mut config.enforce_share, percent(enforce, &["fp", "failure_percentage"]));
    set(&mut config.enforce_local_share, percent(enforce, &["fp_local", "local_fp"]));
}

/// So many answers one by one, if that can be done before anybody loses patience.
fn few(times: u64) -> Result<u64, String> {
    if times > 10_000_000 { Err("too many answers".to_owned()) } else { Ok(times) }
}

impl Detector {
    /// What Envoy makes of a result's name: the answers that it counts as.
    fn of_name(&self, name: &str) -> Result<Vec<Answer>, String> {
        Ok(match name.to_ascii_lowercase().as_str() {
            "local_origin_timeout"
            | "local_timeout"
            | "timeout"
            | "local_origin_connect_failed"
            | "connect_failed"
            | "local_connect_failed"
            | "failed"
            | "failure"
            | "fail"
            | "reset" => {
                vec![Answer::Unreached]
            }
            "local_origin_connect_success" | "connect_success" | "connected" => {
                vec![Answer::Reached]
            }
            "local_origin_connect_success_final" | "connect_success_final" | "success" | "ok" => {
                vec![if self.split { Answer::Reached } else { Answer::Good }]
            }
            "ext_origin_request_failed" | "ext_failed" | "request_failed" => {
                vec![if self.split { Answer::GatewayError } else { Answer::Error }]
            }
            "ext_origin_request_success" | "ext_success" | "request_success" => {
                vec![Answer::Good, Answer::Reached]
            }
            other => return Err(format!("no result {other}")),
        })
    }

    fn answers(&self, step: &Step<'_>) -> Result<Vec<Answer>, String> {
        if let Some(code) = step.args.u64("code") {
            return Ok(vec![match code {
                502..=504 => Answer::GatewayError,
                500..=599 => Answer::Error,
                _ => Answer::Good,
            }]);
        }
        let named = ["result", "kind", "outcome"].iter().find_map(|key| step.args.str(key));
        let of_op = match step.op {
            "local_success" | "connect_success" => "connect_success",
            "local" | "local_failure" | "local_origin" | "connect_failed" => "connect_failed",
            other => other,
        };
        let ok =
            step.args.bool("ok").map(|ok| if ok { "connect_success" } else { "connect_failed" });
        self.of_name(named.or(ok).unwrap_or(of_op))
    }

    fn hosts(step: &Step<'_>) -> Result<Vec<u32>, String> {
        match (step.args.u64("host"), step.args.list("hosts")) {
            (Some(host), _) => Ok(vec![host as u32]),
            (None, Some(hosts)) => {
                Ok(hosts.iter().filter_map(|host| Some(host.as_u64()? as u32)).collect())
            }
            (None, None) => Err("no usable host".to_owned()),
        }
    }

    fn answer(&mut self, now: Time, step: &Step<'_>, chance: &mut Script) -> Result<(), String> {
        let (hosts, answers) = (Detector::hosts(step)?, self.answers(step)?);
        let times = few(step.args.u64("count").or(step.args.u64("n")).unwrap_or(1))?;
        for host in hosts {
            for _ in 0..times {
                for answer in &answers {
                    self.outlier.answer(now, host, *answer, chance);
                }
            }
        }
        Ok(())
    }

    fn calls(&mut self, now: Time, step: &Step<'_>, chance: &mut Script) -> Result<(), String> {
        for host in Detector::hosts(step)? {
            for (key, answer) in [("ok", Answer::Good), ("fail", Answer::Error)] {
                for _ in 0..few(step.args.u64(key).unwrap_or(0))? {
                    self.outlier.answer(now, host, answer, chance);
                }
            }
        }
        Ok(())
    }
}

impl Subject for Detector {
    fn step(&mut self, step: &Step<'_>) -> Result<Shown, String> {
        let now = Time::from_nanos(step.t);
        let mut chance = Script::of(step.args);
        let before: Vec<u32> = self.outlier.ejected().collect();
        let multiples: Vec<u32> = (0..self.hosts).map(|host| self.outlier.multiple(host)).collect();
        match step.op {
            "calls" => self.calls(now, step, &mut chance)?,
            "sweep" | "tick" | "interval" => self.outlier.sweep(now, &mut chance),
            "state" | "read" => {}
            "add_host" => {
                self.hosts = self.outlier.add_host() + 1;
            }
            "add_hosts" => {
                for _ in 0..step.args.u64("n").or(step.args.u64("count")).unwrap_or(1) {
                    self.hosts = self.outlier.add_host() + 1;
                }
            }
            "remove_host" => self.outlier.remove_host(step.args.need("host", Fields::u64)? as u32),
            _ => self.answer(now, step, &mut chance)?,
        }
        let ejected: Vec<u32> = self.outlier.ejected().collect();
        let not_in = |one: &[u32], other: &[u32]| {
            one.iter().filter(|host| !other.contains(host)).copied().collect::<Vec<u32>>()
        };
        let mut ejected_now = ejected.clone();
        // One that is ejected while it is out already is ejected again.
        ejected_now.retain(|host| {
            let multiple = multiples.get(*host as usize).copied().unwrap_or(0);
            !before.contains(host) || self.outlier.multiple(*host) > multiple
        });
        let average = self.outlier.average(Origin::External);
        let local = self.outlier.average(Origin::Local);
        let numbers = || 0..self.hosts;
        Ok(shown! {
            "ejected_now" => ejected_now, "unejected_now" => not_in(&before, &ejected),
            "ejected" => ejected, "ejections_active" => self.outlier.ejections(),
            "num_ejected" => self.outlier.ejections(), "ejected_count" => self.outlier.ejections(),
            "overflow" => self.outlier.overflow(), "detected" => self.outlier.detected(),
            "mean" => average.map_or(self.none, |average| average.mean),
            "threshold" => average.map_or(self.none, |average| average.threshold),
            "local_mean" => local.map_or(self.none, |average| average.mean),
            "local_threshold" => local.map_or(self.none, |average| average.threshold),
            "panic" => self.outlier.is_panicking(),
            "usable" => numbers().filter(|host| self.outlier.is_usable(*host)).collect::<Vec<_>>(),
            "backoff" => numbers().map(|host| self.outlier.multiple(host)).collect::<Vec<_>>(),
        })
    }
}
