//! One policy as a layer: a stack of one.

use super::InFlight;
use super::error::Unsound;
use super::service::{StackLayer, StackService};
use crate::adaptive_rate::AdaptiveRateConfig;
use crate::breaker::BreakerConfig;
use crate::budget::Scope;
use crate::bulkhead::BulkheadConfig;
use crate::concurrency::ConcurrencyConfig;
use crate::fallback::Fallback;
use crate::limiter::LimiterConfig;
use crate::retry::Retry;
use crate::stack::{GateRule, GateUse, HedgeUse, Layer, Stack, Timeout};
use crate::throttle::ThrottleConfig;
use alloc::vec;

/// Declares a layer that is a stack of one policy.
macro_rules! layer {
    ($(#[$about:meta])* $name:ident($config:ident: $kind:ty) => $layer:expr) => {
        $(#[$about])*
        #[derive(Debug, Clone)]
        pub struct $name<C>(StackLayer<C>);

        impl<C> $name<C> {
            /// The layer, with state that all services share which it wraps.
            ///
            /// # Errors
            /// Everything that is wrong with the policy.
            pub fn new($config: $kind, classify: C) -> Result<$name<C>, Unsound> {
                StackLayer::new(&Stack { layers: vec![$layer] }, classify).map($name)
            }

            /// What is under way now in all services that share this layer's state.
            pub fn in_flight(&self) -> InFlight {
                self.0.in_flight()
            }
        }

        impl<S, C: Clone> tower_layer::Layer<S> for $name<C> {
            type Service = StackService<S, C>;

            fn layer(&self, service: S) -> StackService<S, C> {
                self.0.layer(service)
            }
        }
    };
}

layer! {
    /// Gives up on a call after a time.
    TimeoutLayer(timeout: Timeout) => Layer::Timeout(timeout)
}

layer! {
    /// Tries a call again.
    RetryLayer(retry: Retry) => Layer::Retry(retry)
}

layer! {
    /// Sends a call once more before the first has failed.
    HedgeLayer(hedge: HedgeUse) => Layer::Hedge(hedge)
}

layer! {
    /// Stops calls to what keeps failing.
    BreakerLayer(config: BreakerConfig) => gate(GateRule::Breaker(config))
}

layer! {
    /// So many calls per time.
    RateLimitLayer(config: LimiterConfig) => gate(GateRule::Limiter(config))
}

layer! {
    /// So many calls at once, found out by measuring.
    ConcurrencyLayer(config: ConcurrencyConfig) => gate(GateRule::Concurrency(config))
}

layer! {
    /// So many calls at once.
    BulkheadLayer(config: BulkheadConfig) => gate(GateRule::Bulkhead(config))
}

layer! {
    /// Refuses a part of what would be refused anyway.
    ThrottleLayer(config: ThrottleConfig) => gate(GateRule::Throttle(config))
}

layer! {
    /// As fast as the other side admits, found out by its throttling.
    AdaptiveRateLayer(config: AdaptiveRateConfig) => gate(GateRule::AdaptiveRate(config))
}

layer! {
    /// Gives an answer of the caller's own when there is no other: [`OrElse`](super::OrElse) says
    /// which.
    FallbackLayer(fallback: Fallback) => Layer::Fallback(fallback)
}

/// A gate that all who share the layer share.
fn gate(rule: GateRule) -> Layer {
    Layer::Gate(GateUse { rule, scope: Scope::Caller })
}
