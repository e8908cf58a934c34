//! From a part to points: simulated, with intervals, beside what the theory says.

use super::Lesson;
use super::part::{Claim, Curve, Part};
use super::read::loaded;
use crate::expect::{BindContext, BoundMeasure, MeasureRow, measure, parse_measure};
use crate::experiment::Experiment;
use crate::formula::{form, words};
use crate::runner::question::Questions;
use crate::runner::{self, Failure, Progress, Request};
use crate::spec::Problems;
use crate::spec::problem::{Cx, Place, Problem};
use brownout_core::interval::{mean_interval, wilson};
use brownout_core::random::Seed;
use brownout_topologies::graph::Graph;

/// Probability that all intervals of a lesson cover at once what they should (Bonferroni).
const JOINT: f64 = 0.99;
/// Points of a curve between the first and the last value of its axis.
const STEPS: u32 = 120;
/// Whole numbers that are all asked about, where there is nothing between them.
const WHOLE_MAX: f64 = 300.0;

/// What came of a part.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// One per curve.
    pub rows: Vec<Row>,
    /// Replications of each point.
    pub runs: u32,
    /// The seed they come from.
    pub seed: u64,
}

/// The points of a curve.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// One per value of the axis.
    pub points: Vec<Point>,
    /// The theory between the values: (x, y), in the units of the axes.
    pub theory: Vec<(f64, f64)>,
}

/// A point: simulated, and what it should be. All in the unit of the axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// The value of the axis.
    pub x: f64,
    /// Mean over the replications; not a number where nothing was measured.
    pub mean: f64,
    /// 95 % interval of the mean.
    pub ci95: (f64, f64),
    /// The interval at the level that all points of a lesson share.
    pub joint: (f64, f64),
    /// What the theory says, if it says anything here.
    pub theory: Option<f64>,
    /// Whether they agree.
    pub verdict: Verdict,
}

/// Whether a point and its theory agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The theory lies in the 95 % interval, or the bound holds.
    Inside,
    /// Outside it, and inside the wider one that all points of the lesson share.
    Near,
    /// Outside both.
    Outside,
    /// There is nothing to agree with, or only an approximation.
    Unjudged,
}

impl Verdict {
    /// Its mark in a table.
    pub fn mark(self) -> &'static str {
        match self {
            Verdict::Inside => "✓",
            Verdict::Near => "≈",
            Verdict::Outside => "✗",
            Verdict::Unjudged => "",
        }
    }
}

/// The experiment of a part at a value of its axis, measuring what its curves do.
///
/// # Errors
/// Everything that is wrong with it.
pub fn experiment(part: &Part, value: &str) -> Result<Experiment, Problems> {
    let mut experiment = loaded(part, value)?;
    let graphs: Vec<(&str, &Graph)> =
        experiment.variants.iter().map(|one| (one.name.as_str(), &one.graph)).collect();
    let context = BindContext { variants: &graphs, batches: None };
    let mut cx = Cx::new(&crate::spec::problem::EXPERIMENT);
    cx.add_source(&part.file_name, &part.source);
    let mut bound: Vec<BoundMeasure> = Vec::new();
    for curve in &part.curves {
        match parse_measure(&curve.measure.replace("{x}", value)).and_then(|one| one.bind(&context))
        {
            Ok(one) => bound.push(one),
            Err(error) => {
                let place = Place { source: 0, start: 0, end: 0 };
                let message = format!("measure \"{}\": {}", curve.measure, error.message);
                cx.push(Problem::error(place, message).maybe_help(error.hint));
            }
        }
    }
    if cx.has_errors() {
        return Err(Problems::of(cx));
    }
    experiment.measure = bound;
    experiment.expect = Vec::new();
    experiment.trends = Vec::new();
    Ok(experiment)
}

/// Runs a part of `lesson` on so many threads; what comes out does not depend on them.
///
/// # Errors
/// A run that has no result.
///
/// # Panics
/// If the lesson was not read by [`super::lesson`], which tries every value.
pub fn run(lesson: &Lesson, part: &Part, jobs: usize) -> Result<Outcome, Box<Failure>> {
    let level = 1.0 - (1.0 - JOINT) / lesson.checks().max(1) as f64;
    let mut rows: Vec<Row> = part
        .curves
        .iter()
        .map(|curve| Row { points: Vec::new(), theory: between(part, curve) })
        .collect();
    let (mut runs, mut seed) = (0, 0);
    for (value, x) in part.x.values.iter().zip(part.x.numbers()) {
        let experiment = experiment(part, value).expect("every value was tried");
        (runs, seed) = (experiment.runs, experiment.seed);
        let measured = measured(&experiment, jobs)?;
        for ((curve, row), measured) in part.curves.iter().zip(&mut rows).zip(measured) {
            row.points.push(point(part, curve, (x, value), &measured, level));
        }
    }
    Ok(Outcome { rows, runs, seed })
}

