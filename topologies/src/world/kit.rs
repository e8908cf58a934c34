//! What a run is made with.

use crate::ledger::Sink;
use brownout_core::heap::Heap;

/// What a run is made with; it changes nothing that comes out.
pub trait Kit {
    /// What the queue is made of.
    type Heap: Heap;
    /// Who listens to what happens.
    type Sink: Sink;
}

impl<H: Heap, S: Sink> Kit for (H, S) {
    type Heap = H;
    type Sink = S;
}
