//! A line in which whose caller's time is up first is next.

use brownout_core::Time;
use brownout_core::slab::Id;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Names by deadline, in order of arrival among equals.
#[derive(Debug, Clone, Default)]
pub struct Deadlines {
    heap: BinaryHeap<Reverse<(Time, u64, Id)>>,
    /// How many have come.
    came: u64,
}

impl Deadlines {
    pub(super) fn push(&mut self, id: Id, deadline: Time) {
        self.came += 1;
        self.heap.push(Reverse((deadline, self.came, id)));
    }

    pub(super) fn pop(&mut self) -> Option<Id> {
        self.heap.pop().map(|Reverse((_, _, id))| id)
    }

    pub(super) fn retain(&mut self, waits: impl Fn(Id) -> bool) {
        self.heap.retain(|Reverse((_, _, id))| waits(*id));
    }

    pub(super) fn len(&self) -> usize {
        self.heap.len()
    }
}
