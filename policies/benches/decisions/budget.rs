//! Budgets, and what is drawn and measured beside them.

use crate::decision;
use brownout_policies::adaptive_rate::{AdaptiveRate, AdaptiveRateConfig, Attempt};
use brownout_policies::backoff::{Ask, BackoffConfig, Course};
use brownout_policies::budget::{Budget, DIALECTS, Fault};
use brownout_policies::outcome::Class;
use brownout_policies::{Draws, Time};
use std::hint::black_box;

pub(crate) fn run() {
    for dialect in DIALECTS {
        let mut budget = Budget::build(&(dialect.config)()).expect("a dialect is sound");
        decision(&format!("budget {}: a call, a retry, ends", dialect.name), 25.0, |at| {
            let now = Time::from_nanos(at);
            budget.on_call(now);
            let receipt = black_box(budget.pay(now, Fault::Server));
            budget.on_result(now, Class::Success, Fault::Server, receipt);
            if receipt.is_some() {
                budget.on_retry_end();
            }
            budget.on_call_end();
        });
    }
    let (config, mut course) = (BackoffConfig::ours(), Course::default());
    let mut draws = Draws::open(1, 2);
    decision("backoff Ours: the next wait", 25.0, |_| {
        course.nth = 3;
        black_box(config.next(&mut course, Ask::default(), &mut draws));
    });
    let mut rate = AdaptiveRate::new(AdaptiveRateConfig::ours()).expect("it is sound");
    rate.learn(Time::ZERO, true);
    decision("adaptive rate Ours: admitted and settled", 60.0, |at| {
        let now = Time::from_nanos(at);
        let slot = rate.admit(now, Attempt::First);
        rate.settle(now, black_box(slot).permit, Class::Success, false);
    });
}
