//! The stack behind tokio's clock decides what the machine decides, and leaves nothing behind.

mod crew;
mod drops;
mod each_policy;
mod layers;
#[path = "../../examples/loopback.rs"]
mod loopback;
mod outside;
mod over_http;
mod random;
mod reference;
mod stacks;
mod threads;

use brownout_policies::Span;
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

fn ms(millis: u64) -> Span {
    Span::from_millis(millis)
}

#[test]
fn the_example_runs_and_what_it_claims_is_so() {
    loopback::main().expect("the loopback can be used");
}
