//! All points of a sweep together: lines of points along an axis, and where they break off.

use super::record::{PointRecord, VariantRecord};
use super::source::Settings;
use crate::experiment::{Design, Sweep};

/// Share of stuck runs at which a line breaks off.
const CLIFF: f64 = 0.5;

/// What came of a sweep.
#[derive(Debug, Clone, PartialEq)]
pub struct SweepResults {
    /// What was varied.
    pub sweep: Sweep,
    /// The variants that ran, in the order of the file.
    pub variants: Vec<String>,
    /// By number; `None` where a point has not been run.
    pub points: Vec<Option<PointRecord>>,
}

/// Points that differ in one setting only, in the order of its values.
#[derive(Debug, Clone, PartialEq)]
pub struct Line<'s> {
    /// The settings that are the same on all of them.
    pub fixed: Settings,
    /// One per value of the axis; `None` where it has not been run.
    pub points: Vec<Option<&'s PointRecord>>,
}

/// Two neighbouring points between which the share of stuck runs passes one half.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cliff {
    /// The settings that are the same at both.
    pub fixed: Settings,
    /// The value at which most runs recover, or never tip.
    pub safe: String,
    /// The value at which most are stuck.
    pub stuck: String,
    /// The id of a run that is.
    pub run: Option<String>,
}

impl SweepResults {
    /// Results from records in any order.
    pub fn of(
        sweep: Sweep,
        variants: Vec<String>,
        records: impl IntoIterator<Item = PointRecord>,
    ) -> SweepResults {
        let mut points = vec![None; sweep.points()];
        for record in records {
            if let Some(place) = points.get_mut(record.point) {
                *place = Some(record);
            }
        }
        SweepResults { sweep, variants, points }
    }

    /// The points that have been run, in order.
    pub fn finished(&self) -> impl Iterator<Item = &PointRecord> {
        self.points.iter().flatten()
    }

    /// Whether points are missing.
    pub fn is_interrupted(&self) -> bool {
        self.points.iter().any(Option::is_none)
    }

    /// The points without a result, in order.
    pub fn broken(&self) -> impl Iterator<Item = &PointRecord> {
        self.finished().filter(|point| point.outcome.is_err())
    }

    /// The point with these values, given by their places on the axes of a grid.
    pub fn at(&self, places: &[usize]) -> Option<&PointRecord> {
        let axes = self.sweep.axes.iter().zip(places);
        let number = axes.fold(0, |number, (axis, place)| number * axis.values.len() + place);
        self.points.get(number)?.as_ref()
    }

    /// Every line of a grid along an axis; of drawn points there are none.
    pub fn along(&self, axis: usize) -> Vec<Line<'_>> {
        if self.sweep.design != Design::Grid {
            return Vec::new();
        }
        let starts = (0..self.sweep.points()).map(|point| self.sweep.places(point));
        let line = |places: Vec<usize>| {
            let values = 0..self.sweep.axes[axis].values.len();
            let point = |value| {
                let mut places = places.clone();
                places[axis] = value;
                self.at(&places)
            };
            let axes = self.sweep.axes.iter().zip(&places).enumerate();
            let others = axes.filter(|(number, _)| *number != axis);
            let fixed =
                others.map(|(_, (other, at))| (other.path.clone(), other.values[*at].clone()));
            Line { fixed: fixed.collect(), points: values.map(point).collect() }
        };
        starts.filter(|places| places[axis] == 0).map(line).collect()
    }

    /// Where a variant breaks off along an axis, in every line of it.
    pub fn cliffs(&self, variant: &str, axis: usize) -> Vec<Cliff> {
        let values = &self.sweep.axes[axis].values;
        let mut cliffs = Vec::new();
        for line in self.along(axis) {
            let side = |place: usize| is_stuck(line.points[place]?.variant(variant)?);
            for place in 1..values.len() {
                let (before, after) = (side(place - 1), side(place));
                let (safe, stuck) = match (before, after) {
                    (Some(false), Some(true)) => (place - 1, place),
                    (Some(true), Some(false)) => (place, place - 1),
                    _ => continue,
                };
                cliffs.push(Cliff {
                    fixed: line.fixed.clone(),
                    safe: values[safe].clone(),
                    stuck: values[stuck].clone(),
                    run: line.points[stuck].and_then(|point| stuck_run(point.variant(variant)?)),
                });
            }
        }
        cliffs
    }
}

