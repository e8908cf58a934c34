//! What keeps an effect from being done twice: keys that callers send, and callees that remember
//! them.

use super::{Graph, Service, Step};
use brownout_core::Span;
use brownout_core::dist::Dist;

/// What a service does about keys that it has seen: its replicas share the memory, which outlives
/// their processes.
///
/// A key is taken when its first request begins, and is known from the moment its effect is done,
/// or else its script is over. If that request ends in any other way, nothing was done, and the key
/// is free again.
#[derive(Debug, Clone, PartialEq)]
pub struct Idempotency {
    /// How long a key stays known.
    pub window: Span,
    /// How many known keys there is room for, ≥ 1; the oldest makes room.
    pub capacity: u32,
    /// What becomes of a request whose key is taken and not known yet.
    pub in_flight: InFlight,
    /// The work of giving a stored answer, in nanoseconds at speed 1.
    pub replay: Dist,
}

/// What becomes of a request while another with the same key is being worked on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InFlight {
    /// It waits for the end of that one, with its worker where workers are held.
    Wait,
    /// It fails at once: a conflict, and nothing was done.
    Conflict,
    /// It is worked on as well. Whose effect would be done second has none, and is answered as if
    /// it had: a unique key in the transaction that commits.
    Race,
}

/// What the attempts of a call carry as their idempotency key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KeyUse {
    /// Nothing.
    None,
    /// Each attempt a key of its own, which no one will ask for twice: the wrong way.
    Attempt,
    /// One for the call, so its retries and hedges share it.
    #[default]
    Call,
    /// One for this place in the user's request: what is called anew because somebody further up
    /// tries again has the same.
    Request,
}

impl KeyUse {
    /// Every use, in order.
    pub const ALL: [KeyUse; 4] = [KeyUse::None, KeyUse::Attempt, KeyUse::Call, KeyUse::Request];
    /// Their names in files, in the same order.
    pub const NAMES: [&'static str; 4] = ["NoKey", "PerAttempt", "PerCall", "PerRequest"];

    /// Its name in files.
    pub const fn name(self) -> &'static str {
        KeyUse::NAMES[self as usize]
    }
}

impl Service {
    /// Whether any of its scripts has an effect.
    pub fn has_effects(&self) -> bool {
        self.endpoints.iter().any(|endpoint| has_effect(&endpoint.steps))
    }
}

fn has_effect(steps: &[Step]) -> bool {
    steps
        .iter()
        .any(|step| matches!(step, Step::Effect) || step.inside().into_iter().any(has_effect))
}

impl Graph {
    /// Whether it is to be known what each request did: somebody has effects, or remembers keys.
    pub fn follows_effects(&self) -> bool {
        let follows = |own: &Service| own.idempotency.is_some() || own.has_effects();
        self.services.iter().any(follows)
    }
}
