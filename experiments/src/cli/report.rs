//! `brownout report`: the page of a run or a sweep once more, without running it.

use super::exit::Exit;
use super::run::{undrawable, write_all};
use super::stored::{Kept, kept};
use super::{Redrawn, output, sweep};
use brownout::report::files::PAGE;
use brownout::report::page::page;

pub(super) fn report(arguments: &Redrawn) -> anyhow::Result<Exit> {
    let page = match kept(&arguments.directory)? {
        Kept::Run(stored) => (PAGE.to_owned(), page(&stored).map_err(undrawable)?.into_bytes()),
        Kept::Sweep(told, results) => sweep::page(&told, &results)?,
    };
    let directory = arguments.to();
    write_all(directory, &[page])?;
    if !arguments.quiet {
        output::print(&format!("Written to {}\n", directory.join(PAGE).display()));
    }
    Ok(Exit::Held)
}
