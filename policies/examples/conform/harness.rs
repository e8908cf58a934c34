//! A vector's way: its configuration makes a subject, its steps are done to it, and what is
//! expected is compared with what it shows.

use crate::families;
use serde_json::{Map, Value};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What became of one vector.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// Every step showed what was expected. These names the vector says, and nobody has read them.
    Passed(Vec<String>),
    /// The first step that did not.
    Failed(String),
    /// No engine here speaks this dialect, or not this operation.
    Inexpressible(String),
}

/// What is compared: an object of whatever the subject can say after a step.
pub(crate) type Shown = Map<String, Value>;

/// A policy under test.
pub(crate) trait Subject {
    /// Does one step and says what there is to see. A key that is expected and not shown is a
    /// mismatch.
    ///
    /// # Errors
    /// When the operation is not known.
    fn step(&mut self, step: &Step<'_>) -> Result<Shown, String>;
}

/// Makes the subject of a vector.
pub(crate) type Make = fn(&Vector<'_>) -> Result<Box<dyn Subject>, String>;

/// One vector's head.
pub(crate) struct Vector<'a> {
    /// The family of policies.
    pub(crate) family: &'a str,
    /// The system.
    pub(crate) dialect: &'a str,
    /// Its configuration, with the steps' own names for things.
    pub(crate) config: Fields<'a>,
}

/// One step.
pub(crate) struct Step<'a> {
    /// Nanoseconds.
    pub(crate) t: u64,
    /// What is done.
    pub(crate) op: &'a str,
    /// With what.
    pub(crate) args: Fields<'a>,
}

/// An object of the vector, read by name.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'a>(pub(crate) &'a Map<String, Value>);

thread_local! {
    /// The names that have been asked for since the vector was begun.
    static ASKED: RefCell<BTreeSet<String>> = const { RefCell::new(BTreeSet::new()) };
}

impl<'a> Fields<'a> {
    /// Whatever it is, if it is there.
    pub(crate) fn get(self, key: &str) -> Option<&'a Value> {
        let found = self.0.get(key)?;
        ASKED.with_borrow_mut(|asked| asked.insert(key.to_owned()));
        Some(found)
    }

    /// Whether it is there.
    pub(crate) fn has(self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Everything that is there, whatever it is called.
    pub(crate) fn entries(self) -> impl Iterator<Item = (&'a String, &'a Value)> {
        ASKED.with_borrow_mut(|asked| asked.extend(self.0.keys().cloned()));
        self.0.iter()
    }

    /// What it is if it can be used as what is wanted; a name counts as read only then.
    fn usable<T>(self, key: &str, read: impl FnOnce(&'a Value) -> Option<T>) -> Option<T> {
        let value = self.0.get(key)?;
        let used = read(value);
        if used.is_some() || value.is_null() {
            ASKED.with_borrow_mut(|asked| asked.insert(key.to_owned()));
        }
        used
    }

    /// A whole number, if it is there.
    pub(crate) fn u64(self, key: &str) -> Option<u64> {
        self.usable(key, |value| value.as_u64().or_else(|| u64::try_from(whole(value)?).ok()))
    }

    /// A whole number that may be negative, if it is there.
    pub(crate) fn i64(self, key: &str) -> Option<i64> {
        self.usable(key, |value| value.as_i64().or_else(|| whole(value)))
    }

    /// A number, if it is there.
    pub(crate) fn f64(self, key: &str) -> Option<f64> {
        self.usable(key, Value::as_f64)
    }

    /// A word, if it is there.
    pub(crate) fn str(self, key: &str) -> Option<&'a str> {
        self.usable(key, Value::as_str)
    }

    /// Yes or no, if it is there.
    pub(crate) fn bool(self, key: &str) -> Option<bool> {
        self.usable(key, Value::as_bool)
    }

    /// A list, if it is there.
    pub(crate) fn list(self, key: &str) -> Option<&'a Vec<Value>> {
        self.usable(key, Value::as_array)
    }

    /// An object within, if it is there.
    pub(crate) fn fields(self, key: &str) -> Option<Fields<'a>> {
        self.usable(key, Value::as_object).map(Fields)
    }

    /// Something that has to be there.
    pub(crate) fn need<T>(
        self,
        key: &str,
        read: fn(Fields<'a>, &str) -> Option<T>,
    ) -> Result<T, String> {
        read(self, key).ok_or_else(|| format!("no usable {key}"))
    }
}

/// A whole number that was written with a point, as far as floats have all of them.
fn whole(value: &Value) -> Option<i64> {
    let number = value.as_f64().filter(|number| number.fract() == 0.0)?;
    (number.abs() <= 9_007_199_254_740_992.0).then_some(number as i64)
}

/// Shorthand for what a step shows: `shown! { "admit" => true, "state" => "open" }`.
#[macro_export]
macro_rules! shown {
    ($($key:literal => $value:expr),* $(,)?) => {{
        #[allow(unused_mut)]
        let mut shown = $crate::harness::Shown::new();
        $(shown.insert($key.to_owned(), ::serde_json::json!($value));)*
        shown
    }};
}

/// Runs every vector of a file; ids in order.
pub(crate) fn run(text: &str) -> Vec<(String, Verdict)> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(number, line)| match serde_json::from_str::<Value>(line) {
            Ok(Value::Object(vector)) => {
                let id = Fields(&vector).str("id").unwrap_or("?").to_owned();
                // One that nobody thought of must not keep the others from being judged.
                let judged = catch_unwind(AssertUnwindSafe(|| judge(&vector)));
                let panicked = |_| Verdict::Inexpressible("it asks for what breaks".to_owned());
                (id, judged.unwrap_or_else(panicked))
            }
            Ok(_) | Err(_) => {
                (format!("line {}", number + 1), Verdict::Failed("not a JSON object".to_owned()))
            }
        })
        .collect()
}

