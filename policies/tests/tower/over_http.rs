//! Requests and answers of HTTP, without a network.

use crate::stacks::{retry, timeout};
use brownout_policies::stack::Stack;
use brownout_policies::tower::{AttemptDeadline, Http, HttpOnce, StackLayer};
use http::{Request, Response};
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::Instant;
use tower::{Layer, Service, ServiceExt, service_fn};

/// What a server was asked, by the header and by the extension, and when.
type Asked = Arc<Mutex<Vec<(Option<String>, Option<AttemptDeadline>, Instant)>>>;

/// A status and a `Retry-After` for each request.
type Answers = &'static [(u16, &'static str)];

/// A server that gives these answers, the last for all that follow, and what it was asked.
fn server<B>(
    statuses: Answers,
) -> (
    impl Service<Request<B>, Response = Response<()>, Error = Infallible, Future: Send> + Clone,
    Asked,
) {
    let asked = Asked::default();
    let kept = Arc::clone(&asked);
    let service = service_fn(move |request: Request<B>| {
        let mut asked = kept.lock().expect("nobody panics");
        let header = request.headers().get("grpc-timeout");
        let header = header.map(|text| text.to_str().expect("text").to_owned());
        let extension = request.extensions().get::<AttemptDeadline>().copied();
        let (status, after) = statuses[asked.len().min(statuses.len() - 1)];
        asked.push((header, extension, Instant::now()));
        let mut response = Response::builder().status(status);
        if !after.is_empty() {
            response = response.header("retry-after", after);
        }
        let response = response.body(()).expect("it is sound");
        async move { Ok(response) }
    });
    (service, asked)
}

#[tokio::test(start_paused = true)]
async fn an_attempt_says_until_when_its_answer_is_of_use() {
    let layers = vec![timeout(1_000), retry(1, 300), timeout(900)];
    let layer = StackLayer::new(&Stack { layers }, Http).expect("the stack is sound");
    let (service, asked) = server(&[(503, ""), (200, "")]);
    let began = Instant::now();
    let request = Request::get("/").body(()).expect("it is sound");
    let answer = layer.layer(service).oneshot(request).await.expect("it answers");
    assert_eq!(answer.status(), 200);
    let asked = asked.lock().expect("nobody panics");
    let deadline = |millis| Some(AttemptDeadline(began + Duration::from_millis(millis)));
    assert_eq!((asked[0].0.as_deref(), asked[0].1), (Some("900000u"), deadline(900)));
    assert_eq!((asked[1].0.as_deref(), asked[1].1), (Some("700000u"), deadline(1_000)));
}

#[tokio::test(start_paused = true)]
async fn a_request_that_came_with_a_deadline_is_not_retried_beyond_it() {
    let layer = StackLayer::new(&Stack { layers: vec![retry(9, 400)] }, HttpOnce).expect("sound");
    let (service, asked) = server::<()>(&[(503, "")]);
    let request = Request::get("/").header("grpc-timeout", "1S").body(()).expect("it is sound");
    let copies = StackLayer::new(&Stack { layers: vec![retry(9, 400)] }, Http).expect("sound");
    let answer = copies.layer(service).oneshot(request).await.expect("it answers");
    assert_eq!(answer.status(), 503, "the failure came as an answer and stays one");
    let said: Vec<Option<String>> =
        asked.lock().expect("nobody panics").iter().map(|asked| asked.0.clone()).collect();
    let said: Vec<&str> = said.iter().flatten().map(String::as_str).collect();
    assert_eq!(said, ["1000000u", "600000u", "200000u"]);

    let (service, asked) = server(&[(503, "")]);
    struct Stream;
    let request = Request::get("/").body(Stream).expect("it is sound");
    layer.layer(service).oneshot(request).await.expect("it answers");
    assert_eq!(asked.lock().expect("nobody panics").len(), 1, "a stream cannot be sent twice");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_asks_for_patience_gets_it_and_a_post_is_sent_once() {
    let layers = vec![retry(2, 10)];
    let layer = StackLayer::new(&Stack { layers }, Http).expect("the stack is sound");
    let began = Instant::now();
    let cases: [(&str, Answers, usize, u64); 4] = [
        ("GET", &[(503, "2"), (200, "")], 2, 2_000),
        ("GET", &[(404, "")], 1, 0),
        ("POST", &[(503, ""), (200, "")], 1, 0),
        ("POST", &[(429, "1"), (200, "")], 2, 1_000),
    ];
    for (method, statuses, sent, took) in cases {
        let (service, asked) = server(statuses);
        let began_call = Instant::now();
        let request = Request::builder().method(method).body(()).expect("it is sound");
        layer.layer(service).oneshot(request).await.expect("it answers");
        assert_eq!(asked.lock().expect("nobody panics").len(), sent, "{method} {statuses:?}");
        assert_eq!(began_call.elapsed(), Duration::from_millis(took), "{method} {statuses:?}");
    }
    assert_eq!(began.elapsed(), Duration::from_millis(3_000));
}

#[tokio::test(start_paused = true)]
async fn a_server_of_grpc_says_in_how_many_milliseconds_or_never() {
    for (pushback, sent, took) in [("40", 2, 40), ("-1", 1, 0), ("later", 1, 0), ("", 1, 0)] {
        let layer = StackLayer::new(&Stack { layers: vec![retry(1, 10)] }, Http).expect("sound");
        let asked = Arc::new(Mutex::new(0));
        let kept = Arc::clone(&asked);
        let service = service_fn(move |_: Request<()>| {
            *kept.lock().expect("nobody panics") += 1;
            let response = Response::builder().header("grpc-status", "14");
            let response = response.header("grpc-retry-pushback-ms", pushback).body(());
            async move { Ok::<_, Infallible>(response.expect("it is sound")) }
        });
        let began = Instant::now();
        let request = Request::get("/").body(()).expect("it is sound");
        layer.layer(service).oneshot(request).await.expect("it answers");
        assert_eq!(*asked.lock().expect("nobody panics"), sent, "{pushback:?}");
        assert_eq!(began.elapsed(), Duration::from_millis(took), "{pushback:?}");
    }
}
