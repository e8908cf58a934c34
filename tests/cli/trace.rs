//! Traces hold together: slices nest, what begins ends, arrows have two ends, spans have parents.

use super::harness::{Desk, SMALL};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

fn read(desk: &Desk, name: &str) -> Value {
    let bytes = std::fs::read(desk.directory.join(name)).expect("it was written");
    serde_json::from_slice(&bytes).expect("a trace is JSON")
}

/// Checks a trace by the rules of the format; returns how many events of each phase it has.
fn check(trace: &Value) -> BTreeMap<String, usize> {
    check_names(trace);
    let mut phases = BTreeMap::new();
    let mut open: BTreeMap<(u64, u64), Vec<String>> = BTreeMap::new();
    let mut spans: BTreeSet<(u64, String, String)> = BTreeSet::new();
    let (mut arrows, mut moments) = (BTreeSet::new(), BTreeSet::new());
    let mut last = 0.0;
    for event in trace["traceEvents"].as_array().expect("a list") {
        let text = |key: &str| event[key].as_str().unwrap_or_default().to_owned();
        let whole = |key: &str| event[key].as_u64().expect("a whole number");
        let (phase, thread) = (text("ph"), (whole("pid"), whole("tid")));
        assert!(!text("name").is_empty(), "{event}");
        let at = event["ts"].as_f64().expect("a moment");
        if phase != "M" {
            assert!(at >= last, "events are in order: {event}");
            last = at;
        }
        match phase.as_str() {
            "B" => open.entry(thread).or_default().push(text("name")),
            "E" => {
                let last = open.get_mut(&thread).and_then(Vec::pop);
                assert_eq!(last, Some(text("name")), "slices nest: {event}");
            }
            "b" => assert!(spans.insert((thread.0, text("cat"), text("id"))), "{event}"),
            "e" => assert!(spans.remove(&(thread.0, text("cat"), text("id"))), "{event}"),
            "s" | "f" => {
                // It hangs on the slice around it: a worker's, or one that stands for the moment.
                let around = open.get(&thread).is_some_and(|slices| !slices.is_empty());
                assert!(around || moments.contains(&(thread, at.to_bits())), "{event}");
                let arrow = (text("cat"), text("name"), text("id"));
                match phase.as_str() {
                    "s" => assert!(arrows.insert(arrow), "{event}"),
                    _ => {
                        assert_eq!(event["bp"], "e", "not of the next slice: {event}");
                        assert!(arrows.remove(&arrow), "an arrow without a tail: {event}");
                    }
                }
            }
            "i" => assert!(["t", "p", "g"].contains(&text("s").as_str()), "{event}"),
            "C" => assert!(event["args"]["waiting"].is_u64(), "{event}"),
            "X" => {
                assert_eq!(event["dur"], 0.001, "{event}");
                moments.insert((thread, at.to_bits()));
            }
            "M" => assert!(!event["args"].is_null(), "{event}"),
            other => panic!("a phase that nobody asked for: {other}"),
        }
        *phases.entry(phase).or_default() += 1;
    }
    assert!(open.values().all(Vec::is_empty) && spans.is_empty(), "what begins ends");
    phases
}

/// Every process has a name, every thread with slices, and nothing else is said of them.
fn check_names(trace: &Value) {
    let events = trace["traceEvents"].as_array().expect("a list");
    let whole = |event: &Value, key: &str| event[key].as_u64().expect("a whole number");
    let mut names: BTreeMap<(u64, Option<u64>), &str> = BTreeMap::new();
    for event in events.iter().filter(|event| event["ph"] == "M") {
        let (process, thread) = (whole(event, "pid"), whole(event, "tid"));
        let key = match event["name"].as_str() {
            Some("process_name") => (process, None),
            Some("thread_name") => (process, Some(thread)),
            Some("process_sort_index") => {
                assert!(event["args"]["sort_index"].is_u64(), "{event}");
                continue;
            }
            other => panic!("no metadata of the format: {other:?}"),
        };
        let name = event["args"]["name"].as_str().expect("a name is text");
        assert!(names.insert(key, name).is_none(), "named twice: {event}");
    }
    for event in events.iter().filter(|event| event["ph"] != "M") {
        let (process, thread) = (whole(event, "pid"), whole(event, "tid"));
        assert!(names.contains_key(&(process, None)), "of no process: {event}");
        let is_named = names.contains_key(&(process, Some(thread)));
        assert!(event["ph"] != "B" || is_named, "on no thread: {event}");
    }
}

