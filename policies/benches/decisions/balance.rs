//! Balancers: a call picked, sent and answered.

use crate::decision;
use brownout_policies::balance::{Balance, DIALECTS, Rule};
use brownout_policies::draw::finalise;
use brownout_policies::outcome::Class;
use brownout_policies::{Draws, Span, Time};

pub(crate) fn run() {
    for dialect in DIALECTS {
        let config = (dialect.config)();
        // Two reads and a latency are three exponentials, bit for bit the same on every platform.
        let must_ns = if let Rule::PeakEwma(_) = config.rule { 100.0 } else { 60.0 };
        let mut group = Balance::new(config, &[1; 10]).expect("it is sound");
        let mut draws = Draws::open(1, 2);
        decision(&format!("balance {}, of ten", dialect.name), must_ns, |at| {
            let now = Time::from_nanos(at);
            let member = group.pick(now, &mut draws, finalise(at)).expect("all are in use");
            group.on_send(member);
            let took = Span::from_nanos(10_000_000 + at % 1_000_000);
            group.on_reply(now, member, Class::Success, took);
        });
    }
}
