//! `brownout run`: from a file to a verdict, a picture and a digest.

use super::exit::{Exit, Refusal};
use super::selection::{portable, quoted};
use super::{Format, RunArguments, file, output, progress};
use anyhow::Context;
use brownout::check;
use brownout::experiment::{Experiment, Until};
use brownout::report::files::File;
use brownout::report::page::PageError;
use brownout::report::stored::Stored;
use brownout::report::verdicts::Verdicts;
use brownout::report::why::why;
use brownout::report::{Summary, document, files, human};
use brownout::runner::question::Questions;
use brownout::runner::until::run_until;
use brownout::runner::{self, Failure, Progress, Request, Results};
use brownout_topologies::run::RunError;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::channel;

pub(super) fn run(arguments: &RunArguments) -> anyhow::Result<Exit> {
    let what = &arguments.what;
    let quiet = what.manner.quiet;
    let experiment = file::experiment(&what.file, &what.set)?;
    let variants = what.variants(&experiment)?;
    let seeds = arguments.sample.seeds(&experiment)?;
    let request = Request { seeds, variants, jobs: what.manner.threads() };
    let directory = what.directory(&experiment.name)?;
    if !quiet {
        announce(&what.file, &experiment);
    }
    let progress = Arc::new(Progress::default());
    stop_on_interrupt(&progress)?;
    let questions = Questions::of(&experiment);
    let results = watched(&experiment, &questions, &request, &progress, quiet)?;
    if results.seeds.is_empty() {
        output::error("interrupted before any run had finished; nothing was written");
        return Ok(Exit::Interrupted);
    }
    let seed = request.seeds[0].seed;
    let summary = Summary::of(&experiment, &questions, &results, seed);
    let stored = store(arguments, &questions, &summary);
    let names = write(&stored, &directory)?;
    if let Some(file) = &arguments.telling.junit {
        let xml = Verdicts::of(&summary).junit(&what.shown_file());
        write_one(file, xml.into_bytes())?;
    }
    if !quiet {
        stored.drawing.undrawn.iter().for_each(|line| output::warning(line));
    }
    tell(arguments, &summary, &directory, &names);
    Ok(exit(&summary))
}

/// Says on standard error what `check` would say at length.
fn announce(path: &Path, experiment: &Experiment) {
    let warnings = experiment.warnings.list.len() + check::warnings(experiment).len();
    let noun = if warnings == 1 { "warning" } else { "warnings" };
    if warnings > 0 {
        let path = path.display();
        output::warning(&format!("{warnings} {noun}: see `brownout check {path}`"));
    }
}

/// Ctrl-C lets the runs that have begun come to their end; a second one does not.
pub(super) fn stop_on_interrupt(progress: &Arc<Progress>) -> anyhow::Result<()> {
    let progress = Arc::clone(progress);
    ctrlc::set_handler(move || {
        if progress.stop.swap(true, Ordering::Relaxed) {
            std::process::exit(i32::from(Exit::Interrupted.code()));
        }
    })
    .context("Ctrl-C cannot be listened for")
}

/// Runs an experiment without a word and returns what it leaves behind, and one number for all
/// that happened. `options` are those that the command line would need for the same.
pub(super) fn carried_out(
    experiment: &Experiment,
    request: &Request,
    progress: &Progress,
    path: &Path,
    options: &str,
) -> anyhow::Result<(Stored, u64)> {
    let questions = Questions::of(experiment);
    let results = watched(experiment, &questions, request, progress, true)?;
    if results.seeds.is_empty() {
        return Err(Refusal::usage("interrupted before any run had finished"));
    }
    let digests = results.variants.iter().flat_map(|variant| variant.digests.iter().copied());
    let digest = runner::fold(&digests.collect::<Vec<_>>());
    let summary = Summary::of(experiment, &questions, &results, experiment.seed);
    let file = portable(path);
    let command = format!("brownout run {}{options}", quoted(&file));
    Ok((Stored::of(&summary, &questions, (&file, &command), Vec::new()), digest))
}

