//! The counts of other simulators, given the same draws.

use brownout_core::random::Seed;
use brownout_witness::in_brownout::Ready;
use brownout_witness::{Counts, Draw, in_descartes, in_nexosim, in_simcore};

fn assert_witnessed_by(witness: fn(&Draw) -> Counts) {
    let ready = Ready::read().expect("w2.ron is valid");
    for seed in [1, 2, 3].map(Seed::new) {
        let (counts, digest) = ready.count(seed);
        assert_eq!(ready.run(seed), digest, "seed {seed}: a listener changes nothing");
        assert_eq!(witness(&ready.draw(seed)), counts, "seed {seed}");
    }
}

#[test]
fn nexosim_counts_what_brownout_counts() {
    assert_witnessed_by(in_nexosim::run);
}

#[test]
fn descartes_counts_what_brownout_counts() {
    assert_witnessed_by(in_descartes::run);
}

#[test]
fn simcore_counts_what_brownout_counts() {
    assert_witnessed_by(in_simcore::run);
    assert_witnessed_by(in_simcore::run_ordered);
}
