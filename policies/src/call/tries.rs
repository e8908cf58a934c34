//! A retry directly around a timeout directly around attempts: the usual stack, in one frame.
//!
//! While an attempt is out, the retry's frame stands for its timeout and for the attempt as well:
//! they have one timer, and the attempt has the frame's name. When the attempt is over the frame
//! goes on under another name, so that a late answer finds nobody. What thousands of calls have
//! under way then fills half as many lines of cache, and nothing is handed from frame to frame.

use super::action::{Action, Driver, Timer};
use super::again::Missed;
use super::bound::Instance;
use super::down::{Bound, TIMEOUT, nested_lineage};
use super::frame::{Frame, Frames, Kin, State, Top};
use super::notice::Notice;
use super::up::when_time_is_up;
use super::{Calls, Id, InstanceId};
use crate::outcome::Outcome;
use crate::retry::Retry;
use crate::stack::{Layer, Timeout, nth_of_its_kind};
use crate::time::{Span, Time};

/// A retry whose attempts are one with it.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub(super) struct Tries {
    /// The retry's position in its stack.
    layer: u16,
    /// Whether nothing is told when it begins or ends well: it has no budget.
    free: bool,
    /// Whether whoever drives can send its attempts itself: it is free and all there is, there is
    /// the same time for all of them, and none goes elsewhere.
    straight: bool,
    /// How many retries are outside of it.
    pub(super) outside: u32,
    /// The timeout directly inside it.
    timeout: Timeout,
    /// How an attempt ends whose time is up.
    timed_out: Missed,
    /// The wait before each attempt, if that is always the same.
    pub(super) constant: Option<Span>,
    /// The retry itself.
    pub(super) retry: Retry,
}

/// An attempt that is to be sent.
#[derive(Debug, Clone, Copy)]
pub struct NextTry {
    /// Whose call it is, as given to [`Calls::start`].
    pub owner: Id,
    /// The call's bound stack.
    pub instance: InstanceId,
    /// Names the attempt's draws.
    pub lineage: u64,
    /// When it has to end.
    pub deadline: Time,
}

impl Tries {
    /// The retry of a stack that is directly around a timeout which is the last.
    pub(super) fn of(layers: &[Layer]) -> Option<Tries> {
        match *layers {
            [.., Layer::Retry(retry), Layer::Timeout(timeout)] => {
                let place = layers.len() - 2;
                let outside = nth_of_its_kind(layers, place);
                let (layer, free) = (place as u16, retry.budget.is_none());
                let (constant, late) =
                    (retry.wait.constant(), when_time_is_up(&Layer::Timeout(timeout)));
                let timed_out = Missed::of(late, retry.tries_again(late));
                let has_time = timeout.after > timeout.reserve;
                let (plain, alike) = (layer == 0 && free, timeout.longest().is_some());
                let straight = plain && alike && has_time && !retry.elsewhere;
                Some(Tries { layer, outside, timeout, retry, constant, timed_out, free, straight })
            }
            _ => None,
        }
    }

    /// How long an attempt may take that begins now, in a call without a deadline, and when what
    /// is inside has to end.
    #[inline(always)]
    fn lasts(&self, now: Time) -> (Span, Time) {
        let Timeout { after, reserve, .. } = self.timeout;
        let ends = now.saturating_add(after).nanos().saturating_sub(reserve.nanos());
        (after, Time::from_nanos(ends))
    }

    /// Whether it is that layer of its stack.
    #[inline(always)]
    pub(super) fn are_at(tries: &Option<Tries>, layer: u16) -> bool {
        tries.as_ref().is_some_and(|tries| tries.layer == layer)
    }
}

impl Instance {
    /// The retry that is one with its attempts.
    ///
    /// # Panics
    /// If there is none.
    #[inline(always)]
    pub(super) fn tries(&self) -> &Tries {
        let Some(tries) = &self.tries else {
            unreachable!("a retry is one with its attempts where its stack says so")
        };
        tries
    }

    /// The timeout of the attempt with this lineage, which is one with its retry.
    #[inline(always)]
    fn timeout_of_try(&self, lineage: u64) -> Timeout {
        let Tries { timeout, layer, .. } = self.tries();
        timeout.drawn(|| self.draws(usize::from(*layer) + 1, lineage, TIMEOUT))
    }

    /// Whether the stack is nothing but a retry without a budget that is one with its attempts.
    #[inline(always)]
    pub(super) fn is_all_tries(&self) -> bool {
        self.tries.as_ref().is_some_and(|tries| tries.layer == 0 && tries.free)
    }
}

