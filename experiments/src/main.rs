//! `brownout`: run, check and explain resilience experiments.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
