//! Runs conformance vectors against the policies: what real libraries do, step by step.
//!
//! `cargo run --release -p brownout-policies --example conform -- FILE.jsonl` prints how many
//! vectors passed and failed, the first mismatch of each that failed, the ids of those that cannot
//! be expressed, and of those that passed though something in them is read by nobody. The exit code
//! is 1 when one failed.

mod families;
mod harness;

use harness::Verdict;
use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(path) = std::env::args().nth(1) else {
        eprintln!(
            "which file? cargo run --release -p brownout-policies --example conform -- FILE.jsonl"
        );
        return ExitCode::from(2);
    };
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) => {
            eprintln!("{path}: {error}");
            return ExitCode::from(2);
        }
    };
    let (mut passed, mut failed) = (0, 0);
    let (mut inexpressible, mut unread) = (Vec::new(), Vec::new());
    for (id, verdict) in harness::run(&text) {
        match verdict {
            Verdict::Passed(names) => {
                passed += 1;
                if !names.is_empty() {
                    unread.push(format!("{id} ({})", names.join(", ")));
                }
            }
            Verdict::Failed(mismatch) => {
                failed += 1;
                println!("{id}: {mismatch}");
            }
            Verdict::Inexpressible(reason) => inexpressible.push(format!("{id} ({reason})")),
        }
    }
    println!("{passed} passed, {failed} failed");
    if !inexpressible.is_empty() {
        println!("cannot be expressed: {}", inexpressible.join(", "));
    }
    if !unread.is_empty() {
        println!("passed, though nobody reads all of it: {}", unread.join(", "));
    }
    ExitCode::from(u8::from(failed > 0))
}
