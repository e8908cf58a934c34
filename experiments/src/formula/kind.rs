//! What an argument of a closed form may be.

/// One argument of a form.
#[derive(Debug, Clone, Copy)]
pub struct Argument {
    /// Its name, without the dashes.
    pub name: &'static str,
    /// What may be written.
    pub kind: Kind,
    /// What it means, in a few words.
    pub about: &'static str,
    /// Whether it must be there.
    pub need: Need,
}

/// Whether an argument must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// It must.
    Must,
    /// It need not, and then some results are not given.
    May,
    /// It need not, and then has this value.
    Default(&'static str),
}

/// What may be written for an argument.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// A rate above zero: `80/s`.
    Rate,
    /// A rate of zero or more.
    RateOrNone,
    /// A time above zero: `20ms`.
    Time,
    /// A time of zero or more.
    TimeOrNone,
    /// A share from 0 % to 100 %: `5%`, or `0.05`.
    Share,
    /// A share above 0 % and below 100 %.
    Odds,
    /// A whole number from the first to the second.
    Count(u32, u32),
    /// A number of the first or more.
    Number(f64),
    /// Rates above zero, separated by commas.
    Rates,
    /// Rates of zero or more, separated by commas.
    RatesOrNone,
    /// Times of zero or more, separated by commas.
    Times,
    /// Shares of zero or more, that may exceed one, separated by commas.
    Shares,
    /// Whole numbers from this one, separated by commas.
    Counts(u32),
    /// A distribution of times as in a file: `Exp(mean: "5ms")`.
    Law,
    /// Rows of probabilities: commas in a row, a semicolon between rows.
    Rows,
}

impl Kind {
    /// What may be written, for a table of arguments.
    pub fn written(self) -> String {
        match self {
            Kind::Rate | Kind::RateOrNone => "a rate: 80/s, 5/ms".to_owned(),
            Kind::Time | Kind::TimeOrNone => "a time: 20ms, 1.5s".to_owned(),
            Kind::Share | Kind::Odds => "a share: 5%, 0.05".to_owned(),
            Kind::Count(low, u32::MAX) => format!("a whole number from {low}"),
            Kind::Count(low, high) => format!("a whole number from {low} to {high}"),
            Kind::Number(low) => format!("a number from {low}"),
            Kind::Rates | Kind::RatesOrNone => "rates: 10/s,20/s".to_owned(),
            Kind::Times => "times: 100ms,200ms".to_owned(),
            Kind::Shares => "shares: 10%,20%".to_owned(),
            Kind::Counts(low) => format!("whole numbers from {low}: 3,3"),
            Kind::Law => "a distribution: 'Exp(mean: \"5ms\")'".to_owned(),
            Kind::Rows => "rows of probabilities: '0,0.5; 0.2,0'".to_owned(),
        }
    }
}

/// An argument that must be there.
pub(super) const fn must(name: &'static str, kind: Kind, about: &'static str) -> Argument {
    Argument { name, kind, about, need: Need::Must }
}

/// An argument that may be left out, and more is said where it is not.
pub(super) const fn may(name: &'static str, kind: Kind, about: &'static str) -> Argument {
    Argument { name, kind, about, need: Need::May }
}

/// An argument that is `value` where nothing is said.
pub(super) const fn or(
    name: &'static str,
    kind: Kind,
    value: &'static str,
    about: &'static str,
) -> Argument {
    Argument { name, kind, about, need: Need::Default(value) }
}

/// Arrivals, λ.
pub(super) const LAMBDA: Argument = must("lambda", Kind::Rate, "arrival rate λ");
/// Service rate, μ.
pub(super) const MU: Argument = must("mu", Kind::Rate, "service rate μ of one server");
/// Servers, c.
pub(super) const SERVERS: Argument = must("servers", Kind::Count(1, 100_000), "servers c");
/// A moment or a length of time to ask about.
pub(super) const T: Argument = may("t", Kind::TimeOrNone, "also P(… > t) for this time");
