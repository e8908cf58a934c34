//! Runs conformance vectors against the policies: what real libraries do, step by step.
//!
//! `cargo run --release -p brownout-policies --example conform -- FILE.jsonl` prints how many
//! vectors passed and failed, the first mismatch of each that failed, and the ids of those that
//! cannot be expressed. The exit code is 1 when one failed.

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
    let (mut passed, mut failed, mut inexpressible) = (0, 0, Vec::new());
    for (id, verdict) in harness::run(&text) {
        match verdict {
            Verdict::Passed => passed += 1,
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
    ExitCode::from(u8::from(failed > 0))
}
