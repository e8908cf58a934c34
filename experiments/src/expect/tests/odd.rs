//! Texts that no one would write.

use crate::expect::{SentenceError, parse_expectation, parse_measure};

const PIECES: [&str; 32] = [
    "p99", "(", ")", "api", "<", "=", "5", "ms", "%", " ", "of", "on", "'", "\"", "±", "é", "..",
    ".", "/", "P", "-", "e", "1e", "²", "\u{0}", "during", ",", "fault", ":", "load.", "x",
    "within",
];
const STARTS: [&str; 6] =
    ["", "p99(api) < 5", "P(wait(db) ", "goodput(a) > 5% ", "p99(load", "p99(a) on b "];

#[test]
fn no_text_however_odd_makes_the_reader_panic_or_point_inside_a_character() {
    for start in STARTS {
        for (first, second) in PIECES.iter().flat_map(|one| PIECES.map(|two| (one, two))) {
            let text = format!("{start}{first}{second}");
            for found in [parse_expectation(&text).err(), parse_measure(&text).err()] {
                let Some(SentenceError { at, .. }) = found else { continue };
                assert!(text.get(at.clone()).is_some(), "{text}: {at:?}");
            }
        }
    }
}

#[test]
fn a_sentence_of_a_megabyte_is_refused_like_any_other() {
    let long = "x".repeat(1 << 20);
    for text in [
        long.clone(),
        format!("p99({long}"),
        format!("p99(api) < {long}"),
        format!("p99(api) < {}", "9".repeat(1 << 20)),
        format!("p99(api) < 5{long}"),
        "p99(".repeat(1 << 18),
        format!("p99({}", "a ".repeat(1 << 19)),
    ] {
        assert!(parse_expectation(&text).is_err());
    }
}
