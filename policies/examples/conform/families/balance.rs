//! Load balancing.

use crate::harness::{Fields, Make, Shown, Step, Subject, Vector};
use crate::shown;
use brownout_policies::balance::{
    Balance, BalanceConfig, LeastRequest, Maglev, PeakEwma, RingHash, Rule,
};
use brownout_policies::draw::Chance;
use brownout_policies::outcome::Class;
use brownout_policies::settings::Share;
use brownout_policies::{Span, Time};
use serde_json::Value;
use std::collections::VecDeque;

struct Group {
    balance: Balance,
    names: Vec<String>,
    /// Calls out: their name, their member, when they were sent.
    out: Vec<(Option<String>, u32, u64)>,
}

/// A step's own draws, each already below its bound, or one uniform number.
#[derive(Clone, Default)]
struct Script {
    numbers: VecDeque<u64>,
    u: Option<f64>,
}

impl Chance for Script {
    fn bits(&mut self) -> u64 {
        self.numbers.pop_front().unwrap_or(0)
    }

    fn below(&mut self, bound: u64) -> u64 {
        match (self.numbers.pop_front(), self.u) {
            (Some(number), _) => number % bound,
            (None, Some(u)) => (u * bound as f64) as u64,
            (None, None) => 0,
        }
    }
}

pub(crate) fn maker(dialect: &str) -> Option<Make> {
    match dialect {
        "p2c_tower" | "p2c" | "two_choices" => Some(|vector| make(vector, Rule::TwoChoices)),
        "peak_ewma_tower" | "peak_ewma" | "peak_ewma_linkerd" => Some(peak_ewma),
        "envoy_least_request" | "least_request" => Some(least_request),
        "envoy_slow_start" | "slow_start" => Some(|vector| make(vector, Rule::Weighted)),
        "round_robin" | "envoy_round_robin" => Some(round_robin),
        "weighted" | "weighted_round_robin" | "envoy_weighted_round_robin" | "envoy_edf" => {
            Some(|vector| make(vector, Rule::Weighted))
        }
        "random" | "envoy_random" => Some(|vector| make(vector, Rule::Random)),
        "ring_hash" | "envoy_ring_hash" | "envoy_ring_hash_bounded" => Some(ring_hash),
        "maglev"
        | "envoy_maglev"
        | "envoy_maglev_bounded"
        | "envoy_bounded_load"
        | "bounded_load" => Some(maglev),
        _ => None,
    }
}

fn whole(fields: Fields<'_>, keys: &[&str]) -> Option<u64> {
    keys.iter().find_map(|key| fields.u64(key))
}

/// More than any vector has.
const MEMBERS_MAX: u64 = 100_000;

/// Names and weights of the members, wherever a vector says them.
fn members(fields: Fields<'_>) -> Vec<(String, u32)> {
    let lists = ["hosts", "members", "endpoints", "loads", "weights"];
    let Some(list) = lists.iter().find_map(|key| fields.list(key)) else {
        let count = whole(fields, &["n", "hosts", "members", "endpoints"]).unwrap_or(1);
        return (0..count.min(MEMBERS_MAX)).map(|number| (number.to_string(), 1)).collect();
    };
    let weights = fields.list("weights");
    let member = |(number, member): (usize, &Value)| {
        let within = |keys: [&str; 3]| keys.iter().find_map(|key| member.get(key));
        let name = member.as_str().or_else(|| within(["name", "address", "host"])?.as_str());
        let weight = member.get("weight").or_else(|| weights?.get(number));
        let weight = weight.and_then(Value::as_u64).unwrap_or(1);
        (name.map_or_else(|| number.to_string(), str::to_owned), weight as u32)
    };
    list.iter().enumerate().map(member).collect()
}

