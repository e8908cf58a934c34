//! The machine that carries calls through their stacks: outcomes go up, attempts go down.
//!
//! A call in flight is a tree of frames, one per policy that is at work, with an attempt at each
//! leaf. Frames live in one slab for all calls, so a call allocates nothing in steady state. The
//! machine does no I/O: whoever drives it (a simulator, a loop over real timers) reports what
//! happened and carries out the [`Action`]s that it is given, in order.

mod action;

pub use action::{Action, Driver, WaitsFor};

use crate::budget::Budget;
use crate::draw::{Draws, mix};
use crate::outcome::{Class, Outcome};
use crate::slab::{Id, Slab};
use crate::stack::{BudgetUse, Layer, Retry, Stack, Timeout};
use crate::time::{Span, Time};
use alloc::vec::Vec;

/// A policy stack bound to one caller: its key for draws and its shares of common state.
#[derive(Debug, Clone)]
struct Instance {
    stack: u32,
    /// Names this instance's draws.
    key: u64,
    /// The budget of each layer that has one, by its place in [`Calls::budgets`].
    budgets: Vec<Option<u32>>,
}

/// Names a bound stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InstanceId(pub u32);

/// Names a budget that one or several bound stacks share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BudgetId(pub u32);

#[derive(Debug, Clone, Copy, Default)]
struct Frame {
    parent: Id,
    /// The frame below: the attempt or policy that this one waits for, if any.
    child: Id,
    owner: Id,
    lineage: u64,
    /// When an answer stops being of use to anyone above.
    deadline: Time,
    instance: u32,
    /// The position in the stack; one past the last for an attempt.
    layer: u16,
    state: State,
}

/// Where a descent begins.
#[derive(Debug, Clone, Copy)]
struct Top {
    parent: Id,
    owner: Id,
    lineage: u64,
    deadline: Time,
    instance: u32,
    layer: u16,
}

#[derive(Debug, Clone, Copy, Default)]
enum State {
    /// An attempt.
    #[default]
    Attempt,
    /// An attempt and the timeout directly around it: they begin and end together.
    TimedAttempt,
    /// A timeout around something else.
    Timing,
    Retrying {
        failures: u32,
        /// The last wait, once there has been one.
        slept: Span,
    },
}

/// All calls in flight and the state they share.
#[derive(Debug, Clone, Default)]
pub struct Calls {
    frames: Slab<Frame>,
    stacks: Vec<Stack>,
    instances: Vec<Instance>,
    budgets: Vec<Budget>,
}

impl Calls {
    /// A machine for these stacks, with nothing bound yet.
    pub fn new(stacks: Vec<Stack>) -> Calls {
        Calls { stacks, ..Calls::default() }
    }

    /// A fresh budget, to be shared by any number of bound stacks.
    pub fn add_budget(&mut self, used: BudgetUse) -> BudgetId {
        self.budgets.push(Budget::new(used.rule));
        BudgetId(self.budgets.len() as u32 - 1)
    }

    /// Binds stack number `stack` to a caller. `key` names its draws; `budgets` holds one budget
    /// for each retry layer that has one, outermost first.
    pub fn bind(&mut self, stack: usize, key: u64, budgets: &[BudgetId]) -> InstanceId {
        let mut given = budgets.iter().map(|budget| budget.0);
        let has_budget = |layer: &Layer| matches!(layer, Layer::Retry(r) if r.budget.is_some());
        let layers = self.stacks[stack].layers.iter();
        let budgets = layers.map(|layer| has_budget(layer).then(|| given.next()).flatten());
        let budgets = budgets.collect();
        self.instances.push(Instance { stack: stack as u32, key, budgets });
        InstanceId(self.instances.len() as u32 - 1)
    }

    /// Begins a call: descends through its stack and sends the first attempt.
    /// Returns the call's root, for [`Calls::settle_early`] and [`Calls::abandon`].
    #[inline]
    pub fn start(
        &mut self,
        now: Time,
        instance: InstanceId,
        owner: Id,
        lineage: u64,
        deadline: Time,
        driver: &mut impl Driver,
    ) -> Id {
        let (parent, instance) = (Id::NONE, instance.0);
        self.descend(now, Top { parent, owner, lineage, deadline, instance, layer: 0 }, driver)
    }

    /// Whether anyone still waits for this attempt.
    #[inline]
    pub fn is_open(&self, leaf: Id) -> bool {
        self.frames.contains(leaf)
    }

    /// When the whole call's caller gives up; [`Time::MAX`] if never.
    pub fn deadline(&self, root: Id) -> Time {
        self.frames.get(root).map_or(Time::MAX, |frame| frame.deadline)
    }

