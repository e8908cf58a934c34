//! The command as a person uses it: arguments in, exit code, streams and files out.

mod determinism;
mod exit;
mod harness;
mod interrupt;
mod lesson;
mod output;
mod ron;
mod schema;
mod shipped;
mod statistics;
mod stubborn;
mod theory;
mod verdicts;
mod warnings;
