//! Calls in flight that are not slow yet, in the order in which they began.

use crate::time::Time;
use alloc::boxed::Box;
use alloc::vec;

#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    began: Time,
    out: bool,
}

/// A queue of calls that are still in time, and the number of those that no longer are.
///
/// Invariant: the call at `late` is out, or there is none.
#[derive(Debug, Clone)]
pub(super) struct Watch {
    slots: Box<[Slot]>,
    /// Older calls are forgotten.
    floor: u64,
    /// The oldest that is in time; what is between it and the floor is over or overdue.
    late: u64,
    tail: u64,
    overdue: u64,
}

/// Names of calls are this many low bits of their number.
const NAMES: u64 = 0x7FFF_FFFF;

impl Watch {
    /// Room for `size` calls.
    pub(super) fn new(size: u32) -> Watch {
        let size = if size == 0 { 0 } else { size.next_power_of_two() as usize };
        let slots = vec![Slot::default(); size].into_boxed_slice();
        Watch { slots, floor: 0, late: 0, tail: 0, overdue: 0 }
    }

    fn slot(&mut self, number: u64) -> &mut Slot {
        let mask = self.slots.len() - 1;
        &mut self.slots[number as usize & mask]
    }

    /// A call begins; its name, or `None` when `most` are watched already.
    #[inline]
    pub(super) fn begin(&mut self, now: Time, most: u32) -> Option<u32> {
        if self.tail - self.late >= u64::from(most) || self.slots.is_empty() {
            return None;
        }
        let number = self.tail;
        *self.slot(number) = Slot { began: now, out: true };
        self.tail += 1;
        Some((number & NAMES) as u32)
    }

    /// A call ends.
    #[inline]
    pub(super) fn end(&mut self, name: u32) {
        let back = self.tail.wrapping_sub(u64::from(name)) & NAMES;
        let Some(number) = self.tail.checked_sub(back).filter(|number| *number >= self.floor)
        else {
            return;
        };
        if number < self.late {
            self.overdue = self.overdue.saturating_sub(1);
        } else {
            self.slot(number).out = false;
            self.tidy();
        }
    }

    fn tidy(&mut self) {
        while self.late < self.tail && !self.slot(self.late).out {
            self.late += 1;
        }
    }

    /// When the oldest call began that is in time.
    #[inline]
    pub(super) fn oldest(&self) -> Option<Time> {
        let mask = self.slots.len().wrapping_sub(1);
        (self.late < self.tail).then(|| self.slots[self.late as usize & mask].began)
    }

    /// The oldest call in time is overdue now.
    pub(super) fn mark_overdue(&mut self) {
        self.overdue += 1;
        self.late += 1;
        self.tidy();
    }

    pub(super) const fn overdue(&self) -> u64 {
        self.overdue
    }

    /// Forgets them all.
    #[inline]
    pub(super) const fn clear(&mut self) {
        (self.floor, self.late, self.overdue) = (self.tail, self.tail, 0);
    }
}
