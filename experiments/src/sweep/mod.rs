//! Sweeps: every variant at every point, on all cores, kept point by point.
//!
//! A point is the experiment with some settings changed; what it is worth is what `run` would say
//! of it. Jobs (a point, a replication, an arm) are handed out in order, so what is finished when
//! someone says stop is nearly a beginning of the whole.

pub mod csv;
pub mod document;
#[cfg(feature = "parquet")]
pub mod parquet;
pub mod picture;
pub mod record;
pub mod results;
pub mod source;
pub mod store;
pub mod stored;
pub mod table;
pub mod tally;
pub mod told;
pub mod trend;

use crate::expect::{BindContext, parse_measure};
use crate::experiment::{Experiment, Plot, Sweep};
use crate::report::Summary;
use crate::runner::piecework::{Crew, Done, Piecework};
use crate::runner::question::Questions;
use crate::runner::{Progress, Request};
use brownout_core::random::Seed;
use brownout_topologies::graph::Graph;
use brownout_topologies::ledger::verdict::triggers;
use brownout_topologies::run::RunError;
use record::{Broken, PointRecord};
use source::{Settings, Source, in_one_line};
use std::ops::Range;
use std::sync::OnceLock;
use std::sync::atomic::Ordering;

/// Jobs that a thread does before all wait for the slowest: what is lost is at most one in so many.
const JOBS_PER_THREAD: usize = 64;
/// Points that are loaded at once, at most: each holds its graphs.
const LOADED_MAX: usize = 512;

/// What is to be run at every point.
pub struct Plan<'s> {
    /// What the points are made from.
    pub source: &'s Source<'s>,
    /// The experiment at its base point.
    pub base: &'s Experiment,
    /// The points.
    pub sweep: &'s Sweep,
    /// One per replication, in order; the same at every point.
    pub seeds: Vec<Seed>,
    /// Places in [`Experiment::variants`], in order.
    pub variants: Vec<usize>,
}

/// A point that can be run.
struct Loaded {
    experiment: Experiment,
    questions: Questions,
}

