//! Time as whole nanoseconds: a point ([`Time`]) and a length ([`Span`]).
//!
//! No float decides *when*, except through [`Span::round`], the one rounding function.

use alloc::format;
use core::fmt;
use core::ops::{Add, AddAssign, Sub};

/// Nanoseconds in a second.
pub const NANOS_PER_SEC: u64 = 1_000_000_000;

/// A point on the caller's time axis: nanoseconds since its origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Time(u64);

/// A length of time in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span(u64);

impl Time {
    /// The origin of the axis.
    pub const ZERO: Time = Time(0);
    /// Later than any event: "never".
    pub const MAX: Time = Time(u64::MAX);

    /// The point `nanos` after the origin.
    pub const fn from_nanos(nanos: u64) -> Time {
        Time(nanos)
    }

    /// The point `secs` seconds after the origin, rounded to the nearest nanosecond.
    pub fn from_secs(secs: f64) -> Time {
        Time(Span::from_secs(secs).0)
    }

    /// Nanoseconds since the origin.
    pub const fn nanos(self) -> u64 {
        self.0
    }

    /// Seconds since the origin, for reports and never for decisions.
    pub fn as_secs(self) -> f64 {
        self.0 as f64 / NANOS_PER_SEC as f64
    }

    /// What has passed since `earlier`; zero when `earlier` is later (time does not run backwards).
    pub const fn since(self, earlier: Time) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }

    /// The point `span` later, clamped at [`Time::MAX`].
    pub const fn saturating_add(self, span: Span) -> Time {
        Time(self.0.saturating_add(span.0))
    }
}

impl Span {
    /// No time at all.
    pub const ZERO: Span = Span(0);
    /// Longer than any run: "for ever".
    pub const MAX: Span = Span(u64::MAX);

    /// A length in nanoseconds.
    pub const fn from_nanos(nanos: u64) -> Span {
        Span(nanos)
    }

    /// A length in milliseconds.
    pub const fn from_millis(millis: u64) -> Span {
        Span(millis * 1_000_000)
    }

    /// A length in seconds, rounded to the nearest nanosecond by [`Span::round`].
    pub fn from_secs(secs: f64) -> Span {
        Span::round(secs * NANOS_PER_SEC as f64)
    }

    /// The one place where a float becomes a time: nearest nanosecond, ties up; negative and NaN
    /// become zero, values beyond the axis become [`Span::MAX`].
    #[inline]
    pub fn round(nanos: f64) -> Span {
        debug_assert!(!nanos.is_nan(), "a span is a number");
        let nearest = nanos + 0.5;
        // `as` saturates and maps NaN to zero, on every platform alike. To a signed number it takes
        // half as many instructions, and nearly every span fits.
        let whole = nearest as i64;
        if (0..i64::MAX).contains(&whole) { Span(whole as u64) } else { Span::beyond(nearest) }
    }

    /// A length that no signed number holds, or none at all.
    #[cold]
    #[inline(never)]
    fn beyond(nanos: f64) -> Span {
        Span(nanos as u64)
    }

    /// Nanoseconds.
    pub const fn nanos(self) -> u64 {
        self.0
    }

    /// Seconds, for reports and never for decisions.
    pub fn as_secs(self) -> f64 {
        self.0 as f64 / NANOS_PER_SEC as f64
    }

    /// Whether the length is zero.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// This length times `factor` (≥ 0), rounded to the nearest nanosecond.
    #[inline]
    pub fn scale(self, factor: f64) -> Span {
        Span::round(self.0 as f64 * factor)
    }

    /// This length times a whole number, clamped at [`Span::MAX`].
    pub const fn saturating_mul(self, times: u64) -> Span {
        Span(self.0.saturating_mul(times))
    }

    /// The difference, zero where it would be negative.
    pub const fn saturating_sub(self, other: Span) -> Span {
        Span(self.0.saturating_sub(other.0))
    }

    /// The sum, clamped at [`Span::MAX`].
    pub const fn saturating_add(self, other: Span) -> Span {
        Span(self.0.saturating_add(other.0))
    }
}

impl Add<Span> for Time {
    type Output = Time;
    fn add(self, span: Span) -> Time {
        Time(self.0 + span.0)
    }
}

impl AddAssign<Span> for Time {
    fn add_assign(&mut self, span: Span) {
        self.0 += span.0;
    }
}

impl Sub<Time> for Time {
    type Output = Span;
    fn sub(self, earlier: Time) -> Span {
        Span(self.0 - earlier.0)
    }
}

impl Add for Span {
    type Output = Span;
    fn add(self, other: Span) -> Span {
        Span(self.0 + other.0)
    }
}

impl Sub for Span {
    type Output = Span;
    fn sub(self, other: Span) -> Span {
        Span(self.0 - other.0)
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Span(self.0), f)
    }
}

impl fmt::Display for Span {
    /// Writes the length in the largest unit that keeps it at one or more: `1.5s`, `250ms`, `0s`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scale, unit) = match self.0 {
            0 => return f.pad("0s"),
            1..1_000 => (1, "ns"),
            1_000..1_000_000 => (1_000, "us"),
            1_000_000..NANOS_PER_SEC => (1_000_000, "ms"),
            _ => (NANOS_PER_SEC, "s"),
        };
        let (whole, rest) = (self.0 / scale, self.0 % scale);
        if rest == 0 {
            return f.pad(&format!("{whole}{unit}"));
        }
        let digits = scale.ilog10() as usize;
        let text = format!("{whole}.{rest:0digits$}");
        f.pad(&format!("{}{unit}", text.trim_end_matches('0')))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_prints_in_the_unit_a_person_would_choose() {
        let printed = |nanos| Span::from_nanos(nanos).to_string();
        assert_eq!(printed(0), "0s");
        assert_eq!(printed(999), "999ns");
        assert_eq!(printed(1_500), "1.5us");
        assert_eq!(printed(250_000_000), "250ms");
        assert_eq!(printed(90_000_000_000), "90s");
        assert_eq!(printed(1_000_000_001), "1.000000001s");
    }

    #[test]
    fn rounding_is_to_the_nearest_nanosecond_and_never_negative() {
        assert_eq!(Span::round(1.4).nanos(), 1);
        assert_eq!(Span::round(1.5).nanos(), 2);
        assert_eq!(Span::round(-3.0), Span::ZERO);
        assert_eq!(Span::round(f64::INFINITY), Span::MAX);
        let beyond_signed = (1u64 << 63) + (1 << 20);
        assert_eq!(Span::round(beyond_signed as f64).nanos(), beyond_signed);
    }

    #[test]
    fn time_running_backwards_counts_as_no_time() {
        assert_eq!(Time::from_nanos(5).since(Time::from_nanos(9)), Span::ZERO);
    }
}
