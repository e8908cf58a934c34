//! Whether an attempt that has failed is followed by another, and when.

use super::action::{Action, Driver};
use super::bound::Instance;
use super::frame::{Frame, State};
use super::notice::{Notice, Why};
use super::up::tell;
use super::{Calls, Id};
use crate::backoff::Course;
use crate::draw::{Draws, mix};
use crate::outcome::{Class, ErrorKind, Outcome, Seen};
use crate::retry::{Retry, Wait};
use crate::stack::Layer;
use crate::time::{Span, Time};
use alloc::vec::Vec;

impl Calls {
    /// An attempt of a retry is over: tells the budget, and decides on another attempt. `true`: it
    /// waits for that, or has sent it already.
    #[inline]
    pub(super) fn try_again(
        &mut self,
        now: Time,
        at: Id,
        outcome: Outcome,
        driver: &mut impl Driver,
    ) -> bool {
        let frame = &mut self.frames[at];
        let (place, ends) = (usize::from(frame.layer), frame.kin().deadline);
        let bound = &self.instances[frame.instance as usize];
        let Layer::Retry(retry) = &self.stacks[bound.stack as usize].layers[place] else {
            unreachable!("a retrying frame belongs to a retry")
        };
        let State::Retrying { failures, paid, slept, transient, .. } = &mut frame.state else {
            unreachable!("whoever tries again is retrying")
        };
        let mut budget = bound.budget(retry, place, &mut self.commons);
        if let Some(budget) = &mut budget {
            tell(budget, now, *failures, *paid, outcome, retry.fault(outcome));
        }
        if outcome.class() != Class::Failure {
            return false;
        }
        let (owner, layer, lineage, deadline) = (frame.owner, frame.layer, frame.lineage, ends);
        let failed = Failed { now, at, outcome, deadline, failures: *failures, slept: *slept };
        let draws = || draws(bound.key, lineage, bound.own[place].outside, *failures);
        let is_tried = retry.tries_again(outcome);
        let wait = match failed.waits_for_next(retry, is_tried, draws, &mut self.courses) {
            Ok(wait) => wait,
            Err(why) => return stop(owner, layer, why, driver),
        };
        let mut pays = 0;
        if let Some(budget) = budget {
            let Some(receipt) = budget.pay(now, retry.fault(outcome)) else {
                let left = if driver.listens() { budget.balance(now) } else { 0 };
                return stop(owner, layer, Why::Budget { left }, driver);
            };
            pays = receipt.paid;
        }
        self.again[frame.instance as usize] += u32::from(*failures == 0);
        (*failures, *paid, *slept) = (*failures + 1, pays, wait);
        *transient = is_transient(outcome);
        if driver.listens() {
            driver.notice(owner, layer, Notice::Retries { nth: *failures, wait });
        }
        // What a gate of our own turns away at once and is tried again at once would go round
        // without end, whatever the gate says about when to come back: that turn goes through the
        // driver.
        if wait.is_zero() && outcome.seen != Seen::Rejected {
            let failures = *failures;
            self.retry(now, at, failures, driver);
        } else {
            let constant = retry.wait.constant() == Some(wait);
            frame.timer = driver.wake(at, wait, constant);
        }
        true
    }

    /// The same of a retry that is all there is of its stack and one with its attempts: who is not
    /// tried again is over.
    #[inline(never)]
    pub(super) fn go_on_trying(
        &mut self,
        now: Time,
        at: Id,
        outcome: Outcome,
        driver: &mut impl Driver,
    ) {
        let (frame, courses) = (&mut self.frames[at], &mut self.courses);
        let (number, bound) = (frame.instance, &self.instances[frame.instance as usize]);
        let again = &mut self.again[number as usize];
        let end = Missed::of(outcome, bound.tries().retry.tries_again(outcome));
        let next = bound.after(now, (at, frame), end, (courses, again), driver);
        self.go_on(now, at, outcome, next, driver);
    }

    /// Does what follows a failed attempt of such a retry.
    #[inline(always)]
    pub(super) fn go_on(
        &mut self,
        now: Time,
        at: Id,
        outcome: Outcome,
        next: Next,
        driver: &mut impl Driver,
    ) {
        match next {
            Next::Waits => {}
            Next::AtOnce => self.send_try(now, at, driver),
            Next::Nothing => {
                let &Frame { owner, instance, state, .. } = &self.frames[at];
                self.end_retry(instance, state);
                self.frames.discard(at);
                driver.act(Action::Finish { owner, outcome });
            }
        }
    }

    /// A frame is about to go: if it is a retry that has seen a failure, that is one less.
    #[inline(always)]
    pub(super) fn end_retry(&mut self, instance: u32, state: State) {
        if let State::Retrying { failures: 1.., .. } = state {
            self.again[instance as usize] -= 1;
        }
    }
}

/// What follows a failed attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// Another, when the frame's timer fires.
    Waits,
    /// Another, now.
    AtOnce,
    /// Nothing: the call is over.
    Nothing,
}

/// How an attempt ended that may be followed by another.
#[derive(Debug, Clone, Copy)]
pub(super) struct Missed {
    pub(super) outcome: Outcome,
    /// Whether failures of its kind are tried again.
    is_tried: bool,
    /// [`is_transient`].
    is_transient: bool,
}