impl Plan<'_> {
    /// Runs of one point, as far as the base point tells.
    pub fn runs_per_point(&self) -> usize {
        let arms = |place: &usize| match triggers(&self.base.variants[*place].graph).is_empty() {
            true => 1,
            false => 2,
        };
        self.variants.iter().map(arms).sum::<usize>() * self.seeds.len()
    }

    /// Runs these points, in order, and hands each to `keep` when it is finished. When `progress`
    /// is told to stop, points under way are dropped.
    pub fn run(
        &self,
        points: &[usize],
        crew: &Crew,
        progress: &Progress,
        keep: impl Fn(PointRecord) + Sync,
    ) {
        let per_point = self.runs_per_point().max(1);
        progress.total.store((points.len() * per_point) as u64, Ordering::Relaxed);
        let at_once = (JOBS_PER_THREAD * crew.size()).div_ceil(per_point).clamp(1, LOADED_MAX);
        for batch in points.chunks(at_once) {
            self.run_batch(batch, crew, progress, &keep);
        }
    }

    fn run_batch(
        &self,
        points: &[usize],
        crew: &Crew,
        progress: &Progress,
        keep: &(impl Fn(PointRecord) + Sync),
    ) {
        let loaded: Vec<OnceLock<Option<Loaded>>> =
            points.iter().map(|_| OnceLock::new()).collect();
        crew.each(points.len(), &progress.stop, |at| {
            let settings = self.sweep.settings(points[at]);
            let point = match self.load(&settings) {
                Ok(point) => Some(point),
                Err(reason) => {
                    let broken = Broken { reason, is_defect: false };
                    keep(PointRecord::broken(points[at], &settings, &broken));
                    let runs = self.runs_per_point() as u64;
                    progress.done.fetch_add(runs, Ordering::Relaxed);
                    None
                }
            };
            // Each is loaded once, so the place is free.
            let _ = loaded[at].set(point);
        });
        let work: Vec<Option<Piecework<'_>>> =
            loaded.iter().map(|one| Some(self.piecework(one.get()?.as_ref()?))).collect();
        let jobs = ranges(work.iter().map(|work| work.as_ref().map_or(0, Piecework::jobs)));
        let count = jobs.last().map_or(0, |last| last.end);
        crew.each(count, &progress.stop, |job| {
            let at = jobs.partition_point(|range| range.end <= job);
            let own = work[at].as_ref().expect("only points that were loaded have jobs");
            let done = own.run(job - jobs[at].start);
            progress.done.fetch_add(1, Ordering::Relaxed);
            if done == Done::All {
                let point = loaded[at].get().and_then(Option::as_ref);
                keep(self.record(points[at], point.expect("it was run"), own));
            }
        });
    }

    /// The experiment at a point, asked what the pictures need, too.
    fn load(&self, settings: &Settings) -> Result<Loaded, String> {
        let mut experiment = self.source.at(settings).map_err(|problems| in_one_line(&problems))?;
        let names = |experiment: &Experiment| -> Vec<String> {
            experiment.variants.iter().map(|variant| variant.name.clone()).collect()
        };
        if names(&experiment) != names(self.base) {
            return Err("the variants are others than those of the file".to_owned());
        }
        ask_for_pictures(&mut experiment);
        ask_for_trends(&mut experiment);
        let questions = Questions::of(&experiment);
        Ok(Loaded { experiment, questions })
    }

    fn piecework<'l>(&self, loaded: &'l Loaded) -> Piecework<'l> {
        let Plan { seeds, variants, .. } = self;
        let request = Request { seeds: seeds.clone(), variants: variants.clone(), jobs: 1 };
        Piecework::new(&loaded.experiment, &loaded.questions, request, true)
    }

    fn record(&self, point: usize, loaded: &Loaded, work: &Piecework<'_>) -> PointRecord {
        let settings = self.sweep.settings(point);
        match work.finish() {
            Ok(results) => {
                let Loaded { experiment, questions } = loaded;
                let seed = self.seeds[0].seed;
                let summary = Summary::of(experiment, questions, &results, seed);
                PointRecord::of(point, &settings, &summary)
            }
            Err(failure) => {
                let is_defect = matches!(failure.error, RunError::Imbalance(_));
                let broken = Broken { reason: failure.to_string(), is_defect };
                PointRecord::broken(point, &settings, &broken)
            }
        }
    }
}

/// Adds what the file's heatmaps show to what is measured.
fn ask_for_pictures(experiment: &mut Experiment) {
    let Experiment { variants, measure, plots, statistics, .. } = experiment;
    let graphs: Vec<(&str, &Graph)> =
        variants.iter().map(|one| (one.name.as_str(), &one.graph)).collect();
    let context = BindContext { variants: &graphs, batches: statistics.batches };
    for plot in plots {
        let Plot::Heatmap { color, .. } = plot else { continue };
        // It bound when the file was loaded; where it does not at this point, it is not measured.
        let bound = parse_measure(color).and_then(|measure| measure.bind(&context)).ok();
        measure.extend(bound.filter(|bound| !measure.contains(bound)));
    }
}

/// Adds what the sentences about the sweep are about to what is measured, unless it is already.
fn ask_for_trends(experiment: &mut Experiment) {
    let Experiment { trends, measure, .. } = experiment;
    for trend in trends {
        let mut own = trend.measure.clone();
        own.leave_out(measure);
        if !own.is_empty() {
            measure.push(own);
        }
    }
}

/// Consecutive ranges of these lengths.
fn ranges(lengths: impl Iterator<Item = usize>) -> Vec<Range<usize>> {
    let mut end = 0;
    let next = |length| {
        let start = end;
        end += length;
        start..end
    };
    lengths.map(next).collect()
}
