//! Requests and answers of HTTP.

use super::classify::{Classify, Repeats};
use super::clock::AttemptDeadline;
use super::error::StackError;
use crate::deadline::{decode, encode};
use crate::outcome::{Done, ErrorKind, Outcome, Word};
use crate::time::Span;
use ::http::header::{DATE, HeaderMap, HeaderValue, RETRY_AFTER};
use ::http::{Request, Response, StatusCode};
use core::time::Duration;

/// What remains of a request's time, as gRPC writes it.
const TIMEOUT: &str = "grpc-timeout";
/// How a call of gRPC went: a number, 0 for well. Only an answer without messages has it in front.
const STATUS: &str = "grpc-status";
/// gRPC's pushback: in how many milliseconds to try again; below zero never.
const PUSHBACK: &str = "grpc-retry-pushback-ms";

/// Requests of HTTP whose bodies can be cloned.
///
/// Outcomes are those of [`by_status`]; a request may be repeated as [`by_method`] says. An attempt
/// has its [`AttemptDeadline`] among its extensions, and what remains until then in the header
/// `grpc-timeout`; both are honoured in a request that comes in with one of them.
#[derive(Debug, Clone, Copy, Default)]
pub struct Http;

impl<B: Clone, D, E> Classify<Request<B>, Response<D>, E> for Http {
    fn answer(&self, answer: &Response<D>) -> Outcome {
        by_status(answer)
    }

    fn copy(&self, request: &Request<B>) -> Option<Request<B>> {
        Some(request.clone())
    }

    fn repeats(&self, request: &Request<B>) -> Repeats {
        by_method(request)
    }

    fn time_left(&self, request: &Request<B>) -> Option<Duration> {
        time_left(request)
    }

    fn carry(&self, request: &mut Request<B>, deadline: AttemptDeadline) {
        carry(request, deadline);
    }
}

/// Requests of HTTP with bodies of any kind, such as a server gets them: each is sent once. For the
/// rest as [`Http`].
#[derive(Debug, Clone, Copy, Default)]
pub struct HttpOnce;

impl<B, D, E> Classify<Request<B>, Response<D>, E> for HttpOnce {
    fn answer(&self, answer: &Response<D>) -> Outcome {
        by_status(answer)
    }

    fn time_left(&self, request: &Request<B>) -> Option<Duration> {
        time_left(request)
    }

    fn carry(&self, request: &mut Request<B>, deadline: AttemptDeadline) {
        carry(request, deadline);
    }
}

/// What an answer's status says, with the server's word about when to come back: see
/// [`pushback`] and [`retry_after`], of which the first goes before.
///
/// | status | outcome | what was done |
/// |---|---|---|
/// | below 400 | answered | all |
/// | 408, 425 | refused | nothing |
/// | 429 | throttled | nothing |
/// | other 4xx | answered: the server did its part, and the same again would get the same | all |
/// | 501, 505 | fatal | nothing |
/// | 502, 504 | a dependency failed | unknown |
/// | 503 | shed | unknown: a proxy says so too when a connection broke under the work |
/// | other 5xx | failed | unknown |
///
/// An answer of gRPC that has no messages, only a status (`grpc-status` among its headers), counts
/// by that:
///
/// | gRPC's status | outcome | what was done |
/// |---|---|---|
/// | 14 `UNAVAILABLE` | shed | unknown |
/// | 8 `RESOURCE_EXHAUSTED` | throttled | nothing |
/// | 4 `DEADLINE_EXCEEDED` | a dependency failed | unknown |
/// | 12 `UNIMPLEMENTED` | fatal | nothing |
/// | 1, 2, 10, 13, 15 | failed | unknown |
/// | others | answered: the server did its part | all |
pub fn by_status<B>(answer: &Response<B>) -> Outcome {
    let headers = answer.headers();
    let outcome = by_code(answer.status());
    let outcome = if outcome.is_success() { by_grpc_status(headers) } else { outcome };
    if outcome.is_success() {
        return outcome;
    }
    match pushback(headers).or_else(|| retry_after(headers).map(Word::After)) {
        Some(Word::After(after)) => outcome.with_retry_after(after),
        Some(Word::Never) => outcome.with_never(),
        None => outcome,
    }
}

fn by_code(status: StatusCode) -> Outcome {
    match status {
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY => Outcome::REFUSED,
        StatusCode::TOO_MANY_REQUESTS => Outcome::error(ErrorKind::Throttled, Done::Nothing),
        StatusCode::NOT_IMPLEMENTED | StatusCode::HTTP_VERSION_NOT_SUPPORTED => {
            Outcome::error(ErrorKind::Fatal, Done::Nothing)
        }
        StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT => {
            Outcome::error(ErrorKind::Dependency, Done::Unknown)
        }
        StatusCode::SERVICE_UNAVAILABLE => Outcome::error(ErrorKind::Shed, Done::Unknown),
        status if status.is_server_error() => Outcome::error(ErrorKind::Failed, Done::Unknown),
        _ => Outcome::OK,
    }
}

