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
/// No slot: the end of the list of free ones.
const NOWHERE: u32 = u32::MAX;
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
    /// The next free slot, while this one is free.
    next: u32,
    /// What came out last stays until the slot is used again.
    event: E,
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
    /// Whether the heap's top has come out already; the next key to come in takes its place, so
    /// that an event that causes one event costs one way through the heap instead of two.
    spent: bool,
    lanes: Vec<Lane>,
    /// The least key at the head of a lane, and that lane: kept so that a pop looks at one number.
    lane_head: (u128, usize),
    slots: Vec<Slot<E>>,
    /// The first free slot.
    free: u32,
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

impl Ticket {
    /// The ticket of no event: there is nothing to cancel.
    pub const NONE: Ticket = Ticket { slot: NOWHERE, epoch: 0 };
}

impl<E: Copy + Default, H: Heap> Queue<E, H> {
    /// An empty queue at time zero.
    pub fn new(options: QueueOptions) -> Self {
        Queue {
            now: Time::ZERO,
            options,
            seq: 0,
            heap: H::default(),
            spent: false,
            lanes: Vec::new(),
            lane_head: (u128::MAX, 0),
            slots: Vec::new(),
            free: NOWHERE,
        }
    }

    /// The time of the event being handled.
    #[inline]
    pub fn now(&self) -> Time {
        self.now
    }

    /// How many keys are pending, those of cancelled events included.
    pub fn pending(&self) -> usize {
        let in_lanes: usize = self.lanes.iter().map(|lane| lane.keys.len()).sum();
        self.heap.len() - usize::from(self.spent) + in_lanes
    }

    /// Every event that is still to come, in no particular order.
    pub fn events(&self) -> impl Iterator<Item = &E> {
        self.slots.iter().filter(|slot| slot.rank != FREE).map(|slot| &slot.event)
    }

    /// Schedules an event at `at`, not before now.
    #[inline(always)]
    pub fn at(&mut self, at: Time, class: Class, event: E) -> Ticket {
        debug_assert!(at >= self.now, "nothing is scheduled in the past");
        let rank = self.next_rank(class);
        let ticket = self.store(rank, event);
        let key = key(at, rank, ticket.slot);
        if self.spent {
            self.spent = false;
            self.heap.replace(key);
        } else {
            self.heap.push(key);
        }
        ticket
    }

    /// Schedules an event after a delay that many others share, through the delay's lane.
    #[inline]
    pub fn after_constant(&mut self, delay: Span, class: Class, event: E) -> Ticket {
        let at = self.now.saturating_add(delay);
        let Some(lane) = self.lane(delay, class) else { return self.at(at, class, event) };
        let rank = self.next_rank(class);
        let ticket = self.store(rank, event);
        let key = key(at, rank, ticket.slot);
        let keys = &mut self.lanes[lane].keys;
        debug_assert!(keys.back().is_none_or(|&last| last < key), "a lane is in order");
        keys.push_back(key);
        if key < self.lane_head.0 {
            self.lane_head = (key, lane);
        }
        ticket
    }

    /// Takes back an event; `false` if it has come already.
    #[inline]
    pub fn cancel(&mut self, ticket: Ticket) -> bool {
        let Some(slot) = self.slots.get_mut(ticket.slot as usize) else { return false };
        if slot.epoch != ticket.epoch || slot.rank == FREE {
            return false;
        }
        slot.rank = FREE;
        slot.next = self.free;
        self.free = ticket.slot;
        true
    }

    /// Takes out the next event and moves time to it.
    #[inline(always)]
    pub fn pop(&mut self) -> Option<E> {
        loop {
            if self.spent {
                self.spent = false;
                self.heap.pop();
            }
            let top = self.heap.peek();
            let head = self.lane_head.0;
            let least = top.min(head);
            if least == u128::MAX {
                return None;
            }
            if top < head {
                self.spent = true;
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
        slot.next = self.free;
        self.free = place as u32;
        Some(slot.event)
    }

    #[inline(always)]
    fn store(&mut self, rank: u32, event: E) -> Ticket {
        if self.free as usize >= self.slots.len() {
            self.extend();
        }
        let place = self.free;
        let slot = &mut self.slots[place as usize];
        let epoch = slot.epoch.wrapping_add(1);
        self.free = slot.next;
        slot.rank = rank;
        slot.epoch = epoch;
        slot.event = event;
        Ticket { slot: place, epoch }
    }

    /// Makes a free slot: more events are pending than ever before.
    #[cold]
    #[inline(never)]
    fn extend(&mut self) {
        let place = u32::try_from(self.slots.len()).expect("fewer than 2^32 events at once");
        assert!(place != NOWHERE, "fewer than 2^32 - 1 events at once");
        self.slots.push(Slot { rank: FREE, epoch: 0, next: NOWHERE, event: E::default() });
        self.free = place;
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

    /// What stands in a key for the `seq`-th event: a bijection on 29 bits, usually the identity.
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
        if std::mem::take(&mut self.spent) {
            self.heap.pop();
        }
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
mod tests;
