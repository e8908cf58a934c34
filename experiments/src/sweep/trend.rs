//! What is said of a whole sweep, decided line by line: a line is the points that differ in the
//! setting of one axis only.
//!
//! Runs of equal seed at two points meet the same draws, so a step is the mean of the differences
//! run by run, with Student's interval. A claim about all steps of a line holds when the 95 %
//! interval of each lies on the right side. It fails when one lies on the wrong side even in the
//! wider intervals that hold for all steps together (Bonferroni): a line of many steps is not
//! failed by the chance of one of them.

use super::picture::numbers;
use super::record::{VariantRecord, settings};
use super::results::{Line, SweepResults};
use super::source::Settings;
use crate::expect::{BoundTrend, Change, TrendClaim, Unit};
use crate::experiment::Axis;
use crate::report::json::{Cursor, Json, Misfit};

/// The verdict on one sentence, on one line of points and one variant.
#[derive(Debug, Clone, PartialEq)]
pub struct TrendVerdict {
    /// The sentence as written.
    pub text: String,
    /// The line of the experiment file it stands on, from 1; 0 where it is not known.
    pub line: usize,
    /// The variant; of a crossing the one that crosses.
    pub variant: String,
    /// The settings that are the same at all points of the line.
    pub fixed: Settings,
    /// Held, failed, or undecided.
    pub held: Option<bool>,
    /// What decided it, in words.
    pub told: String,
}

impl TrendVerdict {
    /// As data.
    pub fn json(&self) -> Json {
        let fixed = self.fixed.iter().map(|(path, value)| (path.clone(), Json::text(value)));
        Json::object([
            ("text", Json::text(&self.text)),
            ("line", Json::Whole(self.line as u64)),
            ("variant", Json::text(&self.variant)),
            ("fixed", Json::Object(fixed.collect())),
            ("held", self.held.map_or(Json::Null, Json::Bool)),
            ("told", Json::text(&self.told)),
        ])
    }

    /// Read back.
    ///
    /// # Errors
    /// At the first value that is not as it was written.
    pub fn read(json: &Cursor<'_>) -> Result<TrendVerdict, Misfit> {
        Ok(TrendVerdict {
            text: json.get("text").text()?.to_owned(),
            line: json.get("line").whole()? as usize,
            variant: json.get("variant").text()?.to_owned(),
            fixed: settings(&json.get("fixed"))?,
            held: json.get("held").maybe(Cursor::flag)?,
            told: json.get("told").text()?.to_owned(),
        })
    }
}

/// The values of one variant along a line: the setting, and the value of each run.
type Along<'r> = Vec<(&'r str, Result<&'r [f64], &'static str>)>;

/// Decides every sentence on every line of its axis; of an unfinished sweep nothing.
pub fn judge(trends: &[BoundTrend], results: &SweepResults) -> Vec<TrendVerdict> {
    if results.is_interrupted() {
        return Vec::new();
    }
    let mut verdicts = Vec::new();
    for trend in trends {
        let ran = |name: &String| results.variants.contains(name);
        let is_crossing = matches!(trend.claim, TrendClaim::Crosses(_));
        if is_crossing && !trend.variants.iter().all(ran) {
            continue;
        }
        let each = trend.variants.iter().filter(|name| ran(name));
        for variant in each.take(if is_crossing { 1 } else { usize::MAX }) {
            for line in results.along(trend.axis) {
                verdicts.push(verdict(trend, results, &line, variant));
            }
        }
    }
    verdicts
}

/// The sentences about variants that did not run.
pub fn unjudged<'t>(
    trends: &'t [BoundTrend],
    results: &'t SweepResults,
) -> impl Iterator<Item = &'t BoundTrend> {
    let ran = |name: &String| results.variants.contains(name);
    trends.iter().filter(move |trend| match trend.claim {
        TrendClaim::Crosses(_) => !trend.variants.iter().all(ran),
        _ => !trend.variants.iter().any(ran),
    })
}

fn verdict(
    trend: &BoundTrend,
    results: &SweepResults,
    line: &Line<'_>,
    variant: &str,
) -> TrendVerdict {
    let axis = &results.sweep.axes[trend.axis];
    let own = along(trend, axis, line, variant);
    let (held, told) = match &trend.claim {
        TrendClaim::Rises(tolerance) => monotone(&own, 1.0, *tolerance, trend.unit),
        TrendClaim::Falls(tolerance) => monotone(&own, -1.0, *tolerance, trend.unit),
        TrendClaim::Monotone(tolerance) => {
            let up = monotone(&own, 1.0, *tolerance, trend.unit);
            let down = monotone(&own, -1.0, *tolerance, trend.unit);
            match (up.0, down.0) {
                (Some(true), _) | (None, Some(false)) => up,
                (_, Some(true)) | (Some(false), None) => down,
                (None, None) => up,
                (Some(false), Some(false)) => (Some(false), format!("{}; {}", up.1, down.1)),
            }
        }
        TrendClaim::Crosses(between) => {
            let other = along(trend, axis, line, &trend.variants[1]);
            crossing(&own, &other, between.as_ref())
        }
    };
    TrendVerdict {
        text: trend.text.clone(),
        line: trend.line(),
        variant: variant.to_owned(),
        fixed: line.fixed.clone(),
        held,
        told,
    }
}