fn by_grpc_status(headers: &HeaderMap) -> Outcome {
    let status = headers.get(STATUS).and_then(|status| status.to_str().ok());
    match status.map(str::trim) {
        Some("14") => Outcome::error(ErrorKind::Shed, Done::Unknown),
        Some("8") => Outcome::error(ErrorKind::Throttled, Done::Nothing),
        Some("4") => Outcome::error(ErrorKind::Dependency, Done::Unknown),
        Some("12") => Outcome::error(ErrorKind::Fatal, Done::Nothing),
        Some("1" | "2" | "10" | "13" | "15") => Outcome::error(ErrorKind::Failed, Done::Unknown),
        Some(_) | None => Outcome::OK,
    }
}

/// What `grpc-retry-pushback-ms` asks for (gRFC A6): to be tried again in so many milliseconds, a
/// whole number of 32 bits; never, where it is below zero, cannot be read or is there twice.
pub fn pushback(headers: &HeaderMap) -> Option<Word> {
    let mut values = headers.get_all(PUSHBACK).iter();
    let value = values.next()?;
    let millis = value.to_str().ok().and_then(|text| text.parse::<i32>().ok());
    let millis = millis.filter(|_| values.next().is_none());
    Some(match millis.map(u64::try_from) {
        Some(Ok(millis)) => Word::After(Span::from_millis(millis)),
        Some(Err(_)) | None => Word::Never,
    })
}

/// How often a request may be sent: freely with an idempotent method (RFC 9110, 9.2.2) or with an
/// `Idempotency-Key`, otherwise only when nothing was done.
pub fn by_method<B>(request: &Request<B>) -> Repeats {
    let has_key = request.headers().contains_key("idempotency-key");
    if has_key || request.method().is_idempotent() {
        Repeats::Freely
    } else {
        Repeats::WhenNothingWasDone
    }
}

/// What `Retry-After` asks for: so many seconds, or until a moment on the server's own clock, which
/// `Date` tells; without it a moment says nothing.
pub fn retry_after(headers: &HeaderMap) -> Option<Span> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u32>() {
        return Some(Span::from_millis(u64::from(seconds) * 1_000));
    }
    let moment = httpdate::parse_http_date(text).ok()?;
    let now = httpdate::parse_http_date(headers.get(DATE)?.to_str().ok()?).ok()?;
    let wait = moment.duration_since(now).unwrap_or_default();
    Some(super::error::span(wait))
}

/// How long the sender of a request still waits for its answer, if the request says.
pub fn time_left<B>(request: &Request<B>) -> Option<Duration> {
    if let Some(deadline) = request.extensions().get::<AttemptDeadline>() {
        return Some(deadline.remaining());
    }
    let header = request.headers().get(TIMEOUT)?.to_str().ok()?;
    Some(Duration::from_nanos(decode(header).ok()?.nanos()))
}

/// Writes in a request until when its answer is of use.
pub fn carry<B>(request: &mut Request<B>, deadline: AttemptDeadline) {
    let remaining = encode(super::error::span(deadline.remaining()));
    let header = HeaderValue::from_str(remaining.as_str()).expect("digits and a letter");
    request.headers_mut().insert(TIMEOUT, header);
    request.extensions_mut().insert(deadline);
}

