//! `brownout report`: the page of a run once more, without running it.

use super::exit::Exit;
use super::run::{undrawable, write_all};
use super::stored::stored;
use super::{ReportArguments, output};
use brownout::report::files::PAGE;
use brownout::report::page::page;

pub(super) fn report(arguments: &ReportArguments) -> anyhow::Result<Exit> {
    let stored = stored(&arguments.directory)?;
    let page = page(&stored, &[]).map_err(undrawable)?;
    let directory = arguments.output.as_ref().unwrap_or(&arguments.directory);
    write_all(directory, &[(PAGE.to_owned(), page.into_bytes())])?;
    if !arguments.quiet {
        output::print(&format!("Written to {}\n", directory.join(PAGE).display()));
    }
    Ok(Exit::Held)
}
