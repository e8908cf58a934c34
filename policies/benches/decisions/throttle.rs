//! Throttles: one request and its outcome.

use crate::decision;
use brownout_policies::outcome::Class;
use brownout_policies::throttle::{DIALECTS, Throttle};
use brownout_policies::{Draws, Time};

pub(crate) fn run() {
    for dialect in DIALECTS {
        let mut throttle = Throttle::new((dialect.config)()).expect("it is sound");
        let mut draws = Draws::open(1, 2);
        decision(&format!("throttle {}, request and outcome", dialect.name), 60.0, |at| {
            let now = Time::from_nanos(at);
            if throttle.admit(now, &mut draws).is_ok() {
                let class = if at & 3 == 0 { Class::Success } else { Class::Failure };
                throttle.settle(now, class);
            }
        });
    }
}
