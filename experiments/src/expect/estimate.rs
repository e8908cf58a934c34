//! What the runs of one value say together: a mean, an interval, and limits to decide by.

use super::bind::{BoundSide, Shape};
use brownout_core::interval;
use brownout_topologies::ledger::query::{Query, Value};

/// Probability that an interval covers the true mean.
const CONFIDENCE: f64 = 0.95;

/// What one run says: a number between two limits, which are equal when it is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Reading {
    pub(super) low: f64,
    pub(super) high: f64,
}

/// What all runs say; `None` among the readings is a run in which nothing happened.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Estimate {
    /// Mean over the runs that say something; not a number when none does.
    pub(super) mean: f64,
    /// 95 % interval of the mean, when every run says a finite number and there are two or more.
    pub(super) ci95: Option<(f64, f64)>,
    /// Ends of the range that the mean is taken to lie in, possibly infinite; `None` when it may
    /// lie anywhere.
    pub(super) limits: Option<(f64, f64)>,
    /// Each run's number, of a censored one its lower limit; not a number when it has none.
    pub(super) runs: Vec<f64>,
    /// Whether some runs say only "more than", and none "less than".
    pub(super) is_censored: bool,
    /// What a reader must know beside the numbers.
    pub(super) notes: Vec<String>,
}

impl Reading {
    /// Known exactly.
    pub(super) const fn exactly(value: f64) -> Reading {
        Reading { low: value, high: value }
    }

    /// This less `factor` times the other.
    pub(super) fn less(self, factor: f64, other: Reading) -> Reading {
        let (low, high) = (self.low - factor * other.high, self.high - factor * other.low);
        // Never less never is anything.
        Reading {
            low: if low.is_nan() { f64::NEG_INFINITY } else { low },
            high: if high.is_nan() { f64::INFINITY } else { high },
        }
    }

    /// The number, when it is known and finite.
    pub(super) fn known(self) -> Option<f64> {
        (self.low == self.high && self.low.is_finite()).then_some(self.low)
    }

    /// Whether it is above every bound, or below every bound.
    fn is_infinite(self) -> bool {
        self.low == self.high && self.low.is_infinite()
    }

    /// More than its lower end.
    fn is_lower_limit(self) -> bool {
        self.low.is_finite() && self.high == f64::INFINITY
    }

    /// Less than its upper end.
    fn is_upper_limit(self) -> bool {
        self.low == f64::NEG_INFINITY && self.high.is_finite()
    }

    /// Anything.
    fn is_unknown(self) -> bool {
        self.low == f64::NEG_INFINITY && self.high == f64::INFINITY
    }
}

/// The value of `side` in each run, in order of seed; in each batch of a run, in order of time.
pub(super) fn readings<'v>(
    side: &BoundSide,
    values: &dyn Fn(usize, &Query) -> &'v [Value],
) -> Vec<Option<Reading>> {
    let part = |(query, shape)| reading_of_part(side.variant, query, shape, values);
    side.parts.iter().map(|(query, shape)| (query, shape)).flat_map(part).collect()
}

/// The value of one question in each run.
fn reading_of_part<'v>(
    variant: usize,
    query: &Query,
    shape: &Shape,
    values: &dyn Fn(usize, &Query) -> &'v [Value],
) -> Vec<Option<Reading>> {
    let answers = values(variant, query).iter().map(|value| match *value {
        Value::Is(value) if value.is_nan() => None,
        Value::Is(value) => Some(Reading::exactly(value)),
        Value::MoreThan(low) => Some(Reading { low, high: f64::INFINITY }),
        Value::Nothing => None,
    });
    match shape {
        Shape::Plain => answers.collect(),
        Shape::Complement => answers
            .map(|answer| answer.map(|share| Reading::exactly(1.0).less(1.0, share)))
            .collect(),
        Shape::Over(offered) => answers
            .zip(values(variant, offered))
            .map(|(answer, offered)| match *offered {
                Value::Is(offered) if offered > 0.0 => answer.map(|Reading { low, high }| {
                    Reading { low: low / offered, high: high / offered }
                }),
                // No share of nothing.
                Value::Is(_) | Value::MoreThan(_) | Value::Nothing => None,
            })
            .collect(),
    }
}

/// The mean of `readings` and how far it can be trusted. With `is_binary` they are zeros and ones,
/// and the interval is Wilson's; otherwise it is Student's.
pub(super) fn estimate(readings: &[Option<Reading>], is_binary: bool) -> Estimate {
    estimate_at(readings, is_binary, CONFIDENCE)
}

