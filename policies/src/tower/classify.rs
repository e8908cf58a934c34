//! What a stack has to be told about requests and answers.

use super::clock::AttemptDeadline;
use super::error::StackError;
use crate::outcome::{Done, Outcome, Seen};
use core::time::Duration;

/// How often a request may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeats {
    /// Doing it twice does no harm: it is retried and hedged as the stack says.
    Freely,
    /// It is retried where the first attempt did nothing for certain, and never hedged.
    WhenNothingWasDone,
    /// Once: neither retries nor hedges.
    Never,
}

/// What a stack has to be told about requests, answers and errors.
///
/// Every question has an answer already, the most careful one; say more where you know more.
pub trait Classify<Req, Res, E> {
    /// What came of an attempt that was answered, well or not. Here: all is well.
    fn answer(&self, _answer: &Res) -> Outcome {
        Outcome::OK
    }

    /// What came of an attempt that ended in an error. Here: the connection broke, and nobody knows
    /// what was done.
    fn error(&self, _error: &E) -> Outcome {
        BROKEN
    }

    /// The same request once more. Here: there is none, so it is sent once.
    fn copy(&self, _request: &Req) -> Option<Req> {
        None
    }

    /// How often a request may be sent, if there are copies of it. Here: freely.
    fn repeats(&self, _request: &Req) -> Repeats {
        Repeats::Freely
    }

    /// For how long the caller still wants an answer. Here: for ever. It bounds waits before
    /// retries and what attempts are told; it is the caller who leaves.
    fn time_left(&self, _request: &Req) -> Option<Duration> {
        None
    }

    /// Writes in an attempt's request until when its answer is of use. Here: does not.
    fn carry(&self, _request: &mut Req, _deadline: AttemptDeadline) {}

    /// The answer that a fallback in the stack gives; the request is there if it can be copied.
    /// Here: there is none, and the failure stays one.
    fn fall_back(&self, _request: Option<&Req>) -> Option<Res> {
        None
    }
}

/// An error of which nothing is known.
const BROKEN: Outcome = Outcome::new(Seen::Reset, Done::Unknown);

/// Requests of any kind, each of which is sent once; an answer is good and an error is bad.
#[derive(Debug, Clone, Copy, Default)]
pub struct Once;

impl<Req, Res, E> Classify<Req, Res, E> for Once {}

/// Requests that can be cloned, and may be repeated freely; an answer is good and an error is bad.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cloned;

impl<Req: Clone, Res, E> Classify<Req, Res, E> for Cloned {
    fn copy(&self, request: &Req) -> Option<Req> {
        Some(request.clone())
    }
}

/// For a stack around another stack: knows the inner one's own decisions.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nested<C>(
    /// For all the rest.
    pub C,
);

impl<Req, Res, E, C: Classify<Req, Res, E>> Classify<Req, Res, StackError<E>> for Nested<C> {
    fn answer(&self, answer: &Res) -> Outcome {
        self.0.answer(answer)
    }

    fn error(&self, error: &StackError<E>) -> Outcome {
        error.outcome().unwrap_or_else(|error| self.0.error(error))
    }

    fn copy(&self, request: &Req) -> Option<Req> {
        self.0.copy(request)
    }

    fn repeats(&self, request: &Req) -> Repeats {
        self.0.repeats(request)
    }

    fn time_left(&self, request: &Req) -> Option<Duration> {
        self.0.time_left(request)
    }

    fn carry(&self, request: &mut Req, deadline: AttemptDeadline) {
        self.0.carry(request, deadline);
    }

    fn fall_back(&self, request: Option<&Req>) -> Option<Res> {
        self.0.fall_back(request)
    }
}

/// Adds the answer that a fallback gives.
#[derive(Debug, Clone, Copy)]
pub struct OrElse<C, F> {
    /// For all the rest.
    pub classify: C,
    /// The answer to a request, which is there if it can be copied.
    pub answer: F,
}

impl<Req, Res, E, C, F> Classify<Req, Res, E> for OrElse<C, F>
where
    C: Classify<Req, Res, E>,
    F: Fn(Option<&Req>) -> Res,
{
    fn answer(&self, answer: &Res) -> Outcome {
        self.classify.answer(answer)
    }

    fn error(&self, error: &E) -> Outcome {
        self.classify.error(error)
    }

    fn copy(&self, request: &Req) -> Option<Req> {
        self.classify.copy(request)
    }

    fn repeats(&self, request: &Req) -> Repeats {
        self.classify.repeats(request)
    }

    fn time_left(&self, request: &Req) -> Option<Duration> {
        self.classify.time_left(request)
    }

    fn carry(&self, request: &mut Req, deadline: AttemptDeadline) {
        self.classify.carry(request, deadline);
    }

    fn fall_back(&self, request: Option<&Req>) -> Option<Res> {
        Some((self.answer)(request))
    }
}
