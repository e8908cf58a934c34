//! A file as a tree with places, the same whether it was written in RON or in JSON.

use super::problem::Place;

/// A word with its place: a key or the name of a variant.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Word {
    pub(crate) text: String,
    pub(crate) place: Place,
}

/// A value with its place.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    pub(crate) place: Place,
    pub(crate) kind: Kind,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    /// `None`, `null`.
    Nothing,
    Bool(bool),
    Number(Number),
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
pub(crate) enum Body {
    Unit,
    Tuple(Vec<Node>),
    Fields(Vec<Entry>),
}

/// A number as written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Number {
    /// Its value.
    pub(crate) value: f64,
    /// Its exact value, if it is whole and not negative.
    pub(crate) whole: Option<u64>,
}

/// A key and its value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    pub(crate) key: Word,
    pub(crate) value: Node,
}

impl Node {
    /// What it is, in words for a message.
    pub(crate) fn noun(&self) -> String {
        match &self.kind {
            Kind::Nothing => "nothing".to_owned(),
            Kind::Bool(value) => format!("`{value}`"),
            Kind::Number(number) => format!("the number {}", number.value),
            Kind::Text(text) => format!("the text \"{}\"", super::problem::short(text)),
            Kind::List(_) => "a list".to_owned(),
            Kind::Tuple(_) => "a tuple".to_owned(),
            Kind::Fields(_) => "named fields".to_owned(),
            Kind::Map(_) => "a map".to_owned(),
            Kind::Variant(name, _) => format!("`{}`", super::problem::short(&name.text)),
            Kind::Broken => "something broken".to_owned(),
        }
    }

    /// The number of nodes in it.
    pub(crate) fn size(&self) -> usize {
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

/// Reads a number as RON and JSON write it: decimal, with `_`, or with a base.
pub(crate) fn number(raw: &str) -> Option<Number> {
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
    let fits = (0.0..=9_007_199_254_740_992.0).contains(&value) && value.fract() == 0.0;
    Some(Number { value, whole: fits.then_some(value as u64) })
}
