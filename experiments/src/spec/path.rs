//! Paths such as `services.ledger.workers`: how `--set`, `set:` and sweeps edit a file.

use super::problem::{Cx, Place, Problem};
use super::ron;
use super::tree::{Body, Entry, Kind, Node, Word, is_json_variant};
use brownout_policies::notation::meant;

/// Unnamed arguments that paths can name.
const UNNAMED: &[(&str, &str)] = &[
    ("Timeout", "after"),
    ("Retry", "times"),
    ("Fifo", "limit"),
    ("Lifo", "limit"),
    ("Priority", "limit"),
    ("EarliestDeadline", "limit"),
    ("Fair", "limit"),
    ("Random", "limit"),
    ("ProcessorSharing", "most"),
    ("Const", "value"),
    ("Exp", "mean"),
    ("Geometric", "mean"),
    ("Constant", "wait"),
    ("Random", "mean"),
    ("Ratio", "share"),
    ("Bucket", "cap"),
    ("Propagate", "reserve"),
    ("Absolute", "reserve"),
    ("Work", "time"),
    ("Sleep", "time"),
    ("Fail", "ratio"),
    ("Call", "to"),
    ("Quorum", "of"),
];

/// An edit: what is to be put where, and where that is written.
#[derive(Debug, Clone)]
pub(crate) struct Edit {
    pub(crate) path: Word,
    pub(crate) value: Node,
}

impl Edit {
    /// The edit that an argument `path=value` asks for. What is no RON is a text: `200/s`.
    /// `origin` is the name of the text that the two make together, for complaints.
    pub(crate) fn from_argument(origin: &str, path: &str, value: &str, cx: &mut Cx) -> Edit {
        let source = cx.add_source(origin, &format!("{path}={value}"));
        let (start, end) = (path.len() + 1, path.len() + 1 + value.len());
        let place = Place { source, start: start as u32, end: end as u32 };
        let text = || Node { place, kind: Kind::Text(value.to_owned()) };
        // Blanks in place of the path keep every place.
        let padded = format!("{}{value}", " ".repeat(start));
        Edit {
            path: Word {
                text: path.to_owned(),
                place: Place { source, start: 0, end: path.len() as u32 },
            },
            value: ron::parse_value(&padded, source).unwrap_or_else(text),
        }
    }

    /// An edit that only tries whether the path written at `place` leads somewhere.
    pub(crate) fn of_path(path: &str, place: Place) -> Edit {
        let path = Word { text: path.to_owned(), place };
        Edit { path, value: Node { place, kind: Kind::Nothing } }
    }

    /// Puts the value into the tree; complains where the path leads nowhere.
    pub(crate) fn apply(&self, root: &mut Node, cx: &mut Cx) -> bool {
        let segments: Vec<&str> = self.path.text.split('.').collect();
        let (last, front) = segments.split_last().expect("a split has at least one part");
        let mut node = root;
        for (depth, segment) in front.iter().enumerate() {
            if !has(node, segment) && !may_begin(&segments[..depth], segment, node) {
                self.complain(node, &segments[..depth], segment, cx);
                return false;
            }
            node = child(node, segment).expect("it was there");
        }
        if let Some(place) = child(node, last) {
            *place = self.value.clone();
            return true;
        }
        if is_names_map(front) || !self.insert(node, last) {
            self.complain(node, front, last, cx);
            return false;
        }
        true
    }

    /// Writes a field that was left to its default.
    fn insert(&self, node: &mut Node, key: &str) -> bool {
        if key.is_empty() {
            return false;
        }
        let key = Word { text: key.to_owned(), place: self.path.place };
        let entry = Entry { key, value: self.value.clone() };
        match &mut node.kind {
            Kind::Fields(entries) => entries.push(entry),
            Kind::Map(entries) if !is_json_variant(entries) => entries.push(entry),
            Kind::Map(entries) => return self.insert(&mut entries[0].value, &entry.key.text),
            Kind::Variant(_, Body::Fields(entries)) => entries.push(entry),
            Kind::Variant(_, body) if matches!(body, Body::Unit) => {
                *body = Body::Fields(vec![entry]);
            }
            Kind::Tuple(items) if items.is_empty() => node.kind = Kind::Fields(vec![entry]),
            _ => return false,
        }
        true
    }

