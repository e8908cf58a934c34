//! The machine of calls driven by a queue: what the stack behind tokio's clock has to equal.
//!
//! Time goes in milliseconds. At one moment what happens outside comes first, each followed by the
//! timers of its own call that are due; then the timers of other calls, by their numbers.

use crate::outside::{Happens, Outside, Scripted};
use brownout_policies::call::{Action, Calls, Driver, InstanceId};
use brownout_policies::draw::mix;
use brownout_policies::slab::Id;
use brownout_policies::stack::Stack;
use brownout_policies::tower::{Decision, Event};
use brownout_policies::{Span, Time};
use std::collections::BTreeMap;

/// A frame that wants to be woken.
struct Timer {
    due: Time,
    nth: usize,
    frame: Id,
    call: usize,
}

/// What the machine has asked for, and what became of it.
struct Hands {
    now: u64,
    outside: Outside,
    events: Vec<Event>,
    timers: Vec<Timer>,
    /// Timers whose calls are not known yet.
    fresh: Vec<(Time, usize, Id)>,
    started: usize,
    attempts: Vec<u32>,
    leaves: BTreeMap<Id, (usize, u32)>,
    roots: BTreeMap<usize, Id>,
}

impl Hands {
    fn at(&self) -> Time {
        Time::ZERO + Span::from_millis(self.now)
    }

    fn log(&mut self, call: usize, what: Decision) {
        self.events.push(Event { at: self.at(), call: call as u64, what });
    }
}

fn owner(call: usize) -> Id {
    Id::from_word(call as u64)
}

fn number(owner: Id) -> usize {
    owner.word() as usize
}

impl Driver for Hands {
    fn act(&mut self, action: Action) {
        match action {
            Action::Send { leaf, owner, .. } => {
                let call = number(owner);
                let attempt = self.attempts[call];
                self.attempts[call] += 1;
                self.leaves.insert(leaf, (call, attempt));
                self.log(call, Decision::Send { attempt });
                self.outside.sent(self.now, call, attempt);
            }
            Action::Wake { frame, after, .. } => {
                self.fresh.push((self.at().saturating_add(after), self.started, frame));
                self.started += 1;
            }
            Action::Hush { frame } => {
                self.fresh.retain(|(_, _, own)| *own != frame);
                self.timers.retain(|timer| timer.frame != frame);
            }
            Action::GiveUp { leaf, outcome, .. } => {
                let (call, attempt) = self.leaves.remove(&leaf).expect("it was sent");
                self.log(call, Decision::GiveUp { attempt, outcome });
                self.outside.dropped(call, attempt);
            }
            Action::Finish { owner, outcome } => {
                let call = number(owner);
                self.log(call, Decision::Finish { outcome });
                self.outside.ended(call);
                self.roots.insert(call, Id::NONE);
            }
        }
    }
}

struct Reference {
    calls: Calls,
    instance: InstanceId,
    key: u64,
    hands: Hands,
}

/// What a stack decides about these calls.
pub(crate) fn by_queue(stack: &Stack, key: u64, script: Vec<Scripted>) -> Vec<Event> {
    let mut calls = Calls::new(vec![stack.clone()]);
    let commons: Vec<_> = (0..stack.layers.len()).filter_map(|at| calls.share(0, at)).collect();
    let instance = calls.bind(0, key, &commons);
    let outside = Outside::new(script);
    let hands = Hands {
        now: 0,
        attempts: vec![0; outside.calls()],
        outside,
        events: Vec::new(),
        timers: Vec::new(),
        fresh: Vec::new(),
        started: 0,
        leaves: BTreeMap::new(),
        roots: BTreeMap::new(),
    };
    let mut reference = Reference { calls, instance, key, hands };
    while reference.step() {}
    assert_eq!(reference.calls.open_attempts(), 0);
    reference.hands.events
}

impl Reference {
    /// Does what is next; `false` when there is nothing left.
    fn step(&mut self) -> bool {
        let now = self.hands.now;
        if let Some(what) = self.hands.outside.take(now) {
            self.happen(what);
            return true;
        }
        let due = self.hands.timers.iter().filter(|timer| timer.due <= self.hands.at());
        if let Some(call) = due.map(|timer| timer.call).min() {
            self.wake(call);
            return true;
        }
        let tick = |timer: &Timer| timer.due.nanos().div_ceil(1_000_000);
        let timers = self.hands.timers.iter().map(tick);
        if let Some(next) = timers.chain(self.hands.outside.next()).min() {
            self.hands.now = next;
            return true;
        }
        // Only silence is left.
        let is_open = |(call, root): &(&usize, &Id)| self.calls.is_under_way(**root, owner(**call));
        let open = self.hands.roots.iter().find(is_open);
        let Some((&call, _)) = open else { return false };
        self.happen(Happens::Leaves(call));
        true
    }

    fn happen(&mut self, what: Happens) {
        let (at, hands) = (self.hands.at(), &mut self.hands);
        let call = match what {
            Happens::Comes(call) => {
                let (lineage, owner) = (mix(self.key, call as u64), owner(call));
                let end = Time::MAX;
                let root = self.calls.start(at, self.instance, owner, lineage, end, hands);
                hands.roots.insert(call, root);
                call
            }
            Happens::Answers(call, attempt) => {
                let reply = hands.outside.reply(call, attempt).expect("it answers");
                let mut leaves = hands.leaves.iter();
                let (&leaf, _) =
                    leaves.find(|(_, own)| **own == (call, attempt)).expect("it waits");
                hands.leaves.remove(&leaf);
                let outcome = reply.outcome;
                hands.log(call, Decision::Settle { attempt, outcome });
                assert!(self.calls.settle(at, leaf, outcome, hands));
                call
            }
            Happens::Leaves(call) => {
                self.calls.abandon(at, hands.roots[&call], owner(call), hands);
                hands.log(call, Decision::Abandon);
                hands.outside.ended(call);
                call
            }
        };
        self.sort_timers();
        self.wake(call);
    }

    /// Wakes what is due of a call.
    fn wake(&mut self, call: usize) {
        loop {
            let at = self.hands.at();
            let timers = self.hands.timers.iter().enumerate();
            let due = timers.filter(|(_, timer)| timer.call == call && timer.due <= at);
            let Some((place, _)) = due.min_by_key(|(_, timer)| (timer.due, timer.nth)) else {
                return;
            };
            let frame = self.hands.timers.remove(place).frame;
            self.calls.wake(at, frame, &mut self.hands);
            self.sort_timers();
        }
    }

    fn sort_timers(&mut self) {
        for (due, nth, frame) in std::mem::take(&mut self.hands.fresh) {
            if let Some(owner) = self.calls.owner(frame) {
                self.hands.timers.push(Timer { due, nth, frame, call: number(owner) });
            }
        }
    }
}
