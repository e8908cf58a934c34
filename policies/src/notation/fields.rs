//! Named fields and variants, read strictly: every key known, none twice, nothing ignored.

use super::problem::{Cx, Place, Problem, short};
use super::spelling::meant;
use super::tree::{Body, Entry, Kind, Node, is_json_variant};
use alloc::borrow::ToOwned;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

/// More names than this are not shown in a line.
const MOST_SHOWN: usize = 32;

/// What may be written somewhere: names in force and names that a later version will know.
#[derive(Debug, Clone, Copy)]
pub struct Names {
    /// What it is, with its article: "a service".
    pub what: &'static str,
    /// What can be written.
    pub known: &'static [&'static str],
    /// What is planned, and therefore refused by name.
    pub later: &'static [&'static str],
}

impl Names {
    /// Names without any planned ones.
    pub const fn new(what: &'static str, known: &'static [&'static str]) -> Names {
        Names { what, known, later: &[] }
    }

    /// Whether `word` is known; complains if not. `kind` is "field" or "variant".
    fn admits(self, word: &str, place: Place, kind: &str, cx: &mut Cx) -> bool {
        if self.known.contains(&word) {
            return true;
        }
        cx.complain(|_| self.refusal(word, place, kind));
        false
    }

    fn refusal(self, word: &str, place: Place, kind: &str) -> Problem {
        let shown = short(word);
        if self.later.contains(&word) {
            return Problem::error(
                place,
                format!("`{shown}` is not supported yet in this version"),
            )
            .label(format!("allowed: {}", self.known.join(", ")));
        }
        let message = match kind {
            "field" => format!("{} has no field `{shown}`", self.what),
            _ => format!("`{shown}` is not {}", self.what),
        };
        let near = meant(word, self.known.iter().copied());
        let number = self.known.len();
        // Whose behaviour is set field by field has a list; a service, say, has none.
        let has_list = !self.what.contains(' ');
        let (label, help) = match self.known {
            [] => ("nothing is written here".to_owned(), near),
            _ if number > MOST_SHOWN && has_list => {
                let list = self.what.to_lowercase();
                (format!("none of its {number} fields: see `brownout list {list}`"), near)
            }
            known if number > MOST_SHOWN => {
                let all = || format!("its fields are {}", known.join(", "));
                (format!("none of its {number} fields"), near.or_else(|| Some(all())))
            }
            known => (format!("allowed: {}", known.join(", ")), near),
        };
        Problem::error(place, message).label(label).maybe_help(help)
    }
}

/// The named fields of a value.
#[derive(Debug)]
pub struct Fields<'n> {
    /// Where the whole of it is.
    pub place: Place,
    what: &'static str,
    entries: Vec<(&'n str, Place, &'n Node)>,
}

impl<'n> Fields<'n> {
    /// The fields of `node`, or `None` after complaining that it has none.
    pub fn read(node: &'n Node, names: Names, cx: &mut Cx) -> Option<Fields<'n>> {
        match &node.kind {
            Kind::Fields(entries) | Kind::Map(entries) => {
                Some(Fields::of_entries(entries, node.place, names, cx))
            }
            Kind::Tuple(items) if items.is_empty() => {
                Some(Fields { place: node.place, what: names.what, entries: Vec::new() })
            }
            Kind::Broken => None,
            _ => {
                let first = names.known.first().copied().unwrap_or("name");
                cx.push(
                    Problem::error(node.place, format!("{} is not {}", names.what, node.noun()))
                        .label(format!("expected named fields, as in ({first}: …)"))
                        .help(format!("the fields are {}", names.known.join(", "))),
                );
                None
            }
        }
    }

    fn of_entries(entries: &'n [Entry], place: Place, names: Names, cx: &mut Cx) -> Fields<'n> {
        let known = unique(entries, "field", cx)
            .into_iter()
            .filter(|entry| names.admits(&entry.key.text, entry.key.place, "field", cx))
            .map(|entry| (entry.key.text.as_str(), entry.key.place, &entry.value));
        let entries = known.collect();
        Fields { place, what: names.what, entries }
    }

    /// The value of a field, unless it is absent or `None`.
    pub fn get(&self, key: &str) -> Option<&'n Node> {
        let (_, _, node) = self.entries.iter().find(|(own, _, _)| *own == key)?;
        (node.kind != Kind::Nothing).then_some(*node)
    }

    /// Where the name of a field is written.
    pub fn key_place(&self, key: &str) -> Option<Place> {
        self.entries.iter().find(|(own, _, _)| *own == key).map(|(_, place, _)| *place)
    }

    /// The value of a field that must be there; complains if it is not.
    pub fn need(&self, key: &str, example: &str, cx: &mut Cx) -> Option<&'n Node> {
        let found = self.get(key);
        if found.is_none() && !cx.is_mangled {
            cx.push(
                Problem::error(self.place, format!("{} needs `{key}`", self.what))
                    .label(format!("`{key}` is missing"))
                    .help(format!("add {key}: {example}")),
            );
        }
        found
    }