/// The runs of a variant along a line, in the order of the settings: of numbers, by size.
fn along<'r>(trend: &BoundTrend, axis: &'r Axis, line: &Line<'r>, variant: &str) -> Along<'r> {
    let mut order: Vec<usize> = (0..axis.values.len()).collect();
    if let Some((values, _)) = numbers(axis) {
        order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    }
    let at = |place: usize| {
        let record: Option<&VariantRecord> =
            line.points[place].and_then(|point| point.variant(variant));
        let row = record.and_then(|record| record.row(trend.row()));
        let runs = match row {
            None => Err("there is no result"),
            Some(row) if row.is_lower_limit => Err("a value is open at the end"),
            Some(row) if row.runs.iter().any(|run| run.is_nan()) => Err("nothing happened"),
            Some(row) => Ok(row.runs.as_slice()),
        };
        (axis.values[place].as_str(), runs)
    };
    order.into_iter().map(at).collect()
}

/// Whether no step goes against `sign` by more than the tolerance.
fn monotone(along: &Along<'_>, sign: f64, tolerance: f64, unit: Unit) -> (Option<bool>, String) {
    let steps = along.len().saturating_sub(1);
    let mut open = None;
    // The step that comes nearest to the wrong side.
    let mut worst: Option<(f64, String)> = None;
    for pair in along.windows(2) {
        let ((from, before), (to, after)) = (pair[0], pair[1]);
        let change = match (before, after) {
            (Ok(before), Ok(after)) => Change::between(before, after, steps),
            (Err(why), _) => {
                open.get_or_insert(format!("{why} at {from}"));
                continue;
            }
            (_, Err(why)) => {
                open.get_or_insert(format!("{why} at {to}"));
                continue;
            }
        };
        let Some(change) = change else {
            open.get_or_insert(format!("no change is known from {from} to {to}"));
            continue;
        };
        let least = |(low, high): (f64, f64)| if sign > 0.0 { low } else { -high };
        let most = |(low, high): (f64, f64)| if sign > 0.0 { high } else { -low };
        let told = format!("from {from} to {to} by {}", human(unit, &change));
        if most(change.wide) < -tolerance {
            let wrong = if sign > 0.0 { "falls" } else { "rises" };
            return (Some(false), format!("it {wrong} {told}"));
        }
        let lowest = least(change.ends);
        if worst.as_ref().is_none_or(|(known, _)| lowest < *known) {
            worst = Some((lowest, told));
        }
    }
    match (open, worst) {
        (Some(why), _) => (None, why),
        (None, None) => (Some(true), "there is one value".to_owned()),
        (None, Some((lowest, told))) => {
            let holds = lowest >= -tolerance;
            (holds.then_some(true), format!("least sure {told}"))
        }
    }
}

/// The change and its interval; of a share in points, which are no more than a hundred.
fn human(unit: Unit, change: &Change) -> String {
    let (low, high) = change.ends;
    let signed = |value: f64| {
        let plus = if value > 0.0 { "+" } else { "" };
        match unit {
            Unit::Share if value.is_finite() => {
                format!("{plus}{:.0} points", 100.0 * value.clamp(-1.0, 1.0))
            }
            _ => format!("{plus}{}", unit.human(value)),
        }
    };
    match low == high {
        true => signed(change.mean),
        false => format!("{} [{}, {}]", signed(change.mean), signed(low), signed(high)),
    }
}

