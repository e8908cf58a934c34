//! The event queue: a total order of (due, class, seq), and lanes for constant delays.
//!
//! A key is 16 bytes and all there is of an event: due (64 bits), rank (class and seq, 3 + 29) and
//! payload (32), which says to the model what happens to whom. An event is taken back by forgetting
//! it: who waits for it remembers its rank, and a key that comes with another rank is not searched
//! for but recognised, by the record that is looked up anyway. Delays that are constant arrive in
//! time order, so each has a FIFO lane whose head is merged with the heap.

use crate::heap::{Binary, Heap};
use crate::{Span, Time};
use std::collections::VecDeque;

mod lanes;

use lanes::Lane;

/// The order of events due at the same nanosecond: lower first, then first come first served.
pub type Class = u8;

/// Classes from 0 to 6.
const CLASS_BITS: u32 = 3;
const SEQ_BITS: u32 = 32 - CLASS_BITS;
/// More constant delays than this go through the heap: each lane costs a look per pop.
const LANES_MAX: usize = 16;

/// The lane of what is scheduled [`Queue::rarely`]; its class is nobody's.
const RARE: usize = 0;

/// Where an event stands among those of its moment: no two pending ones have the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rank(u32);

impl Rank {
    /// The rank of no event: nothing is waited for. (It would be the last of class 7.)
    pub const NONE: Rank = Rank(u32::MAX);

    /// The rank as a number, for those who keep it among names of other kinds.
    #[inline]
    pub const fn word(self) -> u32 {
        self.0
    }
}

impl Default for Rank {
    fn default() -> Rank {
        Rank::NONE
    }
}

/// No key: greater than any.
const NO_KEY: u128 = u128::MAX;

/// No lane: each has its head.
const WHOLE: usize = usize::MAX;

/// No word: nothing is to happen at once.
const NOTHING: u64 = u64::MAX;

/// An event that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// What it is, in the model's own words.
    pub payload: u32,
    /// By what who waits for it knows it.
    pub rank: Rank,
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
    /// The number of events after which pending ones are renumbered, at most [`SEQ_LIMIT`].
    pub seq_limit: u32,
}

/// The counter is 2²⁹ long; half of it is left for the event that is being handled and for what
/// happens at once because of it.
pub const SEQ_LIMIT: u32 = SEQ_MAX / 2;
const SEQ_MAX: u32 = (1 << SEQ_BITS) - 1;

/// After so many events have been scheduled, a queue is checked.
pub const CHECKED_AFTER: u32 = 50_000_000;

impl Default for QueueOptions {
    fn default() -> Self {
        QueueOptions { lanes: true, ties: Ties::Fifo, seq_limit: SEQ_LIMIT }
    }
}

/// Pending events in a total order.
#[derive(Debug)]
pub struct Queue<H: Heap = Binary> {
    now: Time,
    /// What is next at this instant, before all else; [`NOTHING`] if there is nothing. There is
    /// rarely more, and the rest waits in `at_once`, which is empty when this is.
    next: u64,
    at_once: VecDeque<u64>,
    seq: u32,
    /// Whether the heap's top has come out already; the next key to come in takes its place, so
    /// that an event that causes one event costs one way through the heap instead of two.
    spent: bool,
    heap: H,
    /// The least key at the head of a lane, and that lane: kept so that a pop looks at one number.
    lane_head: (u128, usize),
    /// The lane whose head has come out and that has no other yet; [`WHOLE`] if there is none.
    headless: usize,
    lanes: Vec<Lane>,
    /// None where a lane would not be in order.
    lanes_max: usize,
    options: QueueOptions,
    /// From here on the counter is to be looked at.
    check_at: u32,
    /// Ranks below this are what they seem, and nothing is to be looked at.
    plain_below: u32,
    /// Whether the queue is to be tended before the next event.
    unkempt: bool,
}

const fn key(due: Time, rank: Rank, payload: u32) -> u128 {
    (due.nanos() as u128) << 64 | (rank.0 as u128) << 32 | payload as u128
}

const fn due(key: u128) -> Time {
    Time::from_nanos((key >> 64) as u64)
}

const fn event(key: u128) -> Due {
    Due { payload: key as u32, rank: Rank((key >> 32) as u32) }
}