#[test]
fn a_trace_of_the_whole_run_holds_together_and_has_everything() {
    let desk = Desk::with("trace_whole", SMALL);
    let done = desk.brownout("trace own.ron --variant retry -o whole.json");
    assert_eq!(done.code, 0, "{}", done.stderr);
    let phases = check(&read(&desk, "whole.json"));
    for phase in ["B", "E", "b", "e", "s", "f", "C", "i", "M"] {
        assert!(phases.get(phase).is_some_and(|count| *count > 0), "{phase}: {phases:?}");
    }
    assert_eq!(phases["B"], phases["E"]);
    // A fault is a slice, and an instant at each end.
    let trace = read(&desk, "whole.json");
    let events = trace["traceEvents"].as_array().expect("a list");
    let faults = events.iter().filter(|event| event["pid"] == 1 && event["ph"] == "i");
    let faults: Vec<&str> = faults.filter_map(|event| event["name"].as_str()).collect();
    assert_eq!(faults, ["slow-db begins", "slow-db ends"]);
}

#[test]
fn a_stretch_begins_and_ends_what_is_under_way_at_its_edges() {
    let desk = Desk::with("trace_stretch", SMALL);
    let done = desk.brownout("trace own.ron --variant retry --from 6s --to 6500ms -o part.json");
    assert_eq!(done.code, 0, "{}", done.stderr);
    let trace = read(&desk, "part.json");
    check(&trace);
    let events = trace["traceEvents"].as_array().expect("a list");
    let moments: Vec<f64> = events
        .iter()
        .filter(|event| event["ph"] != "M")
        .filter_map(|event| event["ts"].as_f64())
        .collect();
    assert!(moments.iter().all(|at| (6e6..=6.5e6).contains(at)));
    // All eight workers of the slow database are at work at both edges.
    let at_edge = |phase: &str, edge: f64| {
        let there = |event: &&Value| event["ph"] == phase && event["ts"] == edge;
        events.iter().filter(there).filter(|event| event["name"] == "work").count()
    };
    assert!(at_edge("B", 6e6) >= 8 && at_edge("E", 6.5e6) >= 8);
}

#[test]
fn gates_branches_priorities_and_crashes_hold_together_too() {
    let text = r#"(
        run: (time: "20s", runs: 1, seed: 3),
        load: [
            Poisson(to: "api", rate: "80/s", with: [Timeout("400ms"), Hedge(after: "60ms")], class: "gold", priority: 0),
            Poisson(to: "api", rate: "40/s", with: [Retry(times: 2), Timeout("150ms")], class: "tin", priority: 5),
        ],
        services: {
            "api": (workers: 6, queue: Priority(preemptive: true, limit: 30), endpoints: { "default": [
                Work(Exp(mean: "5ms")),
                Parallel([[Call(to: "db")], [Work(Exp(mean: "2ms"))]]),
            ] }),
            "db": (replicas: 2, workers: 3, work: Exp(mean: "20ms"), while_calling: Released,
                   on_cancel: (queued: Remove, in_service: Stop)),
        },
        faults: [
            Crash(service: "db", replica: 0, at: "6s", lasts: "2s"),
            Crash(service: "api", at: "12s", lasts: "500ms"),
        ],
    )"#;
    let desk = Desk::with("trace_everything", text);
    let done = desk.brownout("trace own.ron -o all.json");
    assert_eq!(done.code, 0, "{}", done.stderr);
    check(&read(&desk, "all.json"));
    let done = desk.brownout("trace own.ron --format otlp -o all-spans.json");
    assert_eq!(done.code, 0, "{}", done.stderr);
    check_spans(&read(&desk, "all-spans.json"));
}

/// The names of an object's fields.
fn fields(object: &Value) -> BTreeSet<&str> {
    object.as_object().expect("an object").keys().map(String::as_str).collect()
}

