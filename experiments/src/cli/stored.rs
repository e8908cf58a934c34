//! From a directory to the results that a run has left there.

use super::exit::Refusal;
use super::output;
use brownout::report::stored::Stored;
use std::path::Path;

/// The results in `directory`; complains on standard error when there are none.
pub(super) fn stored(directory: &Path) -> anyhow::Result<Stored> {
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
    Stored::read(read).map_err(|broken| {
        for one in &broken {
            output::error(&format!("{shown}/{one}"));
        }
        let message = "nothing was drawn; `brownout run FILE -o DIR` writes these files anew";
        Refusal::invalid(message)
    })
}
