//! Lessons: predict, run, compare with the formula.
//!
//! A lesson is one file, `experiments/lessons/NAME.md`: prose with blocks of RON in it, and a line
//! in the list below. A `question` is asked before the part that answers it; a `part` says which
//! axis of the `experiment` after it is varied, what is measured, and which closed form of
//! [`crate::formula`] it is held to. Nothing else about a lesson is code.

pub mod chart;
pub mod page;
pub mod part;
pub mod picture;
mod read;
pub mod run;
pub mod table;
#[cfg(test)]
mod tests;

use crate::spec::Problems;
use part::Part;

/// Every lesson that ships, in the order in which they build on each other: name and text.
pub const LESSONS: &[(&str, &str)] = &[
    ("utilisation", include_str!("../../lessons/utilisation.md")),
    ("retries", include_str!("../../lessons/retries.md")),
    ("budget", include_str!("../../lessons/budget.md")),
    ("jitter", include_str!("../../lessons/jitter.md")),
    ("loops", include_str!("../../lessons/loops.md")),
    ("hedging", include_str!("../../lessons/hedging.md")),
    ("fan-out", include_str!("../../lessons/fan-out.md")),
    ("metastable", include_str!("../../lessons/metastable.md")),
    ("breakers", include_str!("../../lessons/breakers.md")),
    ("limiters", include_str!("../../lessons/limiters.md")),
    ("deadlines", include_str!("../../lessons/deadlines.md")),
];

/// A lesson.
#[derive(Debug, Clone, PartialEq)]
pub struct Lesson {
    /// As on the command line.
    pub name: String,
    /// The heading.
    pub title: String,
    /// What it is made of, in order.
    pub pieces: Vec<Piece>,
}

/// A piece of a lesson.
#[derive(Debug, Clone, PartialEq)]
pub enum Piece {
    /// Text in Markdown.
    Prose(String),
    /// Something to predict; its answer comes after the next part.
    Question(Question),
    /// An experiment beside its theory.
    Part(Box<Part>),
}

/// Something to predict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// What is asked.
    pub ask: String,
    /// The answers to choose from.
    pub choices: Vec<String>,
    /// Which of them is right, from 1.
    pub answer: usize,
    /// Why.
    pub because: String,
}

/// The lesson that `text`, of the file `file_name`, describes.
///
/// # Errors
/// Everything that is wrong with it.
pub fn lesson(name: &str, file_name: &str, text: &str) -> Result<Lesson, Problems> {
    read::lesson(name, file_name, text)
}

/// The text of the lesson called `name`.
pub fn text(name: &str) -> Option<&'static str> {
    LESSONS.iter().find(|(own, _)| *own == name).map(|(_, text)| *text)
}

impl Lesson {
    /// Its parts, in order.
    pub fn parts(&self) -> impl Iterator<Item = &Part> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Part(part) => Some(&**part),
            Piece::Prose(_) | Piece::Question(_) => None,
        })
    }

    /// How many points are held to a closed form: the intervals share their error between them.
    pub fn checks(&self) -> usize {
        self.parts().map(Part::checks).sum()
    }

    /// The first paragraph: what it is about.
    pub fn about(&self) -> &str {
        let prose = self.pieces.iter().find_map(|piece| match piece {
            Piece::Prose(text) => Some(text.as_str()),
            Piece::Question(_) | Piece::Part(_) => None,
        });
        prose.unwrap_or_default().split("\n\n").next().unwrap_or_default()
    }
}
