//! A real server on the loopback with faults put in, and a client that gets along with them.
//!
//! The server answers slowly or not well, and lets four in at once; the client calls it through a
//! stack of policies. `cargo run -p brownout-policies --features ron,tower --example loopback`

use axum::Router;
use axum::body::Bytes;
use axum::error_handling::HandleErrorLayer;
use axum::extract::{Path, State};
use axum::http::{Request, Response, StatusCode};
use axum::routing::get;
use brownout_policies::bulkhead::BulkheadConfig;
use brownout_policies::outcome::{Done, Outcome, Seen};
use brownout_policies::stack;
use brownout_policies::tower::http::{by_method, by_status, carry};
use brownout_policies::tower::{
    AttemptDeadline, BulkheadLayer, Classify, Decision, Event, HttpOnce, InFlight, Repeats, Setup,
    StackError, StackLayer, StackService,
};
use http_body_util::Full;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{Client, Error};
use hyper_util::rt::TokioExecutor;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tower::{Layer, ServiceBuilder, ServiceExt};

/// How many the server lets in at once.
const PLACES: u32 = 16;
/// How many calls the client makes in each act, and how many of them at once.
const CALLS: usize = 100;
const AT_ONCE: usize = 8;

/// The client's policies, as a file would have them: those of an experiment can be put here.
const POLICIES: &str = r#"[
    Timeout("5s"),
    Retry(times: 3, wait: Exponential(from: "10ms", cap: "100ms", jitter: Full)),
    Breaker(min_calls: 20, open: "60s"),
    Timeout("500ms"),
]"#;

type Ask = Request<Full<Bytes>>;

/// What the client knows about the ledger: HTTP, and hyper's errors.
#[derive(Clone, Copy)]
struct Ledger;

impl<B> Classify<Ask, Response<B>, Error> for Ledger {
    fn answer(&self, answer: &Response<B>) -> Outcome {
        by_status(answer)
    }

    fn error(&self, error: &Error) -> Outcome {
        if error.is_connect() { Outcome::REFUSED } else { Outcome::new(Seen::Reset, Done::Unknown) }
    }

    fn copy(&self, request: &Ask) -> Option<Ask> {
        Some(request.clone())
    }

    fn repeats(&self, request: &Ask) -> Repeats {
        by_method(request)
    }

    fn carry(&self, request: &mut Ask, deadline: AttemptDeadline) {
        carry(request, deadline);
    }
}

/// The server's side: who has come, and what is wrong with it.
#[derive(Default)]
struct Server {
    /// Attempts by call.
    attempts: Mutex<Vec<u32>>,
    is_down: AtomicBool,
    inside: AtomicU32,
    most_inside: AtomicU32,
}

/// Counts who is inside, whichever way he leaves.
struct Inside(Arc<Server>);

impl Inside {
    fn enter(server: Arc<Server>) -> Inside {
        server.most_inside.fetch_max(server.inside.fetch_add(1, SeqCst) + 1, SeqCst);
        Inside(server)
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        self.0.inside.fetch_sub(1, SeqCst);
    }
}

impl Server {
    /// Attempts so far, all calls together.
    fn attempts(&self) -> u32 {
        self.attempts.lock().expect("nobody panics").iter().sum()
    }
}

/// Answers a call: the first attempt of every fifth with an error, of every seventh too late.
async fn answer(State(server): State<Arc<Server>>, Path(call): Path<usize>) -> StatusCode {
    let _inside = Inside::enter(Arc::clone(&server));
    let is_first = {
        let mut attempts = server.attempts.lock().expect("nobody panics");
        let known = attempts.len().max(call + 1);
        attempts.resize(known, 0);
        attempts[call] += 1;
        attempts[call] == 1
    };
    if server.is_down.load(SeqCst) {
        return StatusCode::INTERNAL_SERVER_ERROR;
    }
    match (is_first, call % 5, call % 7) {
        (true, 0, _) => return StatusCode::SERVICE_UNAVAILABLE,
        (true, _, 0) => tokio::time::sleep(Duration::from_secs(5)).await,
        _ => tokio::time::sleep(Duration::from_millis(2)).await,
    }
    StatusCode::OK
}

/// Answers after a while.
async fn linger(State(server): State<Arc<Server>>) -> StatusCode {
    let _inside = Inside::enter(server);
    tokio::time::sleep(Duration::from_millis(300)).await;
    StatusCode::OK
}

/// The server, behind a bulkhead: whoever finds it full is told so at once.
async fn serve(server: Arc<Server>) -> Result<SocketAddr, std::io::Error> {
    let config = BulkheadConfig { places: PLACES, ..BulkheadConfig::ours() };
    let bulkhead = BulkheadLayer::new(config, HttpOnce).expect("the bulkhead is sound");
    let full = HandleErrorLayer::new(|error: StackError<Infallible>| async {
        error.into_response::<axum::body::Body>().unwrap_or_else(|never| match never {})
    });
    let router = Router::new()
        .route("/calls/{call}", get(answer))
        .route("/linger", get(linger))
        .layer(ServiceBuilder::new().layer(full).layer(bulkhead))
        .with_state(server);
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(address)
}

