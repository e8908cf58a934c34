//! Calls in flight, in the order in which they began.

use crate::time::Time;
use alloc::boxed::Box;
use alloc::vec;

#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    began: Time,
    out: bool,
}

/// A queue of calls in flight, of which any may end at any time.
///
/// Invariant: the calls at `head` and at `late` are out, or there is none.
#[derive(Debug, Clone)]
pub(super) struct Watch {
    slots: Box<[Slot]>,
    head: u64,
    /// The first that is not yet overdue.
    late: u64,
    tail: u64,
    overdue: u64,
}

/// Names of calls are this many low bits of their number.
const NAMES: u64 = 0x7FFF;

impl Watch {
    /// Room for `size` calls, at most 8192.
    pub(super) fn new(size: u32) -> Watch {
        let size = size.min(8192) as usize;
        let size = if size == 0 { 0 } else { size.next_power_of_two() };
        let slots = vec![Slot::default(); size].into_boxed_slice();
        Watch { slots, head: 0, late: 0, tail: 0, overdue: 0 }
    }

    fn slot(&mut self, number: u64) -> &mut Slot {
        let mask = self.slots.len() - 1;
        &mut self.slots[number as usize & mask]
    }

    pub(super) const fn has_room(&self) -> bool {
        self.tail - self.head < self.slots.len() as u64
    }

    /// A call begins; its name, or `None` when there is no room.
    #[inline]
    pub(super) fn begin(&mut self, now: Time) -> Option<u16> {
        if !self.has_room() {
            return None;
        }
        let number = self.tail;
        *self.slot(number) = Slot { began: now, out: true };
        self.tail += 1;
        Some((number & NAMES) as u16)
    }

    /// A call ends; `false` if it is not out any more.
    #[inline]
    pub(super) fn end(&mut self, name: u16) -> bool {
        let number = self.head + (u64::from(name).wrapping_sub(self.head) & NAMES);
        if number >= self.tail || !self.slot(number).out {
            return false;
        }
        self.slot(number).out = false;
        self.overdue -= u64::from(number < self.late);
        self.tidy();
        true
    }

    fn tidy(&mut self) {
        while self.head < self.tail && !self.slot(self.head).out {
            self.head += 1;
        }
        self.late = self.late.max(self.head);
        while self.late < self.tail && !self.slot(self.late).out {
            self.late += 1;
        }
    }

    /// When the oldest call began.
    pub(super) fn oldest(&self) -> Option<Time> {
        self.began(self.head)
    }

    /// When the oldest call began that is not yet overdue.
    pub(super) fn oldest_in_time(&self) -> Option<Time> {
        self.began(self.late)
    }

    fn began(&self, number: u64) -> Option<Time> {
        (number < self.tail).then(|| self.slots[number as usize & (self.slots.len() - 1)].began)
    }

    /// The oldest call will not be waited for any longer.
    pub(super) fn lose_oldest(&mut self) {
        if self.head < self.tail {
            self.end((self.head & NAMES) as u16);
        }
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
    pub(super) fn clear(&mut self) {
        (self.head, self.late, self.overdue) = (self.tail, self.tail, 0);
    }
}