/// Fields as the schema of OTLP spells them (opentelemetry-proto, trace.proto), in its mapping to
/// JSON: ids as hexadecimal text, 64-bit numbers as decimal text, kinds and codes as numbers.
fn check_fields(document: &Value) {
    let is_hex = |value: &Value, length: usize| {
        let text = value.as_str().unwrap_or_default();
        let is_digit = |c: char| matches!(c, '0'..='9' | 'a'..='f');
        text.len() == length && text.chars().all(is_digit) && text.contains(|c| c != '0')
    };
    let is_decimal = |value: &Value| value.as_str().is_some_and(|text| text.parse::<u64>().is_ok());
    let attributes = |list: &Value| {
        for one in list.as_array().expect("a list") {
            assert_eq!(fields(one), ["key", "value"].into(), "{one}");
            let value = &one["value"];
            let is_value = value["stringValue"].is_string() || is_decimal(&value["intValue"]);
            assert!(fields(value).len() == 1 && is_value, "{one}");
        }
    };
    assert_eq!(fields(document), ["resourceSpans"].into());
    for resource in document["resourceSpans"].as_array().expect("a list") {
        assert_eq!(fields(resource), ["resource", "scopeSpans"].into());
        attributes(&resource["resource"]["attributes"]);
        for scope in resource["scopeSpans"].as_array().expect("a list") {
            assert_eq!(fields(scope), ["scope", "spans"].into());
            assert_eq!(fields(&scope["scope"]), ["name", "version"].into());
            for span in scope["spans"].as_array().expect("a list") {
                let mut known = fields(span);
                let has_parent = known.remove("parentSpanId");
                let all = [
                    "attributes",
                    "endTimeUnixNano",
                    "events",
                    "kind",
                    "name",
                    "spanId",
                    "startTimeUnixNano",
                    "status",
                    "traceId",
                ];
                assert_eq!(known, all.into(), "{span}");
                assert!(is_hex(&span["traceId"], 32) && is_hex(&span["spanId"], 16), "{span}");
                assert!(!has_parent || is_hex(&span["parentSpanId"], 16), "{span}");
                assert!(is_decimal(&span["startTimeUnixNano"]), "{span}");
                assert!(is_decimal(&span["endTimeUnixNano"]), "{span}");
                attributes(&span["attributes"]);
                for event in span["events"].as_array().expect("a list") {
                    assert_eq!(fields(event), ["name", "timeUnixNano"].into(), "{event}");
                    assert!(is_decimal(&event["timeUnixNano"]), "{event}");
                }
                // Internal, server, client; well, or failed and why.
                assert!(matches!(span["kind"].as_u64(), Some(1..=3)), "{span}");
                let (code, why) = (&span["status"]["code"], &span["status"]["message"]);
                assert_eq!(code.as_u64(), Some(1 + u64::from(why.is_string())), "{span}");
            }
        }
    }
}

/// Checks spans by the rules of OTLP; returns how many of each kind there are.
fn check_spans(document: &Value) -> BTreeMap<u64, usize> {
    check_fields(document);
    let mut spans = BTreeMap::new();
    for resource in document["resourceSpans"].as_array().expect("a list") {
        let name = &resource["resource"]["attributes"][0];
        assert_eq!(name["key"], "service.name");
        for span in resource["scopeSpans"][0]["spans"].as_array().expect("a list") {
            let text = |key: &str| span[key].as_str().expect("text").to_owned();
            let key = (text("traceId"), text("spanId"));
            assert!(spans.insert(key, span.clone()).is_none(), "ids are unique: {span}");
        }
    }
    let nanos = |span: &Value, key: &str| -> u64 {
        span[key].as_str().expect("a number as text").parse().expect("a number")
    };
    let mut kinds = BTreeMap::new();
    for ((trace, _), span) in &spans {
        let (from, to) = (nanos(span, "startTimeUnixNano"), nanos(span, "endTimeUnixNano"));
        assert!(from <= to, "{span}");
        if let Some(parent) = span["parentSpanId"].as_str() {
            let parent = spans.get(&(trace.clone(), parent.to_owned()));
            let parent = parent.unwrap_or_else(|| panic!("a parent is there: {span}"));
            assert!(nanos(parent, "startTimeUnixNano") <= from, "{span} in {parent}");
        }
        *kinds.entry(span["kind"].as_u64().expect("a kind")).or_default() += 1;
    }
    kinds
}

#[test]
fn spans_have_parents_in_their_trace_and_are_the_same_every_time() {
    let desk = Desk::with("trace_spans", SMALL);
    for name in ["a.json", "b.json"] {
        let done = desk.brownout(&format!("trace own.ron --variant retry --format otlp -o {name}"));
        assert_eq!(done.code, 0, "{}", done.stderr);
    }
    let (first, second) = (read(&desk, "a.json"), read(&desk, "b.json"));
    assert_eq!(first, second);
    let kinds = check_spans(&first);
    // Calls, work, attempts: there are more attempts than calls, and each does some work.
    assert!(kinds[&3] > kinds[&1] && kinds[&2] > 2_000, "{kinds:?}");
}

#[test]
fn a_trace_that_cannot_be_written_leaves_nothing_behind() {
    let desk = Desk::with("trace_nonsense", SMALL);
    for line in [
        "trace own.ron --from 5s --to 5s",
        "trace own.ron --from 30s",
        "trace own.ron -o nowhere/trace.json",
        "trace own.ron -o .",
        "trace own.ron --format svg",
    ] {
        let done = desk.brownout(line);
        assert_eq!(done.code, 2, "{line}: {}", done.stderr);
        assert!(!done.stderr.is_empty() && done.stdout.is_empty(), "{line}");
    }
    assert_eq!(desk.names(), ["own.ron"]);
}
