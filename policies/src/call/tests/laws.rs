//! Whatever the stack and whatever happens, nothing is lost: random stacks under random events.

use super::*;
use crate::adaptive_rate::{AdaptiveRateConfig, Waiting};
use crate::breaker::BreakerConfig;
use crate::budget::{BudgetConfig, Scope};
use crate::bulkhead::BulkheadConfig;
use crate::fallback::Fallback;
use crate::hedge::HedgeConfig;
use crate::limiter::LimiterConfig;
use crate::outcome::{Done, ErrorKind, Seen};
use crate::retry::{Hint, Kinds};
use crate::stack::{GateRule, GateUse, HedgeUse};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use std::collections::BTreeMap;

fn layer() -> impl Strategy<Value = Layer> {
    let gate = |rule| Layer::Gate(GateUse { rule, scope: Scope::Caller });
    let paid = Some(BudgetUse { rule: BudgetConfig::ours(), scope: Scope::Caller });
    prop_oneof![
        (20u64..400).prop_map(timeout),
        (0u32..3, 0u64..60).prop_map(|(times, wait)| retry(times, ms(wait))),
        (0u32..4).prop_map(|times| {
            let (on, hint) = (Kinds::ALL, Hint::Ignore);
            Layer::Retry(Retry { on, hint, ..Retry::times(times) })
        }),
        (0u32..4)
            .prop_map(move |times| { Layer::Retry(Retry { budget: paid, ..Retry::times(times) }) }),
        (1u32..4, 0u64..80).prop_map(|(attempts, delay)| {
            let rule = HedgeConfig { attempts, delay: ms(delay), ..HedgeConfig::grpc() };
            let (on, budget, scope) = (Kinds::TRANSIENT, None, Scope::Caller);
            Layer::Hedge(HedgeUse { rule, on, budget, scope })
        }),
        (1u32..3, 0u64..60).prop_map(move |(places, wait)| {
            let config = BulkheadConfig { places, queue: Some(3), longest_wait: ms(wait) };
            let config = if wait == 0 { BulkheadConfig { queue: None, ..config } } else { config };
            gate(GateRule::Bulkhead(config))
        }),
        (1u32..6).prop_map(move |min_calls| {
            let config = BreakerConfig { min_calls, open: ms(80), ..BreakerConfig::ours() };
            gate(GateRule::Breaker(config))
        }),
        (0u64..100).prop_map(move |wait| {
            let (per, longest_wait) = (ms(100), ms(wait));
            let config =
                LimiterConfig { permits: 3, per, burst: 2, longest_wait, ..LimiterConfig::ours() };
            gate(GateRule::Limiter(config))
        }),
        (0usize..3).prop_map(move |waiting| {
            let waiting = [Waiting::Booked, Waiting::Unpaid, Waiting::AsksAgain][waiting];
            let (cost_retry, cost_transient, capacity_min) = (2, 3, 3.0);
            let config = AdaptiveRateConfig {
                cost_retry,
                cost_transient,
                capacity_min,
                waiting,
                ..AdaptiveRateConfig::ours()
            };
            gate(GateRule::AdaptiveRate(config))
        }),
        Just(Layer::Fallback(Fallback::ALWAYS)),
    ]
}

/// Drives a machine with timers that really come, and keeps the caller's side of the books.
struct World {
    calls: Calls,
    instance: InstanceId,
    now: u64,
    timers: BTreeMap<(u64, u64), Id>,
    names: u64,
    open: Vec<Id>,
    roots: Vec<(Id, Id)>,
    begun: u32,
    finished: u32,
    sent: u32,
    settled: u32,
}

/// Everything that the machine asks for, with timers by name.
#[derive(Default)]
struct Asked {
    actions: Vec<Action>,
    wakes: Vec<(Id, Span)>,
    hushed: Vec<Id>,
}

impl Driver for Asked {
    fn act(&mut self, action: Action) {
        match action {
            Action::Wake { frame, after, .. } => self.wakes.push((frame, after)),
            Action::Hush { frame } => {
                // A timer that was started in the same breath is stopped in it too.
                self.wakes.retain(|(own, _)| *own != frame);
                self.hushed.push(frame);
            }
            other => self.actions.push(other),
        }
    }
}

impl World {
    fn new(layers: Vec<Layer>) -> World {
        let Hand { calls, instance, .. } = Hand::of(layers);
        let (timers, open, roots) = (BTreeMap::new(), Vec::new(), Vec::new());
        let (now, names, begun, finished, sent, settled) = (0, 0, 0, 0, 0, 0);
        World { calls, instance, now, timers, names, open, roots, begun, finished, sent, settled }
    }

