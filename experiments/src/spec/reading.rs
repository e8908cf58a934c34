//! What reading a file needs besides the file: a place for complaints, and other files.

use super::problem::{Cx, Place, Problem};
use crate::experiment::ReadWith;
use std::collections::BTreeMap;

/// Reads a file beside the experiment, by its relative path.
pub type ReadFile<'a> = dyn Fn(&str) -> Result<String, String> + 'a;

/// The state of one load.
pub(crate) struct Reading<'a> {
    pub(crate) cx: &'a mut Cx,
    read: &'a ReadFile<'a>,
    /// Files already read, by path, so that ten variants read them once.
    files: BTreeMap<String, Option<(u32, String)>>,
}

impl<'a> Reading<'a> {
    pub(crate) fn new(cx: &'a mut Cx, read: &'a ReadFile<'a>) -> Reading<'a> {
        Reading { cx, read, files: BTreeMap::new() }
    }

    /// The number and the text of the file at `path`, which is written at `place`.
    pub(crate) fn file(&mut self, path: &str, place: Place) -> Option<(u32, String)> {
        if let Some(known) = self.files.get(path) {
            return known.clone();
        }
        let found = match (self.read)(path) {
            Ok(text) => Some((self.cx.add_source(path, &text), text)),
            Err(reason) => {
                let message = format!("cannot read \"{}\": {reason}", super::problem::short(path));
                self.cx.push(
                    Problem::error(place, message)
                        .help("a path is relative to the directory of the experiment file"),
                );
                None
            }
        };
        self.files.insert(path.to_owned(), found.clone());
        found
    }

    /// The files that were read, each with its own hash, in order of path.
    pub(crate) fn files(&self) -> Vec<ReadWith> {
        let read = self.files.iter().filter_map(|(path, found)| Some((path, found.as_ref()?)));
        let with = read.map(|(path, (_, text))| ReadWith {
            path: path.clone(),
            hash: blake3::hash(text.as_bytes()).to_hex().to_string(),
        });
        with.collect()
    }
}