fn make(vector: &Vector<'_>, rule: Rule) -> Result<Box<dyn Subject>, String> {
    let fields = vector.config;
    let plain = BalanceConfig::by(rule);
    let slow = ["slow_start_window_ns", "slow_start_ns"];
    let window = whole(fields, &slow).or_else(|| {
        // In the dialect of its own the window has no other name.
        vector.dialect.contains("slow_start").then(|| fields.u64("window_ns"))?
    });
    let percent = |keys: [&str; 2], otherwise: Share| {
        let found = keys.iter().find_map(|key| fields.f64(key));
        found.map_or(otherwise, |percent| Share::nearest(percent / 100.0))
    };
    let aggression = fields.f64("aggression").unwrap_or(plain.slow_start_aggression);
    let config = BalanceConfig {
        panic: percent(["panic_pct", "panic_threshold_pct"], plain.panic),
        slow_start: window.map(Span::from_nanos),
        slow_start_aggression: if aggression > 0.0 { aggression } else { 1.0 },
        slow_start_least: percent(["min_pct", "min_weight_pct"], plain.slow_start_least),
        ..plain
    };
    let members = members(fields);
    let named: Vec<_> = members.iter().map(|(name, weight)| (name.as_str(), *weight)).collect();
    let mut balance = Balance::named(config, &named).map_err(|wrong| format!("{wrong:?}"))?;
    if config.slow_start.is_some() {
        (0..balance.members()).for_each(|member| balance.join(Time::ZERO, member));
    }
    let names = members.into_iter().map(|member| member.0).collect();
    let mut group = Group { balance, names, out: Vec::new() };
    if let Some(loads) = fields.list("loads").or(fields.list("active")) {
        group.load(loads)?;
    }
    Ok(Box::new(group))
}

fn peak_ewma(vector: &Vector<'_>) -> Result<Box<dyn Subject>, String> {
    let tower = PeakEwma::tower();
    let span = |key, otherwise| vector.config.u64(key).map_or(otherwise, Span::from_nanos);
    let rule = PeakEwma {
        default_rtt: span("default_rtt_ns", tower.default_rtt),
        decay: span("decay_ns", tower.decay),
        ..tower
    };
    make(vector, Rule::PeakEwma(rule))
}

fn least_request(vector: &Vector<'_>) -> Result<Box<dyn Subject>, String> {
    let (fields, envoy) = (vector.config, LeastRequest::envoy());
    let scan = fields.bool("full_scan").or(fields.bool("enable_full_scan"));
    let choices = whole(fields, &["choice_count", "choices"]);
    let rule = LeastRequest {
        choices: choices.map_or(envoy.choices, |choices| choices as u32),
        bias: fields.f64("active_request_bias").or(fields.f64("bias")).unwrap_or(envoy.bias),
        full_scan: scan.unwrap_or(fields.str("selection_method") == Some("FULL_SCAN")),
    };
    make(vector, Rule::LeastRequest(rule))
}

/// Envoy's round robin is a weighted one as soon as the weights differ.
fn round_robin(vector: &Vector<'_>) -> Result<Box<dyn Subject>, String> {
    let members = members(vector.config);
    let alike = members.iter().all(|member| member.1 == members[0].1);
    make(vector, if alike { Rule::RoundRobin } else { Rule::Weighted })
}

fn bound(fields: Fields<'_>) -> Option<u32> {
    let bound = whole(fields, &["hash_balance_factor", "bound_pct", "balance_factor"]);
    bound.filter(|percent| *percent > 0).map(|percent| percent as u32)
}

fn ring_hash(vector: &Vector<'_>) -> Result<Box<dyn Subject>, String> {
    let (fields, envoy) = (vector.config, RingHash::envoy());
    let size = |keys: &[&str], otherwise| whole(fields, keys).map_or(otherwise, |size| size as u32);
    make(
        vector,
        Rule::RingHash(RingHash {
            least: size(&["min_ring_size", "minimum_ring_size", "ring_size"], envoy.least),
            most: size(&["max_ring_size", "maximum_ring_size"], envoy.most),
            bound: bound(fields),
        }),
    )
}

