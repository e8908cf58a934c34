//! Facts of the peers that their vectors do not show, and of our own rule.

use super::*;

const MILLI: u64 = 1_000_000;

fn gate(config: ConcurrencyConfig) -> Concurrency {
    Concurrency::new(config).expect("the configuration is sound")
}
