//! The command as a person uses it: arguments in, exit code, streams and files out.

mod along;
mod determinism;
mod diff;
mod exit;
mod explain;
mod gallery;
mod harness;
mod hunt;
mod interrupt;
mod lesson;
mod output;
mod page;
mod replay;
mod ron;
mod schema;
mod shipped;
mod statistics;
mod stored;
mod stubborn;
mod sweep;
mod theory;
mod trace;
mod verdicts;
mod warnings;
