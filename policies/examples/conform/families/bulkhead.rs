//! Bulkheads.

use crate::harness::{Fields, Make, Shown, Step, Subject, Vector};
use crate::shown;
use brownout_policies::bulkhead::{Bulkhead, BulkheadConfig, Entry};
use brownout_policies::gate::Permit;
use brownout_policies::{Span, Time};

struct Semaphore {
    bulkhead: Bulkhead,
    permits: Vec<Permit>,
    /// Calls by their number here.
    names: Vec<String>,
}

pub(crate) fn maker(dialect: &str) -> Option<Make> {
    const SYSTEMS: [&str; 6] =
        ["semaphore", "resilience4j", "hystrix", "polly", "failsafe_go", "envoy"];
    SYSTEMS.iter().any(|system| dialect.starts_with(system)).then_some(semaphore as Make)
}

fn semaphore(vector: &Vector<'_>) -> Result<Box<dyn Subject>, String> {
    let given = vector.config;
    let (queue, wait) = (given.u64("max_queue"), given.u64("max_wait_ns"));
    // Without an end to the queue nor to the wait, who says neither does not wait.
    let wait = wait.unwrap_or(if queue.is_some() { u64::MAX } else { 0 });
    let config = BulkheadConfig {
        places: given.u64("max_concurrent").map_or(25, |places| places as u32),
        queue: queue.filter(|most| *most > 0).map(|most| most as u32),
        longest_wait: Span::from_nanos(if queue == Some(0) { 0 } else { wait }),
    };
    let bulkhead = Bulkhead::new(config).map_err(|problems| format!("{problems:?}"))?;
    Ok(Box::new(Semaphore { bulkhead, permits: Vec::new(), names: Vec::new() }))
}

impl Semaphore {
    fn number(&mut self, name: &str) -> u64 {
        let known = self.names.iter().position(|known| known == name);
        known.unwrap_or_else(|| {
            self.names.push(name.to_owned());
            self.names.len() - 1
        }) as u64
    }
}

impl Subject for Semaphore {
    fn step(&mut self, step: &Step<'_>) -> Result<Shown, String> {
        let now = Time::from_nanos(step.t);
        let mut expired = Vec::new();
        while let Some(who) = self.bulkhead.expired(now) {
            expired.push(self.names[who as usize].clone());
        }
        let mut shown = match step.op {
            "acquire" => {
                let who = self.number(step.args.need("call", Fields::str)?);
                let decision = match self.bulkhead.enter(now, who) {
                    Entry::Inside(permit) => {
                        self.permits.push(permit);
                        "admit"
                    }
                    Entry::Waiting { .. } => "wait",
                    Entry::Refused(_) => "reject",
                };
                shown! { "decision" => decision }
            }
            "release" => {
                self.bulkhead.leave(self.permits.pop().ok_or("nothing to release")?);
                let mut granted = Vec::new();
                while let Some((who, permit)) = self.bulkhead.next(now) {
                    granted.push(self.names[who as usize].clone());
                    self.permits.push(permit);
                }
                shown! { "granted" => granted }
            }
            "cancel" => {
                let who = self.number(step.args.need("call", Fields::str)?);
                let gone = self.bulkhead.give_up(who);
                shown! { "cancelled" => gone, "ok" => gone }
            }
            "tick" | "wakeup" | "wake" | "expire" | "timeout" | "state" | "read" => shown! {},
            other => return Err(format!("no operation {other}")),
        };
        shown.append(&mut shown! {
            "inflight" => self.bulkhead.inside(), "queued" => self.bulkhead.waiting(),
            "expired" => expired, "timed_out" => expired, "rejected" => expired,
            "next_wakeup" => self.bulkhead.next_wakeup().map(Time::nanos)
        });
        Ok(shown)
    }
}
