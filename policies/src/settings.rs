//! What can be set about a policy, by name, and what is wrong with it.
//!
//! A policy's configuration is a plain struct. [`Settings`] shows its fields one by one under the
//! names that files use, so that reading a file, overriding a dialect's defaults, printing them and
//! writing the reference pages need nothing more from a policy than this one list.

use crate::time::Span;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

/// A configuration whose fields have names.
pub trait Settings {
    /// Every field, in the order in which a person would read them.
    fn settings(&mut self) -> Vec<Setting<'_>>;

    /// Everything that is wrong, all at once; empty when nothing is.
    fn problems(&self) -> Vec<Problem>;
}

/// One field.
pub struct Setting<'a> {
    /// Its name in files.
    pub name: &'static str,
    /// One line: what it means, without its unit.
    pub about: &'static str,
    /// The field itself.
    pub value: Value<'a>,
}

impl<'a> Setting<'a> {
    /// A field with its name and meaning.
    pub const fn new(name: &'static str, about: &'static str, value: Value<'a>) -> Setting<'a> {
        Setting { name, about, value }
    }
}

/// A field's value, by what may be written there.
pub enum Value<'a> {
    /// A length of time.
    Span(&'a mut Span),
    /// A length of time, or `Off`.
    SpanOrOff(&'a mut Option<Span>),
    /// A whole number.
    Count(&'a mut u32),
    /// A whole number, or `Unlimited`.
    CountOrUnlimited(&'a mut Option<u32>),
    /// A share of something, in percent.
    Share(&'a mut Share),
    /// A plain number.
    Number(&'a mut f64),
    /// So many a second.
    PerSecond(&'a mut f64),
    /// A list of times.
    Spans(&'a mut &'static [Span]),
    /// Yes or no.
    Flag(&'a mut bool),
    /// One of several words.
    Choice(&'a mut dyn Choice),
}

impl fmt::Display for Value<'_> {
    /// As a file would say it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Span(span) => write!(f, "\"{span}\""),
            Value::SpanOrOff(Some(span)) => write!(f, "\"{span}\""),
            Value::SpanOrOff(None) => f.write_str("Off"),
            Value::Count(count) => write!(f, "{count}"),
            Value::CountOrUnlimited(Some(count)) => write!(f, "{count}"),
            Value::CountOrUnlimited(None) => f.write_str("Unlimited"),
            Value::Share(share) => write!(f, "\"{share}\""),
            Value::Number(number) => write!(f, "{number}"),
            Value::PerSecond(rate) => write!(f, "\"{rate}/s\""),
            Value::Spans(spans) => {
                f.write_str("[")?;
                for (number, span) in spans.iter().enumerate() {
                    let comma = if number > 0 { ", " } else { "" };
                    write!(f, "{comma}\"{span}\"")?;
                }
                f.write_str("]")
            }
            Value::Flag(flag) => write!(f, "{flag}"),
            Value::Choice(choice) => f.write_str(choice.names()[choice.chosen()]),
        }
    }
}

/// One of several words; made for a plain enum by [`choice`](crate::choice).
pub trait Choice {
    /// The words.
    fn names(&self) -> &'static [&'static str];
    /// Which one it is.
    fn chosen(&self) -> usize;
    /// Makes it the word number `number`.
    fn choose(&mut self, number: usize);
}

/// Makes a plain enum a [`Choice`](crate::settings::Choice) of its variants' names.
#[macro_export]
macro_rules! choice {
    ($kind:ident { $($word:ident),+ $(,)? }) => {
        impl $crate::settings::Choice for $kind {
            fn names(&self) -> &'static [&'static str] {
                &[$(stringify!($word)),+]
            }
            fn chosen(&self) -> usize {
                // A variant that is missing from the list does not compile.
                let own = match self {
                    $($kind::$word => stringify!($word),)+
                };
                self.names().iter().position(|name| *name == own).unwrap_or(0)
            }
            fn choose(&mut self, number: usize) {
                *self = [$($kind::$word),+][number];
            }
        }
    };
}

/// A share as a whole number of millionths, so that thresholds compare exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Share(u32);

impl Share {
    /// Nothing.
    pub const NONE: Share = Share(0);
    /// Everything.
    pub const ALL: Share = Share(1_000_000);

    /// So many percent.
    pub const fn percent(percent: u32) -> Share {
        Share(percent * 10_000)
    }

    /// So many millionths.
    pub const fn ppm(millionths: u32) -> Share {
        Share(millionths)
    }

    /// The nearest to `share`, of which 1 is everything; NaN and less than nothing are nothing.
    pub fn nearest(share: f64) -> Share {
        Share((share * 1e6 + 0.5) as u32)
    }

    /// In millionths.
    pub const fn millionths(self) -> u32 {
        self.0
    }

    /// As a number of which 1 is everything, for arithmetic that is not a threshold.
    pub fn as_f64(self) -> f64 {
        f64::from(self.0) / 1e6
    }

    /// Whether `part` of `all` is at least this share: `part / all ≥ share`, in whole numbers.
    pub const fn reached(self, part: u64, all: u64) -> bool {
        part as u128 * 1_000_000 >= all as u128 * self.0 as u128
    }

    /// Whether `part` of `all` is more than this share, in whole numbers.
    pub const fn exceeded(self, part: u64, all: u64) -> bool {
        part as u128 * 1_000_000 > all as u128 * self.0 as u128
    }

    /// This share of `all`, rounded down.
    pub const fn of(self, all: u64) -> u64 {
        (all as u128 * self.0 as u128 / 1_000_000) as u64
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%", f64::from(self.0) / 1e4)
    }
}

/// Something wrong with a configuration: which field, what stands there, why that cannot be, and
/// what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The field's name in files.
    pub field: &'static str,
    /// What stands there.
    pub found: String,
    /// Why that cannot be.
    pub why: String,
    /// What to write instead.
    pub remedy: String,
}

impl Problem {
    /// A problem with a field.
    pub fn new(
        field: &'static str,
        found: impl fmt::Display,
        why: impl fmt::Display,
        remedy: impl fmt::Display,
    ) -> Problem {
        Problem {
            field,
            found: found.to_string(),
            why: why.to_string(),
            remedy: remedy.to_string(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} — {}; {}", self.field, self.found, self.why, self.remedy)
    }
}

impl core::error::Error for Problem {}

/// A named system's defaults and edge rules.
pub struct Dialect<C> {
    /// What a file writes after `like:`.
    pub name: &'static str,
    /// Which software, and what is particular about it.
    pub about: &'static str,
    /// Its configuration.
    pub config: fn() -> C,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_threshold_is_compared_in_whole_numbers() {
        let half = Share::percent(50);
        assert!(half.reached(1, 2) && !half.exceeded(1, 2));
        assert!(!half.reached(4_951, 10_000) && half.exceeded(5_001, 10_000));
        assert_eq!((Share::nearest(0.1).millionths(), Share::percent(20).of(9)), (100_000, 1));
        assert_eq!(
            (Share::percent(5).to_string(), Share::nearest(0.125).to_string()),
            ("5%".into(), "12.5%".into())
        );
    }

    #[derive(Debug, Clone, Copy, PartialEq)]
    enum Colour {
        Red,
        Green,
    }
    choice!(Colour { Red, Green });

    #[test]
    fn a_choice_is_read_and_set_by_number() {
        let mut colour = Colour::Red;
        colour.choose(1);
        assert_eq!(
            (colour, Value::Choice(&mut colour).to_string()),
            (Colour::Green, "Green".into())
        );
    }
}
