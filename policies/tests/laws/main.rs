//! Laws that every configuration of an engine obeys, over random ones.

mod backoff;
mod balance;
mod breaker;
mod budget;
mod bulkhead;
mod concurrency;
mod hedge;
mod limiter;
mod outlier;
mod shed;
mod throttle;

use proptest::prelude::ProptestConfig;
use proptest::test_runner::RngSeed;

/// The same cases every time: a law that fails does so for everyone.
fn same_cases() -> ProptestConfig {
    ProptestConfig {
        rng_seed: RngSeed::Fixed(1),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}
