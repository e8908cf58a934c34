//! A look at the brackets before anything is parsed: it bounds depth and finds what is unclosed.
//!
//! The parser behind it recurses and recovers; on text that passes here it does so within bounds.

use super::problem::{Place, Problem};

/// The deepest nesting; the format itself needs about a dozen levels.
pub(crate) const DEPTH_MAX: usize = 64;

/// The largest file that is read: 16 MiB.
pub(crate) const SIZE_MAX: usize = 16 << 20;

/// The nearest character boundary at or before `at`.
pub(crate) fn boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// The first thing that makes `text` not worth parsing, if there is one. `json` has no comments
/// and no raw strings.
pub(crate) fn first_problem(text: &str, source: u32, json: bool) -> Option<Problem> {
    if text.len() > SIZE_MAX {
        let place = Place { source, start: 0, end: 0 };
        return Some(Problem::error(place, format!("the file has {} bytes", text.len()))
            .help("an experiment has at most 16 MiB; large data belongs in a file of its own"));
    }
    not_text(text, source).or_else(|| {
        Scanner { text, source, json, at: 0, open: Vec::new(), after: After::Open }.run().err()
    })
}

fn not_text(text: &str, source: u32) -> Option<Problem> {
    let strange = |c: char| (c.is_control() && !"\n\r\t".contains(c)) || c == '\u{fffd}';
    let (at, found) = text.char_indices().find(|(_, c)| strange(*c))?;
    let place = Place { source, start: at as u32, end: (at + found.len_utf8()) as u32 };
    let what = match found {
        '\u{fffd}' => "the file is not UTF-8 text".to_owned(),
        _ => format!("the file holds a control character (U+{:04X})", u32::from(found)),
    };
    Some(Problem::error(place, what).help("an experiment is a text file; is this the right one?"))
}

/// What stands before the scanner, as far as commas care.
#[derive(Clone, Copy, PartialEq)]
enum After {
    Open,
    Comma,
    Value,
}

struct Scanner<'t> {
    text: &'t str,
    source: u32,
    json: bool,
    at: usize,
    open: Vec<(u8, usize)>,
    after: After,
}

impl Scanner<'_> {
    fn run(mut self) -> Result<(), Problem> {
        let bytes = self.text.as_bytes();
        while let Some(&byte) = bytes.get(self.at) {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' => self.at += 1,
                b'/' if !self.json && bytes.get(self.at + 1) == Some(&b'/') => self.line_comment(),
                b'/' if !self.json && bytes.get(self.at + 1) == Some(&b'*') => {
                    self.block_comment()?;
                }
                b'"' => self.string()?,
                b'r' if !self.json && self.raw_hashes().is_some() => self.raw_string()?,
                b'\'' => {
                    return Err(self.problem(self.at, 1, "a single quote outside of a text")
                        .help("texts are written in double quotes: \"50ms\""));
                }
                b'(' | b'[' | b'{' => self.open(byte)?,
                b')' | b']' | b'}' => self.close(byte)?,
                b',' => self.comma()?,
                _ => {
                    self.after = After::Value;
                    self.skip_word();
                }
            }
        }
        match self.open.last() {
            None => Ok(()),
            Some(&(open, at)) => {
                let close = char::from(closing(open));
                Err(self.problem(at, 1, &format!("`{}` is never closed", char::from(open)))
                    .label(format!("opened here; a `{close}` is missing")))
            }
        }
    }

    fn problem(&self, at: usize, length: usize, message: &str) -> Problem {
        let place =
            Place { source: self.source, start: at as u32, end: (at + length) as u32 };
        Problem::error(place, message)
    }

    /// Steps over a word or a sign, whole, so that the `r` of `Error` opens no raw string.
    fn skip_word(&mut self) {
        let bytes = self.text.as_bytes();
        let in_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80;
        if !in_word(bytes[self.at]) {
            self.at += 1;
            return;
        }
        while bytes.get(self.at).copied().is_some_and(in_word) {
            self.at += 1;
        }
    }

    fn open(&mut self, byte: u8) -> Result<(), Problem> {
        if self.open.len() == DEPTH_MAX {
            let message = format!("nested more than {DEPTH_MAX} levels deep");
            return Err(self.problem(self.at, 1, &message)
                .help("an experiment needs about a dozen levels; is a bracket left open?"));
        }
        self.open.push((byte, self.at));
        self.after = After::Open;
        self.at += 1;
        Ok(())
    }

    fn close(&mut self, byte: u8) -> Result<(), Problem> {
        let found = char::from(byte);
        match self.open.pop() {
            Some((open, _)) if closing(open) == byte => {}
            Some((open, at)) => {
                let (open, close) = (char::from(open), char::from(closing(open)));
                let line = 1 + self.text[..at].matches('\n').count();
                return Err(self.problem(self.at, 1, &format!("`{found}` closes nothing"))
                    .label(format!("expected `{close}` here"))
                    .help(format!("`{open}` was opened on line {line} and is still open")));
            }
            None => {
                return Err(self.problem(self.at, 1, &format!("`{found}` closes nothing"))
                    .label("no bracket is open here"));
            }
        }
        self.after = After::Value;
        self.at += 1;
        Ok(())
    }

    fn comma(&mut self) -> Result<(), Problem> {
        if self.after != After::Value {
            return Err(self.problem(self.at, 1, "a comma without a value before it")
                .label("remove it, or write the value"));
        }
        self.after = After::Comma;
        self.at += 1;
        Ok(())
    }

    fn line_comment(&mut self) {
        self.at = self.text[self.at..].find('\n').map_or(self.text.len(), |end| self.at + end);
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

    fn string(&mut self) -> Result<(), Problem> {
        let (start, bytes) = (self.at, self.text.as_bytes());
        self.at += 1;
        loop {
            match bytes.get(self.at) {
                Some(b'"') => break,
                Some(b'\\') => self.at += 2,
                Some(_) => self.at += 1,
                None => {
                    return Err(self.problem(start, 1, "a text is never closed")
                        .label("opened here; a `\"` is missing"));
                }
            }
        }
        self.at += 1;
        self.after = After::Value;
        Ok(())
    }

    /// The number of `#` in `r##"`, if a raw string starts here.
    fn raw_hashes(&self) -> Option<usize> {
        let rest = &self.text.as_bytes()[self.at + 1..];
        let hashes = rest.iter().take_while(|byte| **byte == b'#').count();
        (rest.get(hashes) == Some(&b'"')).then_some(hashes)
    }

    fn raw_string(&mut self) -> Result<(), Problem> {
        let hashes = self.raw_hashes().expect("a raw string starts here");
        let end = format!("\"{}", "#".repeat(hashes));
        let body = self.at + 2 + hashes;
        match self.text[body..].find(&end) {
            Some(length) => self.at = body + length + end.len(),
            None => {
                return Err(self.problem(self.at, 2, "a text is never closed")
                    .label(format!("a `{end}` is missing")));
            }
        }
        self.after = After::Value;
        Ok(())
    }
}

const fn closing(open: u8) -> u8 {
    match open {
        b'(' => b')',
        b'[' => b']',
        _ => b'}',
    }
}
