//! The JSON Schema of the experiment file: kept by hand beside what reads it, and policies that are
//! read by their settings filled in from those.

use crate::dialects::{Family, families};
use std::fmt::Write;

/// All but the policies and budgets that are read by their settings.
const FRAME: &str = include_str!("experiment.schema.json");

/// The schema (draft 2020-12). RON maps onto it as the format says: a variant `Retry(times: 3)` is
/// `{"Retry": {"times": 3}}`, one without fields its name.
pub fn schema() -> String {
    let mut text = FRAME.to_owned();
    for family in families() {
        let mark = format!("{{\"const\": \"<{}>\"}}", family.written);
        debug_assert!(text.contains(&mark), "the frame has a place for {}", family.written);
        text = text.replace(&mark, &way(&family));
    }
    text
}

/// One policy, by the settings of all its dialects.
fn way(family: &Family) -> String {
    let scope = r#"{"enum": ["Replica", "Caller", "Fleet"]}"#.to_owned();
    let names: Vec<String> = family.dialects.iter().map(|d| format!("\"{}\"", d.name)).collect();
    let mut fields = vec![("like", format!("{{\"enum\": [{}]}}", names.join(", ")))];
    for setting in family.dialects.iter().flat_map(|dialect| &dialect.settings) {
        match fields.iter_mut().find(|(name, _)| *name == setting.name) {
            // The same name may be a number here and a time there.
            Some((_, ways)) if *ways != setting.schema && !ways.contains(&setting.schema) => {
                *ways = format!("{{\"anyOf\": [{ways}, {}]}}", setting.schema);
            }
            Some(_) => {}
            None => fields.push((setting.name, setting.schema.clone())),
        }
    }
    if family.written == "Hedge" {
        fields.push(("after", r#"{"type": "string"}"#.to_owned()));
        fields.push(("extra", r#"{"type": "integer", "minimum": 1}"#.to_owned()));
        fields.push(("on", r##"{"$ref": "#/$defs/failures"}"##.to_owned()));
        fields.push(("budget", r##"{"$ref": "#/$defs/budget"}"##.to_owned()));
    }
    if family.written != "Backoff" {
        fields.push(("scope", scope));
    }
    let mut text = String::from("{\n          \"anyOf\": [\n");
    let _ = writeln!(text, "            {{\"enum\": [\"{}\"]}},", family.written);
    let _ = writeln!(text, "            {{\n              \"type\": \"object\",");
    let _ = writeln!(text, "              \"properties\": {{\"{}\": {{", family.written);
    let _ =
        writeln!(text, "                \"type\": \"object\",\n                \"properties\": {{");
    let lines: Vec<String> =
        fields.iter().map(|(name, way)| format!("                  \"{name}\": {way}")).collect();
    let _ = writeln!(text, "{}\n                }},", lines.join(",\n"));
    let _ = writeln!(text, "                \"additionalProperties\": false\n              }}}},");
    let _ = writeln!(text, "              \"required\": [\"{}\"],", family.written);
    let _ = write!(text, "              \"additionalProperties\": false\n            }}");
    let _ = write!(text, "\n          ]\n        }}");
    text
}
