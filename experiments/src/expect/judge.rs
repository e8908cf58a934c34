//! Whether sentences held, from what runs answered.

use super::batches::correlation;
use super::bind::{BoundExpectation, BoundMeasure, BoundRight, BoundSide, Case, Comparison};
use super::estimate::{Estimate, Reading, estimate, readings};
use super::unit::Unit;
use super::{pair, quota};
use brownout_topologies::ledger::query::{Query, Value};

/// The answers to a query by the runs of a variant, one per run in order of seed. The variant is a
/// place in [`BindContext::variants`](super::BindContext::variants).
pub type Values<'v> = dyn Fn(usize, &Query) -> &'v [Value] + 'v;

/// The verdict on one sentence, on one variant.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// The sentence as written.
    pub text: String,
    /// The line of the experiment file it stands on, from 1; 0 where it is not known.
    pub line: usize,
    /// The variant it is about; `None` when it compares two.
    pub variant: Option<String>,
    /// Place in [`BindContext::variants`](super::BindContext::variants) of that variant, of two the
    /// left one.
    pub variant_index: usize,
    /// Held, failed, or undecided.
    pub held: Option<bool>,
    /// Mean over the runs; of two metrics, of the difference left − factor × right in each run.
    /// Infinite when never in one run, not a number when nothing happened.
    pub value: f64,
    /// 95 % interval of the mean over runs, of a share cut at 0 and 1; none with one run, or when
    /// not all runs are finite.
    pub ci95: Option<(f64, f64)>,
    /// What the value is compared with; 0 when the value is a difference.
    pub bound: f64,
    /// The unit of all these.
    pub unit: Unit,
    /// Each run's value; not a number when it has none.
    pub runs: Vec<f64>,
    /// Whether some runs' values are lower limits, and so the mean.
    pub is_censored: bool,
    /// What a reader must know beside the numbers.
    pub note: Option<String>,
}

/// One measured value, on one variant.
#[derive(Debug, Clone, PartialEq)]
pub struct MeasureRow {
    /// The sentence as written.
    pub text: String,
    /// The variant.
    pub variant: String,
    /// Its place in [`BindContext::variants`](super::BindContext::variants).
    pub variant_index: usize,
    /// The unit of the numbers.
    pub unit: Unit,
    /// Mean over the runs; infinite when never in one run, not a number when nothing happened.
    pub mean: f64,
    /// 95 % interval of the mean over runs, of a share cut at 0 and 1; none with one run, or when
    /// not all runs are finite.
    pub ci95: Option<(f64, f64)>,
    /// Each run's value; not a number when it has none.
    pub runs: Vec<f64>,
    /// Whether some runs' values are lower limits, and so the mean.
    pub is_censored: bool,
    /// Whether each run's value is no or yes, 0 or 1.
    pub is_binary: bool,
    /// What a reader must know beside the numbers.
    pub note: Option<String>,
}

/// Decides an expectation on each variant it is about.
///
/// It holds when the whole 95 % interval over runs lies on the right side of the bound, fails when
/// the whole interval lies on the wrong side, and is undecided otherwise. One run decides by its
/// value, which the note says. Further:
///
/// - Two metrics are compared by the differences left − factor × right, run by run: runs of equal
///   seed meet the same draws, so most of the noise cancels.
/// - Shares of runs (`tipped`, `stuck`) have Wilson's interval.
/// - `==` without a tolerance holds when it does in every run, and fails when it does not in one.
/// - An infinite run (no recovery) keeps `<` from holding; `<` fails when half of the runs or more
///   are infinite, or the interval of the finite ones lies above the bound.
/// - A censored quantile (`> x`) counts as x for the lower end, and has no upper end.
/// - A run in which nothing happened leaves the sentence undecided.
/// - `in 90% of runs` decides each run by itself, and the share of runs by Wilson's interval; `in
///   100% of runs` holds when it does in every run.
/// - `ranks a < b < c` gives a verdict for each pair of neighbours, `is lowest on a` one for each
///   other variant.
pub fn judge(bound: &BoundExpectation, values: &Values<'_>) -> Vec<Judgement> {
    bound.cases.iter().map(|case| verdict(bound, case, values)).collect()
}

/// Takes a measure on each variant it is about.
pub fn measure(bound: &BoundMeasure, values: &Values<'_>) -> Vec<MeasureRow> {
    let row = |side: &BoundSide| {
        let all = readings(side, values);
        let mut found = estimate(&all, side.is_binary);
        found.notes.extend(correlation(side, &all));
        MeasureRow {
            text: bound.text.clone(),
            variant: side.variant_name.clone(),
            variant_index: side.variant,
            unit: side.unit,
            mean: found.mean,
            ci95: side.cut(found.ci95),
            runs: found.runs,
            is_censored: found.is_censored,
            is_binary: side.is_binary,
            note: joined(found.notes),
        }
    };
    bound.rows.iter().map(row).collect()
}

