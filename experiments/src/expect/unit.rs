//! What a measured number counts, and how a person writes it.

/// The unit of a measured value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unit {
    /// Times.
    Seconds,
    /// Variances of times.
    SecondsSquared,
    /// Rates.
    PerSecond,
    /// Parts of a whole, probabilities, shares of offered (which may exceed one).
    Share,
    /// So many of one thing per one of another.
    Ratio,
    /// Numbers of things, also averaged.
    Count,
}

impl Unit {
    /// Every unit.
    pub const EVERY: [Unit; 6] = [
        Unit::Seconds,
        Unit::SecondsSquared,
        Unit::PerSecond,
        Unit::Share,
        Unit::Ratio,
        Unit::Count,
    ];

    /// The unit as machine-readable output names it.
    pub const fn name(self) -> &'static str {
        match self {
            Unit::Seconds => "s",
            Unit::SecondsSquared => "s^2",
            Unit::PerSecond => "1/s",
            Unit::Share => "share",
            Unit::Ratio | Unit::Count => "1",
        }
    }

    /// The word for a value of this unit, in messages.
    pub(super) const fn noun(self) -> &'static str {
        match self {
            Unit::Seconds => "a time",
            Unit::SecondsSquared => "a variance of times",
            Unit::PerSecond => "a rate",
            Unit::Share => "a share",
            Unit::Ratio => "a ratio",
            Unit::Count => "a count",
        }
    }

    /// The value to three significant digits in the unit a person would choose: `412 ms`,
    /// `97.3 %`, `1.18`, `300/s`. An infinite time is `never`. Shares within one per cent of the
    /// whole keep two digits of what is missing: `99.995 %`.
    pub fn human(self, value: f64) -> String {
        if value.is_nan() {
            return "nothing".to_owned();
        }
        if value < 0.0 {
            return format!("-{}", self.human(-value));
        }
        if value.is_infinite() {
            return if self == Unit::Seconds { "never" } else { "infinite" }.to_owned();
        }
        match self {
            Unit::Seconds => seconds(value),
            Unit::SecondsSquared => format!("{} s²", digits(value)),
            Unit::PerSecond => format!("{}/s", digits(value)),
            Unit::Share => share(value),
            Unit::Ratio | Unit::Count => digits(value),
        }
    }
}

/// A time in the largest unit that keeps it at one or more.
fn seconds(value: f64) -> String {
    let rounded = three(value);
    let (scaled, unit) = match rounded {
        0.0 => return "0 s".to_owned(),
        s if s >= 1.0 => (value, "s"),
        s if s >= 1e-3 => (value * 1e3, "ms"),
        s if s >= 1e-6 => (value * 1e6, "us"),
        _ => (value * 1e9, "ns"),
    };
    format!("{} {unit}", digits(scaled))
}

/// A share in per cent.
fn share(value: f64) -> String {
    let missing = 100.0 * (1.0 - value);
    if !(value < 1.0 && missing <= 1.0) {
        return format!("{} %", digits(100.0 * value));
    }
    // Two significant digits of what is missing: as many decimals as it has zeros, and two.
    let text = format!("{missing:.1e}");
    let zeros = text.rsplit("e-").next().and_then(|tail| tail.parse::<usize>().ok()).unwrap_or(0);
    format!("{} %", trimmed(format!("{:.*}", zeros + 1, 100.0 * value)))
}

/// Three significant digits, and all digits before the point.
fn digits(value: f64) -> String {
    let rounded = three(value);
    match rounded {
        r if r >= 100.0 => format!("{value:.0}"),
        r if r >= 10.0 => trimmed(format!("{value:.1}")),
        r if r >= 1.0 => trimmed(format!("{value:.2}")),
        r if r >= 1e-4 || r == 0.0 => format!("{rounded}"),
        _ => format!("{rounded:e}"),
    }
}

/// The nearest number with three significant digits.
fn three(value: f64) -> f64 {
    format!("{value:.2e}").parse().expect("a printed number can be read")
}

/// Without zeros that say nothing.
fn trimmed(text: String) -> String {
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_in_the_unit_a_person_would_choose() {
        let human = |value| Unit::Seconds.human(value);
        assert_eq!(human(0.0), "0 s");
        assert_eq!(human(2.5e-8), "25 ns");
        assert_eq!(human(0.000_312_4), "312 us");
        assert_eq!(human(0.4123), "412 ms");
        assert_eq!(human(0.9999), "1 s");
        assert_eq!(human(2.0), "2 s");
        assert_eq!(human(1234.4), "1234 s");
        assert_eq!(human(f64::INFINITY), "never");
        assert_eq!(human(-0.05), "-50 ms");
    }

    #[test]
    fn a_share_near_one_keeps_the_digits_of_what_is_missing() {
        let human = |value| Unit::Share.human(value);
        assert_eq!(human(0.0), "0 %");
        assert_eq!(human(0.9731), "97.3 %");
        assert_eq!(human(0.9987), "99.87 %");
        assert_eq!(human(0.999_95), "99.995 %");
        assert_eq!(human(1.0), "100 %");
        assert_eq!(human(1.25), "125 %");
    }

    #[test]
    fn rates_ratios_and_counts_have_three_significant_digits() {
        assert_eq!(Unit::PerSecond.human(300.0), "300/s");
        assert_eq!(Unit::PerSecond.human(123_456.7), "123457/s");
        assert_eq!(Unit::Ratio.human(1.1834), "1.18");
        assert_eq!(Unit::Count.human(12.0), "12");
        assert_eq!(Unit::Count.human(0.004_567), "0.00457");
        assert_eq!(Unit::Count.human(f64::NAN), "nothing");
        assert_eq!(Unit::SecondsSquared.human(0.0412), "0.0412 s²");
    }
}