    /// How many attempts are out, counted over the frames themselves.
    pub fn open_attempts(&self) -> u64 {
        let is_attempt =
            |(_, frame): &(Id, &Frame)| matches!(frame.state, State::Attempt | State::TimedAttempt);
        self.frames.iter().filter(is_attempt).count() as u64
    }

    /// An attempt's outcome has come. `false`: nobody waited for it any more.
    #[inline]
    pub fn settle(
        &mut self,
        now: Time,
        leaf: Id,
        outcome: Outcome,
        driver: &mut impl Driver,
    ) -> bool {
        let Some(&Frame { parent, owner, state, .. }) = self.frames.get(leaf) else { return false };
        self.frames.discard(leaf);
        if let State::TimedAttempt = state {
            driver.act(Action::Hush { frame: leaf });
        }
        self.ascend(now, parent, owner, outcome, driver);
        true
    }

    /// The whole call is settled by an answer to an attempt that it had given up.
    pub fn settle_early(
        &mut self,
        root: Id,
        owner: Id,
        outcome: Outcome,
        driver: &mut impl Driver,
    ) {
        self.give_up(root, Outcome::ABANDONED, driver);
        driver.act(Action::Finish { owner, outcome });
    }

    /// The caller leaves: nothing of the call remains, and nobody is told.
    pub fn abandon(&mut self, root: Id, driver: &mut impl Driver) {
        self.give_up(root, Outcome::ABANDONED, driver);
    }

    /// A wake-up has come. `false`: the frame is gone, and nothing happened.
    #[inline]
    pub fn wake(&mut self, now: Time, frame: Id, driver: &mut impl Driver) -> bool {
        let Some(woken) = self.frames.get(frame) else { return false };
        match woken.state {
            State::Attempt => unreachable!("an attempt has no timer of its own"),
            State::Timing | State::TimedAttempt => self.time_out(now, frame, driver),
            State::Retrying { failures, .. } => self.retry(now, frame, failures, driver),
        }
        true
    }

    /// What a wake-up of `frame` would end; `None` if the frame is gone.
    #[inline]
    pub fn waits_for(&self, frame: Id) -> Option<WaitsFor> {
        Some(match self.frames.get(frame)?.state {
            State::Retrying { .. } => WaitsFor::Retry,
            State::Attempt | State::TimedAttempt | State::Timing => WaitsFor::Timeout,
        })
    }

    /// Builds frames from the top's layer down to an attempt, and sends it. Returns the first.
    #[inline]
    fn descend(&mut self, now: Time, top: Top, driver: &mut impl Driver) -> Id {
        let Top { mut parent, owner, lineage, mut deadline, instance, mut layer } = top;
        let bound = &self.instances[instance as usize];
        let layers = &self.stacks[bound.stack as usize].layers;
        let mut first = Id::NONE;
        loop {
            let place = usize::from(layer);
            let mut timeout = None;
            let state = match layers.get(place) {
                None => State::Attempt,
                Some(Layer::Timeout(Timeout { after, .. })) => {
                    timeout = Some(*after);
                    deadline = deadline.min(now.saturating_add(*after));
                    if place + 1 == layers.len() { State::TimedAttempt } else { State::Timing }
                }
                Some(Layer::Retry(_)) => {
                    if let Some(budget) = bound.budgets[place] {
                        self.budgets[budget as usize].on_call(now);
                    }
                    State::Retrying { failures: 0, slept: Span::ZERO }
                }
            };
            let child = Id::NONE;
            let frame = Frame { parent, child, owner, lineage, deadline, instance, layer, state };
            let id = self.frames.insert(frame);
            if let Some(above) = self.frames.get_mut(parent) {
                above.child = id;
            }
            if first.is_none() {
                first = id;
            }
            if let Some(after) = timeout {
                driver.act(Action::Wake { frame: id, after, constant: true });
            }
            if let State::Attempt | State::TimedAttempt = state {
                driver.act(Action::Send { leaf: id, owner, lineage, deadline });
                return first;
            }
            (parent, layer) = (id, layer + 1);
        }
    }

    /// Carries an outcome up from a finished child until a frame acts on it or the call is over.
    fn ascend(
        &mut self,
        now: Time,
        mut at: Id,
        owner: Id,
        outcome: Outcome,
        driver: &mut impl Driver,
    ) {
        while let Some(frame) = self.frames.get_mut(at) {
            frame.child = Id::NONE;
            let parent = frame.parent;
            match frame.state {
                State::Attempt | State::TimedAttempt => unreachable!("an attempt has no child"),
                State::Timing => driver.act(Action::Hush { frame: at }),
                State::Retrying { failures, slept } => {
                    if let Some(wait) = self.after_outcome(now, at, failures, slept, outcome) {
                        self.wait_then_retry(now, at, failures + 1, wait, driver);
                        return;
                    }
                }
            }
            self.frames.discard(at);
            at = parent;
        }
        driver.act(Action::Finish { owner, outcome });
    }

