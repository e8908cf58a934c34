//! Quantities as people write them: `50ms`, `200/s`, `10%`, `4KiB`.
//!
//! The one parser of quantities. It takes text and gives numbers in base units (nanoseconds, per
//! second, shares in [0, 1], bytes); it allocates nothing.

use crate::time::Span;
use core::fmt;

/// Units of time, with their length in nanoseconds; the first name is the one that is printed.
const TIMES: &[(&str, f64)] = &[
    ("ns", 1.0),
    ("us", 1e3),
    ("µs", 1e3),
    ("μs", 1e3),
    ("ms", 1e6),
    ("s", 1e9),
    ("min", 60e9),
    ("m", 60e9),
    ("h", 3_600e9),
    ("d", 86_400e9),
];

/// Units of rate, with their worth per second.
const RATES: &[(&str, f64)] =
    &[("/ms", 1e3), ("/s", 1.0), ("/min", 1.0 / 60.0), ("/m", 1.0 / 60.0), ("/h", 1.0 / 3_600.0)];

/// Units of share.
const SHARES: &[(&str, f64)] = &[("%", 0.01)];

/// Units of size, in bytes.
const SIZES: &[(&str, f64)] = &[
    ("B", 1.0),
    ("kB", 1e3),
    ("KB", 1e3),
    ("MB", 1e6),
    ("GB", 1e9),
    ("KiB", 1_024.0),
    ("MiB", 1_048_576.0),
    ("GiB", 1_073_741_824.0),
];

/// The longest time that can be written: 100 years, well inside [`Span::MAX`].
pub const LONGEST: Span = Span::from_millis(100 * 365 * 86_400_000);

/// What a quantity measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// In nanoseconds.
    Time,
    /// Per second.
    Rate,
    /// In [0, 1]; more than 1 is left to the caller to judge.
    Share,
    /// In bytes.
    Size,
}

impl Measure {
    /// What can be written, in words.
    pub const fn units(self) -> &'static str {
        match self {
            Measure::Time => "ns, us, ms, s, min, h, d",
            Measure::Rate => "/ms, /s, /min, /h",
            Measure::Share => "%",
            Measure::Size => "B, kB, MB, GB, KiB, MiB, GiB",
        }
    }

    /// A well-formed quantity of this kind.
    pub const fn example(self) -> &'static str {
        match self {
            Measure::Time => "50ms",
            Measure::Rate => "200/s",
            Measure::Share => "10%",
            Measure::Size => "4KiB",
        }
    }

    /// What it is called.
    pub const fn noun(self) -> &'static str {
        match self {
            Measure::Time => "time",
            Measure::Rate => "rate",
            Measure::Share => "share",
            Measure::Size => "size",
        }
    }

    const fn table(self) -> &'static [(&'static str, f64)] {
        match self {
            Measure::Time => TIMES,
            Measure::Rate => RATES,
            Measure::Share => SHARES,
            Measure::Size => SIZES,
        }
    }
}

/// What is wrong with a quantity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// It does not begin with a number.
    NoNumber,
    /// A number alone.
    NoUnit,
    /// A number, then something that is no unit of this measure.
    UnknownUnit {
        /// The byte at which the unit starts.
        at: usize,
        /// A unit of this measure that may be meant.
        meant: Option<&'static str>,
    },
    /// It is less than zero.
    Negative,
    /// It does not fit.
    TooLarge,
}

/// A quantity that could not be understood: what it should measure, and what is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnitError {
    /// What was expected.
    pub measure: Measure,
    /// What is wrong.
    pub flaw: Flaw,
}

impl fmt::Display for UnitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (noun, example) = (self.measure.noun(), self.measure.example());
        match self.flaw {
            Flaw::NoNumber => write!(f, "not a {noun}: write a number and a unit, as in {example}"),
            Flaw::NoUnit => write!(f, "missing unit; write one of {}", self.measure.units()),
            Flaw::UnknownUnit { .. } => {
                write!(f, "not a unit of {noun}; write one of {}", self.measure.units())
            }
            Flaw::Negative => write!(f, "a {noun} is not negative"),
            Flaw::TooLarge => write!(f, "too large a {noun}"),
        }
    }
}

/// A length of time in nanoseconds, not rounded: the parameter of a distribution.
pub fn nanos(text: &str) -> Result<f64, UnitError> {
    let value = quantity(text, Measure::Time)?;
    if value > LONGEST.nanos() as f64 {
        return Err(UnitError { measure: Measure::Time, flaw: Flaw::TooLarge });
    }
    Ok(value)
}

/// A length of time, rounded to the nearest nanosecond.
pub fn span(text: &str) -> Result<Span, UnitError> {
    nanos(text).map(Span::round)
}

/// A rate per second.
pub fn rate_per_s(text: &str) -> Result<f64, UnitError> {
    quantity(text, Measure::Rate)
}

/// A share: `10%` is 0.1.
pub fn share(text: &str) -> Result<f64, UnitError> {
    quantity(text, Measure::Share)
}

/// A number of bytes.
pub fn bytes(text: &str) -> Result<f64, UnitError> {
    quantity(text, Measure::Size)
}

