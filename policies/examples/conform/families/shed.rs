//! Load shedding.

use crate::harness::{Fields, Make, Shown, Step, Subject, Vector};
use crate::shown;
use brownout_policies::settings::Share;
use brownout_policies::shed::{Order, Shed, ShedConfig};
use brownout_policies::{Span, Time};

struct Shedder {
    shed: Shed,
    /// What may be set anew.
    target: Span,
    interval: Span,
    /// Who waits: a name, when it came, until when it may wait.
    queue: Vec<(String, u64, Option<u64>)>,
    count: u64,
}

pub(crate) fn maker(dialect: &str) -> Option<Make> {
    match dialect {
        "folly_codel" => Some(|vector| make(vector, ShedConfig::codel())),
        "facebook_controlled_delay" => Some(|vector| make(vector, ShedConfig::controlled_delay())),
        "wechat_dagor" => Some(dagor),
        _ => None,
    }
}

fn span(fields: Fields<'_>, keys: &[&str], otherwise: Span) -> Span {
    keys.iter().find_map(|key| fields.u64(key)).map_or(otherwise, Span::from_nanos)
}

fn make(vector: &Vector<'_>, peer: ShedConfig) -> Result<Box<dyn Subject>, String> {
    let fields = vector.config;
    let target = ["target_ns", "target_delay_ns", "m_ns", "threshold_ns"];
    let interval = ["interval_ns", "n_ns", "window_ns"];
    let lifo = ["lifo", "adaptive_lifo"].iter().find_map(|key| fields.bool(key));
    let config = ShedConfig {
        target: span(fields, &target, peer.target),
        interval: span(fields, &interval, peer.interval),
        newest_first: lifo.unwrap_or(peer.newest_first),
        ..peer
    };
    let shed = Shed::new(config).map_err(|problems| format!("{problems:?}"))?;
    let ShedConfig { target, interval, .. } = config;
    Ok(Box::new(Shedder { shed, target, interval, queue: Vec::new(), count: 0 }))
}

/// Windows end when a step says so, unless the vector gives them a length.
fn dagor(vector: &Vector<'_>) -> Result<Box<dyn Subject>, String> {
    let fields = vector.config;
    let share = |key, otherwise| fields.f64(key).map_or(otherwise, Share::nearest);
    let peer = ShedConfig::dagor();
    let requests = fields.u64("window_requests").map(|count| count as u32);
    let peer = ShedConfig {
        levels: fields.u64("levels").map_or(peer.levels, |levels| levels as u32),
        cut: share("alpha", peer.cut),
        regain: share("beta", peer.regain),
        interval: Span::MAX,
        window_requests: requests,
        ..peer
    };
    make(vector, peer)
}

impl Shedder {
    fn enqueue(&mut self, step: &Step<'_>, now: Time) -> Shown {
        let level = step.args.u64("level").or(step.args.u64("priority")).unwrap_or(0);
        let entered = self.shed.enqueue(now, level as u32);
        self.count += 1;
        if let Ok(place) = entered {
            let name = step.args.str("id").map_or_else(|| self.count.to_string(), str::to_owned);
            let until = place.timeout.map(|timeout| step.t.saturating_add(timeout.nanos()));
            if ["queue_wait_ns", "wait_ns"].iter().all(|key| step.args.u64(key).is_none()) {
                self.queue.push((name, step.t, until));
            }
        }
        let admit = entered.is_ok();
        let timeout = entered.ok().and_then(|place| place.timeout).map(Span::nanos);
        let wait = step.args.u64("queue_wait_ns").or(step.args.u64("wait_ns"));
        if let (true, Some(wait)) = (admit, wait) {
            self.shed.dequeue(now, Span::from_nanos(wait));
        }
        shown! { "admit" => admit, "ok" => admit, "timeout_ns" => timeout }
    }

    /// Serves the next that is still in time; who was too late is dropped.
    fn dequeue(&mut self, step: &Step<'_>, now: Time) -> Shown {
        let mut dropped = Vec::new();
        let mut served = None;
        while let (None, false) = (&served, self.queue.is_empty()) {
            let newest = self.shed.order() == Order::NewestFirst;
            let place = if newest { self.queue.len() - 1 } else { 0 };
            let (name, since, until) = self.queue.remove(place);
            let late = until.is_some_and(|until| until < step.t);
            if late || self.shed.dequeue(now, Span::from_nanos(step.t - since)) {
                dropped.push(name);
            } else {
                served = Some(name);
            }
        }
        if self.queue.is_empty() {
            self.shed.emptied(now);
        }
        shown! { "served" => served, "id" => served, "dropped" => dropped }
    }
}

impl Subject for Shedder {
    fn step(&mut self, step: &Step<'_>) -> Result<Shown, String> {
        let now = Time::from_nanos(step.t);
        self.shed.wake(now);
        let mut shown = match step.op {
            "delay" | "overloaded" => {
                let delay = step.args.need("delay_ns", Fields::u64)?;
                let drop = self.shed.dequeue(now, Span::from_nanos(delay));
                shown! { "drop" => drop, "admit" => !drop }
            }
            "set_options" | "set_target" | "set_interval" | "retune" => {
                let target = span(step.args, &["target_ns", "target_delay_ns"], self.target);
                let interval = span(step.args, &["interval_ns"], self.interval);
                let ok = self.shed.retune(target, interval).is_ok();
                if ok {
                    (self.target, self.interval) = (target, interval);
                }
                shown! { "ok" => ok, "valid" => ok }
            }
            "queue_empty" | "empty" | "emptied" => {
                self.shed.emptied(now);
                shown! {}
            }
            "enqueue" | "arrive" | "request" | "admit" => self.enqueue(step, now),
            "dequeue" => self.dequeue(step, now),
            "window_end" | "end_window" => {
                self.shed.end_window(now);
                shown! {}
            }
            "load" | "state" | "level" | "wakeup" | "noop" => shown! {},
            other => return Err(format!("no operation {other}")),
        };
        let newest = self.shed.order() == Order::NewestFirst;
        shown.append(&mut shown! {
            "order" => if newest { "lifo" } else { "fifo" }, "lifo" => newest,
            "overloaded" => self.shed.is_overloaded(), "level" => self.shed.level(),
            "load" => self.shed.load(), "queued" => self.queue.len(),
            "next_wakeup" => self.shed.next_wakeup().map(Time::nanos),
        });
        Ok(shown)
    }
}
