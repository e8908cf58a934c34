//! Breakers: one engine under the names and configurations of eight systems.

mod configs;
mod finagle;
mod machine;
mod waits;

pub(crate) use waits::Script;

use crate::harness::{Make, Subject, Vector};

pub(crate) fn maker(family: &str, dialect: &str) -> Option<Make> {
    match (family, dialect) {
        ("breaker_window", _) => Some(machine::window as Make),
        ("breaker_accrual", "finagle") => Some(finagle::accrual as Make),
        (
            "breaker" | "breaker_accrual",
            "resilience4j" | "polly_v8" | "gobreaker_v2" | "failsafe_go" | "hystrix" | "linkerd2"
            | "sentinel" | "sentinel_go" | "finagle",
        ) => Some(breaker as Make),
        _ => None,
    }
}

fn breaker(vector: &Vector<'_>) -> Result<Box<dyn Subject>, String> {
    machine::breaker(vector)
}