    fn complain(&self, node: &Node, there: &[&str], missing: &str, cx: &mut Cx) {
        cx.complain(|_| {
            let there_is = names_in(node);
            let prefix = there.join(".");
            let what = match (prefix.as_str(), there_is.as_slice()) {
                ("", _) => "the experiment".to_owned(),
                (prefix, []) => format!("`{prefix}` is {} and", node.noun()),
                (prefix, _) => format!("`{prefix}`"),
            };
            let path = super::problem::short(&self.path.text);
            let near = meant(missing, there_is.iter().map(String::as_str));
            let start = there.iter().map(|part| part.len() as u32 + 1).sum::<u32>();
            let quote = u32::from(self.path.place.source == 0);
            let own = self.path.place;
            let is_exact =
                (own.end - own.start) as usize == self.path.text.len() + 2 * quote as usize;
            let place = match is_exact {
                true => {
                    let start = own.start + quote + start;
                    Place { start, end: start + missing.len() as u32, ..own }
                }
                false => own,
            };
            Problem::error(place, format!("the path `{path}` leads nowhere"))
                .label(format!("{what} has no `{}`", super::problem::short(missing)))
                .maybe_help(match (near, there_is.as_slice()) {
                    (Some(near), _) => Some(near),
                    (None, []) => None,
                    (None, names) => Some(format!("there is {}", some_of(names))),
                })
        });
    }
}

fn some_of(names: &[String]) -> String {
    const SHOWN: usize = 20;
    let all: Vec<&str> = names.iter().take(SHOWN).map(String::as_str).collect();
    match names.len() {
        0..=SHOWN => super::problem::listed(&all),
        _ => format!("{}, …", all.join(", ")),
    }
}

/// Whether keys are names that people chose, so that a new one would be a slip.
fn is_names_map(path: &[&str]) -> bool {
    matches!(
        path,
        ["services" | "policies" | "links" | "domains" | "monitors" | "variants"]
            | ["variants", _]
            | ["services", _, "endpoints"]
    )
}

/// Writes an empty record that was left out, where there can be one.
fn may_begin(path: &[&str], segment: &str, node: &mut Node) -> bool {
    let known = match path {
        [] => ["run", "semantics", "verdict", "network"].contains(&segment),
        ["services", _] => ["clock", "on_cancel", "on_deadline"].contains(&segment),
        _ => false,
    };
    let empty = Node { place: node.place, kind: Kind::Fields(Vec::new()) };
    let entry = Entry { key: Word { text: segment.to_owned(), place: node.place }, value: empty };
    match &mut node.kind {
        Kind::Fields(entries) | Kind::Map(entries) if known => {
            entries.push(entry);
            true
        }
        _ => false,
    }
}

fn has(node: &Node, segment: &str) -> bool {
    match &node.kind {
        Kind::Fields(entries) | Kind::Variant(_, Body::Fields(entries)) => {
            entries.iter().any(|entry| entry.key.text == segment)
        }
        Kind::Map(entries) => {
            entries.iter().any(|entry| entry.key.text == segment)
                || (is_json_variant(entries) && has(&entries[0].value, segment))
        }
        Kind::List(items) | Kind::Tuple(items) => position(items, segment).is_some(),
        Kind::Variant(name, Body::Tuple(items)) => {
            names_unnamed(&name.text, items, segment)
                || position(items, segment).is_some()
                || matches!(items.as_slice(), [one] if has(one, segment))
        }
        Kind::Variant(_, Body::Unit)
        | Kind::Nothing
        | Kind::Bool(_)
        | Kind::Number(_)
        | Kind::Text(_)
        | Kind::Broken => false,
    }
}