type Http = Client<HttpConnector, Full<Bytes>>;

/// The client: where to, with which policies, and what those have decided.
struct Caller {
    address: SocketAddr,
    bare: Http,
    service: StackService<Http, Ledger>,
    events: Arc<Mutex<Vec<Event>>>,
}

/// How calls ended.
#[derive(Debug, Default, PartialEq, Eq)]
struct Ends {
    good: usize,
    bad: usize,
    rejected: usize,
    too_late: usize,
}

impl Caller {
    fn new(address: SocketAddr) -> Caller {
        let events = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&events);
        let watch = move |event: &Event| kept.lock().expect("nobody panics").push(*event);
        let setup = Setup { watch: Some(Arc::new(watch)), ..Setup::default() };
        let stack = stack::read(POLICIES).expect("the policies can be read");
        let layer = StackLayer::with(&stack, Ledger, setup).expect("the stack is sound");
        let bare = Client::builder(TokioExecutor::new()).build_http();
        let service = layer.layer(bare.clone());
        Caller { address, bare, service, events }
    }

    fn ask(&self, path: &str) -> Ask {
        let uri = format!("http://{}{path}", self.address);
        Request::get(uri).body(Full::default()).expect("it is a sound request")
    }

    /// Makes calls, some at once, through the policies.
    async fn call(&self, numbers: std::ops::Range<usize>) -> Ends {
        let (mut ends, mut out) = (Ends::default(), JoinSet::new());
        let mut note = |end| match end {
            Ok(StatusCode::OK) => ends.good += 1,
            Ok(_) | Err(StackError::Inner(_)) => ends.bad += 1,
            Err(StackError::Rejected { .. }) => ends.rejected += 1,
            Err(StackError::TimedOut) => ends.too_late += 1,
        };
        for number in numbers {
            if out.len() == AT_ONCE {
                note(out.join_next().await.expect("there are some").expect("none panics"));
            }
            let ask = self.ask(&format!("/calls/{number}"));
            let answer = self.service.clone().oneshot(ask);
            out.spawn(async move { answer.await.map(|answer| answer.status()) });
        }
        while let Some(end) = out.join_next().await {
            note(end.expect("none panics"));
        }
        ends
    }

    /// How many decisions there have been of a kind.
    fn count(&self, is_one: impl Fn(&Decision) -> bool) -> usize {
        let events = self.events.lock().expect("nobody panics");
        events.iter().filter(|event| is_one(&event.what)).count()
    }
}

async fn acts() -> Result<(), std::io::Error> {
    let server = Arc::new(Server::default());
    let caller = Caller::new(serve(Arc::clone(&server)).await?);

    let ends = caller.call(0..CALLS).await;
    let sent = caller.count(|what| matches!(what, Decision::Send { .. }));
    let given_up = caller.count(|what| matches!(what, Decision::GiveUp { .. }));
    println!("errors and slow answers: {CALLS} calls, {ends:?}");
    println!("  {sent} attempts, {given_up} of them given up");
    assert_eq!(ends, Ends { good: CALLS, ..Ends::default() }, "retries make every fault good");
    assert!(sent >= CALLS + CALLS / 5 + CALLS / 7 - CALLS / 35 && given_up >= 1);

    server.is_down.store(true, SeqCst);
    let before = server.attempts();
    let ends = caller.call(CALLS..2 * CALLS).await;
    let reached = server.attempts() - before;
    println!("an outage: {CALLS} calls, {ends:?}");
    println!("  {reached} attempts reached the server; four each would have been {}", 4 * CALLS);
    assert!(ends.rejected > 0 && ends.good == 0, "the breaker opens");
    assert!((reached as usize) < 4 * CALLS);

    let mut crowd = JoinSet::new();
    for _ in 0..4 * PLACES {
        let answer = caller.bare.request(caller.ask("/linger"));
        crowd.spawn(async move { answer.await.map(|answer| answer.status()) });
    }
    let answers = crowd.join_all().await;
    let full = |answer: &&Result<_, _>| matches!(answer, Ok(StatusCode::SERVICE_UNAVAILABLE));
    let turned_away = answers.iter().filter(full).count();
    let most = server.most_inside.load(SeqCst);
    println!("a crowd: {} at once, {turned_away} find the server full", answers.len());
    println!("  never more than {most} inside");
    assert!(turned_away > 0 && most <= PLACES, "the bulkhead holds");
    assert_eq!(caller.service.in_flight(), InFlight::default(), "nothing is left");
    Ok(())
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
pub(crate) async fn main() -> Result<(), std::io::Error> {
    acts().await
}
