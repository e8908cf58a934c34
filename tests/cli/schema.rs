//! The schema is honest: what is right fits it, what is wrong does not, and it knows every kind.

use super::harness::{Desk, SMALL, repository};
use super::ron::to_json;
use brownout::kinds::groups;
use brownout::schema;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;

fn schema() -> Value {
    serde_json::from_str(&schema::schema()).expect("the schema is JSON")
}

/// Where `value` does not fit, if anywhere. Only the words that the schema uses are known.
fn misfit(root: &Value, schema: &Value, value: &Value, path: &str) -> Option<String> {
    let wrong = |what: &str| Some(format!("{path}: {what}: {value}"));
    for (word, rule) in schema.as_object().expect("a schema is an object") {
        let found = match word.as_str() {
            "$ref" => {
                let name = rule.as_str().expect("a text").trim_start_matches("#/$defs/");
                misfit(root, &root["$defs"][name], value, path)
            }
            "anyOf" => {
                let mut options = rule.as_array().expect("a list").iter();
                let fits = options.any(|option| misfit(root, option, value, path).is_none());
                if fits { None } else { wrong("fits none of the ways") }
            }
            "enum" => match rule.as_array().expect("a list").contains(value) {
                true => None,
                false => wrong("is none of the names"),
            },
            "const" => {
                if rule == value {
                    None
                } else {
                    wrong("is another value")
                }
            }
            "type" => {
                let is = match rule.as_str().expect("a text") {
                    "object" => value.is_object(),
                    "array" => value.is_array(),
                    "string" => value.is_string(),
                    "number" => value.is_number(),
                    "integer" => value.is_u64(),
                    "boolean" => value.is_boolean(),
                    "null" => value.is_null(),
                    other => panic!("unknown type {other}"),
                };
                if is { None } else { wrong("is of another type") }
            }
            "required" => {
                let keys = rule.as_array().expect("a list").iter();
                let mut keys = keys.map(|key| key.as_str().expect("a text"));
                keys.find(|key| value.get(key).is_none())
                    .and_then(|key| wrong(&format!("no {key}")))
            }
            "minimum" if value.as_f64() < rule.as_f64() => wrong("is too small"),
            "maximum" if value.as_f64() > rule.as_f64() => wrong("is too large"),
            "minItems" | "maxItems" | "items" | "prefixItems" => items(root, schema, value, path),
            "properties" | "additionalProperties" => fields(root, schema, value, path),
            "minimum" | "maximum" | "pattern" | "description" | "title" | "$schema" | "$defs" => {
                None
            }
            other => panic!("the schema uses `{other}`, which this test does not know"),
        };
        if found.is_some() {
            return found;
        }
    }
    None
}

fn items(root: &Value, schema: &Value, value: &Value, path: &str) -> Option<String> {
    let items = value.as_array()?;
    let (least, most) = (schema["minItems"].as_u64(), schema["maxItems"].as_u64());
    let count = items.len() as u64;
    if least.is_some_and(|least| count < least) || most.is_some_and(|most| count > most) {
        return Some(format!("{path}: {count} items"));
    }
    items.iter().enumerate().find_map(|(number, item)| {
        let rule = schema["prefixItems"].get(number).or(schema.get("items"))?;
        misfit(root, rule, item, &format!("{path}.{number}"))
    })
}

fn fields(root: &Value, schema: &Value, value: &Value, path: &str) -> Option<String> {
    value.as_object()?.iter().find_map(|(key, field)| {
        let path = format!("{path}.{key}");
        let rest = &schema["additionalProperties"];
        match schema["properties"].get(key) {
            Some(rule) => misfit(root, rule, field, &path),
            None if *rest == Value::Bool(false) => Some(format!("{path}: unknown field")),
            None if rest.is_object() => misfit(root, rest, field, &path),
            None => None,
        }
    })
}

#[test]
fn every_shipped_file_and_every_file_of_the_corpus_of_warnings_fits_the_schema() {
    let schema = schema();
    let mut fitted = 0;
    for directory in ["experiments", "tests/corpus/warnings"] {
        for entry in fs::read_dir(repository().join(directory)).expect("it is there") {
            let path = entry.expect("readable").path();
            if path.extension().is_some_and(|extension| extension == "ron") {
                let value = to_json(&fs::read_to_string(&path).expect("readable"));
                assert_eq!(misfit(&schema, &schema, &value, ""), None, "{}", path.display());
                fitted += 1;
            }
        }
    }
    assert!(fitted >= 24, "{fitted} files");
}

#[test]
fn what_the_reader_refuses_does_not_fit() {
    let schema = schema();
    for (right, wrong) in [
        ("workers: 8", "wrokers: 8"),
        ("workers: 8", "workers: \"8\""),
        ("workers: 8", "workers: 0"),
        ("to: \"api\", ", ""),
        ("Slow(", "Slower("),
        ("by: 5, ", ""),
        ("Fifo(limit: 100)", "Filo"),
        ("Retry(times: 2)", "Retry(times: -2)"),
        ("Poisson(", "Gauss("),
        ("p50: \"20ms\", ", ""),
        ("time: \"20s\", ", ""),
    ] {
        let text = SMALL.replace(right, wrong);
        assert_ne!(text, SMALL, "{right}");
        assert!(misfit(&schema, &schema, &to_json(&text), "").is_some(), "{wrong}");
        let desk = Desk::with("what_does_not_fit", &text);
        assert_eq!(desk.brownout("check own.ron").code, 3, "{wrong}");
    }
}

#[test]
fn an_experiment_in_json_is_the_experiment_in_ron() {
    let desk = Desk::with("json_and_ron", SMALL);
    desk.put("own.json", to_json(SMALL).to_string());
    desk.brownout("run own.ron -o ron");
    let done = desk.brownout("run own.json -o json");
    assert_eq!(done.code, 0, "{}", done.stderr);
    for name in ["series.csv", "timeline.svg"] {
        assert_eq!(desk.files("ron")[name], desk.files("json")[name], "{name}");
    }
}

#[test]
fn the_schema_has_every_kind_that_is_listed() {
    let defs = schema()["$defs"].clone();
    let names = |definition: &str| -> BTreeSet<String> {
        let options = defs[definition]["anyOf"].as_array().expect("a list of ways").iter();
        // A policy that needs nothing is its name, or its name with settings.
        let flat = options.flat_map(|option| match option["anyOf"].as_array() {
            Some(ways) => ways.iter().collect::<Vec<_>>(),
            None => vec![option],
        });
        let named = flat.flat_map(|option| match &option["properties"] {
            Value::Object(fields) => fields.keys().cloned().collect(),
            _ => match option["enum"].as_array() {
                Some(names) => names.iter().map(|n| n.as_str().unwrap_or("").to_owned()).collect(),
                None => Vec::new(),
            },
        });
        named.collect()
    };
    for group in groups() {
        let definition = match group.name {
            "loads" => "load",
            "rates" => "profile",
            "distributions" => "distribution",
            "steps" => "step",
            "queues" => "queue",
            "servings" => "serving",
            "admissions" => "admission",
            "policies" => "policy",
            "balancers" => "balance",
            "deploys" => "deploy",
            "waits" => "wait",
            "budgets" => "budget",
            "faults" => "fault",
            "plots" => "plot",
            "sweeps" => "sweep",
            "ranges" => "axis",
            _ => continue,
        };
        let listed: BTreeSet<String> =
            group.kinds.iter().map(|(name, _)| (*name).to_owned()).collect();
        assert_eq!(names(definition), listed, "{definition}");
    }
}