fn child<'n>(node: &'n mut Node, segment: &str) -> Option<&'n mut Node> {
    match &mut node.kind {
        Kind::Fields(entries) | Kind::Variant(_, Body::Fields(entries)) => entry(entries, segment),
        Kind::Map(entries) => {
            if is_json_variant(entries) && entries[0].key.text != segment {
                return child(&mut entries[0].value, segment);
            }
            entry(entries, segment)
        }
        Kind::List(items) | Kind::Tuple(items) => {
            let at = position(items, segment)?;
            items.get_mut(at)
        }
        Kind::Variant(name, Body::Tuple(items)) => {
            if names_unnamed(&name.text, items, segment) {
                return items.first_mut();
            }
            // `Steps([…])` holds its items one level down.
            if let [Node { kind: Kind::List(_) | Kind::Map(_), .. }] = items.as_slice() {
                return child(&mut items[0], segment);
            }
            let at = position(items, segment)?;
            items.get_mut(at)
        }
        Kind::Variant(_, Body::Unit)
        | Kind::Nothing
        | Kind::Bool(_)
        | Kind::Number(_)
        | Kind::Text(_)
        | Kind::Broken => None,
    }
}

/// The value that a path leads to, if it is written.
pub(crate) fn find<'n>(root: &'n mut Node, path: &str) -> Option<&'n mut Node> {
    path.split('.').try_fold(root, |node, segment| child(node, segment))
}

fn entry<'n>(entries: &'n mut [Entry], key: &str) -> Option<&'n mut Node> {
    entries.iter_mut().find(|entry| entry.key.text == key).map(|entry| &mut entry.value)
}

fn names_unnamed(variant: &str, items: &[Node], segment: &str) -> bool {
    items.len() == 1 && UNNAMED.contains(&(variant, segment))
}

/// The place of an item: by its number, or by its name.
fn position(items: &[Node], segment: &str) -> Option<usize> {
    if !segment.is_empty() && segment.bytes().all(|byte| byte.is_ascii_digit()) {
        return segment.parse().ok().filter(|at| *at < items.len());
    }
    items.iter().position(|item| own_name(item).is_some_and(|name| name == segment))
}

/// The `name:` of an item, or the one made from its kind and target.
fn own_name(node: &Node) -> Option<String> {
    let (kind, entries) = match &node.kind {
        Kind::Variant(name, Body::Fields(entries)) => (&name.text, entries),
        Kind::Map(one) if is_json_variant(one) => match &one[0].value.kind {
            Kind::Map(entries) | Kind::Fields(entries) => (&one[0].key.text, entries),
            _ => return None,
        },
        _ => return None,
    };
    let text = |key: &str| {
        let found = entries.iter().find(|entry| entry.key.text == key)?;
        match &found.value.kind {
            Kind::Text(text) => Some(text.as_str()),
            _ => None,
        }
    };
    if let Some(name) = text("name") {
        return Some(name.to_owned());
    }
    if let Some(link) = text("link") {
        return Some(default_name(kind, &joined(link)));
    }
    let target = ["service", "domain", "load", "to"].into_iter().find_map(text);
    target.map(|target| default_name(kind, target))
}

/// The two ends of a link as a name.
fn joined(link: &str) -> String {
    let ends: Vec<&str> =
        link.split("->").flat_map(|part| part.split('→')).map(str::trim).collect();
    ends.join("-")
}

/// The name of a load or a fault that has none of its own: `poisson-api`, `steady-api-get`.
pub(crate) fn default_name(kind: &str, target: &str) -> String {
    // A path is split at points.
    format!("{}-{}", kind.to_lowercase(), target.replace('.', "-"))
}

fn names_in(node: &Node) -> Vec<String> {
    match &node.kind {
        Kind::Map(entries) if is_json_variant(entries) => names_in(&entries[0].value),
        Kind::Fields(entries) | Kind::Map(entries) | Kind::Variant(_, Body::Fields(entries)) => {
            entries.iter().map(|entry| entry.key.text.clone()).collect()
        }
        Kind::List(items) | Kind::Tuple(items) | Kind::Variant(_, Body::Tuple(items)) => {
            let name = |(at, item)| own_name(item).unwrap_or_else(|| format!("{at}"));
            items.iter().enumerate().map(name).collect()
        }
        Kind::Variant(_, Body::Unit)
        | Kind::Nothing
        | Kind::Bool(_)
        | Kind::Number(_)
        | Kind::Text(_)
        | Kind::Broken => Vec::new(),
    }
}