    /// Reads a field if it is there: nothing where it is absent, broken or wrong.
    pub fn with<T>(
        &self,
        key: &str,
        cx: &mut Cx,
        read: impl FnOnce(&'n Node, &mut Cx) -> Option<T>,
    ) -> Option<T> {
        self.get(key).and_then(|node| read(node, cx))
    }
}

/// The entries without those whose key came before; complains about each.
fn unique<'n>(entries: &'n [Entry], what: &str, cx: &mut Cx) -> Vec<&'n Entry> {
    let mut first: BTreeMap<&str, Place> = BTreeMap::new();
    let mut kept = Vec::with_capacity(entries.len());
    for entry in entries {
        let Some(before) = first.get(entry.key.text.as_str()) else {
            first.insert(&entry.key.text, entry.key.place);
            kept.push(entry);
            continue;
        };
        cx.complain(|cx| {
            let key = short(&entry.key.text);
            let line = cx.line_of(*before);
            Problem::error(entry.key.place, format!("{what} `{key}` is written twice"))
                .label("written again here")
                .help(format!("it was first written on line {line}; remove one of the two"))
        });
    }
    kept
}

/// The entries of a map of names, each name once and fit to be a name.
pub fn names_map<'n>(node: &'n Node, what: &str, example: &str, cx: &mut Cx) -> Vec<&'n Entry> {
    match &node.kind {
        Kind::Map(entries) => unique(entries, what, cx),
        Kind::Broken | Kind::Nothing => Vec::new(),
        Kind::Tuple(items) if items.is_empty() => Vec::new(),
        _ => {
            cx.push(
                Problem::error(node.place, format!("expected a map of names, not {}", node.noun()))
                    .label(format!("written {example}")),
            );
            Vec::new()
        }
    }
}

