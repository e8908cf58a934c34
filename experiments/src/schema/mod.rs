//! The JSON Schema of the experiment file: kept by hand beside what reads it, and policies that are
//! read by their settings filled in from those.

use crate::dialects::{Family, Listed, families, on_the_server};
use std::fmt::Write;

/// All but the policies and budgets that are read by their settings.
const FRAME: &str = include_str!("experiment.schema.json");

/// The schema (draft 2020-12). RON maps onto it as the format says: a variant `Retry(times: 3)` is
/// `{"Retry": {"times": 3}}`, one without fields its name.
pub fn schema() -> String {
    let mut text = FRAME.to_owned();
    let mut fill = |name: &str, family: &Family, besides| {
        let mark = format!("{{\"const\": \"<{name}>\"}}");
        debug_assert!(text.contains(&mark), "the frame has a place for {name}");
        text = text.replace(&mark, &way(family, besides));
    };
    for family in on_the_server() {
        let besides = if family.name == "queue" { LIMIT } else { &[] };
        let name = match family.name {
            "door" => format!("{} at the door", family.written),
            _ => family.written.to_owned(),
        };
        fill(&name, &family, besides);
    }
    for family in families().iter().filter(|family| family.written != "Shed") {
        let besides = match family.written {
            "Hedge" => HEDGE,
            "Backoff" | "outliers: " | "Balance" => &[],
            _ => SCOPE,
        };
        fill(family.written, family, besides);
    }
    text
}

/// Fields that are no settings, with what they may be.
type Besides = &'static [(&'static str, &'static str)];
const SCOPE: Besides = &[("scope", r#"{"enum": ["Replica", "Caller", "Fleet"]}"#)];
const LIMIT: Besides = &[("limit", r##"{"$ref": "#/$defs/places"}"##)];
const HEDGE: Besides = &[
    ("after", r#"{"type": "string"}"#),
    ("extra", r#"{"type": "integer", "minimum": 1}"#),
    ("on", r##"{"$ref": "#/$defs/failures"}"##),
    ("budget", r##"{"$ref": "#/$defs/budget"}"##),
    ("scope", r#"{"enum": ["Replica", "Caller", "Fleet"]}"#),
];

/// One policy, by the settings of all its dialects.
fn way(family: &Family, besides: Besides) -> String {
    let names: Vec<String> = family.dialects.iter().map(|d| format!("\"{}\"", d.name)).collect();
    let mut fields = vec![("like", format!("{{\"enum\": [{}]}}", names.join(", ")))];
    fields.extend(settings(&family.dialects));
    fields.extend(besides.iter().map(|(name, way)| (*name, (*way).to_owned())));
    match family.written {
        // Not by a name, but as the value of a field.
        "outliers: " => object(&fields),
        "Balance" => balancers(family, fields),
        written => named(written, &fields),
    }
}

/// A rule by its own name, or as a named system has it; each way one of several.
fn balancers(family: &Family, mut like: Vec<(&str, String)>) -> String {
    let besides = [
        ("at", r#"{"enum": ["Caller", "Proxy", "Pinned"]}"#.to_owned()),
        ("key", r#"{"enum": ["Call", "Caller"]}"#.to_owned()),
        ("zones", r#"{"enum": ["Alike", "PreferOwn"]}"#.to_owned()),
    ];
    like.extend(besides.clone());
    let rules = family.dialects.iter().filter(|dialect| dialect.name != "Ours").map(|dialect| {
        let mut fields = settings(std::slice::from_ref(dialect));
        fields.extend(besides.clone());
        named(dialect.name, &fields)
    });
    rules.chain([named(family.written, &like)]).collect::<Vec<String>>().join(",\n        ")
}

/// The settings of some dialects, each once.
fn settings(dialects: &[Listed]) -> Vec<(&'static str, String)> {
    let mut fields: Vec<(&'static str, String)> = Vec::new();
    for setting in dialects.iter().flat_map(|dialect| &dialect.settings) {
        match fields.iter_mut().find(|(name, _)| *name == setting.name) {
            // The same name may be a number here and a time there.
            Some((_, ways)) if *ways != setting.schema && !ways.contains(&setting.schema) => {
                *ways = format!("{{\"anyOf\": [{ways}, {}]}}", setting.schema);
            }
            Some(_) => {}
            None => fields.push((setting.name, setting.schema.clone())),
        }
    }
    fields
}

/// A name alone, or with fields.
fn named(name: &str, fields: &[(&str, String)]) -> String {
    let mut text = String::from("{\n          \"anyOf\": [\n");
    let _ = writeln!(text, "            {{\"enum\": [\"{name}\"]}},");
    let _ = writeln!(text, "            {{\n              \"type\": \"object\",");
    let _ = writeln!(text, "              \"properties\": {{\"{name}\": {}}},", object(fields));
    let _ = writeln!(text, "              \"required\": [\"{name}\"],");
    let _ = write!(text, "              \"additionalProperties\": false\n            }}");
    let _ = write!(text, "\n          ]\n        }}");
    text
}

/// Fields, and no others.
fn object(fields: &[(&str, String)]) -> String {
    let lines: Vec<String> =
        fields.iter().map(|(name, way)| format!("                  \"{name}\": {way}")).collect();
    format!(
        "{{\n                \"type\": \"object\",\n                \"properties\": {{\n{}\n                \
         }},\n                \"additionalProperties\": false\n              }}",
        lines.join(",\n")
    )
}
