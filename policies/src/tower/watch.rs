//! What a stack decides, told to whoever wants to know: logs, metrics, tests.

use crate::outcome::Outcome;
use crate::time::Time;
use alloc::sync::Arc;

/// One decision, or what led to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// When, counted from when the stack was made.
    pub at: Time,
    /// Which call, counted from 0 in the order in which calls began.
    pub call: u64,
    /// What happened to it.
    pub what: Decision,
}

/// What happens to a call. Its attempts count from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// An attempt is sent.
    Send {
        /// Which.
        attempt: u32,
    },
    /// An attempt has come to its end by itself.
    Settle {
        /// Which.
        attempt: u32,
        /// What came of it.
        outcome: Outcome,
    },
    /// An attempt is given up: its future is dropped.
    GiveUp {
        /// Which.
        attempt: u32,
        /// How its caller sees it.
        outcome: Outcome,
    },
    /// The call is over.
    Finish {
        /// What came of it.
        outcome: Outcome,
    },
    /// The caller has dropped the call's future before its end.
    Abandon,
}

/// Whoever is told. Events of one thread come in order; with several, `at` tells which was first.
/// It is called on the way of the call, so it should not take long.
pub type Watch = Arc<dyn Fn(&Event) + Send + Sync>;
