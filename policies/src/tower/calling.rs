//! One call on its way: the future that carries out what the machine decides.

use super::classify::{Classify, Repeats};
use super::clock::AttemptDeadline;
use super::desk::Order;
use super::engine::Engine;
use super::error::StackError;
use crate::outcome::Outcome;
use crate::slab::Id;
use crate::time::Time;
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use tokio::time::Sleep;
use tower_service::Service;

/// A policy that goes round without any time passing, such as a retry at once of what its own
/// breaker turns away, lets others have their turn after so many rounds.
const ROUNDS: u32 = 128;

/// What a service answers, or why it does not.
type Answer<S, Req> = Result<<S as Service<Req>>::Response, <S as Service<Req>>::Error>;

/// A call through a stack. It begins when it is first polled, and nothing of it remains when it is
/// dropped.
#[must_use = "a call begins when it is polled"]
pub struct Calling<S: Service<Req>, C, Req> {
    engine: Arc<Engine>,
    classify: C,
    /// For the next attempt; it has been polled until it was ready for the first.
    service: S,
    is_ready: bool,
    /// What the first attempt sends.
    request: Option<Req>,
    /// What others send copies of, if there may be others.
    spare: Option<Req>,
    stage: Stage,
    /// In the order in which they were sent.
    attempts: Vec<Attempt<S, Req>>,
    /// What came of the last attempt that came to its end.
    last: Option<(Outcome, Answer<S, Req>)>,
    alarm: Option<Pin<Box<Sleep>>>,
}

#[derive(Debug, Clone, Copy)]
enum Stage {
    Fresh,
    Open(Id),
    Over,
}

struct Attempt<S: Service<Req>, Req> {
    leaf: Id,
    way: Way<S, Req>,
}

/// Where an attempt is.
enum Way<S: Service<Req>, Req> {
    /// Waits until the service is ready for it.
    Waiting(S, Option<Req>),
    /// Under way.
    Sent(Pin<Box<S::Future>>),
}

impl<S: Service<Req>, Req> Attempt<S, Req> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Answer<S, Req>> {
        if let Way::Waiting(service, request) = &mut self.way {
            ready!(service.poll_ready(cx))?;
            let request = request.take().expect("an attempt is sent once");
            self.way = Way::Sent(Box::pin(service.call(request)));
        }
        match &mut self.way {
            Way::Sent(answer) => answer.as_mut().poll(cx),
            Way::Waiting(..) => unreachable!("it has just been sent"),
        }
    }
}

// Nothing in it is pinned but what has a box of its own.
impl<S: Service<Req>, C, Req> Unpin for Calling<S, C, Req> {}

impl<S: Service<Req>, C, Req> fmt::Debug for Calling<S, C, Req> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (stage, attempts) = (&self.stage, self.attempts.len());
        let mut said = f.debug_struct("Calling");
        said.field("stage", stage).field("attempts", &attempts).finish_non_exhaustive()
    }
}

