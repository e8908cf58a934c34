//! Faults: functions from healthy to sick, with a beginning and an end.

use crate::graph::ServiceId;
use brownout_core::{Span, Time};

/// A fault on the timeline.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// Its `name:`, or its kind and victim.
    pub name: String,
    /// What it does.
    pub kind: FaultKind,
    /// Whom.
    pub service: ServiceId,
    /// Which replica; `None` is all of them.
    pub replica: Option<u32>,
    /// When it begins.
    pub at: Time,
    /// How long it lasts; [`Span::MAX`] is to the end.
    pub lasts: Span,
}

impl Fault {
    /// When it ends.
    pub const fn until(&self) -> Time {
        self.at.saturating_add(self.lasts)
    }
}

/// What a fault does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum FaultKind {
    /// All work, that in service included, takes `by` times as long.
    Slow {
        /// > 0; below 1 it is faster.
        by: f64,
    },
    /// Nothing is started; what is in service stops too, or runs on.
    Stall {
        /// Whether work in service stops as well.
        freezes_service: bool,
    },
    /// The process dies and comes back empty at the end.
    Crash {
        /// What callers see.
        callers: Callers,
        /// What becomes of waiting work.
        queue: QueueFate,
    },
    /// A share of attempts fails.
    Errors {
        /// In [0, 1].
        ratio: f64,
        /// Before or after the work.
        when: ErrorsWhen,
    },
    /// A configuration is pushed, and the old one pushed back at the end.
    Config(ConfigChange),
}

/// What callers of a crashed process see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Callers {
    /// Broken connections, and refusals while it is down.
    Reset,
    /// Nothing.
    Silence,
}

/// What becomes of waiting work in a crash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueueFate {
    /// It dies with the process.
    Lost,
    /// It is there after the restart.
    Kept,
}

/// When an error strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorsWhen {
    /// On arrival; no worker is taken.
    AtOnce,
    /// When the work is done.
    AfterWork,
}

/// The settings that can be pushed to a running service; `None` leaves one as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ConfigChange {
    /// Workers per replica.
    pub workers: Option<u32>,
    /// Waiting places per replica.
    pub queue_limit: Option<u32>,
    /// Longest wait for a worker.
    pub queue_timeout: Option<Span>,
}