/// Runs everything, with a progress bar if that takes long.
pub(super) fn watched(
    experiment: &Experiment,
    questions: &Questions,
    request: &Request,
    progress: &Progress,
    quiet: bool,
) -> anyhow::Result<Results> {
    let results = std::thread::scope(|scope| {
        let (running, finished) = channel::<()>();
        if progress::is_wanted(quiet) {
            scope.spawn(move || progress::watch(progress, &finished));
        }
        let results = match until(experiment, request) {
            Some(rule) => run_until(experiment, questions, request, rule, progress),
            None => runner::run(experiment, questions, request, progress),
        };
        drop(running);
        results
    });
    results.map_err(refusal)
}

/// The file's rule for when to stop, unless the command line says how many runs there are.
fn until(experiment: &Experiment, request: &Request) -> Option<Until> {
    let first = (0..experiment.runs).map(Some);
    let is_plain = first.eq(request.seeds.iter().map(|seed| Some(seed.replication)));
    experiment.statistics.until.filter(|_| is_plain)
}

fn refusal(failure: Box<Failure>) -> anyhow::Error {
    let message = failure.to_string();
    match failure.error {
        RunError::Runaway(_) => Refusal::invalid(message),
        RunError::Imbalance(_) => Refusal::internal(message),
    }
}

/// What the run leaves behind.
fn store(arguments: &RunArguments, questions: &Questions, summary: &Summary<'_>) -> Stored {
    let file = arguments.what.shown_file();
    let command = arguments.what.command("run", &arguments.sample.options());
    Stored::of(summary, questions, (&file, &command), why(summary))
}

/// Writes the files and returns their names.
fn write(stored: &Stored, directory: &Path) -> anyhow::Result<Vec<String>> {
    let files = files::files(stored).map_err(undrawable)?;
    write_all(directory, &files)
}

/// A picture or a page that cannot be made.
pub(super) fn undrawable(error: PageError) -> anyhow::Error {
    let message = format!("nothing was drawn: {error}");
    match error {
        PageError::Draw(_) => Refusal::internal(message),
        PageError::Broken(_) => Refusal::invalid(message),
    }
}

/// Writes files and returns their names.
pub(super) fn write_all(directory: &Path, files: &[File]) -> anyhow::Result<Vec<String>> {
    files::write(directory, files).map_err(|error| {
        let message =
            format!("cannot write to {}: {error}; choose another with -o DIR", directory.display());
        Refusal::usage(message)
    })?;
    Ok(files.iter().map(|(name, _)| name.clone()).collect())
}

/// Writes one file whose name the command line gives.
pub(super) fn write_one(path: &Path, bytes: Vec<u8>) -> anyhow::Result<()> {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    let name = name.ok_or_else(|| Refusal::usage(format!("{} names no file", path.display())))?;
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    files::write(directory.unwrap_or(Path::new(".")), &[(name, bytes)])
        .map_err(|error| Refusal::usage(format!("cannot write {}: {error}", path.display())))
}

fn tell(arguments: &RunArguments, summary: &Summary<'_>, directory: &Path, names: &[String]) {
    match arguments.telling.format {
        Format::Json => output::print(&document::document(summary).document()),
        Format::Human | Format::Github if arguments.what.manner.quiet => {}
        Format::Human | Format::Github => {
            let paint = output::paint();
            let place = directory.display().to_string();
            let report = human::report(summary, paint);
            let written = human::written(summary, Some((&place, names)), paint);
            output::print(&format!("{report}\n{written}"));
        }
    }
    // Notes are for the workflow, and stay when nobody is to read a report.
    if arguments.telling.format == Format::Github {
        let notes = Verdicts::of(summary).annotations(&arguments.what.shown_file());
        notes.iter().for_each(|note| output::print(&format!("{note}\n")));
    }
}

fn exit(summary: &Summary<'_>) -> Exit {
    let start = if summary.is_interrupted() { Exit::Interrupted } else { Exit::Held };
    summary.judgements.iter().fold(start, |exit, judgement| {
        exit.worse(match judgement.held {
            Some(true) => Exit::Held,
            Some(false) => Exit::Failed,
            None => Exit::Undecided,
        })
    })
}
