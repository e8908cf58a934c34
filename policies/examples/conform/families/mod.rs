//! Which engine speaks which family and dialect: one file each.

mod adaptive_rate;
mod backoff;
mod balance;
mod breaker;
mod budget;
mod bulkhead;
mod concurrency;
mod deadline;
mod hedge;
mod limiter;
mod outlier;
mod shed;
mod throttle;

use crate::harness::Make;

/// What makes the subject for a family's dialect.
pub(crate) fn maker(family: &str, dialect: &str) -> Option<Make> {
    match family {
        "adaptive_rate" => adaptive_rate::maker(dialect),
        "backoff" => backoff::maker(dialect),
        "breaker" | "breaker_window" | "breaker_accrual" => breaker::maker(family, dialect),
        "bulkhead" => bulkhead::maker(dialect),
        "concurrency_limit" => concurrency::maker(dialect),
        "deadline" => deadline::maker(dialect),
        "hedge" | "hedge_delay" => hedge::maker(family, dialect),
        "load_balance" => balance::maker(dialect),
        "outlier" => outlier::maker(dialect),
        "rate_limit" => limiter::maker(dialect),
        "retry_budget" | "window_counter" => budget::maker(family, dialect),
        "shed" => shed::maker(dialect),
        "throttle" => throttle::maker(dialect),
        _ => None,
    }
}
