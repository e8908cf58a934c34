//! The whole way: sentences as written, bound to small graphs, decided from hand-made answers.

mod bad;
mod bad_order;
mod bind;
mod compare;
mod endpoints;
mod good;
mod odd;
mod trend;
mod verdict;

use super::{BindContext, BoundExpectation, Judgement, Values, judge, parse_expectation};
use brownout_core::dist::Dist;
use brownout_core::{Span, Time};
use brownout_policies::stack::Stack;
use brownout_topologies::fault::{Fault, FaultKind};
use brownout_topologies::fleet::Fleet;
use brownout_topologies::graph::{
    Arrivals, Caller, CancelInService, CancelQueued, Class, ClockSpec, Deadlines, Endpoint,
    Entrance, ExpiredInService, FullQueue, Graph, KeyUse, LateAnswers, Link, LinkId, Load, LoadId,
    Profile, Semantics, Service, ServiceId, Serving, Site, SiteId, StackId, VerdictRule,
    WhileCalling,
};
use brownout_topologies::ledger::query::{Level, Target, Value};
use brownout_topologies::monitor::{Alarm, Gauge, Monitor};

/// Services `cart`, `checkout`, `ledger` and `night shift` (ids 0 to 3); loads `web` (0) and
/// `cart` (1) on checkout; 180 s with 10 s of warm-up; faults `slow ledger` (0) and `deploy` (1);
/// monitor `page` (0).
fn graph() -> Graph {
    graph_of(&["cart", "checkout", "ledger", "night shift"])
}

/// The same with other services; the loads call the second.
fn graph_of(services: &[&str]) -> Graph {
    let load =
        |name: &str, site| Load::plain(name, SiteId(site), Arrivals::Poisson(Profile::level(1.0)));
    let site = |load| Site {
        name: format!("load {load}"),
        caller: Caller::Load(LoadId(load)),
        ordinal: 0,
        target: ServiceId(1),
        endpoint: 0,
        stack: StackId(0),
        link: LinkId(0),
        balance: Fleet::default().balance,
        key: KeyUse::Call,
    };
    let fault = |name: &str, at| {
        let (at, lasts) = (Time::from_secs(at), Span::from_millis(10_000));
        Fault::once(name, ServiceId(2), FaultKind::Slow { by: 4.0 }, at, lasts)
    };
    Graph {
        services: services.iter().map(|name| service(name)).collect(),
        loads: vec![load("web", 0), load("cart", 1)],
        sites: vec![site(0), site(1)],
        stacks: vec![Stack { layers: Vec::new() }],
        links: vec![Link { latency: Dist::constant(0.0), loss: 0.0 }],
        zones: Vec::new(),
        between_zones: brownout_core::dist::Dist::constant(0.0),
        classes: vec![Class::default()],
        faults: vec![fault("slow ledger", 60.0), fault("deploy", 130.0)],
        monitors: vec![Monitor {
            name: "page".to_owned(),
            watch: "queue(ledger)".to_owned(),
            gauge: Gauge::Level(Target::Service(ServiceId(2)), Level::Queue),
            every: Span::from_millis(10_000),
            window: Span::from_millis(60_000),
            alarm: Alarm::Above(5.0),
            hold: Span::ZERO,
        }],
        semantics: Semantics { late_answers: LateAnswers::Discard },
        verdict: VerdictRule::default(),
        time: Span::from_millis(180_000),
        warmup: Span::from_millis(10_000),
    }
}

/// A service of one worker that does nothing.
fn service(name: &str) -> Service {
    Service {
        name: name.to_owned(),
        replicas: 1,
        workers: Some(1),
        queue_limit: Some(1_000),
        queue_timeout: None,
        entrance: Entrance::default(),
        serving: Serving::default(),
        full_queue: FullQueue::Refuse,
        drop_expired: false,
        while_calling: WhileCalling::Held,
        cancel_queued: CancelQueued::Keep,
        cancel_in_service: CancelInService::Keep,
        expired_in_service: ExpiredInService::Keep,
        deadlines: Deadlines::Ignore,
        fleet: Fleet::default(),
        endpoints: vec![Endpoint::only(Vec::new())],
        next: Vec::new(),
        clock: ClockSpec::default(),
        clock_offsets: Vec::new(),
        stores: Vec::new(),
        replication: None,
        zones: Vec::new(),
        statement_timeout: None,
        idempotency: None,
        pools: Vec::new(),
    }
}

/// The sentence bound to the variants `naive`, `budget` and `no retries`, all of [`graph`].
fn bound(sentence: &str) -> BoundExpectation {
    let graph = graph();
    let variants = [("naive", &graph), ("budget", &graph), ("no retries", &graph)];
    let expectation = parse_expectation(sentence).expect("the sentence is well formed");
    expectation
        .bind(&BindContext { variants: &variants, batches: None })
        .expect("the names are known")
}

/// The one verdict on `sentence` when its query is answered so.
fn judged(sentence: &str, answers: &[Value]) -> Judgement {
    let one = judged_by(sentence, &|_, _| answers);
    let [judgement] = one.try_into().expect("the sentence is about one variant");
    judgement
}

/// The verdicts on `sentence` when queries are answered so.
fn judged_by(sentence: &str, values: &Values<'_>) -> Vec<Judgement> {
    judge(&bound(sentence), values)
}

/// These numbers, one per run.
fn are<const N: usize>(numbers: [f64; N]) -> [Value; N] {
    numbers.map(Value::Is)
}
