//! The engine: the machine of calls behind a lock, and a desk from which futures take their orders.
//!
//! No code but our own runs while it is locked: what a request, an answer or a waker does, it does
//! outside.

use super::clock::Clock;
use super::desk::{Desk, Order};
use super::error::span;
use super::watch::{Decision, Watch};
use super::{InFlight, Repeats, Setup};
use crate::call::{Calls, CommonId, InstanceId};
use crate::draw::mix;
use crate::outcome::Outcome;
use crate::retry::Retry;
use crate::slab::Id;
use crate::stack::{Layer, Stack};
use crate::time::Time;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;
use core::hash::{BuildHasher, Hasher};
use core::task::Waker;
use core::time::Duration;
use std::hash::RandomState;
use std::sync::Mutex;
use tokio::time::Instant;

/// A panic while the machine is locked would be ours.
const WHOLE: &str = "nothing in the machine of calls panics";

/// One stack at work, shared by all services that it wraps.
pub(super) struct Engine {
    clock: Clock,
    /// Names the draws.
    key: u64,
    /// The stack as it is for requests that may be repeated freely, when nothing was done, never.
    bound: [InstanceId; 3],
    /// Whether it ever sends a request twice, in each of these.
    sends_again: [bool; 3],
    falls_back: bool,
    machine: Mutex<Machine>,
    watch: Option<Watch>,
}

#[derive(Debug)]
struct Machine {
    calls: Calls,
    desk: Desk,
    /// How many calls have begun.
    begun: u64,
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("in_flight", &self.in_flight()).finish_non_exhaustive()
    }
}

impl Engine {
    /// An engine for a sound stack.
    pub(super) fn new(stack: &Stack, setup: Setup) -> Engine {
        let forms = [stack.clone(), careful(stack), once(stack)];
        let sends_again = [0, 1, 2].map(|form: usize| forms[form].attempts_max() != Some(1));
        let falls_back = stack.layers.iter().any(|layer| matches!(layer, Layer::Fallback(_)));
        let key = setup.key.unwrap_or_else(|| RandomState::new().build_hasher().finish());
        let mut calls = Calls::new(Vec::from(forms));
        let shared: Vec<Option<CommonId>> =
            (0..stack.layers.len()).map(|place| calls.share(0, place)).collect();
        let stays: [fn(&Layer) -> bool; 3] = [|_| true, sends_at_once_only, sends_once];
        let bound = [0, 1, 2].map(|form| {
            let layers = stack.layers.iter().zip(&shared);
            let kept = layers.filter(|(layer, _)| stays[form](layer));
            let commons: Vec<CommonId> = kept.filter_map(|(_, common)| *common).collect();
            calls.bind(form, key, &commons)
        });
        let desk = Desk::new(setup.watch.is_some());
        let machine = Mutex::new(Machine { calls, desk, begun: 0 });
        let clock = Clock::started();
        Engine { clock, key, bound, sends_again, falls_back, machine, watch: setup.watch }
    }

    /// Whether a call whose request may be repeated so may need it a second time: to send it, or to
    /// make up an answer.
    pub(super) fn needs_copy(&self, repeats: Repeats) -> bool {
        self.falls_back || self.sends_again[repeats as usize]
    }

    /// Begins a call, whose answer is of use for as long as `time_left`.
    pub(super) fn begin(&self, repeats: Repeats, time_left: Option<Duration>) -> Id {
        self.work(Id::NONE, |machine| {
            let Machine { calls, desk, begun } = machine;
            let number = *begun;
            *begun += 1;
            let end = time_left.map(|left| desk.now.saturating_add(span(left)));
            let deadline = end.unwrap_or(Time::MAX);
            let call = desk.open(number);
            desk.at = call;
            let instance = self.bound[repeats as usize];
            let lineage = mix(self.key, number);
            let root = calls.start(desk.now, instance, call, lineage, deadline, desk);
            desk.set_root(call, root);
            call
        })
    }

    /// The next thing to do for a call; after the end of a call its name is stale.
    pub(super) fn next_order(&self, call: Id, waker: &Waker) -> Option<Order> {
        let mut machine = self.machine.lock().expect(WHOLE);
        machine.desk.wake_with(call, waker);
        machine.desk.next_order(call)
    }

