//! Who waits at a replica, and who is next.
//!
//! A line holds names. Who leaves before its turn is not searched for: its name stays and is
//! recognised when it comes up, since who waits holds a place.

mod classes;
mod deadlines;
mod letter;
mod lottery;

pub use letter::{Letter, Letters};

use crate::graph::{Class, Discipline};
use brownout_core::random::Stream;
use brownout_core::slab::Id;
use brownout_core::{Span, Time};
use brownout_policies::shed::Order;
use classes::Classes;
use deadlines::Deadlines;
use lottery::Lottery;
use std::collections::VecDeque;

/// What matters about one who lines up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiter {
    /// Its class, a place in the graph's list.
    pub class: usize,
    /// When its caller's time is up.
    pub deadline: Time,
}

/// A turn in order of arrival: whose it is, and how long its work takes. Where many wait, those in
/// front have long left the caches; these are next to each other, and work can begin before memory
/// has found the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turn {
    /// Who.
    pub id: Id,
    /// The work that comes first, at full speed; [`Turn::NOT_DRAWN`] if that is not known yet.
    pub work: Span,
}

impl Turn {
    /// In place of work that is drawn when it begins.
    pub const NOT_DRAWN: Span = Span::MAX;

    /// The turn of one whose work is drawn when it begins.
    const fn of(id: Id) -> Turn {
        Turn { id, work: Turn::NOT_DRAWN }
    }
}

/// Who waits, in the order of one discipline. First come, first served is the usual one and is
/// told apart from all others by one look.
#[derive(Debug, Clone)]
pub enum Line {
    /// In order of arrival.
    Fifo(VecDeque<Turn>),
    /// In order of arrival, where nobody looks for one who waits.
    Letters(Box<Letters>),
    /// In another order.
    Other(Box<Ordered>),
}

/// A line that is not in order of arrival.
#[derive(Debug, Clone)]
pub enum Ordered {
    /// Who came last is next.
    Newest(VecDeque<Id>),
    /// Who came first is next, or who came last.
    Either(VecDeque<Id>),
    /// Classes, by importance or in turn.
    Classes(Classes),
    /// By deadline.
    Deadlines(Deadlines),
    /// Anyone.
    Lottery(Lottery),
}

impl Default for Line {
    fn default() -> Line {
        Line::Fifo(VecDeque::new())
    }
}

impl Line {
    /// An empty line of this discipline. `draws` names those of a line in random order.
    pub fn new(discipline: Discipline, classes: &[Class], draws: Stream) -> Line {
        let ordered = match discipline {
            Discipline::Fifo => return Line::default(),
            Discipline::Lifo => Ordered::Newest(VecDeque::new()),
            Discipline::Adaptive => Ordered::Either(VecDeque::new()),
            Discipline::Priority { .. } => Ordered::Classes(Classes::by_priority(classes)),
            Discipline::Fair => Ordered::Classes(Classes::in_turn(classes)),
            Discipline::EarliestDeadline => Ordered::Deadlines(Deadlines::default()),
            Discipline::Random => Ordered::Lottery(Lottery::new(draws)),
        };
        Line::Other(Box::new(ordered))
    }

    /// One more at the end, in order of arrival.
    ///
    /// # Panics
    /// In a line of another discipline, where it matters who it is.
    #[inline(always)]
    pub fn push_fifo(&mut self, turn: Turn) {
        match self {
            Line::Fifo(queue) => queue.push_back(turn),
            Line::Letters(_) => unreachable!("who waits as a letter has no name"),
            Line::Other(_) => unreachable!("where order is another, it is asked who comes"),
        }
    }

    /// Who came first, in order of arrival, and whether there were more names than `waiting`: then
    /// it may have left.
    ///
    /// # Panics
    /// In a line of another discipline.
    #[inline(always)]
    pub fn pop_fifo(&mut self, waiting: u32) -> Option<(Turn, bool)> {
        match self {
            Line::Fifo(queue) => {
                let may_have_left = queue.len() != waiting as usize;
                queue.pop_front().map(|turn| (turn, may_have_left))
            }
            Line::Letters(_) => unreachable!("who waits as a letter has no name"),
            Line::Other(_) => unreachable!("where order is another, it is asked who waits"),
        }
    }

    /// The letters of those who wait as such.
    ///
    /// # Panics
    /// In another line.
    #[inline(always)]
    pub fn letters(&mut self) -> &mut Letters {
        match self {
            Line::Letters(queue) => queue,
            Line::Fifo(_) | Line::Other(_) => unreachable!("it is known who waits as a letter"),
        }
    }

    /// From now on those who wait have no names; nobody waits yet.
    pub fn lose_names(&mut self) {
        debug_assert!(self.is_empty(), "nobody waits yet");
        *self = Line::Letters(Box::default());
    }

    /// Those who wait without a name.
    pub fn nameless(&self) -> impl Iterator<Item = &Letter> {
        let queue = if let Line::Letters(queue) = self { Some(queue) } else { None };
        queue.into_iter().flat_map(|queue| queue.iter())
    }