/// What follows a variant's name.
#[derive(Debug, Clone, Copy)]
enum Rest<'n> {
    /// Nothing.
    Nothing,
    /// Values in parentheses.
    Items(&'n [Node]),
    /// Named values.
    Entries(&'n [Entry]),
    /// A single bare value, as JSON writes `{"Timeout": "1s"}`.
    One(&'n Node),
}

/// A choice by name, with its arguments.
#[derive(Debug, Clone, Copy)]
pub struct Variant<'n> {
    /// Its name.
    pub name: &'n str,
    /// Where its name is.
    pub place: Place,
    /// Where all of it is.
    pub whole: Place,
    rest: Rest<'n>,
}

impl<'n> Variant<'n> {
    /// The variant without checking its name: `Name`, `Name(…)`, `"Name"`, `{"Name": …}`.
    pub fn peek(node: &'n Node) -> Option<Variant<'n>> {
        let (name, place, rest) = match &node.kind {
            Kind::Variant(word, Body::Unit) => (&word.text, word.place, Rest::Nothing),
            Kind::Variant(word, Body::Tuple(items)) => (&word.text, word.place, Rest::Items(items)),
            Kind::Variant(word, Body::Fields(own)) => (&word.text, word.place, Rest::Entries(own)),
            Kind::Text(text) => (text, node.place, Rest::Nothing),
            Kind::Map(entries) => {
                let [entry] = entries.as_slice() else { return None };
                let rest = match &entry.value.kind {
                    Kind::Nothing => Rest::Nothing,
                    Kind::List(items) | Kind::Tuple(items) => Rest::Items(items),
                    // `{"Work": {"Exp": …}}`: fields begin with a small letter, variants do not.
                    Kind::Map(own) if is_json_variant(own) => Rest::One(&entry.value),
                    Kind::Map(own) | Kind::Fields(own) => Rest::Entries(own),
                    _ => Rest::One(&entry.value),
                };
                (&entry.key.text, entry.key.place, rest)
            }
            _ => return None,
        };
        Some(Variant { name, place, whole: node.place, rest })
    }

    /// The variant that `node` is, or `None` after complaining.
    pub fn read(node: &'n Node, names: Names, cx: &mut Cx) -> Option<Variant<'n>> {
        if let Some(variant) = Variant::peek(node) {
            return names.admits(variant.name, variant.place, "variant", cx).then_some(variant);
        }
        if node.kind != Kind::Broken {
            cx.push(
                Problem::error(node.place, format!("expected {}, not {}", names.what, node.noun()))
                    .label(format!("allowed: {}", names.known.join(", "))),
            );
        }
        None
    }

    /// Where the name of an argument is written.
    pub fn key_place(&self, key: &str) -> Option<Place> {
        let Rest::Entries(entries) = self.rest else { return None };
        entries.iter().find(|entry| entry.key.text == key).map(|entry| entry.key.place)
    }

    /// Whether nothing follows the name.
    pub fn is_unit(&self) -> bool {
        matches!(self.rest, Rest::Nothing | Rest::Items([]))
    }

    /// Complains if anything follows the name.
    pub fn expect_unit(&self, cx: &mut Cx) {
        if !self.is_unit() {
            let message = format!("`{}` takes no arguments", self.name);
            cx.push(Problem::error(self.whole, message).help(format!("write {}", self.name)));
        }
    }

    /// The arguments by name; unnamed ones get the names of `order` in turn.
    pub fn fields(
        &self,
        names: Names,
        order: &'static [&'static str],
        cx: &mut Cx,
    ) -> Option<Fields<'n>> {
        let empty = Fields { place: self.whole, what: names.what, entries: Vec::new() };
        match self.rest {
            Rest::Nothing => Some(empty),
            Rest::Entries(entries) => Some(Fields::of_entries(entries, self.whole, names, cx)),
            Rest::Items(items) => self.unnamed(items.iter().collect(), names, order, cx),
            Rest::One(node) => self.unnamed(vec![node], names, order, cx),
        }
    }

    fn unnamed(
        &self,
        items: Vec<&'n Node>,
        names: Names,
        order: &'static [&'static str],
        cx: &mut Cx,
    ) -> Option<Fields<'n>> {
        if items.len() > order.len() {
            let allowed = match order {
                [] => "its arguments are named".to_owned(),
                order => format!("unnamed it takes ({})", order.join(", ")),
            };
            let message = format!("`{}` does not take {} unnamed values", self.name, items.len());
            cx.push(
                Problem::error(self.whole, message)
                    .label(allowed)
                    .help(format!("name them: {}", names.known.join(", "))),
            );
            return None;
        }
        let named = order.iter().zip(items).map(|(name, node)| (*name, node.place, node));
        Some(Fields { place: self.whole, what: names.what, entries: named.collect() })
    }

    /// All unnamed arguments: those of `Name(a, b)`, or of `Name([a, b])` when it is one list.
    pub fn items(&self) -> Option<&'n [Node]> {
        match self.rest {
            Rest::Items([one]) => match &one.kind {
                Kind::List(items) => Some(items),
                _ => Some(core::slice::from_ref(one)),
            },
            Rest::Items(items) => Some(items),
            Rest::One(node) => Some(core::slice::from_ref(node)),
            Rest::Nothing => Some(&[]),
            Rest::Entries(_) => None,
        }
    }

    /// The entries of `Name({…})`.
    pub fn entries(&self) -> Option<&'n [Entry]> {
        match self.rest {
            Rest::Items([one]) => match &one.kind {
                Kind::Map(entries) | Kind::Fields(entries) => Some(entries),
                _ => None,
            },
            Rest::Entries(entries) => Some(entries),
            Rest::Items(_) | Rest::One(_) | Rest::Nothing => None,
        }
    }
}

/// Reads one of a few names.
pub fn choice<T: Copy>(node: &Node, names: Names, values: &[T], cx: &mut Cx) -> Option<T> {
    let variant = Variant::read(node, names, cx)?;
    variant.expect_unit(cx);
    let at = names.known.iter().position(|name| *name == variant.name)?;
    values.get(at).copied()
}
