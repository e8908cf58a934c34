//! `brownout explain`: why one run went as it did.

use super::exit::Exit;
use super::output;
use super::target::{self, Reader, TargetArguments};
use brownout::incident::explain::explain as found;
use clap::Args;

/// What to explain.
#[derive(Debug, Args)]
pub(super) struct ExplainArguments {
    #[command(flatten)]
    target: TargetArguments,
    /// What to print on standard output.
    #[arg(long, value_enum, default_value_t = Reader::Human)]
    format: Reader,
}

pub(super) fn explain(arguments: &ExplainArguments) -> anyhow::Result<Exit> {
    let target = target::target(&arguments.target)?;
    let explanation = found(&target.experiment, target.place, target.seed)
        .map_err(|error| target::refusal(&target.id, &error))?;
    output::print(&match arguments.format {
        Reader::Human => explanation.text(),
        Reader::Json => explanation.json().document(),
    });
    Ok(Exit::Held)
}
