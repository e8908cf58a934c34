//! A file as a tree with places, the same whether it was written in RON or in JSON.

use super::problem::{Place, short};
use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// A word with its place: a key or the name of a variant.
#[derive(Debug, Clone, PartialEq)]
pub struct Word {
    /// The word.
    pub text: String,
    /// Where it is.
    pub place: Place,
}

/// A value with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Where all of it is.
    pub place: Place,
    /// What it is.
    pub kind: Kind,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// `None`, `null`.
    Nothing,
    /// `true`, `false`.
    Bool(bool),
    /// `12`, `1.5`.
    Number(Number),
    /// `"50ms"`.
    Text(String),
    /// `[a, b]`
    List(Vec<Node>),
    /// `(a, b)`
    Tuple(Vec<Node>),
    /// `(a: 1, b: 2)`
    Fields(Vec<Entry>),
    /// `{"a": 1, "b": 2}`
    Map(Vec<Entry>),
    /// `Name`, `Name(a, b)`, `Name(a: 1)`
    Variant(Word, Body),
    /// Something that could not be parsed and was complained about.
    Broken,
}

/// What follows the name of a variant.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    /// Nothing.
    Unit,
    /// `(a, b)`
    Tuple(Vec<Node>),
    /// `(a: 1)`
    Fields(Vec<Entry>),
}

/// A number as written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Number {
    /// Its value.
    pub value: f64,
    /// Its exact value, if it is whole and not negative.
    pub whole: Option<u64>,
}

/// A key and its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: Word,
    /// The value.
    pub value: Node,
}

impl Node {
    /// What it is, in words for a message.
    pub fn noun(&self) -> String {
        match &self.kind {
            Kind::Nothing => "nothing".to_owned(),
            Kind::Bool(value) => format!("`{value}`"),
            Kind::Number(number) => format!("the number {}", number.value),
            Kind::Text(text) => format!("the text \"{}\"", short(text)),
            Kind::List(_) => "a list".to_owned(),
            Kind::Tuple(_) => "a tuple".to_owned(),
            Kind::Fields(_) => "named fields".to_owned(),
            Kind::Map(_) => "a map".to_owned(),
            Kind::Variant(name, _) => format!("`{}`", short(&name.text)),
            Kind::Broken => "something broken".to_owned(),
        }
    }

    /// The number of nodes in it.
    pub fn size(&self) -> usize {
        let of_entries = |entries: &[Entry]| entries.iter().map(|entry| entry.value.size()).sum();
        let of_nodes = |nodes: &[Node]| nodes.iter().map(Node::size).sum::<usize>();
        1 + match &self.kind {
            Kind::List(nodes) | Kind::Tuple(nodes) => of_nodes(nodes),
            Kind::Fields(entries) | Kind::Map(entries) => of_entries(entries),
            Kind::Variant(_, Body::Tuple(nodes)) => of_nodes(nodes),
            Kind::Variant(_, Body::Fields(entries)) => of_entries(entries),
            Kind::Variant(_, Body::Unit)
            | Kind::Nothing
            | Kind::Bool(_)
            | Kind::Number(_)
            | Kind::Text(_)
            | Kind::Broken => 0,
        }
    }
}

impl Node {
    /// The way from here to the innermost thing that `place` is in: `[1].Retry.wait`.
    pub fn path_to(&self, place: Place) -> String {
        let mut path = String::new();
        self.follow(place, &mut path);
        path
    }

    fn follow(&self, place: Place, path: &mut String) {
        match &self.kind {
            Kind::List(items) | Kind::Tuple(items) => follow_item(items, place, path),
            Kind::Fields(entries) | Kind::Map(entries) => follow_entry(entries, place, path),
            Kind::Variant(name, body) => {
                step(&name.text, path);
                match body {
                    Body::Tuple(items) => follow_item(items, place, path),
                    Body::Fields(entries) => follow_entry(entries, place, path),
                    Body::Unit => {}
                }
            }
            Kind::Nothing | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::Broken => {}
        }
    }
}

fn step(name: &str, path: &mut String) {
    if !path.is_empty() {
        path.push('.');
    }
    path.push_str(&short(name));
}

fn follow_item(items: &[Node], place: Place, path: &mut String) {
    let found = items.iter().enumerate().find(|(_, item)| item.place.holds(place));
    if let Some((number, item)) = found {
        path.push_str(&format!("[{number}]"));
        item.follow(place, path);
    }
}

fn follow_entry(entries: &[Entry], place: Place, path: &mut String) {
    let holds = |entry: &&Entry| entry.key.place.holds(place) || entry.value.place.holds(place);
    if let Some(entry) = entries.iter().find(holds) {
        step(&entry.key.text, path);
        if entry.value.place.holds(place) {
            entry.value.follow(place, path);
        }
    }
}

/// `{"Retry": …}`: a map with one key that looks like the name of a variant.
pub fn is_json_variant(entries: &[Entry]) -> bool {
    matches!(entries, [one] if one.key.text.starts_with(|c: char| c.is_ascii_uppercase()))
}

/// Reads a number as RON and JSON write it: decimal, with `_`, or with a base.
pub fn number(raw: &str) -> Option<Number> {
    let plain: String = raw.chars().filter(|c| *c != '_').collect();
    let unsigned = plain.strip_prefix('+').unwrap_or(&plain);
    let based = |prefix: &str, base| {
        unsigned.strip_prefix(prefix).and_then(|digits| u64::from_str_radix(digits, base).ok())
    };
    let whole = based("0x", 16)
        .or_else(|| based("0b", 2))
        .or_else(|| based("0o", 8))
        .or_else(|| unsigned.parse().ok());
    if let Some(whole) = whole {
        return Some(Number { value: whole as f64, whole: Some(whole) });
    }
    let value: f64 = unsigned.parse().ok()?;
    let fits = (0.0..=9_007_199_254_740_992.0).contains(&value) && value == libm::trunc(value);
    Some(Number { value, whole: fits.then_some(value as u64) })
}
