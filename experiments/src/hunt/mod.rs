//! Hunts: the smallest trigger that tips a system, the seed that breaks it, and the least file
//! that still does.
//!
//! A setting is judged by runs: as many as it takes for Wilson's interval of the share of bad ones
//! to lie on one side. Everything is a function of the file and the seed; how many threads there
//! are only decides how long it takes.

pub mod document;
pub mod picture;
pub mod probe;
pub mod report;
pub mod search;
pub mod seeds;
pub mod shrink;

use crate::expect::{BoundMeasure, judge, measure};
use crate::experiment::{Bad, Experiment};
use crate::runner::piecework::{Crew, Piecework};
use crate::runner::question::Questions;
use crate::runner::{Progress, Request, Results};
use brownout_core::random::Seed;
use brownout_topologies::ledger::query::{Query, Value};
use std::sync::atomic::Ordering;

/// What is hunted, with what means.
pub struct Ground<'g> {
    /// The variant, by name: it may be at another place in another text.
    pub variant: String,
    /// What a bad run is.
    pub bad: Bad,
    /// Share of bad runs above which a setting is bad, in (0, 1).
    pub share: f64,
    /// Most runs of one probe.
    pub runs: u32,
    /// From which every draw comes.
    pub seed: u64,
    /// Who runs.
    pub crew: &'g Crew,
    /// How many runs are done, and whether to stop.
    pub progress: &'g Progress,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Halt {
    /// Someone said stop.
    Stopped,
    /// A setting cannot be loaded or run: which, and why.
    Broken(String),
}

impl Ground<'_> {
    /// Whether each of these runs is bad, in order.
    ///
    /// # Errors
    /// When a run has no result, or when it is to stop.
    pub fn bad_runs(&self, experiment: &Experiment, seeds: Vec<Seed>) -> Result<Vec<bool>, Halt> {
        let place = self.place(experiment)?;
        let questions = Questions::of(experiment);
        let variants = match self.bad {
            Bad::Failed => concerned(experiment, place),
            Bad::Stuck | Bad::Tipped => vec![place],
        };
        let request = Request { seeds, variants, jobs: 1 };
        let results = self.run(experiment, &questions, request, false)?;
        let runs = 0..results.seeds.len();
        let worst = |ask: fn(&crate::runner::question::Entry) -> &BoundMeasure| {
            let rows = questions.entries.iter().map(|entry| row(ask(entry), place, &results));
            let rows: Vec<Vec<f64>> = rows.collect();
            runs.clone().map(|run| rows.iter().any(|row| row[run] == 1.0)).collect()
        };
        Ok(match self.bad {
            Bad::Stuck => worst(|entry| &entry.stuck),
            Bad::Tipped => worst(|entry| &entry.tipped),
            Bad::Failed => {
                runs.clone().map(|run| fails(experiment, &results, place, run)).collect()
            }
        })
    }

    /// How many of so many runs tip without the triggers; `None` where there are no triggers.
    ///
    /// # Errors
    /// As of [`Ground::bad_runs`].
    pub fn control(
        &self,
        experiment: &Experiment,
        runs: u32,
    ) -> Result<Option<(usize, usize)>, Halt> {
        let place = self.place(experiment)?;
        let questions = Questions::of(experiment);
        let seeds = (0..runs).map(|replication| Seed { seed: self.seed, replication }).collect();
        let request = Request { seeds, variants: vec![place], jobs: 1 };
        let results = self.run(experiment, &questions, request, true)?;
        let own = results.of(place).and_then(|own| own.control.as_ref());
        let Some(control) = own else { return Ok(None) };
        let values = |_: usize, query: &Query| crate::runner::found(&control.answers, query);
        let tipped = |run: usize| {
            questions.entries.iter().any(|entry| {
                let rows = measure(&entry.tipped, &values);
                let own = rows.into_iter().find(|row| row.variant_index == place);
                own.is_some_and(|row| row.runs.get(run) == Some(&1.0))
            })
        };
        let runs = results.seeds.len();
        Ok(Some(((0..runs).filter(|run| tipped(*run)).count(), runs)))
    }

    /// The place of the variant.
    fn place(&self, experiment: &Experiment) -> Result<usize, Halt> {
        let place = experiment.variants.iter().position(|one| one.name == self.variant);
        place.ok_or_else(|| Halt::Broken(format!("there is no variant \"{}\"", self.variant)))
    }

    fn run(
        &self,
        experiment: &Experiment,
        questions: &Questions,
        request: Request,
        with_control: bool,
    ) -> Result<Results, Halt> {
        let work = Piecework::new(experiment, questions, request, with_control);
        self.progress.total.fetch_add(work.jobs() as u64, Ordering::Relaxed);
        self.crew.each(work.jobs(), &self.progress.stop, |job| {
            work.run(job);
            self.progress.done.fetch_add(1, Ordering::Relaxed);
        });
        if self.progress.stop.load(Ordering::Relaxed) {
            return Err(Halt::Stopped);
        }
        work.finish().map_err(|failure| Halt::Broken(failure.to_string()))
    }
}

/// The variant, and those that its expectations compare it with.
fn concerned(experiment: &Experiment, place: usize) -> Vec<usize> {
    let mut places = vec![place];
    for expectation in &experiment.expect {
        let mut asked: Vec<usize> = expectation.queries().iter().map(|(place, _)| *place).collect();
        asked.sort_unstable();
        asked.dedup();
        // One sentence about all variants compares none of them.
        if asked.contains(&place) && asked.len() <= 2 {
            places.extend(asked);
        }
    }
    places.sort_unstable();
    places.dedup();
    places
}

/// The value of each run.
fn row(bound: &BoundMeasure, place: usize, results: &Results) -> Vec<f64> {
    let values = |place: usize, query: &Query| results.answers(place, query);
    let rows = measure(bound, &values);
    let own = rows.into_iter().find(|row| row.variant_index == place);
    own.map_or_else(Vec::new, |row| row.runs)
}

/// Whether an expectation about a variant is known not to hold in one run, taken by itself.
fn fails(experiment: &Experiment, results: &Results, place: usize, run: usize) -> bool {
    let values = |place: usize, query: &Query| -> &[Value] {
        results.answers(place, query).get(run..=run).unwrap_or_default()
    };
    let judged = experiment.expect.iter().flat_map(|expectation| judge(expectation, &values));
    judged.into_iter().any(|judgement| {
        // What compares two variants was asked for because it is about this one.
        let is_own = judgement.variant_index == place || judgement.variant.is_none();
        is_own && judgement.held == Some(false)
    })
}