/// Whether one variant is on one side of the other up to a setting, and on the other side from
/// another one on.
fn crossing(
    own: &Along<'_>,
    other: &Along<'_>,
    between: Option<&[String; 2]>,
) -> (Option<bool>, String) {
    let mut sides: Vec<(&str, Option<bool>)> = Vec::with_capacity(own.len());
    for ((value, own), (_, other)) in own.iter().zip(other) {
        let change = match (own, other) {
            (Ok(own), Ok(other)) => Change::between(other, own, 1),
            (Err(why), _) | (_, Err(why)) => return (None, format!("{why} at {value}")),
        };
        let side = change.and_then(|change| match change.ends {
            (low, _) if low > 0.0 => Some(true),
            (_, high) if high < 0.0 => Some(false),
            _ => None,
        });
        sides.push((value, side));
    }
    let known: Vec<(&str, bool)> =
        sides.iter().filter_map(|(value, side)| Some((*value, (*side)?))).collect();
    let word = |above: bool| if above { "above" } else { "below" };
    let turns: Vec<&[(&str, bool)]> =
        known.windows(2).filter(|pair| pair[0].1 != pair[1].1).collect();
    let told = match turns.as_slice() {
        [] => match known.first() {
            Some((_, above)) => format!("it is {} wherever that is decided", word(*above)),
            None => "it is decided nowhere which is above".to_owned(),
        },
        [turn] => {
            let (from, to) = (turn[0], turn[1]);
            format!("{} at {}, {} at {}", word(from.1), from.0, word(to.1), to.0)
        }
        turns => format!("it crosses {} times", turns.len()),
    };
    let side = |value: &str| sides.iter().find(|(own, _)| *own == value).and_then(|own| own.1);
    let (first, last) = match between {
        Some([low, high]) => (low.as_str(), high.as_str()),
        None => (sides.first().map_or("", |own| own.0), sides.last().map_or("", |own| own.0)),
    };
    let place = |value: &str| sides.iter().position(|(own, _)| *own == value);
    let (low, high) = (place(first).min(place(last)), place(first).max(place(last)));
    let is_outside = |turn: &&[(&str, bool)]| place(turn[1].0) <= low || high <= place(turn[0].0);
    let is_turned_outside = turns.iter().any(is_outside);
    let held = match (side(first), side(last)) {
        (Some(before), Some(after)) if before == after => Some(false),
        _ if turns.len() > 1 || is_turned_outside => Some(false),
        (Some(_), Some(_)) => Some(true),
        _ => None,
    };
    (held, told)
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALUES: [&str; 4] = ["1", "2", "3", "4"];

    fn along<const N: usize>(runs: &[[f64; N]]) -> Along<'_> {
        VALUES.into_iter().zip(runs).map(|(value, runs)| (value, Ok(runs.as_slice()))).collect()
    }

    fn rises(runs: &[[f64; 3]], tolerance: f64) -> (Option<bool>, String) {
        monotone(&along(runs), 1.0, tolerance, Unit::Share)
    }

    #[test]
    fn what_rises_run_by_run_rises_however_much_runs_scatter() {
        // Steps of 1/8, which are exact in binary.
        let runs =
            [[0.0, 0.25, 0.5], [0.125, 0.375, 0.625], [0.125, 0.375, 0.625], [0.25, 0.5, 0.75]];
        assert_eq!(rises(&runs, 0.0), (Some(true), "least sure from 2 to 3 by 0 points".into()));
        let falls = monotone(&along(&runs), -1.0, 0.0, Unit::Share);
        assert_eq!(falls, (Some(false), "it rises from 1 to 2 by +12 points".into()));
    }

    #[test]
    fn one_step_back_fails_unless_it_may_and_one_that_may_be_back_is_undecided() {
        let back = [[0.5, 0.5, 0.5], [0.75, 0.75, 0.75], [0.625, 0.625, 0.625]];
        let (held, told) = rises(&back, 0.0);
        assert_eq!((held, told.as_str()), (Some(false), "it falls from 2 to 3 by -12 points"));
        assert_eq!(rises(&back, 0.125).0, Some(true));
        let doubtful = [[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]];
        assert_eq!(rises(&doubtful, 0.0).0, None);
    }

    #[test]
    fn a_point_without_a_result_leaves_a_line_undecided_and_is_named() {
        let mut line = along(&[[0.0, 0.0], [0.5, 0.5], [1.0, 1.0]]);
        line[1].1 = Err("there is no result");
        let judged = monotone(&line, 1.0, 0.0, Unit::Share);
        assert_eq!(judged, (None, "there is no result at 2".into()));
    }

    #[test]
    fn a_crossing_is_on_one_side_before_and_on_the_other_after() {
        let (low, high) = ([1.0, 2.0], [3.0, 4.0]);
        let flat = along(&[[2.5, 2.5]; 4]);
        let cross = |runs: &[[f64; 2]], between: Option<[&str; 2]>| {
            let between = between.map(|ends| ends.map(str::to_owned));
            crossing(&along(runs), &flat, between.as_ref())
        };
        // Two runs that differ are decided only where they are equal.
        let (below, above) = ([1.0, 1.0], [3.0, 3.0]);
        let once = [below, below, above, above];
        assert_eq!(cross(&once, None), (Some(true), "below at 2, above at 3".into()));
        assert_eq!(cross(&once, Some(["2", "3"])).0, Some(true));
        assert_eq!(cross(&once, Some(["3", "2"])).0, Some(true), "whichever is named first");
        assert_eq!(cross(&once, Some(["3", "4"])).0, Some(false));
        assert_eq!(cross(&[below, above, below, above], None).0, Some(false));
        assert_eq!(cross(&[below; 4], None).0, Some(false));
        assert_eq!(cross(&[below, low, high, above], None).0, Some(true));
        assert_eq!(cross(&[low, below, above, high], None).0, None, "the ends are not decided");
    }
}
