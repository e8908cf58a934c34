//! From a path to a checked experiment.

use super::argument::Setting;
use super::exit::Refusal;
use super::output;
use brownout::experiment::Experiment;
use brownout::report::paint::Paint;
use brownout::settled::settled;
use brownout::spec::{LoadOptions, load};
use std::path::Path;

/// The longest text that is read: larger ones are data, not experiments.
const BYTES_MAX: u64 = 64 << 20;

/// The experiment in the file at `path`; complains on standard error when there is none.
pub(super) fn experiment(path: &Path, settings: &[Setting]) -> anyhow::Result<Experiment> {
    let name = path.display().to_string();
    let text =
        read(path).map_err(|reason| Refusal::invalid(format!("cannot read {name}: {reason}")))?;
    let directory = path.parent().unwrap_or(Path::new(""));
    let beside = |relative: &str| read(&directory.join(relative));
    let options = LoadOptions {
        file_name: name,
        sets: settings.iter().map(|own| (own.path.clone(), own.value.clone())).collect(),
        read: &beside,
    };
    let experiment = load(&text, &options).map_err(|problems| {
        let is_colored = output::paint_of_errors() == Paint::Colored;
        output::eprint(&problems.render(is_colored));
        Refusal::invalid("nothing was run")
    })?;
    settled(experiment, &text, options).map_err(|error| Refusal::invalid(error.to_string()))
}

/// The text of the file at `path`, or why there is none.
pub(super) fn read(path: &Path) -> Result<String, String> {
    let plain = |error: std::io::Error| error.to_string();
    let kind = std::fs::metadata(path).map_err(plain)?;
    if kind.is_dir() {
        return Err("it is a directory".to_owned());
    }
    if kind.len() > BYTES_MAX {
        return Err(format!("it is larger than {} MB", BYTES_MAX >> 20));
    }
    let bytes = std::fs::read(path).map_err(plain)?;
    String::from_utf8(bytes).map_err(|error| {
        format!("it is no text: byte {} is not UTF-8", error.utf8_error().valid_up_to())
    })
}
