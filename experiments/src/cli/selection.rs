//! What `run`, `sweep` and `hunt` are asked to run: from the command line to seeds, variants and
//! threads.

use super::argument::SeedArgument;
use super::exit::Refusal;
use super::{Manner, Sample, Selection, file, output};
use brownout::experiment::Experiment;
use brownout::report::files::default_directory;
use brownout::report::paint::Paint;
use brownout::spec::Problems;
use brownout::sweep::source::Settings;
use brownout_core::random::Seed;
use std::path::{Path, PathBuf};

impl Selection {
    /// The file's text.
    pub(super) fn text(&self) -> anyhow::Result<String> {
        let name = self.file.display();
        let text = file::read(&self.file);
        text.map_err(|reason| Refusal::invalid(format!("cannot read {name}: {reason}")))
    }

    /// Reads a file beside the experiment.
    pub(super) fn beside(&self, relative: &str) -> Result<String, String> {
        file::read(&self.file.parent().unwrap_or(Path::new("")).join(relative))
    }

    /// The settings of `--set`.
    pub(super) fn settings(&self) -> Settings {
        self.set.iter().map(|own| (own.path.clone(), own.value.clone())).collect()
    }

    /// Places in [`Experiment::variants`], in order.
    pub(super) fn variants(&self, experiment: &Experiment) -> anyhow::Result<Vec<usize>> {
        variants(&self.variant, experiment)
    }

    /// Where the files go.
    pub(super) fn directory(&self, name: &str) -> anyhow::Result<PathBuf> {
        let default = || default_directory(name);
        let directory = self.output.clone().unwrap_or_else(default);
        match directory.exists() && !directory.is_dir() {
            true => Err(Refusal::usage(format!(
                "{} is no directory; choose another with -o DIR",
                directory.display()
            ))),
            false => Ok(directory),
        }
    }

    /// The file as it is named in what is compared between machines.
    pub(super) fn shown_file(&self) -> String {
        portable(&self.file)
    }

    /// The line that makes the same files again.
    pub(super) fn command(&self, what: &str, more: &[String]) -> String {
        let mut words = vec!["brownout".to_owned(), what.to_owned(), quoted(&self.shown_file())];
        let mut option = |name: &str, value: &str| words.extend([name.to_owned(), quoted(value)]);
        self.variant.iter().for_each(|variant| option("--variant", variant));
        for setting in &self.set {
            option("--set", &format!("{}={}", setting.path, setting.value));
        }
        words.extend(more.iter().map(|word| quoted(word)));
        words.join(" ")
    }
}

impl Manner {
    /// So many threads as are asked for, or one per core.
    pub(super) fn threads(&self) -> usize {
        threads(self.jobs)
    }
}

impl Sample {
    /// One seed per replication, in order.
    pub(super) fn seeds(&self, experiment: &Experiment) -> anyhow::Result<Vec<Seed>> {
        seeds(self.seed, self.runs, experiment)
    }

    /// The options that ask for the same.
    pub(super) fn options(&self) -> Vec<String> {
        let mut words = Vec::new();
        if let Some(seed) = self.seed {
            let only = seed.replication.map_or_else(String::new, |only| format!("#{only}"));
            words.extend(["--seed".to_owned(), format!("{}{only}", seed.seed)]);
        }
        if let Some(runs) = self.runs {
            words.extend(["--runs".to_owned(), runs.to_string()]);
        }
        words
    }
}

/// So many threads as are asked for, or one per core.
pub(super) fn threads(asked: Option<u32>) -> usize {
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    asked.map_or_else(cores, |jobs| jobs as usize)
}

/// One seed per replication, in order.
pub(super) fn seeds(
    given: Option<SeedArgument>,
    runs: Option<u32>,
    experiment: &Experiment,
) -> anyhow::Result<Vec<Seed>> {
    let seed = given.map_or(experiment.seed, |argument| argument.seed);
    let only = given.and_then(|argument| argument.replication);
    if let (Some(only), Some(_)) = (only, runs) {
        let message = format!("--seed {seed}#{only} is one run; drop --runs, or the part after #");
        return Err(Refusal::usage(message));
    }
    let replications = match only {
        Some(only) => vec![only],
        None => (0..runs.unwrap_or(experiment.runs)).collect(),
    };
    Ok(replications.into_iter().map(|replication| Seed { seed, replication }).collect())
}

/// The places of the variants that are asked for, in order; of all if none is.
pub(super) fn variants(names: &[String], experiment: &Experiment) -> anyhow::Result<Vec<usize>> {
    let mut variants: Vec<usize> = Vec::new();
    for name in names {
        let place = experiment.variants.iter().position(|variant| variant.name == *name);
        variants.push(place.ok_or_else(|| {
            let names: Vec<&str> = experiment.variants.iter().map(|one| &*one.name).collect();
            let message = format!("no variant \"{name}\"; there is {}", names.join(", "));
            Refusal::usage(message)
        })?);
    }
    if variants.is_empty() {
        variants.extend(0..experiment.variants.len());
    }
    variants.sort_unstable();
    variants.dedup();
    Ok(variants)
}

/// The path as written when it is relative, else the name alone: files that are compared between
/// machines hold no absolute path.
pub(super) fn portable(path: &Path) -> String {
    let name = || path.file_name().map(PathBuf::from).unwrap_or_default();
    let shown = if path.is_absolute() { name() } else { path.to_owned() };
    shown.display().to_string()
}

/// A word that a shell passes on as it is.
pub(super) fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./=,:".contains(c);
    match !word.is_empty() && word.chars().all(is_plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }
}

/// What is wrong with a file, told on standard error.
pub(super) fn refused(problems: &Problems) -> anyhow::Error {
    let is_colored = output::paint_of_errors() == Paint::Colored;
    output::eprint(&problems.render(is_colored));
    Refusal::invalid("nothing was run")
}

/// What does not go onto the disk.
pub(super) fn unwritable(directory: &Path, error: &std::io::Error) -> anyhow::Error {
    let place = directory.display();
    Refusal::usage(format!("cannot write to {place}: {error}; choose another with -o DIR"))
}