    /// One more.
    pub fn push(&mut self, id: Id, waiter: Waiter) {
        let Line::Other(ordered) = self else { return self.push_fifo(Turn::of(id)) };
        match &mut **ordered {
            Ordered::Newest(queue) | Ordered::Either(queue) => queue.push_back(id),
            Ordered::Classes(classes) => classes.push_back(id, waiter.class),
            Ordered::Deadlines(deadlines) => deadlines.push(id, waiter.deadline),
            Ordered::Lottery(lottery) => lottery.push(id),
        }
    }

    /// One who was being served is back, before all others of its kind.
    pub fn push_back_again(&mut self, id: Id, waiter: Waiter) {
        match self {
            Line::Letters(_) => unreachable!("who waits as a letter has no name"),
            Line::Other(ordered) => match &mut **ordered {
                Ordered::Classes(classes) => classes.push_front(id, waiter.class),
                Ordered::Newest(_)
                | Ordered::Either(_)
                | Ordered::Deadlines(_)
                | Ordered::Lottery(_) => self.push(id, waiter),
            },
            Line::Fifo(queue) => queue.push_front(Turn::of(id)),
        }
    }

    /// Who is next of those who still wait.
    pub fn pop(&mut self, order: Order, waits: impl Fn(Id) -> bool) -> Option<Id> {
        let Line::Other(ordered) = self else { return self.pop_oldest(waits) };
        match (&mut **ordered, order) {
            (Ordered::Newest(queue), _) | (Ordered::Either(queue), Order::NewestFirst) => {
                pop_until(|| queue.pop_back(), waits)
            }
            (Ordered::Either(queue), Order::OldestFirst) => pop_until(|| queue.pop_front(), waits),
            (Ordered::Classes(classes), _) => classes.pop(waits),
            (Ordered::Deadlines(deadlines), _) => pop_until(|| deadlines.pop(), waits),
            (Ordered::Lottery(lottery), _) => lottery.pop(waits),
        }
    }

    /// Who has waited longest, of lines that know; in turn, of the class with the most waiting.
    pub fn pop_oldest(&mut self, waits: impl Fn(Id) -> bool) -> Option<Id> {
        match self {
            Line::Fifo(queue) => pop_until(|| queue.pop_front().map(|turn| turn.id), waits),
            Line::Letters(_) => None,
            Line::Other(ordered) => match &mut **ordered {
                Ordered::Newest(queue) | Ordered::Either(queue) => {
                    pop_until(|| queue.pop_front(), waits)
                }
                Ordered::Classes(classes) => classes.pop_of_longest(waits),
                Ordered::Deadlines(_) | Ordered::Lottery(_) => None,
            },
        }
    }

    /// The newest of the least important, if it is less important than `class`.
    pub fn pop_below(&mut self, class: usize, waits: impl Fn(Id) -> bool) -> Option<Id> {
        match self {
            Line::Other(ordered) => match &mut **ordered {
                Ordered::Classes(classes) => classes.pop_below(class, waits),
                Ordered::Newest(_)
                | Ordered::Either(_)
                | Ordered::Deadlines(_)
                | Ordered::Lottery(_) => None,
            },
            Line::Fifo(_) | Line::Letters(_) => None,
        }
    }

    /// How many names it holds, of those who have left too.
    #[inline]
    pub fn len(&self) -> usize {
        match self {
            Line::Fifo(queue) => queue.len(),
            Line::Letters(queue) => queue.len(),
            Line::Other(ordered) => ordered.len(),
        }
    }

    /// Looks at who is next in order of arrival.
    pub fn look_ahead(&self) -> u64 {
        let Line::Fifo(queue) = self else { return 0 };
        queue.front().map_or(0, |turn| turn.work.nanos())
    }

    /// Whether it holds no name.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Forgets those who have left.
    pub fn retain(&mut self, waits: impl Fn(Id) -> bool) {
        let Line::Other(ordered) = self else {
            let Line::Fifo(queue) = self else { return };
            return queue.retain(|turn| waits(turn.id));
        };
        match &mut **ordered {
            Ordered::Newest(queue) | Ordered::Either(queue) => queue.retain(|&id| waits(id)),
            Ordered::Classes(classes) => classes.retain(waits),
            Ordered::Deadlines(deadlines) => deadlines.retain(waits),
            Ordered::Lottery(lottery) => lottery.retain(waits),
        }
    }

    /// The line as it is, leaving an empty one behind.
    #[must_use]
    pub fn take(&mut self) -> Line {
        let mut empty = self.clone();
        empty.retain(|_| false);
        std::mem::replace(self, empty)
    }
}

impl Ordered {
    #[cold]
    fn len(&self) -> usize {
        match self {
            Ordered::Newest(queue) | Ordered::Either(queue) => queue.len(),
            Ordered::Classes(classes) => classes.len(),
            Ordered::Deadlines(deadlines) => deadlines.len(),
            Ordered::Lottery(lottery) => lottery.len(),
        }
    }
}

/// The next name of one who waits.
fn pop_until(mut pop: impl FnMut() -> Option<Id>, waits: impl Fn(Id) -> bool) -> Option<Id> {
    loop {
        let id = pop()?;
        if waits(id) {
            return Some(id);
        }
    }
}

#[cfg(test)]
mod tests;
