//! The machine that carries calls through their stacks: outcomes go up, attempts go down.
//!
//! A call in flight is a tree of frames, one per policy that is at work, with an attempt at each
//! leaf. Frames live in one slab for all calls, so a call allocates nothing in steady state. The
//! machine does no I/O: whoever drives it (a simulator, a loop over real timers) reports what
//! happened and carries out the [`Action`]s that it is given, in order.
//!
//! Gates are never woken for their own sake. A breaker whose time comes while nobody asks (its open
//! time or a lease is over, a call in flight has become slow) does it when it is next asked, as of
//! its own moment, so no decision depends on wake-ups; `waking_changes_no_decision` holds it to
//! that.
//!
//! The way of a call: [`Calls::start`] goes down to the first attempt; [`Calls::settle`] and
//! [`Calls::wake`] come up from it, until a policy acts or the call is over.

mod action;
mod again;
mod bound;
pub(crate) mod common;
mod down;
mod elsewhere;
mod frame;
mod hedging;
mod notice;
mod purse;
mod shared;
mod tries;
mod up;

pub use action::{Action, Driver, Timer, WaitsFor};
pub use common::CommonId;
pub use notice::{Notice, Why};
pub use shared::Shared;
pub use tries::NextTry;

use crate::backoff::Course;
use crate::breaker;
use crate::draw::Draws;
use crate::outcome::Outcome;
use crate::slab::{Id, Slab};
use crate::stack::{Layer, Stack};
use crate::time::Time;
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use bound::{Instance, Own, Unopened};
use common::{Common, Gate};
use frame::{Frame, Frames, State, Top};
use hedging::Legs;
use tries::Tries;

/// Tells the first draw of shared state from those of calls.
const FIRST: u64 = 0x6669_7273_7400_0000;

/// Names a bound stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InstanceId(pub u32);

/// All calls in flight and the state they share.
#[derive(Debug, Default)]
pub struct Calls {
    frames: Frames,
    legs: Slab<Legs>,
    stacks: Vec<Stack>,
    instances: Vec<Instance>,
    commons: Vec<Common>,
    /// How far the waits of retries have come that wait as a named system does, by the place of
    /// the retry's frame.
    courses: Vec<Course>,
    /// How many of them have been bound.
    bound: usize,
    /// Retries that have seen a failure, of each bound stack.
    again: Vec<u32>,
    /// Frames that a gate has turned away, in order, until those above them hear of it.
    turned_away: VecDeque<Id>,
}

impl Calls {
    /// A machine for these stacks, with nothing bound yet.
    pub fn new(stacks: Vec<Stack>) -> Calls {
        Calls { stacks, ..Calls::default() }
    }

    /// Fresh state for layer number `layer` of stack number `stack`, to be shared by any number of
    /// bound stacks; `None` for a layer that needs none (see [`Layer::scope`]).
    pub fn share(&mut self, stack: usize, layer: usize) -> Option<CommonId> {
        let common = Common::of(&self.stacks[stack].layers[layer])?;
        self.commons.push(common);
        Some(CommonId(self.commons.len() as u32 - 1))
    }

    /// Binds stack number `stack` to a caller. `key` names its draws; `commons` holds the state of
    /// each layer that has some, outermost first.
    pub fn bind(&mut self, stack: usize, key: u64, commons: &[CommonId]) -> InstanceId {
        let mut given = commons.iter().map(|common| common.0);
        let layers = &self.stacks[stack].layers[..];
        let own = layers.iter().enumerate().map(|(place, layer)| {
            let own = Own::of(layers, place, layer.scope().and_then(|_| given.next()));
            if let Some(common) = own.common.filter(|common| *common as usize >= self.bound) {
                let mut draws = Draws::open(key, FIRST ^ own.stream);
                self.commons[common as usize].desynchronise(&mut draws);
            }
            own
        });
        let own = own.collect();
        self.bound = self.commons.len();
        let elsewhere = self.stacks[stack].layers.iter().any(Layer::goes_elsewhere);
        let tries = Tries::of(&self.stacks[stack].layers);
        self.instances.push(Instance { stack: stack as u32, key, own, elsewhere, tries });
        self.again.push(0);
        InstanceId(self.instances.len() as u32 - 1)
    }