    /// An attempt has come to its end.
    pub(super) fn settle(&self, call: Id, leaf: Id, outcome: Outcome) {
        self.work(call, |Machine { calls, desk, .. }| {
            if calls.is_open(leaf) {
                let attempt = desk.is_back(call, leaf);
                desk.tell(call, Decision::Settle { attempt, outcome });
                calls.settle(desk.now, leaf, outcome, desk);
            }
        });
    }

    /// Wakes what is due of a call, in order, but not what is set meanwhile. Returns when the next
    /// is due, if there is one, and whether any was.
    pub(super) fn wake_due(&self, call: Id) -> (Option<Time>, bool) {
        self.work(call, |Machine { calls, desk, .. }| {
            let (before, mut any) = (desk.timers_set(), false);
            while let Some(frame) = desk.take_due(call, before) {
                calls.wake(desk.now, frame, desk);
                any = true;
            }
            desk.sort_timers(calls);
            (desk.next_due(call), any)
        })
    }

    /// The caller leaves: nothing of the call remains.
    pub(super) fn abandon(&self, call: Id) {
        if self.machine.is_poisoned() {
            // Another panic while one unwinds would end the process.
            return;
        }
        self.work(call, |Machine { calls, desk, .. }| {
            let root = desk.call(call).root;
            if calls.is_under_way(root, call) {
                calls.abandon(desk.now, root, call, desk);
                desk.tell(call, Decision::Abandon);
            }
            desk.close(call);
        });
    }

    /// When to wake for what is due then.
    pub(super) fn alarm(&self, due: Time) -> Instant {
        self.clock.alarm(due)
    }

    /// A moment of the stack's time axis on tokio's; `None` for never.
    pub(super) fn instant(&self, time: Time) -> Option<Instant> {
        self.clock.instant(time)
    }

    /// What is under way now.
    pub(super) fn in_flight(&self) -> InFlight {
        let machine = self.machine.lock().expect(WHOLE);
        let (calls, timers) = machine.desk.counts();
        let attempts = machine.calls.open_attempts();
        InFlight { calls: calls as u64, attempts, timers: timers as u64 }
    }

    /// Has the machine work for a call; then wakes whom that concerns, and tells those who watch.
    fn work<T>(&self, at: Id, task: impl FnOnce(&mut Machine) -> T) -> T {
        let mut machine = self.machine.lock().expect(WHOLE);
        machine.desk.now = self.clock.now();
        machine.desk.at = at;
        let result = task(&mut machine);
        let Machine { calls, desk, .. } = &mut *machine;
        desk.sort_timers(calls);
        let (woken, seen) = (core::mem::take(&mut desk.woken), core::mem::take(&mut desk.seen));
        drop(machine);
        for waker in woken {
            waker.wake();
        }
        if let Some(watch) = &self.watch {
            for event in &seen {
                watch(event);
            }
        }
        result
    }
}

/// Whether a layer stays for requests that are sent again only when nothing was done: a hedge
/// cannot know that.
fn sends_at_once_only(layer: &Layer) -> bool {
    !matches!(layer, Layer::Hedge(_))
}

/// Whether a layer stays for requests that are sent once.
fn sends_once(layer: &Layer) -> bool {
    !matches!(layer, Layer::Hedge(_) | Layer::Retry(_))
}

/// The stack for requests that are sent again only when nothing was done.
fn careful(stack: &Stack) -> Stack {
    let mut layers = vec![];
    for layer in stack.layers.iter().filter(|layer| sends_at_once_only(layer)) {
        layers.push(match *layer {
            Layer::Retry(retry) => Layer::Retry(Retry { idempotent: false, ..retry }),
            Layer::Timeout(_)
            | Layer::Hedge(_)
            | Layer::Gate(_)
            | Layer::Fallback(_)
            | Layer::Inherited => *layer,
        });
    }
    Stack { layers }
}

/// The stack for requests that are sent once.
fn once(stack: &Stack) -> Stack {
    Stack { layers: stack.layers.iter().filter(|layer| sends_once(layer)).copied().collect() }
}
