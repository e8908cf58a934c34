//! Probes that are out, and for how long they may be.

use crate::time::{Span, Time};
use alloc::boxed::Box;
use alloc::vec;

#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    began: Time,
    /// Tells a probe from the one that had its place before.
    serial: u16,
    out: bool,
}

/// One place for each probe; searched from end to end, since there are few.
#[derive(Debug, Clone)]
pub(super) struct Leases {
    slots: Box<[Slot]>,
    serial: u16,
}

/// Names are a place in this many low bits, and a serial number above them.
const PLACES: u32 = 13;

impl Leases {
    /// Places for `size` probes, at most 8192.
    pub(super) fn new(size: u32) -> Leases {
        Leases { slots: vec![Slot::default(); size as usize].into_boxed_slice(), serial: 0 }
    }

    /// A probe goes out; its name, or `None` when there is no place.
    pub(super) fn begin(&mut self, now: Time) -> Option<u32> {
        let place = self.slots.iter().position(|slot| !slot.out)?;
        self.serial = self.serial.wrapping_add(1);
        self.slots[place] = Slot { began: now, serial: self.serial, out: true };
        Some(place as u32 | u32::from(self.serial) << PLACES)
    }

    /// A probe comes back; `false` if its place is not its own any more.
    pub(super) fn end(&mut self, name: u32) -> bool {
        let place = (name & ((1 << PLACES) - 1)) as usize;
        let serial = (name >> PLACES) as u16;
        let Some(slot) = self.slots.get_mut(place).filter(|slot| slot.out) else { return false };
        slot.out &= slot.serial != serial;
        !slot.out
    }

    /// The place of the probe that has been out longest.
    fn oldest_place(&self) -> Option<usize> {
        let out = (0..self.slots.len()).filter(|place| self.slots[*place].out);
        out.min_by_key(|place| self.slots[*place].began)
    }

    /// When the first lease of this length ends.
    pub(super) fn first_end(&self, lease: Span) -> Option<Time> {
        Some(self.slots[self.oldest_place()?].began.saturating_add(lease))
    }

    /// The probe that has been out longest loses its place.
    pub(super) fn lose_oldest(&mut self) {
        if let Some(place) = self.oldest_place() {
            self.slots[place].out = false;
        }
    }

    /// No probe is out.
    pub(super) fn clear(&mut self) {
        self.slots.iter_mut().for_each(|slot| slot.out = false);
    }
}
