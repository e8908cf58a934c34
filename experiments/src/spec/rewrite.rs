//! A file's own text with something else in it: what a person wrote stays as it is.
//!
//! What is asked for is found in the tree, whose nodes know their places, and changed in the text.
//! Whether the outcome still is an experiment is for whoever loads it to find out.

use super::path;
use super::problem::{Cx, EXPERIMENT};
use super::tree::{Body, Entry, Kind, Node};
use super::{parse, ron};
use std::ops::Range;

/// Something in a file that could be left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its path, as for `--set`.
    pub path: String,
    /// Where it is, from its key to the end of its value.
    at: Range<usize>,
}

/// The value at a path as it is written in the file, if it is written there.
pub fn value(name: &str, text: &str, path: &str) -> Option<String> {
    let mut root = tree(name, text)?;
    Some(text.get(bytes(path::find(&mut root, path)?))?.to_owned())
}

/// The text with another value at a path, which may be one that the file leaves to its default.
/// `None` where the path leads nowhere.
pub fn set(name: &str, text: &str, path: &str, value: &str) -> Option<String> {
    let mut root = tree(name, text)?;
    let is_json = name.ends_with(".json");
    let written = match ron::parse_value(value, 0) {
        Some(_) => value.to_owned(),
        None => format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\"")),
    };
    if let Some(node) = path::find(&mut root, path) {
        return Some(replaced(text, bytes(node), &written));
    }
    let (front, last) = path.rsplit_once('.').unwrap_or(("", path));
    let node = if front.is_empty() { &mut root } else { path::find(&mut root, front)? };
    let key = if is_json { format!("\"{last}\"") } else { last.to_owned() };
    let at = match &node.kind {
        Kind::Fields(entries) | Kind::Variant(_, Body::Fields(entries)) => end_of(entries)?,
        Kind::Map(entries) if is_json => end_of(entries)?,
        _ => return None,
    };
    Some(replaced(text, at..at, &format!(", {key}: {written}")))
}

/// The text without a part, its comma, and the line it leaves empty.
pub fn without(text: &str, part: &Part) -> String {
    let Range { start, end } = part.at.clone();
    let behind = &text[end..];
    let blank = |text: &str| text.len() - text.trim_start().len();
    let mut end = end;
    let mut start = start;
    if behind.trim_start().starts_with(',') {
        end += blank(behind) + 1;
    } else if text[..start].trim_end().ends_with(',') {
        // The last of its list: the comma before it goes, unless a comment stands between.
        start = text[..start].trim_end().len() - 1;
    }
    let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let line_end = text[end..].find('\n').map_or(text.len(), |at| end + at);
    let is_alone = text[line_start..start].trim().is_empty();
    let rest = text[end..line_end].trim();
    if is_alone && (rest.is_empty() || rest.starts_with("//")) {
        let next = (line_end + 1).min(text.len());
        // Of two blank lines that now meet one goes, too.
        let meets = text[..line_start].ends_with("\n\n") && text[next..].starts_with('\n');
        return replaced(text, line_start..next + usize::from(meets), "");
    }
    let end = end + text[end..line_end].len() - text[end..line_end].trim_start_matches(' ').len();
    replaced(text, start..end, "")
}

/// The items of a list or a map at a path, the last first, so that leaving one out moves no other.
pub fn parts(name: &str, text: &str, path: &str) -> Vec<Part> {
    let Some(mut root) = tree(name, text) else { return Vec::new() };
    let own = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    let node = if path.is_empty() { Some(&mut root) } else { path::find(&mut root, path) };
    let mut parts: Vec<Part> = match node.map(|node| &*node).map(|node| &node.kind) {
        Some(
            Kind::Map(entries) | Kind::Fields(entries) | Kind::Variant(_, Body::Fields(entries)),
        ) => entries
            .iter()
            .map(|entry| Part { path: own(&entry.key.text), at: whole(entry, text) })
            .collect(),
        Some(Kind::List(items)) => items
            .iter()
            .enumerate()
            .map(|(at, item)| Part { path: own(&at.to_string()), at: bytes(item) })
            .collect(),
        _ => Vec::new(),
    };
    parts.reverse();
    parts
}

fn tree(name: &str, text: &str) -> Option<Node> {
    let mut cx = Cx::new(&EXPERIMENT);
    cx.add_source(name, text);
    let root = parse::text(name, text, 0, &mut cx)?;
    let root = parse::unwrap(root, "Experiment", &mut cx);
    (!cx.has_errors()).then_some(root)
}

fn bytes(node: &Node) -> Range<usize> {
    node.place.start as usize..node.place.end as usize
}

/// An entry from its key, quotes included, to the end of its value.
fn whole(entry: &Entry, text: &str) -> Range<usize> {
    let start = entry.key.place.start as usize;
    let quoted = text[..start].ends_with('"') && !text[start..].starts_with('"');
    start - usize::from(quoted)..entry.value.place.end as usize
}

/// Where the last value of a record ends.
fn end_of(entries: &[Entry]) -> Option<usize> {
    entries.iter().map(|entry| entry.value.place.end as usize).max()
}

fn replaced(text: &str, at: Range<usize>, with: &str) -> String {
    format!("{}{with}{}", &text[..at.start], &text[at.end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"// A comment of the author's.
Experiment(
    run: (time: "20s"), // so long
    faults: [
        Slow(service: "db", by: 5, at: "5s"), // the first
        Crash(service: "db", at: "7s"),
    ],
    services: { "api": (calls: [(to: "db"), (to: "cache")]), "db": (workers: 8) },
)
"#;

    #[test]
    fn a_value_is_replaced_where_it_stands_and_nothing_else() {
        let by = set("x.ron", TEXT, "faults.0.by", "2.5").expect("it is there");
        assert_eq!(by, TEXT.replace("by: 5", "by: 2.5"));
        let at = set("x.ron", TEXT, "faults.slow-db.at", "3s").expect("it is there");
        assert_eq!(at, TEXT.replace("\"5s\"", "\"3s\""));
        assert_eq!(value("x.ron", TEXT, "services.db.workers"), Some("8".to_owned()));
        assert_eq!(set("x.ron", TEXT, "services.bd.workers", "9"), None);
    }

    #[test]
    fn a_field_that_was_left_out_is_written_behind_the_others() {
        let set = set("x.ron", TEXT, "faults.0.lasts", "2s").expect("it can be there");
        assert_eq!(set, TEXT.replace("at: \"5s\"", "at: \"5s\", lasts: \"2s\""));
    }

    #[test]
    fn a_part_goes_with_its_comma_and_its_line() {
        let faults = parts("x.ron", TEXT, "faults");
        assert_eq!(faults[0].path, "faults.1");
        assert_eq!(
            without(TEXT, &faults[0]),
            TEXT.replace("        Crash(service: \"db\", at: \"7s\"),\n", "")
        );
        let first = without(TEXT, &faults[1]);
        assert!(!first.contains("the first") && first.contains("Crash"), "{first}");
        let calls = parts("x.ron", TEXT, "services.api.calls");
        assert_eq!(without(TEXT, &calls[0]), TEXT.replace(", (to: \"cache\")", ""));
        let services = parts("x.ron", TEXT, "services");
        assert_eq!(
            without(TEXT, &services[1]),
            TEXT.replace("\"api\": (calls: [(to: \"db\"), (to: \"cache\")]), ", "")
        );
        let all = parts("x.ron", TEXT, "");
        let without_run = all.iter().find(|part| part.path == "run").expect("it is there");
        assert_eq!(
            without(TEXT, without_run),
            TEXT.replace("    run: (time: \"20s\"), // so long\n", "")
        );
    }
}
