//! The event queue: a total order of (due, class, seq), lanes for constant delays, and slots.
//!
//! A key is 16 bytes: due (64 bits), class and seq (3 + 29), slot (32). The slot holds the event
//! until it is popped or cancelled; a key whose slot has moved on is recognised and skipped, never
//! searched for. Delays that are constant arrive in time order, so each has a FIFO lane whose head
//! is merged with the heap.

use crate::heap::{Binary, Heap};
use crate::{Span, Time};
use std::collections::VecDeque;

/// The order of events due at the same nanosecond: lower first, then first come first served.
pub type Class = u8;

/// Classes from 0 to 7.
const CLASS_BITS: u32 = 3;
const SEQ_BITS: u32 = 32 - CLASS_BITS;
/// The rank that a free slot carries; no event is ever given it.
const FREE: u32 = u32::MAX;
/// More constant delays than this go through the heap: each lane costs a look per pop.
const LANES_MAX: usize = 16;

/// The name of a scheduled event, for cancelling it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticket {
    slot: u32,
    epoch: u32,
}

#[derive(Debug)]
struct Slot<E> {
    /// The rank (class and seq) of the key that points here; [`FREE`] when none does.
    rank: u32,
    epoch: u32,
    event: Option<E>,
}

#[derive(Debug)]
struct Lane {
    delay: Span,
    class: Class,
    keys: VecDeque<u128>,
}

/// How events due at the same nanosecond and of one class are ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ties {
    /// First scheduled, first served.
    Fifo,
    /// By a permutation drawn from this number: a test mode that shows who relies on the order.
    Shuffled(u32),
}

/// How a queue works inside; none of it may change what comes out (ties apart).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueOptions {
    /// Whether constant delays have lanes.
    pub lanes: bool,
    /// How ties are broken.
    pub ties: Ties,
    /// The number of events after which pending ones are renumbered, at most 2²⁹ − 1.
    pub seq_limit: u32,
}

impl Default for QueueOptions {
    fn default() -> Self {
        QueueOptions { lanes: true, ties: Ties::Fifo, seq_limit: (1 << SEQ_BITS) - 1 }
    }
}

/// Pending events of type `E` in a total order.
#[derive(Debug)]
pub struct Queue<E, H: Heap = Binary> {
    now: Time,
    options: QueueOptions,
    seq: u32,
    heap: H,
    lanes: Vec<Lane>,
    /// The least key at the head of a lane, and that lane: kept so that a pop looks at one number.
    lane_head: (u128, usize),
    slots: Vec<Slot<E>>,
    free: Vec<u32>,
}

const fn key(due: Time, rank: u32, slot: u32) -> u128 {
    (due.nanos() as u128) << 64 | (rank as u128) << 32 | slot as u128
}

const fn due(key: u128) -> Time {
    Time::from_nanos((key >> 64) as u64)
}

const fn rank(key: u128) -> u32 {
    (key >> 32) as u32
}

const fn slot(key: u128) -> usize {
    key as u32 as usize
}

impl<E, H: Heap> Queue<E, H> {
    /// An empty queue at time zero.
    pub fn new(options: QueueOptions) -> Self {
        Queue {
            now: Time::ZERO,
            options,
            seq: 0,
            heap: H::default(),
            lanes: Vec::new(),
            lane_head: (u128::MAX, 0),
            slots: Vec::new(),
            free: Vec::new(),
        }
    }

    /// The time of the event being handled.
    #[inline]
    pub fn now(&self) -> Time {
        self.now
    }

    /// How many keys are pending, those of cancelled events included.
    pub fn pending(&self) -> usize {
        self.heap.len() + self.lanes.iter().map(|lane| lane.keys.len()).sum::<usize>()
    }

    /// Every event that is still to come, in no particular order.
    pub fn events(&self) -> impl Iterator<Item = &E> {
        self.slots.iter().filter_map(|slot| slot.event.as_ref())
    }

    /// Schedules an event at `at`, not before now.
    #[inline(always)]
    pub fn at(&mut self, at: Time, class: Class, event: E) -> Ticket {
        debug_assert!(at >= self.now, "nothing is scheduled in the past");
        let rank = self.next_rank(class);
        let slot = self.store(rank, event);
        self.heap.push(key(at, rank, slot));
        self.ticket(slot)
    }

