//! `brownout sweep`: every point of a sweep, kept as it is finished.

use super::exit::{Exit, Refusal};
use super::run::{stop_on_interrupt, write_all, write_one};
use super::selection::{refused, unwritable};
use super::{Format, SweepArguments, output, progress};
use brownout::report::files::{File, PAGE};
use brownout::report::human;
use brownout::report::json::Json;
use brownout::report::page::sweep_page;
use brownout::runner::Progress;
use brownout::runner::piecework::Crew;
use brownout::sweep::record::PointRecord;
use brownout::sweep::results::SweepResults;
use brownout::sweep::source::Source;
use brownout::sweep::store::{Refused, Store};
use brownout::sweep::stored::{MANIFEST, POINTS};
use brownout::sweep::told::Told;
use brownout::sweep::{Plan, csv, document, picture, table, tally};
use brownout_plots::DrawError;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};

pub(super) fn sweep(arguments: &SweepArguments) -> anyhow::Result<Exit> {
    if arguments.parquet && !cfg!(feature = "parquet") {
        let message = "this program was built without Parquet; build it with \
                       `cargo build --release --features parquet`";
        return Err(Refusal::usage(message));
    }
    let what = &arguments.what;
    let name = what.file.display().to_string();
    let beside = |relative: &str| what.beside(relative);
    let mut source = Source::new(name.clone(), what.text()?, what.settings(), &beside);
    let base = source.base().map_err(|problems| refused(&problems))?;
    let base = source.settled(base).map_err(|error| Refusal::invalid(error.to_string()))?;
    let Some(sweep) = &base.sweep else {
        return Err(Refusal::invalid(format!(
            "{name} has no sweep; write sweep: Grid({{\"load.0.rate\": List([\"100/s\", …])}})"
        )));
    };
    let plan = Plan {
        source: &source,
        base: &base,
        sweep,
        seeds: arguments.sample.seeds(&base)?,
        variants: what.variants(&base)?,
    };
    let directory = what.directory(&format!("{}-sweep", base.name))?;
    let progress = Arc::new(Progress::default());
    stop_on_interrupt(&progress)?;
    let (records, store) = run(arguments, &plan, &directory, &progress)?;
    let names = plan.variants.iter().map(|place| base.variants[*place].name.clone());
    let results = SweepResults::of(sweep.clone(), names.collect(), records);
    let command = what.command("sweep", &arguments.sample.options());
    let file = what.shown_file();
    let told = Told::of(&base, &source, &plan.seeds, (&file, &command), &results);
    let names = match results.is_interrupted() {
        true => Vec::new(),
        false => {
            let names = write(arguments, &told, &results, &directory)?;
            store.remove().map_err(|error| unwritable(&directory, &error))?;
            names
        }
    };
    if let Some(junit) = &arguments.telling.junit {
        write_one(junit, tally::verdicts(&told, &results).junit(&file).into_bytes())?;
    }
    tell(arguments, &told, &results, &directory, &names);
    Ok(exit(&told, &results))
}

/// Takes over what is finished and runs the rest; the records, and the store they are in.
fn run(
    arguments: &SweepArguments,
    plan: &Plan<'_>,
    directory: &Path,
    progress: &Progress,
) -> anyhow::Result<(Vec<PointRecord>, Store)> {
    let store = Store::open(directory, &key(plan), arguments.fresh);
    let mut store = store.map_err(|refused| match refused {
        Refused::Busy => Refusal::usage(format!(
            "another sweep writes to {}; wait for it, or choose another with -o DIR",
            directory.display()
        )),
        Refused::Io(error) => unwritable(directory, &error),
    })?;
    let points = plan.sweep.points();
    let quiet = arguments.what.manner.quiet;
    match store.kept.len() {
        0 if store.was_stale && !quiet => {
            output::warning("unfinished points of another sweep were there; they are dropped");
        }
        0 => {}
        kept if !quiet => {
            output::eprint(&format!("{kept} of {points} points are taken over\n"));
        }
        _ => {}
    }
    let kept = std::mem::take(&mut store.kept);
    let left: Vec<usize> = (0..points).filter(|point| !kept.contains_key(point)).collect();
    let keeping = Mutex::new((store, kept, None));
    std::thread::scope(|scope| {
        let (running, finished) = channel::<()>();
        if progress::is_wanted(quiet) {
            scope.spawn(move || progress::watch(progress, &finished));
        }
        let crew = Crew::of(arguments.what.manner.threads());
        plan.run(&left, &crew, progress, |record| {
            let mut keeping = keeping.lock().expect("no thread panics while it keeps a point");
            if let Err(error) = keeping.0.keep(&record) {
                progress.stop.store(true, Ordering::Relaxed);
                keeping.2.get_or_insert(error);
            }
            keeping.1.insert(record.point, record);
        });
        drop(running);
    });
    let (store, kept, error) = keeping.into_inner().expect("no thread panics");
    match error {
        Some(error) => Err(unwritable(directory, &error)),
        None => Ok((kept.into_values().collect(), store)),
    }
}