    fn at(&self) -> Time {
        Time::ZERO + ms(self.now)
    }

    fn done(&mut self, asked: Asked) {
        self.timers.retain(|_, frame| !asked.hushed.contains(frame));
        for (frame, after) in asked.wakes {
            self.names += 1;
            let due = self.now + after.nanos().div_ceil(1_000_000);
            self.timers.insert((due, self.names), frame);
        }
        for action in asked.actions {
            match action {
                Action::Send { leaf, .. } => {
                    self.sent += 1;
                    self.open.push(leaf);
                }
                Action::GiveUp { leaf, .. } => {
                    self.settled += 1;
                    self.open.retain(|own| *own != leaf);
                }
                Action::Finish { owner, .. } => {
                    self.finished += 1;
                    self.roots.retain(|(own, _)| *own != owner);
                }
                Action::Wake { .. } | Action::Hush { .. } => unreachable!("kept apart"),
            }
        }
    }

    fn begin(&mut self) {
        self.begun += 1;
        let owner = Id::from_word(u64::from(self.begun));
        let (now, mut asked) = (self.at(), Asked::default());
        let end = Time::MAX;
        let lineage = u64::from(self.begun);
        let root = self.calls.start(now, self.instance, owner, lineage, end, &mut asked);
        self.roots.push((owner, root));
        self.done(asked);
    }

    fn settle(&mut self, which: usize, outcome: Outcome) {
        if self.open.is_empty() {
            return;
        }
        let leaf = self.open.remove(which % self.open.len());
        self.settled += 1;
        let (now, mut asked) = (self.at(), Asked::default());
        assert!(self.calls.settle(now, leaf, outcome, &mut asked), "who was sent is waited for");
        self.done(asked);
    }

    fn abandon(&mut self, which: usize) {
        if self.roots.is_empty() {
            return;
        }
        let (owner, root) = self.roots.remove(which % self.roots.len());
        self.finished += 1;
        let (now, mut asked) = (self.at(), Asked::default());
        self.calls.abandon(now, root, owner, &mut asked);
        self.done(asked);
    }

    /// Lets time pass, and every timer of it come.
    fn pass(&mut self, millis: u64) {
        let until = self.now + millis;
        let mut steps = 0;
        while let Some((&(due, name), &frame)) = self.timers.first_key_value() {
            if due > until || steps > 10_000 {
                break;
            }
            steps += 1;
            self.timers.remove(&(due, name));
            self.now = self.now.max(due);
            let (now, mut asked) = (self.at(), Asked::default());
            self.calls.wake(now, frame, &mut asked);
            self.done(asked);
        }
        self.now = until;
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 400,
        rng_seed: RngSeed::Fixed(1),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// Attempts sent are settled, given up or open; calls end once; and when every caller has left
    /// there is no frame, no leg and no timer.
    #[test]
    fn nothing_is_lost_in_any_stack(
        layers in vec(layer(), 0..5),
        events in vec((0u8..6, 0usize..8, 1u64..60), 1..60),
    ) {
        let mut world = World::new(layers);
        for (what, which, millis) in events {
            match what {
                0 | 1 => world.begin(),
                2 => world.settle(which, Outcome::OK),
                3 => {
                    let errors = [ErrorKind::Failed, ErrorKind::Throttled].map(Seen::Error);
                    let seen = [Seen::Refused, errors[0], Seen::Reset, errors[1]];
                    world.settle(which, Outcome::new(seen[which % 4], Done::Unknown));
                }
                4 => world.abandon(which),
                _ => world.pass(millis),
            }
            prop_assert_eq!(world.sent, world.settled + world.open.len() as u32);
            prop_assert_eq!(world.calls.open_attempts(), world.open.len() as u64);
            prop_assert_eq!(world.begun, world.finished + world.roots.len() as u32);
        }
        while !world.roots.is_empty() {
            world.abandon(0);
        }
        prop_assert_eq!((world.calls.frames.len(), world.calls.legs.len()), (0, 0));
        prop_assert_eq!((world.timers.len(), world.open.len()), (0, 0));
        // Every permit has come back: given time, a call goes all the way down again.
        world.pass(200_000);
        let before = world.sent;
        world.begin();
        world.pass(1_000);
        prop_assert!(world.sent > before, "a gate has kept a permit");
    }
}
