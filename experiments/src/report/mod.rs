//! Reports: one summary of the results, and everything that is written from it.

pub mod chart;
mod deaths;
pub mod document;
pub mod files;
pub mod human;
pub mod json;
pub mod manifest;
mod monitors;
pub mod number;
mod outcomes;
pub mod page;
pub mod paint;
mod statistics;
pub mod stored;
pub mod table;
pub mod verdicts;
pub mod why;

pub(crate) use monitors::words as monitor_words;

use crate::expect::{BoundMeasure, Judgement, MeasureRow, Unit, Values, judge, measure};
use crate::experiment::{Experiment, Variant};
use crate::resolve::semantics;
use crate::runner::question::{Deed, Entry, Questions};
use crate::runner::{Results, VariantResults, fold, found};
use brownout_core::digest::Digest;
use brownout_topologies::ledger::query::Query;
use brownout_topologies::monitor::Monitor;

/// Everything that is told about a run, worked out once.
#[derive(Debug)]
pub struct Summary<'e> {
    /// What was run.
    pub experiment: &'e Experiment,
    /// The number that the draws come from.
    pub seed: u64,
    /// What came of it.
    pub results: &'e Results,
    /// One per variant that ran.
    pub variants: Vec<VariantSummary<'e>>,
    /// Verdicts in the order of the file.
    pub judgements: Vec<Judgement>,
    /// Expectations that are about variants that did not run.
    pub unjudged: Vec<String>,
    /// The switches in force in the first variant that ran.
    pub semantics: Vec<(String, String)>,
}

/// What is told about one variant.
#[derive(Debug)]
pub struct VariantSummary<'e> {
    /// Its key in the file.
    pub name: &'e str,
    /// Its place in [`Experiment::variants`].
    pub place: usize,
    /// One number for all that happened in all its replications.
    pub digest: String,
    /// One per service that users call.
    pub entries: Vec<EntrySummary>,
    /// Attempts per request, by service.
    pub amplification: Vec<(String, MeasureRow)>,
    /// Where there are effects: what was done, and what callers were told of it.
    pub deeds: Vec<(Deed, String, MeasureRow)>,
    /// What the file measures.
    pub measures: Vec<MeasureRow>,
    /// What its monitors saw.
    pub monitors: Vec<MonitorSummary<'e>>,
    /// The same system without its triggers, if it has any.
    pub control: Option<ControlSummary>,
    /// Switches that differ from those of the first variant.
    pub semantics: Vec<(String, String)>,
    /// What it came from.
    pub results: &'e VariantResults,
}

/// What users see at one service.
#[derive(Debug)]
pub struct EntrySummary {
    /// The service.
    pub service: String,
    /// Requests per second.
    pub offered: MeasureRow,
    /// Requests ended per second.
    pub throughput: MeasureRow,
    /// Successes per second.
    pub goodput: MeasureRow,
    /// Share of requests.
    pub availability: MeasureRow,
    /// Median latency of successes.
    pub p50: MeasureRow,
    /// Latency that one success in a hundred exceeds.
    pub p99: MeasureRow,
    /// Share of runs that tipped.
    pub tipped: MeasureRow,
    /// Share of runs that never recovered.
    pub stuck: MeasureRow,
    /// Seconds to recovery, from the worst trigger.
    pub recovery: MeasureRow,
}

impl EntrySummary {
    /// Every row, in the order of a report.
    pub fn every(&self) -> [&MeasureRow; 9] {
        [
            &self.offered,
            &self.throughput,
            &self.goodput,
            &self.availability,
            &self.p50,
            &self.p99,
            &self.tipped,
            &self.stuck,
            &self.recovery,
        ]
    }
}

/// What a monitor saw.
#[derive(Debug)]
pub struct MonitorSummary<'e> {
    /// The monitor.
    pub monitor: &'e Monitor,
    /// Share of runs in which it fired.
    pub fired: MeasureRow,
    /// Share of time that it fired.
    pub firing: MeasureRow,
    /// Seconds from a trigger's begin until it fired, of the trigger that took longest.
    pub detected: Option<MeasureRow>,
}

/// What is told about a control arm.
#[derive(Debug)]
pub struct ControlSummary {
    /// As of a variant.
    pub digest: String,
    /// Share of runs that tipped, one row per service that users call.
    pub tipped: Vec<MeasureRow>,
}

