//! Concurrency: one call let in and settled.

use crate::decision;
use brownout_policies::concurrency::{Concurrency, ConcurrencyConfig, DIALECTS};
use brownout_policies::gate::Report;
use brownout_policies::outcome::Class;
use brownout_policies::settings::Share;
use brownout_policies::{Span, Time};
use std::hint::black_box;

pub(crate) fn run() {
    for dialect in DIALECTS {
        let mut gate = Concurrency::new((dialect.config)()).expect("it is sound");
        decision(&format!("concurrency {}, in and out", dialect.name), 60.0, |at| {
            let now = Time::from_nanos(at);
            let permit = gate.admit(now).expect("nobody else is in");
            let took = Span::from_nanos(10_000_000 + at % 1_000_000);
            gate.settle(now, permit, Report { class: Class::Success, took });
        });
    }
    let shares = [Share::percent(30), Share::percent(70)];
    let config = ConcurrencyConfig { initial: 1, ..ConcurrencyConfig::fixed() };
    let mut gate = Concurrency::partitioned(config, &shares).expect("they are sound");
    let _held = gate.admit_in(Time::ZERO, 0).expect("nobody else is in");
    decision("concurrency partition, refused", 25.0, |at| {
        black_box(gate.admit_in(Time::from_nanos(at), 0)).expect_err("it has its share");
    });
}
