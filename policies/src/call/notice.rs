//! What policies decide, told to a driver that wants to know: for traces and for telling a story.

use crate::breaker::State;
use crate::gate::Refusal;
use crate::time::{Span, Time};

/// What a policy has decided about a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// Its time is up: everything inside it is given up.
    TimedOut,
    /// What is inside it failed, and is tried again.
    Retries {
        /// Which retry, from 1.
        nth: u32,
        /// After so long.
        wait: Span,
    },
    /// What is inside it failed, and is not tried again.
    Stops(Why),
    /// Another leg of a hedge is sent.
    Hedges {
        /// Which leg; the first has number 0.
        nth: u8,
    },
    /// Another leg of a hedge was due, and nothing pays for it.
    HedgeUnpaid,
    /// A gate lets it wait.
    Waits {
        /// At the latest until then.
        until: Time,
    },
    /// The wait at a gate is over: it goes on.
    GoesOn,
    /// A gate says no.
    TurnedAway(Refusal),
    /// A breaker is in another state than before.
    Became(State),
    /// A fallback makes up an answer.
    FallsBack,
    /// There is no time left for an attempt: nothing is sent.
    TooLate,
}

/// Why a failure is not tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// It has been tried as often as it may be.
    Exhausted {
        /// Retries so far.
        retries: u32,
    },
    /// The caller's time is up.
    Deadline,
    /// Failures of this kind are not tried again.
    Kind,
    /// The named system whose waits it takes does not go on.
    Schedule,
    /// The wait would not end before the caller's time does.
    WaitTooLong {
        /// How long it would be.
        wait: Span,
    },
    /// The budget does not pay for it.
    Budget {
        /// What is left in it, in millionths of a retry.
        left: i64,
    },
}
