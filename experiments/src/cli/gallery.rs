//! `brownout gallery`: every experiment's page and pictures, under one index.

use super::argument::Setting;
use super::exit::{Exit, Refusal};
use super::run::{carried_out, stop_on_interrupt, undrawable, write_all};
use super::{GalleryArguments, file, output};
use brownout::report::files::{default_directory, files};
use brownout::report::page::{Entry, index};
use brownout::runner::{Progress, Request};
use brownout_core::random::Seed;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// The names of the index, and of the list of what its pictures show.
const INDEX: &str = "index.html";
const PICTURES: &str = "pictures.txt";

pub(super) fn gallery(arguments: &GalleryArguments) -> anyhow::Result<Exit> {
    let paths = experiments(&arguments.paths)?;
    let progress = Arc::new(Progress::default());
    stop_on_interrupt(&progress)?;
    let mut entries: Vec<Entry> = Vec::new();
    for path in &paths {
        let entry = made(arguments, path, &progress, &entries)?;
        if progress.stop.load(Ordering::Relaxed) {
            output::error("interrupted; the index was not written");
            return Ok(Exit::Interrupted);
        }
        if !arguments.manner.quiet {
            output::print(&format!("{}: {}\n", entry.name, entry.verdict));
        }
        entries.push(entry);
    }
    let pictures: String = entries.iter().map(Entry::pictures).collect();
    let own = [
        (INDEX.to_owned(), index(&entries).into_bytes()),
        (PICTURES.to_owned(), pictures.into_bytes()),
    ];
    write_all(&arguments.output, &own)?;
    if !arguments.manner.quiet {
        output::print(&format!("Written to {}\n", arguments.output.join(INDEX).display()));
    }
    Ok(Exit::Held)
}

/// The experiments that paths name: a file is one, a directory holds some.
fn experiments(paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for path in paths {
        if !path.is_dir() {
            found.push(path.clone());
            continue;
        }
        let entries = std::fs::read_dir(path).map_err(|error| {
            Refusal::usage(format!("cannot read the directory {}: {error}", path.display()))
        })?;
        let mut inside: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        inside.retain(|path| path.extension().is_some_and(|ending| ending == "ron"));
        inside.sort();
        if inside.is_empty() {
            let message = format!("there is no experiment (*.ron) in {}", path.display());
            return Err(Refusal::usage(message));
        }
        found.extend(inside);
    }
    Ok(found)
}

/// Runs one experiment and writes its page and pictures.
fn made(
    arguments: &GalleryArguments,
    path: &Path,
    progress: &Progress,
    before: &[Entry],
) -> anyhow::Result<Entry> {
    const NO_SETTINGS: &[Setting] = &[];
    let experiment = file::experiment(path, NO_SETTINGS)?;
    let runs = arguments.runs.unwrap_or(experiment.runs);
    let seeds = (0..runs).map(|replication| Seed { seed: experiment.seed, replication });
    let request = Request {
        seeds: seeds.collect(),
        variants: (0..experiment.variants.len()).collect(),
        jobs: arguments.manner.threads(),
    };
    let runs = arguments.runs.map_or_else(String::new, |runs| format!(" --runs {runs}"));
    let (stored, digest) = carried_out(&experiment, &request, progress, path, &runs)?;
    let directory = directory(&experiment.name, before);
    let files = files(&stored).map_err(undrawable)?;
    write_all(&arguments.output.join(&directory), &files)?;
    Entry::of(&stored, &experiment.name, &directory, digest).map_err(undrawable)
}

/// A directory that no other experiment has.
fn directory(name: &str, before: &[Entry]) -> String {
    let plain = default_directory(name);
    let plain = plain.file_name().map_or_else(String::new, |name| name.to_string_lossy().into());
    let is_free = |name: &String| before.iter().all(|entry| entry.directory != *name);
    let numbered = (2..).map(|number| format!("{plain}-{number}"));
    std::iter::once(plain.clone()).chain(numbered).find(is_free).expect("numbers do not end")
}