impl Judgement {
    /// The value and its interval as a person writes them: `412 ms [400 ms, 424 ms]`, `> 2 s`.
    pub fn human(&self) -> String {
        human(self.unit, self.value, self.ci95, self.is_censored)
    }
}

impl MeasureRow {
    /// The mean and its interval as a person writes them: `412 ms [400 ms, 424 ms]`, `> 2 s`.
    pub fn human(&self) -> String {
        human(self.unit, self.mean, self.ci95, self.is_censored)
    }
}

/// A value and its interval as a person writes them.
fn human(unit: Unit, value: f64, ci95: Option<(f64, f64)>, is_censored: bool) -> String {
    let value = match is_censored && value.is_finite() {
        true => format!("> {}", unit.human(value)),
        false => unit.human(value),
    };
    match ci95 {
        Some((low, high)) => format!("{value} [{}, {}]", unit.human(low), unit.human(high)),
        None => value,
    }
}

/// The verdict on one case.
fn verdict(expectation: &BoundExpectation, case: &Case, values: &Values<'_>) -> Judgement {
    let left = &case.left;
    let mine = readings(left, values);
    let mut aside = Vec::new();
    let (bound, all, is_single, variant) = match &case.right {
        BoundRight::Value(bound) => (*bound, mine, true, Some(left.variant_name.clone())),
        BoundRight::Side { factor, side } => {
            let others = readings(side, values);
            let all = differences(&mine, *factor, &others);
            let (ours, theirs) = ((left, mine.as_slice()), (side, others.as_slice()));
            aside = pair::notes(ours, *factor, theirs, &all);
            let is_within = left.variant == side.variant;
            (0.0, all, false, is_within.then(|| left.variant_name.clone()))
        }
    };
    let compare = expectation.compare;
    let judged = match expectation.quota {
        None => {
            let found = estimate(&all, is_single && left.is_binary);
            let held = decide(compare, bound, &all, &found);
            // A difference of shares may lie anywhere.
            let ci95 = if is_single { left.cut(found.ci95) } else { found.ci95 };
            Judged { held, bound, unit: left.unit, ci95, found }
        }
        Some(quota) => quota::judged(quota, &all, |run| {
            let one = std::slice::from_ref(run);
            decide(compare, bound, one, &estimate(one, false))
        }),
    };
    let Judged { held, bound, unit, ci95, found } = judged;
    let mut notes = found.notes;
    notes.extend(aside);
    notes.extend(correlation(left, &all));
    Judgement {
        text: expectation.text.clone(),
        line: expectation.line.0,
        variant,
        variant_index: left.variant,
        held,
        value: found.mean,
        ci95,
        bound,
        unit,
        runs: found.runs,
        is_censored: found.is_censored,
        note: joined(notes),
    }
}

/// What is decided, and by which numbers.
pub(super) struct Judged {
    pub(super) held: Option<bool>,
    pub(super) bound: f64,
    pub(super) unit: Unit,
    pub(super) ci95: Option<(f64, f64)>,
    pub(super) found: Estimate,
}

/// Left − `factor` × right in each run; nothing where either has nothing.
fn differences(
    left: &[Option<Reading>],
    factor: f64,
    right: &[Option<Reading>],
) -> Vec<Option<Reading>> {
    left.iter().zip(right).map(|(left, right)| Some((*left)?.less(factor, (*right)?))).collect()
}

/// Held, failed or undecided.
fn decide(
    compare: Comparison,
    bound: f64,
    readings: &[Option<Reading>],
    found: &Estimate,
) -> Option<bool> {
    let (low, high) = match (compare, found.limits) {
        (Comparison::Exactly, _) => return decide_exactly(bound, readings),
        (_, Some(limits)) => limits,
        (_, None) => return None,
    };
    let (holds, fails) = match compare {
        Comparison::Below => (high < bound, low >= bound),
        Comparison::AtMost => (high <= bound, low > bound),
        Comparison::Above => (low > bound, high <= bound),
        Comparison::AtLeast => (low >= bound, high < bound),
        Comparison::Within { tolerance } => {
            let (least, most) = (bound - tolerance, bound + tolerance);
            (least <= low && high <= most, high < least || most < low)
        }
        Comparison::Exactly => unreachable!("equality is decided run by run"),
    };
    match (holds, fails) {
        (true, _) => Some(true),
        (false, true) => Some(false),
        (false, false) => None,
    }
}

/// Held when every run is known to equal the bound, failed when one is known not to.
fn decide_exactly(bound: f64, readings: &[Option<Reading>]) -> Option<bool> {
    let is_off = |reading: &Reading| reading.low > bound || reading.high < bound;
    if readings.iter().flatten().any(is_off) {
        return Some(false);
    }
    let is_equal = |reading: &Option<Reading>| {
        reading.is_some_and(|reading| reading.low == bound && reading.high == bound)
    };
    (!readings.is_empty() && readings.iter().all(is_equal)).then_some(true)
}

/// One line of notes.
fn joined(notes: Vec<String>) -> Option<String> {
    if notes.is_empty() { None } else { Some(notes.join("; ")) }
}
