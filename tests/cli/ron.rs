//! RON as JSON of the same shape, for files that are known to be right: a second reader, written
//! from the format's description alone.

use serde_json::{Map, Value, json};

/// The value that `text` describes.
pub(crate) fn to_json(text: &str) -> Value {
    let mut reader = Reader { rest: text };
    let value = reader.value();
    reader.skip();
    assert_eq!(reader.rest, "", "nothing follows the value");
    match value {
        Value::Object(mut fields) if fields.contains_key("Experiment") => {
            fields.remove("Experiment").expect("it is there")
        }
        other => other,
    }
}

struct Reader<'t> {
    rest: &'t str,
}

impl Reader<'_> {
    fn skip(&mut self) {
        loop {
            self.rest = self.rest.trim_start();
            match self.rest.strip_prefix("//") {
                Some(comment) => self.rest = comment.split_once('\n').map_or("", |two| two.1),
                None => return,
            }
        }
    }

    fn takes(&mut self, mark: char) -> bool {
        self.skip();
        let rest = self.rest.strip_prefix(mark);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn word(&mut self) -> String {
        let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '+');
        let end = self.rest.find(|c| !is_part(c)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word.to_owned()
    }

    fn value(&mut self) -> Value {
        self.skip();
        match self.rest.chars().next().expect("a value") {
            '"' => {
                let end = self.rest[1..].find('"').expect("a text ends") + 1;
                let text = self.rest[1..end].to_owned();
                self.rest = &self.rest[end + 1..];
                Value::String(text)
            }
            '[' => {
                self.takes('[');
                Value::Array(self.items(']'))
            }
            '{' => {
                self.takes('{');
                Value::Object(self.entries('}'))
            }
            '(' => self.record(),
            c if c.is_ascii_digit() || c == '-' => {
                serde_json::from_str(&self.word()).expect("a number")
            }
            _ => {
                let name = self.word();
                self.skip();
                match name.as_str() {
                    "true" | "false" => json!(name == "true"),
                    _ if self.rest.starts_with('(') => {
                        let body = match self.record() {
                            Value::Array(mut items) if items.len() == 1 => items.remove(0),
                            body => body,
                        };
                        json!({ name: body })
                    }
                    _ => Value::String(name),
                }
            }
        }
    }

    /// `(a, b)` or `(a: 1, b: 2)`.
    fn record(&mut self) -> Value {
        self.takes('(');
        self.skip();
        let before = self.rest;
        let word = self.word();
        self.skip();
        let is_named = !word.is_empty() && self.rest.starts_with(':');
        self.rest = before;
        if is_named { Value::Object(self.entries(')')) } else { Value::Array(self.items(')')) }
    }

    fn items(&mut self, end: char) -> Vec<Value> {
        let mut items = Vec::new();
        while !self.takes(end) {
            items.push(self.value());
            self.takes(',');
        }
        items
    }

    fn entries(&mut self, end: char) -> Map<String, Value> {
        let mut entries = Map::new();
        while !self.takes(end) {
            self.skip();
            let key = match self.rest.starts_with('"') {
                true => self.value().as_str().expect("a text").to_owned(),
                false => self.word(),
            };
            assert!(self.takes(':'), "a key is followed by a colon: {}", self.rest);
            entries.insert(key, self.value());
            self.takes(',');
        }
        entries
    }
}
