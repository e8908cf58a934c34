//! Text → the tokens that the form of a file is made of.

use super::problem::{Place, Problem};
use alloc::format;

/// What the form of a file is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token {
    /// A name or a number.
    Word,
    /// Something in quotes.
    Text,
    Open(u8),
    Close(u8),
    Comma,
    Colon,
}

/// A reader of tokens that skips blanks, comments and attributes.
pub(super) struct Lexer<'t> {
    pub(super) text: &'t str,
    pub(super) source: u32,
    /// Whether there are no comments and no raw strings.
    pub(super) json: bool,
    /// One past the last token.
    pub(super) at: usize,
    /// Where the first text over several lines starts: probably one that was never closed.
    pub(super) long_text: Option<usize>,
}

impl Lexer<'_> {
    /// The next token and its first byte.
    pub(super) fn next(&mut self) -> Result<Option<(Token, usize)>, Problem> {
        self.skip()?;
        let bytes = self.text.as_bytes();
        let start = self.at;
        let Some(&byte) = bytes.get(start) else { return Ok(None) };
        let single = |token| Ok(Some((token, start)));
        self.at += 1;
        match byte {
            b'(' | b'[' | b'{' => single(Token::Open(byte)),
            b')' | b']' | b'}' => single(Token::Close(byte)),
            b',' => single(Token::Comma),
            b':' => single(Token::Colon),
            b'"' => {
                self.string(start)?;
                single(Token::Text)
            }
            b'r' if !self.json && self.raw_hashes().is_some() => {
                self.raw_string(start)?;
                single(Token::Text)
            }
            b'\'' => Err(self
                .problem(start, 1, "a single quote outside of a text")
                .help("texts are written in double quotes: \"50ms\"")),
            _ if is_word(byte) => {
                while bytes.get(self.at).copied().is_some_and(is_word) {
                    self.at += 1;
                }
                single(Token::Word)
            }
            _ => {
                let found = char::from(byte);
                Err(self
                    .problem(start, 1, &format!("unexpected `{found}`"))
                    .help("texts, units and paths are written in double quotes: \"50ms\""))
            }
        }
    }

    /// A problem at some bytes.
    pub(super) fn problem(&self, at: usize, length: usize, message: &str) -> Problem {
        let place = Place { source: self.source, start: at as u32, end: (at + length) as u32 };
        Problem::error(place, message)
    }

    fn skip(&mut self) -> Result<(), Problem> {
        let bytes = self.text.as_bytes();
        loop {
            match (bytes.get(self.at), bytes.get(self.at + 1)) {
                (Some(b' ' | b'\t' | b'\r' | b'\n'), _) => self.at += 1,
                (Some(b'/'), Some(b'/')) if !self.json => {
                    let rest = &self.text[self.at..];
                    self.at += rest.find('\n').unwrap_or(rest.len());
                }
                (Some(b'/'), Some(b'*')) if !self.json => self.block_comment()?,
                (Some(b'#'), Some(b'!')) if !self.json => {
                    let rest = &self.text[self.at..];
                    self.at += rest.find(']').map_or(rest.len(), |end| end + 1);
                }
                _ => return Ok(()),
            }
        }
    }

    fn block_comment(&mut self) -> Result<(), Problem> {
        let (start, bytes) = (self.at, self.text.as_bytes());
        let mut depth = 0usize;
        while let Some(pair) = bytes.get(self.at..self.at + 2) {
            match pair {
                b"/*" => depth += 1,
                b"*/" => depth -= 1,
                _ => {
                    self.at += 1;
                    continue;
                }
            }
            self.at += 2;
            if depth == 0 {
                return Ok(());
            }
        }
        Err(self.problem(start, 2, "a comment is never closed").label("a `*/` is missing"))
    }

    /// The rest of a text whose quote at `start` is read.
    fn string(&mut self, start: usize) -> Result<(), Problem> {
        let bytes = self.text.as_bytes();
        loop {
            match bytes.get(self.at) {
                Some(b'"') => break,
                Some(b'\\') => self.at += 2,
                Some(byte) => {
                    if *byte == b'\n' {
                        self.long_text.get_or_insert(start);
                    }
                    self.at += 1;
                }
                None => {
                    let start = self.long_text.unwrap_or(start);
                    return Err(self
                        .problem(start, 1, "a text is never closed")
                        .label("opened here; a `\"` is missing on this line"));
                }
            }
        }
        self.at += 1;
        Ok(())
    }

    /// The number of `#` in `r##"`, if a raw string starts here and its `r` is read.
    fn raw_hashes(&self) -> Option<usize> {
        let rest = &self.text.as_bytes()[self.at..];
        let hashes = rest.iter().take_while(|byte| **byte == b'#').count();
        (rest.get(hashes) == Some(&b'"')).then_some(hashes)
    }

    fn raw_string(&mut self, start: usize) -> Result<(), Problem> {
        let hashes = self.raw_hashes().expect("a raw string starts here");
        let end = format!("\"{}", "#".repeat(hashes));
        let body = self.at + 1 + hashes;
        let Some(length) = self.text[body..].find(&end) else {
            return Err(self
                .problem(start, 2, "a text is never closed")
                .label(format!("a `{end}` is missing")));
        };
        self.at = body + length + end.len();
        Ok(())
    }
}

/// Whether a byte can be in a name or a number.
const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'+' | b'-') || byte >= 0x80
}
