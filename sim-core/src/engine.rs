//! The engine: take the next event, hand it to the model, until the model says stop.

use crate::Time;
use crate::heap::Heap;
use crate::queue::Queue;
use std::ops::ControlFlow;

/// What reacts to events by changing its state and scheduling more.
pub trait Model<H: Heap> {
    /// What can happen; a closed set.
    type Event: Copy + Default;

    /// Reacts to one event. `Break` ends the run.
    fn handle(&mut self, event: Self::Event, queue: &mut Queue<Self::Event, H>) -> ControlFlow<()>;
}

/// More events than this at one nanosecond are a loop in the model, not a busy moment.
const INSTANT_MAX: u64 = 50_000_000;

/// Time stands still: events cause events at one instant without end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Runaway {
    /// The instant.
    pub at: Time,
}

impl std::fmt::Display for Runaway {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "time stands still at {}: {INSTANT_MAX} events at one instant", self.at)
    }
}

impl std::error::Error for Runaway {}

/// Runs until the model breaks off or nothing is left to happen; returns the events handled.
///
/// # Errors
/// When time stands still.
pub fn run<H: Heap, M: Model<H>>(
    model: &mut M,
    queue: &mut Queue<M::Event, H>,
) -> Result<u64, Runaway> {
    let (mut handled, mut instant, mut left) = (0u64, Time::ZERO, INSTANT_MAX);
    while let Some(event) = queue.pop() {
        if queue.now() != instant {
            (instant, left) = (queue.now(), INSTANT_MAX);
        } else if left == 0 {
            return Err(Runaway { at: instant });
        }
        left -= 1;
        handled = handled.wrapping_add(1);
        if model.handle(event, queue).is_break() {
            break;
        }
    }
    Ok(handled)
}
