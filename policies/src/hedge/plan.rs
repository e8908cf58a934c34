//! One call's attempts, and what is to be done about them.

use super::attempts::Attempts;
use crate::outcome::Word;
use crate::time::Time;

/// The state of one call: plain data for whoever keeps it. [`Hedge`](super::Hedge) decides on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HedgePlan {
    /// When the original was sent.
    pub(super) started: Time,
    /// When the latest attempt was sent.
    pub(super) last_sent: Time,
    /// When the next attempt is due.
    pub(super) next: Option<Time>,
    /// Attempts that nothing has come of yet.
    pub(super) open: Attempts,
    /// Attempts sent.
    pub(super) sent: u8,
    /// The attempt that failed last, once one has.
    pub(super) failed: u8,
    pub(super) state: State,
}

/// How far a call has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum State {
    /// Not begun.
    #[default]
    Idle,
    /// More attempts may go.
    Hedging,
    /// No more attempts will go; those that are out may still answer.
    Frozen,
    /// It is over.
    Over,
}

impl HedgePlan {
    /// When the call wants to be woken; nothing changes before.
    pub fn next_wakeup(&self) -> Option<Time> {
        self.next
    }

    /// Attempts that nothing has come of yet.
    pub fn open(&self) -> Attempts {
        self.open
    }

    /// Attempts sent so far, the original among them.
    pub fn sent(&self) -> u8 {
        self.sent
    }

    /// Whether it has had its end.
    pub fn is_over(&self) -> bool {
        self.state == State::Over
    }
}

/// What came of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// A good answer.
    Good,
    /// A failure that another attempt may make good, with the server's word about when.
    NonFatal(Option<Word>),
    /// A failure that no attempt can make good.
    Fatal,
}

/// What is to be done, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[must_use = "attempts are sent and cancelled by whoever asked"]
pub struct Step {
    /// Send these.
    pub send: Attempts,
    /// Give these up; nothing is heard of them any more.
    pub cancel: Attempts,
    /// The call is over.
    pub end: Option<End>,
}

/// How a call ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// With this attempt's good answer.
    Answered(u8),
    /// With this attempt's failure.
    Failed(u8),
    /// Its caller left.
    Cancelled,
}
