//! Queues of every make hand out the same events.

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
    assert!(reference.is_sorted_by_key(|(at, _)| *at) && reference.len() > 10_000);
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
