//! `grpc-timeout`: at most eight digits and a unit.

use crate::time::Span;
use core::fmt;

/// Most that eight digits say.
const MOST: u64 = 99_999_999;

/// The longest time that gRPC's own clocks can say, about 292 years.
const LONGEST: u64 = i64::MAX as u64;

/// Units, finest first.
const UNITS: [(u8, u64); 6] = [
    (b'n', 1),
    (b'u', 1_000),
    (b'm', 1_000_000),
    (b'S', 1_000_000_000),
    (b'M', 60_000_000_000),
    (b'H', 3_600_000_000_000),
];

/// A header's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GrpcTimeout {
    text: [u8; 9],
    len: u8,
}

impl GrpcTimeout {
    /// As it stands in the header.
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.text[..usize::from(self.len)])
            .expect("digits and a letter are text")
    }
}

impl fmt::Display for GrpcTimeout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What remains, in the finest unit in which eight digits can say it, rounded up: a callee may
/// never give up before its caller does. Nothing is `0n`.
pub fn encode(remaining: Span) -> GrpcTimeout {
    let said = |&(unit, nanos): &(u8, u64)| (unit, remaining.nanos().div_ceil(nanos));
    let fits = |said: &(u8, u64)| said.1 <= MOST;
    let (unit, mut value) = UNITS.iter().map(said).find(fits).unwrap_or((b'H', MOST));
    let mut text = [0; 9];
    let digits = value.checked_ilog10().map_or(1, |log| log as usize + 1);
    for place in (0..digits).rev() {
        text[place] = b'0' + (value % 10) as u8;
        value /= 10;
    }
    text[digits] = unit;
    GrpcTimeout { text, len: digits as u8 + 1 }
}

/// A header that says no time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadTimeout {
    /// Less than a digit and a unit.
    TooShort,
    /// More than eight digits and a unit.
    TooLong,
    /// The last letter is none of H, M, S, m, u, n.
    UnknownUnit,
    /// Something before the unit is not a digit.
    NotDigits,
}

impl fmt::Display for BadTimeout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            BadTimeout::TooShort => "too short; write a digit and a unit, such as 5S",
            BadTimeout::TooLong => "too long; write at most eight digits and a unit",
            BadTimeout::UnknownUnit => "unknown unit; write one of H, M, S, m, u, n",
            BadTimeout::NotDigits => "not a number; write digits only, without a sign",
        })
    }
}

impl core::error::Error for BadTimeout {}

/// Reads a header; hours beyond what gRPC's clocks can say are the longest that they can.
///
/// # Errors
/// What is wrong with it.
pub fn decode(text: &str) -> Result<Span, BadTimeout> {
    let (digits, letter) = match text.as_bytes() {
        [] | [_] => return Err(BadTimeout::TooShort),
        [digits @ .., letter] => (digits, letter),
    };
    if digits.len() > 8 {
        return Err(BadTimeout::TooLong);
    }
    let unit = UNITS.iter().find(|(unit, _)| unit == letter);
    let nanos = unit.ok_or(BadTimeout::UnknownUnit)?.1;
    let value = digits.iter().try_fold(0u64, |value, digit| match digit {
        b'0'..=b'9' => Ok(value * 10 + u64::from(digit - b'0')),
        _ => Err(BadTimeout::NotDigits),
    })?;
    Ok(Span::from_nanos(value.saturating_mul(nanos).min(LONGEST)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(nanos: u64) -> (&'static str, u64) {
        let text = encode(Span::from_nanos(nanos));
        let back = decode(text.as_str()).expect("what is written can be read");
        (alloc::string::String::leak(alloc::string::ToString::to_string(&text)), back.nanos())
    }

    #[test]
    fn a_unit_is_as_fine_as_eight_digits_allow_and_rounds_up() {
        assert_eq!(encoded(0), ("0n", 0));
        assert_eq!(encoded(1_000), ("1000n", 1_000));
        assert_eq!(encoded(99_999_999), ("99999999n", 99_999_999));
        assert_eq!(encoded(100_000_000), ("100000u", 100_000_000));
        assert_eq!(encoded(100_000_001), ("100001u", 100_001_000));
        assert_eq!(encoded(LONGEST).0, "2562048H");
        assert_eq!(encoded(u64::MAX).0, "5124096H");
    }

    #[test]
    fn what_is_read_is_never_less_than_what_was_written() {
        for shift in 0..63 {
            for nanos in [(1 << shift) - 1, 1 << shift, (1 << shift) + 1] {
                let (text, back) = encoded(nanos);
                assert!(back >= nanos && text.len() <= 9, "{nanos} became {text}");
            }
        }
    }

    #[test]
    fn a_bad_header_says_what_is_wrong() {
        let bad = |text| decode(text).expect_err("it is bad");
        assert_eq!((bad(""), bad("1")), (BadTimeout::TooShort, BadTimeout::TooShort));
        assert_eq!((bad("S"), bad("123456789S")), (BadTimeout::TooShort, BadTimeout::TooLong));
        assert_eq!((bad("1234x"), bad("5s")), (BadTimeout::UnknownUnit, BadTimeout::UnknownUnit));
        for text in ["-1S", "+1S", "1.5S", " 5S", "0x1S", "1_0S", "½S"] {
            assert_eq!(bad(text), BadTimeout::NotDigits, "{text}");
        }
    }
}
