//! A line for each class, of which the first in order of importance is next, or the next in turn.

use crate::graph::Class;
use brownout_core::slab::Id;
use std::collections::VecDeque;

/// Which class is next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turns {
    /// The most important.
    ByPriority,
    /// The next after the last one that was served.
    RoundRobin {
        /// Where to look first.
        from: usize,
    },
}

/// Lines by class.
#[derive(Debug, Clone)]
pub struct Classes {
    /// The line of each class of the graph.
    line_of: Vec<usize>,
    lines: Vec<VecDeque<Id>>,
    turns: Turns,
}

impl Classes {
    /// A line for each priority, the most important first.
    pub(super) fn by_priority(classes: &[Class]) -> Classes {
        let mut known: Vec<u32> = classes.iter().map(|class| class.priority).collect();
        known.sort_unstable();
        known.dedup();
        let place = |class: &Class| known.partition_point(|known| *known < class.priority);
        let line_of = classes.iter().map(place).collect();
        Classes::new(line_of, known.len(), Turns::ByPriority)
    }

    /// A line for each name of a class, in order of name.
    pub(super) fn in_turn(classes: &[Class]) -> Classes {
        let mut known: Vec<&str> = classes.iter().map(|class| &*class.name).collect();
        known.sort_unstable();
        known.dedup();
        let place = |class: &Class| known.partition_point(|known| **known < *class.name);
        let line_of = classes.iter().map(place).collect();
        Classes::new(line_of, known.len(), Turns::RoundRobin { from: 0 })
    }

    fn new(line_of: Vec<usize>, lines: usize, turns: Turns) -> Classes {
        Classes { line_of, lines: vec![VecDeque::new(); lines], turns }
    }

    pub(super) fn push_back(&mut self, id: Id, class: usize) {
        self.lines[self.line_of[class]].push_back(id);
    }

    pub(super) fn push_front(&mut self, id: Id, class: usize) {
        self.lines[self.line_of[class]].push_front(id);
    }

    /// Who is next of those who still wait.
    pub(super) fn pop(&mut self, waits: impl Fn(Id) -> bool) -> Option<Id> {
        let from = match self.turns {
            Turns::ByPriority => 0,
            Turns::RoundRobin { from } => from,
        };
        let count = self.lines.len();
        for step in 0..count {
            let at = (from + step) % count;
            while let Some(id) = self.lines[at].pop_front() {
                if waits(id) {
                    if let Turns::RoundRobin { from } = &mut self.turns {
                        *from = at + 1;
                    }
                    return Some(id);
                }
            }
        }
        None
    }

    /// The newest of the least important, if it is less important than `class`.
    pub(super) fn pop_below(&mut self, class: usize, waits: impl Fn(Id) -> bool) -> Option<Id> {
        for line in self.lines[self.line_of[class] + 1..].iter_mut().rev() {
            while let Some(id) = line.pop_back() {
                if waits(id) {
                    return Some(id);
                }
            }
        }
        None
    }

    /// Who has waited longest in the longest line; of equally long ones, the first.
    pub(super) fn pop_of_longest(&mut self, waits: impl Fn(Id) -> bool) -> Option<Id> {
        self.retain(waits);
        let longest = (0..self.lines.len()).rev().max_by_key(|at| self.lines[*at].len())?;
        self.lines[longest].pop_front()
    }

    pub(super) fn retain(&mut self, waits: impl Fn(Id) -> bool) {
        for line in &mut self.lines {
            line.retain(|&id| waits(id));
        }
    }

    pub(super) fn len(&self) -> usize {
        self.lines.iter().map(VecDeque::len).sum()
    }
}
