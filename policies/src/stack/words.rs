//! A stack of policies in words: what `check` prints.

use super::{BudgetUse, GateRule, GateUse, HedgeUse, Lasts, Layer, Stack, Timeout};
use crate::backoff::{self, Backoff};
use crate::budget::{self, BudgetConfig, BudgetRule, Scope};
use crate::fallback::Fallback;
use crate::retry::{Kinds, Retry, Wait};
use crate::settings::{Dialect, Settings};
use crate::{adaptive_rate, breaker, bulkhead, concurrency, hedge, limiter, throttle};
use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

impl Stack {
    /// What every layer does, in words, from the outside in.
    pub fn in_words(&self) -> Vec<String> {
        self.layers
            .iter()
            .enumerate()
            .map(|(depth, layer)| match layer {
                Layer::Timeout(timeout) => timeout.in_words(self.repeats_inside(depth)),
                Layer::Retry(retry) => retry.in_words(),
                Layer::Hedge(used) => used.in_words(),
                Layer::Gate(used) => used.in_words(),
                Layer::Fallback(fallback) => fallback.in_words(),
                Layer::Inherited => {
                    "the call ends when the time of the work that it is made for is up".to_owned()
                }
            })
            .collect()
    }

    /// Whether a layer inside position `depth` may make more than one attempt.
    fn repeats_inside(&self, depth: usize) -> bool {
        self.layers[depth + 1..].iter().any(|layer| matches!(layer, Layer::Retry(_)))
    }
}

impl Timeout {
    /// How long it lasts.
    pub fn time_in_words(&self) -> String {
        match self.chance {
            Lasts::Alike => self.after.to_string(),
            Lasts::Exponential => format!("{} on average, exponentially distributed", self.after),
        }
    }

    fn in_words(&self, whole: bool) -> String {
        let after = self.time_in_words();
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
            Wait::Like(config) => {
                format!("waiting by {}", settings_in_words(config, backoff::DIALECTS))
            }
            Wait::Ours(wait) => wait_in_words(wait),
        };
        let budget = match self.budget {
            None => "no budget".to_owned(),
            Some(used) => used.in_words(),
        };
        let elsewhere = if self.elsewhere { " at another replica" } else { "" };
        format!("tries {times}{elsewhere}, {wait}, {budget}")
    }
}

fn wait_in_words(wait: Backoff) -> String {
    match wait {
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
    }
}

impl BudgetUse {
    fn in_words(self) -> String {
        budget_in_words(&self.rule, self.scope)
    }
}

fn budget_in_words(config: &BudgetConfig, scope: Scope) -> String {
    let scope = scope_in_words(scope);
    let tokens = |micro: i64| micro as f64 / 1e6;
    let rule = match config {
        BudgetConfig::Ratio(config) => config.rule(),
        BudgetConfig::Bucket(config) => config.rule(),
        _ => return format!("budget of {}, {scope}", settings_in_words(*config, budget::DIALECTS)),
    };
    match rule {
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

fn scope_in_words(scope: Scope) -> &'static str {
    match scope {
        Scope::Replica => "per caller replica",
        Scope::Caller => "per caller",
        Scope::Fleet => "for all callers together",
    }
}

/// So many settings are soon read.
const FEW: usize = 4;

/// A configuration as one would say it: which system's it is like, and every setting that is not
/// as that one's, by its name and as a file would say it. Where there are few, or half of them are
/// not, it is like none, and every setting is said.
pub fn settings_in_words<C: Settings>(mut config: C, dialects: &[Dialect<C>]) -> String {
    let own = said(&mut config);
    let unlike = |dialect: &Dialect<C>| {
        let theirs = said(&mut (dialect.config)());
        own.iter().filter(|setting| !theirs.contains(setting)).cloned().collect::<Vec<_>>()
    };
    let each = dialects.iter().map(|dialect| (dialect, unlike(dialect)));
    let nearest = each.min_by_key(|(_, unlike)| unlike.len());
    let is_like = |unlike: &[String]| own.len() > FEW && unlike.len() * 2 < own.len();
    match nearest.filter(|(_, unlike)| is_like(unlike)) {
        None => own.join(", "),
        Some((dialect, unlike)) => {
            let name = if dialect.name == "Ours" { "ours" } else { dialect.name };
            let but = if unlike.is_empty() { "" } else { ", but " };
            format!("like {name} ({}){but}{}", dialect.about, unlike.join(", "))
        }
    }
}

/// Every setting by its name, as a file would say it.
fn said(config: &mut impl Settings) -> Vec<String> {
    let settings = config.settings().into_iter();
    settings.map(|setting| format!("{} {}", setting.name, setting.value)).collect()
}

impl GateUse {
    fn in_words(&self) -> String {
        let (name, scope) = (self.rule.name(), scope_in_words(self.scope));
        format!("{name} {scope}: {}", self.rule.settings_in_words())
    }
}

impl GateRule {
    /// As [`settings_in_words`].
    pub fn settings_in_words(&self) -> String {
        match *self {
            GateRule::Breaker(config) => settings_in_words(config, breaker::DIALECTS),
            GateRule::Limiter(config) => settings_in_words(config, limiter::DIALECTS),
            GateRule::Concurrency(config) => settings_in_words(config, concurrency::DIALECTS),
            GateRule::Bulkhead(config) => settings_in_words(config, bulkhead::DIALECTS),
            GateRule::Throttle(config) => settings_in_words(config, throttle::DIALECTS),
            GateRule::AdaptiveRate(config) => settings_in_words(config, adaptive_rate::DIALECTS),
        }
    }
}

impl HedgeUse {
    fn in_words(&self) -> String {
        let scope = scope_in_words(self.scope);
        let budget = match &self.budget {
            None => "no budget".to_owned(),
            Some(budget) => budget_in_words(budget, self.scope),
        };
        format!("hedge {scope}: {}; {budget}", settings_in_words(self.rule, hedge::DIALECTS))
    }
}

impl Fallback {
    fn in_words(self) -> String {
        if self.on == Kinds::ALL {
            return "every failure becomes an answer of the caller's own".to_owned();
        }
        let names = Kinds::NAMES.iter().filter(|(_, kind)| self.on.and(*kind) == self.on);
        let names: Vec<&str> = names.map(|(name, _)| *name).collect();
        format!("{} becomes an answer of the caller's own", names.join(" or "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::breaker::BreakerConfig;
    use crate::bulkhead::BulkheadConfig;
    use crate::time::Span;

    #[test]
    fn a_configuration_is_like_the_nearest_system_but_for_what_differs() {
        let polly = settings_in_words(BreakerConfig::polly(), breaker::DIALECTS);
        assert!(polly.starts_with("like Polly (version 8: ") && polly.ends_with(')'), "{polly}");
        let config = BreakerConfig { open: Span::from_millis(7_000), ..BreakerConfig::hystrix() };
        let hystrix = settings_in_words(config, breaker::DIALECTS);
        assert!(hystrix.starts_with("like Hystrix ("), "{hystrix}");
        assert!(hystrix.ends_with("), but open \"7s\""), "{hystrix}");
    }

    #[test]
    fn what_is_like_nobodys_is_said_in_full() {
        let wait = Span::from_millis(70);
        let config = BulkheadConfig { places: 7, queue: Some(77), longest_wait: wait };
        let said = settings_in_words(config, bulkhead::DIALECTS);
        assert_eq!(said, "places 7, queue 77, longest_wait \"70ms\"");
    }
}
