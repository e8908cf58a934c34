//! JSON read back: what [`Json::line`] wrote, to the same bits.

use crate::report::json::Json;

/// The deepest nesting that is read; what is written has six levels.
const DEPTH_MAX: usize = 16;

/// The value that `text` is, or `None` where it is torn or no JSON.
pub(super) fn json(text: &str) -> Option<Json> {
    let mut reader = Reader { rest: text.trim_end() };
    let value = reader.value(0)?;
    reader.rest.is_empty().then_some(value)
}

struct Reader<'t> {
    rest: &'t str,
}

impl Reader<'_> {
    fn value(&mut self, depth: usize) -> Option<Json> {
        if depth > DEPTH_MAX {
            return None;
        }
        self.blank();
        match self.rest.as_bytes().first()? {
            b'n' => self.word("null").map(|()| Json::Null),
            b't' => self.word("true").map(|()| Json::Bool(true)),
            b'f' => self.word("false").map(|()| Json::Bool(false)),
            b'"' => self.text().map(Json::Text),
            b'[' => self.list(depth),
            b'{' => self.object(depth),
            _ => self.number(),
        }
    }

    fn blank(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn word(&mut self, word: &str) -> Option<()> {
        self.rest = self.rest.strip_prefix(word)?;
        Some(())
    }

    fn number(&mut self) -> Option<Json> {
        let is_part = |c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | 'e' | 'E');
        let end = self.rest.find(|c| !is_part(c)).unwrap_or(self.rest.len());
        let (digits, rest) = self.rest.split_at(end);
        self.rest = rest;
        match digits.parse() {
            Ok(whole) => Some(Json::Whole(whole)),
            Err(_) => digits.parse().ok().map(Json::Number),
        }
    }

    fn text(&mut self) -> Option<String> {
        self.word("\"")?;
        let mut text = String::new();
        loop {
            let end = self.rest.find(['"', '\\'])?;
            text.push_str(&self.rest[..end]);
            let sign = self.rest.as_bytes()[end];
            self.rest = &self.rest[end + 1..];
            if sign == b'"' {
                return Some(text);
            }
            let escaped = self.rest.chars().next()?;
            self.rest = &self.rest[escaped.len_utf8()..];
            text.push(match escaped {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'u' => {
                    let code = self.rest.get(..4)?;
                    self.rest = &self.rest[4..];
                    char::from_u32(u32::from_str_radix(code, 16).ok()?)?
                }
                plain => plain,
            });
        }
    }

    fn list(&mut self, depth: usize) -> Option<Json> {
        self.word("[")?;
        let mut items = Vec::new();
        self.blank();
        while !self.rest.starts_with(']') {
            if !items.is_empty() {
                self.word(",")?;
            }
            items.push(self.value(depth + 1)?);
            self.blank();
        }
        self.word("]")?;
        Some(Json::List(items))
    }

    fn object(&mut self, depth: usize) -> Option<Json> {
        self.word("{")?;
        let mut fields = Vec::new();
        self.blank();
        while !self.rest.starts_with('}') {
            if !fields.is_empty() {
                self.word(",")?;
                self.blank();
            }
            let key = self.text()?;
            self.blank();
            self.word(":")?;
            fields.push((key, self.value(depth + 1)?));
            self.blank();
        }
        self.word("}")?;
        Some(Json::Object(fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_reads_back_as_the_same_bits() {
        let numbers = [0.1 + 0.2, -0.0, 5e-324, 1e300, -12.5, 3.0];
        let value = Json::object([
            ("a \"b\" \\ \n \u{1} é", Json::numbers(&numbers)),
            ("whole", Json::Whole(u64::MAX)),
            ("rest", Json::List(vec![Json::Null, Json::Bool(true), Json::object([])])),
        ]);
        assert_eq!(json(&value.tight()), Some(value.clone()));
        assert_eq!(json(&value.document()), Some(value.clone()));
        let bits = |value: &Json| match value {
            Json::Number(value) => value.to_bits(),
            other => panic!("{other:?} is no number"),
        };
        for number in numbers {
            assert_eq!(
                json(&Json::Number(number).tight()).map(|own| bits(&own)),
                Some(number.to_bits())
            );
        }
    }

    #[test]
    fn a_line_torn_anywhere_is_nothing() {
        let line = Json::object([
            ("point", Json::Whole(3)),
            ("settings", Json::object([("a", Json::text("x\ty"))])),
            ("values", Json::numbers(&[1.5, f64::INFINITY, f64::NAN])),
        ]);
        let line = line.tight();
        for end in 0..line.len() {
            assert_eq!(json(&line[..end]), None, "{}", &line[..end]);
        }
        assert!(json(&line).is_some());
        assert_eq!(json(&format!("{line}{line}")), None);
    }
}
