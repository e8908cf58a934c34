//! The generator along the request axis: the n-th request's first words, over n.

use super::ROOT;
use super::stats::{assert_even, assert_fits, assert_independent, assert_uncorrelated};
use crate::draw::{Draws, mix, unit};
use crate::random::{Seed, Stream};

const COUNT: u64 = 400_000;

/// A request's lineage by its number.
type Lineage = fn(u64) -> u64;

/// How a request's number becomes its lineage: mixed into its parent's, and (worse) raw.
const LINEAGES: [(&str, Lineage); 2] = [("mixed", |n| mix(ROOT, n)), ("raw", |n| n)];

/// Word number `skip` of every request.
fn words(stream: Stream, lineage: Lineage, skip: usize) -> Vec<u64> {
    let word = |mut draws: Draws| {
        for _ in 0..skip {
            draws.word();
        }
        draws.word()
    };
    (0..COUNT).map(|n| word(stream.draws(lineage(n)))).collect()
}

fn units(stream: Stream, lineage: Lineage, skip: usize) -> Vec<f64> {
    words(stream, lineage, skip).into_iter().map(unit).collect()
}

fn service() -> Stream {
    Seed::new(7).stream("service")
}

#[test]
fn the_first_words_of_requests_are_uniform() {
    for (key, lineage) in LINEAGES {
        for skip in [0, 1, 5] {
            let of = format!("{key}, word {skip}");
            assert_fits(units(service(), lineage, skip), |x| x.clamp(0.0, 1.0), &of);
        }
    }
}

#[test]
fn every_byte_of_the_first_words_is_uniform() {
    for (key, lineage) in LINEAGES {
        for skip in [0, 1] {
            let words = words(service(), lineage, skip);
            for byte in 0..8 {
                let mut counts = [0; 256];
                for word in &words {
                    counts[usize::from(word.to_le_bytes()[byte])] += 1;
                }
                assert_even(&counts, &format!("{key}, word {skip}, byte {byte}"));
            }
        }
    }
}

#[test]
fn the_bits_that_choose_a_layer_say_nothing_about_the_point_across_it() {
    for (key, lineage) in LINEAGES {
        let words = words(service(), lineage, 0);
        let layers: Vec<f64> = words.iter().map(|word| (word & 0xFF) as f64 / 256.0).collect();
        let points: Vec<f64> = words.iter().map(|&word| unit(word)).collect();
        assert_independent(&layers, &points, key);
    }
}

#[test]
fn neighbouring_requests_are_uncorrelated_and_independent() {
    for (key, lineage) in LINEAGES {
        let units = units(service(), lineage, 0);
        for lag in 1..=10 {
            let (later, earlier) = (&units[lag..], &units[..units.len() - lag]);
            assert_independent(later, earlier, &format!("{key}, lag {lag}"));
        }
    }
}

#[test]
fn distances_from_the_middle_are_uncorrelated_between_neighbours_too() {
    // Two values may be uncorrelated and yet be extreme together.
    for (key, lineage) in LINEAGES {
        let squares: Vec<f64> = units(service(), lineage, 0)
            .into_iter()
            .map(|unit| (unit - 0.5) * (unit - 0.5))
            .collect();
        for lag in 1..=10 {
            let (later, earlier) = (&squares[lag..], &squares[..squares.len() - lag]);
            assert_uncorrelated(later, earlier, &format!("{key}, lag {lag}"));
        }
    }
}

#[test]
fn one_requests_words_are_independent_of_each_other_and_of_its_neighbours() {
    for (key, lineage) in LINEAGES {
        let first = units(service(), lineage, 0);
        let second = units(service(), lineage, 1);
        assert_independent(&first, &second, key);
        assert_independent(&first[1..], &second[..second.len() - 1], key);
    }
}

#[test]
fn two_purposes_of_the_same_requests_are_independent() {
    for (key, lineage) in LINEAGES {
        let service = units(service(), lineage, 0);
        let link = units(Seed::new(7).stream("link"), lineage, 0);
        assert_independent(&service, &link, key);
        // Even when the purposes' keys are neighbours, as members of one family may be.
        let one = units(Stream(1), lineage, 0);
        let two = units(Stream(2), lineage, 0);
        assert_independent(&one, &two, key);
    }
}

#[test]
fn two_seeds_and_two_replications_are_independent() {
    let second = Seed { seed: 7, replication: 1 };
    for (key, lineage) in LINEAGES {
        let first = units(service(), lineage, 0);
        assert_independent(&first, &units(Seed::new(8).stream("service"), lineage, 0), key);
        assert_independent(&first, &units(second.stream("service"), lineage, 0), key);
    }
}
