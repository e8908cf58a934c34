//! Reads a sentence piece by piece.

use super::amount::{Amount, is_unit};
use super::error::SentenceError;
use super::sentence::Spanned;
use super::token::{Token, piece};
use std::ops::Range;

/// A sentence and how far it has been read.
pub(super) struct Reader<'s> {
    pub(super) source: &'s str,
    at: usize,
}

impl<'s> Reader<'s> {
    /// At the beginning of `source`.
    pub(super) fn new(source: &'s str) -> Reader<'s> {
        Reader { source, at: 0 }
    }

    /// The next piece, left where it is.
    pub(super) fn peek(&self) -> (Token<'s>, Range<usize>) {
        piece(self.source, self.at)
    }

    /// The piece `ahead` of the next one.
    pub(super) fn look(&self, ahead: usize) -> Token<'s> {
        let (mut token, mut at) = self.peek();
        for _ in 0..ahead {
            (token, at) = piece(self.source, at.end);
        }
        token
    }

    /// Bytes read so far.
    pub(super) fn read(&self) -> usize {
        self.at
    }

    /// The next piece, taken.
    pub(super) fn take(&mut self) -> (Token<'s>, Range<usize>) {
        let (token, at) = self.peek();
        self.at = at.end.max(self.at);
        (token, at)
    }

    /// Takes `word` if it is next.
    pub(super) fn take_word(&mut self, word: &str) -> Option<Range<usize>> {
        match self.peek() {
            (Token::Word(next), _) if next == word => Some(self.take().1),
            _ => None,
        }
    }

    /// Takes `sign` if it is next.
    pub(super) fn take_sign(&mut self, sign: &str) -> Option<Range<usize>> {
        match self.peek() {
            (Token::Sign(next), _) if next == sign => Some(self.take().1),
            _ => None,
        }
    }

    /// Takes `sign`, which must be next.
    pub(super) fn need_sign(&mut self, sign: &str) -> Result<Range<usize>, SentenceError> {
        self.take_sign(sign).ok_or_else(|| self.expected(&format!("`{sign}`")))
    }

    /// Everything up to a comparison, a share of runs, what is said of a sweep or the end, without
    /// space around it.
    pub(super) fn take_phrase(&mut self) -> Spanned<String> {
        let rest = &self.source[self.at..];
        let length = rest.find(['<', '>', '=', '!', '≤', '≥', '±']).unwrap_or(rest.len());
        let trend = TRENDS.iter().filter_map(|words| rest.find(words)).min();
        let length = length.min(trend.unwrap_or(length));
        let share = rest.match_indices(" in ").map(|(at, _)| at).find(|at| is_share(&rest[*at..]));
        let length = length.min(share.unwrap_or(length));
        let phrase = &rest[..length];
        let start = self.at + phrase.len() - phrase.trim_start().len();
        let what = phrase.trim().to_owned();
        self.at += length;
        Spanned { at: start..start + what.len(), what }
    }

    /// Everything up to `word` with blanks around it, or up to the end.
    pub(super) fn take_phrase_before(&mut self, word: &str) -> Spanned<String> {
        let rest = &self.source[self.at..];
        let phrase = &rest[..rest.find(&format!(" {word} ")).unwrap_or(rest.len())];
        let start = self.at + phrase.len() - phrase.trim_start().len();
        let what = phrase.trim().to_owned();
        self.at += phrase.len();
        Spanned { at: start..start + what.len(), what }
    }

    /// A path or a value of a sweep: in quotes, or all up to a blank.
    pub(super) fn take_setting(&mut self) -> Spanned<String> {
        if let (Token::Quoted(text), at) = self.peek() {
            self.take();
            return Spanned { what: text.to_owned(), at };
        }
        let rest = &self.source[self.at..];
        let start = self.at + rest.len() - rest.trim_start().len();
        let rest = &self.source[start..];
        let end = start + rest.find(char::is_whitespace).unwrap_or(rest.len());
        self.at = end;
        Spanned { what: self.source[start..end].to_owned(), at: start..end }
    }

    /// A number with its unit, which must be next; space between them is allowed.
    pub(super) fn need_amount(&mut self, what: &str) -> Result<Spanned<Amount>, SentenceError> {
        let (token, mut at) = self.peek();
        let Token::Number { digits, unit } = token else {
            if self.source[at.clone()].starts_with(['-', '−']) {
                return Err(SentenceError::bare(at, "nothing that is measured is negative"));
            }
            return Err(self.expected(what));
        };
        self.take();
        let mut unit = unit.to_owned();
        if unit.is_empty()
            && let Some((apart, end)) = self.unit_apart()
        {
            unit = apart;
            at.end = end;
        }
        Ok(Spanned { what: Amount::read(digits, &unit, &at)?, at })
    }

    /// A unit that stands apart from its number: `95 %`, `800 ms`, `300 /s`.
    fn unit_apart(&mut self) -> Option<(String, usize)> {
        let (token, at) = self.peek();
        let (unit, end) = match token {
            Token::Sign("%") => ("%".to_owned(), at.end),
            Token::Word(word) if is_unit(word) => (word.to_owned(), at.end),
            Token::Sign("/") => match piece(self.source, at.end) {
                (Token::Word(word), second) if second.start == at.end => {
                    (format!("/{word}"), second.end)
                }
                _ => return None,
            },
            _ => return None,
        };
        self.at = end;
        Some((unit, end))
    }

    /// The complaint that `what` should come next.
    pub(super) fn expected(&self, what: &str) -> SentenceError {
        let (token, at) = self.peek();
        let found = match token {
            Token::End => "the end of the sentence".to_owned(),
            Token::Unclosed => {
                return SentenceError::bare(at, "this quote is never closed");
            }
            Token::Word(_)
            | Token::Quoted(_)
            | Token::Number { .. }
            | Token::Sign(_)
            | Token::Stray => format!("`{}`", &self.source[at.clone()]),
        };
        SentenceError::bare(at, format!("expected {what}, found {found}"))
    }
}

/// What ends a variant's name in a sentence about a sweep.
const TRENDS: [&str; 4] = [" rises over ", " falls over ", " is monotone over ", " crosses "];

/// Whether ` in 90% of runs` begins the text.
fn is_share(text: &str) -> bool {
    let rest = text.strip_prefix(" in ").unwrap_or("");
    rest.trim_start().starts_with(|c: char| c.is_ascii_digit()) && rest.contains(" of runs")
}
