//! What a node can do to others: everything goes through here.

use super::{Kit, SAMPLE};
use crate::caller::Owner;
use crate::clock::WallClocks;
use crate::death::Death;
use crate::event::Event;
use crate::graph::Graph;
use crate::ledger::{Detail, Log, Row, Sink};
use crate::link::Links;
use brownout_core::Time;
use brownout_core::queue::Queue;
use brownout_policies::outcome::Outcome;

/// What a node can do besides changing its own state: send, wake itself, record.
pub struct Io<'g, K: Kit> {
    /// For waking oneself, and what time it is.
    pub queue: Queue<K::Heap>,
    /// For recording.
    pub log: Log<K::Sink>,
    /// For sending, and for what has been sent to oneself.
    pub links: Links,
    /// Calls that have ended, whom to tell, and where they died if they did.
    pub ended: Vec<(Owner, Outcome, Death)>,
    /// Where the call died whose end is being told; it means nothing of one that went well.
    pub died: Death,
    /// What time nodes take it to be.
    pub clocks: WallClocks,
    /// When the run ends.
    pub end: Time,
    /// What does not change during the run.
    pub graph: &'g Graph,
}

impl<K: Kit> Io<'_, K> {
    /// The present moment.
    #[inline(always)]
    pub fn now(&self) -> Time {
        self.queue.now()
    }

    /// Reads the totals, and says when to do so again.
    #[inline(never)]
    pub(super) fn sample(&mut self) {
        if let Some(next) = self.log.ledger.sample(self.queue.now()) {
            self.queue.rarely(next, SAMPLE, Event::Sample.payload());
        }
    }

    /// Tells who listens something more; `make` is called only if anybody does.
    #[inline(always)]
    pub fn tell(&mut self, make: impl FnOnce(&Self) -> Detail) {
        if self.log.sink.listens() {
            let (now, detail) = (self.queue.now(), make(self));
            self.log.sink.detail(now, &detail);
        }
    }

    /// Writes down what happens.
    #[inline(always)]
    pub fn record(&mut self, row: Row<'_>) {
        self.log.record(self.queue.now(), row);
    }
}
