//! Gates: policies that let a call through or turn it away, and hear how it went.
//!
//! Breakers, limiters, bulkheads and throttles are gates. A gate that lets a call through hands out
//! a [`Permit`], which cannot be copied, and takes it back exactly once with a [`Report`].

use crate::outcome::Class;
use crate::time::{Span, Time};
use core::fmt;

/// The right to one call, to be given back once with a report of how it went.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "a permit is given back, or its gate waits for it for ever"]
pub struct Permit {
    /// Which life of the gate's state handed it out; what an older one did no longer counts.
    pub(crate) generation: u32,
    /// What the gate needs to know about it when it comes back.
    pub(crate) tag: u32,
}

/// A permit taken apart by the machine of calls, which keeps it in a frame and puts it together
/// again exactly once, whichever way the frame ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Held {
    generation: u32,
    tag: u32,
}

impl Held {
    pub(crate) const fn of_word(word: u64) -> Held {
        Held { generation: (word >> 32) as u32, tag: word as u32 }
    }

    pub(crate) const fn word(self) -> u64 {
        (self.generation as u64) << 32 | self.tag as u64
    }
}

impl Permit {
    pub(crate) const fn apart(self) -> Held {
        Held { generation: self.generation, tag: self.tag }
    }

    pub(crate) const fn together(held: Held) -> Permit {
        Permit { generation: held.generation, tag: held.tag }
    }
}

/// How a call went that a gate let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Report {
    /// Well, badly, or neither.
    pub class: Class,
    /// How long it took.
    pub took: Span,
}

/// Why a gate turned a call away, with the numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    /// What there was too much of, or too little: "calls in flight", "failures in the window".
    pub what: &'static str,
    /// How much of it.
    pub value: u64,
    /// The bound that it met.
    pub bound: u64,
    /// When trying again makes sense, if that is known.
    pub retry_at: Option<Time>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} against {}", self.what, self.value, self.bound)?;
        match self.retry_at {
            Some(at) => write!(f, ", again at {at}"),
            None => Ok(()),
        }
    }
}

impl core::error::Error for Refusal {}
