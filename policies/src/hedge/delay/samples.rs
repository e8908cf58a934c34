//! The exact percentile of the last so many latencies.

use crate::settings::Share;
use crate::time::Span;
use alloc::boxed::Box;
use alloc::vec;

/// Keeps the last latencies in the order of their coming and in the order of their size. The
/// percentile is the nearest rank: the least latency that at least that share does not exceed.
///
/// A record moves those between the one that leaves and the one that comes by one place: about
/// 0.1 µs for a thousand.
#[derive(Debug, Clone)]
pub struct Samples {
    percentile: Share,
    least: usize,
    /// In the order of coming, around and around.
    newest: Box<[u64]>,
    /// In the order of size, as many as there are.
    sorted: Box<[u64]>,
    len: usize,
    next: usize,
}

impl Samples {
    /// Room for `window` > 0 of them; there is no percentile before `least` have come.
    pub fn new(percentile: Share, window: u32, least: u32) -> Samples {
        let room = || vec![0; window as usize].into_boxed_slice();
        let (newest, sorted) = (room(), room());
        Samples { percentile, least: least.max(1) as usize, newest, sorted, len: 0, next: 0 }
    }

    /// One more; the oldest leaves when there is no room.
    pub fn record(&mut self, latency: Span) {
        let value = latency.nanos();
        let place = self.place_of(value);
        if self.len < self.newest.len() {
            self.sorted.copy_within(place..self.len, place + 1);
            self.sorted[place] = value;
            self.len += 1;
        } else {
            // Only what lies between the one that leaves and the one that comes moves.
            let leaves = self.place_of(self.newest[self.next]);
            if leaves < place {
                self.sorted.copy_within(leaves + 1..place, leaves);
                self.sorted[place - 1] = value;
            } else {
                self.sorted.copy_within(place..leaves, place + 1);
                self.sorted[place] = value;
            }
        }
        self.newest[self.next] = value;
        self.next = if self.next + 1 == self.newest.len() { 0 } else { self.next + 1 };
    }

    /// The percentile of those there are, if they are enough.
    pub fn percentile(&self) -> Option<Span> {
        if self.len < self.least {
            return None;
        }
        let rank = rank(self.percentile, self.len as u64) as usize;
        Some(Span::from_nanos(self.sorted[rank - 1]))
    }

    fn place_of(&self, value: u64) -> usize {
        self.sorted[..self.len].partition_point(|&smaller| smaller < value)
    }
}

/// The nearest rank of a percentile among `count` > 0 values, from 1.
pub(super) fn rank(percentile: Share, count: u64) -> u64 {
    let share = u128::from(percentile.millionths()) * u128::from(count);
    u64::try_from(share.div_ceil(1_000_000)).unwrap_or(u64::MAX).clamp(1, count)
}
