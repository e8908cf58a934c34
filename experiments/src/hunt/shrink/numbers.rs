//! Numbers that can be made smaller: less of a fault, for less long, under less load.

use crate::spec::rewrite;
use brownout_policies::units::leading_number;

/// Steps of one number.
pub(super) const HALVINGS: usize = 6;
/// Decimal digits of a number that was made smaller.
const DIGITS: usize = 2;

/// Fields of faults, and the value at which each does nothing.
const OF_FAULTS: &[(&str, f64)] = &[
    ("lasts", 0.0),
    ("by", 1.0),
    ("ratio", 0.0),
    ("loss", 0.0),
    ("share", 0.0),
    ("add", 0.0),
    // Of a capacity cut: so many per cent are left.
    ("to", 100.0),
];
/// Fields of loads.
const OF_LOADS: &[(&str, f64)] = &[("rate", 0.0), ("users", 0.0), ("count", 0.0)];

/// A number in the file.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Number {
    pub(super) path: String,
    value: f64,
    /// As it was at the beginning.
    whole: f64,
    unit: String,
    /// The value at which it does nothing.
    nothing: f64,
}

/// Every number of faults and loads that is worth trying.
pub(super) fn all(name: &str, text: &str) -> Vec<Number> {
    let mut numbers = Vec::new();
    for (list, fields) in [("faults", OF_FAULTS), ("load", OF_LOADS)] {
        for item in rewrite::parts(name, text, list) {
            let own = fields.iter();
            numbers.extend(own.filter_map(|(field, nothing)| {
                Number::read(name, text, format!("{}.{field}", item.path), *nothing)
            }));
        }
    }
    numbers
}

/// The length of the run.
pub(super) fn time(name: &str, text: &str) -> Option<Number> {
    Number::read(name, text, "run.time".to_owned(), 0.0)
}

impl Number {
    fn read(name: &str, text: &str, path: String, nothing: f64) -> Option<Number> {
        let written = rewrite::value(name, text, &path)?;
        let written = written.trim_matches('"').trim();
        let (value, end) = leading_number(written)?;
        let unit = written[end..].trim().to_owned();
        // `by: "50%"` would have another value that does nothing.
        let is_plain = nothing == 0.0 || unit == if nothing == 100.0 { "%" } else { "" };
        let is_less = value.is_finite() && value != nothing && is_plain;
        is_less.then_some(Number { path, value, whole: value, unit, nothing })
    }

    /// How much of what it was at the beginning is left, from 0 to 1.
    pub(super) fn share(&self) -> f64 {
        (self.value - self.nothing) / (self.whole - self.nothing)
    }

    /// Half way from here to what was found too little. `None` where that is no other number.
    pub(super) fn towards_nothing(&self, least: f64) -> Option<Number> {
        let share = (self.share() + least) / 2.0;
        let value = self.nothing + (self.whole - self.nothing) * share;
        let value = format!("{value:.*e}", DIGITS - 1).parse::<f64>().unwrap_or(value);
        let less = Number { value, ..self.clone() };
        (less.share() < self.share() && less.share() > least).then_some(less)
    }

    /// As it is written in a file.
    pub(super) fn written(&self) -> String {
        match self.unit.as_str() {
            "" => self.value.to_string(),
            unit => format!("\"{}{unit}\"", self.value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"Experiment(
    run: (time: "60s"),
    load: [Poisson(to: "api", rate: "300/s")],
    faults: [
        Slow(service: "api", by: 4, at: "20s", lasts: "8s"),
        Capacity(service: "api", to: "20%", at: "5s"),
    ],
)"#;

    #[test]
    fn what_makes_an_incident_smaller_is_found_in_the_text() {
        let found = all("x.ron", TEXT);
        let paths: Vec<&str> = found.iter().map(|number| number.path.as_str()).collect();
        assert_eq!(paths, ["faults.1.to", "faults.0.lasts", "faults.0.by", "load.0.rate"]);
        assert_eq!(time("x.ron", TEXT).map(|own| own.written()), Some("\"60s\"".to_owned()));
    }

    #[test]
    fn a_number_goes_half_way_to_what_does_nothing_in_two_digits() {
        let found = all("x.ron", TEXT);
        let halved = |place: usize, least: f64| {
            found[place].towards_nothing(least).map(|number| number.written())
        };
        assert_eq!(halved(0, 0.0).as_deref(), Some("\"60%\""));
        assert_eq!(halved(1, 0.0).as_deref(), Some("\"4s\""));
        assert_eq!(halved(1, 0.5).as_deref(), Some("\"6s\""));
        assert_eq!(halved(2, 0.0).as_deref(), Some("2.5"));
        assert_eq!(halved(1, 0.999), None);
    }
}
