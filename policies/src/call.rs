//! The machine that carries calls through their stacks: outcomes go up, attempts go down.
//!
//! A call in flight is a tree of frames, one per policy that is at work, with an attempt at each
//! leaf. Frames live in one slab for all calls, so a call allocates nothing in steady state. The
//! machine does no I/O: whoever drives it (a simulator, a loop over real timers) reports what
//! happened and carries out the [`Action`]s that come back, in order.

use crate::budget::Budget;
use crate::draw::{Draws, mix};
use crate::outcome::{Class, Outcome};
use crate::slab::{Id, Slab};
use crate::stack::{BudgetUse, Layer, Retry, Stack, Timeout};
use crate::time::{Span, Time};

/// What the driver has to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Send an attempt; report its outcome to [`Calls::settle`] under `leaf`.
    Send {
        /// The attempt's name here.
        leaf: Id,
        /// The call it belongs to, as given to [`Calls::start`].
        owner: Id,
        /// The attempt's name among draws.
        lineage: u64,
        /// When its answer stops being of use.
        deadline: Time,
    },
    /// Call [`Calls::wake`] with `frame` after `after`.
    Wake {
        /// Who wants to be woken.
        frame: Id,
        /// In how long.
        after: Span,
        /// Whether many frames wait exactly this long.
        constant: bool,
    },
    /// Forget the wake-up of `frame`.
    Hush {
        /// Who no longer wants to be woken.
        frame: Id,
    },
    /// The attempt was given up: nobody waits for `leaf` any more.
    GiveUp {
        /// The attempt.
        leaf: Id,
        /// The call it belonged to.
        owner: Id,
        /// The attempt's name among draws.
        lineage: u64,
        /// How its caller sees it.
        outcome: Outcome,
    },
    /// The call is over.
    Finish {
        /// The call.
        owner: Id,
        /// What came of it.
        outcome: Outcome,
    },
}

/// A policy stack bound to one caller: its key for draws and its shares of common state.
#[derive(Debug, Clone)]
struct Instance {
    stack: u32,
    /// Names this instance's draws.
    key: u64,
    /// Where the budgets of this stack's layers begin in [`Calls::budgets`], in layer order.
    budgets: Vec<u32>,
}

/// Names a bound stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InstanceId(pub u32);

/// Names a budget that one or several bound stacks share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BudgetId(pub u32);

#[derive(Debug, Clone, Copy)]
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

#[derive(Debug, Clone, Copy)]
enum State {
    /// An attempt.
    Attempt,
    /// An attempt and the timeout directly around it: they begin and end together.
    TimedAttempt,
    /// A timeout around something else.
    Timing,
    Retrying {
        failures: u32,
        slept: Option<Span>,
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
        let budgets = budgets.iter().map(|budget| budget.0).collect();
        self.instances.push(Instance { stack: stack as u32, key, budgets });
        InstanceId(self.instances.len() as u32 - 1)
    }

