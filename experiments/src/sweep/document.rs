//! What a sweep leaves for machines: `points.ndjson`, `manifest.json`, `--format json`.
//!
//! Times are seconds, rates per second, shares 0…1; see [`crate::report::json`] for infinite and
//! missing values. Fields may be added within a format version, never renamed.

use super::read;
use super::results::SweepResults;
use crate::experiment::{Design, Experiment, Sweep};
use crate::report::document::FORMAT;
use crate::report::json::Json;
use brownout_core::random::Seed;

/// What is told of a sweep besides its points.
pub struct Told<'e> {
    /// The experiment at its base point.
    pub experiment: &'e Experiment,
    /// One per replication of each point.
    pub seeds: &'e [Seed],
    /// The file as it was named.
    pub file: &'e str,
    /// The line that makes the same files again.
    pub command: &'e str,
}

/// A line per finished point, in order.
pub fn lines(results: &SweepResults) -> String {
    results.finished().map(|point| format!("{}\n", point.line)).collect()
}

/// The document of `--format json`.
pub fn document(told: &Told<'_>, results: &SweepResults) -> Json {
    let points = results.finished();
    let points = points.map(|point| read::json(&point.line).expect("a record is JSON"));
    let mut fields = head(told, results);
    fields.push(("points".to_owned(), Json::List(points.collect())));
    Json::Object(fields)
}

/// What it takes to get the same files again.
pub fn manifest(told: &Told<'_>, results: &SweepResults) -> Json {
    let files = told.experiment.files.iter();
    let files = files.map(|file| (file.path.clone(), Json::text(&file.hash))).collect();
    let mut fields = head(told, results);
    let more = [
        ("file", Json::text(told.file)),
        ("files", Json::Object(files)),
        ("command", Json::text(told.command)),
        ("points_hash", Json::text(blake3::hash(lines(results).as_bytes()).to_hex().to_string())),
        ("versions", Json::object([("brownout", Json::text(env!("CARGO_PKG_VERSION")))])),
    ];
    fields.extend(more.map(|(key, value)| (key.to_owned(), value)));
    Json::Object(fields)
}

fn head(told: &Told<'_>, results: &SweepResults) -> Vec<(String, Json)> {
    let (finished, of) = (results.finished().count() as u64, results.sweep.points() as u64);
    let interrupted = match results.is_interrupted() {
        true => Json::object([("finished", Json::Whole(finished)), ("of", Json::Whole(of))]),
        false => Json::Null,
    };
    let broken = results.broken().map(|point| Json::Whole(point.point as u64));
    let seeds = told.seeds.iter().map(|seed| Json::text(seed.to_string()));
    let fields = [
        ("format", Json::Whole(FORMAT)),
        ("experiment", Json::text(&told.experiment.name)),
        ("about", Json::text(&told.experiment.about)),
        ("file_hash", Json::text(&told.experiment.text_hash)),
        ("seed", Json::Whole(told.seeds[0].seed)),
        ("runs", Json::Whole(told.seeds.len() as u64)),
        ("replications", Json::List(seeds.collect())),
        ("variant_names", Json::List(results.variants.iter().map(Json::text).collect())),
        ("sweep", sweep(&results.sweep)),
        ("interrupted", interrupted),
        ("broken", Json::List(broken.collect())),
    ];
    fields.map(|(key, value)| (key.to_owned(), value)).into()
}

fn sweep(sweep: &Sweep) -> Json {
    let design = match sweep.design {
        Design::Grid => "grid",
        Design::Random => "random",
        Design::LatinHypercube => "latin_hypercube",
    };
    let axis = |axis: &crate::experiment::Axis| {
        let values = axis.values.iter().map(Json::text).collect();
        Json::object([("path", Json::text(&axis.path)), ("values", Json::List(values))])
    };
    Json::object([
        ("design", Json::text(design)),
        ("points", Json::Whole(sweep.points() as u64)),
        ("axes", Json::List(sweep.axes.iter().map(axis).collect())),
    ])
}
