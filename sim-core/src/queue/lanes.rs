//! The lanes: who joins one, which head is the least, and who comes after one that has come out.

use super::{Class, Due, NO_KEY, Queue, RARE, WHOLE, event};
use crate::Span;
use crate::heap::Heap;
use std::collections::VecDeque;

/// Events in the order in which they are due, as all of them were put off by the same time.
#[derive(Debug)]
pub(super) struct Lane {
    delay: Span,
    class: Class,
    /// The first key, or one that has come out and has no follower yet; [`NO_KEY`] if the lane is
    /// empty.
    head: u128,
    /// Those behind it.
    rest: VecDeque<u128>,
}

impl Lane {
    /// An empty one.
    pub(super) fn new(delay: Span, class: Class) -> Lane {
        Lane { delay, class, head: NO_KEY, rest: VecDeque::new() }
    }

    /// Whether it is the one for this delay and class.
    #[inline(always)]
    pub(super) fn is_for(&self, delay: Span, class: Class) -> bool {
        self.delay == delay && self.class == class
    }

    pub(super) fn clear(&mut self) {
        self.head = NO_KEY;
        self.rest.clear();
    }

    /// Who was second is first.
    #[inline(always)]
    fn move_up(&mut self) {
        self.head = self.rest.pop_front().unwrap_or(NO_KEY);
    }
}

impl<H: Heap> Queue<H> {
    /// A lane for a delay that has none, if there may be one more.
    #[cold]
    #[inline(never)]
    pub(super) fn open_lane(&mut self, delay: Span, class: Class) -> Option<usize> {
        if self.lanes.len() >= self.lanes_max {
            return None;
        }
        self.lanes.push(Lane::new(delay, class));
        Some(self.lanes.len() - 1)
    }

    /// A key becomes the last of a lane.
    #[inline(always)]
    pub(super) fn join(&mut self, number: usize, key: u128) {
        let lane = &mut self.lanes[number];
        debug_assert!(lane.rest.back().is_none_or(|&last| last < key), "a lane is in order");
        if lane.head != NO_KEY {
            lane.rest.push_back(key);
        } else {
            lane.head = key;
            if key < self.lane_head.0 {
                self.lane_head = (key, number);
            }
        }
    }

    /// A key takes its place in a lane, wherever that is.
    pub(super) fn cut_in(&mut self, number: usize, key: u128) {
        let lane = &mut self.lanes[number];
        if self.headless == number || lane.head < key {
            let place = lane.rest.partition_point(|&other| other < key);
            lane.rest.insert(place, key);
            return;
        }
        let second = std::mem::replace(&mut lane.head, key);
        if second != NO_KEY {
            lane.rest.push_front(second);
        }
        if key < self.lane_head.0 {
            self.lane_head = (key, number);
        }
    }

    /// Every key in a lane that has not come out.
    pub(super) fn in_lanes(&self) -> impl Iterator<Item = u128> {
        let headless = self.headless;
        self.lanes.iter().enumerate().flat_map(move |(number, lane)| {
            let head = (number != headless && lane.head != NO_KEY).then_some(lane.head);
            head.into_iter().chain(lane.rest.iter().copied())
        })
    }

    /// Takes out the least lane head, if there is one; the next one is found by
    /// [`Queue::find_head`].
    #[inline(always)]
    pub(super) fn pop_lane(&mut self) -> Option<u128> {
        let (head, lane) = self.lane_head;
        if head == NO_KEY {
            return None;
        }
        (self.lane_head.0, self.headless, self.unkempt) = (NO_KEY, lane, true);
        Some(head)
    }

    /// Whether the head of a lane has come out: before the next event, those behind it whom nobody
    /// waits for any more are to be dropped, and [`Queue::find_head`] is to be called.
    #[inline(always)]
    pub fn is_headless(&self) -> bool {
        self.headless != WHOLE
    }

    /// Who comes after the head that has come out, or after one that was asked about before: taken
    /// back while it waited in its lane, it costs no more than this look.
    #[inline(always)]
    pub fn next_in_lane(&mut self) -> Option<Due> {
        let lane = self.lanes.get_mut(self.headless)?;
        lane.move_up();
        (lane.head != NO_KEY).then(|| event(lane.head))
    }

    /// Finds the least of the lanes' heads.
    #[inline(always)]
    pub fn find_head(&mut self) {
        let mut least = (self.lanes[RARE].head, RARE);
        if let [_, only] = &self.lanes[..] {
            // Most systems have one timeout.
            least = least.min((only.head, 1));
        } else {
            for (number, lane) in self.lanes.iter().enumerate() {
                least = least.min((lane.head, number));
            }
        }
        (self.lane_head, self.headless) = (least, WHOLE);
    }
}
