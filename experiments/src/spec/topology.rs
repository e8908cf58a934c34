//! Graphs in a file of their own: read, and the experiment's services laid over them.

use super::fields::{Fields, Names};
use super::problem::{Cx, Problem};
use super::reading::Reading;
use super::tree::{Body, Entry, Kind, Node, Word};
use super::{parse, values};

/// What a topology can hold; all of it are maps of names.
const TOPOLOGY: Names = Names {
    what: "a topology",
    known: &["services", "links", "policies", "network", "about", "version"],
    later: &["topology", "zones"],
};

/// Lays the experiment over its `topology:`, field by field of each service.
pub(crate) fn merge(root: &mut Node, reading: &mut Reading<'_>) {
    let Some(node) = field(root, "topology") else { return };
    let Some(path) = values::reference(node, reading.cx) else { return };
    let Some((source, text)) = reading.file(&path.text, path.place) else { return };
    let Some(graph) = parse::text(&path.text, &text, source, reading.cx) else { return };
    let graph = parse::unwrap(graph, "Topology", reading.cx);
    if Fields::read(&graph, TOPOLOGY, reading.cx).is_none() {
        return;
    }
    for key in ["services", "links", "policies", "network"] {
        if let Some(below) = field(&graph, key) {
            lay_over(root, key, below.clone(), reading.cx);
        }
    }
}

fn field<'n>(node: &'n Node, key: &str) -> Option<&'n Node> {
    match &node.kind {
        Kind::Fields(entries) | Kind::Map(entries) => {
            entries.iter().find(|entry| entry.key.text == key).map(|entry| &entry.value)
        }
        _ => None,
    }
}

/// Puts `below` under the field `key` of the experiment.
fn lay_over(root: &mut Node, key: &str, below: Node, cx: &mut Cx) {
    let place = root.place;
    let (Kind::Fields(entries) | Kind::Map(entries)) = &mut root.kind else { return };
    let Some(own) = entries.iter_mut().find(|entry| entry.key.text == key) else {
        let key = Word { text: key.to_owned(), place: below.place };
        entries.push(Entry { key, value: below });
        return;
    };
    if key == "network" {
        return;
    }
    let (Kind::Map(own), Kind::Map(below)) = (&mut own.value.kind, below.kind) else {
        cx.push(Problem::error(
            place,
            format!("`{key}` is a map of names here and in the topology"),
        ));
        return;
    };
    // Where both speak, the experiment's word counts; services are laid over field by field.
    for entry in below {
        match own.iter_mut().find(|mine| mine.key.text == entry.key.text) {
            None => own.push(entry),
            Some(mine) if key == "services" => fill(&mut mine.value, entry.value),
            Some(_) => {}
        }
    }
}

/// Takes over the fields of `below` that `above` does not have.
fn fill(above: &mut Node, below: Node) {
    if matches!(&above.kind, Kind::Tuple(items) if items.is_empty()) {
        above.kind = Kind::Fields(Vec::new());
    }
    let (Kind::Fields(own) | Kind::Map(own)) = &mut above.kind else { return };
    let (Kind::Fields(below) | Kind::Map(below) | Kind::Variant(_, Body::Fields(below))) =
        below.kind
    else {
        return;
    };
    for entry in below {
        if !own.iter().any(|mine| mine.key.text == entry.key.text) {
            own.push(entry);
        }
    }
}
