//! The pieces of a sentence, with the bytes they came from.

use std::ops::Range;

/// A piece of a sentence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Token<'s> {
    /// A name or keyword: `p99.9`, `ledger-client`, `during`.
    Word(&'s str),
    /// A name in single or double quotes, without them.
    Quoted(&'s str),
    /// Digits and the unit that touches them.
    Number { digits: &'s str, unit: &'s str },
    /// One of [`SIGNS`].
    Sign(&'static str),
    /// A quote that is never closed.
    Unclosed,
    /// A character no sentence has a use for.
    Stray,
    /// No more.
    End,
}

/// Punctuation; the longer before its own beginning.
const SIGNS: [&str; 20] = [
    "<=", ">=", "==", "!=", "..", "+/-", "+-", "<", ">", "=", "≤", "≥", "±", "(", ")", ",", ":",
    ".", "%", "/",
];

/// The first piece of `source` at or after byte `from`, and its bytes.
pub(super) fn piece(source: &str, from: usize) -> (Token<'_>, Range<usize>) {
    let rest = &source[from..];
    let text = rest.trim_start();
    let start = source.len() - text.len();
    let Some(first) = text.chars().next() else {
        let end = source.trim_end().len();
        return (Token::End, end..end);
    };
    let (token, length) = match first {
        '"' | '\'' => quoted(text, first),
        '0'..='9' => number(text),
        letter if starts_word(letter) => {
            let length = word(text);
            (Token::Word(&text[..length]), length)
        }
        other => match SIGNS.into_iter().find(|sign| text.starts_with(sign)) {
            Some(sign) => (Token::Sign(sign), sign.len()),
            None => (Token::Stray, other.len_utf8()),
        },
    };
    (token, start..start + length)
}

/// Whether a name written without quotes may start so.
fn starts_word(first: char) -> bool {
    first.is_alphabetic() || first == '_'
}

/// Whether `name` needs no quotes.
pub(super) fn is_word(name: &str) -> bool {
    name.chars().next().is_some_and(starts_word) && word(name) == name.len()
}

/// Length of the word that `text` starts with. A dot belongs to it when a letter or digit follows.
fn word(text: &str) -> usize {
    let mut chars = text.char_indices().peekable();
    while let Some((at, letter)) = chars.next() {
        let next = chars.peek().map(|(_, next)| *next);
        let inside = match letter {
            '.' => next.is_some_and(char::is_alphanumeric),
            other => other.is_alphanumeric() || other == '_' || other == '-',
        };
        if !inside {
            return at;
        }
    }
    text.len()
}

/// A number with the unit that touches it.
fn number(text: &str) -> (Token<'_>, usize) {
    let mut digits = digits_from(text, 0);
    if text[digits..].starts_with('.') && digits_from(text, digits + 1) > digits + 1 {
        digits = digits_from(text, digits + 1);
    }
    if let Some(tail) = text[digits..].strip_prefix(['e', 'E']) {
        let sign = usize::from(tail.starts_with(['+', '-']));
        let exponent = digits + 1 + sign;
        if digits_from(text, exponent) > exponent {
            digits = digits_from(text, exponent);
        }
    }
    let rest = &text[digits..];
    let slash = usize::from(rest.starts_with('/'));
    let letters = rest[slash..]
        .find(|letter: char| !letter.is_alphanumeric() && letter != '%')
        .unwrap_or(rest.len() - slash);
    let length = if letters == 0 { digits } else { digits + slash + letters };
    (Token::Number { digits: &text[..digits], unit: &text[digits..length] }, length)
}

/// Where the digits that start at `from` end.
fn digits_from(text: &str, from: usize) -> usize {
    let tail = &text[from..];
    from + tail.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(tail.len())
}

/// A quoted name.
fn quoted(text: &str, quote: char) -> (Token<'_>, usize) {
    match text[1..].find(quote) {
        Some(length) => (Token::Quoted(&text[1..1 + length]), length + 2),
        None => (Token::Unclosed, text.trim_end().len()),
    }
}
