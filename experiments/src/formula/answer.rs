//! Results of a closed form: numbers with names and units.

use crate::expect::Unit;

/// One result.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Its name for machines: `wait.p99`.
    pub key: String,
    /// What it is, for people.
    pub label: String,
    /// The unit of its value.
    pub unit: Unit,
    /// The value, in seconds, per second, shares of one; may be infinite.
    pub value: f64,
}

/// Results in order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Answers {
    /// The results.
    pub list: Vec<Answer>,
    /// Only this one is wanted: what takes long and is another is left out.
    pub(super) only: Option<String>,
}

/// Quantiles that are always asked for.
pub(super) const LEVELS: [(f64, &str); 4] =
    [(0.5, "p50"), (0.9, "p90"), (0.99, "p99"), (0.999, "p99.9")];

impl Answers {
    /// The result called `key`.
    pub fn of(&self, key: &str) -> Option<&Answer> {
        self.list.iter().find(|answer| answer.key == key)
    }

    fn add(mut self, unit: Unit, key: &str, label: &str, value: f64) -> Answers {
        self.list.push(Answer { key: key.to_owned(), label: label.to_owned(), unit, value });
        self
    }

    pub(super) fn time(self, key: &str, label: &str, value: f64) -> Answers {
        self.add(Unit::Seconds, key, label, value)
    }

    pub(super) fn rate(self, key: &str, label: &str, value: f64) -> Answers {
        self.add(Unit::PerSecond, key, label, value)
    }

    pub(super) fn share(self, key: &str, label: &str, value: f64) -> Answers {
        self.add(Unit::Share, key, label, value)
    }

    pub(super) fn count(self, key: &str, label: &str, value: f64) -> Answers {
        self.add(Unit::Count, key, label, value)
    }

    pub(super) fn ratio(self, key: &str, label: &str, value: f64) -> Answers {
        self.add(Unit::Ratio, key, label, value)
    }

    /// A standard deviation, from a variance.
    pub(super) fn spread(self, key: &str, label: &str, variance: f64) -> Answers {
        self.add(Unit::Seconds, key, label, variance.sqrt())
    }

    /// p50, p90, p99 and p99.9 of a time.
    pub(super) fn quantiles(
        mut self,
        key: &str,
        what: &str,
        quantile: impl Fn(f64) -> f64,
    ) -> Answers {
        for (level, name) in LEVELS {
            let wanted = format!("{key}.{name}");
            if self.only.as_ref().is_some_and(|only| *only != wanted) {
                continue;
            }
            let label = format!("{name} of {what}");
            self = self.time(&wanted, &label, quantile(level));
        }
        self
    }

    /// P(`what` > t), if a time is asked about.
    pub(super) fn tail(
        self,
        key: &str,
        what: &str,
        t: Option<f64>,
        tail: impl Fn(f64) -> f64,
    ) -> Answers {
        match t {
            None => self,
            Some(t) => {
                let label = format!("P({what} > {})", Unit::Seconds.human(t));
                self.share(key, &label, tail(t))
            }
        }
    }
}