impl Calls {
    /// [`Instance::is_all_tries`].
    #[inline(always)]
    pub(super) fn is_all_tries(&self, instance: u32) -> bool {
        self.instances[instance as usize].is_all_tries()
    }

    /// Whether attempts of calls with this bound stack can be made by [`Calls::start_try`] and
    /// [`Calls::next_try`]: it is nothing but a retry without a budget around a timeout, which
    /// leaves time for an attempt.
    pub fn only_tries(&self, instance: InstanceId) -> bool {
        let tries = &self.instances[instance.0 as usize].tries;
        tries.as_ref().is_some_and(|tries| tries.straight)
    }

    /// [`Calls::start`] of a call without a deadline where [`Calls::only_tries`] says so: whoever
    /// drives sends its first attempt. Returns the call's root, which is also the attempt's name,
    /// and when that has to end. `time_out` is [`Driver::wake`] after a time that is the same for
    /// all.
    ///
    /// # Panics
    /// If the stack is another.
    #[inline(always)]
    pub fn start_try(
        &mut self,
        now: Time,
        InstanceId(instance): InstanceId,
        owner: Id,
        lineage: u64,
        time_out: impl FnOnce(Id, Span) -> Timer,
    ) -> (Id, Time) {
        let (after, ends) = self.instances[instance as usize].tries().lasts(now);
        let (id, frame) = self.frames.claim();
        frame.begin_alone(owner, lineage, instance);
        frame.timer = time_out(id, after);
        (id, ends)
    }

    /// [`Calls::wake`] of a retry that waits for its next attempt, in a call without a deadline and
    /// with a bound stack that `goes` says is of this kind: whoever drives sends the attempt, which
    /// has the frame's name. `None`: nothing has happened, since the call is another.
    ///
    /// # Panics
    /// If `goes` is wrong; in a debug build also if the frame is gone.
    #[inline(always)]
    pub fn next_try(
        &mut self,
        now: Time,
        at: Id,
        goes: impl FnOnce(InstanceId) -> bool,
        time_out: impl FnOnce(Id, Span) -> Timer,
    ) -> Option<NextTry> {
        let frame = &mut self.frames[at];
        let &mut Frame { owner, lineage, instance, .. } = frame;
        let State::Retrying { failures, is_out, .. } = &mut frame.state else { return None };
        if !frame.is_alone || !goes(InstanceId(instance)) {
            return None;
        }
        debug_assert!(!*is_out, "who waits for an attempt has none that is out");
        *is_out = true;
        let tries = self.instances[instance as usize].tries();
        let ((after, ends), instance) = (tries.lasts(now), InstanceId(instance));
        let lineage = try_lineage(tries.outside, lineage, *failures);
        frame.timer = time_out(at, after);
        Some(NextTry { owner, instance, lineage, deadline: ends })
    }

    /// Begins a call whose stack is nothing but that: the way down in one step.
    #[inline]
    pub(super) fn first_try(&mut self, now: Time, top: Top, driver: &mut impl Driver) -> Id {
        let Top { owner, lineage, deadline, instance, .. } = top;
        let timeout = self.instances[instance as usize].timeout_of_try(lineage);
        // Nobody is outside to keep some of the time for itself.
        let Bound { after, constant, inside } = Bound::of(&timeout, || &[], deadline, now);
        let ((id, frame), state) = (self.frames.claim(), State::first_try(inside > now));
        debug_assert!(top.parent.is_none(), "nothing is outside of all there is");
        *frame = Frame::new(top, state);
        frame.is_alone = deadline == Time::MAX;
        if inside <= now {
            self.try_too_late(now, id, driver);
            return id;
        }
        frame.timer = driver.wake(id, after, constant);
        driver.act(Action::Send { leaf: id, owner, lineage, deadline: inside, elsewhere: false });
        id
    }

    /// [`Calls::settle`] with a good answer, where a call is over that has nobody else to tell: its
    /// stack is nothing but a retry without a budget and a timeout. Its owner, whom the driver
    /// tells itself. `None`: nothing has happened, since there is more to it, or nobody waits.
    #[inline(always)]
    pub fn end_well(&mut self, leaf: Id, driver: &mut impl Driver) -> Option<Id> {
        let &Frame { owner, state, instance, timer, .. } = self.frames.get(leaf)?;
        if !(matches!(state, State::Retrying { .. }) && self.is_all_tries(instance)) {
            return None;
        }
        driver.hush(leaf, timer);
        self.end_retry(instance, state);
        self.frames.discard(leaf);
        Some(owner)
    }

    /// Whether a retry that is one with its attempt has nothing to do when that ends well.
    #[inline(always)]
    pub(super) fn ends_free(&self, instance: u32) -> bool {
        self.instances[instance as usize].tries.as_ref().is_some_and(|tries| tries.free)
    }

