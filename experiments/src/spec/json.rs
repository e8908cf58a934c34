//! JSON text → tree. Strict JSON, with places, and with a bound on depth set by the scan before.

use super::problem::{Cx, Place, Problem};
use super::scan;
use super::tree::{Entry, Kind, Node, Word, number};

/// The tree of `text`, or `None` after complaining about the first thing that is not JSON.
pub(crate) fn parse(text: &str, source: u32, cx: &mut Cx) -> Option<Node> {
    let unmarked = text.strip_prefix('\u{feff}').map(|rest| format!("   {rest}"));
    let text = unmarked.as_deref().unwrap_or(text);
    let problems = scan::problems(text, source, true, cx.subject);
    if !problems.is_empty() {
        problems.into_iter().for_each(|problem| cx.push(problem));
        return None;
    }
    Parser { text, source, at: 0 }.document().map_err(|problem| cx.push(problem)).ok()
}

struct Parser<'t> {
    text: &'t str,
    source: u32,
    at: usize,
}

impl Parser<'_> {
    fn document(mut self) -> Result<Node, Problem> {
        let node = self.value()?;
        self.blanks();
        if self.at < self.text.len() {
            return Err(self.problem(self.at, "something follows the end of the experiment"));
        }
        Ok(node)
    }

    fn place(&self, start: usize) -> Place {
        Place { source: self.source, start: start as u32, end: self.at.max(start) as u32 }
    }

    fn problem(&self, at: usize, message: &str) -> Problem {
        let width = self.text[at..].chars().next().map_or(0, char::len_utf8);
        let place = Place { source: self.source, start: at as u32, end: (at + width) as u32 };
        Problem::error(place, message)
            .help("this is read as JSON, because it begins with `{` or ends in .json")
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn value(&mut self) -> Result<Node, Problem> {
        self.blanks();
        let start = self.at;
        let kind = match self.peek() {
            Some(b'{') => self.object()?,
            Some(b'[') => self.array()?,
            Some(b'"') => Kind::Text(self.string()?),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(b't' | b'f' | b'n') => self.word()?,
            Some(_) => return Err(self.problem(start, "expected a JSON value")),
            None => return Err(self.problem(start, "the file ends where a value should be")),
        };
        Ok(Node { place: self.place(start), kind })
    }

    fn word(&mut self) -> Result<Kind, Problem> {
        let words =
            [("true", Kind::Bool(true)), ("false", Kind::Bool(false)), ("null", Kind::Nothing)];
        for (word, kind) in words {
            if self.text[self.at..].starts_with(word) {
                self.at += word.len();
                return Ok(kind);
            }
        }
        Err(self.problem(self.at, "expected true, false or null; texts are in quotes"))
    }

    fn number(&mut self) -> Result<Kind, Problem> {
        let start = self.at;
        while matches!(self.peek(), Some(b'-' | b'+' | b'.' | b'0'..=b'9' | b'e' | b'E')) {
            self.at += 1;
        }
        let raw = &self.text[start..self.at];
        number(raw).map(Kind::Number).ok_or_else(|| self.problem(start, "not a number"))
    }

    fn array(&mut self) -> Result<Kind, Problem> {
        self.at += 1;
        let mut items = Vec::new();
        while self.more(b']', items.is_empty())? {
            items.push(self.value()?);
        }
        Ok(Kind::List(items))
    }

    fn object(&mut self) -> Result<Kind, Problem> {
        self.at += 1;
        let mut entries = Vec::new();
        while self.more(b'}', entries.is_empty())? {
            let start = self.at;
            if self.peek() != Some(b'"') {
                return Err(self.problem(start, "expected a key in quotes"));
            }
            let text = self.string()?;
            let key = Word { text, place: self.place(start) };
            self.blanks();
            if self.peek() != Some(b':') {
                return Err(self.problem(self.at, "expected `:` after a key"));
            }
            self.at += 1;
            entries.push(Entry { key, value: self.value()? });
        }
        Ok(Kind::Map(entries))
    }

    /// Whether another item follows; steps over the comma, or over the end.
    fn more(&mut self, end: u8, is_first: bool) -> Result<bool, Problem> {
        self.blanks();
        match self.peek() {
            Some(byte) if byte == end => {
                self.at += 1;
                return Ok(false);
            }
            Some(b',') if !is_first => self.at += 1,
            _ if is_first => return Ok(true),
            _ => {
                let message = format!("expected `,` or `{}`", char::from(end));
                return Err(self.problem(self.at, &message));
            }
        }
        self.blanks();
        if self.peek() == Some(end) {
            return Err(self.problem(self.at, "JSON has no comma after the last item"));
        }
        Ok(true)
    }

    fn string(&mut self) -> Result<String, Problem> {
        self.at += 1;
        let mut text = String::new();
        loop {
            let rest = &self.text[self.at..];
            let Some(stop) = rest.find(['"', '\\']) else {
                return Err(self.problem(self.at.min(self.text.len()), "a text is never closed"));
            };
            text.push_str(&rest[..stop]);
            self.at += stop + 1;
            if rest.as_bytes()[stop] == b'"' {
                return Ok(text);
            }
            text.push(self.escape()?);
        }
    }

    fn escape(&mut self) -> Result<char, Problem> {
        let start = self.at;
        self.at += 1;
        let found = match self.text.as_bytes().get(start) {
            Some(b'n') => '\n',
            Some(b't') => '\t',
            Some(b'r') => '\r',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(quoted @ (b'"' | b'\\' | b'/')) => char::from(*quoted),
            Some(b'u') => return self.unicode(),
            _ => return Err(self.problem(scan::boundary(self.text, start), "unknown escape")),
        };
        Ok(found)
    }

    fn unicode(&mut self) -> Result<char, Problem> {
        let start = self.at;
        let mut unit = || {
            let digits = self.text.get(self.at..self.at + 4)?;
            self.at += 4;
            u32::from_str_radix(digits, 16).ok()
        };
        let found = match unit() {
            Some(high @ 0xd800..=0xdbff) => {
                let is_pair = self.text[self.at..].starts_with("\\u");
                self.at += 2;
                let low = self.text.get(self.at..self.at + 4);
                self.at += 4;
                low.filter(|_| is_pair)
                    .and_then(|digits| u32::from_str_radix(digits, 16).ok())
                    .filter(|low| (0xdc00..=0xdfff).contains(low))
                    .and_then(|low| {
                        char::from_u32(0x10000 + ((high - 0xd800) << 10) + low - 0xdc00)
                    })
            }
            unit => unit.and_then(char::from_u32),
        };
        found.ok_or_else(|| self.problem(scan::boundary(self.text, start), "not a character"))
    }
}