impl<S, C, Req> Calling<S, C, Req>
where
    S: Service<Req> + Clone,
    C: Classify<Req, S::Response, S::Error>,
{
    /// A call through a service that is ready.
    pub(super) fn new(engine: Arc<Engine>, classify: C, service: S, request: Req) -> Self {
        Calling {
            engine,
            classify,
            service,
            is_ready: true,
            request: Some(request),
            spare: None,
            stage: Stage::Fresh,
            attempts: Vec::new(),
            last: None,
            alarm: None,
        }
    }

    /// Begins the call: what can be copied may be sent again, and nothing else.
    fn begin(&mut self) -> Id {
        let request = self.request.as_ref().expect("a call has a request");
        let mut repeats = self.classify.repeats(request);
        if self.engine.needs_copy(repeats) {
            self.spare = self.classify.copy(request);
            if self.spare.is_none() {
                repeats = Repeats::Never;
            }
        }
        let call = self.engine.begin(repeats, self.classify.time_left(request));
        self.stage = Stage::Open(call);
        call
    }

    /// Carries out what the machine has decided. Ready when the call is over.
    fn carry_out(&mut self, call: Id, cx: &Context<'_>) -> Poll<Outcome> {
        while let Some(order) = self.engine.next_order(call, cx.waker()) {
            match order {
                Order::Send { leaf, deadline } => self.send(call, leaf, deadline),
                Order::GiveUp { leaf } => self.attempts.retain(|attempt| attempt.leaf != leaf),
                Order::Finish { outcome } => {
                    self.stage = Stage::Over;
                    self.attempts.clear();
                    return Poll::Ready(outcome);
                }
            }
        }
        Poll::Pending
    }

    fn send(&mut self, call: Id, leaf: Id, deadline: Time) {
        let copied = || self.spare.as_ref().and_then(|spare| self.classify.copy(spare));
        let Some(mut request) = self.request.take().or_else(copied) else {
            // It could be copied once and cannot any more: nothing is sent.
            return self.engine.settle(call, leaf, Outcome::REJECTED);
        };
        // What came before is of no more use, and may hold a connection.
        self.last = None;
        if let Some(instant) = self.engine.instant(deadline) {
            self.classify.carry(&mut request, AttemptDeadline(instant));
        }
        let next = self.service.clone();
        let mut service = core::mem::replace(&mut self.service, next);
        let way = if core::mem::take(&mut self.is_ready) {
            Way::Sent(Box::pin(service.call(request)))
        } else {
            Way::Waiting(service, Some(request))
        };
        self.attempts.push(Attempt { leaf, way });
    }

    /// Tells the machine of the first attempt that has come to its end; `false` if none has.
    fn hear(&mut self, call: Id, cx: &mut Context<'_>) -> bool {
        for place in 0..self.attempts.len() {
            let Poll::Ready(answer) = self.attempts[place].poll(cx) else { continue };
            let leaf = self.attempts.remove(place).leaf;
            let outcome = match &answer {
                Ok(answer) => self.classify.answer(answer),
                Err(error) => self.classify.error(error),
            };
            self.last = Some((outcome, answer));
            self.engine.settle(call, leaf, outcome);
            return true;
        }
        false
    }

    /// Wakes what is due. Ready when something was; else the task will be woken for the next.
    fn wait(&mut self, call: Id, cx: &mut Context<'_>) -> Poll<()> {
        let (due, any) = self.engine.wake_due(call);
        if any {
            return Poll::Ready(());
        }
        let Some(due) = due else { return Poll::Pending };
        let due = self.engine.alarm(due);
        let alarm = self.alarm.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(due)));
        if alarm.deadline() != due {
            alarm.as_mut().reset(due);
        }
        alarm.as_mut().poll(cx)
    }

    /// What the caller gets.
    fn end(&mut self, outcome: Outcome) -> Result<S::Response, StackError<S::Error>> {
        let last = self.last.take();
        if outcome == Outcome::FALLBACK && last.as_ref().is_none_or(|last| last.0 != outcome) {
            let request = self.spare.as_ref().or(self.request.as_ref());
            if let Some(answer) = self.classify.fall_back(request) {
                return Ok(answer);
            }
            return last.map_or(Err(StackError::own(Outcome::REJECTED)), |(_, answer)| {
                answer.map_err(StackError::Inner)
            });
        }
        match last {
            Some((seen, answer)) if seen == outcome => answer.map_err(StackError::Inner),
            _ => Err(StackError::own(outcome)),
        }
    }
}

impl<S, C, Req> Future for Calling<S, C, Req>
where
    S: Service<Req> + Clone,
    C: Classify<Req, S::Response, S::Error>,
{
    type Output = Result<S::Response, StackError<S::Error>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let call = match self.stage {
            Stage::Fresh => self.begin(),
            Stage::Open(call) => call,
            Stage::Over => panic!("a call is not polled after its end"),
        };
        for _ in 0..ROUNDS {
            if let Poll::Ready(outcome) = self.carry_out(call, cx) {
                return Poll::Ready(self.end(outcome));
            }
            // An answer that is there counts, even if its time ran out before anyone looked.
            if !self.hear(call, cx) {
                ready!(self.wait(call, cx));
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl<S: Service<Req>, C, Req> Drop for Calling<S, C, Req> {
    fn drop(&mut self) {
        if let Stage::Open(call) = self.stage {
            self.engine.abandon(call);
        }
    }
}
