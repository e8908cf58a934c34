//! JSON text read into a value, strictly (RFC 8259), numbers bit for bit as they were written.

use super::Json;

/// Deeper than this nothing of ours is nested; what is could overflow the stack.
const DEPTH_MAX: u32 = 64;

/// Why a text is no JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Garbled {
    /// The line, from 1.
    pub line: usize,
    /// What should be there.
    pub expected: &'static str,
}

impl std::fmt::Display for Garbled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}: it is no JSON: expected {}", self.line, self.expected)
    }
}

impl std::error::Error for Garbled {}

/// Reads one document.
///
/// # Errors
/// At the first place where the text is no JSON.
pub fn read(text: &str) -> Result<Json, Garbled> {
    let mut reader = Reader { text, at: 0 };
    let value = reader.value(0)?;
    reader.blanks();
    match reader.at == text.len() {
        true => Ok(value),
        false => Err(reader.garbled("nothing after the document")),
    }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl Reader<'_> {
    fn value(&mut self, depth: u32) -> Result<Json, Garbled> {
        if depth > DEPTH_MAX {
            return Err(self.garbled("values nested less deeply"));
        }
        self.blanks();
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.list(depth),
            Some(b'"') => self.string().map(Json::Text),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => self.word(),
        }
    }

    fn word(&mut self) -> Result<Json, Garbled> {
        for (word, value) in
            [("null", Json::Null), ("true", Json::Bool(true)), ("false", Json::Bool(false))]
        {
            if self.text[self.at..].starts_with(word) {
                self.at += word.len();
                return Ok(value);
            }
        }
        Err(self.garbled("a value"))
    }

    fn object(&mut self, depth: u32) -> Result<Json, Garbled> {
        let mut fields = Vec::new();
        self.at += 1;
        if self.takes(b'}') {
            return Ok(Json::Object(fields));
        }
        loop {
            self.blanks();
            if self.peek() != Some(b'"') {
                return Err(self.garbled("a key in quotes"));
            }
            let key = self.string()?;
            if !self.takes(b':') {
                return Err(self.garbled("a colon"));
            }
            fields.push((key, self.value(depth + 1)?));
            if self.takes(b'}') {
                return Ok(Json::Object(fields));
            }
            if !self.takes(b',') {
                return Err(self.garbled("a comma or a closing brace"));
            }
        }
    }

    fn list(&mut self, depth: u32) -> Result<Json, Garbled> {
        let mut items = Vec::new();
        self.at += 1;
        if self.takes(b']') {
            return Ok(Json::List(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            if self.takes(b']') {
                return Ok(Json::List(items));
            }
            if !self.takes(b',') {
                return Err(self.garbled("a comma or a closing bracket"));
            }
        }
    }

    /// A whole number as it is, any other to the nearest that there is; what is beyond them all is
    /// none.
    fn number(&mut self) -> Result<Json, Garbled> {
        let part = |c: &u8| c.is_ascii_digit() || b"+-.eE".contains(c);
        let length = self.text.as_bytes()[self.at..].iter().take_while(|c| part(c)).count();
        let text = &self.text[self.at..self.at + length];
        let digits = text.strip_prefix('-').unwrap_or(text);
        let has_padding = digits.len() > 1
            && digits.starts_with('0')
            && !digits.starts_with("0.")
            && !digits.starts_with("0e");
        let is_cut = digits.ends_with('.') || digits.starts_with('.') || digits.contains(".e");
        if has_padding || is_cut {
            return Err(self.garbled("a number"));
        }
        let is_whole = text.bytes().all(|c| c.is_ascii_digit());
        let value = match text.parse::<u64>() {
            Ok(whole) if is_whole => Json::Whole(whole),
            _ => match text.parse() {
                Ok(number) if f64::is_finite(number) => Json::Number(number),
                Ok(_) | Err(_) => return Err(self.garbled("a number")),
            },
        };
        self.at += length;
        Ok(value)
    }

    fn string(&mut self) -> Result<String, Garbled> {
        let mut out = String::new();
        self.at += 1;
        loop {
            let rest = &self.text[self.at..];
            let plain = rest.find(|c: char| c == '"' || c == '\\' || u32::from(c) < 0x20);
            let Some(plain) = plain else { return Err(self.garbled("a closing quote")) };
            out.push_str(&rest[..plain]);
            self.at += plain + 1;
            match rest.as_bytes()[plain] {
                b'"' => return Ok(out),
                b'\\' => out.push(self.escaped()?),
                _ => return Err(self.garbled("no control character in a text")),
            }
        }
    }

    fn escaped(&mut self) -> Result<char, Garbled> {
        let letter = self.peek();
        self.at += 1;
        Ok(match letter {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'u') => {
                let first = self.hex()?;
                let low = self.text[self.at..].starts_with("\\u");
                let code = match first {
                    0xD800..=0xDBFF if low => {
                        self.at += 2;
                        let second = self.hex()?;
                        0x10000 + ((first - 0xD800) << 10) + (second.wrapping_sub(0xDC00) & 0x3FF)
                    }
                    code => code,
                };
                char::from_u32(code).ok_or_else(|| self.garbled("half of a character"))?
            }
            _ => return Err(self.garbled("an escape that there is")),
        })
    }

    fn hex(&mut self) -> Result<u32, Garbled> {
        let digits = self.text.get(self.at..self.at + 4);
        let digits = digits.filter(|digits| digits.bytes().all(|c| c.is_ascii_hexdigit()));
        let code = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        self.at += 4;
        code.ok_or_else(|| self.garbled("four hexadecimal digits"))
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn blanks(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    /// Goes past `mark` if it comes next.
    fn takes(&mut self, mark: u8) -> bool {
        self.blanks();
        let is_there = self.peek() == Some(mark);
        self.at += usize::from(is_there);
        is_there
    }

    fn garbled(&self, expected: &'static str) -> Garbled {
        let before = self.text.as_bytes().iter().take(self.at);
        Garbled { line: 1 + before.filter(|byte| **byte == b'\n').count(), expected }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_back_as_it_was() {
        let value = Json::object([
            ("a \"quote\"\n\u{1}é", Json::numbers(&[0.1 + 0.2, -1e300, 5e-324, 3.0, -0.0])),
            ("whole", Json::Whole(u64::MAX)),
            ("nested", Json::List(vec![Json::Null, Json::Bool(true), Json::object([])])),
            ("empty", Json::List(vec![])),
        ]);
        assert_eq!(read(&value.document()), Ok(value));
    }

    #[test]
    fn a_character_beyond_the_first_plane_may_be_written_in_two_halves() {
        assert_eq!(read(r#""\ud83d\ude00""#), Ok(Json::text("😀")));
        assert!(read(r#""\ud83d""#).is_err());
    }

    #[test]
    fn what_is_no_json_is_refused_with_its_line() {
        let deep = "[".repeat(100_000);
        for wrong in [
            "",
            "{",
            "[1,]",
            "{\"a\"}",
            "{a: 1}",
            "01",
            "1.",
            ".5",
            "-",
            "1e",
            "1e999",
            "nul",
            "\"",
            "\"\\x\"",
            "[1] 2",
            "\"\t\"",
            "\"\\u12\"",
            "\"\\u12é4\"",
            "NaN",
            deep.as_str(),
        ] {
            assert!(read(wrong).is_err(), "{}", wrong.get(..20).unwrap_or(wrong));
        }
        let error = read("{\n\"a\": 1\n\"b\": 2}").expect_err("a comma is missing");
        let said = "line 3: it is no JSON: expected a comma or a closing brace";
        assert_eq!(error.to_string(), said);
    }
}
