//! Earliest deadline first: members take turns in proportion to weights that may change.

use alloc::boxed::Box;
use alloc::vec;

/// Envoy's `EdfScheduler`: a pick costs a member 1 / weight.
#[derive(Debug, Clone)]
pub(super) struct Schedule {
    /// When each member's turn is, on the scheduler's own axis, and when it was put there.
    turns: Box<[(f64, u64)]>,
    now: f64,
    puts: u64,
}

impl Schedule {
    pub(super) fn new(members: usize) -> Schedule {
        Schedule { turns: vec![(0.0, 0); members].into(), now: 0.0, puts: 0 }
    }

    /// Gives a member its next turn.
    pub(super) fn put(&mut self, member: u32, weight: f64) {
        self.puts += 1;
        self.turns[member as usize] = (self.now + 1.0 / weight, self.puts);
    }

    /// Whose turn it is; of two at the same time the one that was put there first.
    pub(super) fn pick(&mut self, candidates: &[u32]) -> Option<u32> {
        let turn = |member: &u32| self.turns[*member as usize];
        let earlier = |one: &u32, other: &u32| {
            let (one, other) = (turn(one), turn(other));
            one.0.total_cmp(&other.0).then(one.1.cmp(&other.1))
        };
        let member = candidates.iter().copied().min_by(earlier)?;
        self.now = self.now.max(turn(&member).0);
        Some(member)
    }
}
