//! What is wrong with a sentence, and where in it.

use std::error::Error;
use std::fmt;
use std::ops::Range;

/// One mistake in a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentenceError {
    /// Bytes of the sentence to underline; empty at the end when something is missing there.
    pub at: Range<usize>,
    /// What was found and what is wrong with it.
    pub message: String,
    /// What to write instead.
    pub hint: Option<String>,
}

impl SentenceError {
    /// A mistake with a way out.
    pub(super) fn new(
        at: Range<usize>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> SentenceError {
        SentenceError { at, message: message.into(), hint: Some(hint.into()) }
    }

    /// A mistake whose message says all there is to say.
    pub(super) fn bare(at: Range<usize>, message: impl Into<String>) -> SentenceError {
        SentenceError { at, message: message.into(), hint: None }
    }
}

impl fmt::Display for SentenceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.hint {
            Some(hint) => write!(f, "; {hint}"),
            None => Ok(()),
        }
    }
}

impl Error for SentenceError {}

/// `did you mean …?` when some of `known` are near `written`, and `otherwise` with the whole list
/// when none is.
pub(super) fn suggest(written: &str, known: &[&str], otherwise: &str) -> String {
    let lower = written.to_lowercase();
    let mut near: Vec<(usize, &str)> = known
        .iter()
        .filter(|name| written.len() <= LONGEST && name.len() <= LONGEST)
        .map(|name| (strsim::osa_distance(&lower, &name.to_lowercase()), *name))
        .filter(|(distance, name)| *distance <= reach(&lower, name))
        .collect();
    near.sort_unstable();
    near.dedup();
    let nearest: Vec<String> = near.iter().take(3).map(|(_, name)| format!("`{name}`")).collect();
    match nearest.as_slice() {
        [] => format!("{otherwise} {}", known.join(", ")),
        names => format!("did you mean {}?", names.join(" or ")),
    }
}

/// Longer names are not compared: the work grows with the product of the lengths.
const LONGEST: usize = 100;

/// Edits within which two names count as one misspelt: a third of the longer, at least one.
fn reach(written: &str, name: &str) -> usize {
    (written.chars().count().max(name.chars().count()) / 3).max(1)
}
