//! A value in a document, with the way to it: what is wrong with it can be said.

use super::Json;

/// A value, and where it is.
#[derive(Debug, Clone)]
pub struct Cursor<'j> {
    json: &'j Json,
    path: String,
}

/// A value that is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// The way to it: `systems[0].time`.
    pub path: String,
    /// What should be there.
    pub expected: &'static str,
}

impl std::fmt::Display for Misfit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}` should be {}", self.path, self.expected)
    }
}

impl std::error::Error for Misfit {}

const MISSING: &Json = &Json::Null;

impl<'j> Cursor<'j> {
    /// The document as a whole.
    pub fn new(json: &'j Json) -> Cursor<'j> {
        Cursor { json, path: String::new() }
    }

    /// The value of a field; nothing where there is none.
    pub fn get(&self, key: &str) -> Cursor<'j> {
        let found = match self.json {
            Json::Object(fields) => fields.iter().find(|(own, _)| own == key),
            _ => None,
        };
        let dot = if self.path.is_empty() { "" } else { "." };
        let path = format!("{}{dot}{key}", self.path);
        Cursor { json: found.map_or(MISSING, |(_, value)| value), path }
    }

    /// The value itself.
    pub fn json(&self) -> &'j Json {
        self.json
    }

    /// The items of a list.
    ///
    /// # Errors
    /// When it is none.
    pub fn items(&self) -> Result<Vec<Cursor<'j>>, Misfit> {
        let Json::List(items) = self.json else { return Err(self.misfit("a list")) };
        let item = |(place, json): (usize, &'j Json)| Cursor {
            json,
            path: format!("{}[{place}]", self.path),
        };
        Ok(items.iter().enumerate().map(item).collect())
    }

    /// The fields of an object, in order.
    ///
    /// # Errors
    /// When it is none.
    pub fn fields(&self) -> Result<&'j [(String, Json)], Misfit> {
        match self.json {
            Json::Object(fields) => Ok(fields),
            _ => Err(self.misfit("an object")),
        }
    }

    /// A text.
    ///
    /// # Errors
    /// When it is none.
    pub fn text(&self) -> Result<&'j str, Misfit> {
        match self.json {
            Json::Text(text) => Ok(text),
            _ => Err(self.misfit("a text")),
        }
    }

    /// A number, possibly infinite; not a number where there is none.
    ///
    /// # Errors
    /// When it is something else.
    pub fn number(&self) -> Result<f64, Misfit> {
        number(self.json).ok_or_else(|| self.misfit("a number"))
    }

    /// A whole number.
    ///
    /// # Errors
    /// When it is none.
    pub fn whole(&self) -> Result<u64, Misfit> {
        match self.json {
            Json::Whole(whole) => Ok(*whole),
            _ => Err(self.misfit("a whole number")),
        }
    }

    /// A text of each item of a list.
    ///
    /// # Errors
    /// When it is something else.
    pub fn texts(&self) -> Result<Vec<String>, Misfit> {
        self.each(|item| Ok(item.text()?.to_owned()))
    }

    /// What `read` makes of each item of a list.
    ///
    /// # Errors
    /// When it is none, and as `read`.
    pub fn each<T>(
        &self,
        read: impl FnMut(&Cursor<'j>) -> Result<T, Misfit>,
    ) -> Result<Vec<T>, Misfit> {
        self.items()?.iter().map(read).collect()
    }

    /// Yes or no.
    ///
    /// # Errors
    /// When it is neither.
    pub fn flag(&self) -> Result<bool, Misfit> {
        match self.json {
            Json::Bool(flag) => Ok(*flag),
            _ => Err(self.misfit("true or false")),
        }
    }

    /// The two sides of `path=value`.
    ///
    /// # Errors
    /// When it is no such text.
    pub fn setting(&self) -> Result<(String, String), Misfit> {
        let (path, value) =
            self.text()?.split_once('=').ok_or_else(|| self.misfit("a path and a value"))?;
        Ok((path.to_owned(), value.to_owned()))
    }

    /// The ends of an interval, or nothing where there is none.
    ///
    /// # Errors
    /// When it is something else.
    pub fn ends(&self) -> Result<Option<(f64, f64)>, Misfit> {
        match self.maybe(Cursor::numbers)?.as_deref() {
            None => Ok(None),
            Some([low, high]) => Ok(Some((*low, *high))),
            Some(_) => Err(self.misfit("the two ends of an interval")),
        }
    }

    /// A list of numbers.
    ///
    /// # Errors
    /// When it is none.
    pub fn numbers(&self) -> Result<Vec<f64>, Misfit> {
        let Json::List(items) = self.json else { return Err(self.misfit("a list of numbers")) };
        let numbers = items.iter().map(number).collect::<Option<Vec<f64>>>();
        numbers.ok_or_else(|| self.misfit("a list of numbers"))
    }

    /// A list of whole numbers.
    ///
    /// # Errors
    /// When it is none.
    pub fn wholes(&self) -> Result<Vec<u64>, Misfit> {
        let whole = |json: &Json| match json {
            Json::Whole(whole) => Some(*whole),
            _ => None,
        };
        let Json::List(items) = self.json else { return Err(self.misfit("a list of counts")) };
        let wholes = items.iter().map(whole).collect::<Option<Vec<u64>>>();
        wholes.ok_or_else(|| self.misfit("a list of counts"))
    }

    /// What `read` makes of it, or nothing where there is nothing.
    ///
    /// # Errors
    /// As `read`.
    pub fn maybe<T>(
        &self,
        read: impl FnOnce(&Cursor<'j>) -> Result<T, Misfit>,
    ) -> Result<Option<T>, Misfit> {
        match self.json {
            Json::Null => Ok(None),
            _ => read(self).map(Some),
        }
    }

    /// It is not what it should be.
    pub fn misfit(&self, expected: &'static str) -> Misfit {
        Misfit { path: self.path.clone(), expected }
    }
}

fn number(json: &Json) -> Option<f64> {
    match json {
        Json::Number(number) => Some(*number),
        Json::Whole(whole) => Some(*whole as f64),
        Json::Null => Some(f64::NAN),
        Json::Text(text) if text == "inf" => Some(f64::INFINITY),
        Json::Text(text) if text == "-inf" => Some(f64::NEG_INFINITY),
        Json::Text(_) | Json::Bool(_) | Json::List(_) | Json::Object(_) => None,
    }
}