    /// Schedules an event after a delay that many others share, through the delay's lane.
    #[inline]
    pub fn after_constant(&mut self, delay: Span, class: Class, event: E) -> Ticket {
        let at = self.now.saturating_add(delay);
        let Some(lane) = self.lane(delay, class) else { return self.at(at, class, event) };
        let rank = self.next_rank(class);
        let slot = self.store(rank, event);
        let key = key(at, rank, slot);
        let keys = &mut self.lanes[lane].keys;
        debug_assert!(keys.back().is_none_or(|&last| last < key), "a lane is in order");
        keys.push_back(key);
        if key < self.lane_head.0 {
            self.lane_head = (key, lane);
        }
        self.ticket(slot)
    }

    /// Takes back an event; `false` if it has come already.
    #[inline]
    pub fn cancel(&mut self, ticket: Ticket) -> bool {
        let slot = &mut self.slots[ticket.slot as usize];
        if slot.epoch != ticket.epoch || slot.rank == FREE {
            return false;
        }
        slot.rank = FREE;
        slot.event = None;
        self.free.push(ticket.slot);
        true
    }

    /// Takes out the next event and moves time to it.
    #[inline(always)]
    pub fn pop(&mut self) -> Option<E> {
        loop {
            let top = self.heap.peek();
            let head = self.lane_head.0;
            let least = top.min(head);
            if least == u128::MAX {
                return None;
            }
            if top < head {
                self.heap.pop();
            } else {
                self.pop_lane();
            }
            if let Some(event) = self.take(least) {
                self.now = due(least);
                return Some(event);
            }
        }
    }

    /// Removes the least lane head and finds the next, dropping heads that nothing waits for.
    fn pop_lane(&mut self) {
        self.lanes[self.lane_head.1].keys.pop_front();
        self.find_lane_head();
    }

    fn find_lane_head(&mut self) {
        let mut least = (u128::MAX, 0);
        for (number, lane) in self.lanes.iter_mut().enumerate() {
            while let Some(&head) = lane.keys.front() {
                if self.slots[slot(head)].rank == rank(head) {
                    if head < least.0 {
                        least = (head, number);
                    }
                    break;
                }
                lane.keys.pop_front();
            }
        }
        self.lane_head = least;
    }

    /// The event behind a key, unless it was cancelled.
    #[inline(always)]
    fn take(&mut self, key: u128) -> Option<E> {
        let place = slot(key);
        let slot = &mut self.slots[place];
        if slot.rank != rank(key) {
            return None;
        }
        slot.rank = FREE;
        self.free.push(place as u32);
        slot.event.take()
    }

    #[inline(always)]
    fn store(&mut self, rank: u32, event: E) -> u32 {
        if let Some(place) = self.free.pop() {
            let slot = &mut self.slots[place as usize];
            slot.rank = rank;
            slot.epoch = slot.epoch.wrapping_add(1);
            slot.event = Some(event);
            return place;
        }
        let place = u32::try_from(self.slots.len()).expect("fewer than 2^32 events at once");
        self.slots.push(Slot { rank, epoch: 0, event: Some(event) });
        place
    }

    #[inline]
    fn ticket(&self, slot: u32) -> Ticket {
        Ticket { slot, epoch: self.slots[slot as usize].epoch }
    }

    #[inline]
    fn lane(&mut self, delay: Span, class: Class) -> Option<usize> {
        if !self.options.lanes || self.options.ties != Ties::Fifo {
            return None;
        }
        let found = self.lanes.iter().position(|lane| lane.delay == delay && lane.class == class);
        if found.is_some() || self.lanes.len() == LANES_MAX {
            return found;
        }
        self.lanes.push(Lane { delay, class, keys: VecDeque::new() });
        Some(self.lanes.len() - 1)
    }

    #[inline]
    fn next_rank(&mut self, class: Class) -> u32 {
        debug_assert!(u32::from(class) < 1 << CLASS_BITS, "a class has three bits");
        if self.seq >= self.options.seq_limit {
            self.renumber();
        }
        let seq = self.seq;
        self.seq += 1;
        u32::from(class) << SEQ_BITS | self.order_of(seq)
    }

