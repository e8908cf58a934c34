//! Stored results: everything that pictures and the page are drawn from, and nothing else.
//!
//! A run draws from the same value that it stores, so what is drawn later from the files of its
//! directory is the same to the byte. Four files hold it: `summary.json`, `manifest.json`,
//! `series.csv` and `drawing.json`.

mod drawing;
mod format;
mod lanes;
pub mod series;

pub use drawing::{Asked, Distribution, Drawing, Edge, Field, Service, System, Window};
pub use format::FORMAT;

use super::json::{self, Cursor, Json};
use super::{Summary, document, manifest};
use crate::runner::question::Questions;
use series::SeriesTable;

/// The names of the files.
pub const FILES: [&str; 4] = [SUMMARY, MANIFEST, series::FILE, DRAWING];
const SUMMARY: &str = "summary.json";
const MANIFEST: &str = "manifest.json";
const DRAWING: &str = "drawing.json";

/// Everything that pictures and the page are drawn from.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    /// `summary.json`.
    pub summary: Json,
    /// `manifest.json`.
    pub manifest: Json,
    /// `series.csv`.
    pub series: SeriesTable,
    /// `drawing.json`.
    pub drawing: Drawing,
}

/// A stored file that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Which.
    pub file: String,
    /// What is wrong with it.
    pub what: String,
}

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.file, self.what)
    }
}

impl std::error::Error for Broken {}

impl Stored {
    /// What a run leaves behind. `file` is the experiment's and `command` the line that makes it
    /// again; `why` is the explanation of what happened, a sentence each, which the page shows in a
    /// section of its own (none: no such section).
    pub fn of(
        summary: &Summary<'_>,
        questions: &Questions,
        (file, command): (&str, &str),
        why: Vec<String>,
    ) -> Stored {
        // Through their text, so that what is drawn now is drawn from what will be read later.
        let through = |json: Json| json::read(&json.document()).expect("we write JSON");
        Stored {
            summary: through(document::document(summary)),
            manifest: through(manifest::manifest(summary, file, command)),
            series: SeriesTable::of(summary),
            drawing: Drawing::of(summary, questions, why),
        }
    }

    /// The files that hold it.
    pub fn files(&self) -> [(String, Vec<u8>); 4] {
        let text = |json: &Json| json.document().into_bytes();
        [
            (SUMMARY.to_owned(), text(&self.summary)),
            (MANIFEST.to_owned(), text(&self.manifest)),
            (series::FILE.to_owned(), self.series.text().into_bytes()),
            (DRAWING.to_owned(), text(&format::write(&self.drawing))),
        ]
    }

    /// Reads the files; `read` gives the text of the one with this name.
    ///
    /// # Errors
    /// Every file that cannot be read, or is not as it was written.
    pub fn read(read: impl Fn(&str) -> Result<String, String>) -> Result<Stored, Vec<Broken>> {
        let mut all = Vec::new();
        let document = |name: &'static str| {
            let text = read(name).map_err(|what| broken(name, what))?;
            let json = json::read(&text).map_err(|garbled| broken(name, garbled.to_string()))?;
            check_version(name, &json)?;
            Ok(json)
        };
        let summary = kept(&mut all, document(SUMMARY));
        let manifest = kept(&mut all, document(MANIFEST));
        let table = read(series::FILE).map_err(|what| broken(series::FILE, what));
        let table = kept(&mut all, table.and_then(|text| SeriesTable::read(&text)));
        let drawing = document(DRAWING).and_then(|json| {
            format::read(&json).map_err(|misfit| broken(DRAWING, misfit.to_string()))
        });
        let drawing = kept(&mut all, drawing);
        match (summary, manifest, table, drawing) {
            (Some(summary), Some(manifest), Some(series), Some(drawing)) => {
                Ok(Stored { summary, manifest, series, drawing })
            }
            _ => Err(all),
        }
    }
}

/// What was read, or nothing with a note of why.
fn kept<T>(all: &mut Vec<Broken>, found: Result<T, Broken>) -> Option<T> {
    found.map_err(|broken| all.push(broken)).ok()
}

fn broken(file: &str, what: String) -> Broken {
    Broken { file: file.to_owned(), what }
}

/// Whether this program knows the document's version.
pub(crate) fn check_version(name: &str, json: &Json) -> Result<(), Broken> {
    let version = Cursor::new(json).get("format").whole();
    match version {
        Ok(FORMAT) => Ok(()),
        Ok(other) => {
            let what = format!("its format is {other}, and this version reads {FORMAT}; run again");
            Err(broken(name, what))
        }
        Err(misfit) => Err(broken(name, misfit.to_string())),
    }
}