    /// The retry's decision: how long to wait before the next attempt, or `None` for no more.
    #[inline]
    fn after_outcome(
        &mut self,
        now: Time,
        at: Id,
        failures: u32,
        slept: Span,
        outcome: Outcome,
    ) -> Option<Span> {
        let frame = &self.frames[at];
        let bound = &self.instances[frame.instance as usize];
        let budget = bound.budgets[usize::from(frame.layer)];
        match outcome.class() {
            Class::Success => {
                if let Some(budget) = budget {
                    self.budgets[budget as usize].on_success();
                }
                return None;
            }
            Class::Ignored => return None,
            Class::Failure => {}
        }
        let retry = self.retry_of(frame);
        if retry.times != u32::MAX && failures >= retry.times {
            return None;
        }
        let mut draws = Draws::open(bound.key, mix(frame.lineage, u64::from(failures)));
        let slept = (failures > 0).then_some(slept);
        let wait = retry.wait.wait(failures, slept, &mut draws);
        if retry.deadline_aware && now.saturating_add(wait) >= frame.deadline {
            return None;
        }
        match budget {
            Some(budget) if !self.budgets[budget as usize].try_retry(now) => None,
            Some(_) | None => Some(wait),
        }
    }

    fn wait_then_retry(
        &mut self,
        now: Time,
        at: Id,
        failures: u32,
        wait: Span,
        driver: &mut impl Driver,
    ) {
        let constant = self.retry_of(&self.frames[at]).wait.constant().is_some();
        self.frames[at].state = State::Retrying { failures, slept: wait };
        if wait.is_zero() {
            self.retry(now, at, failures, driver);
        } else {
            driver.act(Action::Wake { frame: at, after: wait, constant });
        }
    }

    /// Starts attempt number `failures` (from 0) below a retry frame.
    fn retry(&mut self, now: Time, at: Id, failures: u32, driver: &mut impl Driver) {
        let &Frame { owner, lineage, deadline, instance, layer, .. } = &self.frames[at];
        let lineage = retry_lineage(lineage, failures);
        let layer = layer + 1;
        self.descend(now, Top { parent: at, owner, lineage, deadline, instance, layer }, driver);
    }

    fn time_out(&mut self, now: Time, at: Id, driver: &mut impl Driver) {
        let frame = &self.frames[at];
        let &Frame { parent, child, owner, lineage, state, .. } = frame;
        let Layer::Timeout(timeout) = self.layer_of(frame) else {
            unreachable!("a timing frame belongs to a timeout")
        };
        let outcome = if timeout.patience { Outcome::ABANDONED } else { Outcome::TIMED_OUT };
        self.frames.discard(at);
        if let State::TimedAttempt = state {
            driver.act(Action::GiveUp { leaf: at, owner, lineage, outcome });
        } else {
            self.give_up(child, outcome, driver);
        }
        self.ascend(now, parent, owner, outcome, driver);
    }

    /// Takes down a frame and everything below it.
    fn give_up(&mut self, mut at: Id, outcome: Outcome, driver: &mut impl Driver) {
        while let Some(&Frame { child, owner, lineage, state, .. }) = self.frames.get(at) {
            self.frames.discard(at);
            match state {
                State::Attempt => driver.act(Action::GiveUp { leaf: at, owner, lineage, outcome }),
                State::TimedAttempt => {
                    driver.act(Action::Hush { frame: at });
                    driver.act(Action::GiveUp { leaf: at, owner, lineage, outcome });
                }
                State::Timing => driver.act(Action::Hush { frame: at }),
                State::Retrying { .. } if child.is_none() => {
                    driver.act(Action::Hush { frame: at });
                }
                State::Retrying { .. } => {}
            }
            at = child;
        }
    }

    fn layer_of(&self, frame: &Frame) -> &Layer {
        let instance = &self.instances[frame.instance as usize];
        &self.stacks[instance.stack as usize].layers[usize::from(frame.layer)]
    }

    fn retry_of(&self, frame: &Frame) -> &Retry {
        match self.layer_of(frame) {
            Layer::Retry(retry) => retry,
            Layer::Timeout(_) => unreachable!("a retrying frame belongs to a retry"),
        }
    }
}

/// Tells a retry's lineage from that of other children.
const RETRY: u64 = 0x7265_7472_7900_0000;

/// The lineage of attempt number `nth` > 0 of a call; the first has the call's own.
#[inline]
pub const fn retry_lineage(call: u64, nth: u32) -> u64 {
    mix(call, RETRY ^ nth as u64)
}

#[cfg(test)]
mod tests;
