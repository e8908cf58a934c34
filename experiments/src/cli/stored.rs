//! From a directory to the results that a run or a sweep has left there.

use super::exit::Refusal;
use super::{Redrawn, output};
use brownout::report::json;
use brownout::report::stored::Stored;
use brownout::sweep::results::SweepResults;
use brownout::sweep::stored::{self, MANIFEST, is_of_sweep};
use brownout::sweep::told::Told;
use std::path::Path;

/// What was left.
pub(super) enum Kept {
    /// A run.
    Run(Box<Stored>),
    /// A sweep.
    Sweep(Box<Told>, SweepResults),
}

impl Redrawn {
    /// Where to.
    pub(super) fn to(&self) -> &Path {
        self.output.as_ref().unwrap_or(&self.directory)
    }
}

/// The results in `directory`; complains on standard error when there are none.
pub(super) fn kept(directory: &Path) -> anyhow::Result<Kept> {
    let shown = directory.display();
    if !directory.is_dir() {
        let message = format!("{shown} is no directory; name one that `brownout run` has written");
        return Err(Refusal::usage(message));
    }
    let read = |name: &str| {
        std::fs::read_to_string(directory.join(name)).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => "it is not there".to_owned(),
            _ => format!("it cannot be read: {error}"),
        })
    };
    let manifest = read(MANIFEST).ok().and_then(|text| json::read(&text).ok());
    let (found, command) = match manifest.is_some_and(|manifest| is_of_sweep(&manifest)) {
        true => {
            let found = stored::read(read);
            let found = found.map(|(told, results)| Kept::Sweep(Box::new(told), results));
            (found.map_err(|broken| vec![broken]), "sweep")
        }
        false => (Stored::read(read).map(|stored| Kept::Run(Box::new(stored))), "run"),
    };
    found.map_err(|broken| {
        for one in &broken {
            output::error(&format!("{shown}/{one}"));
        }
        Refusal::invalid(format!(
            "nothing was drawn; `brownout {command} FILE -o DIR` writes these files anew"
        ))
    })
}
