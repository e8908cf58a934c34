//! Shedding: one that comes and leaves.

use crate::decision;
use brownout_policies::shed::{DIALECTS, Shed};
use brownout_policies::{Span, Time};
use std::hint::black_box;

pub(crate) fn run() {
    for dialect in DIALECTS {
        let mut shed = Shed::new((dialect.config)()).expect("it is sound");
        decision(&format!("shed {}, in and out", dialect.name), 25.0, |at| {
            let now = Time::from_nanos(at);
            if black_box(shed.enqueue(now, (at % 8_192) as u32)).is_ok() {
                black_box(shed.dequeue(now, Span::from_nanos(at % 30_000_000)));
            }
        });
    }
}