/// Where the number at the front of `text` ends, and the number.
pub fn leading_number(text: &str) -> Option<(f64, usize)> {
    let bytes = text.as_bytes();
    let digits = |mut at: usize| {
        while bytes.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
        at
    };
    let start = usize::from(matches!(bytes.first(), Some(b'-' | b'+')));
    let whole = digits(start);
    let mut end = whole;
    if bytes.get(whole) == Some(&b'.') {
        end = digits(whole + 1);
    }
    if end == start || (end == whole + 1 && whole == start) {
        return None;
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'-' | b'+')));
        let exponent = digits(end + 1 + sign);
        if exponent > end + 1 + sign {
            end = exponent;
        }
    }
    text[..end].parse().ok().map(|number| (number, end))
}

fn quantity(text: &str, measure: Measure) -> Result<f64, UnitError> {
    let fail = |flaw| Err(UnitError { measure, flaw });
    let trimmed = text.trim_end();
    let lead = trimmed.len() - trimmed.trim_start().len();
    let Some((number, end)) = leading_number(&trimmed[lead..]) else {
        return fail(Flaw::NoNumber);
    };
    let rest = trimmed[lead + end..].trim_start();
    if rest.is_empty() {
        return fail(Flaw::NoUnit);
    }
    let Some((_, worth)) = measure.table().iter().find(|(name, _)| *name == rest) else {
        return fail(Flaw::UnknownUnit {
            at: trimmed.len() - rest.len(),
            meant: meant(measure, rest),
        });
    };
    if number < 0.0 {
        return fail(Flaw::Negative);
    }
    // A division where the unit is a part of a second keeps `6/min` exact.
    let value = match rest {
        "/min" | "/m" => number / 60.0,
        "/h" => number / 3_600.0,
        "%" => number / 100.0,
        _ => number * worth,
    };
    if value.is_finite() { Ok(value) } else { fail(Flaw::TooLarge) }
}

/// The unit that people mean when they write another word for it.
fn meant(measure: Measure, unit: &str) -> Option<&'static str> {
    const WORDS: &[(&str, &str)] = &[
        ("nanos", "ns"),
        ("nanosecond", "ns"),
        ("usec", "us"),
        ("micros", "us"),
        ("microsecond", "us"),
        ("msec", "ms"),
        ("milli", "ms"),
        ("millis", "ms"),
        ("millisecond", "ms"),
        ("sec", "s"),
        ("second", "s"),
        ("mins", "min"),
        ("minute", "min"),
        ("hr", "h"),
        ("hour", "h"),
        ("day", "d"),
        ("rps", "/s"),
        ("qps", "/s"),
        ("hz", "/s"),
        ("/sec", "/s"),
        ("/second", "/s"),
        ("per second", "/s"),
        ("/minute", "/min"),
        ("/hour", "/h"),
        ("percent", "%"),
        ("s", "/s"),
        ("ms", "/ms"),
        ("h", "/h"),
    ];
    let known = |name: &str| {
        measure.table().iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(own, _)| *own)
    };
    let singular = unit.strip_suffix('s').unwrap_or(unit);
    let word = |unit: &str| {
        let found = WORDS.iter().filter(|(word, _)| word.eq_ignore_ascii_case(unit));
        found.filter_map(|(_, meant)| known(meant)).next()
    };
    known(unit).or_else(|| word(unit)).or_else(|| word(singular))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_come_out_in_whole_nanoseconds() {
        for (text, nanos) in [
            ("0s", 0),
            ("1ns", 1),
            ("1.5us", 1_500),
            ("50ms", 50_000_000),
            ("0.1s", 100_000_000),
            ("2m", 120_000_000_000),
            ("2min", 120_000_000_000),
            (" 1 h ", 3_600_000_000_000),
            ("1e3ms", 1_000_000_000),
            ("1d", 86_400_000_000_000),
        ] {
            assert_eq!(span(text), Ok(Span::from_nanos(nanos)), "{text}");
        }
    }

    #[test]
    fn a_printed_span_reads_back_as_itself() {
        for nanos in [0, 1, 999, 1_500, 250_000_000, 90_000_000_000, 1_000_000_001] {
            let written = Span::from_nanos(nanos);
            assert_eq!(span(&written.to_string()), Ok(written));
        }
    }

    #[test]
    fn rates_and_shares_come_out_per_second_and_in_0_to_1() {
        assert_eq!(rate_per_s("200/s"), Ok(200.0));
        assert_eq!(rate_per_s("6/min"), Ok(0.1));
        assert_eq!(rate_per_s("2/ms"), Ok(2_000.0));
        assert_eq!(share("10%"), Ok(0.1));
        assert_eq!(bytes("4KiB"), Ok(4_096.0));
    }

    #[test]
    fn a_wrong_quantity_says_what_is_wrong() {
        let flaw = |text| span(text).map_err(|error| error.flaw);
        assert_eq!(flaw("250"), Err(Flaw::NoUnit));
        assert_eq!(flaw("-1s"), Err(Flaw::Negative));
        assert_eq!(flaw("soon"), Err(Flaw::NoNumber));
        assert_eq!(flaw(""), Err(Flaw::NoNumber));
        assert_eq!(flaw("1e300d"), Err(Flaw::TooLarge));
        assert_eq!(flaw("5sec"), Err(Flaw::UnknownUnit { at: 1, meant: Some("s") }));
        assert_eq!(flaw("5parsecs"), Err(Flaw::UnknownUnit { at: 1, meant: None }));
        assert_eq!(
            rate_per_s("200rps").map_err(|error| error.flaw),
            Err(Flaw::UnknownUnit { at: 3, meant: Some("/s") })
        );
    }

    #[test]
    fn nothing_is_negative() {
        assert!(nanos("-5ms").is_err());
    }
}
