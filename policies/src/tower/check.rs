//! What can be wrong with a stack that did not come from a file, where it would have been said.

use super::error::Unsound;
use crate::backoff::BackoffConfig;
use crate::retry::Wait;
use crate::settings::{Problem, Settings};
use crate::stack::{BudgetUse, GateRule, LAYERS_MAX, LEGS_MAX, Layer, Stack, Timeout};
use alloc::borrow::ToOwned;
use alloc::format;
use alloc::vec::Vec;

/// Whether nothing is wrong with a stack.
///
/// # Errors
/// Everything that is.
pub(super) fn sound(stack: &Stack) -> Result<(), Unsound> {
    let mut problems = Vec::new();
    if stack.layers.len() > LAYERS_MAX {
        let (why, remedy) = ("a call keeps a frame for each", format!("at most {LAYERS_MAX}"));
        let problem = Problem::new("layers", stack.layers.len(), why, remedy);
        problems.push((LAYERS_MAX, "stack".to_owned(), problem));
    }
    for (place, layer) in stack.layers.iter().enumerate() {
        let (name, found) = match layer {
            Layer::Timeout(timeout) => ("timeout", timing(*timeout)),
            Layer::Retry(retry) => {
                let mut found = match retry.wait {
                    Wait::Ours(wait) => BackoffConfig::from(wait).problems(),
                    Wait::Like(wait) => wait.problems(),
                };
                found
                    .extend(retry.budget.iter().flat_map(|BudgetUse { rule, .. }| rule.problems()));
                ("retry", found)
            }
            Layer::Hedge(used) => {
                let mut found = used.rule.problems();
                found.extend(used.budget.iter().flat_map(Settings::problems));
                if used.rule.most_attempts() as usize > LEGS_MAX {
                    let (why, remedy) = ("a hedge keeps its legs in place", "write fewer");
                    let remedy = format!("{remedy}: at most {LEGS_MAX}");
                    found.push(Problem::new("attempts", used.rule.attempts, why, remedy));
                }
                ("hedge", found)
            }
            Layer::Gate(used) => (used.rule.name(), gate(&used.rule)),
            Layer::Fallback(_) => ("fallback", Vec::new()),
            Layer::Inherited => ("deadline", Vec::new()),
        };
        problems.extend(found.into_iter().map(|problem| (place, name.to_owned(), problem)));
    }
    if problems.is_empty() { Ok(()) } else { Err(Unsound { problems }) }
}

fn timing(timeout: Timeout) -> Vec<Problem> {
    let mut found = Vec::new();
    if timeout.after.is_zero() {
        let why = "every call would end before it begins";
        found.push(Problem::new("after", timeout.after, why, "write a time above zero"));
    } else if timeout.reserve >= timeout.after {
        let remedy = format!("write less than {}", timeout.after);
        found.push(Problem::new("reserve", timeout.reserve, "nothing would be left", remedy));
    }
    found
}

fn gate(rule: &GateRule) -> Vec<Problem> {
    match rule {
        GateRule::Breaker(config) => config.problems(),
        GateRule::Limiter(config) => config.problems(),
        GateRule::Concurrency(config) => config.problems(),
        GateRule::Bulkhead(config) => config.problems(),
        GateRule::Throttle(config) => config.problems(),
        GateRule::AdaptiveRate(config) => config.problems(),
    }
}
