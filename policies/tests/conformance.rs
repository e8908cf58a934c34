//! What real libraries do: 152 vectors read from their sources and tests, run against our engines.

#[path = "../examples/conform/families/mod.rs"]
mod families;
#[path = "../examples/conform/harness.rs"]
mod harness;

use harness::Verdict;

/// Vectors and their sources: tests and code of the systems they are named after.
const VECTORS: &str = include_str!("vectors/policy_vectors.jsonl");
/// Ids in which we differ on purpose, with the reason: `id: reason`, one a line.
const EXCEPTIONS: &str = include_str!("vectors/exceptions.txt");

#[test]
fn every_vector_passes_or_has_its_reason() {
    let excepted = |id: &str| EXCEPTIONS.lines().any(|line| line.split(':').next() == Some(id));
    let mut wrong = Vec::new();
    for (id, verdict) in harness::run(VECTORS) {
        match verdict {
            Verdict::Passed if excepted(&id) => wrong.push(format!("{id} passes: no exception")),
            Verdict::Passed => {}
            Verdict::Failed(_) if excepted(&id) => {}
            Verdict::Failed(why) | Verdict::Inexpressible(why) => {
                wrong.push(format!("{id}: {why}"))
            }
        }
    }
    assert!(wrong.is_empty(), "{} vectors:\n{}", wrong.len(), wrong.join("\n"));
}