/// What the points are results of: the file and its settings, what is run of it, and by what.
fn key(plan: &Plan<'_>) -> String {
    let program = std::env::current_exe().and_then(std::fs::metadata).ok();
    let program = program.map(|own| format!("{} {:?}", own.len(), own.modified().ok()));
    let seeds = plan.seeds.iter().map(|seed| Json::text(seed.to_string())).collect();
    let places = plan.variants.iter().map(|place| Json::Whole(*place as u64)).collect();
    let version = env!("CARGO_PKG_VERSION");
    let key = Json::object([
        ("format", Json::Whole(brownout::report::document::FORMAT)),
        ("file_hash", Json::text(&plan.base.text_hash)),
        ("seeds", Json::List(seeds)),
        ("variants", Json::List(places)),
        ("program", Json::text(format!("brownout {version} {}", program.unwrap_or_default()))),
    ]);
    let hash = blake3::hash(key.tight().as_bytes()).to_hex().to_string();
    let name = Json::text(&plan.base.name);
    Json::object([("unfinished", name), ("key", Json::text(hash))]).tight()
}

/// Writes the files and returns their names.
fn write(
    arguments: &SweepArguments,
    told: &Told,
    results: &SweepResults,
    directory: &Path,
) -> anyhow::Result<Vec<String>> {
    let mut all = drawn(told, results)?;
    all.push(page(told, results)?);
    let manifest = document::manifest(told, results).document();
    all.extend([
        (POINTS.to_owned(), document::lines(results).into_bytes()),
        ("points.csv".to_owned(), csv::points(results).into_bytes()),
        (MANIFEST.to_owned(), manifest.into_bytes()),
    ]);
    if arguments.parquet {
        all.extend(parquet(results)?);
    }
    write_all(directory, &all)
}

/// The table of points as Parquet.
#[cfg(feature = "parquet")]
fn parquet(results: &SweepResults) -> anyhow::Result<Option<File>> {
    use brownout::sweep::parquet;
    let table = parquet::points(results);
    let table = table.map_err(|error| Refusal::internal(format!("no Parquet: {error}")))?;
    Ok(Some((parquet::FILE.to_owned(), table)))
}

/// None: whoever asks for it is refused before anything runs.
#[cfg(not(feature = "parquet"))]
fn parquet(_: &SweepResults) -> anyhow::Result<Option<File>> {
    Ok(None)
}

/// The pictures.
pub(super) fn drawn(told: &Told, results: &SweepResults) -> anyhow::Result<Vec<File>> {
    picture::files(told, results).map_err(undrawn)
}

/// The page.
pub(super) fn page(told: &Told, results: &SweepResults) -> anyhow::Result<File> {
    let page = sweep_page(told, results).map_err(undrawn)?;
    Ok((PAGE.to_owned(), page.into_bytes()))
}

fn undrawn(error: DrawError) -> anyhow::Error {
    Refusal::internal(format!("a picture cannot be drawn: {error}"))
}

fn tell(
    arguments: &SweepArguments,
    told: &Told,
    results: &SweepResults,
    directory: &Path,
    names: &[String],
) {
    let place = directory.display();
    if results.is_interrupted() && !arguments.what.manner.quiet {
        let (finished, of) = (results.finished().count(), results.sweep.points());
        output::warning(&format!(
            "interrupted: {finished} of {of} points are kept in {place}; the same command goes on"
        ));
    }
    match arguments.telling.format {
        Format::Json => output::print(&document::document(told, results).document()),
        Format::Human | Format::Github if arguments.what.manner.quiet => {}
        Format::Human | Format::Github => {
            let paint = output::paint();
            let mut report = table::report(told, results, paint);
            if !names.is_empty() {
                report.push_str(&format!("\n{}\n", paint.strong(&format!("Written to {place}"))));
                for line in human::wrapped(&names.join("  "), "  ", "  ") {
                    report.push_str(&format!("{line}\n"));
                }
            }
            output::print(&report);
        }
    }
    if arguments.telling.format == Format::Github {
        let notes = tally::notes(told, results).annotations(&told.file);
        notes.iter().for_each(|note| output::print(&format!("{note}\n")));
    }
}

/// 3 for a point that cannot be, 70 for a defect, else what became of the expectations.
fn exit(told: &Told, results: &SweepResults) -> Exit {
    let start = if results.is_interrupted() { Exit::Interrupted } else { Exit::Held };
    let of_verdict = |held: Option<bool>| match held {
        Some(true) => Exit::Held,
        Some(false) => Exit::Failed,
        None => Exit::Undecided,
    };
    let of_point = |point: &PointRecord| match &point.outcome {
        Err(broken) if broken.is_defect => Exit::Internal,
        Err(_) => Exit::Invalid,
        Ok(variants) => {
            let expected = variants.iter().flat_map(|variant| &variant.expect);
            expected.fold(Exit::Held, |exit, expected| exit.worse(of_verdict(expected.held)))
        }
    };
    let trends = told.trends.iter().map(|verdict| of_verdict(verdict.held));
    results.finished().map(of_point).chain(trends).fold(start, Exit::worse)
}
