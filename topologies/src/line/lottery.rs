//! A line in which anyone who waits is next, with equal chances.

use brownout_core::random::Stream;
use brownout_core::slab::Id;

/// Names in no order that matters.
#[derive(Debug, Clone)]
pub struct Lottery {
    names: Vec<Id>,
    /// Each pick has its own draws, named by how many there were before.
    draws: Stream,
    picks: u64,
}

impl Lottery {
    pub(super) fn new(draws: Stream) -> Lottery {
        Lottery { names: Vec::new(), draws, picks: 0 }
    }

    pub(super) fn push(&mut self, id: Id) {
        self.names.push(id);
    }

    /// Anyone of those who still wait. Names of others are thrown away when they are met, so that
    /// they take no one's chance.
    pub(super) fn pop(&mut self, waits: impl Fn(Id) -> bool) -> Option<Id> {
        let mut draws = self.draws.draws(self.picks);
        self.picks += 1;
        while !self.names.is_empty() {
            let at = (draws.unit() * self.names.len() as f64) as usize;
            let id = self.names.swap_remove(at.min(self.names.len() - 1));
            if waits(id) {
                return Some(id);
            }
        }
        None
    }

    pub(super) fn retain(&mut self, waits: impl Fn(Id) -> bool) {
        self.names.retain(|&id| waits(id));
    }

    pub(super) fn len(&self) -> usize {
        self.names.len()
    }
}