impl<'e> Summary<'e> {
    /// The summary of `results`.
    pub fn of(
        experiment: &'e Experiment,
        questions: &Questions,
        results: &'e Results,
        seed: u64,
    ) -> Summary<'e> {
        let values = |place: usize, query: &Query| results.answers(place, query);
        let measures: Vec<MeasureRow> =
            experiment.measure.iter().flat_map(|bound| measure(bound, &values)).collect();
        let common = results
            .variants
            .first()
            .map_or_else(Vec::new, |first| semantics(&experiment.variants[first.variant].graph));
        let mut variants = Vec::with_capacity(results.variants.len());
        for own in &results.variants {
            let place = own.variant;
            let variant = &experiment.variants[place];
            let row = |bound: &BoundMeasure| row_of(bound, place, &values);
            let amplified = questions.amplification.iter();
            let deeds = questions.deeds.iter();
            let switches = semantics(&variant.graph).into_iter();
            variants.push(VariantSummary {
                name: &variant.name,
                place,
                digest: hex(&own.digests),
                entries: questions.entries.iter().map(|entry| summary(entry, row)).collect(),
                amplification: amplified.map(|(name, bound)| (name.clone(), row(bound))).collect(),
                deeds: deeds.map(|(deed, name, own)| (*deed, name.clone(), row(own))).collect(),
                measures: of_variant(&measures, place),
                monitors: monitors(questions, place, variant, row),
                control: control(own, questions),
                semantics: switches.filter(|switch| !common.contains(switch)).collect(),
                results: own,
            });
        }
        let (judgements, unjudged) = judgements(experiment, results);
        Summary { experiment, seed, results, variants, judgements, unjudged, semantics: common }
    }

    /// The verdicts on one variant; one that compares two belongs to its left side.
    pub fn judgements_of(&self, place: usize) -> impl Iterator<Item = &Judgement> {
        self.judgements.iter().filter(move |judgement| judgement.variant_index == place)
    }

    /// Whether the replications were cut short.
    pub fn is_interrupted(&self) -> bool {
        self.results.is_interrupted()
    }
}

fn of_variant(rows: &[MeasureRow], place: usize) -> Vec<MeasureRow> {
    rows.iter().filter(|row| row.variant_index == place).cloned().collect()
}

/// The row of one variant.
fn row_of<'v>(bound: &BoundMeasure, place: usize, values: &Values<'v>) -> MeasureRow {
    let rows = measure(bound, values);
    rows.into_iter().find(|row| row.variant_index == place).expect("a row for every variant")
}

fn summary(entry: &Entry, row: impl Fn(&BoundMeasure) -> MeasureRow) -> EntrySummary {
    EntrySummary {
        service: entry.service.clone(),
        offered: row(&entry.offered),
        throughput: row(&entry.throughput),
        goodput: row(&entry.goodput),
        availability: row(&entry.availability),
        p50: row(&entry.p50),
        p99: row(&entry.p99),
        tipped: row(&entry.tipped),
        stuck: row(&entry.stuck),
        recovery: row(&entry.recovery),
    }
}

fn monitors<'e>(
    questions: &Questions,
    place: usize,
    variant: &'e Variant,
    row: impl Fn(&BoundMeasure) -> MeasureRow,
) -> Vec<MonitorSummary<'e>> {
    let own = questions.monitors.iter().filter(|watch| watch.variant == place);
    own.map(|watch| MonitorSummary {
        monitor: &variant.graph.monitors[watch.monitor],
        fired: row(&watch.fired),
        firing: row(&watch.firing),
        detected: watch.detected.as_ref().map(&row),
    })
    .collect()
}

fn control(own: &VariantResults, questions: &Questions) -> Option<ControlSummary> {
    let control = own.control.as_ref()?;
    let values = |place: usize, query: &Query| match place == own.variant {
        true => found(&control.answers, query),
        false => &[],
    };
    let tipped =
        questions.entries.iter().map(|entry| row_of(&entry.tipped, own.variant, &values)).collect();
    Some(ControlSummary { digest: hex(&control.digests), tipped })
}

/// Verdicts, and the texts of those that cannot be given because their variants did not run.
pub(crate) fn judgements(
    experiment: &Experiment,
    results: &Results,
) -> (Vec<Judgement>, Vec<String>) {
    let values = |place: usize, query: &Query| results.answers(place, query);
    let ran = |place: usize| results.of(place).is_some();
    let (mut judgements, mut unjudged) = (Vec::new(), Vec::new());
    for expectation in &experiment.expect {
        let all_ran = expectation.queries().iter().all(|(place, _)| ran(*place));
        let given: Vec<Judgement> = judge(expectation, &values)
            .into_iter()
            .filter(|judgement| {
                all_ran || judgement.variant.is_some() && ran(judgement.variant_index)
            })
            .collect();
        if given.is_empty() {
            let texts = judge(expectation, &values).into_iter().map(|judgement| judgement.text);
            unjudged.extend(texts.take(1));
        }
        judgements.extend(given);
    }
    (judgements, unjudged)
}

fn hex(digests: &[Digest]) -> String {
    format!("{:016x}", fold(digests))
}

/// How many runs answered 1, of those that answered.
pub fn count(row: &MeasureRow) -> (usize, usize) {
    let known = row.runs.iter().filter(|value| !value.is_nan());
    (known.clone().filter(|value| **value == 1.0).count(), known.count())
}

/// A row of shares turned round: failed instead of answered.
pub fn complement(row: &MeasureRow) -> MeasureRow {
    MeasureRow {
        unit: Unit::Share,
        mean: 1.0 - row.mean,
        ci95: row.ci95.map(|(low, high)| (1.0 - high, 1.0 - low)),
        runs: row.runs.iter().map(|value| 1.0 - value).collect(),
        ..row.clone()
    }
}
