//! An experiment file that is read once and loaded many times, each time with other settings.

use crate::experiment::{Experiment, Warmup};
use crate::runner::Request;
use crate::runner::warmup::{PILOTS, Unfound, detect};
use crate::settled::words;
use crate::spec::{LoadOptions, Problems, load, load_point};
use brownout_core::random::Seed;
use std::collections::BTreeMap;
use std::sync::Mutex;

/// Settings as `--set` takes them: paths and values.
pub type Settings = Vec<(String, String)>;

/// What an experiment is loaded from.
pub struct Source<'r> {
    /// The file's path, for messages.
    pub name: String,
    /// What is in it.
    pub text: String,
    /// Settings that hold at all points.
    pub sets: Settings,
    /// How the warm-up was detected, in words, if it was.
    pub warmup: Option<String>,
    /// Reads a file beside the experiment.
    read: &'r (dyn Fn(&str) -> Result<String, String> + Sync),
    /// What was read: a file that changes while a sweep goes on changes nothing.
    beside: Mutex<BTreeMap<String, Result<String, String>>>,
}

impl<'r> Source<'r> {
    /// A source; `read` reads a file beside it by its relative path.
    pub fn new(
        name: String,
        text: String,
        sets: Settings,
        read: &'r (dyn Fn(&str) -> Result<String, String> + Sync),
    ) -> Source<'r> {
        Source { name, text, sets, warmup: None, read, beside: Mutex::new(BTreeMap::new()) }
    }

    /// The experiment without any further settings, its axes tried.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn base(&self) -> Result<Experiment, Problems> {
        let read = |path: &str| self.beside(path);
        load(&self.text, &self.options(&[], &read))
    }

    /// The base experiment with a warm-up that is known: one that is to be detected is detected at
    /// the base point and holds at all points, as if it had been set.
    ///
    /// # Errors
    /// When no warm-up is found.
    pub fn settled(&mut self, base: Experiment) -> Result<Experiment, Unfound> {
        if base.statistics.warmup != Warmup::ToDetect {
            return Ok(base);
        }
        let seed = |replication| Seed { seed: base.seed, replication };
        let seeds = (0..PILOTS).map(seed).collect();
        let found = detect(&base, &Request { seeds, variants: Vec::new(), jobs: 1 })?;
        self.warmup = Some(words(&found));
        self.sets.push(("run.warmup".to_owned(), found.cut.to_string()));
        self.base().map_err(Unfound::Unfit)
    }

    /// The experiment with settings on top of its own.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn at(&self, settings: &[(String, String)]) -> Result<Experiment, Problems> {
        let read = |path: &str| self.beside(path);
        load_point(&self.text, &self.options(settings, &read))
    }

    /// The experiment that another text makes, with the same settings and files beside it.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn with_text(&self, text: &str) -> Result<Experiment, Problems> {
        let read = |path: &str| self.beside(path);
        load_point(text, &self.options(&[], &read))
    }

    /// A file beside the experiment, as it was when it was first read.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn beside(&self, path: &str) -> Result<String, String> {
        let mut files = self.beside.lock().expect("no thread panics while it reads a file");
        files.entry(path.to_owned()).or_insert_with(|| (self.read)(path)).clone()
    }

    fn options<'o>(
        &self,
        settings: &[(String, String)],
        read: &'o dyn Fn(&str) -> Result<String, String>,
    ) -> LoadOptions<'o> {
        let sets = self.sets.iter().chain(settings).cloned().collect();
        LoadOptions { file_name: self.name.clone(), sets, read }
    }
}

/// What is wrong with an experiment in one line, without its place.
pub fn in_one_line(problems: &Problems) -> String {
    let Some(first) = problems.list.first() else { return "it cannot be loaded".to_owned() };
    let label = match first.label.as_str() {
        "" => String::new(),
        label => format!(": {label}"),
    };
    match problems.list.len() + problems.more - 1 {
        0 => format!("{}{label}", first.message),
        more => format!("{}{label} (and {more} more)", first.message),
    }
}