impl<H: Heap> Queue<H> {
    /// An empty queue at time zero.
    pub fn new(options: QueueOptions) -> Self {
        let has_lanes = options.lanes && options.ties == Ties::Fifo;
        let mut queue = Queue {
            now: Time::ZERO,
            next: NOTHING,
            at_once: VecDeque::new(),
            seq: 0,
            spent: false,
            heap: H::default(),
            lane_head: (NO_KEY, RARE),
            headless: WHOLE,
            lanes: vec![Lane::new(Span::ZERO, Class::MAX)],
            lanes_max: if has_lanes { LANES_MAX } else { RARE },
            options,
            check_at: 0,
            plain_below: 0,
            unkempt: false,
        };
        queue.put_off_check();
        queue
    }

    /// The time of the event being handled.
    #[inline(always)]
    pub fn now(&self) -> Time {
        self.now
    }

    /// Every event that is due at a time of its own or was taken back, in no particular order.
    pub fn pending(&self) -> impl Iterator<Item = Due> {
        let spent = if self.spent { self.heap.peek() } else { u128::MAX };
        let in_heap = self.heap.iter().filter(move |&key| key != spent);
        in_heap.chain(self.in_lanes()).map(event)
    }

    /// Makes an event happen as soon as the present one is done and what was to happen at once
    /// before it, and before anything else. It cannot be taken back. Its word, in the model's own
    /// terms, is never `u64::MAX`.
    #[inline(always)]
    pub fn at_once(&mut self, word: u64) {
        if self.next == NOTHING {
            self.next = word;
        } else {
            self.at_once.push_back(word);
        }
    }

    /// Schedules an event at `at`, not before now.
    #[inline(always)]
    pub fn at(&mut self, at: Time, class: Class, payload: u32) -> Rank {
        debug_assert!(at >= self.now, "nothing is scheduled in the past");
        let rank = self.next_rank(class);
        self.put(key(at, rank, payload));
        rank
    }

    /// Schedules an event after a delay that many others share, through the delay's lane.
    #[inline(never)]
    pub fn after_constant(&mut self, delay: Span, class: Class, payload: u32) -> Rank {
        self.after_constant_often(delay, class, payload)
    }

    /// The same, compiled where it is called, for what happens all the time.
    #[inline(always)]
    pub fn after_constant_often(&mut self, delay: Span, class: Class, payload: u32) -> Rank {
        let at = self.now.saturating_add(delay);
        let Some(lane) = self.lane(delay, class) else { return self.at(at, class, payload) };
        let rank = self.next_rank(class);
        self.join(lane, key(at, rank, payload));
        rank
    }

    /// Schedules one of the few events that are no part of the traffic: they wait in a lane of
    /// their own, in order, so that the heap is no deeper for them.
    pub fn rarely(&mut self, at: Time, class: Class, payload: u32) -> Rank {
        debug_assert!(at >= self.now, "nothing is scheduled in the past");
        if self.lanes_max == RARE {
            return self.at(at, class, payload);
        }
        let rank = self.next_rank(class);
        self.cut_in(RARE, key(at, rank, payload));
        rank
    }

    /// Whether nothing is to happen at once.
    #[inline(always)]
    pub fn is_done(&self) -> bool {
        self.next == NOTHING
    }

    /// The payload of an event of which it has just become certain that it comes soon, each once.
    #[inline(always)]
    pub fn next_tipped(&mut self) -> Option<u32> {
        self.heap.next_tipped().map(|key| key as u32)
    }

    /// Takes out what is to happen at once, before all else.
    #[inline(always)]
    pub fn pop_at_once(&mut self) -> Option<u64> {
        if self.next == NOTHING {
            return None;
        }
        let word = self.next;
        self.next = if self.at_once.is_empty() { NOTHING } else { self.first_at_once() };
        Some(word)
    }

    /// Takes out the next event, when nothing is to happen at once, and moves time to it.
    #[inline(always)]
    pub fn pop(&mut self) -> Option<Due> {
        debug_assert!(self.next == NOTHING, "what happens at once comes first");
        debug_assert!(!self.is_headless(), "a lane whose head came out has another");
        if self.spent {
            self.spent = false;
            self.heap.pop();
        }
        let mut least = self.heap.peek();
        if least < self.lane_head.0 {
            self.spent = true;
        } else {
            least = self.pop_lane()?;
        }
        self.now = due(least);
        Some(event(least))
    }