fn maglev(vector: &Vector<'_>) -> Result<Box<dyn Subject>, String> {
    let envoy = Maglev::envoy();
    let table = vector.config.u64("table_size").map_or(envoy.table, |size| size as u32);
    make(vector, Rule::Maglev(Maglev { table, bound: bound(vector.config) }))
}

impl Group {
    /// Makes the calls in flight these; loads that are no whole numbers count by their order.
    fn load(&mut self, loads: &[Value]) -> Result<(), String> {
        if loads.len() > self.balance.members() as usize {
            return Err("more loads than members".to_owned());
        }
        let numbers: Vec<f64> = loads.iter().map(|load| load.as_f64().unwrap_or(0.0)).collect();
        let whole = numbers.iter().all(|load| load.fract() == 0.0 && (0.0..1e6).contains(load));
        for (member, &load) in numbers.iter().enumerate() {
            let lower = numbers.iter().filter(|other| **other < load).count() as u32;
            let wanted = if whole { load as u32 } else { lower };
            let member = member as u32;
            while self.balance.active(member) > wanted {
                self.balance.on_reply(Time::ZERO, member, Class::Ignored, Span::ZERO);
            }
            while self.balance.active(member) < wanted {
                self.balance.on_send(member);
            }
        }
        Ok(())
    }

    fn member(&self, step: &Step<'_>) -> u32 {
        let keys = ["member", "host", "endpoint", "index"];
        let named = keys.iter().find_map(|key| step.args.str(key));
        let known = named.and_then(|name| self.names.iter().position(|known| known == name));
        known.map_or_else(|| whole(step.args, &keys).unwrap_or(0) as u32, |place| place as u32)
    }

    fn pick(&mut self, step: &Step<'_>, now: Time) -> Shown {
        let mut script = Script { u: step.args.f64("u"), ..Script::default() };
        script.numbers.extend(["a", "b"].iter().filter_map(|key| step.args.u64(key)));
        script.numbers.extend(["rand", "random"].iter().filter_map(|key| step.args.u64(key)));
        for list in ["draws", "rand", "random"].iter().filter_map(|key| step.args.list(key)) {
            script.numbers.extend(list.iter().filter_map(Value::as_u64));
        }
        let key = whole(step.args, &["key", "hash"]).unwrap_or(0);
        let pair = self.balance.pair(&mut script.clone());
        let chosen = self.balance.pick(now, &mut script, key);
        if let (Some(member), Some(true)) = (chosen, step.args.bool("send")) {
            self.balance.on_send(member);
        }
        let name = chosen.map(|member| self.names[member as usize].clone());
        shown! {
            "pair" => pair, "chosen" => chosen, "picked" => chosen, "index" => chosen,
            "member" => chosen, "host" => name, "name" => name
        }
    }

    fn send(&mut self, step: &Step<'_>) {
        let member = self.member(step);
        self.balance.on_send(member);
        let name = step.args.get("call").or(step.args.get("id")).map(Value::to_string);
        self.out.push((name, member, step.t));
    }

    fn reply(&mut self, step: &Step<'_>, now: Time) -> Result<(), String> {
        let name = step.args.get("call").or(step.args.get("id")).map(Value::to_string);
        let member = self.member(step);
        let place = self
            .out
            .iter()
            .position(|call| if name.is_some() { call.0 == name } else { call.1 == member });
        let measured = whole(step.args, &["rtt_ns", "latency_ns", "took_ns"]);
        let (member, took) = match (place.map(|place| self.out.remove(place)), measured) {
            (Some((_, member, _)), Some(rtt)) => (member, rtt),
            (Some((_, member, sent)), None) => (member, step.t.saturating_sub(sent)),
            (None, Some(rtt)) => (member, rtt),
            (None, None) => return Err("nothing was sent".to_owned()),
        };
        let class = match step.args.str("outcome").unwrap_or(step.op) {
            "failure" | "error" => Class::Failure,
            "cancel" | "cancelled" | "drop" => Class::Ignored,
            _ => Class::Success,
        };
        self.balance.on_reply(now, member, class, Span::from_nanos(took));
        Ok(())
    }
}

