//! `brownout diff`: two files, two variants or two directories of results, compared run by run.

use super::argument::{SeedArgument, Setting};
use super::exit::{Exit, Refusal};
use super::target::Reader;
use super::{file, output, run, selection};
use brownout::experiment::Experiment;
use brownout::incident::diff::part::parting;
use brownout::incident::diff::side::ask_for_waste;
use brownout::incident::diff::{Diff, Side, compare, json, text};
use brownout::report::Summary;
use brownout::runner::question::Questions;
use brownout::runner::{Progress, Request};
use brownout_core::random::Seed;
use brownout_policies::units;
use clap::{Args, ValueEnum};
use std::path::{Path, PathBuf};

/// What to compare, and what to make of it.
#[derive(Debug, Args)]
pub(super) struct DiffArguments {
    /// An experiment's file, or a directory of results.
    #[arg(value_name = "A")]
    first: PathBuf,
    /// Another; left out to compare two variants of the first.
    #[arg(value_name = "B")]
    second: Option<PathBuf>,
    /// Compare these two variants, the second with the first: `--variants naive,budget`.
    #[arg(long, value_name = "V,W", value_delimiter = ',')]
    variants: Vec<String>,
    /// Use this seed in all runs instead of the first file's.
    #[arg(long, value_name = "N|N#I")]
    seed: Option<SeedArgument>,
    /// Run so many replications instead of the first file's.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    runs: Option<u32>,
    /// Change a setting of files, as in `services.ledger.workers=24`; may be repeated.
    #[arg(long, value_name = "PATH=VALUE")]
    set: Vec<Setting>,
    /// Use so many threads (default: one per core). Results do not depend on it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1024))]
    jobs: Option<u32>,
    /// What makes the exit code 5: a quantity that is worse, with the whole of its interval.
    #[arg(long, value_enum)]
    fail_on: Option<FailOn>,
    /// How much worse is put up with, as a share of the first side's mean; of what is a share
    /// itself (availability, waste), so many points of it.
    #[arg(long, value_name = "SHARE", default_value = "0%", value_parser = tolerance)]
    tolerance: f64,
    /// What to print on standard output.
    #[arg(long, value_enum, default_value_t = Reader::Human)]
    format: Reader,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// Goodput or availability is lower; or latency, attempts per request, waste,
    /// errors, queues, or the share of runs that tip or stay down are higher.
    Regression,
}

fn tolerance(text: &str) -> Result<f64, String> {
    units::share(text).map_err(|error| error.to_string())
}

/// One side, and the experiment behind it if it was run here.
#[derive(Clone)]
struct Ready {
    side: Side,
    behind: Option<(std::rc::Rc<Experiment>, usize)>,
}

pub(super) fn diff(arguments: &DiffArguments) -> anyhow::Result<Exit> {
    let (first, second) = sides(arguments)?;
    let diff = compare(&first.side, &second.side, arguments.tolerance).map_err(Refusal::usage)?;
    let parted = match (&first.behind, &second.behind) {
        (Some((one, place)), Some((other, other_place))) => {
            let graphs = (&one.variants[*place].graph, &other.variants[*other_place].graph);
            let seed = first_seed(&diff)?;
            let found = parting(graphs.0, graphs.1, seed)
                .map_err(|error| Refusal::invalid(format!("seed {seed}: {error}")))?;
            Some(found)
        }
        _ => None,
    };
    output::print(&match arguments.format {
        Reader::Human => text(&diff, &parted, output::paint()),
        Reader::Json => json(&diff, &parted).document(),
    });
    Ok(match arguments.fail_on {
        Some(FailOn::Regression) if diff.regressions().next().is_some() => Exit::Regression,
        Some(FailOn::Regression) if !diff.decides() && !diff.same => Exit::Undecided,
        Some(FailOn::Regression) | None => Exit::Held,
    })
}

fn first_seed(diff: &Diff) -> anyhow::Result<Seed> {
    let given: SeedArgument = diff.seeds[0].parse().map_err(Refusal::internal)?;
    Ok(Seed { seed: given.seed, replication: given.replication.unwrap_or(0) })
}

