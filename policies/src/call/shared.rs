//! What calls share and what they wait for, as it is at one moment: for whoever wants to look.

use super::common::{Common, CommonId, Gate};
use super::frame::State as Doing;
use super::{Calls, Id, InstanceId, WaitsFor};
use crate::breaker::State;
use crate::budget::Budget;
use crate::time::{Span, Time};

/// How the state that calls share looks at one moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shared {
    /// A retry's budget.
    Budget {
        /// What it would pay for, in millionths of a retry.
        left: i64,
    },
    /// A breaker.
    Breaker {
        /// Its state.
        state: State,
        /// Since when.
        since: Time,
        /// Calls that it has refused so far.
        refused: u64,
    },
    /// A rate limit.
    Limiter {
        /// How many would be let through now.
        left: u32,
        /// The most that it ever lets through at one moment.
        most: u32,
    },
    /// A limit on calls in flight that is found out by measuring.
    Concurrency {
        /// Calls in flight.
        inflight: u32,
        /// The limit.
        limit: u32,
    },
    /// A bulkhead.
    Bulkhead {
        /// Calls inside.
        inside: u32,
        /// Calls that wait.
        waiting: u32,
    },
    /// A throttle.
    Throttle {
        /// The probability with which it refuses, in [0, 1].
        refuses: f64,
    },
    /// An adaptive send rate.
    AdaptiveRate {
        /// Tokens per second; `None` before the server throttles for the first time.
        rate: Option<f64>,
        /// What is in the bucket; less than nothing where tokens are booked.
        tokens: f64,
        /// Attempts per second, as measured.
        measured: f64,
    },
    /// A hedge.
    Hedge {
        /// Hedges out.
        out: u32,
        /// After how long another leg goes, if time alone brings one.
        delay: Option<Span>,
        /// What its budget would pay for, in millionths of a hedge, if it has one.
        left: Option<i64>,
    },
}

impl Calls {
    /// What a layer of a bound stack shares, by name and as it is at `now`; `None` for a layer that
    /// shares nothing. Only to be asked of a machine that is not to go on.
    pub fn shared(
        &mut self,
        now: Time,
        instance: InstanceId,
        layer: usize,
    ) -> Option<(CommonId, Shared)> {
        let place = self.instances[instance.0 as usize].own[layer].common?;
        let shared = match &mut self.commons[place as usize] {
            Common::Budget(budget) => Shared::Budget { left: budget.balance(now) },
            Common::Gate(gate) => of_gate(gate, now),
            Common::Hedge { hedge, budget } => Shared::Hedge {
                out: hedge.out(),
                delay: hedge.delay(now),
                left: budget.as_mut().map(|budget: &mut Budget| budget.balance(now)),
            },
        };
        Some((CommonId(place), shared))
    }

    /// Calls that wait for a retry or at a gate, by their owner and what they wait for.
    pub fn waiting(&self) -> impl Iterator<Item = (Id, WaitsFor)> {
        self.frames.iter().filter_map(|(_, frame)| match frame.state {
            Doing::Retrying { is_out: false, .. } if frame.kin().child.is_none() => {
                Some((frame.owner, WaitsFor::Retry))
            }
            Doing::Queued { .. } => Some((frame.owner, WaitsFor::Gate)),
            Doing::Attempt
            | Doing::TimedAttempt
            | Doing::Timing
            | Doing::Retrying { .. }
            | Doing::TurnedAway { .. }
            | Doing::Gated { .. }
            | Doing::Hedging { .. }
            | Doing::Leg { .. }
            | Doing::Falling => None,
        })
    }
}

fn of_gate(gate: &mut Gate, now: Time) -> Shared {
    match gate {
        Gate::Breaker(breaker) => Shared::Breaker {
            state: breaker.state(),
            since: breaker.since(),
            refused: breaker.refused(),
        },
        Gate::Limiter(limiter) => {
            Shared::Limiter { left: limiter.remaining(now), most: limiter.capacity() }
        }
        Gate::Concurrency(limit) => {
            Shared::Concurrency { inflight: limit.inflight(), limit: limit.limit() }
        }
        Gate::Bulkhead(bulkhead) => {
            Shared::Bulkhead { inside: bulkhead.inside(), waiting: bulkhead.waiting() }
        }
        Gate::Throttle(throttle) => Shared::Throttle { refuses: throttle.probability() },
        Gate::AdaptiveRate(rate) => {
            let (memory, tokens) = (rate.memory(), rate.tokens(now));
            let rate = memory.enabled.then_some(memory.rate);
            Shared::AdaptiveRate { rate, tokens, measured: memory.measured }
        }
    }
}