/// The same with intervals that cover the true mean with another probability.
pub(super) fn estimate_at(
    readings: &[Option<Reading>],
    is_binary: bool,
    confidence: f64,
) -> Estimate {
    let known: Vec<Reading> = readings.iter().copied().flatten().collect();
    let seen: Vec<f64> = known.iter().copied().map(shown).collect();
    let lows: Vec<f64> = known.iter().map(|reading| reading.low).collect();
    let highs: Vec<f64> = known.iter().map(|reading| reading.high).collect();
    let is_censored = known.iter().any(|reading| reading.is_lower_limit())
        && known.iter().all(|reading| reading.is_lower_limit() || reading.low == reading.high);
    let all_known = known.len() == readings.len() && !known.is_empty();
    let all_finite = lows.iter().chain(&highs).all(|end| end.is_finite());
    let ends = |values: &[f64]| interval_of(values, is_binary, confidence);
    let limits = all_known.then(|| {
        let (low, _) = ends(&without(f64::INFINITY, &lows));
        let (_, high) = ends(&without(f64::NEG_INFINITY, &highs));
        (low, high)
    });
    Estimate {
        mean: mean(&seen),
        ci95: (all_known && all_finite && known.len() > 1).then(|| ends(&lows)),
        limits,
        runs: readings.iter().map(|reading| reading.map_or(f64::NAN, shown)).collect(),
        is_censored,
        notes: notes(readings),
    }
}

/// The number that stands for one run in a report: of two limits the finite one.
fn shown(reading: Reading) -> f64 {
    match (reading.low.is_finite(), reading.high.is_finite()) {
        (true, _) => reading.low,
        (false, true) => reading.high,
        (false, false) if reading.is_infinite() => reading.low,
        (false, false) => f64::NAN,
    }
}

/// `values` without those that are `infinite`, unless these are half or more: then only those.
fn without(infinite: f64, values: &[f64]) -> Vec<f64> {
    let rest: Vec<f64> = values.iter().copied().filter(|value| *value != infinite).collect();
    if 2 * rest.len() <= values.len() { vec![infinite] } else { rest }
}

/// Mean of the values; of none, or of both infinities, not a number.
fn mean(values: &[f64]) -> f64 {
    match values {
        [] => f64::NAN,
        // No rounding where there is nothing to average.
        [first, rest @ ..] if rest.iter().all(|value| value == first) => *first,
        values if values.iter().all(|value| value.is_finite()) => {
            interval::mean(values).expect("there are values")
        }
        values => values.iter().sum(),
    }
}

/// The ends of the mean's interval; of a single value or equal ones, twice that.
fn interval_of(values: &[f64], is_binary: bool, confidence: f64) -> (f64, f64) {
    let (first, n) = (values[0], values.len());
    if let Some(infinite) = values.iter().copied().find(|value| value.is_infinite()) {
        return (infinite, infinite);
    }
    let found = if is_binary && n > 1 {
        let ones = values.iter().filter(|value| **value == 1.0).count();
        interval::wilson(ones as u64, n as u64, confidence)
    } else if values.iter().all(|value| *value == first) {
        None
    } else {
        interval::mean_interval(values, confidence)
    };
    found.map_or((first, first), |interval| (interval.low, interval.high))
}

/// What a reader must know beside the numbers.
fn notes(readings: &[Option<Reading>]) -> Vec<String> {
    let n = readings.len();
    let mut notes = Vec::new();
    let mut note = |count: usize, what: &str| match count {
        0 => {}
        count if count == n && n == 1 => notes.push(what.to_owned()),
        count => notes.push(format!("{what} in {count} of {n} runs")),
    };
    let count = |is: &dyn Fn(Reading) -> bool| {
        readings.iter().flatten().filter(|reading| is(**reading)).count()
    };
    note(readings.iter().filter(|reading| reading.is_none()).count(), NOTHING);
    note(count(&|reading| reading.is_infinite()), "never");
    note(count(&|reading| reading.is_lower_limit()), MORE);
    note(count(&|reading| reading.is_upper_limit()), LESS);
    note(count(&|reading| reading.is_unknown()), UNKNOWN);
    match n {
        0 => notes.push("no run finished".to_owned()),
        1 => notes.push("one run, no interval".to_owned()),
        _ => {}
    }
    notes
}

/// Beside a run without data.
const NOTHING: &str = "nothing happened in the window";
/// Beside a lower limit.
const MORE: &str = "open at the end, more than shown";
/// Beside an upper limit: a difference whose right side is a lower one.
const LESS: &str = "open at the end, less than shown";
/// Beside a difference of two lower limits, or of two infinite values.
const UNKNOWN: &str = "no difference known";
