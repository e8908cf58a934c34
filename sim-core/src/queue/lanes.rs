//! The heads of the lanes: which is the least, and who comes after one that has come out.

use super::{Due, NO_KEY, Queue, RARE, WHOLE, event};
use crate::heap::Heap;

impl<H: Heap> Queue<H> {
    /// A key is the first of its lane now.
    #[inline]
    pub(super) fn becomes_head(&mut self, key: u128, lane: usize) {
        self.heads[lane] = key;
        if key < self.lane_head.0 {
            self.lane_head = (key, lane);
        }
    }

    /// Takes out the least lane head; the next one is found by [`Queue::find_head`].
    #[inline]
    pub(super) fn pop_lane(&mut self) -> Option<u128> {
        let lane = self.lane_head.1;
        let head = self.lanes.get_mut(lane)?.keys.pop_front()?;
        self.heads[lane] = NO_KEY;
        (self.lane_head.0, self.headless) = (NO_KEY, lane);
        Some(head)
    }

    /// Whether the head of a lane has come out: before the next event, those behind it whom nobody
    /// waits for any more are to be dropped, and [`Queue::find_head`] is to be called.
    #[inline(always)]
    pub fn is_headless(&self) -> bool {
        self.headless != WHOLE
    }

    /// Who is next in the lane whose head has come out.
    #[inline]
    pub fn next_in_lane(&self) -> Option<Due> {
        self.lanes.get(self.headless)?.keys.front().map(|&key| event(key))
    }

    /// Drops who is next in the lane whose head has come out: taken back while it waited in its
    /// lane, it costs no more than this look.
    #[inline]
    pub fn drop_next_in_lane(&mut self) {
        if let Some(lane) = self.lanes.get_mut(self.headless) {
            lane.keys.pop_front();
        }
    }

    /// Finds the least of the lanes' heads.
    #[inline]
    pub fn find_head(&mut self) {
        if let Some(lane) = self.lanes.get(self.headless) {
            self.heads[self.headless] = lane.keys.front().copied().unwrap_or(NO_KEY);
        }
        let mut least = (NO_KEY, RARE);
        for (lane, &head) in self.heads.iter().enumerate() {
            if head < least.0 {
                least = (head, lane);
            }
        }
        (self.lane_head, self.headless) = (least, WHOLE);
    }
}
