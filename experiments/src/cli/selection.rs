//! What `sweep` and `hunt` are asked to run: from the command line to seeds, variants and threads.

use super::exit::Refusal;
use super::run::{portable, quoted};
use super::{Selection, file, output};
use brownout::experiment::Experiment;
use brownout::report::files::default_directory;
use brownout::report::paint::Paint;
use brownout::spec::Problems;
use brownout::sweep::source::Settings;
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
        let every = || experiment.variants.iter().map(|variant| variant.name.as_str());
        let mut places = Vec::new();
        for name in &self.variant {
            let place = every().position(|own| own == name);
            places.push(place.ok_or_else(|| {
                let names: Vec<&str> = every().collect();
                Refusal::usage(format!("no variant \"{name}\"; there is {}", names.join(", ")))
            })?);
        }
        if places.is_empty() {
            places.extend(0..experiment.variants.len());
        }
        places.sort_unstable();
        places.dedup();
        Ok(places)
    }

    /// Threads.
    pub(super) fn threads(&self) -> usize {
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        self.jobs.map_or_else(cores, |jobs| jobs as usize)
    }

    /// Where the files go.
    pub(super) fn directory(&self, name: &str, what: &str) -> anyhow::Result<PathBuf> {
        let default = || default_directory(&format!("{name}-{what}"));
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
