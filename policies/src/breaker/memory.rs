//! What is remembered of the calls, in whichever way.

use super::average::Average;
use super::config::{BreakerConfig, Window};
use super::counts::Counts;
use super::ring::Ring;
use super::slices::Slices;
use crate::time::{Span, Time};

/// The window of one breaker.
#[derive(Debug, Clone)]
pub(super) enum Memory {
    Calls(Ring),
    /// Everything since it was last emptied: who counts failures in a row needs no slices.
    All(Counts),
    Time(Slices),
    Average(Average),
}

impl Memory {
    pub(super) fn new(config: &BreakerConfig) -> Memory {
        let span = config.span.map(Span::nanos);
        match config.window {
            Window::LastCalls => Memory::Calls(Ring::new(config.calls)),
            Window::Grid | Window::Anchored if span.unwrap_or(0) == 0 => {
                Memory::All(Counts::default())
            }
            rule @ (Window::Grid | Window::Finished | Window::Started | Window::Anchored) => {
                Memory::Time(Slices::new(rule, span, config.buckets))
            }
            rule @ (Window::AverageOfCalls | Window::AverageOfTime) => {
                let average = Average::new(rule, span.unwrap_or(0), config.calls, config.buckets);
                Memory::Average(average)
            }
        }
    }

    pub(super) fn clear(&mut self, now: Time) {
        match self {
            Memory::Calls(ring) => ring.clear(),
            Memory::All(counts) => *counts = Counts::default(),
            Memory::Time(slices) => slices.clear(now),
            Memory::Average(average) => average.clear(now),
        }
    }

    /// Empties a window whose time is over as a whole; whether it did.
    #[inline]
    pub(super) fn lapse(&mut self, now: Time) -> bool {
        match self {
            Memory::Calls(_) | Memory::All(_) | Memory::Average(_) => false,
            Memory::Time(slices) => slices.lapse(now),
        }
    }

    /// A call is let through; names the part of the window that it began in.
    #[inline]
    pub(super) fn request(&mut self, now: Time) -> u16 {
        match self {
            Memory::All(counts) => counts.requests += 1,
            Memory::Calls(ring) => ring.request(),
            Memory::Time(slices) => return slices.request(now),
            Memory::Average(average) => average.request(),
        }
        0
    }

    pub(super) fn exclude(&mut self, now: Time, age: Option<u16>) {
        match self {
            Memory::Calls(ring) => ring.exclude(),
            Memory::All(counts) => counts.excluded += 1,
            Memory::Time(slices) => slices.exclude(now, age),
            Memory::Average(average) => average.exclude(),
        }
    }

    #[inline]
    pub(super) fn record(&mut self, now: Time, age: Option<u16>, failed: bool, slow: bool) {
        match self {
            Memory::All(counts) => counts.add(failed, slow),
            Memory::Calls(ring) => ring.record(failed, slow),
            Memory::Time(slices) => slices.record(now, age, failed, slow),
            Memory::Average(average) => average.record(now, failed, slow),
        }
    }

    #[inline]
    pub(super) fn counts(&mut self, now: Time) -> Counts {
        match self {
            Memory::Calls(ring) => *ring.counts(),
            Memory::All(counts) => *counts,
            Memory::Time(slices) => slices.counts(now),
            Memory::Average(average) => *average.counts(),
        }
    }

    /// Whether time alone changes nothing in it from now on.
    pub(super) fn rests(&mut self, now: Time) -> bool {
        match self {
            Memory::Calls(_) | Memory::All(_) | Memory::Average(_) => true,
            Memory::Time(slices) => slices.rests(now),
        }
    }

    /// What it holds, without letting time pass.
    pub(super) fn held(&self) -> Counts {
        match self {
            Memory::Calls(ring) => *ring.counts(),
            Memory::All(counts) => *counts,
            Memory::Time(slices) => slices.held(),
            Memory::Average(average) => *average.counts(),
        }
    }
}