/// Both sides, run or read.
fn sides(arguments: &DiffArguments) -> anyhow::Result<(Ready, Ready)> {
    let pair = match arguments.variants.as_slice() {
        [] => None,
        [one, other] if one != other || arguments.second.is_some() => {
            Some((one.as_str(), other.as_str()))
        }
        _ => return Err(Refusal::usage("--variants takes two names, such as naive,budget")),
    };
    let Some(second) = &arguments.second else {
        let Some((one, other)) = pair else {
            let message = "there is nothing to compare it with: name another file or directory, or \
                           two variants with --variants V,W";
            return Err(Refusal::usage(message));
        };
        let all = all_of(arguments, &arguments.first, &[one, other], None)?;
        let first = of(&all, one, &arguments.first)?;
        return Ok((first, of(&all, other, &arguments.first)?));
    };
    let (one, other) = pair.unzip();
    let wanted: Vec<&str> = one.into_iter().collect();
    let first = all_of(arguments, &arguments.first, &wanted, None)?;
    let seeds = first.first().map(|ready| ready.side.seeds.clone());
    let wanted: Vec<&str> = other.into_iter().collect();
    let second_all = all_of(arguments, second, &wanted, seeds)?;
    let (one, other) = match (one, other) {
        (Some(one), Some(other)) => (one.to_owned(), other.to_owned()),
        _ => common_variant(&first, &second_all)?,
    };
    let first = of(&first, &one, &arguments.first)?;
    Ok((first, of(&second_all, &other, second)?))
}

/// Which variants are compared if nothing is said: the only ones, or the one that both have.
fn common_variant(first: &[Ready], second: &[Ready]) -> anyhow::Result<(String, String)> {
    let names = |all: &[Ready]| -> Vec<String> {
        all.iter().map(|ready| ready.side.variant.clone()).collect()
    };
    let (ones, others) = (names(first), names(second));
    if let ([one], [other]) = (ones.as_slice(), others.as_slice()) {
        return Ok((one.clone(), other.clone()));
    }
    let common: Vec<&String> = ones.iter().filter(|name| others.contains(name)).collect();
    match common.as_slice() {
        [] => Err(Refusal::usage(format!(
            "no variant is in both ({}; {}); say which: --variants V,W",
            ones.join(", "),
            others.join(", ")
        ))),
        [only] => Ok(((*only).clone(), (*only).clone())),
        [first, ..] => {
            output::warning(&format!(
                "variant \"{first}\" of both; --variants V,W compares others"
            ));
            Ok(((*first).clone(), (*first).clone()))
        }
    }
}

/// The side of one variant.
fn of(all: &[Ready], variant: &str, path: &Path) -> anyhow::Result<Ready> {
    let found = all.iter().find(|ready| ready.side.variant == variant);
    found.cloned().ok_or_else(|| {
        let names: Vec<&str> = all.iter().map(|ready| ready.side.variant.as_str()).collect();
        let path = path.display();
        Refusal::usage(format!("no variant \"{variant}\" in {path}; there is {}", names.join(", ")))
    })
}

/// Every side that a path has, or those that are wanted of it.
fn all_of(
    arguments: &DiffArguments,
    path: &Path,
    wanted: &[&str],
    seeds: Option<Vec<String>>,
) -> anyhow::Result<Vec<Ready>> {
    if path.is_dir() {
        if arguments.seed.is_some() || arguments.runs.is_some() || !arguments.set.is_empty() {
            let message = "results have the seeds and settings they were made with; drop --seed, \
                           --runs and --set, or name files";
            return Err(Refusal::usage(message));
        }
        let sides = Side::in_directory(path).map_err(Refusal::usage)?;
        return Ok(sides.into_iter().map(|side| Ready { side, behind: None }).collect());
    }
    let mut experiment = file::experiment(path, &arguments.set)?;
    ask_for_waste(&mut experiment);
    let request = request(arguments, &experiment, wanted, seeds)?;
    let questions = Questions::of(&experiment);
    let results = run::watched(&experiment, &questions, &request, &Progress::default(), false)?;
    let seed = request.seeds[0].seed;
    let summary = Summary::of(&experiment, &questions, &results, seed);
    let name = path.display().to_string();
    let sides = Side::all_of(&summary, &name);
    let places: Vec<usize> = summary.variants.iter().map(|variant| variant.place).collect();
    drop(summary);
    let experiment = std::rc::Rc::new(experiment);
    let ready = sides.into_iter().zip(places);
    let ready =
        ready.map(|(side, place)| Ready { side, behind: Some((experiment.clone(), place)) });
    Ok(ready.collect())
}

fn request(
    arguments: &DiffArguments,
    experiment: &Experiment,
    wanted: &[&str],
    seeds: Option<Vec<String>>,
) -> anyhow::Result<Request> {
    let names: Vec<String> = wanted.iter().map(|name| (*name).to_owned()).collect();
    let variants = selection::variants(&names, experiment)?;
    let seeds = match seeds {
        // The second side runs with the seeds of the first.
        Some(seeds) => {
            let read = seeds.iter().map(|seed| seed.parse::<SeedArgument>());
            let read = read.collect::<Result<Vec<_>, _>>().map_err(Refusal::internal)?;
            let seed = |given: &SeedArgument| Seed {
                seed: given.seed,
                replication: given.replication.unwrap_or(0),
            };
            read.iter().map(seed).collect()
        }
        None => selection::seeds(arguments.seed, arguments.runs, experiment)?,
    };
    Ok(Request { seeds, variants, jobs: selection::threads(arguments.jobs) })
}
