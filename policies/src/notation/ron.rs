//! RON text → tree. The only file that knows the parser behind it.

use super::problem::{Cx, Place, Problem, Subject, short};
use super::scan;
use super::tree::{Body, Entry, Kind, Node, Word, number};
use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use ron2::ast::{Expr, Ident, StructBody, StructField, TupleElement, parse_document_lossy};
use ron2::{Error, ErrorKind, Span};

/// The tree of `text`, or `None` after complaining. Where only a part is broken, the rest is kept.
pub fn parse(text: &str, source: u32, cx: &mut Cx) -> Option<Node> {
    let problems = scan::problems(text, source, false, cx.subject);
    if !problems.is_empty() {
        problems.into_iter().for_each(|problem| cx.push(problem));
        return None;
    }
    // A byte-order mark is not RON; blanks of the same length keep every place.
    let unmarked = text.strip_prefix('\u{feff}').map(|rest| format!("   {rest}"));
    let text = unmarked.as_deref().unwrap_or(text);
    let (document, errors) = parse_document_lossy(text);
    let reader = Reader { text, source };
    for error in &errors {
        cx.is_mangled = true;
        cx.push(reader.problem(error, cx.subject));
    }
    for attribute in &document.attributes {
        if attribute.name != "enable" {
            let place = reader.place(&attribute.span);
            cx.push(
                Problem::error(place, format!("unknown attribute `{}`", attribute.name)).help(
                    "`#![enable(implicit_some)]` is on without being written; remove the line",
                ),
            );
        }
    }
    let Some(value) = &document.value else {
        if errors.is_empty() {
            let place = Place { source, start: 0, end: 0 };
            cx.push(Problem::error(place, "the file is empty").help(cx.subject.least));
        }
        return None;
    };
    Some(reader.node(value, cx))
}

/// What an argument holds.
static A_VALUE: Subject = Subject { one: "a value", noun: "value", least: "", large: "" };

/// The tree of a short text such as a `--set` value, or `None` without complaining.
pub fn parse_value(text: &str, source: u32) -> Option<Node> {
    let mut own = Cx::new(&A_VALUE);
    let node = parse(text, source, &mut own)?;
    (own.count() == 0).then_some(node)
}

struct Reader<'t> {
    text: &'t str,
    source: u32,
}

impl Reader<'_> {
    fn place(&self, span: &Span) -> Place {
        let start = scan::boundary(self.text, span.start_offset);
        let end = scan::boundary(self.text, span.end_offset).max(start);
        Place { source: self.source, start: start as u32, end: end as u32 }
    }

    fn word(&self, ident: &Ident<'_>) -> Word {
        let text = ident.name.strip_prefix("r#").unwrap_or(&ident.name).to_owned();
        Word { text, place: self.place(&ident.span) }
    }

    fn node(&self, expr: &Expr<'_>, cx: &mut Cx) -> Node {
        let place = self.place(expr.span());
        let kind = match expr {
            Expr::Unit(_) => Kind::Tuple(Vec::new()),
            Expr::Bool(value) => Kind::Bool(value.value),
            Expr::Number(written) => match number(&written.raw) {
                Some(number) => Kind::Number(number),
                None => {
                    cx.push(Problem::error(place, "not a number that can be read"));
                    Kind::Broken
                }
            },
            Expr::String(text) => Kind::Text(text.value.clone()),
            Expr::Char(_) | Expr::Byte(_) | Expr::Bytes(_) => {
                cx.push(
                    Problem::error(place, "only texts and numbers are written here")
                        .help("write a text in plain double quotes"),
                );
                Kind::Broken
            }
            Expr::Option(option) => match &option.value {
                None => Kind::Nothing,
                Some(inner) => return self.node(&inner.expr, cx),
            },
            Expr::Seq(list) => {
                Kind::List(list.items.iter().map(|item| self.node(&item.expr, cx)).collect())
            }
            Expr::Map(map) => Kind::Map(
                map.entries
                    .iter()
                    .filter_map(|entry| {
                        let key = self.key(&entry.key, cx)?;
                        Some(Entry { key, value: self.node(&entry.value, cx) })
                    })
                    .collect(),
            ),
            Expr::Tuple(tuple) => Kind::Tuple(self.elements(&tuple.elements, cx)),
            Expr::AnonStruct(fields) => Kind::Fields(self.fields(&fields.fields, cx)),
            Expr::Struct(named) => {
                let body = match &named.body {
                    None => Body::Unit,
                    Some(StructBody::Tuple(tuple)) => {
                        Body::Tuple(self.elements(&tuple.elements, cx))
                    }
                    Some(StructBody::Fields(fields)) => {
                        Body::Fields(self.fields(&fields.fields, cx))
                    }
                };
                Kind::Variant(self.word(&named.name), body)
            }
            Expr::Error(_) => Kind::Broken,
        };
        Node { place, kind }
    }

    fn elements(&self, elements: &[TupleElement<'_>], cx: &mut Cx) -> Vec<Node> {
        elements.iter().map(|element| self.node(&element.expr, cx)).collect()
    }

    fn fields(&self, fields: &[StructField<'_>], cx: &mut Cx) -> Vec<Entry> {
        let named = fields.iter().filter(|field| !field.name.name.is_empty());
        named
            .map(|field| Entry { key: self.word(&field.name), value: self.node(&field.value, cx) })
            .collect()
    }

    fn key(&self, expr: &Expr<'_>, cx: &mut Cx) -> Option<Word> {
        let place = self.place(expr.span());
        match expr {
            Expr::String(text) => return Some(Word { text: text.value.clone(), place }),
            // A bare word is a key too: `set: {…}` among names in quotes.
            Expr::Struct(named) if named.body.is_none() => return Some(self.word(&named.name)),
            Expr::Error(_) => {}
            _ => {
                let found = short(cx.text(place));
                cx.push(
                    Problem::error(place, "the key of a map is a name in quotes")
                        .help(format!("write \"{found}\"")),
                );
            }
        }
        None
    }

    fn problem(&self, error: &Error, subject: &Subject) -> Problem {
        let place = self.place(error.span());
        let found = self.text.get(place.range()).unwrap_or_default();
        let problem = |message: String| Problem::error(place, message);
        match error.kind() {
            ErrorKind::Expected { expected, context } => {
                let context = context.map_or(String::new(), |context| format!(" in a {context}"));
                problem(format!("expected {expected}{context}"))
            }
            ErrorKind::TrailingCharacters => {
                let noun = subject.noun;
                problem(format!("something follows the end of the {noun}: {}", short(found)))
            }
            ErrorKind::UnexpectedChar(found) => problem(format!("unexpected `{found}`"))
                .help("expected a value: a text in quotes, a number, a list, a map or a name"),
            ErrorKind::Eof => problem("the file ends in the middle of a value".to_owned()),
            other => {
                let mut message = other.to_string();
                if let Some(first) = message.get_mut(..1) {
                    first.make_ascii_lowercase();
                }
                problem(message)
            }
        }
    }
}