    #[inline(never)]
    fn first_at_once(&mut self) -> u64 {
        self.at_once.pop_front().unwrap_or(NOTHING)
    }

    #[inline(always)]
    fn put(&mut self, key: u128) {
        if self.spent {
            self.spent = false;
            self.heap.replace(key);
        } else {
            self.heap.push(key);
        }
    }

    #[inline(always)]
    fn lane(&mut self, delay: Span, class: Class) -> Option<usize> {
        // The first is for nobody's delay.
        for (number, lane) in self.lanes.iter().enumerate().skip(1) {
            if lane.is_for(delay, class) {
                return Some(number);
            }
        }
        self.open_lane(delay, class)
    }

    #[inline(always)]
    fn next_rank(&mut self, class: Class) -> Rank {
        debug_assert!(u32::from(class) < (1 << CLASS_BITS) - 1, "a class is 6 at most");
        let seq = self.seq;
        let order = if seq < self.plain_below { seq } else { self.order_of(seq) };
        self.seq = seq.wrapping_add(1);
        Rank(u32::from(class) << SEQ_BITS | order)
    }

    /// What stands in a key for the `seq`-th event: a bijection on 29 bits, usually the identity.
    #[cold]
    #[inline(never)]
    fn order_of(&mut self, seq: u32) -> u32 {
        assert!(seq < SEQ_MAX, "one event causes fewer than 2^28");
        self.unkempt |= seq >= self.check_at;
        match self.options.ties {
            Ties::Fifo => seq,
            Ties::Shuffled(salt) => shuffle(seq, salt),
        }
    }

    /// Whether something is to be seen to before the next event: the queue [is
    /// headless](Queue::is_headless) or [is unchecked](Queue::is_unchecked). It is said once.
    #[inline(always)]
    pub fn take_unkempt(&mut self) -> bool {
        std::mem::take(&mut self.unkempt)
    }

    /// Whether so many events have been scheduled since the last check that it is time for another:
    /// whether time has moved since, and whether the queue [is worn](Queue::is_worn).
    pub fn is_unchecked(&self) -> bool {
        self.seq >= self.check_at
    }

    /// Now the queue is checked, and will be again.
    pub fn put_off_check(&mut self) {
        self.check_at = self.options.seq_limit.min(self.seq.saturating_add(CHECKED_AFTER));
        self.plain_below = if self.options.ties == Ties::Fifo { self.check_at } else { 0 };
    }

    /// Whether the counter is nearly used up: before the next event, [`Queue::take_all`] is to be
    /// called and what still counts to be put back.
    #[inline(always)]
    pub fn is_worn(&self) -> bool {
        self.seq >= self.options.seq_limit
    }

    /// Takes out everything that has a rank, in order, and starts to count anew.
    #[cold]
    pub fn take_all(&mut self) -> Vec<(Time, Due)> {
        if std::mem::take(&mut self.spent) {
            self.heap.pop();
        }
        let mut keys: Vec<u128> = self.heap.iter().collect();
        self.heap.clear();
        keys.extend(self.in_lanes());
        self.lanes.iter_mut().for_each(Lane::clear);
        keys.sort_unstable();
        (self.seq, self.lane_head, self.headless) = (0, (NO_KEY, RARE), WHOLE);
        keys.into_iter().map(|key| (due(key), event(key))).collect()
    }

    /// Puts an event back, as the last of those put back so far; its new rank.
    pub fn put_back(&mut self, at: Time, event: Due) -> Rank {
        assert!(!self.is_worn(), "pending events fit in the counter");
        self.at(at, (event.rank.0 >> SEQ_BITS) as Class, event.payload)
    }
}

/// A permutation of 29 bits, drawn from `salt`.
#[cold]
fn shuffle(seq: u32, salt: u32) -> u32 {
    let mixed = seq.wrapping_mul(salt | 1) & SEQ_MAX;
    let mixed = (mixed ^ (mixed >> 15)).wrapping_mul(0x2C1B_3C6D) & SEQ_MAX;
    mixed ^ (mixed >> 14)
}

#[cfg(test)]
mod tests;
