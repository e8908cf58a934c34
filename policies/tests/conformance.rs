//! What real libraries do: 152 vectors read from their sources and tests, and more from models of
//! them that were made without a look at our engines, run against those.

#[path = "../examples/conform/families/mod.rs"]
mod families;
#[path = "../examples/conform/harness.rs"]
mod harness;

use harness::Verdict;

/// Vectors and their sources: tests and code of the systems they are named after.
const VECTORS: &str = include_str!("vectors/policy_vectors.jsonl");
/// Runs of independent models of the same systems, and cases worked by hand.
const DERIVED: &str = include_str!("vectors/derived.jsonl");
/// Ids in which we differ on purpose, with the reason: `id: reason`, one a line.
const EXCEPTIONS: &str = include_str!("vectors/exceptions.txt");

#[test]
fn every_vector_passes_or_has_its_reason() {
    let excepted = |id: &str| EXCEPTIONS.lines().any(|line| line.split(':').next() == Some(id));
    let mut wrong = Vec::new();
    for (id, verdict) in [VECTORS, DERIVED].into_iter().flat_map(harness::run) {
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

/// One line each: what nobody understands is said, and keeps nobody else from being judged.
#[test]
fn what_cannot_be_expressed_is_named_and_stops_nothing() {
    let vector = |id: &str, family: &str, config: &str, step: &str| {
        let head = format!(r#""id":"{id}","family":"{family}","dialect":"gcra_governor""#);
        format!(r#"{{{head},"config":{config},"steps":[{{"t":0,{step}}}]}}"#)
    };
    let config = r#"{"emission_ns":100,"burst":1}"#;
    let admitted = r#""op":"check","expect":{"admit":true}"#;
    let lines = [
        vector("good", "rate_limit", config, admitted),
        vector("no-family", "toll_gate", config, admitted),
        vector("no-op", "rate_limit", config, r#""op":"dance","expect":{}"#),
        vector("no-key", "rate_limit", config, r#""op":"check","expect":{"colour":"red"}"#),
        vector("no-config", "rate_limit", "{}", admitted),
        vector(
            "no-field",
            "rate_limit",
            r#"{"emission_ns":100,"burst":1,"mood":2}"#,
            r#""op":"check","expect":{"admit":false}"#,
        ),
        vector("wrong", "rate_limit", config, r#""op":"check","expect":{"admit":false}"#),
        "not json".to_owned(),
    ];
    let said: Vec<String> = harness::run(&lines.join("\n"))
        .into_iter()
        .map(|(id, verdict)| match verdict {
            Verdict::Passed => format!("{id} passed"),
            Verdict::Failed(why) => format!("{id} failed: {why}"),
            Verdict::Inexpressible(why) => format!("{id} not understood: {why}"),
        })
        .collect();
    let refused = "step 0: t=0 check: admit is true, expected false";
    let expected = [
        "good passed".to_owned(),
        "no-family not understood: toll_gate gcra_governor".to_owned(),
        "no-op not understood: step 0: no operation dance".to_owned(),
        "no-key not understood: step 0: check shows no colour".to_owned(),
        "no-config not understood: no usable limit".to_owned(),
        format!("no-field not understood: nobody reads mood; {refused}"),
        format!("wrong failed: {refused}"),
        "line 8 failed: not a JSON object".to_owned(),
    ];
    assert_eq!(said, expected);
}
