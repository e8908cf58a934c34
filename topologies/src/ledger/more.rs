//! Answers to what is counted only if somebody asks: effects and keys, what was done for calls that
//! were reported failed, and connections.

use super::Ledger;
use super::answer::{Change, ratio};
use super::query::{Metric, Target, Value, Window};
use super::tracks::Followed;

impl Ledger {
    /// Makes sure that it is counted.
    pub(super) fn prepare_more(&mut self, metric: Metric, window: Window) {
        let target = match metric {
            Metric::PoolWait(service, _) => {
                return self.follow(Target::Service(service), Followed::Pool, window);
            }
            Metric::Tallied(target, tallied) => {
                self.wants_truth |= tallied.is_of_calls();
                target
            }
            Metric::TalliedPerRequest(callee, _) => callee.into(),
            Metric::Lent(service) => Target::Service(service),
            _ => unreachable!("it is about what is counted only if somebody asks"),
        };
        self.series.need(target, window);
        self.account_mut(target).rest.tally.keep_more();
    }
}

/// The answer, as a difference of totals.
pub(super) fn answer_more(metric: Metric, change: &Change<'_>) -> Value {
    match metric {
        Metric::Tallied(target, tallied) => {
            change.per_second(target, |tally| tally.tallied(tallied) as f64)
        }
        Metric::TalliedPerRequest(callee, tallied) => {
            let all = change.of(callee.into(), |tally| tally.tallied(tallied) as f64);
            ratio(all, change.requests())
        }
        Metric::Lent(service) => {
            let target = Target::Service(service);
            Value::Is(change.average(target, |tally| tally.lent_area() as f64))
        }
        _ => unreachable!("it is about what is counted only if somebody asks"),
    }
}