    /// The lineage of an attempt that is one with its retry, after so many failures.
    #[inline(always)]
    pub(super) fn try_lineage(&self, instance: u32, call: u64, failures: u32) -> u64 {
        let tries = &self.instances[instance as usize].tries;
        tries.as_ref().map_or(call, |tries| try_lineage(tries.outside, call, failures))
    }

    /// Sends the next attempt of a retry that is one with it.
    #[inline]
    pub(super) fn send_try(&mut self, now: Time, at: Id, driver: &mut impl Driver) {
        let frame = &self.frames[at];
        let (&Frame { owner, lineage, instance, layer, state, .. }, Kin { deadline, .. }) =
            (frame, frame.kin());
        let State::Retrying { failures, .. } = state else {
            unreachable!("who sends an attempt of a retry is retrying")
        };
        let bound = &self.instances[instance as usize];
        let lineage = try_lineage(bound.tries().outside, lineage, failures);
        let timeout = bound.timeout_of_try(lineage);
        let outside = || &self.layers_of(instance)[..=usize::from(layer)];
        let Bound { after, constant, inside } = Bound::of(&timeout, outside, deadline, now);
        if inside <= now {
            return self.try_too_late(now, at, driver);
        }
        let timer = driver.wake(at, after, constant);
        let frame = &mut self.frames[at];
        frame.timer = timer;
        if let State::Retrying { is_out, .. } = &mut frame.state {
            *is_out = true;
        }
        let elsewhere = self.goes_elsewhere(at, instance);
        driver.act(Action::Send { leaf: at, owner, lineage, deadline: inside, elsewhere });
    }

    /// There is no time left for an attempt: nothing is sent.
    #[cold]
    #[inline(never)]
    fn try_too_late(&mut self, now: Time, at: Id, driver: &mut impl Driver) {
        let &Frame { owner, layer, .. } = &self.frames[at];
        if driver.listens() {
            driver.notice(owner, layer + 1, Notice::TooLate);
        }
        self.ascend(now, at, owner, Outcome::EXPIRED, driver);
    }

    /// The attempt that was one with a retry is over; the name that the retry has from now on.
    #[inline]
    pub(super) fn end_try(&mut self, at: Id) -> Id {
        let (renamed, frame) = end_try(&mut self.frames, at);
        let parent = frame.kin().parent;
        self.tell_above(parent, renamed);
        renamed
    }

    /// A frame has another name now: the one above it hears of that.
    fn tell_above(&mut self, above: Id, renamed: Id) {
        if let Some(above) = self.frames.get_mut(above) {
            above.set_child(renamed);
        }
    }

    /// The time of an attempt that is one with its retry is up.
    #[inline(never)]
    pub(super) fn time_out_try(&mut self, now: Time, at: Id, driver: &mut impl Driver) {
        let (above, frame) = end_try(&mut self.frames, at);
        let &mut Frame { owner, lineage, state, instance, layer, .. } = frame;
        let State::Retrying { failures, .. } = state else {
            unreachable!("who is one with its attempt is retrying")
        };
        let bound = &self.instances[instance as usize];
        let &Tries { outside, timed_out, .. } = bound.tries();
        let outcome = timed_out.outcome;
        if driver.listens() {
            driver.notice(owner, layer + 1, Notice::TimedOut);
        }
        let lineage = || try_lineage(outside, lineage, failures);
        driver.give_up(at, owner, InstanceId(instance), outcome, lineage);
        if bound.is_all_tries() {
            let known = (&mut self.courses, &mut self.again[instance as usize]);
            let next = bound.after(now, (above, frame), timed_out, known, driver);
            self.go_on(now, above, outcome, next, driver);
        } else {
            let parent = frame.kin().parent;
            self.tell_above(parent, above);
            self.ascend(now, above, owner, outcome, driver);
        }
    }
}

/// The attempt that was one with a retry is over; the name that the retry has from now on.
#[inline(always)]
fn end_try(frames: &mut Frames, at: Id) -> (Id, &mut Frame) {
    let (renamed, frame) = frames.rename(at);
    frame.timer = Timer::NONE;
    if let State::Retrying { is_out, .. } = &mut frame.state {
        *is_out = false;
    }
    (renamed, frame)
}

/// The lineage of an attempt below a retry that is inside of so many others, after so many
/// failures.
#[inline(always)]
const fn try_lineage(outside: u32, call: u64, failures: u32) -> u64 {
    if failures == 0 { call } else { nested_lineage(call, outside, failures) }
}
