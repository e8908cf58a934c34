//! The engine: take the next event, hand it to the model, until the model says stop.

use crate::Time;
use crate::heap::Heap;
use crate::queue::{CHECKED_AFTER, Due, Queue, Rank};
use std::hint::black_box;
use std::ops::ControlFlow;

/// What reacts to events by changing its state and scheduling more.
pub trait Model {
    /// What its queue is made of.
    type Heap: Heap;

    /// What is to come.
    fn queue(&mut self) -> &mut Queue<Self::Heap>;

    /// Reacts to one event, unless it was taken back. `Break` ends the run.
    fn handle(&mut self, event: Due) -> ControlFlow<()>;

    /// Reacts to what was to happen at once, by its word.
    fn handle_at_once(&mut self, word: u64);

    /// Whether an event is still waited for, or was taken back.
    fn awaits(&mut self, event: Due) -> bool;

    /// A pending event that is waited for has another rank now.
    fn rename(&mut self, payload: u32, rank: Rank);

    /// Looks at what an event will be about, some time before it is handled: whatever it says is
    /// not used, but memory has been asked.
    fn look_ahead(&self, _payload: u32) -> u64 {
        0
    }
}

/// More events than this at one nanosecond are a loop in the model, not a busy moment.
const INSTANT_MAX: u32 = CHECKED_AFTER;

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

/// Runs until the model breaks off or nothing is left to happen.
///
/// # Errors
/// When time stands still.
pub fn run<M: Model>(model: &mut M) -> Result<(), Runaway> {
    // When the queue was last checked.
    let mut checked = Time::MAX;
    while let Some(event) = model.queue().pop() {
        if model.handle(event).is_break() {
            break;
        }
        let mut at_once = 0;
        while let Some(word) = model.queue().pop_at_once() {
            model.handle_at_once(word);
            at_once += 1;
            if at_once == INSTANT_MAX {
                return Err(Runaway { at: model.queue().now() });
            }
        }
        if model.queue().take_unkempt() {
            tend(model, &mut checked)?;
        }
        if let Some(payload) = model.queue().next_tipped() {
            black_box(model.look_ahead(payload));
            look_ahead(model);
        }
    }
    Ok(())
}

/// Sees to the queue, which was last checked then.
#[inline(never)]
fn tend<M: Model>(model: &mut M, checked: &mut Time) -> Result<(), Runaway> {
    if model.queue().is_headless() {
        find_head(model);
    }
    if model.queue().is_unchecked() {
        check(model, checked)?;
    }
    Ok(())
}

/// Looks whether time has moved since so many events ago, and whether there are numbers left.
#[cold]
#[inline(never)]
fn check<M: Model>(model: &mut M, checked: &mut Time) -> Result<(), Runaway> {
    let now = model.queue().now();
    if now == *checked {
        return Err(Runaway { at: now });
    }
    *checked = now;
    if model.queue().is_worn() {
        renumber(model);
    }
    model.queue().put_off_check();
    Ok(())
}

/// Finds the next head of the lanes, and drops those on the way whom nobody waits for any more:
/// constant delays are mostly timeouts, and most of these are taken back long before they are due.
#[inline]
pub fn find_head<M: Model>(model: &mut M) {
    while let Some(event) = model.queue().next_in_lane() {
        if model.awaits(event) {
            break;
        }
    }
    model.queue().find_head();
}

/// Looks at what many events are about that come soon. Where a system is larger than every cache,
/// each of them waits for memory when it is handled; here all wait at once.
#[cold]
#[inline(never)]
fn look_ahead<M: Model>(model: &mut M) {
    while let Some(payload) = model.queue().next_tipped() {
        black_box(model.look_ahead(payload));
    }
}

/// Gives every pending event a new rank, smallest first, so that the counter can go on; those that
/// nobody waits for are dropped.
#[cold]
pub fn renumber<M: Model>(model: &mut M) {
    let mut pending = model.queue().take_all();
    pending.retain(|&(_, event)| model.awaits(event));
    for (at, event) in pending {
        let rank = model.queue().put_back(at, event);
        model.rename(event.payload, rank);
    }
}
