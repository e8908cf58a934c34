//! `summary.json` and `--format json`: one versioned document, nothing rounded.
//!
//! Times are seconds, rates per second, shares 0…1; see [`super::json`] for infinite and missing
//! values. Fields may be added within a format version, never renamed.

use super::json::Json;
use super::{EntrySummary, Summary, VariantSummary, count, deaths, monitors, statistics};
use crate::expect::{Judgement, MeasureRow};
use crate::incident::id::RunId;
use brownout_core::interval;
use brownout_core::random::Seed;
use brownout_topologies::ledger::verdict::triggers;

/// The version of the document.
pub const FORMAT: u64 = 1;

/// The document.
pub fn document(summary: &Summary<'_>) -> Json {
    let experiment = summary.experiment;
    let variants = summary.variants.iter().map(|one| variant(summary, one)).collect();
    let trends = experiment.trends.iter();
    Json::object([
        ("format", Json::Whole(FORMAT)),
        ("experiment", Json::text(&experiment.name)),
        ("about", Json::text(&experiment.about)),
        ("file_hash", Json::text(&experiment.text_hash)),
        ("seed", Json::Whole(summary.seed)),
        ("runs", Json::Whole(summary.results.seeds.len() as u64)),
        ("replications", replications(&summary.results.seeds)),
        ("interrupted", interrupted(summary)),
        ("statistics", statistics::json(summary)),
        ("semantics", switches(&summary.semantics)),
        ("unjudged", Json::List(summary.unjudged.iter().map(Json::text).collect())),
        ("of_the_sweep", Json::List(trends.map(|trend| Json::text(&trend.text)).collect())),
        ("variants", Json::List(variants)),
    ])
}

/// `null`, or how many replications of how many are in the document.
pub fn interrupted(summary: &Summary<'_>) -> Json {
    match summary.is_interrupted() {
        false => Json::Null,
        true => Json::object([
            ("finished", Json::Whole(summary.results.seeds.len() as u64)),
            ("of", Json::Whole(summary.results.planned as u64)),
        ]),
    }
}

/// Switches by key.
pub fn switches(switches: &[(String, String)]) -> Json {
    Json::Object(switches.iter().map(|(key, value)| (key.clone(), Json::text(value))).collect())
}

/// The ids of a variant's runs, in order of seed.
pub(crate) fn ids(summary: &Summary<'_>, place: usize) -> Json {
    let seeds = summary.results.seeds.iter();
    let id = |seed: &Seed| RunId::of(summary.experiment, place, *seed).to_string();
    Json::List(seeds.map(|seed| Json::text(id(seed))).collect())
}

/// `["42#0", "42#1"]`.
fn replications(seeds: &[Seed]) -> Json {
    Json::List(seeds.iter().map(|seed| Json::text(seed.to_string())).collect())
}

fn variant(summary: &Summary<'_>, variant: &VariantSummary<'_>) -> Json {
    let graph = &summary.experiment.variants[variant.place].graph;
    let triggers = triggers(graph).into_iter().map(|trigger| {
        let ends = trigger.to < brownout_core::Time::MAX;
        Json::object([
            ("name", Json::text(trigger.name)),
            ("from", Json::Number(trigger.from.as_secs())),
            ("to", if ends { Json::Number(trigger.to.as_secs()) } else { Json::Null }),
        ])
    });
    let digests = variant.results.digests.iter();
    let verdicts = variant.entries.iter().enumerate();
    let rows = variant.entries.iter().flat_map(EntrySummary::every).map(measure);
    let amplification = variant.amplification.iter().map(|(_, row)| measure(row));
    let deeds = variant.deeds.iter().map(|(_, _, row)| measure(row));
    Json::object([
        ("name", Json::text(variant.name)),
        ("digest", Json::text(&variant.digest)),
        ("digests", Json::List(digests.map(|one| Json::text(one.to_string())).collect())),
        ("ids", ids(summary, variant.place)),
        ("semantics", switches(&variant.semantics)),
        ("time", Json::Number(graph.time.as_secs())),
        ("warmup", Json::Number(graph.warmup.as_secs())),
        ("triggers", Json::List(triggers.collect())),
        ("metrics", Json::List(rows.chain(amplification).chain(deeds).collect())),
        ("verdicts", Json::List(verdicts.map(|(at, one)| verdict(variant, one, at)).collect())),
        ("deaths", deaths::json(summary, variant)),
        ("monitors", Json::List(variant.monitors.iter().map(monitors::json).collect())),
        ("measure", Json::List(variant.measures.iter().map(measure).collect())),
        ("expect", Json::List(summary.judgements_of(variant.place).map(expectation).collect())),
    ])
}

/// What became of the runs, and of those of the control arm.
pub(crate) fn verdict(variant: &VariantSummary<'_>, entry: &EntrySummary, number: usize) -> Json {
    let control = variant.control.as_ref();
    let tipped = control.and_then(|control| control.tipped.get(number));
    Json::object([
        ("service", Json::text(&entry.service)),
        ("tipped", counted(&entry.tipped)),
        ("stuck", counted(&entry.stuck)),
        ("control_tipped", tipped.map_or(Json::Null, counted)),
        ("control_digest", control.map_or(Json::Null, |control| Json::text(&control.digest))),
    ])
}

/// A number of runs out of a number, with Wilson's interval of the share.
pub(super) fn counted(row: &MeasureRow) -> Json {
    let (ones, known) = count(row);
    let interval = interval::wilson(ones as u64, known as u64, 0.95);
    Json::object([
        ("runs", Json::Whole(ones as u64)),
        ("of", Json::Whole(known as u64)),
        ("ci95", interval.map_or(Json::Null, |one| Json::numbers(&[one.low, one.high]))),
    ])
}

pub(crate) fn measure(row: &MeasureRow) -> Json {
    Json::object([
        ("text", Json::text(row.text.replace('\'', ""))),
        ("unit", Json::text(row.unit.name())),
        ("mean", Json::Number(row.mean)),
        ("ci95", ci95(row.ci95)),
        ("runs", Json::numbers(&row.runs)),
        ("is_lower_limit", Json::Bool(row.is_censored)),
        ("note", note(row.note.as_deref())),
    ])
}

pub(crate) fn expectation(judgement: &Judgement) -> Json {
    Json::object([
        ("text", Json::text(&judgement.text)),
        ("held", judgement.held.map_or(Json::Null, Json::Bool)),
        ("unit", Json::text(judgement.unit.name())),
        ("value", Json::Number(judgement.value)),
        ("ci95", ci95(judgement.ci95)),
        ("bound", Json::Number(judgement.bound)),
        ("runs", Json::numbers(&judgement.runs)),
        ("is_lower_limit", Json::Bool(judgement.is_censored)),
        ("note", note(judgement.note.as_deref())),
    ])
}

fn ci95(interval: Option<(f64, f64)>) -> Json {
    interval.map_or(Json::Null, |(low, high)| Json::numbers(&[low, high]))
}

fn note(note: Option<&str>) -> Json {
    note.map_or(Json::Null, Json::text)
}
