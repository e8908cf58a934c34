//! What a call through a stack ends with if not with an answer, and what is wrong with a stack.

use crate::outcome::{Outcome, Seen};
use crate::settings::Problem;
use crate::time::Span;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StackError<E> {
    /// One of the stack's own policies said no: nothing was sent.
    Rejected {
        /// When trying again makes sense, if that is known.
        retry_after: Option<Duration>,
    },
    /// Nothing came within one of the stack's own time limits.
    TimedOut,
    /// The service's own error.
    Inner(E),
}

impl<E> StackError<E> {
    /// What a policy of one's own has decided. A user's patience is a time limit too.
    pub(super) fn own(outcome: Outcome) -> StackError<E> {
        if outcome.seen != Seen::Rejected {
            return StackError::TimedOut;
        }
        let retry_after = outcome.retry_after().map(|after| Duration::from_nanos(after.nanos()));
        StackError::Rejected { retry_after }
    }

    /// The outcome of the own decision in it, or the service's error.
    pub(super) fn outcome(&self) -> Result<Outcome, &E> {
        match self {
            StackError::Rejected { retry_after: None } => Ok(Outcome::REJECTED),
            StackError::Rejected { retry_after: Some(after) } => {
                Ok(Outcome::REJECTED.with_retry_after(span(*after)))
            }
            StackError::TimedOut => Ok(Outcome::TIMED_OUT),
            StackError::Inner(error) => Err(error),
        }
    }
}

/// A duration on the policies' axis, clamped at its end.
pub(super) fn span(duration: Duration) -> Span {
    Span::from_nanos(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX))
}

impl<E> fmt::Display for StackError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StackError::Rejected { retry_after: None } => {
                f.write_str("rejected by a policy of the caller's own")
            }
            StackError::Rejected { retry_after: Some(after) } => {
                write!(f, "rejected by a policy of the caller's own; try again after {after:?}")
            }
            StackError::TimedOut => f.write_str("no answer within the caller's time limit"),
            StackError::Inner(_) => f.write_str("the call failed"),
        }
    }
}

impl<E: core::error::Error + 'static> core::error::Error for StackError<E> {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            StackError::Rejected { .. } | StackError::TimedOut => None,
            StackError::Inner(error) => Some(error),
        }
    }
}

/// Everything that is wrong with a stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsound {
    /// The layer, counted from 0 at the outside, what it is called, and what is wrong with it.
    pub problems: Vec<(usize, String, Problem)>,
}

impl fmt::Display for Unsound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (nth, (place, name, problem)) in self.problems.iter().enumerate() {
            let separator = if nth == 0 { "" } else { "\n" };
            write!(f, "{separator}layer {place}, {name}: {problem}")?;
        }
        Ok(())
    }
}

impl core::error::Error for Unsound {}
