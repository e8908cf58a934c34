//! The caller's stack of policies: an ordered list, outermost first, in any order.

mod words;

use crate::budget::{BudgetRule, Scope};
use crate::bulkhead::BulkheadConfig;
use crate::fallback::Fallback;
use crate::retry::Retry;
use crate::time::Span;
use alloc::vec::Vec;

/// One policy of a stack.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Layer {
    /// Gives up on everything inside it after a time.
    Timeout(Timeout),
    /// Tries what is inside it again.
    Retry(Retry),
    /// Lets calls through or turns them away.
    Gate(GateUse),
    /// Makes an answer up when there is no other.
    Fallback(Fallback),
}

impl Layer {
    /// Who shares its state; `None` for a layer that has none in common.
    pub fn scope(&self) -> Option<Scope> {
        match self {
            Layer::Retry(retry) => retry.budget.map(|used| used.scope),
            Layer::Gate(used) => Some(used.scope),
            Layer::Timeout(_) | Layer::Fallback(_) => None,
        }
    }
}

/// A gate and who shares it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GateUse {
    /// What it does.
    pub rule: GateRule,
    /// Who shares it.
    pub scope: Scope,
}

/// What a gate does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum GateRule {
    /// So many at once.
    Bulkhead(BulkheadConfig),
}

/// Gives up after `after`. Outside a retry it bounds the whole call, inside it each attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeout {
    /// Counted from the start of what it wraps.
    pub after: Span,
    /// Who gives up: the caller's code, or the user who will not wait any longer.
    pub patience: bool,
    /// What is kept for the caller itself: everything inside has to end this much earlier.
    pub reserve: Span,
}

impl Timeout {
    /// Gives up after `after`.
    pub const fn after(after: Span) -> Timeout {
        Timeout { after, patience: false, reserve: Span::ZERO }
    }
}

/// The ordered list, outermost first.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Stack {
    /// Outermost first.
    pub layers: Vec<Layer>,
}

impl Stack {
    /// The most attempts one call can make, or `None` if there is no bound.
    pub fn attempts_max(&self) -> Option<u64> {
        self.layers.iter().try_fold(1u64, |product, layer| match layer {
            Layer::Timeout(_) | Layer::Gate(_) | Layer::Fallback(_) => Some(product),
            Layer::Retry(Retry { times: u32::MAX, .. }) => None,
            Layer::Retry(retry) => product.checked_mul(u64::from(retry.times) + 1),
        })
    }
}

/// A budget and who shares it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BudgetUse {
    /// What it promises.
    pub rule: BudgetRule,
    /// Who shares it.
    pub scope: Scope,
}
