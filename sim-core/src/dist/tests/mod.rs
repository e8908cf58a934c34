//! Every law over every kind's examples.

mod axis;
mod edges;
mod fit;
mod functions;
mod identities;
mod oracle;
mod stats;
mod values;

use super::{Dist, Sampler};
use crate::draw::mix;
use crate::random::{Seed, Stream};

/// The lineage that the requests of these tests descend from.
const ROOT: u64 = 0x5EED;

/// The purpose that these tests draw for.
fn stream() -> Stream {
    Seed::new(20).stream("service")
}

/// One value for each of `count` requests, as a run draws them: keyed by the request's lineage.
fn sample(dist: &Dist, count: u64) -> Vec<f64> {
    let (sampler, stream) = (dist.sampler(), stream());
    (0..count).map(|n| sampler.sample(&mut stream.draws(mix(ROOT, n)), n)).collect()
}

/// `count` values one after another from one source.
fn sample_in_a_row(sampler: &Sampler, count: u64) -> Vec<f64> {
    let mut draws = stream().draws(ROOT);
    (0..count).map(|n| sampler.sample(&mut draws, n)).collect()
}

/// The examples whose values have chances: all but the sequences.
fn by_chance() -> impl Iterator<Item = Dist> {
    Dist::examples().into_iter().filter(|dist| dist.cdf(1.0).is_some())
}

/// The examples without atoms: their distribution function passes through every level.
fn continuous() -> impl Iterator<Item = Dist> {
    by_chance().filter(|dist| {
        let level = |p| dist.quantile(p).and_then(|x| dist.cdf(x)).expect("it has quantiles");
        (1..100).map(|i| f64::from(i) / 100.0).all(|p| (level(p) - p).abs() < 1e-9)
    })
}

#[test]
fn every_kind_has_an_example_and_every_example_is_valid() {
    for (name, about) in Dist::KINDS {
        let examples = Dist::examples();
        assert!(examples.iter().any(|dist| dist.name() == *name), "{name} ({about}) has none");
    }
    for dist in Dist::examples() {
        assert_eq!(dist.problems(), Vec::<String>::new(), "{dist:?}");
    }
    assert_eq!(continuous().count(), 19);
}