/// What becomes of one. What fails and says something that nobody has read is not understood.
fn judge(object: &Map<String, Value>) -> Verdict {
    ASKED.with_borrow_mut(BTreeSet::clear);
    let verdict = follow(object);
    let unread = unread(object);
    match verdict {
        Verdict::Failed(mismatch) if !unread.is_empty() => {
            Verdict::Inexpressible(format!("nobody reads {}; {mismatch}", unread.join(", ")))
        }
        Verdict::Passed(_) => Verdict::Passed(unread),
        verdict => verdict,
    }
}

/// Names in the configuration and the steps that nobody has asked for.
fn unread(object: &Map<String, Value>) -> Vec<String> {
    fn names(within: &Map<String, Value>, found: &mut BTreeSet<String>) {
        for (name, value) in within {
            found.insert(name.clone());
            if let Value::Object(within) = value {
                names(within, found);
            }
        }
    }
    let mut found = BTreeSet::new();
    if let Some(config) = object.get("config").and_then(Value::as_object) {
        names(config, &mut found);
    }
    for step in object.get("steps").and_then(Value::as_array).into_iter().flatten() {
        let said = step.as_object().into_iter().flat_map(Map::keys);
        found.extend(said.filter(|name| !STEP.contains(&name.as_str())).cloned());
    }
    ASKED.with_borrow(|asked| found.difference(asked).cloned().collect())
}

/// What every step may say, whoever it is for.
const STEP: [&str; 7] = ["t", "op", "expect", "repeat", "note", "notes", "comment"];

fn follow(object: &Map<String, Value>) -> Verdict {
    let fields = Fields(object);
    let none = Map::new();
    let vector = Vector {
        family: fields.str("family").unwrap_or(""),
        dialect: fields.str("dialect").unwrap_or(""),
        config: fields.fields("config").unwrap_or(Fields(&none)),
    };
    let Some(make) = families::maker(vector.family, vector.dialect) else {
        return Verdict::Inexpressible(format!("{} {}", vector.family, vector.dialect));
    };
    let mut subject = match make(&vector) {
        Ok(subject) => subject,
        Err(reason) => return Verdict::Inexpressible(reason),
    };
    let tolerance = fields.f64("tolerance").unwrap_or(1e-9);
    let mut known = BTreeSet::new();
    for (number, step) in fields.list("steps").into_iter().flatten().enumerate() {
        let Some(step) = step.as_object().map(Fields) else {
            return Verdict::Failed(format!("step {number} is not an object"));
        };
        match compare(subject.as_mut(), step, tolerance, &mut known) {
            Ok(None) => {}
            Ok(Some(mismatch)) => return Verdict::Failed(format!("step {number}: {mismatch}")),
            Err(reason) => return Verdict::Inexpressible(format!("step {number}: {reason}")),
        }
    }
    Verdict::Passed(Vec::new())
}

/// Keys that have to hold at every repetition of a step, not only at the last.
const DECISIONS: [&str; 3] = ["admit", "ok", "granted"];

/// Does a step as often as it says; the first difference. `known` are the names of what has been
/// shown so far: who expects what nobody ever shows is not understood.
fn compare(
    subject: &mut dyn Subject,
    step: Fields<'_>,
    tolerance: f64,
    known: &mut BTreeSet<String>,
) -> Result<Option<String>, String> {
    let (t, op) = (step.need("t", Fields::u64)?, step.need("op", Fields::str)?);
    let none = Map::new();
    let expect = step.fields("expect").unwrap_or(Fields(&none));
    let repeat = step.u64("repeat").unwrap_or(1);
    for time in 1..=repeat {
        let shown = subject.step(&Step { t, op, args: step })?;
        known.extend(shown.iter().map(|(key, _)| key.clone()));
        for (key, wanted) in expect.0 {
            if !wanted.is_null() && !known.contains(key) {
                return Err(format!("{op} shows no {key}"));
            }
            if time < repeat && !DECISIONS.contains(&key.as_str()) {
                continue;
            }
            let found = shown.get(key).unwrap_or(&Value::Null);
            if !alike(found, wanted, tolerance) {
                return Ok(Some(format!("t={t} {op}: {key} is {found}, expected {wanted}")));
            }
        }
    }
    Ok(None)
}

/// Equal, numbers to within a relative or absolute tolerance.
fn alike(found: &Value, wanted: &Value, tolerance: f64) -> bool {
    match (found, wanted) {
        (Value::Number(found), Value::Number(wanted)) => {
            if let (Some(found), Some(wanted)) = (found.as_i64(), wanted.as_i64())
                && tolerance <= 1e-9
            {
                return found == wanted;
            }
            let (Some(found), Some(wanted)) = (found.as_f64(), wanted.as_f64()) else {
                return false;
            };
            (found - wanted).abs() <= tolerance * wanted.abs().max(1.0)
        }
        (Value::Array(found), Value::Array(wanted)) => {
            found.len() == wanted.len()
                && found.iter().zip(wanted).all(|(found, wanted)| alike(found, wanted, tolerance))
        }
        (Value::Object(found), Value::Object(wanted)) => {
            found.len() == wanted.len()
                && wanted.iter().all(|(key, wanted)| {
                    found.get(key).is_some_and(|found| alike(found, wanted, tolerance))
                })
        }
        (found, wanted) => found == wanted,
    }
}