impl Missed {
    /// With this outcome, of a kind that is tried again or is not.
    pub(super) const fn of(outcome: Outcome, is_tried: bool) -> Missed {
        Missed { outcome, is_tried, is_transient: is_transient(outcome) }
    }
}

impl Instance {
    /// What follows an attempt that was one with its retry, which is all there is of this stack.
    /// The retry is `at` its frame; it knows how far waits have come, and how many try `again`.
    #[inline(always)]
    pub(super) fn after(
        &self,
        now: Time,
        (at, frame): (Id, &mut Frame),
        Missed { outcome, is_tried, is_transient }: Missed,
        (courses, again): (&mut Vec<Course>, &mut u32),
        driver: &mut impl Driver,
    ) -> Next {
        let (tries, ends) = (self.tries(), frame.kin().deadline);
        let State::Retrying { failures, slept, transient, .. } = &mut frame.state else {
            unreachable!("whoever tries again is retrying")
        };
        let (owner, layer, lineage, deadline) = (frame.owner, frame.layer, frame.lineage, ends);
        if !is_tried && outcome.class() != Class::Failure {
            return Next::Nothing;
        }
        let failed = Failed { now, at, outcome, deadline, failures: *failures, slept: *slept };
        let draws = || draws(self.key, lineage, tries.outside, *failures);
        let wait = match failed.waits_for_next(&tries.retry, is_tried, draws, courses) {
            Ok(wait) => wait,
            Err(why) => {
                stop(owner, layer, why, driver);
                return Next::Nothing;
            }
        };
        if *failures == 0 {
            *again += 1;
        }
        (*failures, *slept) = (*failures + 1, wait);
        *transient = is_transient;
        if driver.listens() {
            driver.notice(owner, layer, Notice::Retries { nth: *failures, wait });
        }
        if wait.is_zero() {
            return Next::AtOnce;
        }
        frame.timer = driver.wake(at, wait, tries.constant == Some(wait));
        Next::Waits
    }
}

/// A failed attempt.
struct Failed {
    now: Time,
    /// The retry's frame.
    at: Id,
    outcome: Outcome,
    /// When its call's time is up.
    deadline: Time,
    /// How many failed before it.
    failures: u32,
    /// How long the call waited for it.
    slept: Span,
}

impl Failed {
    /// How long the call waits for the next attempt, or why there is none: failures of its kind may
    /// not be tried again.
    #[inline(always)]
    fn waits_for_next(
        self,
        retry: &Retry,
        is_tried: bool,
        draws: impl FnOnce() -> Draws,
        courses: &mut Vec<Course>,
    ) -> Result<Span, Why> {
        let Failed { now, at, outcome, deadline, failures, slept } = self;
        let has_more = retry.times == u32::MAX || failures < retry.times;
        if !has_more || deadline <= now || !is_tried {
            return Err(why_not(is_tried, has_more, failures));
        }
        let mut draws = draws();
        let wait = match &retry.wait {
            Wait::Ours(wait) => {
                let before = (failures > 0).then_some(slept);
                retry.waits(wait.wait(failures, before, &mut draws), outcome)
            }
            Wait::Like(config) => {
                let course = course_at(courses, at, failures == 0);
                let Some(found) = config.next(course, retry.ask(outcome), &mut draws) else {
                    return Err(Why::Schedule);
                };
                retry.waits_as_like(found, outcome)
            }
        };
        if retry.deadline_aware && now.saturating_add(wait) >= deadline {
            return Err(Why::WaitTooLong { wait });
        }
        Ok(wait)
    }
}

/// What the wait after so many failures draws from.
#[inline(always)]
fn draws(key: u64, lineage: u64, outside: u32, failures: u32) -> Draws {
    let purpose = u64::from(outside) << 32 | u64::from(failures);
    Draws::open(key, mix(lineage, purpose))
}

/// Whether it was a timeout, or the server's word that it throttles.
const fn is_transient(outcome: Outcome) -> bool {
    matches!(outcome.seen, Seen::TimedOut | Seen::Error(ErrorKind::Throttled))
}

/// A failure is not tried again, and a driver that listens hears why. The answer is what
/// [`Calls::try_again`] then says: `false`.
#[inline(always)]
fn stop(owner: Id, layer: u16, why: Why, driver: &mut impl Driver) -> bool {
    if driver.listens() {
        driver.notice(owner, layer, Notice::Stops(why));
    }
    false
}

/// Why there is no other attempt, of a failure that is or is not of a kind to be tried again, after
/// so many of them.
fn why_not(is_tried: bool, has_more: bool, failures: u32) -> Why {
    match (is_tried, has_more) {
        (false, _) => Why::Kind,
        (true, false) => Why::Exhausted { retries: failures },
        (true, true) => Why::Deadline,
    }
}

/// How far a retry's waits have come, which it keeps beside its frame.
#[inline(never)]
fn course_at(courses: &mut Vec<Course>, at: Id, is_first: bool) -> &mut Course {
    let place = at.place();
    if courses.len() <= place {
        courses.resize(place + 1, Course::default());
    }
    if is_first {
        courses[place] = Course::default();
    }
    &mut courses[place]
}
