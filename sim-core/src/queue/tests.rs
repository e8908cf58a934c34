//! Queues of every make hand out the same events.

use super::*;
use crate::Draws;
use crate::engine::{Model, find_head, renumber};
use crate::heap::Ladder;
use std::ops::ControlFlow;

fn span(nanos: u64) -> Span {
    Span::from_nanos(nanos)
}

/// Someone who waits for events, each with a number of its own.
struct Waiting<H: Heap> {
    queue: Queue<H>,
    ranks: Vec<Rank>,
    came: Vec<(Time, u32)>,
}

impl<H: Heap> Model for Waiting<H> {
    type Heap = H;

    fn queue(&mut self) -> &mut Queue<H> {
        &mut self.queue
    }

    fn handle(&mut self, event: Due) -> ControlFlow<()> {
        if self.ranks[event.payload as usize] == event.rank {
            self.came.push((self.queue.now(), event.payload));
        }
        ControlFlow::Continue(())
    }

    fn handle_at_once(&mut self, word: u64) {
        self.came.push((self.queue.now(), word as u32));
    }

    fn awaits(&mut self, event: Due) -> bool {
        self.ranks[event.payload as usize] == event.rank
    }

    fn rename(&mut self, payload: u32, rank: Rank) {
        self.ranks[payload as usize] = rank;
    }
}

impl<H: Heap> Waiting<H> {
    fn new(options: QueueOptions) -> Waiting<H> {
        Waiting { queue: Queue::new(options), ranks: Vec::new(), came: Vec::new() }
    }

    /// Hands over the next event that was not taken back; `false` when there is none.
    fn next(&mut self) -> bool {
        let before = self.came.len();
        while self.came.len() == before {
            let Some(event) = self.queue.pop() else { return false };
            let _ = self.handle(event);
            if self.queue.is_headless() {
                find_head(self);
            }
        }
        true
    }
}

/// A random script of schedules and cancels; returns what came out, in order.
fn script<H: Heap>(options: QueueOptions) -> Vec<(Time, u32)> {
    let mut waiting = Waiting::<H>::new(options);
    let (mut draws, mut cancellable) = (Draws::open(3, 4), Vec::new());
    for _ in 0..50_000 {
        let (class, number) = ((draws.word() % 3) as Class, waiting.ranks.len() as u32);
        let queue = &mut waiting.queue;
        match draws.word() % 8 {
            0 | 1 => {
                let delay = span(draws.word() % 1_000);
                waiting.ranks.push(queue.at(queue.now() + delay, class, number));
                cancellable.push(number);
            }
            2 => {
                waiting.ranks.push(queue.after_constant(span(500), class, number));
                cancellable.push(number);
            }
            3 => waiting.ranks.push(queue.after_constant(span(40), class, number)),
            4 if draws.word() % 8 == 0 => {
                let delay = span(draws.word() % 3_000);
                waiting.ranks.push(queue.rarely(queue.now() + delay, class, number));
                cancellable.push(number);
            }
            4 | 5 => {
                if let Some(number) = cancellable.pop() {
                    waiting.ranks[number as usize] = Rank::NONE;
                }
            }
            _ => {
                waiting.next();
            }
        }
        if waiting.queue.is_worn() {
            renumber(&mut waiting);
        }
    }
    while waiting.next() {}
    waiting.came
}

#[test]
fn lanes_heaps_and_renumbering_change_nothing_that_comes_out() {
    let reference = script::<Binary>(QueueOptions::default());
    assert!(reference.is_sorted_by_key(|(at, _)| *at) && reference.len() > 10_000);
    let no_lanes = QueueOptions { lanes: false, ..QueueOptions::default() };
    assert_eq!(script::<Binary>(no_lanes), reference);
    assert_eq!(script::<Ladder>(QueueOptions::default()), reference);
    for seq_limit in [14_000, 20_000] {
        let often = QueueOptions { seq_limit, ..QueueOptions::default() };
        assert_eq!(script::<Binary>(often), reference);
    }
}

#[test]
fn shuffled_ties_keep_time_and_class_but_not_the_order_of_scheduling() {
    let options = QueueOptions { ties: Ties::Shuffled(77), ..QueueOptions::default() };
    let mut queue: Queue = Queue::new(options);
    for number in 0..100 {
        queue.at(Time::from_nanos(7), 1, number);
    }
    queue.at(Time::from_nanos(7), 0, 1_000);
    let all: Vec<u32> = std::iter::from_fn(|| queue.pop()).map(|event| event.payload).collect();
    assert_eq!(all[0], 1_000);
    let mut sorted = all[1..].to_vec();
    sorted.sort_unstable();
    assert_eq!(sorted, (0..100).collect::<Vec<_>>());
    assert_ne!(all[1..], sorted);
}

#[test]
fn an_event_that_was_taken_back_is_known_by_its_rank_before_and_after_renumbering() {
    let mut waiting = Waiting::<Binary>::new(QueueOptions::default());
    for number in 0..3 {
        waiting.ranks.push(waiting.queue.after_constant(span(5), 0, number));
    }
    // Event 1 is taken back and scheduled anew: two keys, one of which counts.
    waiting.ranks[0] = Rank::NONE;
    waiting.ranks[1] = waiting.queue.after_constant(span(5), 0, 1);
    assert_eq!(waiting.queue.pending().count(), 4);
    renumber(&mut waiting);
    assert_eq!(waiting.queue.pending().count(), 2);
    while waiting.next() {}
    let at = Time::from_nanos(5);
    assert_eq!(waiting.came, [(at, 2), (at, 1)]);
}

#[test]
fn what_has_come_out_is_no_longer_pending() {
    let mut queue: Queue = Queue::new(QueueOptions::default());
    queue.at(Time::from_nanos(1), 0, 10);
    queue.at(Time::from_nanos(2), 0, 11);
    queue.pop();
    assert_eq!(queue.pending().map(|event| event.payload).collect::<Vec<_>>(), [11]);
}

#[test]
fn what_happens_at_once_comes_first_and_in_order_and_time_stands_still() {
    let mut queue: Queue = Queue::new(QueueOptions::default());
    queue.at(Time::from_nanos(3), 0, 10);
    queue.at(Time::from_nanos(3), 0, 11);
    queue.pop();
    for word in [12, 13, 14] {
        queue.at_once(word);
    }
    assert_eq!(queue.pending().count(), 1);
    let next = || queue.pop_at_once().or_else(|| queue.pop().map(|event| u64::from(event.payload)));
    let came: Vec<_> = std::iter::from_fn(next).collect();
    assert_eq!((came, queue.now()), (vec![12, 13, 14, 11], Time::from_nanos(3)));
}

#[test]
fn who_was_taken_back_leaves_its_lane_when_it_comes_to_the_front() {
    let mut waiting = Waiting::<Binary>::new(QueueOptions::default());
    for number in 0..5 {
        waiting.ranks.push(waiting.queue.after_constant(span(5), 0, number));
    }
    (waiting.ranks[1], waiting.ranks[2]) = (Rank::NONE, Rank::NONE);
    assert!(waiting.next());
    let pending: Vec<u32> = waiting.queue.pending().map(|event| event.payload).collect();
    assert_eq!(pending, [3, 4]);
    while waiting.next() {}
    assert_eq!(waiting.came, [0, 3, 4].map(|number| (Time::from_nanos(5), number)));
}