    /// Begins a call: descends through its stack and sends the first attempt, unless a gate says
    /// no. Returns the call's root, for [`Calls::settle_early`] and [`Calls::abandon`]; the call
    /// may be over already.
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
        let top = Top { parent, owner, lineage, deadline, instance, layer: 0 };
        let root = if self.is_all_tries(instance) {
            self.first_try(now, top, driver)
        } else {
            self.descend(now, top, driver)
        };
        self.tell_of_refusals(now, driver);
        root
    }

    /// Whether anyone still waits for this attempt.
    #[inline]
    pub fn is_open(&self, leaf: Id) -> bool {
        self.frames.contains(leaf)
    }

    /// Whether the call that began with this root for this owner is not over.
    pub fn is_under_way(&self, root: Id, owner: Id) -> bool {
        !self.root_of(root, owner).is_none()
    }

    /// The name that a call's root has now, which is where it was; no name if the call is over.
    fn root_of(&self, root: Id, owner: Id) -> Id {
        let at = self.frames.at(root.place() as u32).filter(|(_, frame)| frame.owner == owner);
        at.map_or(Id::NONE, |(now, _)| now)
    }

    /// When the whole call's caller gives up; [`Time::MAX`] if never.
    pub fn deadline(&self, root: Id, owner: Id) -> Time {
        self.frames.get(self.root_of(root, owner)).map_or(Time::MAX, |frame| frame.kin().deadline)
    }

    /// Whose call a frame belongs to, as given to [`Calls::start`]; `None` if the frame is gone.
    pub fn owner(&self, frame: Id) -> Option<Id> {
        self.frames.get(frame).map(|frame| frame.owner)
    }

    /// How many attempts are out, counted over the frames themselves.
    pub fn open_attempts(&self) -> u64 {
        let is_attempt = |state: State| {
            let is_try = matches!(state, State::Retrying { is_out: true, .. });
            is_try || matches!(state, State::Attempt | State::TimedAttempt)
        };
        self.frames.iter().filter(|(_, frame)| is_attempt(frame.state)).count() as u64
    }

    /// How many calls of each bound stack try again: a retry of theirs has seen a failure, and
    /// waits or has another attempt out. A call with such a retry in each leg of a hedge counts
    /// once for each.
    pub fn trying_again(&self) -> &[u32] {
        debug_assert!(
            self.again.iter().sum::<u32>() as usize
                == self.frames.iter().filter(|(_, frame)| frame.is_again()).count(),
            "who begins to try again stops some day"
        );
        &self.again
    }

    /// How many stacks have been bound.
    pub fn bound_stacks(&self) -> u32 {
        self.instances.len() as u32
    }

    /// The common state that a bound stack's layers share with others.
    pub fn commons(&self, instance: InstanceId) -> impl Iterator<Item = CommonId> {
        let own = self.instances[instance.0 as usize].own.iter();
        own.filter_map(|own| own.common).map(CommonId)
    }

    /// How a breaker stands, as of the latest moment that it was told; `None` if it is none.
    pub fn breaker(&self, common: CommonId) -> Option<breaker::State> {
        match self.commons.get(common.0 as usize)? {
            Common::Gate(Gate::Breaker(breaker)) => Some(breaker.state()),
            Common::Gate(_) | Common::Budget(_) | Common::Hedge { .. } => None,
        }
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
        let Some(frame) = self.frames.get(leaf) else { return false };
        let &Frame { owner, state, timer, instance, .. } = frame;
        if let State::TimedAttempt | State::Retrying { .. } = state {
            driver.hush(leaf, timer);
        }
        let above = match state {
            State::Retrying { .. } if !outcome.is_success() && self.is_all_tries(instance) => {
                let above = self.end_try(leaf);
                self.go_on_trying(now, above, outcome, driver);
                return true;
            }
            State::Retrying { .. } if !outcome.is_success() || !self.ends_free(instance) => {
                self.end_try(leaf)
            }
            _ => {
                let parent = frame.kin().parent;
                self.end_retry(instance, state);
                self.frames.discard(leaf);
                parent
            }
        };
        self.ascend(now, above, owner, outcome, driver);
        self.tell_of_refusals(now, driver);
        true
    }

    /// The whole call is settled by an answer to an attempt that it had given up.
    pub fn settle_early(
        &mut self,
        now: Time,
        root: Id,
        owner: Id,
        outcome: Outcome,
        driver: &mut impl Driver,
    ) {
        self.give_up(now, self.root_of(root, owner), Outcome::ABANDONED, driver);
        driver.act(Action::Finish { owner, outcome });
        self.tell_of_refusals(now, driver);
    }

    /// The caller leaves: nothing of the call remains, and nobody is told.
    pub fn abandon(&mut self, now: Time, root: Id, owner: Id, driver: &mut impl Driver) {
        self.give_up(now, self.root_of(root, owner), Outcome::ABANDONED, driver);
        self.tell_of_refusals(now, driver);
    }

    /// A wake-up has come. `false`: the frame is gone, and nothing happened.
    #[inline]
    pub fn wake(&mut self, now: Time, frame: Id, driver: &mut impl Driver) -> bool {
        let Some(woken) = self.frames.get_mut(frame) else { return false };
        woken.timer = Timer::NONE;
        match woken.state {
            State::Attempt
            | State::TurnedAway { .. }
            | State::Gated { .. }
            | State::Leg { .. }
            | State::Falling => unreachable!("only what waits for a time has a timer"),
            State::Timing | State::TimedAttempt => self.time_out(now, frame, driver),
            State::Retrying { is_out: true, .. } => self.time_out_try(now, frame, driver),
            State::Retrying { .. } if self.instances[woken.instance as usize].is_all_tries() => {
                self.send_try(now, frame, driver);
            }
            State::Retrying { failures, .. } => self.retry(now, frame, failures, driver),
            State::Queued { .. } => self.queued_long_enough(now, frame, driver),
            State::Hedging { legs } => self.hedge_woken(now, frame, legs, driver),
        }
        self.tell_of_refusals(now, driver);
        true
    }

    /// The frame at a place, if it waits for this timer, and what its wake-up ends.
    #[inline(always)]
    pub fn due(&self, place: u32, timer: Timer) -> Option<(Id, WaitsFor)> {
        let (frame, at) = self.frames.at(place)?;
        (at.timer == timer).then(|| (frame, at.state.waits_for()))
    }

    /// The frame at a place and the timer that it waits for, if there is a frame: for drivers whose
    /// timers come back with nothing but the place.
    #[inline]
    pub fn timer_at(&mut self, place: u32) -> Option<(Id, &mut Timer)> {
        let (frame, at) = self.frames.entry_at(place)?;
        Some((frame, &mut at.timer))
    }

    fn layer_of(&self, frame: &Frame) -> &Layer {
        &self.layers_of(frame.instance)[usize::from(frame.layer)]
    }

    /// The layers that a bound stack has.
    #[inline]
    fn layers_of(&self, instance: u32) -> &[Layer] {
        &self.stacks[self.instances[instance as usize].stack as usize].layers
    }

    /// How many layers of its kind are outside of a frame's.
    fn of_its_kind_outside(&self, frame: &Frame) -> u32 {
        self.instances[frame.instance as usize].own[usize::from(frame.layer)].outside
    }

    /// The common state of a layer of a bound stack.
    #[inline]
    fn common_of(&mut self, (instance, layer): (u32, u16)) -> Option<&mut Common> {
        let place = self.instances[instance as usize].own[usize::from(layer)].common?;
        Some(&mut self.commons[place as usize])
    }

    /// The gate of a layer of a bound stack, what it may draw for a call with this lineage, where
    /// `of` tells what for, and the frames beside them.
    #[inline(always)]
    fn gate_of(
        &mut self,
        (instance, layer): (u32, u16),
        lineage: u64,
        of: u64,
    ) -> (&mut Gate, Unopened, &Frames) {
        let (instance, place) = (&self.instances[instance as usize], usize::from(layer));
        let draws = instance.draws(place, lineage, of);
        let Some(common) = instance.own[place].common else {
            unreachable!("a gate's state is bound with its stack")
        };
        (self.commons[common as usize].gate(), draws, &self.frames)
    }
}

pub use down::retry_lineage;
pub use hedging::leg_lineage;

#[cfg(test)]
mod tests;
