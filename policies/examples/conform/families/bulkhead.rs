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
    (dialect == "semaphore").then_some(semaphore as Make)
}

fn semaphore(vector: &Vector<'_>) -> Result<Box<dyn Subject>, String> {
    let config = BulkheadConfig {
        places: vector.config.need("max_concurrent", Fields::u64)? as u32,
        queue: vector.config.u64("max_queue").map(|most| most as u32),
        longest_wait: Span::from_nanos(vector.config.need("max_wait_ns", Fields::u64)?),
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
        while self.bulkhead.expired(now).is_some() {}
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
                self.bulkhead.give_up(who);
                shown! {}
            }
            other => return Err(format!("no operation {other}")),
        };
        shown.append(&mut shown! {
            "inflight" => self.bulkhead.inside(), "queued" => self.bulkhead.waiting()
        });
        Ok(shown)
    }
}
