//! Who is next, by hand.

use super::*;
use brownout_core::random::Seed;

fn id(place: u64) -> Id {
    Id::from_word(place << 32 | 1)
}

fn classes() -> Vec<Class> {
    let class = |name: &str, priority| Class { name: name.to_owned(), priority };
    vec![class("", 5), class("gold", 1), class("silver", 5), class("gold", 0)]
}

fn line(discipline: Discipline) -> Line {
    Line::new(discipline, &classes(), Seed::new(1).stream("line"))
}

fn waiter(class: usize) -> Waiter {
    Waiter { class, deadline: Time::MAX }
}

/// Everybody in turn, where number 2 has left.
fn order_of(line: &mut Line, order: Order) -> Vec<usize> {
    let next = || line.pop(order, |one| one != id(2)).map(Id::place);
    std::iter::from_fn(next).collect()
}

fn filled(discipline: Discipline, classes: [usize; 5]) -> Line {
    let mut line = line(discipline);
    for (number, class) in (0..).zip(classes) {
        line.push(id(number), waiter(class));
    }
    line
}

#[test]
fn first_last_and_either() {
    let all = [0; 5];
    assert_eq!(order_of(&mut filled(Discipline::Fifo, all), Order::NewestFirst), [0, 1, 3, 4]);
    assert_eq!(order_of(&mut filled(Discipline::Lifo, all), Order::OldestFirst), [4, 3, 1, 0]);
    let mut either = filled(Discipline::Adaptive, all);
    assert_eq!(either.pop(Order::NewestFirst, |_| true), Some(id(4)));
    assert_eq!(order_of(&mut either, Order::OldestFirst), [0, 1, 3]);
}

#[test]
fn the_most_important_first_in_order_of_arrival_among_equals() {
    let priority = Discipline::Priority { preemptive: false };
    let mut line = filled(priority, [2, 1, 1, 0, 3]);
    assert_eq!(order_of(&mut line.clone(), Order::OldestFirst), [4, 1, 0, 3]);
    // Who was interrupted is before others of its priority.
    line.push_back_again(id(9), waiter(0));
    assert_eq!(order_of(&mut line, Order::OldestFirst), [4, 1, 9, 0, 3]);
}

#[test]
fn the_newest_of_the_least_important_gives_way_to_who_is_more_important() {
    let mut line = filled(Discipline::Priority { preemptive: false }, [2, 1, 1, 0, 3]);
    let waits = |one| one != id(3);
    assert_eq!(line.pop_below(2, waits), None, "an equal does not");
    assert_eq!(line.pop_below(1, waits), Some(id(0)), "number 3 has left");
    assert_eq!(line.pop_below(1, waits), None);
    assert_eq!(line.pop_below(3, waits), Some(id(2)));
}

#[test]
fn each_class_in_turn_whatever_its_numbers() {
    let mut fair = filled(Discipline::Fair, [1, 3, 1, 1, 0]);
    // Classes in order of name: "" (4), "gold" (0 1 2 3), "silver".
    assert_eq!(order_of(&mut fair, Order::OldestFirst), [4, 0, 1, 3]);
    fair.push(id(5), waiter(2));
    fair.push(id(6), waiter(1));
    fair.push(id(7), waiter(2));
    // Gold was the last one served.
    assert_eq!(order_of(&mut fair, Order::OldestFirst), [5, 6, 7]);
}

#[test]
fn the_longest_class_gives_up_its_oldest() {
    let mut fair = filled(Discipline::Fair, [1, 0, 1, 1, 1]);
    assert_eq!(fair.pop_oldest(|one| one != id(0)), Some(id(2)));
    assert_eq!(fair.pop_oldest(|one| one != id(3)), Some(id(1)), "of equals the first");
}

#[test]
fn the_earliest_deadline_first_and_nobodys_last() {
    let mut line = line(Discipline::EarliestDeadline);
    for (number, deadline) in [(0, Time::MAX), (1, Time::from_nanos(7)), (3, Time::from_nanos(5))] {
        line.push(id(number), Waiter { deadline, ..waiter(0) });
    }
    line.push(id(4), Waiter { deadline: Time::from_nanos(7), ..waiter(0) });
    assert_eq!(order_of(&mut line, Order::OldestFirst), [3, 1, 4, 0]);
}

/// Each of four is first in a quarter of the draws: 1000 ± 4 · √(4000 · 3/16).
#[test]
fn anyone_is_next_with_equal_chances_and_who_left_takes_no_ones() {
    let mut line = line(Discipline::Random);
    let mut first = [0; 5];
    for _ in 0..4_000 {
        (0..5).for_each(|number| line.push(id(number), waiter(0)));
        let order = order_of(&mut line, Order::OldestFirst);
        assert_eq!(order.len(), 4);
        first[order[0]] += 1;
    }
    assert_eq!(first[2], 0);
    for number in [0, 1, 3, 4] {
        assert!((890..=1110).contains(&first[number]), "{first:?}");
    }
}

#[test]
fn what_is_taken_leaves_an_empty_line_of_the_same_kind() {
    let mut line = filled(Discipline::Lifo, [0; 5]);
    let mut taken = line.take();
    assert_eq!((line.len(), taken.len()), (0, 5));
    taken.retain(|one| one.place() > 2);
    assert_eq!(order_of(&mut taken, Order::OldestFirst), [4, 3]);
    line.push(id(7), waiter(0));
    line.push(id(8), waiter(0));
    assert_eq!(order_of(&mut line, Order::OldestFirst), [8, 7]);
}
