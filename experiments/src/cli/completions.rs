//! `brownout completions`: a script for a shell.

use super::exit::Exit;
use super::{Line, output};
use clap::CommandFactory;

pub(super) fn completions(shell: clap_complete::Shell) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Line::command(), "brownout", &mut script);
    output::print(&String::from_utf8_lossy(&script));
    Ok(Exit::Held)
}
