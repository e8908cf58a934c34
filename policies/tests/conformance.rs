//! What real libraries do: 152 vectors read from their sources and tests, more from models of them
//! that were made without a look at our engines, and edges worked by hand, run against those.

#[path = "../examples/conform/families/mod.rs"]
mod families;
#[path = "../examples/conform/harness.rs"]
mod harness;
#[path = "vectors/table.rs"]
mod table;

use harness::Verdict;

/// Vectors and their sources: tests and code of the systems they are named after.
const VECTORS: &str = include_str!("vectors/policy_vectors.jsonl");
/// Runs of independent models of the same systems, and cases worked by hand.
const DERIVED: &str = include_str!("vectors/derived.jsonl");
/// Cases worked by hand, straight from what `derived.jsonl` does not ask about: edges above all.
const WORKED: &str = include_str!("vectors/worked.jsonl");
/// Ids in which we differ on purpose, with the reason: `id: reason`, one a line.
const EXCEPTIONS: &str = include_str!("vectors/exceptions.txt");

#[test]
fn every_vector_passes_or_has_its_reason() {
    let excepted = |id: &str| EXCEPTIONS.lines().any(|line| line.split(':').next() == Some(id));
    let mut wrong = Vec::new();
    for (id, verdict) in [VECTORS, DERIVED, WORKED].into_iter().flat_map(harness::run) {
        match verdict {
            Verdict::Passed(_) if excepted(&id) => wrong.push(format!("{id} passes: no exception")),
            Verdict::Passed(unread) if unread.is_empty() => {}
            Verdict::Passed(unread) => wrong.push(format!("{id}: nobody reads {unread:?}")),
            Verdict::Failed(_) if excepted(&id) => {}
            Verdict::Failed(why) | Verdict::Inexpressible(why) => {
                wrong.push(format!("{id}: {why}"))
            }
        }
    }
    assert!(wrong.is_empty(), "{} vectors:\n{}", wrong.len(), wrong.join("\n"));
}

/// The page of all that can be said: what passes and is read to the last name is what we speak.
#[test]
fn the_page_of_what_vectors_may_say_is_what_they_say() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/conformance.md");
    let page = table::page(&[VECTORS, DERIVED, WORKED]);
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(path, &page).expect("the page can be written");
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert!(page == written, "docs/conformance.md is stale; BLESS=1 writes what is true now");
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
        vector("passed-over", "rate_limit", r#"{"emission_ns":100,"burst":1,"mood":2}"#, admitted),
        vector("unusable", "rate_limit", r#"{"emission_ns":100,"burst":"one"}"#, admitted),
        vector("wrong", "rate_limit", config, r#""op":"check","expect":{"admit":false}"#),
        "not json".to_owned(),
    ];
    let said: Vec<String> = harness::run(&lines.join("\n"))
        .into_iter()
        .map(|(id, verdict)| match verdict {
            Verdict::Passed(unread) if unread.is_empty() => format!("{id} passed"),
            Verdict::Passed(unread) => format!("{id} passed, nobody reads {}", unread.join(", ")),
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
        "passed-over passed, nobody reads mood".to_owned(),
        "unusable passed, nobody reads burst".to_owned(),
        format!("wrong failed: {refused}"),
        "line 10 failed: not a JSON object".to_owned(),
    ];
    assert_eq!(said, expected);
}
