//! The command line: what was asked, who does it, and the exit code that says how it went.

mod argument;
mod chase;
mod check;
mod completions;
mod diff;
mod exit;
mod explain;
mod file;
mod gallery;
mod hunt;
mod lesson;
mod list;
mod output;
mod plot;
mod progress;
mod replay;
mod report;
mod run;
mod schema;
mod selection;
mod stored;
mod sweep;
mod target;
mod theory;
mod trace;
mod writing;

use argument::{OverArgument, SeedArgument, Setting, ShareArgument};
use clap::{Args, Parser, Subcommand, ValueEnum};
use exit::Exit;
use std::path::PathBuf;
use std::process::ExitCode;

/// Resilience experiments on service graphs, in simulated time: same file, same seed, same bits.
#[derive(Debug, Parser)]
#[command(name = "brownout", version, after_help = exit::HELP)]
struct Line {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run an experiment: every variant with every seed, then a report and a directory of files.
    Run(RunArguments),
    /// Draw the pictures of a run or a sweep again from the files of its directory.
    Plot(Redrawn),
    /// Make the page of a run or a sweep again from the files of its directory.
    Report(Redrawn),
    /// Run experiments and make a page and pictures of each, under one index.
    Gallery(GalleryArguments),
    /// Run one run again and prove it the same; tell a request's life, or the state of a moment.
    Replay(replay::ReplayArguments),
    /// Write one run as a trace, for Perfetto or an OTLP back end.
    Trace(trace::TraceArguments),
    /// Say why one run went as it did: a chain of measured findings, and what keeps it down.
    Explain(explain::ExplainArguments),
    /// Compare two files, variants or directories of results, run by run.
    Diff(diff::DiffArguments),
    /// Run every point of an experiment's sweep; what was finished when it was stopped is kept.
    Sweep(SweepArguments),
    /// Find the smallest trigger that tips a system, or the seed that breaks it, and the least file
    /// that still does.
    Hunt(HuntArguments),
    /// Read an experiment without running it: its graph, its policies in words, and warnings.
    Check(CheckArguments),
    /// List what a file can say: loads, rates, distributions, policies, faults, metrics …
    List(ListArguments),
    /// Learn by predicting, running and comparing with the formula; without a name, list lessons.
    Lesson(LessonArguments),
    /// Evaluate a closed form, such as M/M/c, for one's own numbers; without a name, list them.
    Theory(TheoryArguments),
    /// Print the JSON Schema of the experiment file.
    Schema,
    /// Print a completion script for a shell.
    Completions {
        /// For which shell.
        shell: clap_complete::Shell,
    },
}

/// What `run`, `sweep` and `hunt` have in common: a file, what of it, and where to.
#[derive(Debug, Args)]
struct Selection {
    /// The experiment, in RON or (`.json`) in JSON.
    file: PathBuf,
    /// Run only this variant; may be repeated.
    #[arg(long, value_name = "NAME")]
    variant: Vec<String>,
    /// Change a setting, as in `services.ledger.workers=24`; may be repeated.
    #[arg(long, value_name = "PATH=VALUE")]
    set: Vec<Setting>,
    /// Write the files here (default: `out/` and the experiment's name, with `-sweep` or `-hunt`
    /// behind it where it is one).
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    #[command(flatten)]
    manner: Manner,
}

/// How something is run, which changes no result.
#[derive(Debug, Args)]
struct Manner {
    /// Use so many threads (default: one per core). Results do not depend on it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1024))]
    jobs: Option<u32>,
    /// Print no report, no warnings and no progress; errors and the exit code remain.
    #[arg(long, short)]
    quiet: bool,
}

/// Which replications `run` and `sweep` make.
#[derive(Debug, Args)]
struct Sample {
    /// Use this seed instead of the file's; `42#17` runs only replication 17 of seed 42.
    #[arg(long, value_name = "N|N#I")]
    seed: Option<SeedArgument>,
    /// Run so many replications (of each point) instead of the file's.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    runs: Option<u32>,
}

/// How `run` and `sweep` tell what held.
#[derive(Debug, Args)]
struct Telling {
    /// What to print on standard output.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// Also write the verdicts as JUnit's XML into this file.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct RunArguments {
    #[command(flatten)]
    what: Selection,
    #[command(flatten)]
    sample: Sample,
    #[command(flatten)]
    telling: Telling,
}

/// What `plot` and `report` draw again, and where to.
#[derive(Debug, Args)]
struct Redrawn {
    /// A directory that `brownout run` or `brownout sweep` has written.
    directory: PathBuf,
    /// Write what is drawn here instead of there.
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Print nothing; errors and the exit code remain.
    #[arg(long, short)]
    quiet: bool,
}

#[derive(Debug, Args)]
struct GalleryArguments {
    /// Experiments, and directories of experiments.
    #[arg(default_value = "experiments")]
    paths: Vec<PathBuf>,
    /// Write the gallery here.
    #[arg(short, long, value_name = "DIR", default_value = "gallery")]
    output: PathBuf,
    /// Run so many replications of each instead of the file's.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    runs: Option<u32>,
    #[command(flatten)]
    manner: Manner,
}

#[derive(Debug, Args)]
struct SweepArguments {
    #[command(flatten)]
    what: Selection,
    #[command(flatten)]
    sample: Sample,
    #[command(flatten)]
    telling: Telling,
    /// Write the table of points as Parquet, too (of builds with the feature `parquet`).
    #[arg(long)]
    parquet: bool,
    /// Forget the points that an earlier, unfinished sweep has left.
    #[arg(long)]
    fresh: bool,
}

