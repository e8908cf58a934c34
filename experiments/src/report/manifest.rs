//! `manifest.json`: what it takes to get the same files again, and to see that they are the same.

use super::Summary;
use super::document::{FORMAT, ids, interrupted, switches};
use super::json::Json;
use brownout_core::digest::Digest;

/// The manifest. `command` is the line that makes these files again.
pub fn manifest(summary: &Summary<'_>, file: &str, command: &str) -> Json {
    let experiment = summary.experiment;
    let variants = summary.variants.iter().map(|variant| {
        let results = variant.results;
        let control = results.control.as_ref().zip(variant.control.as_ref());
        Json::object([
            ("name", Json::text(variant.name)),
            ("digest", Json::text(&variant.digest)),
            ("replications", by_seed(summary, &results.digests)),
            ("ids", ids(summary, variant.place)),
            ("semantics", switches(&variant.semantics)),
            (
                "control",
                control.map_or(Json::Null, |(runs, told)| {
                    Json::object([
                        ("digest", Json::text(&told.digest)),
                        ("replications", by_seed(summary, &runs.digests)),
                    ])
                }),
            ),
        ])
    });
    Json::object([
        ("format", Json::Whole(FORMAT)),
        ("experiment", Json::text(&experiment.name)),
        ("file", Json::text(file)),
        ("file_hash", Json::text(&experiment.text_hash)),
        ("settings", settings(summary)),
        ("files", files(summary)),
        ("command", Json::text(command)),
        ("seed", Json::Whole(summary.seed)),
        ("runs", Json::Whole(summary.results.seeds.len() as u64)),
        ("interrupted", interrupted(summary)),
        ("versions", Json::object([("brownout", Json::text(env!("CARGO_PKG_VERSION")))])),
        ("semantics", switches(&summary.semantics)),
        ("variants", Json::List(variants.collect())),
    ])
}

/// `["services.db.workers=9"]`: what `--set` changed, in order.
fn settings(summary: &Summary<'_>) -> Json {
    let settings = summary.experiment.settings.iter();
    Json::List(settings.map(|(path, value)| Json::text(format!("{path}={value}"))).collect())
}

/// `{"arrivals.csv": "…"}`.
fn files(summary: &Summary<'_>) -> Json {
    let files = summary.experiment.files.iter();
    Json::Object(files.map(|file| (file.path.clone(), Json::text(&file.hash))).collect())
}

/// `{"42#0": "…"}`.
fn by_seed(summary: &Summary<'_>, digests: &[Digest]) -> Json {
    let seeds = summary.results.seeds.iter().map(ToString::to_string);
    let digests = digests.iter().map(|digest| Json::text(digest.to_string()));
    Json::Object(seeds.zip(digests).collect())
}
