//! JSON, written: two-space indent, keys in the order they are written, numbers never rounded.
//!
//! A number prints as the shortest decimal that reads back as the same bits. JSON has no infinity:
//! an infinite value (a recovery that never came) is the string `"inf"` or `"-inf"`. A value that
//! does not exist (a quantile of nothing) is `null`.
//! And read back ([`read()`]), strictly, with every number as it was.

mod cursor;
mod read;

pub use cursor::{Cursor, Misfit};
pub use read::{Garbled, read};

use std::fmt::Write;

/// A JSON value.
#[derive(Debug, Clone, PartialEq)]
pub enum Json {
    /// `null`.
    Null,
    /// `true`, `false`.
    Bool(bool),
    /// A whole number.
    Whole(u64),
    /// A number; infinite and not-a-number as the module says.
    Number(f64),
    /// A string.
    Text(String),
    /// An array, on one line when it holds numbers only.
    List(Vec<Json>),
    /// An object.
    Object(Vec<(String, Json)>),
}

impl Json {
    /// A string.
    pub fn text(text: impl Into<String>) -> Json {
        Json::Text(text.into())
    }

    /// An array of numbers.
    pub fn numbers(values: &[f64]) -> Json {
        Json::List(values.iter().map(|value| Json::Number(*value)).collect())
    }

    /// An object of these fields.
    pub fn object<const N: usize>(fields: [(&str, Json); N]) -> Json {
        Json::Object(fields.map(|(key, value)| (key.to_owned(), value)).into())
    }

    /// The document, with a line feed at its end.
    pub fn document(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, 0);
        out.push('\n');
        out
    }

    /// The value on one line without blanks, with a line feed at its end: a line of many.
    pub fn line(&self) -> String {
        self.tight() + "\n"
    }

    /// The value on one line without blanks.
    pub fn tight(&self) -> String {
        let mut out = String::new();
        self.write_tight(&mut out);
        out
    }

    fn write_tight(&self, out: &mut String) {
        match self {
            Json::Null | Json::Bool(_) | Json::Whole(_) | Json::Number(_) | Json::Text(_) => {
                self.write(out, 0);
            }
            Json::List(items) => {
                out.push('[');
                for (number, item) in items.iter().enumerate() {
                    out.push_str(if number == 0 { "" } else { "," });
                    item.write_tight(out);
                }
                out.push(']');
            }
            Json::Object(fields) => {
                out.push('{');
                for (number, (key, value)) in fields.iter().enumerate() {
                    out.push_str(if number == 0 { "" } else { "," });
                    write_text(out, key);
                    out.push(':');
                    value.write_tight(out);
                }
                out.push('}');
            }
        }
    }

    /// Whether it is a number, or stands where one might; an infinite one is read back as its text.
    fn is_plain(&self) -> bool {
        match self {
            Json::Null | Json::Bool(_) | Json::Whole(_) | Json::Number(_) => true,
            Json::Text(text) => matches!(&text[..], "inf" | "-inf"),
            Json::List(_) | Json::Object(_) => false,
        }
    }

    fn write(&self, out: &mut String, depth: usize) {
        match self {
            Json::Null => out.push_str("null"),
            Json::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Json::Whole(value) => out.push_str(&value.to_string()),
            Json::Number(value) => write_number(out, *value),
            Json::Text(text) => write_text(out, text),
            Json::List(items) if items.iter().all(Json::is_plain) => {
                out.push('[');
                for (number, item) in items.iter().enumerate() {
                    out.push_str(if number == 0 { "" } else { ", " });
                    item.write(out, depth);
                }
                out.push(']');
            }
            Json::List(items) => {
                let write = |item: &Json, out: &mut String| item.write(out, depth + 1);
                write_block(out, depth, ['[', ']'], items, write);
            }
            Json::Object(fields) => {
                let write = |(key, value): &(String, Json), out: &mut String| {
                    write_text(out, key);
                    out.push_str(": ");
                    value.write(out, depth + 1);
                };
                write_block(out, depth, ['{', '}'], fields, write);
            }
        }
    }
}

/// Items between brackets, each on a line of its own.
fn write_block<T>(
    out: &mut String,
    depth: usize,
    brackets: [char; 2],
    items: &[T],
    write: impl Fn(&T, &mut String),
) {
    out.push(brackets[0]);
    for (number, item) in items.iter().enumerate() {
        out.push_str(if number == 0 { "\n" } else { ",\n" });
        out.push_str(&"  ".repeat(depth + 1));
        write(item, out);
    }
    if !items.is_empty() {
        out.push('\n');
        out.push_str(&"  ".repeat(depth));
    }
    out.push(brackets[1]);
}

fn write_number(out: &mut String, value: f64) {
    if value.is_nan() {
        out.push_str("null");
    } else if value.is_infinite() {
        out.push_str(if value > 0.0 { "\"inf\"" } else { "\"-inf\"" });
    } else {
        // Debug is the shortest that reads back, with an exponent where that is shorter.
        write!(out, "{value:?}").expect("a string takes everything");
    }
}

fn write_text(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            control if u32::from(control) < 0x20 => {
                write!(out, "\\u{:04x}", u32::from(control)).expect("a string takes everything");
            }
            plain => out.push(plain),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_print_the_shortest_digits_that_read_back_as_the_same_bits() {
        for value in [0.1 + 0.2, 1.0, 1e-9, 1e300, 5e-324, 123_456_789.123_456_78, -0.0] {
            let text = Json::Number(value).document();
            assert_eq!(text.trim().parse::<f64>().map(f64::to_bits), Ok(value.to_bits()), "{text}");
        }
        assert_eq!(Json::Number(0.1 + 0.2).document(), "0.30000000000000004\n");
    }

    #[test]
    fn what_json_has_no_number_for_is_a_string_or_null() {
        let values = Json::numbers(&[f64::INFINITY, f64::NEG_INFINITY, f64::NAN]);
        assert_eq!(values.document(), "[\"inf\", \"-inf\", null]\n");
        // Read back, it is written the same way.
        let again = read(&values.document()).map(|again| again.document());
        assert_eq!(again, Ok(values.document()));
    }

    #[test]
    fn quotes_backslashes_and_control_characters_are_escaped() {
        assert_eq!(Json::text("a\"b\\c\nd\u{1}é").document(), "\"a\\\"b\\\\c\\nd\\u0001é\"\n");
    }

    #[test]
    fn objects_are_indented_and_empty_ones_are_not() {
        let value =
            Json::object([("a", Json::List(vec![Json::text("x")])), ("b", Json::object([]))]);
        assert_eq!(value.document(), "{\n  \"a\": [\n    \"x\"\n  ],\n  \"b\": {}\n}\n");
    }
}
