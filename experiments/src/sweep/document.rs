//! What a sweep leaves for machines: `points.ndjson`, `manifest.json`, `--format json`.
//!
//! Times are seconds, rates per second, shares 0…1; see [`crate::report::json`] for infinite and
//! missing values. Fields may be added within a format version, never renamed.

use super::results::SweepResults;
use super::told::Told;
use crate::report::json::{self, Json};

/// A line per finished point, in order.
pub fn lines(results: &SweepResults) -> String {
    results.finished().map(|point| format!("{}\n", point.line)).collect()
}

/// The document of `--format json`.
pub fn document(told: &Told, results: &SweepResults) -> Json {
    let points = results.finished();
    let points = points.map(|point| json::read(&point.line).expect("a record is JSON"));
    let mut fields = told.fields(results);
    fields.push(("points".to_owned(), Json::List(points.collect())));
    Json::Object(fields)
}

/// What it takes to get the same files again.
pub fn manifest(told: &Told, results: &SweepResults) -> Json {
    let files = told.files.iter().map(|(path, hash)| (path.clone(), Json::text(hash))).collect();
    let mut fields = told.fields(results);
    let more = [
        ("file", Json::text(&told.file)),
        ("files", Json::Object(files)),
        ("command", Json::text(&told.command)),
        ("points_hash", Json::text(hash(&lines(results)))),
        ("versions", Json::object([("brownout", Json::text(&told.version))])),
    ];
    fields.extend(more.map(|(key, value)| (key.to_owned(), value)));
    Json::Object(fields)
}

/// BLAKE3 in hexadecimal.
pub(super) fn hash(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex().to_string()
}
