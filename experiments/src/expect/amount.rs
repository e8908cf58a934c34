//! A number with its unit, as written in a sentence.

use super::error::{SentenceError, suggest};
use super::unit::Unit;
use brownout_core::Span;
use brownout_policies::units::{self, Flaw, UnitError};
use std::fmt;
use std::ops::Range;

/// A number with its unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Amount {
    /// Without a unit.
    Plain(f64),
    /// In hundredths.
    Percent(f64),
    /// `2x`.
    Times(f64),
    /// A time.
    Time(Span),
    /// A squared time, in s².
    Squared(f64),
    /// A rate per second.
    Rate(f64),
}

/// Every unit, for suggestions.
const UNITS: [&str; 15] =
    ["ns", "us", "ms", "s", "min", "h", "d", "/ms", "/s", "/min", "/h", "%", "x", "ms2", "s2"];

impl Amount {
    /// `digits` of `unit`, which were written at `at`, the unit at its end.
    pub(super) fn read(
        digits: &str,
        unit: &str,
        at: &Range<usize>,
    ) -> Result<Amount, SentenceError> {
        let number: f64 = digits.parse().expect("digits with at most one point are a number");
        let written = format!("{digits}{unit}");
        let amount = match unit {
            "" => Amount::Plain(number),
            "%" => Amount::Percent(number),
            "x" => Amount::Times(number),
            "s2" | "s²" => Amount::Squared(number),
            "ms2" | "ms²" => Amount::Squared(number / 1e6),
            _ => match (units::span(&written), units::rate_per_s(&written)) {
                (Ok(span), _) => Amount::Time(span),
                (_, Ok(per_s)) => Amount::Rate(per_s),
                (Err(time), Err(rate)) => return Err(unknown_unit(&written, unit, at, time, rate)),
            },
        };
        if !number.is_finite() {
            return Err(too_large(&written, at));
        }
        Ok(amount)
    }

    /// The value in the unit's base: seconds, per second, 0…1.
    pub(super) fn value(self) -> f64 {
        match self {
            Amount::Plain(number) | Amount::Times(number) => number,
            Amount::Percent(number) => number / 100.0,
            Amount::Time(span) => span.as_secs(),
            Amount::Squared(value) | Amount::Rate(value) => value,
        }
    }

    /// The word for a value so written, in messages.
    pub(super) const fn noun(self) -> &'static str {
        match self {
            Amount::Plain(_) => "a plain number",
            Amount::Percent(_) => Unit::Share.noun(),
            Amount::Times(_) => "a multiple",
            Amount::Time(_) => Unit::Seconds.noun(),
            Amount::Squared(_) => Unit::SecondsSquared.noun(),
            Amount::Rate(_) => Unit::PerSecond.noun(),
        }
    }

    /// Whether it can be compared with a value of this unit. Zero is zero in every unit.
    pub(super) fn fits(self, unit: Unit) -> bool {
        self == Amount::Plain(0.0)
            || match unit {
                Unit::Seconds => matches!(self, Amount::Time(_)),
                Unit::SecondsSquared => matches!(self, Amount::Squared(_)),
                Unit::PerSecond => matches!(self, Amount::Rate(_)),
                Unit::Share => matches!(self, Amount::Plain(_) | Amount::Percent(_)),
                Unit::Ratio => matches!(self, Amount::Plain(_) | Amount::Times(_)),
                Unit::Count => matches!(self, Amount::Plain(_)),
            }
    }

    /// Whether so much of a metric is a value: it has no unit of its own.
    pub(super) const fn is_factor(self) -> bool {
        matches!(self, Amount::Plain(_) | Amount::Percent(_) | Amount::Times(_))
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Amount::Plain(number) => write!(f, "{number}"),
            Amount::Percent(number) => write!(f, "{number}%"),
            Amount::Times(number) => write!(f, "{number}x"),
            Amount::Time(span) => write!(f, "{span}"),
            Amount::Squared(value) => write!(f, "{value}s2"),
            Amount::Rate(per_s) => write!(f, "{per_s}/s"),
        }
    }
}

/// Whether `text` is a unit, so that it may stand apart from its number.
pub(super) fn is_unit(text: &str) -> bool {
    UNITS.contains(&text) || matches!(text, "m" | "µs" | "μs" | "/m" | "ms²" | "s²")
}

/// What to write for a value of this unit.
pub(super) const fn allowed(unit: Unit) -> &'static str {
    match unit {
        Unit::Seconds => "write one of ns, us, ms, s, min, h, d",
        Unit::SecondsSquared => "write one of ms2, s2",
        Unit::PerSecond => "write one of /ms, /s, /min, /h",
        Unit::Share => "write a share such as 95% or 0.95",
        Unit::Ratio => "write a plain number such as 1.2",
        Unit::Count => "write a plain number such as 12",
    }
}

/// Neither a time nor a rate.
fn unknown_unit(
    written: &str,
    unit: &str,
    at: &Range<usize>,
    time: UnitError,
    rate: UnitError,
) -> SentenceError {
    if time.flaw == Flaw::TooLarge || rate.flaw == Flaw::TooLarge {
        return too_large(written, at);
    }
    let meant = [time, rate].into_iter().find_map(|error| match error.flaw {
        Flaw::UnknownUnit { meant, .. } => meant,
        Flaw::NoNumber | Flaw::NoUnit | Flaw::Negative | Flaw::TooLarge => None,
    });
    let hint = match meant {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => suggest(unit, &UNITS, "write one of"),
    };
    let message = format!("unknown unit \"{unit}\" in \"{written}\"");
    SentenceError::new(at.end - unit.len()..at.end, message, hint)
}

/// More than can be told from infinite.
fn too_large(written: &str, at: &Range<usize>) -> SentenceError {
    SentenceError::bare(at.clone(), format!("\"{written}\" is too large"))
}
