//! What is wrong with a file, and where: collected, never thrown.

use super::scan::boundary;
use super::spelling::meant;
use alloc::borrow::ToOwned;
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

/// Problems kept in full; the rest are counted.
const KEPT: usize = 400;

/// A stretch of text in one of the sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Place {
    /// Which source: 0 is the file itself.
    pub source: u32,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Place {
    /// From the start of this one to the end of `other`, in the same source.
    pub fn to(self, other: Place) -> Place {
        Place { end: other.end.max(self.start), ..self }
    }

    /// Whether `other` lies inside.
    pub const fn holds(self, other: Place) -> bool {
        self.source == other.source && self.start <= other.start && other.end <= self.end
    }

    /// The bytes, for slicing.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A text that was read: a file, one beside it, an argument.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    /// Its path, or the argument it came from.
    pub name: String,
    /// All of it.
    pub text: String,
}

impl Source {
    /// The line and column of a byte, both from 1, columns in characters.
    pub fn line_and_column(&self, at: u32) -> (usize, usize) {
        let before = &self.text[..boundary(&self.text, at as usize)];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }
}

/// What kind of thing a file holds, for complaints about the file as a whole.
#[derive(Debug, PartialEq, Eq)]
pub struct Subject {
    /// With its article: "an experiment".
    pub one: &'static str,
    /// Without: "experiment".
    pub noun: &'static str,
    /// What to write into an empty file.
    pub least: &'static str,
    /// What to do with very many values.
    pub large: &'static str,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// What is written cannot be used.
    Error,
    /// It can, but probably not as meant.
    Warning,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// Whether it forbids using what is written.
    pub severity: Severity,
    /// Where.
    pub place: Place,
    /// What was found.
    pub message: String,
    /// What is allowed, written under the caret; may be empty.
    pub label: String,
    /// What to do.
    pub help: Option<String>,
}

impl Problem {
    /// An error at `place`.
    pub fn error(place: Place, message: impl Into<String>) -> Problem {
        Problem {
            severity: Severity::Error,
            place,
            message: message.into(),
            label: String::new(),
            help: None,
        }
    }

    /// A warning at `place`.
    pub fn warning(place: Place, message: impl Into<String>) -> Problem {
        Problem { severity: Severity::Warning, ..Problem::error(place, message) }
    }

    /// With a word under the caret.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Problem {
        self.label = label.into();
        self
    }

    /// With advice.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Problem {
        self.help = Some(help.into());
        self
    }

    /// With advice, if there is any.
    #[must_use]
    pub fn maybe_help(mut self, help: Option<String>) -> Problem {
        self.help = help.or(self.help);
        self
    }
}

/// What is known while a file is read: the texts so far and what is wrong with them.
#[derive(Debug)]
pub struct Cx {
    /// What the file should hold.
    pub subject: &'static Subject,
    /// The texts; the first is the file itself.
    pub sources: Vec<Source>,
    /// Whether some text could not be parsed, so that missing fields mean nothing.
    pub is_mangled: bool,
    list: Vec<Problem>,
    seen: BTreeSet<(Place, String)>,
    more: usize,
}

/// What was noted while a file was read.
#[derive(Debug)]
pub struct Noted {
    /// The texts; the first is the file itself.
    pub sources: Vec<Source>,
    /// What is wrong, in the order of the texts.
    pub list: Vec<Problem>,
    /// How many more errors there were that are not kept.
    pub more: usize,
}

impl Cx {
    /// Nothing read and nothing wrong yet.
    pub fn new(subject: &'static Subject) -> Cx {
        let (sources, list, seen) = Default::default();
        Cx { subject, sources, is_mangled: false, list, seen, more: 0 }
    }

    /// Adds a text; its number is for places in it.
    pub fn add_source(&mut self, name: &str, text: &str) -> u32 {
        self.sources.push(Source { name: name.to_owned(), text: text.to_owned() });
        (self.sources.len() - 1) as u32
    }

    /// Notes a problem; the same one at the same place is noted once.
    pub fn push(&mut self, problem: Problem) {
        if self.list.len() >= KEPT {
            self.more += usize::from(problem.severity == Severity::Error);
        } else if self.seen.insert((problem.place, problem.message.clone())) {
            self.list.push(problem);
        }
    }

    /// Notes a problem that costs something to describe, unless there are too many already.
    pub fn complain(&mut self, describe: impl FnOnce(&Cx) -> Problem) {
        if self.list.len() >= KEPT {
            self.more += 1;
        } else {
            let problem = describe(self);
            self.push(problem);
        }
    }

    /// Whether any error was noted.
    pub fn has_errors(&self) -> bool {
        self.more > 0 || self.list.iter().any(|problem| problem.severity == Severity::Error)
    }

    /// How many problems were noted.
    pub fn count(&self) -> usize {
        self.list.len() + self.more
    }

    /// The line of a place, from 1.
    pub fn line_of(&self, place: Place) -> usize {
        let text = self.sources.get(place.source as usize).map_or("", |source| &source.text);
        1 + text.bytes().take(place.start as usize).filter(|byte| *byte == b'\n').count()
    }

    /// The text at a place.
    pub fn text(&self, place: Place) -> &str {
        let source = self.sources.get(place.source as usize);
        source.and_then(|source| source.text.get(place.range())).unwrap_or_default()
    }

    /// Everything noted, in the order of the texts.
    pub fn finish(mut self) -> Noted {
        self.list.sort_by_key(|problem| problem.place);
        Noted { sources: self.sources, list: self.list, more: self.more }
    }
}

/// What to write instead of `word`: a name near it, else what there is.
pub fn did_you_mean<'c>(
    word: &str,
    candidates: impl IntoIterator<Item = &'c str> + Clone,
) -> Option<String> {
    meant(word, candidates.clone()).or_else(|| {
        let all: Vec<&str> = candidates.into_iter().take(25).collect();
        (!all.is_empty()).then(|| format!("there is {}", listed(&all)))
    })
}

/// `a, b and c`.
pub fn listed(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [front @ .., last] => format!("{} and {last}", front.join(", ")),
    }
}

/// A text cut to a length that fits into a message.
pub fn short(text: &str) -> String {
    const SHOWN: usize = 40;
    if text.chars().count() <= SHOWN {
        return text.to_owned();
    }
    let cut: String = text.chars().take(SHOWN - 1).collect();
    format!("{cut}…")
}