impl<E> StackError<E> {
    /// What a server says in place of an answer: 503, with `Retry-After` where that is known, for
    /// what was rejected, and 504 for what took too long.
    ///
    /// # Errors
    /// The service's own error, which is not the stack's to put in words.
    pub fn into_response<B: Default>(self) -> Result<Response<B>, E> {
        let mut response = Response::new(B::default());
        match self {
            StackError::Rejected { retry_after } => {
                *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
                if let Some(after) = retry_after {
                    let seconds = after.as_nanos().div_ceil(1_000_000_000);
                    let seconds = u64::try_from(seconds).unwrap_or(u64::MAX);
                    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
                }
            }
            StackError::TimedOut => *response.status_mut() = StatusCode::GATEWAY_TIMEOUT,
            StackError::Inner(error) => return Err(error),
        }
        Ok(response)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::Seen;

    fn answer(status: u16, headers: &[(&str, &str)]) -> Response<()> {
        let build = Response::builder().status(status);
        let all = headers.iter().fold(build, |build, (name, value)| build.header(*name, *value));
        all.body(()).expect("it is sound")
    }

    #[test]
    fn a_wish_to_be_tried_later_is_seconds_or_a_moment_on_the_servers_own_clock() {
        let wish = |headers: &[_]| by_status(&answer(503, headers)).retry_after();
        assert_eq!(wish(&[("retry-after", "7")]), Some(Span::from_millis(7_000)));
        let moment = ("retry-after", "Sun, 06 Nov 1994 08:49:40 GMT");
        assert_eq!(wish(&[moment]), None, "whose clock?");
        let now = ("date", "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(wish(&[moment, now]), Some(Span::from_millis(3_000)));
        let later = ("date", "Sun, 06 Nov 1994 09:00:00 GMT");
        assert_eq!(wish(&[moment, later]), Some(Span::ZERO));
        assert_eq!(wish(&[("retry-after", "soon")]), None);
    }

    #[test]
    fn pushback_is_milliseconds_and_anything_else_that_it_says_is_never() {
        let word = |text| by_status(&answer(503, &[("grpc-retry-pushback-ms", text)])).word();
        assert_eq!(word("250"), Some(Word::After(Span::from_millis(250))));
        assert_eq!(word("0"), Some(Word::After(Span::ZERO)));
        for never in ["-1", "-2147483648", "2147483648", "soon", "", "1.5", "1 2"] {
            assert_eq!(word(never), Some(Word::Never), "{never:?}");
        }
        let twice = [("grpc-retry-pushback-ms", "5"), ("grpc-retry-pushback-ms", "5")];
        assert_eq!(by_status(&answer(503, &twice)).word(), Some(Word::Never));
    }

    #[test]
    fn pushback_goes_before_retry_after_and_says_nothing_where_all_is_well() {
        let both = [("retry-after", "7"), ("grpc-retry-pushback-ms", "-1")];
        assert_eq!(by_status(&answer(503, &both)).word(), Some(Word::Never));
        assert_eq!(by_status(&answer(200, &both)), Outcome::OK);
    }

    #[test]
    fn an_answer_of_grpc_without_messages_counts_by_its_own_status() {
        let outcome = |status| by_status(&answer(200, &[("grpc-status", status)]));
        assert_eq!(outcome("0"), Outcome::OK);
        assert_eq!(outcome("5"), Outcome::OK);
        assert_eq!(outcome("14").seen, Seen::Error(ErrorKind::Shed));
        assert_eq!(outcome("8"), Outcome::error(ErrorKind::Throttled, Done::Nothing));
        assert_eq!(outcome("12").seen, Seen::Error(ErrorKind::Fatal));
        let pushed = [("grpc-status", "14"), ("grpc-retry-pushback-ms", "-1")];
        assert_eq!(by_status(&answer(200, &pushed)).word(), Some(Word::Never));
    }

    #[test]
    fn a_missing_page_is_an_answer_and_a_failing_server_is_not() {
        let seen = |status| by_status(&answer(status, &[])).seen;
        assert_eq!([seen(200), seen(304), seen(404), seen(409)], [Seen::Answered; 4]);
        assert_eq!(seen(429), Seen::Error(ErrorKind::Throttled));
        assert_eq!(seen(500), Seen::Error(ErrorKind::Failed));
        assert_eq!(seen(501), Seen::Error(ErrorKind::Fatal));
        assert_eq!(seen(503), Seen::Error(ErrorKind::Shed));
        assert_eq!(seen(504), Seen::Error(ErrorKind::Dependency));
        assert_eq!(seen(408), Seen::Refused);
    }

    #[test]
    fn a_post_is_repeated_only_when_nothing_was_done_unless_it_has_a_key() {
        let request = Request::post("/orders");
        assert_eq!(by_method(&request.body(()).expect("sound")), Repeats::WhenNothingWasDone);
        let request = Request::post("/orders").header("idempotency-key", "7");
        assert_eq!(by_method(&request.body(()).expect("sound")), Repeats::Freely);
        assert_eq!(by_method(&Request::put("/orders/7").body(()).expect("sound")), Repeats::Freely);
    }

    #[test]
    fn a_server_says_when_to_come_back_in_whole_seconds_rounded_up() {
        let retry_after = Some(Duration::from_millis(1_001));
        let response = StackError::<()>::Rejected { retry_after }.into_response::<()>();
        let response = response.expect("it is the stack's own");
        assert_eq!(
            (response.status().as_u16(), &response.headers()[RETRY_AFTER]),
            (503, &"2".parse::<HeaderValue>().expect("text"))
        );
        let late = StackError::<()>::TimedOut.into_response::<()>().expect("it is the stack's own");
        assert_eq!(late.status(), StatusCode::GATEWAY_TIMEOUT);
        assert_eq!(StackError::Inner(5).into_response::<()>().expect_err("not ours"), 5);
    }
}