impl Group {
    /// What there is to see after a step.
    fn shows(&mut self, step: &Step<'_>, now: Time) -> Shown {
        let member = self.member(step);
        let all = 0..self.balance.members();
        let weights: Vec<f64> = all.clone().map(|one| self.balance.weight(now, one)).collect();
        let sum: f64 = weights.iter().sum();
        let shares: Vec<f64> = weights.iter().map(|weight| weight / sum).collect();
        let active: Vec<u32> = all.clone().map(|one| self.balance.active(one)).collect();
        // Reading a cost may move it: only what the step is about is read.
        let reads = matches!(step.op, "load" | "cost");
        let pending = self.balance.active(member);
        let cost = reads.then(|| self.balance.cost(now, member));
        let age = whole(step.args, &["age_ns", "since_ns", "elapsed_ns"]);
        let at = age.map_or(now, Time::from_nanos);
        shown! {
            "effective_share" => shares, "shares" => shares, "weights" => weights,
            "effective_weights" => weights, "weight" => weights[member as usize],
            "active" => active, "pending" => pending, "cost" => cost, "load" => cost,
            "rtt_ns" => cost.map(|cost| cost / (f64::from(pending) + 1.0)),
            "estimate_ns" => cost.map(|cost| cost / (f64::from(pending) + 1.0)),
            "factor" => self.balance.slow_start_factor(at, member),
            "panic" => self.balance.is_panicking(),
        }
    }
}

impl Subject for Group {
    fn step(&mut self, step: &Step<'_>) -> Result<Shown, String> {
        let now = Time::from_nanos(step.t);
        if let Some(active) = step.args.list("active").or(step.args.list("loads")) {
            self.load(active)?;
        }
        if let Some(healthy) = step.args.list("healthy") {
            for member in 0..self.balance.members() {
                let used = match healthy.get(member as usize).and_then(Value::as_bool) {
                    Some(used) => used,
                    None => healthy.iter().any(|index| index.as_u64() == Some(u64::from(member))),
                };
                self.balance.set_in_use(now, member, used);
            }
        }
        if let (Some(pending), "load" | "cost") = (step.args.u64("pending"), step.op) {
            let member = self.member(step);
            while u64::from(self.balance.active(member)) < pending {
                self.balance.on_send(member);
            }
        }
        let mut shown = match step.op {
            "pick" | "choose" => self.pick(step, now),
            "observe" | "sample" | "measure" | "record" | "update" => {
                let (member, rtt) = (self.member(step), step.args.need("rtt_ns", Fields::u64)?);
                self.balance.on_send(member);
                self.balance.on_reply(now, member, Class::Success, Span::from_nanos(rtt));
                shown! {}
            }
            "send" | "call" | "start" | "begin" | "request" | "dispatch" => {
                self.send(step);
                shown! {}
            }
            "reply" | "complete" | "done" | "finish" | "response" | "end" | "success"
            | "failure" | "cancel" | "drop" => {
                self.reply(step, now)?;
                shown! {}
            }
            "down" | "eject" | "unhealthy" => {
                self.balance.set_in_use(now, self.member(step), false);
                shown! {}
            }
            "up" | "restore" | "uneject" => {
                self.balance.set_in_use(now, self.member(step), true);
                shown! {}
            }
            "join" | "add" => {
                self.balance.join(now, self.member(step));
                shown! {}
            }
            "load" | "cost" | "weights" | "factor" | "set_loads" | "set_active" | "state"
            | "health" => shown! {},
            other => return Err(format!("no operation {other}")),
        };
        shown.append(&mut self.shows(step, now));
        Ok(shown)
    }
}