/// One row for each curve.
fn measured(experiment: &Experiment, jobs: usize) -> Result<Vec<MeasureRow>, Box<Failure>> {
    let questions = Questions::of(experiment);
    let mut variants: Vec<usize> = Vec::new();
    for bound in &experiment.measure {
        variants.extend(bound.queries().into_iter().map(|(variant, _)| variant));
    }
    variants.sort_unstable();
    variants.dedup();
    let seeds = (0..experiment.runs)
        .map(|replication| Seed { seed: experiment.seed, replication })
        .collect();
    let request = Request { seeds, variants, jobs };
    let results = runner::run(experiment, &questions, &request, &Progress::default())?;
    let values = |variant: usize, query: &_| results.answers(variant, query);
    let first = |bound: &BoundMeasure| {
        measure(bound, &values).into_iter().next().expect("a measure is about some variant")
    };
    Ok(experiment.measure.iter().map(first).collect())
}

/// What a closed form says at a value of the axis, in the unit of the picture.
fn theory(part: &Part, curve: &Curve, value: &str) -> Option<f64> {
    let (name, rest) = curve.theory.split_once(' ')?;
    let answers =
        form(name)?.answer_only(Some(&curve.result), &words(&rest.replace("{x}", value))).ok()?;
    let found = answers.of(&curve.result)?.value;
    found.is_finite().then_some(found * part.y.scale())
}

/// The theory along the axis.
fn between(part: &Part, curve: &Curve) -> Vec<(f64, f64)> {
    let numbers = part.x.numbers();
    let (Some(first), Some(last)) = (numbers.first(), numbers.last()) else { return Vec::new() };
    let xs: Vec<f64> = match part.x.is_whole {
        true if last - first <= WHOLE_MAX => {
            let count = (last - first) as u32;
            (0..=count).map(|step| first + f64::from(step)).collect()
        }
        true => numbers.clone(),
        false => (0..=STEPS).map(|step| along(part.x.is_log, (*first, *last), step)).collect(),
    };
    let at = |x: f64| (x, theory(part, curve, &part.x.written(x)).unwrap_or(f64::NAN));
    xs.into_iter().map(at).collect()
}

fn along(is_log: bool, (first, last): (f64, f64), step: u32) -> f64 {
    let share = f64::from(step) / f64::from(STEPS);
    match is_log {
        true => first * brownout_core::math::pow(last / first, share),
        false => first + (last - first) * share,
    }
}

fn point(
    part: &Part,
    curve: &Curve,
    (x, value): (f64, &str),
    measured: &MeasureRow,
    level: f64,
) -> Point {
    let scale = part.y.scale() * curve.times;
    let theory = theory(part, curve, value);
    let flag = |run: f64, over: f64| if run > over { 1.0 } else { 0.0 };
    let (runs, mean) = match curve.over {
        None => (measured.runs.clone(), measured.mean),
        Some(over) => {
            let flags: Vec<f64> = measured.runs.iter().map(|run| flag(*run, over)).collect();
            let mean = flags.iter().sum::<f64>() / flags.len() as f64;
            (flags, mean)
        }
    };
    let within = |level: f64| {
        let (low, high) = ends(&runs, mean, level, curve.over.is_some());
        (low * scale, high * scale)
    };
    let (mean, ci95, joint) = (mean * scale, within(0.95), within(level));
    let verdict = match (theory, &curve.claim) {
        (None, _) | (_, Claim::Roughly(_)) => Verdict::Unjudged,
        (Some(theory), claim) => verdict(theory, ci95, joint, claim),
    };
    Point { x, mean, ci95, joint, theory, verdict }
}

/// The ends of an interval: Wilson's for shares of runs, Student's otherwise.
fn ends(runs: &[f64], mean: f64, level: f64, is_share: bool) -> (f64, f64) {
    let interval = match is_share {
        true => {
            let ones = runs.iter().filter(|run| **run == 1.0).count();
            wilson(ones as u64, runs.len() as u64, level)
        }
        false if runs.iter().all(|run| *run == runs[0]) => None,
        false => mean_interval(runs, level),
    };
    interval.map_or((mean, mean), |interval| (interval.low, interval.high))
}

fn verdict(theory: f64, ci95: (f64, f64), joint: (f64, f64), claim: &Claim) -> Verdict {
    // Rounding, where every run says the same.
    let slack = 1e-9 * theory.abs().max(1e-12)
        + match claim {
            Claim::Within(by, _) => *by,
            Claim::Equal | Claim::AtMost | Claim::Roughly(_) => 0.0,
        };
    let is_inside = |(low, high): (f64, f64)| match claim {
        Claim::AtMost => low <= theory + slack,
        Claim::Equal | Claim::Within(..) | Claim::Roughly(_) => {
            low - slack <= theory && theory <= high + slack
        }
    };
    match (is_inside(ci95), is_inside(joint)) {
        (true, _) => Verdict::Inside,
        (false, true) => Verdict::Near,
        (false, false) => Verdict::Outside,
    }
}
