//! The caller's stack of policies: an ordered list, outermost first, in any order.

use crate::backoff::Backoff;
use crate::budget::{BudgetRule, Scope};
use crate::time::Span;
use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// One policy of a stack.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Layer {
    /// Gives up on everything inside it after a time.
    Timeout(Timeout),
    /// Tries what is inside it again.
    Retry(Retry),
}

/// Gives up after `after`. Outside a retry it bounds the whole call, inside it each attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeout {
    /// Counted from the start of what it wraps.
    pub after: Span,
    /// Who gives up: the caller's code, or the user who will not wait any longer.
    pub patience: bool,
}

/// Up to `times` retries after the first attempt.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Retry {
    /// Retries after the first attempt; `u32::MAX` is written `Unlimited`.
    pub times: u32,
    /// The wait before each.
    pub wait: Backoff,
    /// What pays for them, if anything must.
    pub budget: Option<BudgetUse>,
    /// Whether a wait that would end at or after the call's deadline is not begun.
    pub deadline_aware: bool,
}

/// A budget and who shares it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BudgetUse {
    /// What it promises.
    pub rule: BudgetRule,
    /// Who shares it.
    pub scope: Scope,
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
            Layer::Timeout(_) => Some(product),
            Layer::Retry(Retry { times: u32::MAX, .. }) => None,
            Layer::Retry(retry) => product.checked_mul(u64::from(retry.times) + 1),
        })
    }

    /// What every layer does, in words, from the outside in.
    pub fn in_words(&self) -> Vec<String> {
        self.layers
            .iter()
            .enumerate()
            .map(|(depth, layer)| match layer {
                Layer::Timeout(timeout) => timeout.in_words(self.repeats_inside(depth)),
                Layer::Retry(retry) => retry.in_words(),
            })
            .collect()
    }

    /// Whether a layer inside position `depth` may make more than one attempt.
    fn repeats_inside(&self, depth: usize) -> bool {
        self.layers[depth + 1..].iter().any(|layer| matches!(layer, Layer::Retry(_)))
    }
}

impl Timeout {
    fn in_words(self, whole: bool) -> String {
        let after = self.after;
        match (self.patience, whole) {
            (true, _) => format!("the user leaves after {after}"),
            (false, true) => format!("the whole call, waits and retries included, ends at {after}"),
            (false, false) => format!("each attempt ends at {after}"),
        }
    }
}

impl Retry {
    fn in_words(&self) -> String {
        let times = match self.times {
            u32::MAX => "again and again until it succeeds".to_owned(),
            1 => "once more after a failure".to_owned(),
            n => format!("up to {n} times more after a failure"),
        };
        let wait = match self.wait {
            Backoff::Constant { wait } if wait.is_zero() => "at once".to_owned(),
            Backoff::Constant { wait } => format!("{wait} apart"),
            Backoff::Exponential { from, factor, cap, jitter, .. } => format!(
                "waiting {from} × {factor}^k, at most {cap}, {} jitter",
                format!("{jitter:?}").to_lowercase()
            ),
            Backoff::Decorrelated { from, cap } => {
                format!("waiting between {from} and three times the last wait, at most {cap}")
            }
            Backoff::Random { mean } => format!("waiting exponentially, {mean} on average"),
        };
        let budget = match self.budget {
            None => "no budget".to_owned(),
            Some(used) => used.in_words(),
        };
        format!("tries {times}, {wait}, {budget}")
    }
}

impl BudgetUse {
    fn in_words(self) -> String {
        let scope = match self.scope {
            Scope::Replica => "per caller replica",
            Scope::Caller => "per caller",
            Scope::Fleet => "for all callers together",
        };
        let tokens = |micro: i64| micro as f64 / 1e6;
        match self.rule {
            BudgetRule::Ratio { share, ttl, min_per_s } => format!(
                "budget {} % of calls over {ttl} plus {}/s, initially empty, {scope}",
                tokens(share) * 100.0,
                tokens(min_per_s)
            ),
            BudgetRule::Bucket { cap, initial, per_call, per_success, strict } => format!(
                "budget of {} tokens at most, {} at first, +{} a call, +{} a success, a retry \
                 needs {} 1, {scope}",
                tokens(cap),
                tokens(initial),
                tokens(per_call),
                tokens(per_success),
                if strict { "more than" } else { "at least" }
            ),
        }
    }
}
