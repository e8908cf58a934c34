//! Text → tree, whichever of the two notations it is in.

use super::problem::{Cx, Problem};
use super::tree::{Body, Kind, Node};
use super::{json, ron};

/// The tree of a file: JSON where its name or its first character says so, RON otherwise.
pub(crate) fn text(name: &str, text: &str, source: u32, cx: &mut Cx) -> Option<Node> {
    let is_json = name.ends_with(".json") || text.trim_start().starts_with('{');
    if is_json { json::parse(text, source, cx) } else { ron::parse(text, source, cx) }
}

/// The fields inside `Experiment(…)`; the name may be left out, another one is wrong.
pub(crate) fn unwrap(node: Node, name: &str, cx: &mut Cx) -> Node {
    let place = node.place;
    match node.kind {
        Kind::Variant(word, body) => {
            if word.text != name {
                let message = format!("the file holds `{}`", super::problem::short(&word.text));
                cx.push(Problem::error(word.place, message).label(format!("expected {name}(…)")));
            }
            let kind = match body {
                Body::Fields(entries) => Kind::Fields(entries),
                Body::Tuple(items) if items.is_empty() => Kind::Fields(Vec::new()),
                Body::Unit => Kind::Fields(Vec::new()),
                Body::Tuple(items) => Kind::Tuple(items),
            };
            // The whole file is no place to point at; its name is.
            Node { place: word.place, kind }
        }
        Kind::Map(entries) => match entries.as_slice() {
            [one] if one.key.text == name => one.value.clone(),
            _ => Node { place: first_byte(place), kind: Kind::Map(entries) },
        },
        kind @ Kind::Fields(_) => Node { place: first_byte(place), kind },
        kind => Node { place, kind },
    }
}

fn first_byte(place: super::problem::Place) -> super::problem::Place {
    super::problem::Place { end: place.end.min(place.start + 1), ..place }
}