#[derive(Debug, Args)]
struct HuntArguments {
    #[command(flatten)]
    what: Selection,
    /// What to print on standard output.
    #[arg(long, value_enum, default_value_t = Shape::Human)]
    format: Shape,
    /// Search the edge over this range, as in `faults.0.lasts=1s..20s`, instead of what the file's
    /// `hunt:` says; may be repeated: each alone, then all together.
    #[arg(long, value_name = "PATH=FROM..TO", conflicts_with = "seeds")]
    over: Vec<OverArgument>,
    /// What a bad run is (default: what the file says, else stuck; with --seeds, failed).
    #[arg(long, value_enum)]
    until: Option<Until>,
    /// A setting is bad when more than this share of its runs is: `50%`.
    #[arg(long, value_name = "SHARE", conflicts_with = "seeds")]
    share: Option<ShareArgument>,
    /// Stop when the two ends are this close, as a share of the range: `1%`.
    #[arg(long, value_name = "SHARE", conflicts_with = "seeds")]
    within: Option<ShareArgument>,
    /// Judge no setting by more than so many runs.
    #[arg(long, value_name = "N", conflicts_with = "seeds",
          value_parser = clap::value_parser!(u32).range(8..=100_000))]
    runs: Option<u32>,
    /// Search no edge but the first bad run among so many replications of the file as it is.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    seeds: Option<u32>,
    /// Use this seed instead of the file's.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Do not look for the least file that still is bad.
    #[arg(long)]
    no_shrink: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Until {
    /// It tipped and never recovered.
    Stuck,
    /// It tipped.
    Tipped,
    /// An expectation does not hold in it.
    Failed,
}

#[derive(Debug, Args)]
struct CheckArguments {
    /// The experiment, in RON or (`.json`) in JSON.
    file: PathBuf,
    /// Change a setting, as in `services.ledger.workers=24`; may be repeated.
    #[arg(long, value_name = "PATH=VALUE")]
    set: Vec<Setting>,
}

#[derive(Debug, Args)]
struct ListArguments {
    /// Only these: loads, rates, distributions, policies, waits, budgets, faults, metrics … or one
    /// policy with what `like:` makes of it: breaker, hedge, budget, ratelimit …
    kind: Option<String>,
}

#[derive(Debug, Args)]
struct LessonArguments {
    /// Which lesson, or a file of one's own that ends in `.md`.
    name: Option<String>,
    /// Every lesson, one after the other.
    #[arg(long)]
    all: bool,
    /// Write pages with pictures, and the experiments, here.
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Do not wait for predictions.
    #[arg(long)]
    answer: bool,
    /// Use so many threads (default: one per core). Results do not depend on it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1024))]
    jobs: Option<u32>,
}

#[derive(Debug, Args)]
struct TheoryArguments {
    /// What to print on standard output.
    #[arg(long, value_enum, default_value_t = theory::Shape::Human)]
    format: theory::Shape,
    /// Which form, and its arguments, as in `mmc --lambda 80/s --mu 10/s --servers 10`. A name
    /// alone says what it takes; nothing lists them all.
    #[arg(
        trailing_var_arg = true,
        allow_hyphen_values = true,
        value_name = "NAME --ARGUMENT VALUE"
    )]
    words: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A report for people.
    Human,
    /// One JSON document.
    Json,
    /// The report for people, then notes for a GitHub workflow at the lines of the file.
    Github,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Shape {
    /// A report for people.
    Human,
    /// One JSON document.
    Json,
}

/// Does what the command line asks.
pub(crate) fn main() -> ExitCode {
    let line = match Line::try_parse() {
        Ok(line) => line,
        Err(error) => {
            // Help and versions are no errors, but come this way.
            let exit = if error.use_stderr() { Exit::Usage } else { Exit::Held };
            let _ = error.print();
            return exit.into();
        }
    };
    let outcome = std::panic::catch_unwind(|| match line.command {
        Command::Run(arguments) => run::run(&arguments),
        Command::Plot(arguments) => plot::plot(&arguments),
        Command::Report(arguments) => report::report(&arguments),
        Command::Gallery(arguments) => gallery::gallery(&arguments),
        Command::Replay(arguments) => replay::replay(&arguments),
        Command::Trace(arguments) => trace::trace(&arguments),
        Command::Explain(arguments) => explain::explain(&arguments),
        Command::Diff(arguments) => diff::diff(&arguments),
        Command::Sweep(arguments) => sweep::sweep(&arguments),
        Command::Hunt(arguments) => hunt::hunt(&arguments),
        Command::Check(arguments) => check::check(&arguments),
        Command::List(arguments) => list::list(&arguments),
        Command::Lesson(arguments) => lesson::lesson_command(&arguments),
        Command::Theory(arguments) => theory::theory(&arguments),
        Command::Schema => schema::schema(),
        Command::Completions { shell } => completions::completions(shell),
    });
    let exit = match outcome {
        Ok(Ok(exit)) => exit,
        Ok(Err(error)) => {
            output::error(&format!("{error:#}"));
            Exit::of(&error)
        }
        Err(_) => {
            output::error("this is a defect of brownout, not of the file; please report it");
            Exit::Internal
        }
    };
    exit.into()
}
