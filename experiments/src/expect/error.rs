//! What is wrong with a sentence, and where in it.

use brownout_policies::notation::meant;
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

/// What to write instead of `written`: a name near it, or else `otherwise` with the whole list.
pub(super) fn suggest(written: &str, known: &[&str], otherwise: &str) -> String {
    meant(written, known.iter().copied())
        .unwrap_or_else(|| format!("{otherwise} {}", known.join(", ")))
}