    /// What stands in a key for the `seq`-th event: a bijection on 29 bits, the identity by default.
    #[inline]
    fn order_of(&self, seq: u32) -> u32 {
        const MASK: u32 = (1 << SEQ_BITS) - 1;
        match self.options.ties {
            Ties::Fifo => seq,
            Ties::Shuffled(salt) => {
                let odd = salt | 1;
                let mixed = seq.wrapping_mul(odd) & MASK;
                let mixed = (mixed ^ (mixed >> 15)).wrapping_mul(0x2C1B_3C6D) & MASK;
                // The one value that would collide with FREE in class 7 is class 7's to avoid.
                mixed ^ (mixed >> 14)
            }
        }
    }

    /// Gives every pending event a new seq, smallest first, so that the counter can go on.
    #[cold]
    fn renumber(&mut self) {
        let mut keys: Vec<u128> = Vec::with_capacity(self.pending());
        while let Some(key) = self.heap.pop() {
            keys.push(key);
        }
        for lane in &mut self.lanes {
            keys.extend(lane.keys.drain(..));
        }
        keys.retain(|&key| self.slots[slot(key)].rank == rank(key));
        keys.sort_unstable();
        assert!(keys.len() < self.options.seq_limit as usize, "pending events fit in the counter");
        self.seq = 0;
        for old in keys {
            let class = (rank(old) >> SEQ_BITS) as Class;
            let rank = u32::from(class) << SEQ_BITS | self.order_of(self.seq);
            self.seq += 1;
            self.slots[slot(old)].rank = rank;
            self.heap.push(key(due(old), rank, slot(old) as u32));
        }
        self.lane_head = (u128::MAX, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Draws;
    use crate::heap::Quad;

    fn span(nanos: u64) -> Span {
        Span::from_nanos(nanos)
    }

    /// A random script of schedules and cancels; returns what came out, in order.
    fn script<H: Heap>(options: QueueOptions) -> Vec<(Time, u32)> {
        let mut queue: Queue<u32, H> = Queue::new(options);
        let (mut draws, mut out, mut tickets) = (Draws::open(3, 4), Vec::new(), Vec::new());
        for number in 0..50_000 {
            let class = (draws.word() % 3) as Class;
            match draws.word() % 8 {
                0 | 1 => {
                    let delay = span(draws.word() % 1_000);
                    tickets.push(queue.at(queue.now() + delay, class, number));
                }
                2 => tickets.push(queue.after_constant(span(500), class, number)),
                3 => tickets.push(queue.after_constant(span(40), class, number)),
                4 | 5 => {
                    if let Some(ticket) = tickets.pop() {
                        queue.cancel(ticket);
                    }
                }
                _ => out.extend(queue.pop().map(|event| (queue.now(), event))),
            }
        }
        while let Some(event) = queue.pop() {
            out.push((queue.now(), event));
        }
        out
    }

    #[test]
    fn lanes_heaps_and_renumbering_change_nothing_that_comes_out() {
        let reference = script::<Binary>(QueueOptions::default());
        assert!(reference.is_sorted_by_key(|(at, _)| *at) && reference.len() > 20_000);
        let no_lanes = QueueOptions { lanes: false, ..QueueOptions::default() };
        let often = QueueOptions { seq_limit: 40_000, ..QueueOptions::default() };
        assert_eq!(script::<Binary>(no_lanes), reference);
        assert_eq!(script::<Quad>(QueueOptions::default()), reference);
        assert_eq!(script::<Binary>(often), reference);
    }

    #[test]
    fn shuffled_ties_keep_time_and_class_but_not_the_order_of_scheduling() {
        let options = QueueOptions { ties: Ties::Shuffled(77), ..QueueOptions::default() };
        let mut queue: Queue<u32> = Queue::new(options);
        for number in 0..100 {
            queue.at(Time::from_nanos(7), 1, number);
        }
        queue.at(Time::from_nanos(7), 0, 1_000);
        assert_eq!(queue.pop(), Some(1_000));
        let rest: Vec<u32> = std::iter::from_fn(|| queue.pop()).collect();
        let mut sorted = rest.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, (0..100).collect::<Vec<_>>());
        assert_ne!(rest, sorted);
    }

    #[test]
    fn a_cancelled_event_does_not_come_and_its_ticket_is_spent() {
        let mut queue: Queue<&str> = Queue::new(QueueOptions::default());
        let gone = queue.after_constant(span(5), 0, "gone");
        queue.after_constant(span(5), 0, "here");
        assert!(queue.cancel(gone));
        assert!(!queue.cancel(gone));
        assert_eq!(queue.pop(), Some("here"));
        assert_eq!((queue.pop(), queue.pending()), (None, 0));
    }
}