/// Whether most runs are stuck, at what users call where it is worst; `None` without runs.
pub fn is_stuck(variant: &VariantRecord) -> Option<bool> {
    let share = variant.worst()?.stuck.share();
    (!share.is_nan()).then_some(share >= CLIFF)
}

/// The id of the first run that is stuck, at what users call where it is worst.
fn stuck_run(variant: &VariantRecord) -> Option<String> {
    let service = &variant.worst()?.service;
    let row = variant.row(&format!("stuck({service})"))?;
    let place = row.runs.iter().position(|run| *run == 1.0)?;
    variant.ids.get(place).cloned()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::experiment::Axis;
    use crate::report::json::Json;

    pub(in crate::sweep) fn point(point: usize, sweep: &Sweep, stuck: u64) -> PointRecord {
        let counted = |runs: u64| {
            Json::object([
                ("runs", Json::Whole(runs)),
                ("of", Json::Whole(10)),
                ("ci95", Json::numbers(&[0.0, 1.0])),
            ])
        };
        let verdict = Json::object([
            ("service", Json::text("api")),
            ("tipped", counted(stuck)),
            ("stuck", counted(stuck)),
            ("control_tipped", Json::Null),
        ]);
        let none = || Json::List(Vec::new());
        let variant = Json::object([
            ("name", Json::text("base")),
            ("digest", Json::text("0")),
            ("ids", none()),
            ("digests", none()),
            ("verdicts", Json::List(vec![verdict])),
            ("metrics", none()),
            ("measure", none()),
            ("expect", none()),
        ]);
        let settings = sweep.settings(point).into_iter();
        let settings = settings.map(|(path, value)| (path, Json::text(value))).collect();
        let line = Json::object([
            ("point", Json::Whole(point as u64)),
            ("settings", Json::Object(settings)),
            ("variants", Json::List(vec![variant])),
        ]);
        PointRecord::read(&line.tight()).expect("it is a record")
    }

    pub(in crate::sweep) fn grid() -> Sweep {
        let axis = |path: &str, values: &[&str]| Axis {
            path: path.to_owned(),
            values: values.iter().map(|value| (*value).to_owned()).collect(),
        };
        let axes = vec![axis("load", &["1/s", "2/s", "3/s"]), axis("workers", &["8", "4"])];
        Sweep { design: Design::Grid, axes }
    }

    #[test]
    fn the_last_axis_changes_fastest_and_points_are_found_by_their_places() {
        let sweep = grid();
        let words = |point| sweep.settings(point).into_iter().map(|(_, value)| value);
        assert_eq!(words(1).collect::<Vec<_>>(), ["1/s", "4"]);
        assert_eq!(words(4).collect::<Vec<_>>(), ["3/s", "8"]);
        let records: Vec<PointRecord> = (0..6).map(|at| point(at, &sweep, 0)).collect();
        let results = SweepResults::of(sweep, vec!["base".to_owned()], records);
        for number in 0..6 {
            let found = results.at(&results.sweep.places(number)).map(|point| point.point);
            assert_eq!(found, Some(number));
        }
    }

    #[test]
    fn a_cliff_lies_between_the_neighbours_whose_shares_are_on_either_side_of_one_half() {
        let sweep = grid();
        // With 8 workers stuck from 3/s on, with 4 from 2/s on.
        let stuck = [0, 1, 2, 9, 10, 10];
        let records = stuck.iter().enumerate().map(|(at, runs)| point(at, &sweep, *runs));
        let records: Vec<PointRecord> = records.collect();
        let results = SweepResults::of(sweep, vec!["base".to_owned()], records);
        let fixed = |workers: &str| vec![("workers".to_owned(), workers.to_owned())];
        let cliff = |workers, safe: &str, stuck: &str| Cliff {
            fixed: fixed(workers),
            safe: safe.to_owned(),
            stuck: stuck.to_owned(),
            run: None,
        };
        assert_eq!(results.cliffs("base", 0), [cliff("8", "2/s", "3/s"), cliff("4", "1/s", "2/s")]);
        assert_eq!(results.along(1).len(), 3);
    }
}