    /// Begins a call: descends through its stack and sends the first attempt.
    /// Returns the call's root, for [`Calls::settle_early`] and [`Calls::abandon`].
    pub fn start(
        &mut self,
        now: Time,
        instance: InstanceId,
        owner: Id,
        lineage: u64,
        deadline: Time,
        out: &mut Vec<Action>,
    ) -> Id {
        let top = Frame {
            parent: Id::NONE,
            child: Id::NONE,
            owner,
            lineage,
            deadline,
            instance: instance.0,
            layer: 0,
            state: State::Attempt,
        };
        self.descend(now, top, out)
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
    pub fn settle(&mut self, now: Time, leaf: Id, outcome: Outcome, out: &mut Vec<Action>) -> bool {
        let Some(frame) = self.frames.remove(leaf) else { return false };
        if let State::TimedAttempt = frame.state {
            out.push(Action::Hush { frame: leaf });
        }
        self.ascend(now, frame.parent, frame.owner, outcome, out);
        true
    }

    /// The whole call is settled by an answer to an attempt that it had given up.
    pub fn settle_early(&mut self, root: Id, owner: Id, outcome: Outcome, out: &mut Vec<Action>) {
        self.give_up(root, Outcome::ABANDONED, out);
        out.push(Action::Finish { owner, outcome });
    }

    /// The caller leaves: nothing of the call remains, and nobody is told.
    pub fn abandon(&mut self, root: Id, out: &mut Vec<Action>) {
        self.give_up(root, Outcome::ABANDONED, out);
    }

    /// A wake-up has come. `false`: the frame is gone, and nothing happened.
    pub fn wake(&mut self, now: Time, frame: Id, out: &mut Vec<Action>) -> bool {
        let Some(woken) = self.frames.get(frame) else { return false };
        match woken.state {
            State::Attempt => unreachable!("an attempt has no timer of its own"),
            State::Timing | State::TimedAttempt => self.time_out(now, frame, out),
            State::Retrying { failures, .. } => self.retry(now, frame, failures, out),
        }
        true
    }

    /// Whether `frame` is a retry whose wait is over, rather than a timeout.
    pub fn is_retry(&self, frame: Id) -> bool {
        self.frames.get(frame).is_some_and(|frame| matches!(frame.state, State::Retrying { .. }))
    }

    /// Builds frames from `top`'s layer down to an attempt, and sends it. Returns the first frame.
    fn descend(&mut self, now: Time, top: Frame, out: &mut Vec<Action>) -> Id {
        let mut first = Id::NONE;
        let mut frame = top;
        let Instance { stack, .. } = self.instances[frame.instance as usize];
        loop {
            let layers = &self.stacks[stack as usize].layers;
            let layer = layers.get(usize::from(frame.layer)).copied();
            let innermost = usize::from(frame.layer) + 1 >= layers.len();
            frame.state = match layer {
                None => State::Attempt,
                Some(Layer::Timeout(timeout)) => {
                    frame.deadline = frame.deadline.min(now.saturating_add(timeout.after));
                    if innermost { State::TimedAttempt } else { State::Timing }
                }
                Some(Layer::Retry(_)) => State::Retrying { failures: 0, slept: None },
            };
            let Frame { parent, owner, lineage, deadline, .. } = frame;
            let below = Frame { parent: Id::NONE, layer: frame.layer + 1, ..frame };
            let id = self.frames.insert(frame);
            if first.is_none() {
                first = id;
            }
            if !parent.is_none() {
                self.frames[parent].child = id;
            }
            match layer {
                None => {}
                Some(Layer::Timeout(Timeout { after, .. })) => {
                    out.push(Action::Wake { frame: id, after, constant: true });
                }
                Some(Layer::Retry(retry)) => {
                    if retry.budget.is_some() {
                        let budget = self.budget_at(below.instance, below.layer - 1);
                        self.budgets[budget].on_call(now);
                    }
                }
            }
            if matches!(layer, None | Some(Layer::Timeout(_))) && innermost {
                out.push(Action::Send { leaf: id, owner, lineage, deadline });
                return first;
            }
            frame = Frame { parent: id, ..below };
        }
    }

    /// Carries an outcome up from a finished child until a frame acts on it or the call is over.
    fn ascend(
        &mut self,
        now: Time,
        mut at: Id,
        owner: Id,
        outcome: Outcome,
        out: &mut Vec<Action>,
    ) {
        while let Some(frame) = self.frames.get_mut(at) {
            frame.child = Id::NONE;
            match frame.state {
                State::Attempt | State::TimedAttempt => unreachable!("an attempt has no child"),
                State::Timing => out.push(Action::Hush { frame: at }),
                State::Retrying { failures, slept } => {
                    if let Some(wait) = self.after_outcome(now, at, failures, slept, outcome) {
                        self.wait_then_retry(now, at, failures + 1, wait, out);
                        return;
                    }
                }
            }
            at = self.frames.remove(at).expect("the frame was just there").parent;
        }
        out.push(Action::Finish { owner, outcome });
    }

    /// The retry's decision: how long to wait before the next attempt, or `None` for no more.
    fn after_outcome(
        &mut self,
        now: Time,
        at: Id,
        failures: u32,
        slept: Option<Span>,
        outcome: Outcome,
    ) -> Option<Span> {
        let frame = &self.frames[at];
        let budget = self.budget_of(frame);
        match outcome.class() {
            Class::Success => {
                if let Some(budget) = budget {
                    self.budgets[budget].on_success();
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
        let key = self.instances[frame.instance as usize].key;
        let mut draws = Draws::open(key, mix(frame.lineage, u64::from(failures)));
        let wait = retry.wait.wait(failures, slept, &mut draws);
        if retry.deadline_aware && now.saturating_add(wait) >= frame.deadline {
            return None;
        }
        match budget {
            Some(budget) if !self.budgets[budget].try_retry(now) => None,
            Some(_) | None => Some(wait),
        }
    }

    fn wait_then_retry(
        &mut self,
        now: Time,
        at: Id,
        failures: u32,
        wait: Span,
        out: &mut Vec<Action>,
    ) {
        let constant = self.retry_of(&self.frames[at]).wait.constant().is_some();
        self.frames[at].state = State::Retrying { failures, slept: Some(wait) };
        if wait.is_zero() {
            self.retry(now, at, failures, out);
        } else {
            out.push(Action::Wake { frame: at, after: wait, constant });
        }
    }

    /// Starts attempt number `failures` (from 0) below a retry frame.
    fn retry(&mut self, now: Time, at: Id, failures: u32, out: &mut Vec<Action>) {
        let frame = &self.frames[at];
        let below = Frame {
            parent: at,
            lineage: retry_lineage(frame.lineage, failures),
            layer: frame.layer + 1,
            child: Id::NONE,
            ..*frame
        };
        self.descend(now, below, out);
    }

    fn time_out(&mut self, now: Time, at: Id, out: &mut Vec<Action>) {
        let frame = self.frames.remove(at).expect("the frame was just there");
        let Layer::Timeout(timeout) = self.layer_of(&frame) else {
            unreachable!("a timing frame belongs to a timeout")
        };
        let outcome = if timeout.patience { Outcome::ABANDONED } else { Outcome::TIMED_OUT };
        if let State::TimedAttempt = frame.state {
            let Frame { owner, lineage, .. } = frame;
            out.push(Action::GiveUp { leaf: at, owner, lineage, outcome });
        }
        self.give_up(frame.child, outcome, out);
        self.ascend(now, frame.parent, frame.owner, outcome, out);
    }

    /// Takes down a frame and everything below it.
    fn give_up(&mut self, mut at: Id, outcome: Outcome, out: &mut Vec<Action>) {
        while let Some(frame) = self.frames.remove(at) {
            match frame.state {
                State::Attempt | State::TimedAttempt => {
                    if let State::TimedAttempt = frame.state {
                        out.push(Action::Hush { frame: at });
                    }
                    let Frame { owner, lineage, .. } = frame;
                    out.push(Action::GiveUp { leaf: at, owner, lineage, outcome });
                }
                State::Timing => out.push(Action::Hush { frame: at }),
                State::Retrying { .. } if frame.child.is_none() => {
                    out.push(Action::Hush { frame: at });
                }
                State::Retrying { .. } => {}
            }
            at = frame.child;
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

    /// The budget that pays for a retry frame's retries.
    fn budget_of(&self, frame: &Frame) -> Option<usize> {
        self.retry_of(frame).budget?;
        Some(self.budget_at(frame.instance, frame.layer))
    }

    /// The budget of the layer at this position of a bound stack; the layer has one.
    fn budget_at(&self, instance: u32, layer: u16) -> usize {
        let instance = &self.instances[instance as usize];
        let layers = &self.stacks[instance.stack as usize].layers[..usize::from(layer)];
        let has_budget = |layer: &&Layer| matches!(layer, Layer::Retry(r) if r.budget.is_some());
        instance.budgets[layers.iter().filter(has_budget).count()] as usize
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
mod tests {
    use super::*;
    use crate::backoff::Backoff;

    const FAILED: Outcome = Outcome::REFUSED;

    fn ms(millis: u64) -> Span {
        Span::from_millis(millis)
    }

    fn timeout(millis: u64) -> Layer {
        Layer::Timeout(Timeout { after: ms(millis), patience: false })
    }

    fn retry(times: u32, wait: Span) -> Layer {
        let wait = Backoff::Constant { wait };
        Layer::Retry(Retry { times, wait, budget: None, deadline_aware: false })
    }

    /// Drives one call by hand: what the machine asked for, as short words.
    struct Hand {
        calls: Calls,
        leaf: Id,
        timers: Vec<Id>,
        out: Vec<Action>,
    }

    impl Hand {
        fn start(layers: Vec<Layer>) -> (Hand, String) {
            let mut calls = Calls::new(vec![Stack { layers }]);
            let instance = calls.bind(0, 7, &[]);
            let mut hand = Hand { calls, leaf: Id::NONE, timers: Vec::new(), out: Vec::new() };
            let (owner, end) = (Id::from_word(5), Time::MAX);
            hand.calls.start(Time::ZERO, instance, owner, 1, end, &mut hand.out);
            let said = hand.said();
            (hand, said)
        }

        fn settle(&mut self, at_ms: u64, outcome: Outcome) -> String {
            let now = Time::ZERO + ms(at_ms);
            self.calls.settle(now, self.leaf, outcome, &mut self.out);
            self.said()
        }

        fn wake(&mut self, at_ms: u64, timer: usize) -> String {
            self.calls.wake(Time::ZERO + ms(at_ms), self.timers[timer], &mut self.out);
            self.said()
        }

        fn said(&mut self) -> String {
            let mut words = Vec::new();
            for action in std::mem::take(&mut self.out) {
                words.push(match action {
                    Action::Send { leaf, .. } => {
                        self.leaf = leaf;
                        "send".to_owned()
                    }
                    Action::Wake { frame, after, .. } => {
                        self.timers.push(frame);
                        format!("wake in {after}")
                    }
                    Action::Hush { .. } => "hush".to_owned(),
                    Action::GiveUp { .. } => "give up".to_owned(),
                    Action::Finish { outcome, .. } => format!("finish {:?}", outcome.seen),
                });
            }
            words.join(", ")
        }
    }

    #[test]
    fn a_timeout_outside_a_retry_bounds_the_whole_call() {
        let (mut hand, said) = Hand::start(vec![timeout(1_000), retry(3, ms(100))]);
        assert_eq!(said, "wake in 1s, send");
        assert_eq!(hand.settle(50, FAILED), "wake in 100ms");
        assert_eq!(hand.wake(150, 1), "send");
        assert_eq!(hand.wake(1_000, 0), "give up, finish TimedOut");
        assert_eq!(hand.calls.open_attempts(), 0);
    }

    #[test]
    fn a_timeout_inside_a_retry_bounds_each_attempt() {
        let (mut hand, said) = Hand::start(vec![retry(1, ms(100)), timeout(300)]);
        assert_eq!(said, "wake in 300ms, send");
        assert_eq!(hand.wake(300, 0), "give up, wake in 100ms");
        assert_eq!(hand.wake(400, 1), "wake in 300ms, send");
        assert_eq!(hand.settle(500, Outcome::OK), "hush, finish Answered");
    }

    #[test]
    fn a_retry_inside_a_retry_multiplies() {
        let (mut hand, _) = Hand::start(vec![retry(2, Span::ZERO), retry(3, Span::ZERO)]);
        let mut attempts = 1;
        while hand.settle(attempts, FAILED) == "send" {
            attempts += 1;
        }
        assert_eq!(attempts, 3 * 4);
    }

    #[test]
    fn an_outcome_that_nobody_waits_for_changes_nothing() {
        let (mut hand, _) = Hand::start(vec![retry(1, ms(100)), timeout(300)]);
        let late = hand.leaf;
        hand.wake(300, 0);
        assert!(!hand.calls.settle(Time::ZERO + ms(350), late, Outcome::OK, &mut hand.out));
        assert_eq!(hand.said(), "");
    }

    #[test]
    fn a_deadline_aware_retry_returns_the_last_real_error_instead_of_waiting_in_vain() {
        let wait = Backoff::Constant { wait: ms(600) };
        let aware = Retry { times: 9, wait, budget: None, deadline_aware: true };
        let (mut hand, _) = Hand::start(vec![timeout(1_000), Layer::Retry(aware)]);
        assert_eq!(hand.settle(100, FAILED), "wake in 600ms");
        assert_eq!(hand.wake(700, 1), "send");
        assert_eq!(hand.settle(800, FAILED), "hush, finish Refused");
    }

    #[test]
    fn the_first_attempt_has_the_calls_own_lineage_under_any_stack() {
        let lineages = |layers: Vec<Layer>| {
            let mut calls = Calls::new(vec![Stack { layers }]);
            let (instance, mut out) = (calls.bind(0, 7, &[]), Vec::new());
            calls.start(Time::ZERO, instance, Id::from_word(5), 99, Time::MAX, &mut out);
            out.iter().find_map(|action| match action {
                Action::Send { lineage, .. } => Some(*lineage),
                _ => None,
            })
        };
        assert_eq!(lineages(vec![]), Some(99));
        assert_eq!(lineages(vec![timeout(10), retry(3, ms(1)), retry(1, ms(1))]), Some(99));
    }

    #[test]
    fn a_budget_shared_by_two_callers_is_spent_by_both() {
        use crate::budget::{BudgetRule, RETRY as TOKEN};
        let rule = BudgetRule::Bucket {
            cap: TOKEN,
            initial: TOKEN,
            per_call: 0,
            per_success: 0,
            strict: false,
        };
        let budget = Some(BudgetUse { rule, scope: crate::budget::Scope::Fleet });
        let wait = Backoff::IMMEDIATE;
        let layer = Layer::Retry(Retry { times: 5, wait, budget, deadline_aware: false });
        let mut calls = Calls::new(vec![Stack { layers: vec![layer] }]);
        let shared = calls.add_budget(budget.expect("just written"));
        let mut sent = 0;
        for key in 0..2 {
            let instance = calls.bind(0, key, &[shared]);
            let (owner, mut out) = (Id::from_word(key), Vec::new());
            calls.start(Time::ZERO, instance, owner, key, Time::MAX, &mut out);
            while let Some(action) = out.pop() {
                if let Action::Send { leaf, .. } = action {
                    sent += 1;
                    calls.settle(Time::ZERO, leaf, FAILED, &mut out);
                }
            }
        }
        assert_eq!(sent, 3, "two first attempts and the one retry that the budget affords");
    }
}
