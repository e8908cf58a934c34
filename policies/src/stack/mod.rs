//! The caller's stack of policies: an ordered list, outermost first, in any order.
//!
//! Any order is allowed, and the order that serves most callers is: fallback, deadline for the
//! whole call, retry with a budget, hedge, breaker, rate limit, bulkhead, timeout per attempt. A
//! breaker inside a retry counts attempts, outside of it calls; a retry inside a hedge retries each
//! leg; and what judges by outcomes needs a timeout inside it, or hangs are invisible to it.

#[cfg(feature = "ron")]
pub mod read;
mod timeout;
mod words;

#[cfg(feature = "ron")]
pub use read::read;
pub use timeout::{Lasts, Timeout};
pub use words::settings_in_words;

use crate::adaptive_rate::AdaptiveRateConfig;
use crate::breaker::BreakerConfig;
use crate::budget::{BudgetConfig, Scope};
use crate::bulkhead::BulkheadConfig;
use crate::concurrency::ConcurrencyConfig;
use crate::fallback::Fallback;
use crate::hedge::HedgeConfig;
use crate::limiter::LimiterConfig;
use crate::retry::{Kinds, Retry};
use crate::throttle::ThrottleConfig;
use alloc::vec::Vec;

/// One policy of a stack.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Layer {
    /// Gives up on everything inside it after a time.
    Timeout(Timeout),
    /// Tries what is inside it again.
    Retry(Retry),
    /// Starts what is inside it once more before the first has failed.
    Hedge(HedgeUse),
    /// Lets calls through or turns them away.
    Gate(GateUse),
    /// Makes an answer up when there is no other.
    Fallback(Fallback),
    /// Gives up at the deadline with which the call begins: that of the work that it is made for.
    /// Without one it does nothing.
    Inherited,
}

impl Layer {
    /// Who shares its state; `None` for a layer that has none in common.
    pub fn scope(&self) -> Option<Scope> {
        match self {
            Layer::Retry(retry) => retry.budget.map(|used| used.scope),
            Layer::Gate(used) => Some(used.scope),
            Layer::Hedge(used) => Some(used.scope),
            Layer::Timeout(_) | Layer::Fallback(_) | Layer::Inherited => None,
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

/// The most layers that a stack may have: the machine of calls calls itself once for each hedge in
/// it, and no deeper.
pub const LAYERS_MAX: usize = 16;

/// The most legs that a hedge may have, the original among them.
pub const LEGS_MAX: usize = 16;

/// A hedge, what pays for it, and who shares both.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HedgeUse {
    /// What it does.
    pub rule: HedgeConfig,
    /// Failures that another leg may make good; any other ends the call.
    pub on: Kinds,
    /// What pays, if anything must.
    pub budget: Option<BudgetConfig>,
    /// Who shares it.
    pub scope: Scope,
}

/// What a gate does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum GateRule {
    /// Stops calls to what keeps failing.
    Breaker(BreakerConfig),
    /// So many per time.
    Limiter(LimiterConfig),
    /// So many at once, found out by measuring.
    Concurrency(ConcurrencyConfig),
    /// So many at once.
    Bulkhead(BulkheadConfig),
    /// Refuses a part of what would be refused anyway.
    Throttle(ThrottleConfig),
    /// As fast as the other side admits, found out by its throttling.
    AdaptiveRate(AdaptiveRateConfig),
}

impl GateRule {
    /// What it is called in a sentence.
    pub const fn name(&self) -> &'static str {
        match self {
            GateRule::Breaker(_) => "breaker",
            GateRule::Limiter(_) => "rate limit",
            GateRule::Concurrency(_) => "concurrency limit",
            GateRule::Bulkhead(_) => "bulkhead",
            GateRule::Throttle(_) => "throttle",
            GateRule::AdaptiveRate(_) => "adaptive rate",
        }
    }

    /// Whether it decides by how calls went, those that hang among them.
    pub const fn judges(&self) -> bool {
        match self {
            GateRule::Breaker(_) | GateRule::Concurrency(_) | GateRule::Throttle(_) => true,
            GateRule::Limiter(_) | GateRule::Bulkhead(_) | GateRule::AdaptiveRate(_) => false,
        }
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
            Layer::Timeout(_) | Layer::Gate(_) | Layer::Fallback(_) | Layer::Inherited => {
                Some(product)
            }
            Layer::Hedge(used) => product.checked_mul(u64::from(used.rule.most_attempts())),
            Layer::Retry(Retry { times: u32::MAX, .. }) => None,
            Layer::Retry(retry) => product.checked_mul(u64::from(retry.times) + 1),
        })
    }
}

/// How many of the layers outside of `layers[place]` are of its kind: what tells its draws from
/// those of the others, whatever stands around them.
pub(crate) fn nth_of_its_kind(layers: &[Layer], place: usize) -> u32 {
    let Some(layer) = layers.get(place) else { return 0 };
    layers[..place].iter().filter(|other| other.kind() == layer.kind()).count() as u32
}

impl Layer {
    /// A number for each kind of layer, and of gate. Timeouts that are drawn are one of their own:
    /// those that are not change no draw.
    pub(crate) const fn kind(&self) -> u32 {
        match self {
            Layer::Timeout(Timeout { chance: Lasts::Alike, .. }) => 0,
            Layer::Timeout(Timeout { chance: Lasts::Exponential, .. }) => 11,
            Layer::Retry(_) => 1,
            Layer::Hedge(_) => 2,
            Layer::Fallback(_) => 3,
            Layer::Inherited => 4,
            Layer::Gate(used) => match used.rule {
                GateRule::Breaker(_) => 5,
                GateRule::Limiter(_) => 6,
                GateRule::Concurrency(_) => 7,
                GateRule::Bulkhead(_) => 8,
                GateRule::Throttle(_) => 9,
                GateRule::AdaptiveRate(_) => 10,
            },
        }
    }

    /// Whether attempts that it adds go to replicas that their call has not tried.
    pub const fn goes_elsewhere(&self) -> bool {
        match self {
            Layer::Retry(retry) => retry.elsewhere,
            Layer::Hedge(used) => used.rule.elsewhere,
            Layer::Timeout(_) | Layer::Inherited | Layer::Gate(_) | Layer::Fallback(_) => false,
        }
    }
}

/// A budget and who shares it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BudgetUse {
    /// What it promises.
    pub rule: BudgetConfig,
    /// Who shares it.
    pub scope: Scope,
}
